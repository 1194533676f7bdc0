"""The steps of a compiled top-k search over inverted lists. See `kernel_entries` for the whole.

Algorithms:

* `count_optional`, `sum_required`, `add_optional`: MaxScore, Turtle and Flood, "Query evaluation:
  strategies and optimizations" (1995). Lists whose bounds together stay below the k-th best score
  are optional: rows that only these hold can't be hits. Literature calls them non-essential.
* `enter_window`: bounds per block of rows, after Ding and Suel, "Faster top-k document retrieval
  using block-max indexes" (SIGIR 2011), with blocks of the same rows in all lists, as in
  Dimopoulos, Nepomnyachiy and Suel, "Optimizing top-k document retrieval strategies for block-max
  indexes" (WSDM 2013). So required and optional lists are told apart again in each window.
* Within a window lists are summed one after the other into an array, not row by row, as Lucene's
  `MaxScoreBulkScorer` does for required clauses: term at a time, which has no merge of lists.
* `floor_score`: the first k-th best score from the k-th largest contribution of a list, as in Kane
  and Tompa, "Split-lists and initial thresholds for WAND-based search" (SIGIR 2018).

WAND (Broder et al., 2003) moves a pivot row by row and is not used, whatever an index' parameters
call their algorithm.

The tuples are those of `kernel_arguments`. Invariants:

* A list's bound in a window is at least what any of its postings there adds to a score, if
  `Limits.bound_factor` is not scaled down; sums of bounds are compared with a slack, since bounds
  are float32 and sums round.
* The threshold is at most the k-th best score of the whole search, so that a row below it is no
  hit. Rows that reach it stay: of equal scores the lower row wins, and that is decided at the end.
* `order` holds each of the first `n_lists` lists once; ``order[:optional]`` are the optional ones.
* When pruning, a row's sum is 0 until a required list touches it, and again once it is given up;
  optional lists add only to sums that are not 0.

Arrays are taken out of their tuples before a loop: numba counts a reference each time.

`tests/support/sparse_oracle.py` says each of these in plain Python, and a property test compares
them. Imports numba; only `kernel_entries` uses it.
"""

# Numba takes its types from the signature in `kernel_entries`.
# mypy: allow-untyped-defs, allow-untyped-decorators, allow-untyped-calls

from __future__ import annotations

import numpy as np

from aiomilvus.engine.index.sparse.heap_kernels import compiled, find

_RANKS = 3
"""Columns of `Limits.floors`: as many as `postings.FLOOR_RANKS`."""
SLACK = 1.0 + 1e-6
"""Factor on sums of bounds: bounds are float32 and sums round, and pruning stays exact."""
_LOOKUP_COST = 16
"""A binary search costs about as much as walking through this many postings."""


@compiled
def floor_score(query, weights, n_lists, limits):
    """Return a score that at least k rows reach; 0 if none is known."""
    if not limits.prunes or limits.floor_rank < 0:
        return 0.0
    numbers, floors, rank = query.numbers, limits.floors, limits.floor_rank
    best = 0.0
    for i in range(n_lists):
        best = max(best, weights[i] * floors[numbers[i] * _RANKS + rank])
    return best * limits.floor_factor


@compiled
def enter_window(query, n_lists, spans, ranking, lists, window, n_windows, last):
    """Set each list's postings in the window and the most they can add; return the sum.

    `last` is the row after the window's. Long lists know where it begins; the others are walked.
    """
    numbers, cursors = query.numbers, query.cursors
    weights, begins, ends = spans.weights, spans.begins, spans.ends
    offsets, rows, slots = lists.offsets, lists.rows, lists.slots
    window_starts, window_bounds, term_bounds = lists.window_starts, lists.windows, lists.terms
    bounds, factor = ranking.bounds, lists.bound_factor
    total = 0.0
    for i in range(n_lists):
        number = numbers[i]
        slot = slots[number]
        if slot >= 0:
            cell = slot * (n_windows + 1) + window
            begins[i] = offsets[number] + window_starts[cell]
            ends[i] = offsets[number] + window_starts[cell + 1]
            bound = window_bounds[slot * n_windows + window]
        else:
            at = cursors[i]
            begins[i] = at
            stop = offsets[number + 1]
            while at < stop and rows[at] < last:
                at += 1
            cursors[i] = at
            ends[i] = at
            bound = term_bounds[number]
        bounds[i] = 0.0
        if begins[i] < ends[i]:
            bounds[i] = bound * weights[i] * factor
        total += bounds[i]
    return total


