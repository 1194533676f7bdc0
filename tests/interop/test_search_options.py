"""pymilvus asks our server for everything a search can ask for, and reads the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pymilvus
import pytest
from pymilvus.function_chain import FunctionChain, FunctionChainStage, col, fn

from tests.support.serving import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROWS = [
    {"pk": 1, "v": [1.0, 0.0], "brand": "A", "age": 0, "text": "red shoes for running"},
    {"pk": 2, "v": [0.8, 0.0], "brand": "B", "age": 10, "text": "blue shoes"},
    {"pk": 3, "v": [0.6, 0.0], "brand": "A", "age": 20, "text": "a running watch"},
]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    path: Path = tmp_path_factory.mktemp("search") / "test.db"
    with serving(path) as uri:
        made = pymilvus.MilvusClient(uri)
        schema = made.create_schema()
        schema.add_field("pk", pymilvus.DataType.INT64, is_primary=True)
        schema.add_field("v", pymilvus.DataType.FLOAT_VECTOR, dim=2)
        schema.add_field("brand", pymilvus.DataType.VARCHAR, max_length=20)
        schema.add_field("age", pymilvus.DataType.INT64)
        schema.add_field("text", pymilvus.DataType.VARCHAR, max_length=200, enable_analyzer=True)
        schema.add_field("words", pymilvus.DataType.SPARSE_FLOAT_VECTOR)
        bm25 = pymilvus.Function("bm25", pymilvus.FunctionType.BM25, ["text"], ["words"])
        schema.add_function(bm25)
        index = made.prepare_index_params()
        index.add_index("v", index_type="FLAT", metric_type="IP")
        index.add_index("words", index_type="AUTOINDEX", metric_type="BM25")
        made.create_collection("c", schema=schema, index_params=index)
        made.insert("c", ROWS)
        yield made
        made.close()


def search(client: Any, **options: Any) -> list[tuple[int, float]]:
    found = client.search("c", [[1.0, 0.0]], anns_field="v", **options)
    return [(hit["pk"], round(hit["distance"], 3)) for hit in found[0]]


def rerank(inputs: list[str], **params: Any) -> pymilvus.Function:
    return pymilvus.Function("f", pymilvus.FunctionType.RERANK, inputs, params=params)


def test_decay_and_boosts_rerank_a_search(client: Any) -> None:
    decay = rerank(["age"], reranker="decay", function="exp", origin=20, scale=10)
    assert search(client, ranker=decay) == [(3, 0.6), (2, 0.4), (1, 0.25)]
    boosts = [
        rerank([], reranker="boost", filter="brand == 'B'", weight=2.0),
        rerank([], reranker="boost", filter="age > 5", weight=0.5, random_score={"seed": 1}),
    ]
    modes = {"function_mode": "sum", "boost_mode": "sum"}
    found = search(client, ranker=pymilvus.FunctionScore(boosts, modes))
    assert found[0][0] == 2
    assert 2.8 <= found[0][1] < 3.3


def test_a_function_chain_reranks_a_search(client: Any) -> None:
    chain = (
        FunctionChain(FunctionChainStage.L2_RERANK)
        .map("fresh", fn.decay(col("age"), function="linear", origin=20, scale=20))
        .map("$score", fn.num_combine(col("$score"), col("fresh"), mode="avg"))
        .map("$score", fn.round_decimal(col("$score"), decimal=3))
        .sort("$score", tie_break_col="$id")
        .limit(2)
    )
    assert search(client, function_chains=chain) == [(3, 0.8), (2, 0.775)]


def test_highlights_are_shown_as_pymilvus_shows_them(client: Any) -> None:
    highlighter = pymilvus.LexicalHighlighter(
        highlight_search_text=True, pre_tags=["{"], post_tags=["}"], fragment_size=30
    )
    found = client.search("c", ["running"], anns_field="words", highlighter=highlighter)
    assert {hit["pk"]: hit["highlight"] for hit in found[0]} == {
        1: {"text": {"fragments": ["{running}"], "scores": []}},
        3: {"text": {"fragments": ["{running} watch"], "scores": []}},
    }


def test_buckets_are_read_by_pymilvus(client: Any) -> None:
    aggregation = pymilvus.SearchAggregation(
        fields=["brand"],
        size=2,
        metrics={"oldest": {"max": "age"}, "mean": {"avg": "age"}},
        order=[{"oldest": "desc"}],
        top_hits=pymilvus.TopHits(size=2, sort=[{"age": "desc"}]),
        sub_aggregation=pymilvus.SearchAggregation(["age"], 2),
    )
    found = client.search(
        "c",
        [[1.0, 0.0], [0.0, 1.0]],
        anns_field="v",
        search_aggregation=aggregation,
        output_fields=["text"],
    )
    assert [len(buckets) for buckets in found.agg_buckets] == [2, 2]
    first = found.agg_buckets[0][0]
    assert first.key == [{"field_name": "brand", "field_id": 102, "value": "A"}]
    assert (first.count, first.metrics) == (2, {"oldest": 20, "mean": 10.0})
    assert [(hit.pk, hit.fields["text"]) for hit in first.hits] == [
        (3, "a running watch"),
        (1, "red shoes for running"),
    ]
    assert [bucket.key[0]["value"] for bucket in first.sub_groups] == [0, 20]


def test_hybrid_searches_are_fused_grouped_and_cut(client: Any) -> None:
    requests = [
        pymilvus.AnnSearchRequest([[1.0, 0.0]], "v", {}, 3),
        pymilvus.AnnSearchRequest(["running"], "words", {}, 3),
    ]
    found = client.hybrid_search("c", requests, rerank([], reranker="rrf", k=10), limit=2)
    scores = {hit["pk"]: hit["distance"] for hit in found[0]}
    assert scores == pytest.approx({1: 1 / 11 + 1 / 12, 3: 1 / 13 + 1 / 11})
    ranker = pymilvus.WeightedRanker(1.0, 0.0, norm_score=False)
    found = client.hybrid_search(
        "c", requests, ranker, limit=2, group_by_field="brand", group_size=2
    )
    assert [hit["pk"] for hit in found[0]] == [1, 3, 2]


def test_search_params_may_be_those_of_a_search_request(client: Any) -> None:
    given = {"data": [], "param": {"radius": 0.7}, "limit": 1}
    assert search(client, limit=3, search_params=given) == [(1, 1.0), (2, 0.8)]
