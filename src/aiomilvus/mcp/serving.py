"""The tools behind the protocol's own SDK, over standard input and output."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from aiomilvus.client.aio.client import AsyncMilvusClient
from aiomilvus.errors import MilvusException, NotSupportedError
from aiomilvus.mcp.tools import Tools
from aiomilvus.version import __version__

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiomilvus.mcp.tool_server import ToolServer

R = TypeVar("R")
_ABOUT = (
    "A Milvus vector database. List the collections, describe the one you need, then search it "
    "by text or vector, or query it by filter."
)


def make_server(client: AsyncMilvusClient, *, inserts: bool) -> ToolServer:
    """Return the protocol's server, with the tools of a database.

    Args:
        client: The database.
        inserts: Whether agents may insert rows.

    Raises:
        NotSupportedError: The SDK is not installed.
    """
    try:
        from aiomilvus.mcp.tool_server import ToolServer  # noqa: PLC0415 - of an extra
    except ImportError:
        raise NotSupportedError(
            message="the Model Context Protocol needs its SDK: install aiomilvus[mcp]"
        ) from None

    server = ToolServer("aiomilvus", instructions=_ABOUT, version=__version__, log_level="WARNING")
    tools = Tools(client)
    offered: list[Callable[..., Any]] = [
        tools.list_collections,
        tools.describe_collection,
        tools.search,
        tools.hybrid_search,
        tools.query,
    ]
    for tool in [*offered, tools.insert] if inserts else offered:
        server.add_tool(_telling(tool))
    return server


def _telling(tool: Callable[..., Awaitable[R]]) -> Callable[..., Awaitable[R]]:
    """Return a tool that tells the agent why it failed; the SDK hides what it does not know."""
    from mcp.server.mcpserver.exceptions import ToolError  # noqa: PLC0415 - of an extra

    @wraps(tool)
    async def call(*args: Any, **kwargs: Any) -> R:
        try:
            return await tool(*args, **kwargs)
        except MilvusException as error:
            raise ToolError(error.message) from error
        except (TypeError, ValueError) as error:
            raise ToolError(str(error)) from error

    return call


async def serve_tools(uri: str, token: str, database: str, *, inserts: bool) -> None:
    """Serve an agent over standard input and output until it hangs up.

    Args:
        uri: A directory, or the address of a server.
        token: ``user:password`` or a key, for a server that asks for one.
        database: Name of the database, "" for the default one.
        inserts: Whether the agent may insert rows.

    Raises:
        DatabaseNotExistException: There is no database of that name.
        MilvusUnavailableException: The server can't be reached.
        NotSupportedError: The SDK is not installed.
    """
    async with AsyncMilvusClient(uri, token=token, db_name=database) as client:
        server = make_server(client, inserts=inserts)
        await client.list_collections()  # so that a wrong target is told at once, not to the agent
        await server.run_stdio_async()
