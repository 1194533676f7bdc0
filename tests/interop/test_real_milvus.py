"""Our clients against the real Milvus 2.3.5, which has no sparse vectors and no hybrid search."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from aiomilvus import AsyncMilvusClient, DataType, MilvusClient
from aiomilvus.errors import (
    CollectionNotExistException,
    CollectionNotLoadedError,
    IndexNotExistException,
    MilvusException,
    PartitionNotExistException,
)
from tests.support.real_milvus import real_milvus

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.timeout(400), pytest.mark.slow]
ROWS = 300
DIM = 8
VECTORS = np.random.default_rng(11).random((ROWS, DIM), np.float32)


@pytest.fixture(scope="module")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with real_milvus(tmp_path_factory.mktemp("milvus")) as uri:
        yield uri


def rows() -> list[dict[str, Any]]:
    return [
        {
            "id": n,
            "dense": VECTORS[n],
            "title": f"title {n}",
            "price": n / 2,
            "facts": {"even": n % 2 == 0, "size": n},
            "tags": [n % 3, n % 5],
            "colour": "red" if n % 2 else "blue",
        }
        for n in range(ROWS)
    ]


class Caller:
    """Awaits the methods of either client."""

    def __init__(self, client: Any) -> None:
        self.client = client

    async def __call__(self, name: str, *args: Any, **kwargs: Any) -> Any:
        method = getattr(self.client, name)
        if inspect.iscoroutinefunction(method):
            return await method(*args, **kwargs)
        return await asyncio.to_thread(method, *args, **kwargs)

    async def batches(self, iterator: Any) -> list[list[Any]]:
        found: list[list[Any]] = []
        while True:
            batch = iterator.next()
            batch = await batch if inspect.isawaitable(batch) else batch
            if not batch:
                return found
            found.append(batch)


@pytest.mark.parametrize("kind", ["async", "sync"])
async def test_a_collection_lives_its_life_on_the_real_milvus(milvus: str, kind: str) -> None:
    name = f"things_{kind}"
    if kind == "async":
        async with AsyncMilvusClient(milvus, timeout=60) as client:
            await story(Caller(client), name)
    else:
        with await asyncio.to_thread(MilvusClient, milvus, timeout=60) as client:
            await story(Caller(client), name)


async def story(call: Caller, name: str) -> None:
    schema = AsyncMilvusClient.create_schema(enable_dynamic_field=True)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("dense", DataType.FLOAT_VECTOR, dim=DIM)
    schema.add_field("title", DataType.VARCHAR, max_length=100)
    schema.add_field("price", DataType.DOUBLE)
    schema.add_field("facts", DataType.JSON)
    schema.add_field("tags", DataType.ARRAY, element_type=DataType.INT64, max_capacity=4)
    await call("create_collection", name, schema=schema, consistency_level="Strong")
    with pytest.raises(IndexNotExistException):
        await call("load_collection", name)
    index = AsyncMilvusClient.prepare_index_params()
    index.add_index(
        "dense", index_type="HNSW", metric_type="L2", params={"M": 8, "efConstruction": 64}
    )
    await call("create_index", name, index)
    assert await call("list_indexes", name) == ["dense"]
    assert (await call("describe_index", name, "dense"))["index_type"] == "HNSW"

    answer = await call("insert", name, rows())
    assert answer["insert_count"] == ROWS
    with pytest.raises(CollectionNotLoadedError):
        await call("search", name, [VECTORS[3]], anns_field="dense")
    await call("load_collection", name)
    assert (await call("get_load_state", name))["state"].name == "Loaded"

    found = await call(
        "search",
        name,
        [VECTORS[3], VECTORS[9]],
        anns_field="dense",
        limit=4,
        filter="price >= 0",
        output_fields=["title", "colour", "facts", "tags"],
        search_params={"params": {"ef": 64}},
    )
    assert [hits[0]["id"] for hits in found] == [3, 9]
    assert found[0][0]["distance"] == pytest.approx(0, abs=1e-5)
    assert found[0][0]["entity"]["title"] == "title 3"
    assert found[0][0]["entity"]["colour"] == "red"
    assert found[0][0]["entity"]["facts"] == {"even": False, "size": 3}
    assert list(found[0][0]["entity"]["tags"]) == [0, 3]
    oracle = np.argsort(((VECTORS - VECTORS[3]) ** 2).sum(1))[:4].tolist()
    assert [hit["id"] for hit in found[0]] == oracle

    many = await asyncio.gather(
        *(call("search", name, [each], anns_field="dense", limit=2) for each in VECTORS[:40])
    )
    assert [hits[0][0]["id"] for hits in many] == list(range(len(many)))

    got = await call("get", name, [5, 6], output_fields=["title", "dense"])
    assert sorted(row["title"] for row in got) == ["title 5", "title 6"]
    assert np.allclose(got[0]["dense"], VECTORS[got[0]["id"]])
    counted = await call("query", name, filter="", output_fields=["count(*)"])
    assert counted[0]["count(*)"] == ROWS
    red = await call("query", name, filter="colour == 'red' and facts['size'] < 10", limit=100)
    assert sorted(row["id"] for row in red) == [1, 3, 5, 7, 9]
    batches = await call.batches(call.client.query_iterator(name, 120, output_fields=["title"]))
    assert sorted(row["id"] for batch in batches for row in batch) == list(range(ROWS))
    batches = await call.batches(
        call.client.search_iterator(name, [VECTORS[0]], 50, limit=150, anns_field="dense")
    )
    near = [hit["id"] for batch in batches for hit in batch]
    assert len(near) == len(set(near)) == 150
    nearest = np.argsort(((VECTORS - VECTORS[0]) ** 2).sum(1))[:150].tolist()
    assert len(set(near) & set(nearest)) > 140  # the graph's recall

    changed = {**rows()[1], "title": "new"}
    assert (await call("upsert", name, [changed]))["upsert_count"] == 1
    assert (await call("get", name, [1], output_fields=["title"]))[0]["title"] == "new"
    await call("delete", name, ids=[2])
    await call("delete", name, filter="id in [4, 6]")
    counted = await call("query", name, filter="", output_fields=["count(*)"])
    assert counted[0]["count(*)"] == ROWS - 3

    await call("create_partition", name, "old")
    assert sorted(await call("list_partitions", name)) == ["_default", "old"]
    assert await call("has_partition", name, "old")
    await call("insert", name, [{**rows()[0], "id": 5000}], partition_name="old")
    part = await call("query", name, filter="id >= 0", partition_names=["old"], limit=5)
    assert [row["id"] for row in part] == [5000]
    with pytest.raises(PartitionNotExistException):
        await call("insert", name, [rows()[0]], partition_name="none")
    await call("release_partitions", name, ["old"])
    await call("drop_partition", name, "old")

    alias = f"alias_{name}"
    await call("create_alias", name, alias)
    by_alias, by_name = [await call("describe_collection", each) for each in (alias, name)]
    assert by_alias["collection_id"] == by_name["collection_id"]
    await call("drop_alias", alias)
    with pytest.raises(MilvusException, match="cannot parse expression"):
        await call("query", name, filter="title ==")
    await call("flush", name)
    assert (await call("get_collection_stats", name))["row_count"] >= ROWS

    group = f"group_{name}"
    await call("create_resource_group", group)
    assert group in await call("list_resource_groups")
    assert (await call("describe_resource_group", group)).name == group
    await call("drop_resource_group", group)
    assert group not in await call("list_resource_groups")
    await call("release_collection", name)
    assert (await call("get_load_state", name))["state"].name == "NotLoad"
    await call("drop_index", name, "dense")
    await call("drop_collection", name)
    assert not await call("has_collection", name)
    with pytest.raises(CollectionNotExistException):
        await call("describe_collection", name)
    await call("create_database", f"db_{name}")
    assert f"db_{name}" in await call("list_databases")
    await call("drop_database", f"db_{name}")
