"""A gRPC server that lets any Milvus client use an embedded database.

`running.serve` runs one inside a program or a test; the command line runs one in a process
of its own. Knows the wire table and the client's embedded backend; never the engine itself.
"""

from __future__ import annotations

from aiomilvus.server.running import Server, serve
from aiomilvus.server.settings import ServerSettings

__all__ = ["Server", "ServerSettings", "serve"]
