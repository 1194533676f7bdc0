"""The remote backend of `MilvusClient`: the asynchronous one on a loop in a thread of its own."""

from __future__ import annotations

import asyncio
import os
import threading
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any, TypeVar

from aiomilvus.client.backends.backend import refuse_closed
from aiomilvus.client.backends.remote.asynchronous import AsyncRemote
from aiomilvus.errors import ConnectionNotExistException

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from aiomilvus.client.address import Address
    from aiomilvus.model.operations.base import Operation
    from aiomilvus.model.schema import Schema

R = TypeVar("R")
_ENDING = 1.0
"""Seconds that calls under way have to end by themselves when the client is closed."""


class Remote:
    """Runs operations on a server and waits for them; safe to use from several threads."""

    role = ""
    searches = None

    def __init__(self, address: Address) -> None:
        self._remote = AsyncRemote(address)
        self.kind = self._remote.kind
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._closed = False
        self._process = os.getpid()

    def connect(self, timeout: float) -> None:
        """Reach the server; where that fails, what was begun for it is ended.

        Raises:
            MilvusException: It can't be reached within `timeout` seconds, or refuses the client.
        """
        try:
            self._wait(self._remote.connect(timeout))
        except BaseException:
            self.close()
            raise

    def execute(self, operation: Operation[R], timeout: float | None) -> R:
        """Carry `operation` out and return its answer."""
        return self._wait(self._remote.execute(operation, timeout))

    def schema(self, db: str, collection: str, timeout: float | None) -> Schema:
        """Return the collection's schema."""
        return self._wait(self._remote.schema(db, collection, timeout))

    def write(
        self,
        kind: type[Operation[R]],
        db: str,
        collection: str,
        build: Callable[[Schema], Operation[R]],
        size: int,
        timeout: float | None,
    ) -> R:
        """Build an operation from the schema and carry it out."""
        return self._wait(self._remote.write(kind, db, collection, build, size, timeout))

    def authenticate(self, user: str, password: str) -> None:
        """Make further calls as this user."""
        self._remote.authenticate(user, password)

    def close(self) -> None:
        """Close the connection and end the thread. Again does nothing."""
        if self._process != os.getpid():
            return  # the thread, and the connection, are the parent's
        with self._lock:
            loop, self._loop = self._loop, None
            thread, self._thread = self._thread, None
            self._closed = True
        if loop is None or thread is None:
            return
        asyncio.run_coroutine_threadsafe(self._end(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

    async def _end(self) -> None:
        """Close, and let the calls of other threads end; the loop then stops."""
        await self._remote.close()
        for _ in range(2):
            calls = asyncio.all_tasks() - {asyncio.current_task()}
            if not calls:
                return
            _, late = await asyncio.wait(calls, timeout=_ENDING)
            for task in late:
                task.cancel()

    def _wait(self, work: Coroutine[Any, Any, R]) -> R:
        try:
            future = asyncio.run_coroutine_threadsafe(work, self._running_loop())
        except BaseException:
            work.close()
            raise
        try:
            return future.result()
        except CancelledError:  # by `close`, in another thread
            refuse_closed()
        except BaseException:
            future.cancel()  # the caller was interrupted: so is the call
            raise

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        if self._process != os.getpid():  # before the lock, which the parent may have held
            raise ConnectionNotExistException(
                message=f"this client was made before the process forked (pid {self._process}): "
                "make one of its own in the child"
            )
        with self._lock:
            if self._closed:
                refuse_closed()
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=self._loop.run_forever, name="aiomilvus-remote", daemon=True
                )
                self._thread.start()
            return self._loop
