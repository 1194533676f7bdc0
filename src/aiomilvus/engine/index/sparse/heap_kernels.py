"""The compiled heap of the best hits, and the binary search. See `kernel_entries`.

Algorithms: a binary heap with the worst hit at its root (Williams, "Algorithm 232: Heapsort",
1964), which `sort_best_first` turns into a sorted array in place; a binary search whose steps do
not branch on the data, as processors predict such branches badly.

The tuples are those of `kernel_arguments`. Invariants: the first `size` entries of a `Heap` are
valid, none is better than the entries below it; hits are ordered by descending score, then
ascending row, so that no two are equal.

Imports numba; only `maxscore_kernels` and `kernel_entries` use it.
"""

# Numba takes its types from the signature in `kernel_entries`.
# mypy: allow-untyped-defs, allow-untyped-decorators, allow-untyped-calls

from __future__ import annotations

from functools import partial
from typing import Any

import numba

compiled: Any = partial(numba.njit, nogil=True, error_model="numpy")


@compiled
def _worse(score_a, row_a, score_b, row_b):
    return score_a < score_b or (score_a == score_b and row_a > row_b)


@compiled
def _sift_down(heap, size, at):
    """Restore the heap, worst hit at the root, after the entry `at` got better."""
    scores, rows = heap.scores, heap.rows
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


@compiled
def offer(heap, size, k, score, row):
    """Add a hit if it is among the best `k`; return the heap's new size."""
    scores, rows = heap.scores, heap.rows
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
        _sift_down(heap, size, 0)
    return size


@compiled
def sort_best_first(heap, size):
    """Turn the heap into hits by descending score, ascending row."""
    scores, rows = heap.scores, heap.rows
    end = size - 1
    while end > 0:
        scores[0], scores[end] = scores[end], scores[0]
        rows[0], rows[end] = rows[end], rows[0]
        _sift_down(heap, end, 0)
        end -= 1


@compiled
def find(values, start, end, wanted):
    """Return where `wanted` is in values[start:end], which is sorted; -1 if nowhere."""
    length = end - start
    if length <= 0:
        return -1
    while length > 1:  # without branches that depend on the data
        half = length >> 1
        start = start + half if values[start + half] <= wanted else start
        length -= half
    return start if values[start] == wanted else -1
