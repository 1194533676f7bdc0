"""`explain` of searches, hybrid searches and queries."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from aiomilvus import (
    AnnSearchRequest,
    DataType,
    MilvusClient,
    MilvusException,
    RRFRanker,
)
from aiomilvus.engine.opening import open_database
from aiomilvus.expr.builder import col

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.behaviour.conftest import Door

ROWS: list[dict[str, Any]] = [
    {"id": n, "vector": [n % 50, n // 50], "kind": f"k{n % 20}", "price": n} for n in range(2000)
]


@pytest.fixture
def goods(tmp_path: Path) -> Iterator[MilvusClient]:
    with MilvusClient(str(tmp_path / "goods.db")) as client:
        schema = client.create_schema()
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=2)
        schema.add_field("kind", DataType.VARCHAR, max_length=16)
        schema.add_field("price", DataType.INT64)
        client.create_collection("goods", schema=schema)
        client.insert("goods", ROWS)
        client.flush("goods")
        index = client.prepare_index_params("vector", index_type="HNSW", metric_type="L2")
        index.add_index("kind", index_type="INVERTED")
        client.create_index("goods", index)
        client.load_collection("goods")
        for name in ("vector", "kind"):
            while (client.describe_index("goods", name) or {})["pending_index_rows"]:
                time.sleep(0.01)  # built beside; the test's own timeout is the limit
        client.insert("goods", [{**row, "id": row["id"] + 5000} for row in ROWS[:100]])
        yield client


def test_a_filtered_search_tells_segments_selectivity_strategy_and_indexes(
    goods: MilvusClient,
) -> None:
    told = goods.explain("goods", data=[[1.0, 2.0]], filter='kind == "k3"', limit=5)
    assert (told.operation, told.collection) == ("search", "goods")
    (request,) = told.requests
    assert (request.field, request.index_type, request.metric) == ("vector", "HNSW", "L2")
    sealed, growing = told.segments
    assert (sealed.kind, sealed.rows, sealed.passing_rows) == ("sealed", 2000, 100)
    assert sealed.estimated_selectivity == sealed.actual_selectivity == 0.05
    assert (sealed.filtered_by, sealed.scalar_indexes) == ("index", ("kind",))
    # Once the compiled kernel has been loaded by other searches, codes are compared.
    assert sealed.strategy in {"exact over candidates", "masked codes"}
    assert "HNSW" in sealed.index
    assert (growing.kind, growing.rows, growing.passing_rows) == ("growing", 100, 5)
    assert growing.estimated_selectivity is None
    assert (growing.filtered_by, growing.strategy) == ("scan", "exact over candidates")
    assert told.actual_microseconds > 0
    assert sealed.search_microseconds > 0


def test_an_unfiltered_search_takes_the_index_and_a_mixed_filter_says_so(
    goods: MilvusClient,
) -> None:
    sealed, growing = goods.explain("goods", data=[[1.0, 2.0]]).segments
    assert (sealed.strategy, sealed.filtered_by) == ("index", "")
    assert growing.strategy == "exact"
    text = 'kind in ["k1", "k2"] and price % 2 == 0'
    mixed = goods.explain("goods", data=[[1.0, 2.0]], filter=text).segments[0]
    assert mixed.filtered_by == "index and scan"
    assert mixed.estimated_selectivity == 0.1
    assert mixed.actual_selectivity == 0.05
    assert goods.explain("goods", filter='not (kind == "k1")').segments[0].scalar_indexes


def test_queries_tell_counts_in_indexes_from_filters_and_keys(goods: MilvusClient) -> None:
    def strategies(**given: Any) -> list[str]:
        return [segment.strategy for segment in goods.explain("goods", **given).segments]

    counted = ["count(*)"]
    assert strategies(filter='kind == "k1"', output_fields=counted) == ["count in index", "filter"]
    assert strategies(filter="price > 7", output_fields=counted) == ["filter", "filter"]
    assert strategies(filter=col("price") > 7) == ["filter", "filter"]
    assert strategies(ids=[1, 2]) == ["keys", "keys"]
    assert strategies(limit=3) == ["all rows", "all rows"]
    goods.delete("goods", ids=[1])
    assert strategies(filter='kind == "k1"', output_fields=counted)[0] == "filter"


def test_a_count_in_an_index_names_the_index_and_no_scan(goods: MilvusClient) -> None:
    index = goods.prepare_index_params("price", index_type="STL_SORT", index_name="prices")
    goods.create_index("goods", index)
    half = "price > 999"  # so many rows a scan finds faster, but it does not count faster
    assert goods.explain("goods", filter=half).segments[0].filtered_by == "scan"
    told = goods.explain("goods", filter=half, output_fields=["count(*)"])
    sealed, growing = told.segments
    assert (sealed.strategy, sealed.filtered_by) == ("count in index", "index")
    assert (sealed.scalar_indexes, sealed.passing_rows) == (("prices",), 1000)
    assert (growing.strategy, growing.filtered_by) == ("filter", "scan")
    assert "filter by index (prices): 1,000 rows pass" in str(told)


def test_files_that_have_to_be_opened_first_are_no_part_of_an_estimate(
    goods: MilvusClient, tmp_path: Path
) -> None:
    goods.close()
    with MilvusClient(str(tmp_path / "goods.db")) as again:
        first = again.explain("goods", data=[[1.0, 2.0]])
        second = again.explain("goods", data=[[1.0, 2.0]])
        assert first.estimated_microseconds < 10 * second.estimated_microseconds < 100_000


def test_hybrid_search_tells_each_of_its_requests(goods: MilvusClient) -> None:
    reqs = [
        AnnSearchRequest([[1.0, 2.0]], "vector", {}, 5, expr=text) for text in ("price > 5", "")
    ]
    told = goods.explain("goods", reqs=reqs, ranker=RRFRanker())
    assert told.operation == "hybrid_search"
    assert [request.filter for request in told.requests] == ["price > 5", ""]
    assert len(told.segments) == 4


def test_an_explanation_prints_and_is_plain_data(goods: MilvusClient) -> None:
    told = goods.explain("goods", data=[[1.0, 2.0]], filter='kind == "k3"')
    shown = str(told)
    assert shown.startswith("search on goods, snapshot")
    assert "filter by index (kind): 100 rows pass, 5.00% (estimated 5.00%)" in shown
    assert re.search("(exact over candidates|masked codes) by faiss HNSW", shown)
    plain = told.to_dict()
    assert plain["requests"][0]["segments"][0]["scalar_indexes"] == ["kind"]
    assert type(plain["requests"][0]["segments"][1]["rows"]) is int


def test_what_the_operation_refuses_explain_refuses(goods: MilvusClient) -> None:
    with pytest.raises(MilvusException, match="field nothing not exist"):
        goods.explain("goods", filter="nothing == 1")
    with pytest.raises(MilvusException, match="empty expression should be used with limit"):
        goods.explain("goods")
    with pytest.raises(TypeError, match="limt"):
        goods.explain("goods", filter="price > 1", limt=3)  # type: ignore[call-arg]  # a mistake


async def test_every_client_explains_reads(client: Door) -> None:
    await client.create_collection("c", dimension=2)
    await client.insert("c", [{"id": 1, "vector": [1.0, 2.0]}])
    found = await client.explain("c", data=[[1.0, 2.0]], filter="id > 0", limit=1)
    assert (found.operation, found.collection) == ("search", "c")
    assert [(segment.rows, segment.passing_rows) for segment in found.segments] == [(1, 1)]
    parts = [AnnSearchRequest([[1.0, 2.0]], "vector", {}, limit=1) for _ in range(2)]
    hybrid = await client.explain("c", reqs=parts, ranker=RRFRanker(), limit=1)
    assert (hybrid.operation, len(hybrid.requests)) == ("hybrid_search", 2)
    assert (await client.explain("c", filter="id > 0")).operation == "query"
    assert str(found).startswith("search on c, snapshot")
    with pytest.raises(MilvusException, match="id >"):
        await client.explain("c", filter="id >")
    with pytest.raises(MilvusException, match="collection=nothing"):
        await client.explain("nothing", data=[[1.0, 2.0]])


def test_an_explanation_tells_what_is_compared_and_how_much_of_the_index_is_searched(
    goods: MilvusClient,
) -> None:
    asked = {"data": [[1.0, 2.0]], "limit": 5}
    sealed, growing = goods.explain("goods", **asked, search_params={"ef": 70}).segments  # type: ignore[arg-type]  # as given
    assert sealed.compares.endswith("vectors")
    assert sealed.ef == 70
    assert (growing.compares, growing.ef) == ("vectors", 0)
    assert sealed.estimated_search_microseconds > 0
    assert "comparing" in str(goods.explain("goods", **asked))  # type: ignore[arg-type]  # as given
    assert goods.explain("goods", limit=3).segments[0].compares == ""


def test_filtered_searches_for_elements_are_explained(tmp_path: Path) -> None:
    with MilvusClient(str(tmp_path / "elements.db")) as client:
        schema = client.create_schema()
        schema.add_field("id", DataType.INT64, is_primary=True)
        chunk = client.create_struct_field_schema()
        chunk.add_field("v", DataType.FLOAT_VECTOR, dim=2)
        schema.add_field(
            "chunks",
            datatype=DataType.ARRAY,
            element_type=DataType.STRUCT,
            struct_schema=chunk,
            max_capacity=4,
        )
        index = client.prepare_index_params("chunks[v]", index_type="HNSW", metric_type="L2")
        client.create_collection("c", schema=schema, index_params=index)
        rows = [{"id": n, "chunks": [{"v": [n, 1.0]}, {"v": [n, 2.0]}]} for n in range(9)]
        client.insert("c", rows)
        (told,) = client.explain(
            "c", data=[[1.0, 2.0]], anns_field="chunks[v]", filter="id > 6", limit=3
        ).segments
        assert (told.passing_rows, told.strategy) == (2, "exact over candidates")


def test_the_strategy_is_what_the_search_does_not_what_was_built(tmp_path: Path) -> None:
    path = tmp_path / "kinds.db"
    with MilvusClient(str(path)) as client:
        schema = client.create_schema()
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("bits", DataType.BINARY_VECTOR, dim=16)
        schema.add_field("v", DataType.FLOAT_VECTOR, dim=32)
        schema.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
        index = client.prepare_index_params("v", index_type="HNSW", metric_type="L2")
        index.add_index("bits", "BIN_IVF_FLAT", metric_type="HAMMING", params={"nlist": 32})
        index.add_index("words", "SPARSE_INVERTED_INDEX", metric_type="IP")
        client.create_collection("c", schema=schema, index_params=index)
        random = np.random.default_rng(1)
        vectors = random.standard_normal((3000, 32), np.float32)
        bits = random.integers(0, 256, (3000, 2), np.uint8)

        def strategies(field: str, query: Any, **given: Any) -> list[str]:
            told = client.explain("c", data=[query], anns_field=field, limit=5, **given)
            return [segment.strategy for segment in told.segments]

        def add(first: int) -> None:
            client.insert(
                "c",
                [
                    {"id": n, "v": vectors[n], "bits": bits[n].tobytes(), "words": {n % 9: 1.0}}
                    for n in range(first, first + 1500)
                ],
            )

        add(0)
        assert strategies("words", {3: 1.0}) == ["exact"], "its rows are too few for an index"
        client.flush("c")
        client.optimize("c")
        client.insert("c", [{"id": 3000, "v": vectors[0], "bits": b"ab", "words": {3: 1.0}}])
        assert strategies("v", vectors[0]) == ["index", "exact"]
        add(1500)
        database = open_database(path)
        database.local.wait_idle()
        database.close()
        assert strategies("v", vectors[0]) == ["index", "index"], "there is a graph that grows"
        few, many = "id % 100 == 0", "id >= 0"
        assert strategies("v", vectors[0], filter=few) == ["exact over candidates"] * 2
        assert strategies("bits", b"ab", filter=few) == ["exact over candidates"] * 2
        assert strategies("bits", b"ab", filter=many) == ["index", "exact"]
        within = {"radius": 9.0}
        assert strategies("bits", b"ab", search_params=within) == ["exact", "exact"]


def test_a_database_that_denies_reading_denies_explain(goods: MilvusClient) -> None:
    assert goods.explain("goods", filter="price < 10", limit=3) is not None
    goods.alter_database_properties("default", {"database.force.deny.reading": True})
    with pytest.raises(MilvusException, match="reading has been disabled") as denied:
        goods.explain("goods", filter="price < 10", limit=3)
    assert denied.value.code == 9