@compiled
def order_by_bound(ranking, n_lists):
    """Sort lists by ascending bound, by insertion: they nearly are, from the window before."""
    order, bounds = ranking.order, ranking.bounds
    for i in range(1, n_lists):
        moving = order[i]
        at = i
        while at > 0 and bounds[order[at - 1]] > bounds[moving]:
            order[at] = order[at - 1]
            at -= 1
        order[at] = moving


@compiled
def count_optional(ranking, n_lists, threshold):
    """Return how many lists, lowest bounds first, can't win alone; note their sums."""
    order, bounds, rests = ranking.order, ranking.bounds, ranking.rests
    rest = 0.0
    for place in range(n_lists):
        rests[place] = rest
        rest += bounds[order[place]]
        if rest * SLACK >= threshold:
            return place
    return n_lists


@compiled
def sum_required(spans, ranking, optional, n_lists, postings, accumulator, first):
    """Walk through all but the optional lists; return how many rows were touched."""
    order, weights, begins, ends = ranking.order, spans.weights, spans.begins, spans.ends
    sums, touched = accumulator.sums, accumulator.touched
    rows, values, lengths = postings.rows, postings.values, postings.lengths
    is_bm25, base, slope = postings.is_bm25, postings.base, postings.slope
    n_touched = 0
    for place in range(optional, n_lists):
        i = order[place]
        weight = weights[i]
        for at in range(begins[i], ends[i]):
            row = rows[at]
            value = np.float64(values[at])
            if is_bm25:
                value = value / (value + base + slope * lengths[row])
            local = row - first
            before = sums[local]
            touched[n_touched] = local  # overwritten by the next one unless it counts
            n_touched += before == 0.0
            sums[local] = before + weight * value
    return n_touched


@compiled
def _keep_hopeful(accumulator, n_touched, rest, threshold):
    """Drop rows that can't win with `rest` more; return how many are left."""
    sums, touched = accumulator.sums, accumulator.touched
    kept = 0
    for place in range(n_touched):
        local = touched[place]
        hopeful = (sums[local] + rest) * SLACK >= threshold
        touched[kept] = local
        kept += hopeful
        sums[local] *= hopeful
    return kept


@compiled
def _look_up(accumulator, n_touched, weight, begin, end, postings, first):
    """Add one list to the rows touched by searching each of them."""
    sums, touched = accumulator.sums, accumulator.touched
    rows, values, lengths = postings.rows, postings.values, postings.lengths
    is_bm25, base, slope = postings.is_bm25, postings.base, postings.slope
    for place in range(n_touched):
        local = touched[place]
        at = find(rows, begin, end, first + local)
        if at >= 0:
            value = np.float64(values[at])
            if is_bm25:
                value = value / (value + base + slope * lengths[first + local])
            sums[local] += weight * value


@compiled
def _walk(accumulator, weight, begin, end, postings, first):
    """Add one list to the rows touched by walking through it."""
    sums = accumulator.sums
    rows, values, lengths = postings.rows, postings.values, postings.lengths
    base, slope = postings.base, postings.slope
    if postings.is_bm25:
        for at in range(begin, end):
            row = rows[at]
            if sums[row - first] != 0.0:
                value = np.float64(values[at])
                value = value / (value + base + slope * lengths[row])
                sums[row - first] += weight * value
        return
    for at in range(begin, end):
        local = rows[at] - first
        before = sums[local]
        sums[local] = before + weight * values[at] * (before != 0.0)


@compiled
def add_optional(spans, ranking, optional, threshold, postings, accumulator, n_touched, first):
    """Add the optional lists to the rows touched; return how many rows can still win."""
    weights, begins, ends = spans.weights, spans.begins, spans.ends
    order, bounds, rests = ranking.order, ranking.bounds, ranking.rests
    for place in range(optional - 1, -1, -1):
        i = order[place]
        rest = rests[place] + bounds[i]
        n_touched = _keep_hopeful(accumulator, n_touched, rest, threshold)
        if n_touched == 0:
            return 0
        begin, end, weight = begins[i], ends[i], weights[i]
        if n_touched * _LOOKUP_COST < end - begin:
            _look_up(accumulator, n_touched, weight, begin, end, postings, first)
        else:
            _walk(accumulator, weight, begin, end, postings, first)
    return n_touched
