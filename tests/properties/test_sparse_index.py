"""Sparse indexes against scores computed entry by entry."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aiomilvus.engine.index.sparse import kernel_access
from aiomilvus.engine.index.sparse.growing import GrowingSparseIndex
from aiomilvus.engine.index.sparse.index import SparseIndex
from aiomilvus.model.columns import SparseColumn

# Eighths are exact in binary, so that sums are too, in any order.
EIGHTHS = st.integers(-24, 24).map(lambda n: n / 8)
POSITIVE = st.integers(1, 24).map(lambda n: n / 8)


@pytest.fixture(autouse=True, scope="module")
def _compiled():
    assert kernel_access.kernels() is not None


@pytest.fixture(autouse=True)
def _small_is_not_spared(monkeypatch):
    # Otherwise indexes of this size are never searched by the kernels.
    monkeypatch.setattr("aiomilvus.engine.index.costs.POSTINGS_SCANNED", 0)
    monkeypatch.setattr("aiomilvus.engine.index.sparse.postings._LEAST_WINDOW_BITS", 2)
    monkeypatch.setattr("aiomilvus.engine.index.sparse.postings.FLOOR_RANKS", (2, 3, 5))
    monkeypatch.setattr("aiomilvus.engine.index.sparse.index.FLOOR_RANKS", (2, 3, 5))
    monkeypatch.setattr("aiomilvus.engine.index.sparse.growing._TAIL_ROWS", 7)


def rows_of(values):
    row = st.dictionaries(st.sampled_from([0, 1, 2, 3, 5, 70000, 2**32 - 2]), values, max_size=5)
    return st.lists(row, max_size=60)


CASES = st.sampled_from([POSITIVE, EIGHTHS]).flatmap(
    lambda values: st.tuples(rows_of(values), rows_of(values))
)


def column(rows):
    indptr = np.cumsum([0, *map(len, rows)]).astype(np.int64)
    terms = np.array([t for row in rows for t in sorted(row)], np.uint32)
    values = np.array([row[t] for row in rows for t in sorted(row)], np.float32)
    return SparseColumn(indptr, terms, values)


def naive(rows, query, allowed):
    scored = [
        (-sum(value * query.get(term, 0.0) for term, value in row.items()), number)
        for number, row in enumerate(rows)
        if allowed[number]
    ]
    return [(number, -score) for score, number in sorted(scored) if score]


def hits(found, query):
    kept = found.rows[query] >= 0
    return list(
        zip(found.rows[query][kept].tolist(), found.scores[query][kept].tolist(), strict=True)
    )


@given(case=CASES, k=st.integers(1, 70), data=st.data())
def test_top_k_is_exact_and_ties_go_to_lower_rows(case, k, data):
    rows, queries = case
    allowed = data.draw(st.none() | st.lists(st.booleans(), min_size=len(rows), max_size=len(rows)))
    mask = None if allowed is None else np.array(allowed, np.bool_)
    visible = [True] * len(rows) if allowed is None else allowed
    index = SparseIndex.build(column(rows))
    found = index.search(column(queries), k, {}, mask)
    growing = GrowingSparseIndex()
    growing.view_of(column(rows[: len(rows) // 3]))
    grown = growing.view_of(column(rows)).search(column(queries), k, {}, mask)
    for number, query in enumerate(queries):
        expected = naive(rows, query, visible)[:k]
        assert hits(found, number) == expected
        assert hits(grown, number) == expected


@given(case=CASES, radius=EIGHTHS, width=POSITIVE)
def test_range_search_returns_all_rows_inside(case, radius, width):
    rows, queries = case
    index = SparseIndex.build(column(rows))
    found = index.range_search(column(queries), radius, radius + width, {}, None)
    for number, query in enumerate(queries):
        span = slice(found.offsets[number], found.offsets[number + 1])
        expected = [
            (row, score)
            for row, score in naive(rows, query, [True] * len(rows))
            if radius < score <= radius + width
        ]
        got = zip(found.rows[span].tolist(), found.scores[span].tolist(), strict=True)
        assert list(got) == expected


@given(case=CASES)
def test_storing_changes_nothing(case):
    rows, queries = case
    index = SparseIndex.build(column(rows))
    opened = SparseIndex.from_arrays(*index.to_arrays())
    before = index.search(column(queries), 5, {}, None)
    after = opened.search(column(queries), 5, {}, None)
    assert np.array_equal(before.rows, after.rows)
    assert np.array_equal(before.scores, after.scores)


@example(case=([{0: 1.0}] * 30, [{0: 1.0}]), k=1, ratio=0.5)
@given(case=CASES, k=st.integers(1, 8), ratio=st.sampled_from([0.5, 0.7, 0.99]))
def test_scaled_bounds_may_miss_better_rows_but_always_fill_the_answer(case, k, ratio):
    rows, queries = case
    index = SparseIndex.build(column(rows))
    found = index.search(column(queries), k, {"dim_max_score_ratio": ratio}, None)
    for number, query in enumerate(queries):
        scores = dict(naive(rows, query, [True] * len(rows)))
        got = hits(found, number)
        assert len(got) == min(k, len(scores))
        assert all(scores[row] == score for row, score in got)
        assert got == sorted(got, key=lambda hit: (-hit[1], hit[0]))
