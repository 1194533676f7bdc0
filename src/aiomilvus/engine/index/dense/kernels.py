"""Compiled search of a faiss HNSW graph over 8-bit codes, decided by the float32 vectors.

The graph is faiss' own (`hnsw.neighbors`, `hnsw.offsets`, `hnsw.cum_nneighbor_per_level`), so
that the same effort finds the same rows as faiss does, at less than half the cost: a code is a
quarter of a vector, and its distance a few vector instructions. The best candidates are compared
again by their float32 vectors, so scores are exact.

A filtered search keeps candidates and hits apart: rows that the filter refuses lead on but do
not count, and it ends when no candidate can improve the hits. That holds recall whatever the
filter has to do with the query. If it takes more comparisons than a scan of the allowed rows
would, these are scanned.

Importing this module imports numba and compiles, or loads from numba's cache; only `compiled`
does so. The kernels take no lock and release the GIL; a `Scratch` serves one thread at a time.
"""

# Numba takes its types from the signatures below, and neither structures nor keywords cheaply.
# mypy: allow-untyped-defs, allow-untyped-decorators

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from aiomilvus.engine.index.dense.instructions import LANES
from aiomilvus.engine.index.dense.walking import (
    compiled,
    decide,
    descend,
    quantize,
    scan,
    walk,
    walk_allowed,
)

__all__ = ["LANES", "search", "search_allowed"]

_types: Any = types  # its stubs do not type signatures

_FLOATS = _types.Array(_types.float32, 1, "C")
_GIVEN = _types.Array(_types.float32, 1, "C", readonly=True)
_MATRIX = _types.Array(_types.float32, 2, "C", readonly=True)
_ROWS = _types.Array(_types.int64, 1, "C")
_LONGS = _types.Array(_types.int64, 1, "C", readonly=True)
_STORE = [
    _types.Array(_types.int8, 1, "C", readonly=True),
    _GIVEN,
    _GIVEN,
    _GIVEN,
    _MATRIX,
    _GIVEN,
]
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
    _types.float32,
    _ROWS,
    _FLOATS,
    _ROWS,
]
_FOUND = [_types.Array(_types.float32, 2, "C"), _types.Array(_types.int64, 2, "C")]
_MASK = _types.Array(_types.boolean, 1, "C", readonly=True)


@compiled(
    _types.void(
        _MATRIX, _types.boolean, *_STORE, *_GRAPH, _types.int64, _types.int64, *_SCRATCH, *_FOUND
    )
)
def search(
    queries, squared, codes, scales, biases, centre, vectors, inverses,
    neighbors, offsets, levels, entry, top, effort, decided,
    seen, stamp, narrow, most, todo, near, nearest, found_scores, found_rows,
):  # fmt: skip
    """Search the graph for each of the queries.

    What the arguments hold::

        queries: float32 (nq, dim).
        squared: Whether scores are squared distances, smaller is closer; else products.
        codes: int8 (n * width), rows of `width` = len(narrow) values, padded with zeros.
        scales, biases: float32 (n), see the module; `biases` is ``-|v - centre|²`` for distances.
        centre: float32 (dim), what was taken off the vectors and is to be taken off the queries;
            empty for none. Products keep their order without.
        vectors: float32 (n, dim), what decides.
        inverses: float32 (n), factors of the exact products (COSINE); empty for none.
        neighbors, offsets, levels, entry, top: faiss' graph.
        effort: Rows kept while walking, at least k.
        decided: How many of them are compared exactly, at least k.
        seen, stamp: uint32 (n) without any of the values stamp … stamp + nq - 1.
        narrow, todo, near, nearest: Scratch: width int16, degree int64, `effort` float32, int64.
        most: The largest of the query's whole numbers; the sum of a product fits in 31 bits.
        found_scores, found_rows: The hits, (nq, k), written; missing ones are row -1.
    """
    store = (codes, scales, biases)
    graph = (neighbors, offsets, levels)
    for i in range(queries.shape[0]):
        factor = quantize(queries[i], centre, narrow, most)
        factor *= np.float32(2.0 if squared else 1.0)
        start = descend(store, graph, narrow, factor, entry, top)
        size = walk(
            store, graph, start, narrow, factor, effort, seen, np.uint32(stamp + i), todo, near,
            nearest,
        )  # fmt: skip
        decide(
            queries[i], vectors, inverses, squared, nearest, min(size, decided), found_scores[i],
            found_rows[i],
        )  # fmt: skip


@compiled(
    _types.void(
        _MATRIX, _types.boolean, *_STORE, *_GRAPH, _types.int64, _types.int64, *_SCRATCH, *_FOUND,
        _MASK, _types.int64, _FLOATS, _ROWS,
    )
)  # fmt: skip
def search_allowed(
    queries, squared, codes, scales, biases, centre, vectors, inverses,
    neighbors, offsets, levels, entry, top, effort, decided,
    seen, stamp, narrow, most, todo, near, nearest, found_scores, found_rows,
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
        factor = quantize(queries[i], centre, narrow, most)
        factor *= np.float32(2.0 if squared else 1.0)
        size = -1
        if budget > 0:
            start = descend(store, graph, narrow, factor, entry, top)
            size = walk_allowed(
                store, graph, start, narrow, factor, effort, seen, np.uint32(stamp + i), todo,
                (heap_scores, heap_rows), near, nearest, allowed, budget,
            )  # fmt: skip
        if size < 0:
            size = scan(store, narrow, factor, effort, near, nearest, allowed)
        decide(
            queries[i], vectors, inverses, squared, nearest, min(size, decided), found_scores[i],
            found_rows[i],
        )  # fmt: skip
