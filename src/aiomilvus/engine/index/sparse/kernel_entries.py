"""The compiled search: top-k over inverted lists, window by window, skipping what can't win.

It is MaxScore with bounds per block; `maxscore_kernels` names where each step comes from.

Rows are visited in windows (`postings.Postings.window_bits`). In each window the query's terms
are ordered by the most they can add there. Terms whose bounds together stay below the k-th
best score so far are not walked through: a row that has only these can't get in. The other
terms' postings are summed into a buffer of one window; then come the rest, best first, by
walking through them or by looking rows up, and only for rows that could still win. A window
whose bounds sum to too little is skipped whole. Before the first window the k-th best score is
estimated from below: a list whose k-th largest contribution is known makes k rows at least that
good. Without pruning, every posting is summed: the case for negative values.

The entry takes the fields of named tuples one by one, as the words of a `kernels.calls.Frame`.

Importing this module imports numba and compiles; `kernels.compiling` does so, in a process beside.
The kernels take no lock and never raise; a `Room` serves one thread at a time.
"""

# Numba takes its types from the signature below, and neither structures nor keywords cheaply.
# mypy: allow-untyped-defs, allow-untyped-decorators, allow-untyped-calls

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from aiomilvus.engine.index.sparse.heap_kernels import compiled, find, offer, sort_best_first
from aiomilvus.engine.index.sparse.kernel_arguments import (
    Accumulator,
    AllowedRows,
    Contributions,
    Damping,
    Heap,
    InvertedLists,
    Limits,
    QueryBatch,
    QueryLists,
    Ranking,
    Room,
    Spans,
    TopHits,
    WindowedLists,
)
from aiomilvus.engine.index.sparse.maxscore_kernels import (
    SLACK,
    add_optional,
    count_optional,
    enter_window,
    floor_score,
    order_by_bound,
    sum_required,
)

_types: Any = types  # its stubs do not type signatures


def _read(scalar: Any) -> Any:
    return _types.Array(scalar, 1, "C", readonly=True)


_FLOATS = _read(_types.float32)
_LONGS = _read(_types.int64)
_BATCH = QueryBatch(starts=_LONGS, terms=_read(_types.uint32), weights=_read(_types.float64))
_LISTS = InvertedLists(
    terms=_read(_types.uint32),
    offsets=_LONGS,
    rows=_read(_types.uint32),
    values=_FLOATS,
    lengths=_FLOATS,
    slots=_read(_types.int32),
    window_starts=_read(_types.uint32),
)
_LIMITS = Limits(
    terms=_FLOATS,
    windows=_FLOATS,
    floors=_FLOATS,
    window_bits=_types.int64,
    bound_factor=_types.float64,
    floor_rank=_types.int64,
    floor_factor=_types.float64,
    prunes=_types.boolean,
)
_DAMPING = Damping(is_bm25=_types.boolean, base=_types.float64, slope=_types.float64)
_ALLOWED = AllowedRows(mask=_read(_types.boolean), has_mask=_types.boolean)
_WRITTEN = _types.Array(_types.int64, 1, "C")
_SUMMED = _types.Array(_types.float64, 1, "C")
_ROOM = Room(
    numbers=_WRITTEN,
    cursors=_WRITTEN,
    weights=_SUMMED,
    begins=_WRITTEN,
    ends=_WRITTEN,
    order=_WRITTEN,
    bounds=_SUMMED,
    rests=_SUMMED,
    sums=_SUMMED,
    touched=_WRITTEN,
)
_TOP = TopHits(
    scores=_types.Array(_types.float32, 2, "C"),
    rows=_types.Array(_types.int64, 2, "C"),
    sizes=_types.Array(_types.int64, 1, "C"),
)


@compiled
def _any_allowed(mask, first, last):
    allowed = False
    for row in range(first, last):
        allowed |= mask[row]
    return allowed


@compiled
def _offer_touched(accumulator, n_touched, first, allowed, heap, size, k):
    """Offer the rows touched and clear their sums; return the heap's new size."""
    sums, touched = accumulator.sums, accumulator.touched
    mask, has_mask = allowed.mask, allowed.has_mask
    best_scores = heap.scores
    for place in range(n_touched):
        local = touched[place]
        score = np.float32(sums[local])
        sums[local] = 0.0
        if score == 0.0:
            continue  # cancelled out, or seen before
        if size == k and score < best_scores[0]:
            continue
        row = first + local
        if not has_mask or mask[row]:
            size = offer(heap, size, k, score, row)
    return size


