"""Our own clients, both, against our server: the wire in the middle must not show."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from aiomilvus import AsyncMilvusClient, DataType, MilvusClient
from aiomilvus.client.backends.remote.calls import Caller
from aiomilvus.client.results.search import SearchResult
from aiomilvus.errors import (
    CollectionNotExistException,
    ConnectionConfigException,
    MilvusException,
    MilvusUnavailableException,
    NotAuthenticatedError,
    ParamError,
)
from aiomilvus.server import serve
from aiomilvus.wire.proto import messages as pb

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from aiomilvus.server import Server
    from aiomilvus.wire.proto.rpc import Rpc


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


async def test_searches_at_once_find_what_each_finds_alone(server: Server) -> None:
    async with AsyncMilvusClient(server.uri) as client:
        schema = client.create_schema()
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=4)
        schema.add_field("sparse", DataType.SPARSE_FLOAT_VECTOR)
        schema.add_field("name", DataType.VARCHAR, max_length=8)
        params = client.prepare_index_params()
        params.add_index("vector", index_type="FLAT", metric_type="L2")
        params.add_index("sparse", metric_type="IP")
        await client.create_collection("c", schema=schema, index_params=params)
        sparse = [{number % 7: 1.0, 7 + number % 11: 2.0} for number in range(200)]
        data = [{**row, "sparse": sparse[row["id"]]} for row in rows(200)]
        await client.insert("c", data)
        calls = [
            {
                "data": [row["vector"] if row["id"] % 3 else row["sparse"]] * (1 + row["id"] % 2),
                "anns_field": "vector" if row["id"] % 3 else "sparse",
                "limit": 3 + row["id"] % 2,
                "filter": "id > {least}" if row["id"] % 5 == 0 else "",
                "filter_params": {"least": 50} if row["id"] % 5 == 0 else None,
                "output_fields": ["name"],
            }
            for row in data
        ]
        alone = [await client.search("c", **call) for call in calls]
        together = await asyncio.gather(*(client.search("c", **call) for call in calls))
        for one, other in zip(alone, together, strict=True):
            for hits, others in zip(one, other, strict=True):
                assert [hit["id"] for hit in hits] == [hit["id"] for hit in others]
                assert [hit["entity"] for hit in hits] == [hit["entity"] for hit in others]
                near = [hit["distance"] for hit in others]
                assert [hit["distance"] for hit in hits] == pytest.approx(near, abs=1e-5)
            assert one.extra.get("cost") == other.extra.get("cost")


async def test_a_refused_search_among_many_fails_by_itself(server: Server) -> None:
    async with AsyncMilvusClient(server.uri) as client:
        await client.create_collection("c", dimension=4)
        await client.insert("c", rows())
        wrong = {3, 17}
        found = await asyncio.gather(
            *(
                client.search("c", [[0.5] * (3 if number in wrong else 4)], limit=1)
                for number in range(40)
            ),
            return_exceptions=True,
        )
        refused = {n for n, each in enumerate(found) if isinstance(each, MilvusException)}
        assert refused == wrong
        assert [n for n, each in enumerate(found) if isinstance(each, SearchResult)] == [
            n for n in range(40) if n not in wrong
        ]


def request_ids(server: Server, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that each call from now on adds its id to."""
    seen: list[str] = []
    caller = server.service.gate.caller

    async def recording(metadata: Any, peer: str) -> str:
        seen.append(dict(metadata).get("client-request-id", "none"))
        return await caller(metadata, peer)

    monkeypatch.setattr(server.service.gate, "caller", recording)
    return seen


async def test_the_applications_id_of_a_call_goes_with_it(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = request_ids(server, monkeypatch)
    async with AsyncMilvusClient(server.uri) as client:
        await client.list_collections()  # introduces the client, which is no call of anybody's
        seen.clear()
        await client.list_collections(client_request_id="one")
        await client.list_collections()
        ids = [f"many-{n}" for n in range(5)]
        await asyncio.gather(*[client.has_collection("c", client_request_id=n) for n in ids])
        await client.list_collections()
        assert [seen[0], seen[1], sorted(seen[2:7]), seen[7]] == ["one", "none", ids, "none"]
        with pytest.raises(ParamError, match="printable ASCII"):
            await client.list_collections(client_request_id="zwei\n")
    with await asyncio.to_thread(MilvusClient, server.uri) as blocking:
        await asyncio.to_thread(blocking.list_collections)
        seen.clear()
        other: Any = {"client-request-id": "thread"}
        await asyncio.to_thread(blocking.list_collections, **other)
        await asyncio.to_thread(blocking.list_collections)
    assert seen == ["thread", "none"]


async def test_searches_and_iterators_bring_the_id_of_their_call(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with AsyncMilvusClient(server.uri) as client:
        await client.create_collection("c", dimension=2)
        await client.insert("c", [{"id": n, "vector": [n, 1.0]} for n in range(4)])
        seen = request_ids(server, monkeypatch)
        ids = [f"s{n}" for n in range(6)]
        await asyncio.gather(
            *[client.search("c", [[1.0, 1.0]], client_request_id=each) for each in ids]
        )
        assert sorted(seen) == ids
        iterator = client.query_iterator("c", batch_size=2, client_request_id="walk")
        await client.has_collection("c")
        await iterator.next()
        assert seen[6:] == ["none", "walk"]


async def test_a_compaction_names_its_collection_by_number_too(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []
    call = Caller.call

    async def recording(self: Caller, rpc: Rpc, content: bytes, *given: Any) -> Any:
        if rpc.name == "ManualCompaction":
            sent.append(pb.ManualCompactionRequest.FromString(content).collectionID)
        return await call(self, rpc, content, *given)

    monkeypatch.setattr(Caller, "call", recording)
    async with AsyncMilvusClient(server.uri) as client:
        await client.create_collection("c", dimension=2)
        number = (await client.describe_collection("c"))["collection_id"]
        await client.compact("c")
        await client.optimize("c")
    assert sent == [number, number]
