"""Hits of equal score: they come by ascending primary key, wherever their rows lie.

Searchers break ties by row. One hit more than wanted is asked for: only if it ties with the last
one wanted is there a choice to make. In a segment whose keys rise with its rows it is made already;
elsewhere the search is widened until all that tie are found.
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from aiomilvus.engine.caches import RisingKeys
from aiomilvus.engine.index.contract import Found
from aiomilvus.engine.query.fields.fetch import gather, places_of
from aiomilvus.engine.query.fields.ordering import ranks
from aiomilvus.engine.query.search.view_searchers import searcher_of
from aiomilvus.model.columns import FixedColumn
from aiomilvus.model.read_limits import HIT_BYTES, check_output, end_if_abandoned

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from aiomilvus.engine.index.contract import Allowed, Searcher, SearchPlan
    from aiomilvus.engine.index.lists.elements import ElementIndex
    from aiomilvus.engine.index.search_target import SearchTarget
    from aiomilvus.engine.query.candidates import Candidates
    from aiomilvus.engine.snapshot import SegmentView, Snapshot
    from aiomilvus.model.columns import Column
    from aiomilvus.model.operations.data import Search
    from aiomilvus.model.schema import Field

    Rows = NDArray[np.int64]

_FEW = 64
"""So few scores are compared faster as a set."""
_WIDEST = 16_384
"""Among more hits of one score than this, lower rows are preferred to smaller keys."""
_TOGETHER = 64
"""So many queries are widened at once, which bounds the memory that it takes."""


def keys_rise(view: SegmentView, primary: Field) -> bool:
    """Return whether the view's keys are known to rise with its rows; kept with the segment.

    Text keys, which seldom do, are not looked at.
    """
    cache = view.segment.cache
    count, last, rising = cache.rising_keys
    if not rising or count >= view.num_rows:
        return rising
    keys = view.segment.column(primary)
    if isinstance(keys, FixedColumn):
        values = keys.values[count : view.num_rows]
        rising = bool((count == 0 or values[0] > last) and (values[1:] > values[:-1]).all())
        cache.rising_keys = RisingKeys(view.num_rows, values[-1], rising)
    else:
        rising = False
        cache.rising_keys = RisingKeys(view.num_rows, 0, rising)
    return rising


def plan_view(
    searcher: Searcher,
    queries: Column | None,
    k: int,
    op: Search,
    params: Mapping[str, Any],
    allowed: Allowed,
) -> SearchPlan:
    """Return how a view is searched, by `search_view` or in the range that `op` names.

    Args:
        searcher: What searches the view.
        queries: Vectors, or None or texts before they are known.
        k: How many hits of each query.
        op: The search.
        params: Its parameters, as of `view_searchers.parameters`.
        allowed: Which rows, or elements, may be hits.

    Raises:
        ParamError: A parameter is no number or out of range.
    """
    return searcher.plan(queries, k + 1, params, allowed, in_range=op.radius is not None)


def search_view(
    snapshot: Snapshot,
    target: SearchTarget,
    view: SegmentView,
    queries: Column,
    k: int,
    params: Mapping[str, Any],
    mask: NDArray[np.bool_] | None,
) -> Found:
    """Return the `k` best hits of each query in one view; ties go to smaller primary keys."""
    check_output(len(queries) * min(k, view.num_rows) * HIT_BYTES)
    end_if_abandoned()
    found = searcher_of(target, view).search(queries, k + 1, params, mask)
    return resolve_last_ties(snapshot, target, view, queries, k, params, mask, found)


def resolve_last_ties(
    snapshot: Snapshot,
    target: SearchTarget,
    view: SegmentView,
    queries: Column,
    k: int,
    params: Mapping[str, Any],
    mask: NDArray[np.bool_] | None,
    found: Found,
) -> Found:
    """Return the `k` best of the `k` + 1 hits `found` of each query, as `search_view` does."""
    searcher, primary = searcher_of(target, view), snapshot.schema.primary
    scores, rows = found.scores[:, :k], found.rows[:, :k]
    if len(rows) == 1 and found.scores[0, k] != found.scores[0, k - 1]:
        return Found(scores, rows)  # the common case, and the cheapest test
    tied = (found.rows[:, k] >= 0) & (found.scores[:, k] == found.scores[:, k - 1])
    if not tied.any() or keys_rise(view, primary):
        return Found(scores, rows)
    scores, rows = scores.copy(), rows.copy()
    at = np.flatnonzero(tied)
    keys_in = partial(_keys_in, target, view, primary)

    def ask(wide: Column, width: int) -> Found:
        return searcher.search(wide, width, params, mask)

    for start in range(0, len(at), _TOGETHER):
        part = at[start : start + _TOGETHER]
        scores[part], rows[part] = _widened(queries.take(part), k, ask, keys_in)
    return Found(scores, rows)


def _widened(
    wide: Column,
    k: int,
    ask: Callable[[Column, int], Found],
    keys_in: Callable[[Rows], Rows],
) -> Found:
    """Return the `k` best hits of queries whose last one ties with hits beyond.

    Args:
        wide: The queries.
        k: How many.
        ask: Returns so many hits of each query.
        keys_in: Returns what orders rows by their keys.
    """
    width = k
    while True:
        width = min(4 * width + 24, max(_WIDEST, k + 1))
        again = ask(wide, width)
        more = (again.rows[:, -1] >= 0) & (again.scores[:, -1] == again.scores[:, k - 1])
        if width >= _WIDEST or not more.any():
            break
    order = np.lexsort((keys_in(again.rows), _runs(again)), axis=1)[:, :k]
    return Found(
        np.take_along_axis(again.scores, order, 1), np.take_along_axis(again.rows, order, 1)
    )


def _runs(found: Found) -> Rows:
    """Return the same number for neighbours of one score, rising; missing hits come last."""
    new = found.scores[:, 1:] != found.scores[:, :-1]
    new |= (found.rows[:, 1:] < 0) & (found.rows[:, :-1] >= 0)
    runs = np.zeros(found.rows.shape, np.int64)
    np.cumsum(new, axis=1, out=runs[:, 1:])
    return runs


def _keys_in(target: SearchTarget, view: SegmentView, primary: Field, rows: Rows) -> Rows:
    """Return what orders rows, or elements, of one view by their keys; anything where -1."""
    # Many queries find the same rows, whose keys are expensive where they are texts.
    flat, places = np.unique(np.maximum(rows.reshape(-1), 0), return_inverse=True)
    if target.finds_elements:
        index = cast("ElementIndex", searcher_of(target, view))
        flat = index.elements.rows_of(flat)[0]
    return _plain(view.segment.column(primary).take(flat))[places].reshape(rows.shape)


def _plain(keys: Column) -> Rows:
    """Return numbers that order keys: numbers as they are, texts by their ranks."""
    return keys.values if isinstance(keys, FixedColumn) else ranks(keys)


def by_key(
    snapshot: Snapshot, views: tuple[SegmentView, ...], hits: Candidates, k: int
) -> Candidates:
    """Return the `k` best of each query's hits, those of equal score by primary key.

    Args:
        snapshot: What was searched.
        views: What the hits' owners number.
        hits: Best first within each query; elements of one entity come by their place in it.
        k: How many.
    """
    if not _differ(hits.scores):
        hits = _tied_by_key(snapshot, views, hits, k)
    if len(hits.rows) <= k or (np.diff(hits.offsets) <= k).all():
        return hits
    return hits.window(0, k)


def _differ(scores: NDArray[np.float32]) -> bool:
    """Return whether it is quickly told that no two scores are the same."""
    return len(scores) <= _FEW and len(set(scores.tolist())) == len(scores)


def _tied_by_key(
    snapshot: Snapshot, views: tuple[SegmentView, ...], hits: Candidates, k: int
) -> Candidates:
    """Return the hits with those of equal score by primary key; as they are where they are so."""
    if len(views) == 1 and hits.elements is None and keys_rise(views[0], snapshot.schema.primary):
        if len(hits.rows) <= _FEW and _rows_rise(hits):
            return hits
        same = _same(hits)
        if same is None or (hits.rows[1:] > hits.rows[:-1])[same].all():
            return hits
    return _sort_ties_by_key(snapshot, views, _near(hits, k))


def _rows_rise(hits: Candidates) -> bool:
    """Return whether rows rise where scores are the same, of few hits."""
    pairs = pairwise(zip(hits.scores.tolist(), hits.rows.tolist(), strict=True))
    return all(one[0] != two[0] or one[1] < two[1] for one, two in pairs)


def _same(hits: Candidates) -> NDArray[np.bool_] | None:
    """Return which hits have the score of the one before them; None for none."""
    same: NDArray[np.bool_] = hits.scores[1:] == hits.scores[:-1]
    if not same.any():
        return None
    firsts = hits.offsets[1:-1]
    same[firsts[(firsts > 0) & (firsts < len(hits.rows))] - 1] = False
    return same


def _sort_ties_by_key(
    snapshot: Snapshot, views: tuple[SegmentView, ...], hits: Candidates
) -> Candidates:
    """Return the hits, those of equal score by primary key."""
    same = _same(hits)
    if same is None:
        return hits
    tied = np.zeros(len(hits.rows), np.bool_)
    tied[1:] = same
    tied[:-1] |= same
    run = np.zeros(len(hits.rows), np.int64)
    np.cumsum(~same, out=run[1:])
    at = np.flatnonzero(tied)
    if not len(at):
        return hits
    keys = gather(snapshot.schema.primary, places_of(views, hits.owners[at], hits.rows[at]))
    by: list[NDArray[Any]] = [_plain(keys), run[at]]
    if hits.elements is not None:
        by.insert(0, hits.elements[at])
    order = np.arange(len(hits.rows))
    order[at] = at[np.lexsort(by)]
    return hits.pick(order, hits.offsets)


def _near(hits: Candidates, k: int) -> Candidates:
    """Return the `k` best of each query's hits and those that tie with the last of them."""
    starts, ends = hits.offsets[:-1], hits.offsets[1:]
    if (ends - starts <= k).all():
        return hits
    stops = np.minimum(starts + k, ends)
    for query in np.flatnonzero(stops < ends).tolist():
        first = int(stops[query])
        ties = hits.scores[first : ends[query]] == hits.scores[first - 1]
        stops[query] += len(ties) if ties.all() else int(ties.argmin())
    lengths = stops - starts
    offsets = np.zeros(len(hits.offsets), np.int64)
    np.cumsum(lengths, out=offsets[1:])
    order = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], lengths)
    return hits.pick(order, offsets)
