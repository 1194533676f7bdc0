"""A server on a loop in a thread of its own, for clients that block theirs."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from aiomilvus.server import serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from aiomilvus.server import Server


@contextmanager
def running(path: Path, **settings: Any) -> Iterator[Server]:
    """Serve the database at `path`, with `ServerSettings`, and yield the server."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = serve(path, port=0, grace=1.0, **settings)
    try:
        asyncio.run_coroutine_threadsafe(server.start(), loop).result(30)
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@contextmanager
def serving(path: Path, **settings: Any) -> Iterator[str]:
    """Serve the database at `path`, with `ServerSettings`, and yield the URI to connect to."""
    with running(path, **settings) as server:
        yield server.uri