@compiled
def _search_one(
    query, n_lists, spans, ranking, windowed, postings, limits, accumulator, allowed, heap
):
    """Search for one query; fill `heap`, best first, and return how many hits it has."""
    size = 0
    k = len(heap.scores)
    n_rows = len(postings.lengths)
    bits, prunes = limits.window_bits, limits.prunes
    n_windows = (n_rows + (1 << bits) - 1) >> bits
    floor = floor_score(query, spans.weights, n_lists, limits)
    threshold = floor
    for window in range(n_windows):
        first = window << bits
        last = min(first + (1 << bits), n_rows)
        total = enter_window(query, n_lists, spans, ranking, windowed, window, n_windows, last)
        if prunes and (total == 0.0 or total * SLACK < threshold):
            continue
        if allowed.has_mask and not _any_allowed(allowed.mask, first, last):
            continue
        optional = 0
        if prunes:
            order_by_bound(ranking, n_lists)
            optional = count_optional(ranking, n_lists, threshold)
        n_touched = sum_required(spans, ranking, optional, n_lists, postings, accumulator, first)
        n_touched = add_optional(
            spans, ranking, optional, threshold, postings, accumulator, n_touched, first
        )
        size = _offer_touched(accumulator, n_touched, first, allowed, heap, size, k)
        if prunes and size == k:
            threshold = max(floor, heap.scores[0])
    sort_best_first(heap, size)
    return size


@compiled
def _find_lists(batch, at_query, lists, query, spans, ranking):
    """Set the lists of the query's terms; return how many the index has."""
    query_terms, query_weights = batch.terms, batch.weights
    terms, offsets = lists.terms, lists.offsets
    numbers, cursors = query.numbers, query.cursors
    weights, order = spans.weights, ranking.order
    n_lists = 0
    for at in range(batch.starts[at_query], batch.starts[at_query + 1]):
        found = find(terms, 0, len(terms), query_terms[at])
        if found >= 0:
            numbers[n_lists] = found
            weights[n_lists] = query_weights[at]
            cursors[n_lists] = offsets[found]
            order[n_lists] = n_lists
            n_lists += 1
    return n_lists


@compiled(
    _types.void(*_BATCH, *_LISTS, *_LIMITS, *_DAMPING, *_ALLOWED, *_TOP, *_ROOM),
)
def search_batch(
    starts, query_terms, weights,
    terms, offsets, rows, values, lengths, slots, window_starts,
    term_bounds, window_bounds, floors, window_bits, bound_factor, floor_rank, floor_factor, prunes,
    is_bm25, base, slope,
    mask, has_mask,
    top_scores, top_rows, sizes,
    numbers, cursors, list_weights, begins, ends, order, bounds, rests, sums, touched,
):  # fmt: skip
    """Search each query; fill the `TopHits`, whose width is k.

    The arguments are the fields of a `QueryBatch`, `InvertedLists`, `Limits`, a `Damping`,
    `AllowedRows`, the `TopHits` and a `Room`, in order. Rows with score 0 are no hits.
    """
    batch = QueryBatch(starts, query_terms, weights)
    lists = InvertedLists(terms, offsets, rows, values, lengths, slots, window_starts)
    limits = Limits(
        term_bounds, window_bounds, floors, window_bits,
        bound_factor, floor_rank, floor_factor, prunes,
    )  # fmt: skip
    postings = Contributions(rows, values, lengths, is_bm25, base, slope)
    windowed = WindowedLists(
        offsets, rows, slots, window_starts, term_bounds, window_bounds, bound_factor
    )
    allowed = AllowedRows(mask, has_mask)
    query = QueryLists(numbers, cursors)
    spans = Spans(list_weights, begins, ends)
    ranking = Ranking(order, bounds, rests)
    accumulator = Accumulator(sums, touched)
    for i in range(len(starts) - 1):
        n_lists = _find_lists(batch, i, lists, query, spans, ranking)
        sizes[i] = 0
        if n_lists > 0 and top_rows.shape[1] > 0:
            heap = Heap(top_scores[i], top_rows[i])
            sizes[i] = _search_one(
                query, n_lists, spans, ranking, windowed, postings, limits, accumulator,
                allowed, heap,
            )  # fmt: skip


ENTRIES = (search_batch,)
