"""The commands: where each is, as ``module:function``, and what it does in a line.

Plain data, so that the list of commands can be shown before anything is imported.
"""

SUMMARY = "Vector search inside your process, or served to any Milvus client."
"""What the program is."""

COMMANDS = {
    "backup": ("aiomilvus.cli.keeping:backup", "Copy a directory that may be in use."),
    "check": ("aiomilvus.cli.checking:check", "Find damage in a directory or backup."),
    "compact": ("aiomilvus.cli.maintaining:compact", "Merge segments and finish indexes."),
    "copy": ("aiomilvus.cli.copying:copy", "Copy databases from SOURCE to TARGET."),
    "describe": ("aiomilvus.cli.looking:describe", "Show how a collection is defined."),
    "export": ("aiomilvus.cli.moving:export", "Write a collection's rows to a file."),
    "import": ("aiomilvus.cli.moving:import_", "Insert a file's rows into a collection."),
    "info": ("aiomilvus.cli.looking:info", "Show what TARGET is and holds."),
    "kernels": ("aiomilvus.cli.kernels:kernels", "Compile what searches run ahead of them."),
    "list": ("aiomilvus.cli.looking:list_", "List the collections of a database."),
    "mcp": ("aiomilvus.cli.mcp:mcp", "Offer a database to an agent as tools."),
    "query": ("aiomilvus.cli.reading:query", "Show the rows that pass a filter."),
    "restore": ("aiomilvus.cli.keeping:restore", "Make a database of a backup."),
    "search": ("aiomilvus.cli.reading:search", "Show the rows nearest to a vector or text."),
    "serve": ("aiomilvus.cli.serve:serve", "Serve the database in DIRECTORY."),
    "shell": ("aiomilvus.cli.shell:shell", "Run commands on TARGET at a prompt."),
    "stats": ("aiomilvus.cli.looking:stats", "Count a collection's rows and segments."),
    "upgrade": ("aiomilvus.cli.upgrading:upgrade", "Rewrite what older versions wrote."),
}
