"""A call may be cancelled at any of its awaits: nothing is half done, and the next call works."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from aiomilvus import AnnSearchRequest, AsyncMilvusClient, DataType, RRFRanker
from tests.cancellation.cancelling import COLLECTION, cancel_at_every_await, cancel_once, rows

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

VECTOR = [1.0, 1.0, 0.5, 0.25]


async def works(client: AsyncMilvusClient) -> None:
    """Read, search and write: what must work after every cancelled call."""
    found = await client.query(COLLECTION, ids=[3])
    assert [row["name"] for row in found] == ["n3"]
    hits = await client.search(COLLECTION, data=[VECTOR], limit=3)
    assert len(hits[0]) == 3
    assert (await client.upsert(COLLECTION, rows([50])))["upsert_count"] == 1


def hybrid(client: AsyncMilvusClient) -> Awaitable[Any]:
    requests = [
        AnnSearchRequest([VECTOR], "vector", {}, 5),
        AnnSearchRequest([VECTOR], "vector", {}, 3),
    ]
    return client.hybrid_search(COLLECTION, requests, RRFRanker(), limit=3)


async def paged(client: AsyncMilvusClient) -> None:
    iterator = client.query_iterator(COLLECTION, batch_size=40, filter="id >= 0")
    while await iterator.next():
        pass
    await iterator.close()


CALLS: dict[str, Callable[[AsyncMilvusClient], Awaitable[Any]]] = {
    "alter_properties": lambda client: client.alter_collection_properties(
        COLLECTION, {"collection.ttl.seconds": "100000"}
    ),
    "compact": lambda client: client.compact(COLLECTION),
    "delete": lambda client: client.delete(COLLECTION, filter="id >= 90"),
    "describe": lambda client: client.describe_collection(COLLECTION),
    "flush": lambda client: client.flush(COLLECTION),
    "get": lambda client: client.get(COLLECTION, ids=[1, 2]),
    "hybrid_search": hybrid,
    "list_collections": lambda client: client.list_collections(),
    "load": lambda client: client.load_collection(COLLECTION),
    "query": lambda client: client.query(COLLECTION, filter="name like 'n1%'"),
    "query_iterator": paged,
    "search": lambda client: client.search(COLLECTION, data=[VECTOR] * 50, limit=10),
    "stats": lambda client: client.get_collection_stats(COLLECTION),
}


@pytest.mark.parametrize("name", CALLS)
async def test_a_call_cancelled_at_any_await_leaves_the_client_usable(
    client: AsyncMilvusClient, door: str, name: str
) -> None:
    async def call(_: int) -> Any:
        return await CALLS[name](client)

    async def after(_: int) -> None:
        await works(client)

    cancelled = await cancel_at_every_await(call, after)
    assert cancelled or door == "embedded"  # which answers a cheap call without waiting
    await works(client)


@pytest.mark.parametrize("method", ["insert", "upsert"])
async def test_a_cancelled_write_is_in_whole_or_not_at_all(
    client: AsyncMilvusClient, method: str
) -> None:
    def keys(number: int) -> range:
        return range(1000 * number, 1000 * number + 300)

    async def write(number: int) -> None:
        await getattr(client, method)(COLLECTION, rows(keys(number)))

    async def after(number: int) -> None:
        await works(client)
        # A server may still be at it, so what is in now may be more a moment later, never less.
        found = await client.query(COLLECTION, ids=list(keys(number)), output_fields=["id"])
        assert len(found) in (0, len(keys(number)))

    cancelled = await cancel_at_every_await(write, after)
    assert cancelled >= 1
    found = await client.query(COLLECTION, ids=list(keys(cancelled + 1)), output_fields=["id"])
    assert len(found) == len(keys(cancelled + 1))


async def test_a_cancelled_creation_is_there_or_not_and_can_be_repeated(
    client: AsyncMilvusClient,
) -> None:
    async def create(number: int) -> None:
        await client.create_collection(f"new_{number}", dimension=4)

    async def after(number: int) -> None:
        await client.create_collection(f"new_{number}", dimension=4)
        await client.insert(f"new_{number}", rows([1]))
        assert len(await client.query(f"new_{number}", ids=[1])) == 1

    assert await cancel_at_every_await(create, after) >= 1


async def test_a_cancelled_drop_can_be_repeated(client: AsyncMilvusClient) -> None:
    async def drop(number: int) -> None:
        await client.drop_collection(f"old_{number}")

    async def after(number: int) -> None:
        await client.drop_collection(f"old_{number}")
        assert not await client.has_collection(f"old_{number}")
        await works(client)

    for number in range(1, 200):
        await client.create_collection(f"old_{number}", dimension=4)
        if not await cancel_once(drop(number), number):
            break
        await after(number)
    else:
        pytest.fail("still not through")
    assert number > 1
    assert not await client.has_collection(f"old_{number}")


async def test_a_cancelled_index_build_leaves_the_collection_searchable(
    client: AsyncMilvusClient,
) -> None:
    schema = client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=4)
    schema.add_field("name", DataType.VARCHAR, max_length=100)
    await client.create_collection("bare", schema=schema)
    await client.insert("bare", rows(range(50)))
    index = client.prepare_index_params()
    index.add_index("vector", index_type="HNSW", metric_type="L2")

    async def create(_: int) -> None:
        await client.create_index("bare", index)

    async def after(_: int) -> None:
        await client.create_index("bare", index)  # the same one again is a success
        await client.load_collection("bare")
        assert len((await client.search("bare", data=[VECTOR], limit=3))[0]) == 3
        await client.release_collection("bare")
        await client.drop_index("bare", "vector")

    assert await cancel_at_every_await(create, after) >= 1


async def test_closing_can_be_repeated_after_a_cancelled_close(client: AsyncMilvusClient) -> None:
    await cancel_once(client.close(), 1)
    await client.close()
