"""The real pymilvus, synchronous and asynchronous, against our server."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from aiomilvus.server import serve

pymilvus = pytest.importorskip("pymilvus", reason="pymilvus is not installed")

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 60
pytestmark = pytest.mark.filterwarnings("ignore")  # pymilvus' own


def rows() -> list[dict[str, Any]]:
    dense = np.random.default_rng(7).random((ROWS, 8), np.float32)
    return [
        {
            "id": number,
            "title": f"title {number}",
            "dense": dense[number].tolist(),
            "sparse": {number % 7: 1.0, 100 + number: 0.5},
            "colour": "red" if number % 2 else "blue",
        }
        for number in range(ROWS)
    ]


def schema() -> Any:
    made = pymilvus.MilvusClient.create_schema(enable_dynamic_field=True)
    made.add_field("id", pymilvus.DataType.INT64, is_primary=True)
    made.add_field("title", pymilvus.DataType.VARCHAR, max_length=100)
    made.add_field("dense", pymilvus.DataType.FLOAT_VECTOR, dim=8)
    made.add_field("sparse", pymilvus.DataType.SPARSE_FLOAT_VECTOR)
    return made


async def story(client: Any) -> None:
    async def call(name: str, *arguments: Any, **options: Any) -> Any:
        method = getattr(client, name)
        if inspect.iscoroutinefunction(method):
            return await method(*arguments, **options)
        return await asyncio.to_thread(method, *arguments, **options)

    index = pymilvus.MilvusClient.prepare_index_params()
    index.add_index("dense", index_type="HNSW", metric_type="COSINE", params={"M": 16})
    index.add_index("sparse", index_type="SPARSE_INVERTED_INDEX", metric_type="IP")
    await call("create_collection", "books", schema=schema(), index_params=index)
    assert await call("list_collections") == ["books"]
    assert await call("has_collection", "books")
    assert not await call("has_collection", "others")
    assert sorted(await call("list_indexes", "books")) == ["dense", "sparse"]

    data = rows()
    assert (await call("insert", "books", data))["insert_count"] == ROWS
    counted = await call("query", "books", output_fields=["count(*)"], consistency_level="Strong")
    assert counted[0]["count(*)"] == ROWS

    found = await call(
        "search",
        "books",
        data=[data[3]["dense"]],
        anns_field="dense",
        limit=5,
        filter="id >= 0",
        output_fields=["title", "colour"],
        search_params={"params": {"ef": 32}},
    )
    assert len(found[0]) == 5
    assert found[0][0]["id"] == 3
    assert found[0][0]["entity"] == {"title": "title 3", "colour": "red"}
    found = await call(
        "search", "books", data=[{105: 1.0}], anns_field="sparse", limit=3, output_fields=["id"]
    )
    assert [hit["id"] for hit in found[0]] == [5]

    requests = [
        pymilvus.AnnSearchRequest([data[9]["dense"]], "dense", {"metric_type": "COSINE"}, limit=5),
        pymilvus.AnnSearchRequest([data[9]["sparse"]], "sparse", {"metric_type": "IP"}, limit=5),
    ]
    for ranker in (pymilvus.RRFRanker(), pymilvus.WeightedRanker(0.5, 0.5)):
        found = await call("hybrid_search", "books", requests, ranker, limit=4)
        assert found[0][0]["id"] == 9

    got = await call("get", "books", ids=[1, 2], output_fields=["title", "colour"])
    assert sorted((row["id"], row["colour"]) for row in got) == [(1, "red"), (2, "blue")]
    changed = [{**data[1], "title": "new"}]
    assert (await call("upsert", "books", changed))["upsert_count"] == 1
    assert (await call("get", "books", ids=[1]))[0]["title"] == "new"
    await call("delete", "books", ids=[1, 2])
    await call("delete", "books", filter="id > 50")
    counted = await call("query", "books", output_fields=["count(*)"], consistency_level="Strong")
    assert counted[0]["count(*)"] == ROWS - 2 - 9
    filtered = await call(
        "query", "books", filter="id in {keys}", filter_params={"keys": [3, 4]}, output_fields=["*"]
    )
    assert sorted(row["id"] for row in filtered) == [3, 4]
    assert all(len(row["dense"]) == 8 for row in filtered)

    await call("create_alias", "books", "library")
    assert (await call("describe_collection", "library"))["collection_name"] == "books"
    await call("drop_alias", "library")
    await call("create_partition", "books", "old")
    assert sorted(await call("list_partitions", "books")) == ["_default", "old"]
    await call("insert", "books", data[:2], partition_name="old")
    await call("flush", "books")
    await call("release_collection", "books")
    with pytest.raises(pymilvus.MilvusException, match="collection not loaded") as refused:
        await call("search", "books", data=[data[0]["dense"]], anns_field="dense")
    assert refused.value.code == 101
    await call("drop_collection", "books")
    assert not await call("has_collection", "books")
    with pytest.raises(pymilvus.MilvusException, match="can't find collection") as missing:
        await call("describe_collection", "books")
    assert missing.value.code == 100


async def test_the_synchronous_client_tells_the_tutorials_story(tmp_path: Path) -> None:
    async with serve(tmp_path / "app.db", port=0) as server:
        client = await asyncio.to_thread(pymilvus.MilvusClient, server.uri, token="root:Milvus")
        await story(client)
        await asyncio.to_thread(client.close)


async def test_the_asynchronous_client_tells_the_tutorials_story(tmp_path: Path) -> None:
    async with serve(tmp_path / "app.db", port=0) as server:
        client = pymilvus.AsyncMilvusClient(server.uri)
        await story(client)
        await client.close()


async def test_a_quick_setup_is_made_indexed_and_loaded(tmp_path: Path) -> None:
    async with serve(tmp_path / "app.db", port=0) as server:
        client = pymilvus.AsyncMilvusClient(server.uri)
        await client.create_collection("quick", dimension=4)
        await client.insert("quick", [{"id": 1, "vector": [1, 2, 3, 4], "more": "x"}])
        found = await client.search("quick", [[1, 2, 3, 4]], limit=1, output_fields=["more"])
        assert found[0][0]["entity"] == {"more": "x"}
        await client.close()


async def test_what_test_kits_and_consoles_ask_is_answered(tmp_path: Path) -> None:
    async with serve(tmp_path / "app.db", port=0) as server:
        client = await asyncio.to_thread(pymilvus.MilvusClient, server.uri)
        await asyncio.to_thread(client.create_collection, "quick", dimension=4)
        await asyncio.to_thread(polls, client)
        await asyncio.to_thread(client.close)


def polls(client: Any) -> None:
    assert client.list_users() == ["root"]
    assert client.list_roles() == ["admin", "public"]
    assert client.list_databases() == ["default"]
    assert client.list_resource_groups() == ["__default_resource_group"]
    assert len(client.describe_replica("quick")) == 1
    assert client.get_load_state("quick")["state"].name == "Loaded"
    assert client.describe_index("quick", "vector")["state"] == "Finished"
    assert "aiomilvus" in client.get_server_version()
    replication = client.get_replicate_configuration()
    assert (len(replication.clusters), len(replication.cross_cluster_topology)) == (0, 0)
    with pytest.raises(pymilvus.MilvusException, match="UpdateReplication") as refused:
        client.update_replicate_configuration(clusters=[], cross_cluster_topology=[])
    assert refused.value.code == 10
