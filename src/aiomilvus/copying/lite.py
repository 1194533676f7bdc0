"""Directories of milvus-lite 3: served by its own package, when that is installed, to be copied."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from aiomilvus.client.address import MEMORY, parse_address
from aiomilvus.errors import ConnectionConfigException

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncIterator

_LOCK = "LOCK"
_DATA = ("collections", "databases")


class _Servers(Protocol):
    """What milvus-lite gives pymilvus to open paths with."""

    def start_and_get_uri(self, path: str) -> str | None:
        """Serve a directory; None when it can't be."""

    def release_server(self, path: str) -> None:
        """Stop that."""


@asynccontextmanager
async def served(place: str | os.PathLike[str]) -> AsyncIterator[str | os.PathLike[str]]:
    """Give a place that this package's client can open: the same, or the URI of milvus-lite's.

    Its server runs in this process, on a free port of the loopback interface, until the end.

    Raises:
        ConnectionConfigException: The place is milvus-lite's, which is not installed, or fails.
    """
    path = _directory(place)
    if path is None:
        yield place
        return
    servers = _servers(path)
    uri = await asyncio.to_thread(servers.start_and_get_uri, path)
    if uri is None:
        raise ConnectionConfigException(
            message=f"milvus-lite can't open {path}: its log says why; another process may have it"
        )
    try:
        yield uri
    finally:
        await asyncio.to_thread(servers.release_server, path)


def _directory(place: str | os.PathLike[str]) -> str | None:
    """Return the path of a directory of milvus-lite 3, None for any other place."""
    address = parse_address(place, "", "", "", None, {})
    if not address.is_embedded or address.path == MEMORY:
        return None
    folder = Path(address.path).expanduser().resolve()
    is_lite = (folder / _LOCK).is_file() and any((folder / name).is_dir() for name in _DATA)
    return str(folder) if is_lite else None


def _servers(path: str) -> _Servers:
    try:
        import_module("milvus_lite.db")  # which what stands in for milvus-lite has not
        servers: _Servers = import_module("milvus_lite.server_manager").server_manager_instance
    except ImportError as error:
        raise ConnectionConfigException(
            message=f"{path} is a directory of milvus-lite 3, and read by its own package: run "
            "pip install 'milvus-lite>=3'"
        ) from error
    return servers
