"""Milvus' limits: the greatest value that passes, and the first that is refused.

Each refusal is looked at twice: its class and code, and that it left nothing behind.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from aiomilvus import AnnSearchRequest, DataType, MilvusException, RRFRanker, WeightedRanker
from aiomilvus.errors import ErrorCode, IndexDuplicateError

INVALID = ErrorCode.INVALID_PARAMETER


def schema_with(client: Any, *fields: tuple[str, DataType, dict[str, Any]]) -> Any:
    """Return a schema with a key, a vector, and `fields`."""
    schema = client.raw.create_schema()
    schema.add_field("pk", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=2)
    for name, kind, options in fields:
        schema.add_field(name, kind, **options)
    return schema


async def made(client: Any, *fields: tuple[str, DataType, dict[str, Any]]) -> str:
    """Make collection `c` with a FLAT index, and two rows when it has no further fields."""
    params = client.raw.prepare_index_params()
    params.add_index("vector", index_type="FLAT", metric_type="L2")
    for name, kind, _ in fields:
        if "VECTOR" in kind.name:
            params.add_index(name, index_type="AUTOINDEX")
    await client.create_collection("c", schema=schema_with(client, *fields), index_params=params)
    if not fields:
        await client.insert("c", [{"pk": n, "vector": [float(n), 0.0]} for n in range(2)])
    return "c"


async def refused(call: Any, code: int = INVALID) -> MilvusException:
    """Return the error of a call that must fail with `code`."""
    with pytest.raises(MilvusException) as caught:
        await call
    assert caught.value.code == code, caught.value
    return caught.value


async def test_a_collection_name_has_at_most_255_bytes(client: Any) -> None:
    await client.create_collection("x" * 255, dimension=2)
    await refused(client.create_collection("x" * 256, dimension=2))
    assert await client.list_collections() == ["x" * 255]


@pytest.mark.parametrize("name", ["x" * 256, "a-b", "1a", "é"])
async def test_a_field_name_keeps_milvus_rules(client: Any, name: str) -> None:
    schema = schema_with(client, (name, DataType.INT64, {}))
    error = await refused(
        client.create_collection("c", schema=schema), ErrorCode.FIELD_INVALID_NAME
    )
    assert name in str(error)
    assert not await client.has_collection("c")


@pytest.mark.parametrize(("name", "passes"), [("x" * 255, True), ("1-a", True), ("x" * 256, False)])
async def test_a_partition_name_keeps_milvus_rules(client: Any, name: str, passes: bool) -> None:
    await made(client)
    if passes:
        await client.create_partition("c", name)
    else:
        await refused(client.create_partition("c", name))
    assert await client.has_partition("c", "_default")
    assert (name in await client.list_partitions("c")) is passes


@pytest.mark.parametrize("name", ["x" * 256, "a-b", "1a"])
async def test_an_alias_and_a_database_name_keep_milvus_rules(client: Any, name: str) -> None:
    await made(client)
    await refused(client.create_alias("c", name))
    await refused(client.create_database(name), ErrorCode.DATABASE_INVALID_NAME)
    listed = await client.list_aliases("c")  # a dict when synchronous, as in pymilvus
    assert (listed["aliases"] if isinstance(listed, dict) else listed) == []
    assert await client.list_databases() == ["default"]


async def test_a_collection_has_at_most_64_fields(client: Any) -> None:
    scalars: list[tuple[str, DataType, dict[str, Any]]] = [
        (f"f{n}", DataType.INT64, {}) for n in range(63)
    ]
    await client.create_collection("most", schema=schema_with(client, *scalars[:62]))
    await refused(client.create_collection("more", schema=schema_with(client, *scalars)))
    assert await client.list_collections() == ["most"]


async def test_a_collection_has_at_most_10_vector_fields(client: Any) -> None:
    vectors = [(f"v{n}", DataType.FLOAT_VECTOR, {"dim": 2}) for n in range(10)]
    await client.create_collection("most", schema=schema_with(client, *vectors[:9]))
    await refused(client.create_collection("more", schema=schema_with(client, *vectors)))
    assert await client.list_collections() == ["most"]


@pytest.mark.parametrize(
    ("kind", "dim", "passes"),
    [
        (DataType.FLOAT_VECTOR, 32_768, True),
        (DataType.FLOAT_VECTOR, 32_769, False),
        (DataType.FLOAT_VECTOR, 1, False),
        (DataType.FLOAT16_VECTOR, 32_769, False),
        (DataType.INT8_VECTOR, 1, False),
        (DataType.BINARY_VECTOR, 8, True),
        (DataType.BINARY_VECTOR, 12, False),
    ],
)
async def test_a_dimension_keeps_milvus_range(
    client: Any, kind: DataType, dim: int, passes: bool
) -> None:
    schema = schema_with(client, ("v", kind, {"dim": dim}))
    if passes:
        await client.create_collection("c", schema=schema)
    else:
        await refused(client.create_collection("c", schema=schema))
    assert await client.has_collection("c") is passes


@pytest.mark.parametrize(
    ("kind", "options", "passes"),
    [
        (DataType.VARCHAR, {"max_length": 65_535}, True),
        (DataType.VARCHAR, {"max_length": 65_536}, False),
        (DataType.VARCHAR, {"max_length": 0}, False),
        (DataType.ARRAY, {"element_type": DataType.INT8, "max_capacity": 4_096}, True),
        (DataType.ARRAY, {"element_type": DataType.INT8, "max_capacity": 4_097}, False),
        (DataType.ARRAY, {"element_type": DataType.INT8, "max_capacity": 0}, False),
    ],
)
async def test_a_declared_length_keeps_milvus_range(
    client: Any, kind: DataType, options: dict[str, Any], passes: bool
) -> None:
    schema = schema_with(client, ("f", kind, options))
    if passes:
        await client.create_collection("c", schema=schema)
    else:
        await refused(client.create_collection("c", schema=schema))
    assert await client.has_collection("c") is passes


@pytest.mark.parametrize(
    ("kind", "options", "fits", "too_much"),
    [
        (DataType.VARCHAR, {"max_length": 4}, "éé", "ééé"),
        (DataType.ARRAY, {"element_type": DataType.INT8, "max_capacity": 2}, [1, 2], [1, 2, 3]),
        (
            DataType.ARRAY,
            {"element_type": DataType.VARCHAR, "max_capacity": 2, "max_length": 2},
            ["é"],
            ["éa"],
        ),
        (DataType.INT8, {}, -128, -129),
        (DataType.INT16, {}, 32_767, 32_768),
        (DataType.INT32, {}, -(2**31), 2**31),
        (DataType.INT64, {}, 2**63 - 1, 2**63),
        (DataType.FLOAT, {}, 3.4e38, float("inf")),
        (DataType.DOUBLE, {}, 1e308, float("nan")),
        (DataType.FLOAT_VECTOR, {"dim": 2}, [1.0, 2.0], [1.0, float("nan")]),
        (DataType.FLOAT_VECTOR, {"dim": 2}, [1.0, 2.0], [1.0, float("inf")]),
        (DataType.FLOAT_VECTOR, {"dim": 2}, [1.0, 2.0], [1.0, 2.0, 3.0]),
        (DataType.INT8_VECTOR, {"dim": 2}, np.array([-128, 127], np.int8), [1, 2, 3]),
        (DataType.BINARY_VECTOR, {"dim": 8}, b"\x01", b"\x01\x02"),
        (DataType.SPARSE_FLOAT_VECTOR, {}, {2**32 - 2: 1.0}, {2**32 - 1: 1.0}),
        (DataType.SPARSE_FLOAT_VECTOR, {}, {1: 0.5}, {1: -0.5, 2: float("nan")}),
        (DataType.SPARSE_FLOAT_VECTOR, {}, {0: 1.0}, {-1: 1.0}),
    ],
)
async def test_a_value_beyond_its_field_is_refused_with_row_and_field_and_nothing_written(
    client: Any, kind: DataType, options: dict[str, Any], fits: Any, too_much: Any
) -> None:
    await made(client, ("f", kind, options))
    good = {"pk": 1, "vector": [0.0, 1.0], "f": fits}
    with pytest.raises(MilvusException, match="f"):
        await client.insert("c", [good, {**good, "pk": 2, "f": too_much}])
    assert await client.query("c", "pk >= 0") == []
    await client.insert("c", [good])
    assert len(await client.query("c", "pk >= 0")) == 1


@pytest.mark.parametrize(
    ("options", "passes"),
    [
        ({"limit": 16_384}, True),
        ({"limit": 16_385}, False),
        ({"limit": 0}, False),
        ({"limit": 16_383, "search_params": {"offset": 1}}, True),
        ({"limit": 16_384, "search_params": {"offset": 1}}, False),
        ({"limit": 1, "search_params": {"offset": -1}}, False),
        ({"limit": 1, "round_decimal": 6}, True),
        ({"limit": 1, "round_decimal": 7}, False),
        ({"limit": 1, "round_decimal": -2}, False),
    ],
)
async def test_a_search_keeps_milvus_limits(
    client: Any, options: dict[str, Any], passes: bool
) -> None:
    await made(client)
    call = client.search("c", [[0.0, 0.0]], anns_field="vector", **options)
    if passes:
        assert (await call)[0]
    else:
        await refused(call)


async def test_a_collection_of_large_results_returns_a_million_hits(client: Any) -> None:
    await made(client)
    with pytest.raises(IndexDuplicateError, match="can not alter query_mode if") as caught:
        await client.alter_collection_properties("c", {"query_mode": "large_topk"})
    assert caught.value.code == 702
    await in_mode(client, ["query_mode"], {"query_mode": "large_topk"})
    asked = {"data": [[0.0, 0.0]], "anns_field": "vector"}
    assert (await client.search("c", **asked, limit=1_000_000))[0]
    await refused(client.search("c", **asked, limit=1_000_001))
    assert await client.search("c", **asked, limit=999_990, search_params={"offset": 10}) == [[]]
    request = AnnSearchRequest([[0.0, 0.0]], "vector", {"metric_type": "L2"}, 20_000)
    assert (await client.hybrid_search("c", [request], RRFRanker(), limit=20_000))[0]
    assert len(await client.query("c", filter="", limit=1_000_000)) == 2
    await refused(client.query("c", filter="", limit=1_000_001))
    with pytest.raises(IndexDuplicateError, match="can not alter query_mode if"):
        await client.drop_collection_properties("c", ["query_mode"])
    await in_mode(client, ["query_mode"], {})
    await refused(client.search("c", **asked, limit=16_385))


async def in_mode(client: Any, dropped: list[str], given: dict[str, str]) -> None:
    """Give a collection, or take from it, what only one without a vector index may change."""
    await client.release_collection("c")
    await client.drop_index("c", "vector")
    if given:
        await client.alter_collection_properties("c", given)
    else:
        await client.drop_collection_properties("c", dropped)
    params = client.raw.prepare_index_params()
    params.add_index("vector", metric_type="L2")
    await client.create_index("c", params)
    await client.load_collection("c")


async def test_a_search_takes_16384_vectors_and_none_more(client: Any) -> None:
    await made(client)
    queries = np.zeros((16_385, 2), np.float32)
    assert len(await client.search("c", queries[:-1], limit=1)) == 16_384
    await refused(client.search("c", queries, limit=1))
    await refused(client.search("c", np.zeros((1, 3), np.float32), limit=1))


@pytest.mark.parametrize(("size", "passes"), [(10, True), (11, False), (0, False), (-1, False)])
async def test_a_group_has_at_most_10_hits(client: Any, size: int, passes: bool) -> None:
    await made(client, ("g", DataType.INT64, {}))
    await client.insert("c", [{"pk": n, "vector": [0.0, 1.0], "g": 1} for n in range(12)])
    call = client.search("c", [[0.0, 0.0]], limit=1, group_by_field="g", group_size=size)
    if passes:
        assert len((await call)[0]) == 10
    else:
        await refused(call)


@pytest.mark.parametrize(
    ("options", "passes"),
    [
        ({"limit": 16_384}, True),
        ({"limit": 16_385}, False),
        ({"limit": 16_384, "offset": 1}, False),
        ({"limit": -1}, False),
        ({"limit": 1, "offset": -1}, False),
        ({}, False),
    ],
)
async def test_a_query_keeps_milvus_limits(
    client: Any, options: dict[str, Any], passes: bool
) -> None:
    await made(client)
    call = client.query("c", filter="", **options)
    if passes:
        assert len(await call) == 2
    else:
        await refused(call)


@pytest.mark.parametrize(
    ("ranker", "passes"),
    [
        (RRFRanker(16_383), True),
        (RRFRanker(16_384), False),
        (RRFRanker(0), False),
        (WeightedRanker(0.0, 1.0), True),
        (WeightedRanker(0.5, 1.1), False),
        (WeightedRanker(0.5, -0.1), False),
        (WeightedRanker(0.5), False),
    ],
)
async def test_a_ranker_keeps_milvus_range(client: Any, ranker: Any, passes: bool) -> None:
    await made(client)
    request = AnnSearchRequest([[0.0, 0.0]], "vector", {"metric_type": "L2"}, 2)
    call = client.hybrid_search("c", [request, request], ranker, limit=2)
    if passes:
        assert len((await call)[0]) == 2
    else:
        await refused(call)


@pytest.mark.parametrize(
    ("index_type", "params", "passes"),
    [
        ("HNSW", {"M": 2_048, "efConstruction": 1}, True),
        ("HNSW", {"M": 2_049, "efConstruction": 100}, False),
        ("HNSW", {"M": 1, "efConstruction": 100}, False),
        ("HNSW", {"M": 16, "efConstruction": 0}, False),
        ("IVF_FLAT", {"nlist": 65_536}, True),
        ("IVF_FLAT", {"nlist": 65_537}, False),
        ("IVF_FLAT", {"nlist": 0}, False),
        ("IVF_PQ", {"nlist": 16, "m": 3, "nbits": 8}, False),
        ("IVF_PQ", {"nlist": 16, "m": 2, "nbits": 25}, False),
        ("NONSENSE", {}, False),
    ],
)
async def test_index_parameters_keep_milvus_ranges(
    client: Any, index_type: str, params: dict[str, int], passes: bool
) -> None:
    await client.create_collection("c", schema=schema_with(client))
    wanted = client.raw.prepare_index_params()
    wanted.add_index("vector", index_type=index_type, metric_type="L2", params=params)
    if passes:
        await client.create_index("c", wanted)
    else:
        await refused(client.create_index("c", wanted))
    assert await client.list_indexes("c") == (["vector"] if passes else [])


async def test_there_are_at_most_64_databases(client: Any) -> None:
    for number in range(63):
        await client.create_database(f"d{number}")
    await refused(client.create_database("more"), ErrorCode.DATABASE_NUM_LIMIT)
    assert len(await client.list_databases()) == 64
