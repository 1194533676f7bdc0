"""Servers of database directories in this process, one for each path that pymilvus opens."""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from aiomilvus.errors import MilvusException
from aiomilvus.server import serve

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

    from aiomilvus.server import Server

T = TypeVar("T")

_GRACE = 1.0
"""Seconds that calls under way have when a server is released."""
_STOP_SECONDS = 30.0


class ServerManager:
    """Starts a server for a path at the first call, and answers its address from then on.

    May be called from every thread. The servers live on an event loop in a thread of their own, so
    that the caller's loop and threads may block as they like.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._servers: dict[str, Server] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    def start_and_get_uri(self, path: str, args: Mapping[str, object] | None = None) -> str | None:
        """Return the URI at which the database in a directory is served.

        Args:
            path: The directory; made if there is none, its parent must be there.
            args: Ignored, as by milvus-lite.

        Raises:
            pymilvus.exceptions.ConnectionConfigException: It can't be opened; the message says why.
        """
        del args
        key = _key(path)
        with self._lock:
            server = self._servers.get(key)
            if server is None:
                server = serve(key, port=0, grace=_GRACE)
                try:
                    self._run(server.start())
                except MilvusException as error:
                    raise _theirs(error) from error
                self._servers[key] = server
            return server.uri

    def release_server(self, path: str) -> None:
        """Stop the server of a path and close the database; nothing happens if there is none."""
        with self._lock:
            server = self._servers.pop(_key(path), None)
            if server is not None:
                self._run(server.stop())

    def release_all(self) -> None:
        """Stop all servers, and the thread they are on."""
        with self._lock:
            servers, self._servers = list(self._servers.values()), {}
            for server in servers:
                self._run(server.stop())
            loop, self._loop = self._loop, None
            if loop is not None:
                loop.call_soon_threadsafe(loop.stop)

    def forget(self) -> None:
        """Begin with nothing in a forked process: its parent's threads are not there."""
        self._lock = threading.Lock()
        self._servers = {}
        self._loop = None

    def _run(self, work: Coroutine[object, object, T]) -> T:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            threading.Thread(
                target=_run_forever, args=(self._loop,), name="aiomilvus-lite-hook", daemon=True
            ).start()
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_STOP_SECONDS)


def _key(path: str) -> str:
    return str(Path(path).absolute())


def _run_forever(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    loop.run_forever()
    loop.close()


def _theirs(error: MilvusException) -> Exception:
    """Return an error as pymilvus' callers expect it."""
    with suppress(ImportError):
        from pymilvus.exceptions import ConnectionConfigException as Theirs  # noqa: PLC0415 - who calls has it

        theirs: Exception = Theirs(message=error.message)
        return theirs
    return error


server_manager_instance = ServerManager()
# Executors, which closing a database needs, are gone when `atexit` has its turn; what is registered
# with `threading` after `concurrent.futures` was imported comes before they end.
_at_end = getattr(threading, "_register_atexit", atexit.register)
_at_end(server_manager_instance.release_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=server_manager_instance.forget)
