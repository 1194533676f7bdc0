"""Our own clients, both, against our server: the wire in the middle must not show."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from aiomilvus import AsyncMilvusClient, DataType, MilvusClient
from aiomilvus.errors import (
    CollectionNotExistException,
    ConnectionConfigException,
    MilvusUnavailableException,
    NotAuthenticatedError,
)
from aiomilvus.server import serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from aiomilvus.server import Server


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with serve(tmp_path / "app.db", port=0) as running:
        yield running


def rows(count: int = 40) -> list[dict[str, Any]]:
    vectors = np.random.default_rng(3).random((count, 4), np.float32)
    return [
        {"id": number, "vector": vectors[number], "name": f"n{number}"} for number in range(count)
    ]


async def test_a_collection_lives_its_life(server: Server) -> None:
    async with AsyncMilvusClient(server.uri) as client:
        await client.create_collection("things", dimension=4)
        data = rows()
        assert (await client.insert("things", data))["insert_count"] == 40
        found = await client.search("things", [data[7]["vector"]], limit=3, output_fields=["name"])
        assert found[0][0]["id"] == 7
        assert found[0][0]["entity"]["name"] == "n7"
        got = await client.get("things", [3, 4], output_fields=["name"])
        assert [row["name"] for row in got] == ["n3", "n4"]
        await client.delete("things", ids=[3])
        counted = await client.query("things", output_fields=["count(*)"])
        assert counted[0]["count(*)"] == 39
        read = [row["id"] async for batch in client.query_iterator("things", 16) for row in batch]
        assert read == [number for number in range(40) if number != 3]
        assert await client.list_indexes("things") == ["vector"]
        await client.drop_collection("things")
        with pytest.raises(CollectionNotExistException):
            await client.describe_collection("things")


def test_the_synchronous_client_needs_no_loop(tmp_path: Path) -> None:
    async def tell() -> None:
        async with serve(tmp_path / "app.db", port=0) as server:
            await asyncio.to_thread(story, server.uri)

    def story(uri: str) -> None:
        with MilvusClient(uri) as client:
            client.create_collection("things", dimension=4)
            client.insert("things", rows())
            assert (
                client.query("things", filter="id < 3", output_fields=["name"])[2]["name"] == "n2"
            )

    asyncio.run(tell())


async def test_a_stale_schema_is_asked_for_anew(server: Server) -> None:
    async with AsyncMilvusClient(server.uri) as one, AsyncMilvusClient(server.uri) as other:
        await one.create_collection("things", dimension=4)
        await one.insert("things", rows(2))
        await other.drop_collection("things")
        schema = AsyncMilvusClient.create_schema()
        schema.add_field("key", DataType.VARCHAR, is_primary=True, max_length=10)
        schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
        index = AsyncMilvusClient.prepare_index_params("v", index_type="FLAT", metric_type="L2")
        await other.create_collection("things", schema=schema, index_params=index)
        await other.insert("things", [{"key": "a", "v": [1.0, 2.0]}])
        found = await one.query("things", filter='key == "a"', output_fields=["v"])
        assert found[0]["key"] == "a"


async def test_a_dead_server_is_an_error_in_time() -> None:
    began = time.monotonic()
    async with AsyncMilvusClient("http://127.0.0.1:9", timeout=1.0) as client:
        with pytest.raises(MilvusUnavailableException):
            await client.list_collections()
    assert time.monotonic() - began < 30  # a hang, not a timing


async def test_only_those_with_the_token_come_in(tmp_path: Path) -> None:
    async with serve(tmp_path / "app.db", port=0, token="root:secret") as server:
        async with AsyncMilvusClient(server.uri, token="root:secret") as client:
            assert await client.list_collections() == []
        async with AsyncMilvusClient(server.uri, user="root", password="wrong") as client:
            with pytest.raises(NotAuthenticatedError):
                await client.list_collections()


async def test_a_taken_port_is_said_to_be(server: Server, tmp_path: Path) -> None:
    with pytest.raises(ConnectionConfigException, match="the port is taken"):
        await serve(tmp_path / "other.db", port=server.port).start()


def test_an_open_door_to_the_network_must_be_meant(tmp_path: Path) -> None:
    with pytest.raises(ConnectionConfigException, match="token"):
        serve(tmp_path / "app.db", host="192.0.2.1")
    assert serve(tmp_path / "app.db", host="192.0.2.1", allow_remote=True).port == 19530
