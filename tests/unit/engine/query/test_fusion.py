"""Fusing the hits of several searches: ranks, normalised scores, windows, refused rankers."""

import numpy as np
import pytest

from aiomilvus.engine.query.candidates import Candidates
from aiomilvus.engine.query.hybrid import checked_ranker, normalised
from aiomilvus.errors import ParamError
from aiomilvus.model.operations.data import HybridSearch, Search
from aiomilvus.model.ranking import Rrf, Weighted


def hybrid(ranker: Rrf | Weighted | None) -> HybridSearch:
    part = Search(collection="c")
    return HybridSearch(collection="c", requests=(part, part), ranker=ranker)


def test_without_a_ranker_hits_are_fused_by_rank():
    assert checked_ranker(hybrid(None)) == Rrf(k=60)


@pytest.mark.parametrize("k", [-1, 0, 16_384])
def test_a_rank_constant_out_of_range_is_refused(k: int):
    with pytest.raises(ParamError, match=r"rank params k should be in range \(0, 16384\)"):
        checked_ranker(hybrid(Rrf(k=k)))


def test_each_request_needs_a_weight():
    with pytest.raises(ParamError, match="the length of weights param mismatch"):
        checked_ranker(hybrid(Weighted(weights=(0.5,))))


@pytest.mark.parametrize("weight", [-0.1, 1.1, float("nan")])
def test_a_weight_outside_0_to_1_is_refused(weight: float):
    with pytest.raises(ParamError, match=r"rank param weight should be in range \[0, 1\]"):
        checked_ranker(hybrid(Weighted(weights=(0.5, weight))))


@pytest.mark.parametrize("metric", ["L2", "HAMMING", "IP", "COSINE", "BM25"])
def test_normalised_scores_lie_in_0_to_1_and_keep_the_order_of_closeness(metric: str):
    closer_first = np.array([1.0, 0.5, 0.25, 0.0], np.float32)
    if metric in ("L2", "HAMMING"):
        closer_first = closer_first[::-1].copy()
    scores = normalised(closer_first, metric)
    assert ((scores >= 0) & (scores <= 1)).all()
    assert (np.diff(scores) < 0).all()


def test_a_window_cuts_each_query_for_itself_and_stops_at_its_end():
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
