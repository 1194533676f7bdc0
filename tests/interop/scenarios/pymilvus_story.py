"""What an application does with pymilvus, for any version from 2.5 on; run by its interpreter.

    python pymilvus_story.py URI {sync|async|orm} ...

Asserts what it sees, and says at the end which version it was. `async` calls the asynchronous
client where it has the method and the synchronous one elsewhere: 2.5 has only the main ones.
"""

from __future__ import annotations

import asyncio
import inspect
import random
import sys
import warnings
from typing import Any

import pymilvus
from pymilvus import (
    AnnSearchRequest,
    DataType,
    Function,
    FunctionType,
    MilvusClient,
    MilvusException,
    RRFRanker,
    WeightedRanker,
)

ROWS = 60
DIM = 8
VECTORS = [[random.Random(DIM * n + at).random() for at in range(DIM)] for n in range(ROWS)]


def rows() -> list[dict[str, Any]]:
    return [
        {
            "id": n,
            "title": f"title {n} of the {'red' if n % 2 else 'blue'} shelf",
            "dense": VECTORS[n],
            "sparse": {n % 7: 1.0, 100 + n: 0.5},
            "tags": [n % 3, n % 5],
            "facts": {"size": n, "nested": {"even": n % 2 == 0}},
            "price": None if n % 10 == 0 else n / 2,
            "colour": "red" if n % 2 else "blue",
        }
        for n in range(ROWS)
    ]


def schema() -> Any:
    made = MilvusClient.create_schema(enable_dynamic_field=True)
    made.add_field("id", DataType.INT64, is_primary=True)
    made.add_field(
        "title", DataType.VARCHAR, max_length=100, enable_analyzer=True, enable_match=True
    )
    made.add_field("dense", DataType.FLOAT_VECTOR, dim=DIM)
    made.add_field("sparse", DataType.SPARSE_FLOAT_VECTOR)
    made.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
    made.add_field("tags", DataType.ARRAY, element_type=DataType.INT64, max_capacity=4)
    made.add_field("facts", DataType.JSON)
    made.add_field("price", DataType.DOUBLE, nullable=True)
    made.add_field("stock", DataType.INT32, default_value=3)
    made.add_function(
        Function(
            name="bm25",
            function_type=FunctionType.BM25,
            input_field_names=["title"],
            output_field_names=["words"],
        )
    )
    return made


