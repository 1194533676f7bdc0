"""Fusing the hits of several searches: ranks, normalised scores, windows, refused rankers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from aiomilvus.engine.query.candidates import Candidates
from aiomilvus.engine.query.rerank.fusion import Merge, is_larger_closer, normalised
from aiomilvus.engine.query.rerank.rank_plan import reranking_of
from aiomilvus.errors import ParamError
from aiomilvus.model.ranking import Rerank, Rrf, Weighted
from aiomilvus.model.schema import Field, FunctionSpec, Schema
from aiomilvus.model.types import DataType, FunctionType

SCHEMA = Schema(
    fields=(
        Field(id=100, name="pk", dtype=DataType.INT64, is_primary=True),
        Field(id=101, name="price", dtype=DataType.DOUBLE),
        Field(id=102, name="text", dtype=DataType.VARCHAR, max_length=10),
        Field(id=103, name="at", dtype=DataType.TIMESTAMPTZ),
    )
)


def function(inputs: tuple[str, ...] = (), **params: Any) -> Rerank:
    spec = FunctionSpec(name="f", type=FunctionType.RERANK, inputs=inputs, params=params)
    return Rerank(functions=(spec,))


def test_without_a_ranker_hits_of_a_hybrid_search_are_fused_by_rank() -> None:
    assert reranking_of(SCHEMA, None, 2).merge == Merge("rrf", k=60)
    assert reranking_of(SCHEMA, None, None).merge is None


@pytest.mark.parametrize("k", [0, -1, 16_384, float("nan")])
def test_a_rank_constant_out_of_range_is_refused(k: float) -> None:
    with pytest.raises(ParamError, match=r"rank params k should be in range \(0, 16384\)"):
        reranking_of(SCHEMA, Rrf(k=k), 2)


def test_weights_have_to_be_as_many_as_requests() -> None:
    with pytest.raises(ParamError, match="the length of weights param mismatch with ann search"):
        reranking_of(SCHEMA, Weighted(weights=(0.5,)), 2)


@pytest.mark.parametrize("weights", [(), (0.5,), (0.5, 0.5, 0.5)])
def test_ranks_are_weighted_by_one_weight_for_each_request(weights: tuple[float, ...]) -> None:
    for ranker in (Rrf(weights=weights), function(reranker="rrf", weights=list(weights))):
        with pytest.raises(ParamError, match="the length of weights param mismatch with ann"):
            reranking_of(SCHEMA, ranker, 2)


@pytest.mark.parametrize("weight", [-0.1, 1.1, float("nan"), float("inf")])
def test_a_weight_outside_0_to_1_is_refused(weight: float) -> None:
    for ranker in (Weighted(weights=(0.5, weight)), Rrf(weights=(0.5, weight))):
        with pytest.raises(ParamError, match=r"rank param weight should be in range \[0, 1\]"):
            reranking_of(SCHEMA, ranker, 2)


@pytest.mark.parametrize("weights", [None, "half", 0.5, ["x", 1]])
def test_weights_that_are_no_array_of_numbers_are_refused(weights: Any) -> None:
    with pytest.raises(ParamError, match="weight"):
        reranking_of(SCHEMA, function(reranker="rrf", weights=weights), 2)


@pytest.mark.parametrize("metric", ["L2", "HAMMING", "IP", "COSINE", "BM25", "MHJACCARD"])
def test_normalised_scores_lie_in_0_to_1_and_keep_the_order_of_closeness(metric: str) -> None:
    closer_first = np.array([1.0, 0.5, 0.25, 0.0], np.float32)
    if metric in ("L2", "HAMMING"):
        closer_first = closer_first[::-1].copy()
    scores = normalised(closer_first, metric)
    assert ((scores >= 0) & (scores <= 1)).all()
    assert (np.diff(scores) < 0).all()


def test_normalised_scores_are_milvus_numbers() -> None:
    one = np.array([1.0], np.float32)
    assert normalised(one, "L2").tolist() == pytest.approx([0.5])
    assert normalised(one, "IP").tolist() == pytest.approx([0.75])
    assert normalised(one, "COSINE").tolist() == pytest.approx([1.0])
    assert normalised(one, "BM25").tolist() == pytest.approx([0.5])


def test_plain_distances_alone_are_summed_and_the_smallest_is_best() -> None:
    plain = Merge("weighted", weights=(1.0, 1.0))
    assert not is_larger_closer(plain, ["L2", "L2"])
    assert is_larger_closer(plain, ["L2", "IP"])
    assert is_larger_closer(plain._replace(norm=True), ["L2", "L2"])
    assert is_larger_closer(plain._replace(directed=True), ["L2", "L2"])


def test_rerank_functions_take_their_parameters_as_values_or_as_text() -> None:
    values = function(reranker="weighted", weights=[0.1, 0.9], norm_score=True)
    texts = function(reranker="weighted", weights="[0.1,0.9]", norm_score="true")
    for ranker in (values, texts):
        merge = reranking_of(SCHEMA, ranker, 2).merge
        assert merge == Merge("weighted", weights=(0.1, 0.9), norm=True)
    default = reranking_of(SCHEMA, function(reranker="weighted", weights=[0.1, 0.9]), 2).merge
    assert default is not None
    assert not default.norm
    assert reranking_of(SCHEMA, function(reranker="rrf", k="12.5"), 2).merge == Merge("rrf", k=12.5)


DECAY = {"reranker": "decay", "function": "exp", "origin": 0, "scale": 1}
BOOST = {"reranker": "boost", "weight": 2}
MODEL = {"reranker": "model", "provider": "tei", "queries": ["q"]}


@pytest.mark.parametrize(
    ("inputs", "params", "message"),
    [
        ((), {}, "reranker name not specified"),
        ((), {"reranker": "magic"}, "unsupported reranker magic"),
        ((), {"reranker": "rrf", "q": 1}, "rrf has no param 'q'"),
        ((), {"reranker": "rrf", "k": "many"}, "many is not a number"),
        ((), {"reranker": "weighted"}, "requires weights parameter"),
        ((), {"reranker": "weighted", "weights": "[1"}, "failed to parse weights"),
        ((), {"reranker": "weighted", "weights": [1], "norm_score": "x"}, "should be bool"),
        ((), DECAY, "requires exactly 1 input field, got 0"),
        (("none",), DECAY, "input field none not found in collection schema"),
        (("text",), DECAY, "decay input field text must be numeric, got VarChar"),
        (("at",), DECAY, "decay input field at must be numeric, got Timestamptz"),
        (("price",), {"reranker": "decay"}, "decay function not specified"),
        (("price",), {**DECAY, "function": "sine"}, 'invalid function "sine"'),
        (("price",), {**DECAY, "scale": 0}, "scale must be > 0"),
        (("price",), {**DECAY, "offset": -1}, "offset must be >= 0"),
        (("price",), {**DECAY, "decay": 1}, "decay must be 0 < decay < 1"),
        (("price",), {**DECAY, "decay": 0.0001}, "for numerical stability"),
        (("price",), {**DECAY, "score_mode": "min"}, "unsupported score_mode: min"),
        ((), {"reranker": "boost"}, "must set weight params"),
        ((), {**BOOST, "random_score": {"seed": "x"}}, "random seed must be number"),
        ((), {**BOOST, "random_score": {"field": "text"}}, "only support int64 field"),
        (("price",), MODEL, "model input field price must be VarChar, got Double"),
        (("text",), {"reranker": "model"}, "missing required param: queries"),
        (("text",), {**MODEL, "queries": []}, "queries must not be empty"),
    ],
)
def test_what_is_wrong_with_a_rerank_function_is_said(
    inputs: tuple[str, ...], params: dict[str, Any], message: str
) -> None:
    with pytest.raises(ParamError) as caught:
        reranking_of(SCHEMA, function(inputs, **params), None)
    assert message in caught.value.message
    assert caught.value.code == 1100


def test_one_function_other_than_boosts_may_stand_beside_them() -> None:
    alone = reranking_of(SCHEMA, function(reranker="boost", weight=2), 2)
    assert alone.merge == Merge("rrf")
    rrf = function(reranker="rrf").functions
    with pytest.raises(ParamError, match="only supports one rerank function"):
        reranking_of(SCHEMA, Rerank(functions=rrf + rrf), 2)
    with pytest.raises(ParamError, match="unknown boost mode: max"):
        reranking_of(SCHEMA, Rerank(functions=rrf, params={"boost_mode": "max"}), 2)


def test_a_window_cuts_each_query_for_itself_and_stops_at_its_end() -> None:
    hits = Candidates(
        np.array([0, 3, 4, 4]),
        np.array([9, 8, 7, 6], np.float32),
        np.zeros(4, np.int64),
        np.array([10, 11, 12, 20]),
    )
    cut = hits.window(1, 5)
    assert cut.offsets.tolist() == [0, 2, 2, 2]
    assert cut.rows.tolist() == [11, 12]
    assert cut.scores.tolist() == [8, 7]
