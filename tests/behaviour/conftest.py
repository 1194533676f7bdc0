"""The `client` fixture: one way to call, whatever door stands behind it.

A behaviour test is written once, with `await`, against `Door`; it runs for every client class
and every kind of backend listed in `DOORS`.
"""

from __future__ import annotations

import inspect
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from aiomilvus import AsyncMilvusClient, MilvusClient
from tests.support.serving import serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

DOORS = {
    "embedded-async": AsyncMilvusClient,
    "embedded-sync": MilvusClient,
    "remote-async": AsyncMilvusClient,
    "remote-sync": MilvusClient,
}


class Door:
    """A client whose methods are all awaited, also where they are synchronous."""

    def __init__(self, client: Any) -> None:
        self.raw = client

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.raw, name)

        async def call(*args: Any, **kwargs: Any) -> Any:
            answer = method(*args, **kwargs)
            return await answer if inspect.isawaitable(answer) else answer

        return call

    async def batches(self, iterator: Any) -> list[list[Any]]:
        """Return all batches of an iterator."""
        found: list[list[Any]] = []
        while True:
            batch = iterator.next()
            batch = await batch if inspect.isawaitable(batch) else batch
            if not batch:
                return found
            found.append(batch)


@pytest.fixture(params=DOORS)
def door_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest_asyncio.fixture
async def client(door_name: str, tmp_path: Path) -> AsyncIterator[Door]:
    path = tmp_path / "test.db"
    with nullcontext(str(path)) if door_name.startswith("embedded") else serving(path) as uri:
        door = Door(DOORS[door_name](uri))
        yield door
        await door.close()
