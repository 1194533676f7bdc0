"""The compiled search: top-k over inverted lists, window by window, skipping what can't win.

Rows are visited in windows (`postings.Postings.window_bits`). In each window the query's terms
are ordered by the most they can add there. Terms whose bounds together stay below the k-th
best score so far are not walked through: a row that has only these can't get in. The other
terms' postings are summed into a buffer of one window; then come the rest, best first, by
walking through them or by looking rows up, and only for rows that could still win. A window
whose bounds sum to too little is skipped whole. Before the first window the k-th best score is
estimated from below: a list whose k-th largest contribution is known makes k rows at least that
good. Without pruning, every posting is summed: the case for negative values.

Importing this module imports numba and compiles, or loads from numba's cache; only
`compiled` does so. The kernels take no lock and release the GIL.
"""

# Numba takes its types from the signature below, and neither structures nor keywords cheaply.
# mypy: allow-untyped-defs, allow-untyped-decorators

from __future__ import annotations

from functools import partial
from typing import Any

import numba
import numpy as np
from numba import types

_RANKS = 3
# Bounds are float32 and sums round: a relative slack keeps pruning exact.
_SLACK = 1.0 + 1e-6
# A binary search costs about as much as walking through this many postings.
_LOOKUP_COST = 16

_compiled: Any = partial(numba.njit, nogil=True, cache=True, error_model="numpy")


@_compiled
def _worse(score_a, row_a, score_b, row_b):
    return score_a < score_b or (score_a == score_b and row_a > row_b)


@_compiled
def _sift_down(scores, rows, size, at):
    """Restore the heap, worst hit at the root, after the entry `at` got better."""
    score, row = scores[at], rows[at]
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        other = child + 1
        if other < size and _worse(scores[other], rows[other], scores[child], rows[child]):
            child = other
        if not _worse(scores[child], rows[child], score, row):
            break
        scores[at], rows[at] = scores[child], rows[child]
        at = child
    scores[at], rows[at] = score, row


@_compiled
def _offer(scores, rows, size, k, score, row):
    """Add a hit if it is among the best `k`; return the heap's new size."""
    if size < k:
        at = size
        while at > 0:
            parent = (at - 1) >> 1
            if not _worse(score, row, scores[parent], rows[parent]):
                break
            scores[at], rows[at] = scores[parent], rows[parent]
            at = parent
        scores[at], rows[at] = score, row
        return size + 1
    if _worse(scores[0], rows[0], score, row):
        scores[0], rows[0] = score, row
        _sift_down(scores, rows, size, 0)
    return size


@_compiled
def _sort_best_first(scores, rows, size):
    """Turn the heap into hits by descending score, ascending row."""
    end = size - 1
    while end > 0:
        scores[0], scores[end] = scores[end], scores[0]
        rows[0], rows[end] = rows[end], rows[0]
        _sift_down(scores, rows, end, 0)
        end -= 1


@_compiled
def _find(values, start, end, wanted):
    """Return where `wanted` is in values[start:end], which is sorted; -1 if nowhere."""
    length = end - start
    if length <= 0:
        return -1
    while length > 1:  # without branches that depend on the data
        half = length >> 1
        start = start + half if values[start + half] <= wanted else start
        length -= half
    return start if values[start] == wanted else -1


@_compiled
def _floor(lists, weights, n_lists, floors, rank):
    """Return a score that at least k rows reach; `rank` picks the column of `floors`."""
    best = 0.0
    for i in range(n_lists):
        best = max(best, weights[i] * floors[lists[i] * _RANKS + rank])
    return best


@_compiled
def _enter_window(
    lists, weights, n_lists, cursors, begins, ends, bounds, offsets, rows, slots,
    window_starts, term_bounds, window_bounds, bound_factor, window, n_windows, last,
):  # fmt: skip
    """Set each list's postings in the window and the most they can add; return the sum."""
    total = 0.0
    for i in range(n_lists):
        term = lists[i]
        slot = slots[term]
        if slot >= 0:
            cell = slot * (n_windows + 1) + window
            begins[i] = offsets[term] + window_starts[cell]
            ends[i] = offsets[term] + window_starts[cell + 1]
            bound = window_bounds[slot * n_windows + window]
        else:
            at = cursors[i]
            begins[i] = at
            stop = offsets[term + 1]
            while at < stop and rows[at] < last:
                at += 1
            cursors[i] = at
            ends[i] = at
            bound = term_bounds[term]
        bounds[i] = 0.0
        if begins[i] < ends[i]:
            bounds[i] = bound * weights[i] * bound_factor
        total += bounds[i]
    return total


