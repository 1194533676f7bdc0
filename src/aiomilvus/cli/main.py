"""The command ``aiomilvus``."""

from __future__ import annotations

import click

from aiomilvus.cli.group import Command, Commands
from aiomilvus.version import __version__

COMMANDS = {
    "backup": Command("aiomilvus.cli.keeping:backup", "Copy a directory that may be in use."),
    "check": Command("aiomilvus.cli.checking:check", "Find damage in a directory or backup."),
    "compact": Command("aiomilvus.cli.maintaining:compact", "Merge segments and finish indexes."),
    "copy": Command("aiomilvus.cli.copying:copy", "Copy databases from SOURCE to TARGET."),
    "describe": Command("aiomilvus.cli.looking:describe", "Show how a collection is defined."),
    "export": Command("aiomilvus.cli.moving:export", "Write a collection's rows to a file."),
    "import": Command("aiomilvus.cli.moving:import_", "Insert a file's rows into a collection."),
    "info": Command("aiomilvus.cli.looking:info", "Show what TARGET is and holds."),
    "kernels": Command("aiomilvus.cli.kernels:kernels", "Compile what searches run ahead of them."),
    "list": Command("aiomilvus.cli.looking:list_", "List the collections of a database."),
    "mcp": Command("aiomilvus.cli.mcp:mcp", "Offer a database to an agent as tools."),
    "query": Command("aiomilvus.cli.reading:query", "Show the rows that pass a filter."),
    "restore": Command("aiomilvus.cli.keeping:restore", "Make a database of a backup."),
    "search": Command("aiomilvus.cli.reading:search", "Show the rows nearest to a vector or text."),
    "serve": Command("aiomilvus.cli.serve:serve", "Serve the database in DIRECTORY."),
    "shell": Command("aiomilvus.cli.shell:shell", "Run commands on TARGET at a prompt."),
    "stats": Command("aiomilvus.cli.looking:stats", "Count a collection's rows and segments."),
    "upgrade": Command("aiomilvus.cli.upgrading:upgrade", "Rewrite what older versions wrote."),
}


main = click.version_option(__version__, prog_name="aiomilvus")(
    Commands(COMMANDS, "main", "Vector search inside your process, or served to any Milvus client.")
)
