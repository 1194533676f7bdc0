"""Parameters of reads, each with a value that it takes and one that is refused: none is ignored.

Those of indexes: test_index_parameters.py. Names and values are those of Milvus 3.0.
"""

from __future__ import annotations

from typing import Any

import pytest

from aiomilvus import DataType, Function, FunctionType
from aiomilvus.errors import MilvusException

OF_BOTH: dict[str, tuple[Any, Any]] = {
    "filter_params": ({"n": 1}, [1]),
    "expr_params": ({"n": 1}, [1]),
    "consistency_level": ("Strong", "Perhaps"),
    "guarantee_timestamp": (1, -1),
    "timezone": ("Asia/Tokyo", "Nowhere/Land"),
    "time_fields": ("year,month", "century"),
    "order_by_fields": ([{"field": "k", "order": "desc"}], [{"field": "nothing"}]),
    "partition_names": (["_default"], ["nothing"]),
    "output_fields": (["k"], [5]),
    "limit": (3, -1),
    "offset": (1, -1),
    "cluster_id": ("", 5),
    "at": (None, -1),
    "namespace": (None, "tenant"),
}
OF_SEARCHES: dict[str, tuple[Any, Any]] = {
    "anns_field": ("v", "nothing"),
    "round_decimal": (3, 7),
    "group_by_field": ("k", "nothing"),
    "search_params": ({"metric_type": "L2"}, {"metric_type": "COSINE"}),
    "ranker": (None, "rrf"),
    "highlighter": (None, "marker"),
    "search_aggregation": (None, "k"),
    "function_chains": (None, "chain"),
}
AMONG_SEARCH_PARAMS: dict[str, tuple[Any, Any]] = {
    "radius": (9.0, "far"),
    "range_filter": (0.0, "near"),
    "round_decimal": (3, 7),
    "group_by_field": ("k", "nothing"),
    "hints": ("iterative_filter", "faster"),
    "metric_type": ("L2", "COSINE"),
    "offset": (1, -1),
}
OF_QUERIES: dict[str, tuple[Any, Any]] = {
    "ids": ([1], [{}]),
    "reduce_stop_for_best": (True, "perhaps"),
}


@pytest.fixture
async def rows(client: Any) -> Any:
    schema = client.raw.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("k", DataType.INT64)
    schema.add_field("at", DataType.TIMESTAMPTZ)
    schema.add_field("body", DataType.VARCHAR, max_length=99, enable_analyzer=True)
    schema.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_function(Function("f", FunctionType.BM25, ["body"], ["words"]))
    index = client.raw.prepare_index_params()
    index.add_index("v", index_type="FLAT", metric_type="L2")
    index.add_index("words", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
    await client.create_collection("c", schema=schema, index_params=index)
    at = "2024-01-01T00:00:00Z"
    made = [{"id": k, "v": [k, 0.0], "k": k % 2, "at": at, "body": "a fox"} for k in range(6)]
    await client.insert("c", made)
    return client


async def search(client: Any, **given: Any) -> Any:
    given = {"anns_field": "v", "limit": 3, "output_fields": ["at"], **given}
    return await client.search("c", [[0.0, 0.0]], **given)


async def query(client: Any, **given: Any) -> Any:
    given = {"filter": "id >= 0", "limit": 3, "output_fields": ["at"], **given}
    if "ids" in given:
        del given["filter"]
    return await client.query("c", **given)


async def tried(read: Any, client: Any, table: dict[str, tuple[Any, Any]]) -> None:
    for name, (good, bad) in table.items():
        if good is not None:
            assert await read(client, **{name: good}), name
        try:
            found = await read(client, **{name: bad})
        except (MilvusException, TypeError):
            continue
        pytest.fail(f"{name}={bad!r} found {found}")


async def test_no_parameter_of_a_search_is_ignored(rows: Any) -> None:
    await tried(search, rows, OF_BOTH)
    await tried(search, rows, OF_SEARCHES)


async def test_no_parameter_among_search_params_is_ignored(rows: Any) -> None:
    async def read(client: Any, **given: Any) -> Any:
        ring = {"radius": 9.0} if "range_filter" in given else {}
        return await search(client, search_params={**ring, **given})

    await tried(read, rows, AMONG_SEARCH_PARAMS)


async def test_no_parameter_of_a_query_is_ignored(rows: Any) -> None:
    await tried(query, rows, OF_BOTH)
    await tried(query, rows, OF_QUERIES)


async def test_a_text_search_takes_the_name_of_an_analyzer_where_there_are_several(
    rows: Any,
) -> None:
    with pytest.raises(MilvusException, match="analyzer"):
        await rows.search(
            "c", ["fox"], "", 3, None, {"analyzer_name": "klingon"}, anns_field="words"
        )
