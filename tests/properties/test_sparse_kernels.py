"""The compiled sparse kernels against the same in plain Python, on small indexes of all sorts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

pytest.importorskip("numba")

from aiomilvus.engine.index.sparse import kernel_access
from aiomilvus.engine.index.sparse.index import SparseIndex
from aiomilvus.engine.index.sparse.kernel_caller import KernelCaller
from aiomilvus.engine.index.sparse.scoring import INNER_PRODUCT, bm25
from aiomilvus.engine.index.sparse.searcher import SCORING
from aiomilvus.engine.index.sparse.sparse_params import build_params
from aiomilvus.engine.text.statistics import CorpusStatistics
from aiomilvus.model.columns import SparseColumn
from tests.support import sparse_oracle as oracle
from tests.support.examples import examples

pytestmark = pytest.mark.timeout(300)  # the first run on a machine compiles

TERMS = 9
FLOOR_RANKS = (2, 5, 9)


class Recorder:
    """What the kernels were called with."""

    def __init__(self, patch):
        self.calls: list[oracle.Arguments] = []
        search = KernelCaller.search

        def recorded(caller, batch, *given):
            flat = (field for each in (batch, caller.lists, *given) for field in each)
            self.calls.append(oracle.Arguments.of(tuple(flat)))
            search(caller, batch, *given)

        patch.setattr(KernelCaller, "search", recorded)


@pytest.fixture(scope="module")
def recorder():
    # Indexes of this size are else searched in plain numpy, and have one window and no floors.
    with pytest.MonkeyPatch.context() as patch:
        recorder = Recorder(patch)
        kernels = kernel_access.kernels()
        patch.setattr("aiomilvus.engine.index.sparse.index.kernels_if_ready", lambda: kernels)
        patch.setattr("aiomilvus.engine.index.costs.POSTINGS_SCANNED", 0)
        patch.setattr("aiomilvus.engine.index.costs.POSTINGS_LOOKUP", float("inf"))
        patch.setattr("aiomilvus.engine.index.sparse.postings.FLOOR_RANKS", FLOOR_RANKS)
        patch.setattr("aiomilvus.engine.index.sparse.index.FLOOR_RANKS", FLOOR_RANKS)
        yield recorder


def made_column(random, count, metric, *, negative, shares):
    """Return rows that hold each term with its share of probability."""
    present = random.random((count, TERMS)) < shares
    if metric == "BM25":
        values = random.integers(1, 6, (count, TERMS)).astype(np.float32)
    else:
        # Few distinct values, for ties.
        values = random.choice(np.array([0.1, 0.3, 0.5, 2.0], np.float32), (count, TERMS))
    if negative:
        values[random.random((count, TERMS)) < 0.3] *= -1
    indptr = np.concatenate([[0], np.cumsum(present.sum(axis=1))]).astype(np.int64)
    return SparseColumn(indptr, np.nonzero(present)[1].astype(np.uint32), values[present])


def made(case, patch):
    """Return an index, queries, search parameters and a mask."""
    random = np.random.default_rng(case["seed"])
    count, metric = case["count"], case["metric"]
    negative = case["negative"] and metric == "IP"
    shares = random.choice([1.0, 0.6, 0.2, 0.03], TERMS)
    rows = made_column(random, count, metric, negative=negative, shares=shares)
    queries = made_column(random, 3, metric, negative=negative, shares=0.7)
    patch.setattr("aiomilvus.engine.index.sparse.postings._LEAST_WINDOW_BITS", case["window_bits"])
    options = {"drop_ratio_build": case["drop_build"], "inverted_index_algo": case["algorithm"]}
    index = SparseIndex.build(rows, metric, build_params(options))
    scoring = INNER_PRODUCT
    if metric == "BM25":
        own = CorpusStatistics.of(rows)
        drifted = int(own.total_length * case["drift"])
        scoring = bm25(CorpusStatistics(own.rows, drifted, own._layers))
    params = {
        SCORING: scoring,
        "drop_ratio_search": case["drop_search"],
        "dim_max_score_ratio": case["ratio"],
    }
    mask = None if case["share"] is None else random.random(count) < case["share"]
    return index, queries, params, mask


CASES = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 10_000),
        "count": st.integers(1, 300),
        "metric": st.sampled_from(["IP", "BM25"]),
        "negative": st.booleans(),
        "algorithm": st.sampled_from(["DAAT_MAXSCORE", "TAAT_NAIVE"]),
        "window_bits": st.sampled_from([2, 5, 8]),
        "drop_build": st.sampled_from([0.0, 0.3]),
        "drop_search": st.sampled_from([0.0, 0.4]),
        "drift": st.sampled_from([0.9, 1.0, 1.2, 3.0]),
        "ratio": st.sampled_from([0.5, 0.8, 1.0, 1.2]),
        "share": st.sampled_from([None, 0.0, 0.1, 0.7, 0.97]),
    }
)
PLAIN = {
    "seed": 3,
    "count": 300,
    "metric": "IP",
    "negative": False,
    "algorithm": "DAAT_MAXSCORE",
    "window_bits": 8,
    "drop_build": 0.0,
    "drop_search": 0.0,
    "drift": 1.0,
    "ratio": 1.0,
    "share": None,
}


@settings(max_examples=examples(150))
@example(case=PLAIN, k=2)
@example(case={**PLAIN, "metric": "BM25"}, k=2)
@example(case={**PLAIN, "window_bits": 2, "ratio": 0.5}, k=1)
@given(case=CASES, k=st.integers(1, 12))
def test_the_kernels_decide_and_score_as_the_plain_twin_does(recorder, case, k):
    with pytest.MonkeyPatch.context() as patch:
        index, queries, params, mask = made(case, patch)
        recorder.calls.clear()
        found = index.search(queries, k, params, mask)
    (call,) = recorder.calls
    assert call.limits.window_bits >= case["window_bits"]
    for query in range(len(queries)):
        hit = found.rows[query] >= 0
        got = zip(found.rows[query][hit].tolist(), found.scores[query][hit].tolist(), strict=True)
        assert list(got) == oracle.searched(call, query)


@settings(max_examples=examples(60))
@given(case=CASES, k=st.integers(1, 12), ratio=st.sampled_from([1.0, 1.3]))
def test_pruning_with_bounds_that_hold_misses_nothing(recorder, case, k, ratio):
    with pytest.MonkeyPatch.context() as patch:
        index, queries, params, mask = made({**case, "ratio": ratio}, patch)
        recorder.calls.clear()
        index.search(queries, k, params, mask)
        every = index.range_search(queries, -np.inf, None, params, mask)
    for query in range(len(queries)):
        span = slice(every.offsets[query], every.offsets[query + 1])
        scores = [score for _, score in oracle.searched(recorder.calls[0], query)]
        assert scores == pytest.approx(every.scores[span][:k].tolist(), rel=1e-6, abs=1e-6)


@settings(max_examples=examples(60))
@example(case=PLAIN, k=3)
@given(case=CASES, k=st.integers(1, 12))
def test_a_query_alone_finds_what_it_finds_among_others(recorder, case, k):
    with pytest.MonkeyPatch.context() as patch:
        index, queries, params, _ = made(case, patch)
        together = index.search(queries, k, params, None)
        for _ in range(2):  # by a caller that was used before, too
            for query in range(len(queries)):
                alone = index.search(queries.slice(query, query + 1), k, params, None)
                assert alone.rows[0].tolist() == together.rows[query].tolist()
                assert alone.scores[0].tolist() == together.scores[query].tolist()