def indexes() -> Any:
    made = MilvusClient.prepare_index_params()
    made.add_index("dense", index_type="HNSW", metric_type="COSINE", params={"M": 16})
    made.add_index("sparse", index_type="SPARSE_INVERTED_INDEX", metric_type="IP")
    made.add_index("words", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
    made.add_index("tags", index_type="INVERTED")
    return made


class Caller:
    """Calls a method of the asynchronous client if it has one, else of the synchronous."""

    def __init__(self, sync: Any, asynchronous: Any) -> None:
        self.sync = sync
        self.asynchronous = asynchronous

    async def __call__(self, name: str, *args: Any, **kwargs: Any) -> Any:
        method = getattr(self.asynchronous, name, None)
        if method is None or not inspect.iscoroutinefunction(method):
            return getattr(self.sync, name)(*args, **kwargs)
        return await method(*args, **kwargs)

    async def refused(self, name: str, *args: Any, **kwargs: Any) -> int:
        """Return the code that a call is refused with."""
        try:
            await self(name, *args, **kwargs)
        except MilvusException as error:
            return int(error.code)
        raise AssertionError(f"{name} was not refused")


async def fill(call: Caller) -> None:
    await call("create_collection", "books", schema=schema(), index_params=indexes())
    assert await call("list_collections") == ["books"]
    assert await call("has_collection", "books")
    assert not await call("has_collection", "others")
    assert sorted(await call("list_indexes", "books")) == ["dense", "sparse", "tags", "words"]
    described = await call("describe_collection", "books")
    kinds = {each["name"]: each["type"] for each in described["fields"]}
    assert kinds["dense"] == DataType.FLOAT_VECTOR
    assert kinds["tags"] == DataType.ARRAY
    assert described["enable_dynamic_field"]
    answer = await call("insert", "books", rows())
    assert answer["insert_count"] == ROWS
    assert list(answer["ids"]) == list(range(ROWS))
    assert str((await call("get_load_state", "books"))["state"]).endswith("Loaded")
    assert await count(call) == ROWS


async def count(call: Caller, **options: Any) -> int:
    found = await call(
        "query", "books", output_fields=["count(*)"], consistency_level="Strong", **options
    )
    return int(found[0]["count(*)"])


async def search(call: Caller) -> None:
    found = await call(
        "search",
        "books",
        data=[VECTORS[3], VECTORS[4]],
        anns_field="dense",
        limit=5,
        output_fields=["title", "colour", "tags", "facts", "price", "stock"],
        search_params={"metric_type": "COSINE", "params": {"ef": 32}},
    )
    assert [hits[0]["id"] for hits in found] == [3, 4]
    assert [len(hits) for hits in found] == [5, 5]
    entity = found[0][0]["entity"]
    assert entity["title"] == "title 3 of the red shelf"
    assert entity["colour"] == "red"
    assert list(entity["tags"]) == [0, 3]
    assert entity["facts"] == {"size": 3, "nested": {"even": False}}
    assert (entity["price"], entity["stock"]) == (1.5, 3)
    assert abs(found[0][0]["distance"] - 1) < 1e-4
    pages = [
        await call("search", "books", data=[VECTORS[3]], anns_field="dense", limit=3, offset=n)
        for n in (0, 3)
    ]
    assert not {hit["id"] for hit in pages[0][0]} & {hit["id"] for hit in pages[1][0]}
    near = await call(
        "search",
        "books",
        data=[VECTORS[3]],
        anns_field="dense",
        limit=ROWS,
        filter="price is null and facts['nested']['even'] == true",
        search_params={"params": {"radius": 0.1, "range_filter": 1.0}},
    )
    assert near[0]
    assert all(hit["id"] % 10 == 0 for hit in near[0])
    grouped = await call(
        "search", "books", data=[VECTORS[3]], anns_field="dense", limit=2, group_by_field="title"
    )
    assert len(grouped[0]) == 2
    found = await call("search", "books", data=[{105: 1.0}], anns_field="sparse", limit=3)
    assert [hit["id"] for hit in found[0]] == [5]
    found = await call("search", "books", data=["red"], anns_field="words", limit=ROWS)
    assert {hit["id"] for hit in found[0]} == set(range(1, ROWS, 2))
    requests = [
        AnnSearchRequest([VECTORS[9]], "dense", {"metric_type": "COSINE"}, limit=5),
        AnnSearchRequest([{109: 1.0}], "sparse", {"metric_type": "IP"}, limit=5, expr="id > 0"),
    ]
    for ranker in (RRFRanker(), WeightedRanker(0.5, 0.5)):
        found = await call(
            "hybrid_search", "books", requests, ranker, limit=4, output_fields=["title"]
        )
        assert found[0][0]["id"] == 9


async def read(call: Caller) -> None:
    got = await call("get", "books", ids=[1, 2], output_fields=["title", "colour"])
    assert sorted((row["id"], row["colour"]) for row in got) == [(1, "red"), (2, "blue")]
    filtered = await call(
        "query", "books", filter="id in {keys}", filter_params={"keys": [3, 4]}, output_fields=["*"]
    )
    assert sorted(row["id"] for row in filtered) == [3, 4]
    assert all(len(row["dense"]) == DIM for row in filtered)
    for text, expected in (
        ("array_contains(tags, 4)", ROWS // 5),
        ("facts['size'] >= 50", 10),
        ("TEXT_MATCH(title, 'blue')", ROWS // 2),
        ("title like 'title 1%'", 11),
        ("colour == 'red' and price > 20", 10),
        ("price is null", 6),
    ):
        assert await count(call, filter=text) == expected, text
    page = await call("query", "books", filter="id >= 0", limit=5, offset=10, output_fields=["id"])
    assert [row["id"] for row in page] == list(range(10, 15))
    iterator = await call("query_iterator", "books", batch_size=25, output_fields=["title"])
    sizes = []
    while batch := iterator.next():
        sizes.append(len(batch))
    iterator.close()
    assert sizes == [25, 25, 10]
    iterator = await call(
        "search_iterator", "books", data=[VECTORS[0]], batch_size=25, anns_field="dense"
    )
    seen = []
    while batch := iterator.next():
        seen += [hit["id"] for hit in batch]
    iterator.close()
    assert sorted(seen) == list(range(ROWS))


async def change(call: Caller) -> None:
    changed = [{**rows()[1], "title": "new"}]
    assert (await call("upsert", "books", changed))["upsert_count"] == 1
    assert (await call("get", "books", ids=[1]))[0]["title"] == "new"
    await call("delete", "books", ids=[1, 2])
    await call("delete", "books", filter="id > 50")
    assert await count(call) == ROWS - 2 - 9
    await call("create_partition", "books", "old")
    assert sorted(await call("list_partitions", "books")) == ["_default", "old"]
    again = [{**row, "id": row["id"] + 1000} for row in rows()[:2]]
    await call("insert", "books", again, partition_name="old")
    assert await count(call, partition_names=["old"]) == 2
    await call("release_partitions", "books", ["old"])
    await call("load_partitions", "books", ["old"])
    await call("flush", "books")
    assert int((await call("get_partition_stats", "books", "old"))["row_count"]) == 2
    await call("compact", "books")
    await call("release_partitions", "books", ["old"])
    await call("drop_partition", "books", "old")
    await call("create_alias", "books", "library")
    assert (await call("describe_collection", "library"))["collection_name"] == "books"
    assert (await call("describe_alias", "library"))["collection_name"] == "books"
    await call("drop_alias", "library")
    await call("rename_collection", "books", "novels")
    assert await call("list_collections") == ["novels"]
    await call("rename_collection", "novels", "books")


async def refuse(call: Caller) -> None:
    assert await call.refused("describe_collection", "nothing") == 100
    assert await call.refused("query", "books", filter="no such filter") == 1100
    assert await call.refused("load_partitions", "books", ["nothing"]) == 200
    assert await call.refused("describe_database", "nothing") == 800
    await call("release_collection", "books")
    assert await call.refused("search", "books", data=[VECTORS[0]], anns_field="dense") == 101
    await call("drop_index", "books", "dense")
    assert await call.refused("load_collection", "books") == 1100
    await call("create_database", "other")
    assert sorted(await call("list_databases")) == ["default", "other"]
    await call("drop_database", "other")
    await call("drop_collection", "books")
    assert not await call("has_collection", "books")


async def story(call: Caller) -> None:
    for part in (fill, search, read, change, refuse):
        await part(call)


async def asynchronously(uri: str) -> None:
    client = pymilvus.AsyncMilvusClient(uri)
    await story(Caller(MilvusClient(uri), client))
    await client.close()


def with_the_orm(uri: str) -> None:
    """Work with pymilvus' older classes."""
    pymilvus.connections.connect(uri=uri)
    fields = [
        pymilvus.FieldSchema("key", DataType.VARCHAR, is_primary=True, max_length=20),
        pymilvus.FieldSchema("v", DataType.FLOAT_VECTOR, dim=DIM),
        pymilvus.FieldSchema("n", DataType.INT16),
    ]
    things = pymilvus.Collection("things", pymilvus.CollectionSchema(fields))
    keys = [f"k{n:02}" for n in range(ROWS)]
    assert things.insert([keys, VECTORS, list(range(ROWS))]).insert_count == ROWS
    things.flush()
    assert things.num_entities == ROWS
    things.create_index(
        "v", {"index_type": "IVF_FLAT", "metric_type": "L2", "params": {"nlist": 4}}
    )
    assert things.has_index()
    things.load()
    found = things.search([VECTORS[5]], "v", {"params": {"nprobe": 4}}, 3, output_fields=["n"])
    assert (found[0][0].id, found[0][0].entity.get("n")) == ("k05", 5)
    assert len(things.query("n < 7", output_fields=["key"])) == 7
    things.delete("key in ['k01']")
    assert len(things.query("n < 7", consistency_level="Strong")) == 6
    things.create_partition("p")
    assert sorted(each.name for each in things.partitions) == ["_default", "p"]
    assert pymilvus.utility.list_collections() == ["things"]
    things.release()
    pymilvus.utility.drop_collection("things")


def main(uri: str, *hows: str) -> None:
    warnings.simplefilter("ignore")
    for how in hows:
        if how == "orm":
            with_the_orm(uri)
        elif how == "async":
            asyncio.run(asynchronously(uri))
        else:
            asyncio.run(story(Caller(MilvusClient(uri), None)))
        print("pymilvus", pymilvus.__version__, how)


if __name__ == "__main__":
    main(*sys.argv[1:])
