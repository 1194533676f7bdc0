"""Compiled search of a faiss HNSW graph over 8-bit codes, decided by the float32 vectors.

The graph is faiss' own (`hnsw.neighbors`, `hnsw.offsets`, `hnsw.cum_nneighbor_per_level`), so
that the same effort finds the same rows as faiss does, at less than half the cost: a code is a
quarter of a vector, and its distance a few vector instructions. The best candidates are compared
again by their float32 vectors, so scores are exact.

A filtered search keeps candidates and hits apart: rows that the filter refuses lead on but do
not count, and it ends when no candidate can improve the hits. That holds recall whatever the
filter has to do with the query. If it takes more comparisons than a scan of the allowed rows
would, these are scanned.

Inside, a larger score is closer: ``factor * scales[row] * dot(code, query) + biases[row]``.

Importing this module imports numba and compiles, or loads from numba's cache; only `compiled`
does so. The kernels take no lock and release the GIL; a `Scratch` serves one thread at a time.
"""

# Numba takes its types from the signatures below, and neither structures nor keywords cheaply.
# mypy: allow-untyped-defs, allow-untyped-decorators

from __future__ import annotations

from functools import partial
from typing import Any

import numba
import numpy as np
from numba import types

from aiomilvus.engine.index.dense.instructions import LANES, dot, prefetch

__all__ = ["LANES", "search", "search_allowed"]

_LINE = 64
_types: Any = types  # its stubs do not type signatures
_compiled: Any = partial(numba.njit, nogil=True, cache=True, error_model="numpy", fastmath=True)


@_compiled
def _quantize(query, narrow):
    """Write the query as int16 of at most 127; return what one of these is worth."""
    largest = np.float32(0.0)
    for i in range(query.shape[0]):
        largest = max(largest, abs(query[i]))
    if largest == 0.0:
        narrow[:] = 0
        return np.float32(0.0)
    for i in range(query.shape[0]):
        narrow[i] = np.int16(np.rint(query[i] * (np.float32(127.0) / largest)))
    return largest / np.float32(127.0)


@_compiled
def _score(store, row, narrow, factor):
    codes, scales, biases = store
    width = narrow.shape[0]
    product = np.float32(dot(codes, row * width, narrow, width))
    return factor * scales[row] * product + biases[row]


@_compiled
def _descend(store, graph, narrow, factor, entry, top):
    """Walk down the upper levels, greedily; return where to start on the lowest."""
    neighbors, offsets, levels = graph
    row = entry
    best = _score(store, row, narrow, factor)
    for level in range(top, 0, -1):
        moved = True
        while moved:
            moved = False
            for at in range(offsets[row] + levels[level], offsets[row] + levels[level + 1]):
                other = np.int64(neighbors[at])
                if other < 0:
                    break
                score = _score(store, other, narrow, factor)
                if score > best:
                    best, row, moved = score, other, True
    return row


@_compiled
def _unseen(store, graph, row, seen, stamp, todo, width):
    """Collect and mark the neighbours not yet seen, and ask for their codes."""
    neighbors, offsets, levels = graph
    count = 0
    for at in range(offsets[row], offsets[row] + levels[1]):
        other = np.int64(neighbors[at])
        if other < 0:
            break
        if seen[other] == stamp:
            continue
        seen[other] = stamp
        todo[count] = other
        count += 1
        for line in range(0, width, _LINE):
            prefetch(store[0], other * width + line)
    return count


@_compiled
def _insert(scores, rows, size, most, score, row):
    """Insert into the first `size` of best-first arrays, dropping the last beyond `most`."""
    at = size if size < most else most - 1
    while at > 0 and scores[at - 1] < score:
        scores[at], rows[at] = scores[at - 1], rows[at - 1]
        at -= 1
    scores[at], rows[at] = score, row
    return at


