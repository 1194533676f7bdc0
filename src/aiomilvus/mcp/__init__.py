"""The Model Context Protocol: a database as tools that an agent can call.

`tools` has what the tools do, `serving` hands them to the protocol's own SDK, which the extra
``mcp`` installs.
"""
