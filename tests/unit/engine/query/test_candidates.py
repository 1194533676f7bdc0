"""Hits of several views put together: the shorter way for one query does what the general does."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from aiomilvus.engine.index.contract import Found, FoundInRange
from aiomilvus.engine.query.candidates import merged, merged_ranges, none, single

Hit = tuple[float, int, int]
SCORES = st.lists(st.sampled_from([0.0, 0.5, 1.0, 2.0]), max_size=6)


def found(scores: list[list[float]], *, larger: bool, first: int = 0) -> Found:
    """One view's hits, best first, and what is missing (row -1) last."""
    width = max(map(len, scores), default=0) or 1
    worst = -np.inf if larger else np.inf
    values = np.full((len(scores), width), worst, np.float32)
    rows = np.full((len(scores), width), -1, np.int64)
    for query, some in enumerate(scores):
        values[query, : len(some)] = sorted(some, reverse=larger)
        rows[query, : len(some)] = first + np.arange(len(some))
    return Found(values, rows)


def expected(parts: list[Found], query: int, k: int, *, larger: bool) -> list[Hit]:
    """The best `k` of one query, more where the last ties; ties from the older view first."""
    hits = [
        (float(score), owner, int(row))
        for owner, part in enumerate(parts)
        for score, row in zip(part.scores[query], part.rows[query], strict=True)
        if row >= 0
    ]
    hits.sort(key=lambda hit: -hit[0] if larger else hit[0])
    if len(hits) > k and hits[k][0] != hits[k - 1][0]:
        return hits[:k]
    return hits


@given(
    views=st.lists(SCORES, min_size=1, max_size=4),
    k=st.integers(1, 8),
    larger=st.booleans(),
)
def test_one_query_over_several_views(views: list[list[float]], k: int, larger: bool) -> None:
    parts = [found([scores], larger=larger, first=10 * n) for n, scores in enumerate(views)]
    hits = merged(parts, k, larger=larger)
    told = list(zip(hits.scores.tolist(), hits.owners.tolist(), hits.rows.tolist(), strict=True))
    wanted = expected(parts, 0, k, larger=larger)
    if len(parts) == 1:
        wanted = expected(parts, 0, parts[0].rows.shape[1], larger=larger)
    assert told == wanted
    assert hits.offsets.tolist() == [0, len(told)]


@given(
    views=st.lists(st.tuples(SCORES, SCORES), min_size=2, max_size=3),
    k=st.integers(1, 8),
    larger=st.booleans(),
)
def test_each_of_several_queries_gets_what_it_gets_alone(
    views: list[tuple[list[float], list[float]]], k: int, larger: bool
) -> None:
    parts = [found(list(pair), larger=larger, first=10 * n) for n, pair in enumerate(views)]
    together = merged(parts, k, larger=larger)
    for query in (0, 1):
        alone = merged(
            [Found(p.scores[query : query + 1], p.rows[query : query + 1]) for p in parts],
            k,
            larger=larger,
        )
        span = slice(together.offsets[query], together.offsets[query + 1])
        # Where one query's last hit ties, the other may keep more than it would alone.
        assert together.rows[span].tolist()[: len(alone.rows)] == alone.rows.tolist()
        assert together.owners[span].tolist()[: len(alone.rows)] == alone.owners.tolist()
        assert len(together.rows[span]) >= len(alone.rows)


def test_one_query_that_finds_nothing_anywhere() -> None:
    parts = [found([[]], larger=False), found([[]], larger=False)]
    hits = merged(parts, 3, larger=False)
    assert hits.offsets.tolist() == [0, 0]
    assert len(hits.rows) == 0


def test_one_view_keeps_its_hits_and_drops_what_is_missing() -> None:
    hits = single(found([[1.0, 2.0], []], larger=False))
    assert hits.offsets.tolist() == [0, 2, 2]
    assert hits.rows.tolist() == [0, 1]
    full = single(found([[1.0, 2.0], [3.0, 4.0]], larger=False))
    assert full.offsets.tolist() == [0, 2, 4]
    assert none(2).offsets.tolist() == [0, 0, 0]


@given(views=st.lists(st.tuples(SCORES, SCORES), min_size=1, max_size=3), larger=st.booleans())
def test_ranges_of_several_views_are_sorted_together(
    views: list[tuple[list[float], list[float]]], larger: bool
) -> None:
    parts = [
        FoundInRange(
            np.array([0, len(a), len(a) + len(b)], np.int64),
            np.array([*sorted(a, reverse=larger), *sorted(b, reverse=larger)], np.float32),
            np.arange(len(a) + len(b)),
        )
        for a, b in views
    ]
    hits = merged_ranges(parts, larger=larger)
    for query in (0, 1):
        span = slice(hits.offsets[query], hits.offsets[query + 1])
        scores = [score for pair in views for score in pair[query]]
        assert hits.scores[span].tolist() == sorted(scores, reverse=larger)
        told = sorted(zip(hits.owners[span].tolist(), hits.rows[span].tolist(), strict=True))
        assert told == sorted(
            (owner, row)
            for owner, (a, b) in enumerate(views)
            for row in (range(len(a)) if query == 0 else range(len(a), len(a) + len(b)))
        )