@_compiled
def _walk(store, graph, start, narrow, factor, effort, seen, stamp, todo, scores, rows):
    """Fill the arrays with the best `effort` rows found; return how many.

    A row that was expanded stands there as its complement.
    """
    scores[0], rows[0] = _score(store, start, narrow, factor), start
    seen[start] = stamp
    size, at = 1, 0
    while at < size:
        row = rows[at]
        if row < 0:
            at += 1
            continue
        rows[at] = ~row
        lowest = at + 1
        for i in range(_unseen(store, graph, row, seen, stamp, todo, narrow.shape[0])):
            score = _score(store, todo[i], narrow, factor)
            if size == effort and score <= scores[size - 1]:
                continue
            lowest = min(lowest, _insert(scores, rows, size, effort, score, todo[i]))
            size = min(size + 1, effort)
        at = lowest
    for i in range(size):
        rows[i] = ~rows[i]
    return size


@_compiled
def _push(scores, rows, size, score, row):
    at = size
    while at > 0:
        parent = (at - 1) >> 1
        if scores[parent] >= score:
            break
        scores[at], rows[at] = scores[parent], rows[parent]
        at = parent
    scores[at], rows[at] = score, row


@_compiled
def _pop(scores, rows, size):
    """Drop the root of a heap of `size`, the closest row."""
    score, row = scores[size - 1], rows[size - 1]
    at = 0
    while True:
        child = 2 * at + 1
        if child >= size - 1:
            break
        if child + 1 < size - 1 and scores[child + 1] > scores[child]:
            child += 1
        if scores[child] <= score:
            break
        scores[at], rows[at] = scores[child], rows[child]
        at = child
    scores[at], rows[at] = score, row


@_compiled
def _walk_allowed(
    store, graph, start, narrow, factor, effort, seen, stamp, todo, heap, scores, rows, allowed,
    budget,
):  # fmt: skip
    """Fill the arrays with the best `effort` allowed rows; return how many, -1 beyond budget."""
    near, waiting = heap
    near[0], waiting[0] = _score(store, start, narrow, factor), start
    seen[start] = stamp
    size, pending, compared = 0, 1, 1
    if allowed[start]:
        scores[0], rows[0] = near[0], start
        size = 1
    while pending > 0 and (size < effort or near[0] >= scores[size - 1]):
        row = waiting[0]
        _pop(near, waiting, pending)
        pending -= 1
        count = _unseen(store, graph, row, seen, stamp, todo, narrow.shape[0])
        compared += count
        if compared > budget:
            return -1
        for i in range(count):
            score = _score(store, todo[i], narrow, factor)
            if size == effort and score <= scores[size - 1]:
                continue
            _push(near, waiting, pending, score, todo[i])
            pending += 1
            if allowed[todo[i]]:
                _insert(scores, rows, size, effort, score, todo[i])
                size = min(size + 1, effort)
    return size


@_compiled
def _scan(store, narrow, factor, effort, scores, rows, allowed):
    """Fill the arrays with the best `effort` of all allowed rows, by their codes."""
    size = 0
    for row in range(allowed.shape[0]):
        if allowed[row]:
            score = _score(store, row, narrow, factor)
            if size < effort or score > scores[size - 1]:
                _insert(scores, rows, size, effort, score, row)
                size = min(size + 1, effort)
    return size


@_compiled
def _decide(query, vectors, inverses, squared, rows, size, best_scores, best_rows):
    """Write the best of `rows` by their vectors, closest first; -1 for what is missing."""
    k = best_rows.shape[0]
    count = 0
    for i in range(size):
        row = rows[i]
        score = np.float32(0.0)
        if squared:
            for j in range(query.shape[0]):
                score -= (vectors[row, j] - query[j]) ** 2
        else:
            for j in range(query.shape[0]):
                score += vectors[row, j] * query[j]
        if inverses.shape[0]:
            score *= inverses[row]
        if count < k or score > best_scores[k - 1]:
            _insert(best_scores, best_rows, count, k, score, row)
            count = min(count + 1, k)
    best_rows[count:] = -1
    if squared:
        for i in range(count):
            best_scores[i] = -best_scores[i]


