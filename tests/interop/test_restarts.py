"""What a client sees when its server goes away and comes back, and what its iterators see."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from aiomilvus import AsyncMilvusClient
from aiomilvus.errors import MilvusException
from aiomilvus.server import serve

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

DIM = 4


def rows(first: int, stop: int) -> list[dict[str, Any]]:
    return [
        {"id": key, "vector": [float(key), 0.0, 0.0, 1.0], "tag": key} for key in range(first, stop)
    ]


def port(uri: str) -> int:
    return int(uri.rsplit(":", 1)[1])


async def count(client: AsyncMilvusClient) -> int:
    counted = await client.query("things", output_fields=["count(*)"])
    return int(counted[0]["count(*)"])


async def test_a_client_outlives_a_restart_of_its_server(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    async with serve(path, port=0) as first:
        number = port(first.uri)
        client = AsyncMilvusClient(first.uri, timeout=20)
        await client.create_collection("things", dimension=DIM)
        await client.insert("things", rows(0, 10))
    # The server said goodbye and is gone: what is asked now waits until there is one again.
    waiting = asyncio.create_task(count(client))
    async with client, serve(path, port=number):
        assert await waiting == 10
        await client.insert("things", rows(10, 20))
        assert await count(client) == 20


async def test_a_write_in_flight_is_never_sent_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "app.db"
    async with serve(path, port=0, grace=0.05) as server:
        number = port(server.uri)
        client = AsyncMilvusClient(server.uri, timeout=20)
        await client.create_collection("things", dimension=DIM)
        begun = asyncio.Event()
        backend = server.service.backend
        write = backend.write

        async def written_but_never_told(*args: Any) -> Any:
            answer = await write(*args)
            begun.set()
            await asyncio.sleep(60)
            return answer

        monkeypatch.setattr(backend, "write", written_but_never_told)
        lost = asyncio.create_task(client.insert("things", rows(0, 10)))
        await begun.wait()
    async with client, serve(path, port=number):
        answer = (await asyncio.gather(lost, return_exceptions=True))[0]
        assert isinstance(answer, MilvusException)
        assert await count(client) == 10


async def test_a_query_iterator_keeps_to_what_was_there_when_it_began(tmp_path: Path) -> None:
    async with (
        serve(tmp_path / "app.db", port=0) as server,
        AsyncMilvusClient(server.uri, timeout=20) as client,
    ):
        await client.create_collection("things", dimension=DIM)
        await client.insert("things", rows(0, 50))
        iterator = client.query_iterator(
            "things", filter="id >= 0", output_fields=["id", "tag"], batch_size=10
        )
        found = list(await iterator.next())
        await client.insert("things", rows(100, 150))
        await client.delete("things", filter="id >= 20 and id < 30")
        await client.upsert("things", [{**row, "tag": -1} for row in rows(40, 45)])
        await client.flush("things")
        while batch := await iterator.next():
            found += batch
        assert [(row["id"], row["tag"]) for row in found] == [(key, key) for key in range(50)]
        assert await count(client) == 90