@_compiled
def _order_by_bound(order, bounds, n_lists):
    """Sort lists by ascending bound; they nearly are, from the window before."""
    for i in range(1, n_lists):
        moving = order[i]
        at = i
        while at > 0 and bounds[order[at - 1]] > bounds[moving]:
            order[at] = order[at - 1]
            at -= 1
        order[at] = moving


@_compiled
def _count_optional(order, bounds, rests, n_lists, threshold):
    """Return how many lists, lowest bounds first, can't win alone; note their sums."""
    rest = 0.0
    for place in range(n_lists):
        rests[place] = rest
        rest += bounds[order[place]]
        if rest * _SLACK >= threshold:
            return place
    return n_lists


@_compiled
def _sum_required(
    order, optional, n_lists, weights, begins, ends, sums, touched, rows, values, lengths,
    is_bm25, base, slope, first,
):  # fmt: skip
    """Walk through all but the optional lists; return how many rows were touched."""
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


@_compiled
def _keep_hopeful(touched, n_touched, sums, rest, threshold):
    """Drop rows that can't win with `rest` more; return how many are left."""
    kept = 0
    for place in range(n_touched):
        local = touched[place]
        hopeful = (sums[local] + rest) * _SLACK >= threshold
        touched[kept] = local
        kept += hopeful
        sums[local] *= hopeful
    return kept


@_compiled
def _look_up(
    touched, n_touched, sums, weight, begin, end, rows, values, lengths, is_bm25, base, slope,
    first,
):  # fmt: skip
    """Add one list to the rows touched by searching each of them."""
    for place in range(n_touched):
        local = touched[place]
        at = _find(rows, begin, end, first + local)
        if at >= 0:
            value = np.float64(values[at])
            if is_bm25:
                value = value / (value + base + slope * lengths[first + local])
            sums[local] += weight * value


@_compiled
def _walk(sums, weight, begin, end, rows, values, lengths, is_bm25, base, slope, first):
    """Add one list to the rows touched by walking through it."""
    if is_bm25:
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


@_compiled
def _add_optional(
    order, optional, threshold, weights, begins, ends, bounds, rests, sums, touched, n_touched,
    rows, values, lengths, is_bm25, base, slope, first,
):  # fmt: skip
    """Add the optional lists to the rows touched; return how many rows can still win."""
    for place in range(optional - 1, -1, -1):
        i = order[place]
        n_touched = _keep_hopeful(touched, n_touched, sums, rests[place] + bounds[i], threshold)
        if n_touched == 0:
            return 0
        if n_touched * _LOOKUP_COST < ends[i] - begins[i]:
            _look_up(
                touched, n_touched, sums, weights[i], begins[i], ends[i], rows, values, lengths,
                is_bm25, base, slope, first,
            )  # fmt: skip
        else:
            _walk(
                sums, weights[i], begins[i], ends[i], rows, values, lengths, is_bm25, base,
                slope, first,
            )  # fmt: skip
    return n_touched


@_compiled
def _any_allowed(mask, first, last):
    allowed = False
    for row in range(first, last):
        allowed |= mask[row]
    return allowed


@_compiled
def _search_one(
    lists, weights, n_lists, cursors, order, begins, ends, bounds, sums, touched, rests,
    offsets, rows, values, lengths, slots, window_starts, term_bounds, window_bounds,
    window_bits, bound_factor, floor, is_bm25, base, slope, prunes, mask, has_mask, k,
    top_scores, top_rows,
):  # fmt: skip
    size = 0
    n_rows = len(lengths)
    n_windows = (n_rows + (1 << window_bits) - 1) >> window_bits
    threshold = floor
    for window in range(n_windows):
        first = window << window_bits
        last = min(first + (1 << window_bits), n_rows)
        total = _enter_window(
            lists, weights, n_lists, cursors, begins, ends, bounds, offsets, rows, slots,
            window_starts, term_bounds, window_bounds, bound_factor, window, n_windows, last,
        )  # fmt: skip
        if prunes and (total == 0.0 or total * _SLACK < threshold):
            continue
        if has_mask and not _any_allowed(mask, first, last):
            continue
        optional = 0
        if prunes:
            _order_by_bound(order, bounds, n_lists)
            optional = _count_optional(order, bounds, rests, n_lists, threshold)
        n_touched = _sum_required(
            order, optional, n_lists, weights, begins, ends, sums, touched, rows, values,
            lengths, is_bm25, base, slope, first,
        )  # fmt: skip
        n_touched = _add_optional(
            order, optional, threshold, weights, begins, ends, bounds, rests, sums, touched,
            n_touched, rows, values, lengths, is_bm25, base, slope, first,
        )  # fmt: skip
        for place in range(n_touched):
            local = touched[place]
            score = np.float32(sums[local])
            sums[local] = 0.0
            if score == 0.0:
                continue  # cancelled out, or seen before
            if size == k and score < top_scores[0]:
                continue
            row = first + local
            if not has_mask or mask[row]:
                size = _offer(top_scores, top_rows, size, k, score, row)
        if prunes and size == k:
            threshold = max(floor, top_scores[0])
    _sort_best_first(top_scores, top_rows, size)
    return size