_FLOATS = _types.Array(_types.float32, 1, "C")
_GIVEN = _types.Array(_types.float32, 1, "C", readonly=True)
_MATRIX = _types.Array(_types.float32, 2, "C", readonly=True)
_ROWS = _types.Array(_types.int64, 1, "C")
_LONGS = _types.Array(_types.int64, 1, "C", readonly=True)
_STORE = [_types.Array(_types.int8, 1, "C", readonly=True), _GIVEN, _GIVEN, _MATRIX, _GIVEN]
_GRAPH = [
    _types.Array(_types.int32, 1, "C", readonly=True),
    _LONGS,
    _LONGS,
    _types.int64,
    _types.int64,
]
_SCRATCH = [
    _types.Array(_types.uint32, 1, "C"),
    _types.uint32,
    _types.Array(_types.int16, 1, "C"),
    _ROWS,
    _FLOATS,
    _ROWS,
]
_FOUND = [_types.Array(_types.float32, 2, "C"), _types.Array(_types.int64, 2, "C")]
_MASK = _types.Array(_types.boolean, 1, "C", readonly=True)


@_compiled(
    _types.void(
        _MATRIX, _types.boolean, *_STORE, *_GRAPH, _types.int64, _types.int64, *_SCRATCH, *_FOUND
    )
)
def search(
    queries, squared, codes, scales, biases, vectors, inverses,
    neighbors, offsets, levels, entry, top, effort, decided,
    seen, stamp, narrow, todo, near, nearest, found_scores, found_rows,
):  # fmt: skip
    """Search the graph for each of the queries.

    What the arguments hold::

        queries: float32 (nq, dim).
        squared: Whether scores are squared distances, smaller is closer; else products.
        codes: int8 (n * width), rows of `width` = len(narrow) values, padded with zeros.
        scales, biases: float32 (n), see the module; `biases` is ``-|v|²`` for distances.
        vectors: float32 (n, dim), what decides.
        inverses: float32 (n), factors of the exact products (COSINE); empty for none.
        neighbors, offsets, levels, entry, top: faiss' graph.
        effort: Rows kept while walking, at least k.
        decided: How many of them are compared exactly, at least k.
        seen, stamp: uint32 (n) without any of the values stamp … stamp + nq - 1.
        narrow, todo, near, nearest: Scratch: width int16, degree int64, `effort` float32, int64.
        found_scores, found_rows: The hits, (nq, k), written; missing ones are row -1.
    """
    store = (codes, scales, biases)
    graph = (neighbors, offsets, levels)
    for i in range(queries.shape[0]):
        factor = _quantize(queries[i], narrow) * np.float32(2.0 if squared else 1.0)
        start = _descend(store, graph, narrow, factor, entry, top)
        size = _walk(
            store, graph, start, narrow, factor, effort, seen, np.uint32(stamp + i), todo, near,
            nearest,
        )  # fmt: skip
        _decide(
            queries[i], vectors, inverses, squared, nearest, min(size, decided), found_scores[i],
            found_rows[i],
        )  # fmt: skip


@_compiled(
    _types.void(
        _MATRIX, _types.boolean, *_STORE, *_GRAPH, _types.int64, _types.int64, *_SCRATCH, *_FOUND,
        _MASK, _types.int64, _FLOATS, _ROWS,
    )
)  # fmt: skip
def search_allowed(
    queries, squared, codes, scales, biases, vectors, inverses,
    neighbors, offsets, levels, entry, top, effort, decided,
    seen, stamp, narrow, todo, near, nearest, found_scores, found_rows,
    allowed, budget, heap_scores, heap_rows,
):  # fmt: skip
    """Search the graph among allowed rows, as `search` does.

    What the further arguments hold::

        allowed: bool (n).
        budget: Comparisons after which the allowed rows are scanned instead; 0 to scan at once.
        heap_scores, heap_rows: Scratch of min(n, budget + degree) entries.
    """
    store = (codes, scales, biases)
    graph = (neighbors, offsets, levels)
    for i in range(queries.shape[0]):
        factor = _quantize(queries[i], narrow) * np.float32(2.0 if squared else 1.0)
        size = -1
        if budget > 0:
            start = _descend(store, graph, narrow, factor, entry, top)
            size = _walk_allowed(
                store, graph, start, narrow, factor, effort, seen, np.uint32(stamp + i), todo,
                (heap_scores, heap_rows), near, nearest, allowed, budget,
            )  # fmt: skip
        if size < 0:
            size = _scan(store, narrow, factor, effort, near, nearest, allowed)
        _decide(
            queries[i], vectors, inverses, squared, nearest, min(size, decided), found_scores[i],
            found_rows[i],
        )  # fmt: skip
