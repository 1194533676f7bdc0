"""Clients of both kinds on a server of the test's own loop, called alike."""

from __future__ import annotations

import asyncio
import inspect
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from aiomilvus import AsyncMilvusClient, MilvusClient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Door:
    """A client of either kind, or what one makes, whose methods are all awaited."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.client, name)
        if inspect.iscoroutinefunction(method):
            return method

        async def call(*args: Any, **kwargs: Any) -> Any:
            return await asyncio.to_thread(method, *args, **kwargs)

        return call


@asynccontextmanager
async def door(kind: str, uri: str, **options: Any) -> AsyncIterator[Door]:
    """Yield a client of `kind`, "async" or "sync", and close it."""
    make: Any = AsyncMilvusClient if kind == "async" else MilvusClient
    opened = Door(await asyncio.to_thread(make, uri, **options))  # the synchronous one connects
    try:
        yield opened
    finally:
        await opened.close()