def _readonly(scalar: Any) -> Any:
    return types.Array(scalar, 1, "C", readonly=True)


_SEARCH_BATCH = types.void(
    _readonly(types.int64),  # query_starts
    _readonly(types.uint32),  # query_terms
    _readonly(types.float64),  # query_weights
    _readonly(types.uint32),  # terms
    _readonly(types.int64),  # offsets
    _readonly(types.uint32),  # rows
    _readonly(types.float32),  # values
    _readonly(types.float32),  # lengths
    _readonly(types.int32),  # slots
    _readonly(types.uint32),  # window_starts
    _readonly(types.float32),  # term_bounds
    _readonly(types.float32),  # window_bounds
    _readonly(types.float32),  # floors
    types.int64,  # window_bits
    types.float64,  # bound_factor
    types.int64,  # floor_rank
    types.float64,  # floor_factor
    types.boolean,  # is_bm25
    types.float64,  # base
    types.float64,  # slope
    types.boolean,  # prunes
    _readonly(types.boolean),  # mask
    types.boolean,  # has_mask
    types.int64,  # k
    types.float32[:, ::1],  # top_scores
    types.int64[:, ::1],  # top_rows
    types.int64[::1],  # sizes
)


@_compiled(_SEARCH_BATCH)
def search_batch(
    query_starts, query_terms, query_weights, terms, offsets, rows, values, lengths, slots,
    window_starts, term_bounds, window_bounds, floors, window_bits, bound_factor, floor_rank,
    floor_factor, is_bm25, base, slope, prunes, mask, has_mask, k, top_scores, top_rows, sizes,
):  # fmt: skip
    """Search each query; fill `top_scores`, `top_rows` (queries, k) and `sizes` (queries,).

    `prunes` asks for positive values and weights; `floor_rank` is -1 when no floor holds.
    Rows with score 0 are no hits.
    """
    most = 1
    for query in range(len(query_starts) - 1):
        most = max(most, query_starts[query + 1] - query_starts[query])
    lists = np.empty(most, np.int64)
    weights = np.empty(most, np.float64)
    cursors = np.empty(most, np.int64)
    order = np.empty(most, np.int64)
    begins = np.empty(most, np.int64)
    ends = np.empty(most, np.int64)
    bounds = np.empty(most, np.float64)
    rests = np.empty(most, np.float64)
    sums = np.zeros(1 << window_bits, np.float64)
    # With values that cancel out, a row can be touched once per term.
    touched = np.empty(((1 if prunes else most) << window_bits) + 1, np.int64)
    for query in range(len(query_starts) - 1):
        n_lists = 0
        for at in range(query_starts[query], query_starts[query + 1]):
            found = _find(terms, 0, len(terms), query_terms[at])
            if found >= 0:
                lists[n_lists] = found
                weights[n_lists] = query_weights[at]
                cursors[n_lists] = offsets[found]
                order[n_lists] = n_lists
                n_lists += 1
        sizes[query] = 0
        if n_lists > 0 and k > 0:
            floor = 0.0
            if prunes and floor_rank >= 0:
                floor = _floor(lists, weights, n_lists, floors, floor_rank) * floor_factor
            sizes[query] = _search_one(
                lists, weights, n_lists, cursors, order, begins, ends, bounds, sums, touched,
                rests, offsets, rows, values, lengths, slots, window_starts, term_bounds,
                window_bounds, window_bits, bound_factor, floor, is_bm25, base, slope, prunes,
                mask, has_mask, k, top_scores[query], top_rows[query],
            )  # fmt: skip
