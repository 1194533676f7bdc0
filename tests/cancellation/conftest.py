"""The `client` fixture: an asynchronous client of each kind, on a collection with rows."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from aiomilvus import AsyncMilvusClient
from tests.cancellation.cancelling import COLLECTION, rows
from tests.support.serving import serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture(params=["embedded", "remote"])
def door(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest_asyncio.fixture
async def client(door: str, tmp_path: Path) -> AsyncIterator[AsyncMilvusClient]:
    path = tmp_path / "test.db"
    with nullcontext(str(path)) if door == "embedded" else serving(path) as uri:
        client = AsyncMilvusClient(uri)
        await client.create_collection(COLLECTION, dimension=4)
        await client.insert(COLLECTION, rows(range(100)))
        yield client
        await client.close()
