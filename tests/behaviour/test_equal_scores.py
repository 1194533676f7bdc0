"""Hits of equal score come by ascending primary key, at every door and in every kind of search."""

from __future__ import annotations

import random
from typing import Any

import pytest

from aiomilvus import AnnSearchRequest, DataType, Function, FunctionType, RRFRanker, WeightedRanker
from aiomilvus.engine.query.search import ties

COUNT = 60


def key_of(number: int, kind: DataType) -> int | str:
    return number if kind is DataType.INT64 else f"a long common beginning {number:03d}"


async def made(client: Any, key: DataType = DataType.INT64, *, seal: bool = True) -> list[Any]:
    """Insert rows, all alike except for their keys, whose order is shuffled; return the keys."""
    schema = client.raw.create_schema()
    schema.add_field("pk", key, is_primary=True, max_length=100)
    schema.add_field("dense", DataType.FLOAT_VECTOR, dim=4)
    schema.add_field("bits", DataType.BINARY_VECTOR, dim=16)
    schema.add_field("weights", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_field("text", DataType.VARCHAR, max_length=100, enable_analyzer=True)
    schema.add_field("bm25", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_field("odd", DataType.BOOL)
    schema.add_function(Function("f", FunctionType.BM25, ["text"], ["bm25"]))
    index = client.raw.prepare_index_params()
    index.add_index("dense", index_type="FLAT", metric_type="L2")
    index.add_index("bits", index_type="BIN_FLAT", metric_type="HAMMING")
    index.add_index("weights", index_type="SPARSE_INVERTED_INDEX", metric_type="IP")
    index.add_index("bm25", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
    await client.create_collection("c", schema=schema, index_params=index)
    numbers = list(range(COUNT))
    random.Random(7).shuffle(numbers)
    rows = [
        {
            "pk": key_of(number, key),
            "dense": [1.0, 2.0, 3.0, 4.0],
            "bits": b"\x0f\xf0",
            "weights": {3: 0.5},
            "text": "the same words",
            "odd": number % 2 == 1,
        }
        for number in numbers
    ]
    await client.insert("c", rows[: COUNT // 2])
    if seal:
        await client.flush("c")
    await client.insert("c", rows[COUNT // 2 :])
    return [key_of(number, key) for number in range(COUNT)]


QUERIES: dict[str, Any] = {
    "dense": [1.0, 2.0, 3.0, 4.0],
    "bits": b"\x0f\xff",
    "weights": {3: 2.0},
    "bm25": "words",
}


async def found(client: Any, field: str, limit: int, **options: Any) -> list[Any]:
    hits = await client.search("c", [QUERIES[field]], anns_field=field, limit=limit, **options)
    return [hit["pk"] for hit in hits[0]]


@pytest.mark.parametrize("key", [DataType.INT64, DataType.VARCHAR])
async def test_each_of_many_queries_has_its_ties_broken_by_key(
    client: Any, key: DataType, monkeypatch: pytest.MonkeyPatch
) -> None:
    widened: list[int] = []

    def watched(wide: Any, *given: Any) -> Any:
        widened.append(len(wide))
        return settle(wide, *given)

    settle = ties._widened
    monkeypatch.setattr(ties, "_widened", watched)
    keys = await made(client, key)
    near, far = [1.0, 2.0, 3.0, 4.0], [0.0, 0.0, 0.0, 9.0]
    hits = await client.search("c", [near, far] * 100, anns_field="dense", limit=5)
    assert [[hit["pk"] for hit in each] for each in hits] == [keys[:5]] * 200
    assert [hits[0][0]["distance"], hits[1][0]["distance"]] == [0.0, 39.0]
    # A bound for the memory that it takes, however many queries there are.
    assert max(widened) <= ties._TOGETHER


@pytest.mark.parametrize("key", [DataType.INT64, DataType.VARCHAR])
async def test_every_kind_of_vector_breaks_ties_by_key(client: Any, key: DataType) -> None:
    keys = await made(client, key)
    for field in QUERIES:
        for limit in (1, 7, COUNT):
            assert await found(client, field, limit) == keys[:limit], field


async def test_growing_rows_alone_do_too(client: Any) -> None:
    keys = await made(client, seal=False)
    for field in QUERIES:
        assert await found(client, field, 9) == keys[:9], field


async def test_pages_do_not_overlap(client: Any) -> None:
    keys = await made(client)
    for field in QUERIES:
        pages = [await found(client, field, 7, offset=at) for at in range(0, COUNT, 7)]
        assert [key for page in pages for key in page] == keys, field


async def test_filters_and_ranges_keep_the_order(client: Any) -> None:
    keys = await made(client)
    assert await found(client, "dense", 5, filter="odd == true") == keys[1:11:2]
    params = {"params": {"radius": 1.0, "range_filter": 0.0}}
    assert await found(client, "dense", 5, search_params=params) == keys[:5]
    assert await found(client, "dense", 5, offset=5, search_params=params) == keys[5:10]


async def test_several_queries_at_once(client: Any) -> None:
    keys = await made(client)
    vectors = [QUERIES["dense"], [0.0, 0.0, 0.0, 1.0]]
    hits = await client.search("c", vectors, anns_field="dense", limit=4)
    assert [[hit["pk"] for hit in each] for each in hits] == [keys[:4], keys[:4]]


async def test_groups_are_those_of_the_first_keys(client: Any) -> None:
    keys = await made(client)
    groups = {"group_by_field": "odd", "group_size": 2, "strict_group_size": True}
    assert await found(client, "dense", 2, **groups) == [keys[at] for at in (0, 2, 1, 3)]


@pytest.mark.parametrize("ranker", [RRFRanker(), WeightedRanker(0.5, 0.5)])
async def test_hybrid_searches_break_ties_by_key(client: Any, ranker: Any) -> None:
    keys = await made(client)
    requests = [
        AnnSearchRequest([QUERIES[field]], field, {}, limit=COUNT) for field in ("dense", "bits")
    ]
    requests[0].param["metric_type"] = "L2"
    hits = await client.hybrid_search("c", requests, ranker=ranker, limit=8)
    assert [hit["pk"] for hit in hits[0]] == keys[:8]


async def test_iterators_do_too(client: Any) -> None:
    keys = await made(client)
    iterator = client.raw.search_iterator(
        "c", [QUERIES["dense"]], anns_field="dense", batch_size=9, limit=COUNT
    )
    if hasattr(iterator, "__await__"):
        iterator = await iterator
    batches = await client.batches(iterator)
    assert [hit["pk"] for batch in batches for hit in batch] == keys
