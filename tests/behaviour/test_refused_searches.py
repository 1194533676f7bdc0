"""Indexes, searches and queries that are refused, in Milvus' words, at every door."""

from __future__ import annotations

from typing import Any

import pytest

from aiomilvus import AnnSearchRequest, DataType, MilvusException, RRFRanker

QUERY = [[0.0, 1.0]]
LONG = "a" * 256


async def made(client: Any) -> None:
    """Make a collection "c" with vectors of several kinds, without indexes."""
    schema = client.raw.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("s", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_field("b", DataType.BINARY_VECTOR, dim=8)
    schema.add_field("i", DataType.INT8_VECTOR, dim=2)
    schema.add_field("n", DataType.INT64)
    await client.create_collection("c", schema=schema)


def index(client: Any, field: str, kind: str, metric: str = "", name: str = "", **more: Any) -> Any:
    params = client.raw.prepare_index_params()
    given = {"metric_type": metric} if metric else {}
    params.add_index(field, index_type=kind, index_name=name, params=more, **given)
    return params


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("v", "BIN_FLAT", "L2"), "data type FloatVector can't build with this index BIN_FLAT"),
        (("s", "HNSW", "IP"), "data type SparseFloatVector can't build with this index HNSW"),
        (("b", "FLAT", "HAMMING"), "data type BinaryVector can't build with this index FLAT"),
        (("s", "SPARSE_INVERTED_INDEX", "L2"), "only IP&BM25 is the supported metric type for sp"),
        (("i", "HNSW", "HAMMING"), "int vector index does not support metric type: HAMMING"),
        (("v", "FLAT", "L2", "1a"), "Invalid index name: 1a. The first character of a index name"),
        (("v", "FLAT", "L2", "a-b"), "Invalid index name: a-b. Index name can only contain numb"),
        (("v", "FLAT", "L2", LONG), f"Invalid index name: {LONG}. The length of a index name mus"),
    ],
)
async def test_an_index_that_may_not_be(client: Any, given: tuple[str, ...], said: str) -> None:
    await made(client)
    with pytest.raises(MilvusException) as caught:
        await client.create_index("c", index(client, *given))
    assert (caught.value.code, caught.value.message[: len(said)]) == (1100, said)
    assert await client.list_indexes("c") == []


async def test_the_name_of_an_index_is_kept_with_the_spaces_around_it(client: Any) -> None:
    await made(client)
    await client.create_index("c", index(client, "v", "FLAT", "L2", " a "))
    assert await client.list_indexes("c") == [" a "]
    assert (await client.describe_index("c", " a "))["index_name"] == " a "
    await client.drop_index("c", " a ")
    assert await client.list_indexes("c") == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"mmap.enabled": "perhaps"}, "invalid mmap type params: invalid mmap.enabled value: perh"),
        ({"warmup": "often"}, "invalid warmup params: invalid warmup policy: 'often'"),
        ({"M": 8}, "only metric type can be passed when use AutoIndex"),
    ],
)
async def test_parameters_that_may_not_be(client: Any, more: dict[str, Any], said: str) -> None:
    await made(client)
    with pytest.raises(MilvusException) as caught:
        await client.create_index("c", index(client, "v", "AUTOINDEX", "L2", **more))
    assert (caught.value.code, caught.value.message[: len(said)]) == (1100, said)


async def test_a_second_index_and_changes_of_one_that_is_loaded(client: Any) -> None:
    await made(client)
    await client.create_index("c", index(client, "v", "FLAT", "L2", "first[1]"))
    several = "CreateIndex failed: creating multiple indexes on same field is not supported"
    distinct = "CreateIndex failed: at most one distinct index is allowed per field"
    for given, said in (
        (("v", "HNSW", "L2", "second"), several),
        (("v", "HNSW", "L2", "first[1]"), distinct),
        (("n", "STL_SORT", "", "first[1]"), distinct),
    ):
        with pytest.raises(MilvusException) as caught:
            await client.create_index("c", index(client, *given))
        assert (caught.value.code, caught.value.message[: len(said)]) == (1100, said)
    with pytest.raises(MilvusException, match=r"there is no vector index on field: \[s b i\], p"):
        await client.load_collection("c")
    for field, kind, metric in (
        ("s", "SPARSE_INVERTED_INDEX", "IP"),
        ("b", "BIN_FLAT", "HAMMING"),
        ("i", "HNSW", "L2"),
    ):
        await client.create_index("c", index(client, field, kind, metric))
    await client.load_collection("c")
    with pytest.raises(MilvusException, match="can't alter index on loaded collection") as caught:
        await client.alter_index_properties("c", "first[1]", {"warmup": "sync"})
    assert caught.value.code == 104
    await client.release_collection("c")
    await client.alter_index_properties("c", "first[1]", {"warmup": "sync"})
    assert (await client.describe_index("c", "first[1]"))["warmup"] == "sync"
    with pytest.raises(MilvusException, match="M is not a configable index property"):
        await client.alter_index_properties("c", "first[1]", {"M": 5})


def part(limit: int = 3, queries: int = 1) -> AnnSearchRequest:
    return AnnSearchRequest(QUERY * queries, "vector", {}, limit)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda c: c.search("q", QUERY, limit=10, offset=16_380),
            "offset+topk [16390] is invalid, it should be in range [1, 16384], but got 16390",
        ),
        (
            lambda c: c.search("q", QUERY, group_by_field="id", group_size=11),
            "input group size:11 exceeds configured max group size:10",
        ),
        (
            lambda c: c.search("q", QUERY, group_by_field="id", group_size=-1),
            "input group size:-1 is negative, failed to do search_groupby",
        ),
        (
            lambda c: c.hybrid_search("q", [part(), part(queries=2)], RRFRanker()),
            "sub search request nq should be the same: invalid parameter[expected=1][actual=2]",
        ),
        (
            lambda c: c.hybrid_search("q", [part()], RRFRanker(), limit=16_385),
            "invalid max query result window, (offset+limit) should be in range [1, 16384], but",
        ),
        (
            lambda c: c.hybrid_search("q", [part()], RRFRanker(), offset=-1),
            "invalid max query result window, offset [-1] is invalid, should be gte than 0",
        ),
        (
            lambda c: c.query("q", "id > 0", output_fields=["sum(*)"]),
            "sum(*) is not supported, only count(*) is allowed",
        ),
        (
            lambda c: c.query("q", "id > 0", output_fields=["sum(other)"]),
            "target field other for aggregation:sum does not exist",
        ),
    ],
)
async def test_a_read_that_may_not_be(client: Any, call: Any, said: str) -> None:
    await client.create_collection("q", dimension=2)
    with pytest.raises(MilvusException) as caught:
        await call(client)
    assert caught.value.message[: len(said)] == said
    assert caught.value.code == 1100
