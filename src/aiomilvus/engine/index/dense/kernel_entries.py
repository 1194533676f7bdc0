"""Compiled search of a faiss HNSW graph over codes of 4 or 8 bits, decided by float32 vectors.

The graph is faiss' own (`hnsw.neighbors`, `hnsw.offsets`, `hnsw.cum_nneighbor_per_level`), so
that the same ef finds the same rows as faiss does, at less than half the cost: a code is an
eighth of a vector, or a quarter, and its distance a few vector instructions. The best candidates
are compared again by their float32 vectors, so scores are exact.

A filtered search keeps candidates and hits apart: rows that the filter refuses lead on but do
not count, and it ends when no candidate can improve the hits. That holds recall whatever the
filter has to do with the query. If it takes more comparisons than a scan of the allowed rows
would, these are scanned.

Importing this module imports numba and compiles, or loads from numba's cache; only `compiled`
does so. The kernels take no lock and release the GIL; a `Scratch` serves one thread at a time.
"""

# Numba takes its types from the signatures below, and neither structures nor keywords cheaply.
# mypy: allow-untyped-defs, allow-untyped-decorators, allow-untyped-calls

from __future__ import annotations

from typing import Any

from numba import types

from aiomilvus.engine.index.dense.hnsw_kernels import (
    compiled,
    decide,
    descend,
    new_stamp,
    quantize,
    scan,
    scan_listed,
    walk,
    walk_allowed,
)
from aiomilvus.engine.index.dense.simd import LANES

__all__ = ["LANES", "search", "search_allowed", "search_listed"]

_types: Any = types  # its stubs do not type signatures

_FLOATS = _types.Array(_types.float32, 1, "C")
_GIVEN = _types.Array(_types.float32, 1, "C", readonly=True)
_MATRIX = _types.Array(_types.float32, 2, "C", readonly=True)
_ROWS = _types.Array(_types.int64, 1, "C")
_LONGS = _types.Array(_types.int64, 1, "C", readonly=True)
_STORE = [_GIVEN, _types.int64, _types.int64, _types.int64, _GIVEN, _MATRIX, _GIVEN]
_GRAPH = [
    _types.Array(_types.int32, 1, "C", readonly=True),
    _LONGS,
    _LONGS,
    _types.int64,
    _types.int64,
]
_SEEN = _types.Array(_types.uint8, 1, "C")
_SCRATCH = [_types.float32, _ROWS, _FLOATS, _ROWS]
_FOUND = [_types.Array(_types.float32, 2, "C"), _types.Array(_types.int64, 2, "C")]
_MASK = _types.Array(_types.boolean, 1, "C", readonly=True)
_CODED = [(_types.int8, _types.int16), (_types.uint8, _types.int8)]
"""Types of codes and queries."""


def _signatures(*more):
    """Return a kernel's signatures: over codes of 8 bits, and of 4."""
    return [
        _types.void(
            *(_MATRIX, _types.boolean, _types.Array(codes, 1, "C", readonly=True), *_STORE),
            *(*_GRAPH, _types.int64, _types.int64, _SEEN, _types.Array(query, 1, "C")),
            *(*_SCRATCH, *_FOUND, *more),
        )
        for codes, query in _CODED
    ]


@compiled(_signatures())
def search(
    queries, squared, codes, heads, stride, head, middle, centre, vectors, inverses,
    neighbors, offsets, levels, entry, top, ef, decided,
    seen, narrow, most, todo, near, nearest, found_scores, found_rows,
):  # fmt: skip
    """Search the graph for each of the queries.

    What the arguments hold::

        queries: float32 (nq, dim).
        squared: Whether scores are squared distances, smaller is closer; else products.
        codes, heads, stride, head, middle: See `codes.Codes`.
        centre: float32 (dim), what was taken off the vectors and is to be taken off the queries;
            empty for none. Products keep their order without.
        vectors: float32 (n, dim), what decides.
        inverses: float32 (n), factors of the exact products (COSINE); empty for none.
        neighbors, offsets, levels, entry, top: faiss' graph.
        ef: Rows kept while walking, at least k.
        decided: How many of them are compared exactly, at least k.
        seen: uint8 (n + 1), all zero at first: which rows a search has met.
        narrow, todo, near, nearest: Scratch: width int16, or int8 for codes of 4 bits, degree
            int64, `ef` float32, int64. Beyond the dimensions `narrow` is zero.
        most: The largest of the query's whole numbers; the sum of a product fits in 31 bits.
        found_scores, found_rows: The hits, (nq, k), written; missing ones are row -1.
    """
    store = (codes, heads, stride, head)
    graph = (neighbors, offsets, levels)
    for i in range(queries.shape[0]):
        asked = quantize(queries[i], centre, narrow, most, middle, squared)
        start = descend(store, graph, asked, entry, top)
        size = walk(
            store, graph, start, asked, ef, seen, new_stamp(seen), todo, near,
            nearest,
        )  # fmt: skip
        decide(
            queries[i], vectors, inverses, squared, nearest, min(size, decided), found_scores[i],
            found_rows[i],
        )  # fmt: skip


@compiled(_signatures(_MASK, _types.int64, _FLOATS, _ROWS))
def search_allowed(
    queries, squared, codes, heads, stride, head, middle, centre, vectors, inverses,
    neighbors, offsets, levels, entry, top, ef, decided,
    seen, narrow, most, todo, near, nearest, found_scores, found_rows,
    allowed, budget, heap_scores, heap_rows,
):  # fmt: skip
    """Search the graph among allowed rows, as `search` does.

    What the further arguments hold::

        allowed: bool (n).
        budget: Comparisons after which the allowed rows are scanned instead; 0 to scan at once.
        heap_scores, heap_rows: Scratch of min(n, budget + degree) entries.
    """
    store = (codes, heads, stride, head)
    graph = (neighbors, offsets, levels)
    for i in range(queries.shape[0]):
        asked = quantize(queries[i], centre, narrow, most, middle, squared)
        size = -1
        if budget > 0:
            start = descend(store, graph, asked, entry, top)
            size = walk_allowed(
                store, graph, start, asked, ef, seen, new_stamp(seen), todo,
                (heap_scores, heap_rows), near, nearest, allowed, budget,
            )  # fmt: skip
        if size < 0:
            size = scan(store, asked, ef, near, nearest, allowed)
        decide(
            queries[i], vectors, inverses, squared, nearest, min(size, decided), found_scores[i],
            found_rows[i],
        )  # fmt: skip


@compiled(
    [
        _types.void(
            *(_MATRIX, _types.boolean, _types.Array(codes, 1, "C", readonly=True), *_STORE),
            *(_types.Array(query, 1, "C"), _types.float32, _FLOATS, _ROWS, *_FOUND, _LONGS),
        )
        for codes, query in _CODED
    ]
)
def search_listed(
    queries, squared, codes, heads, stride, head, middle, centre, vectors, inverses,
    narrow, most, near, nearest, found_scores, found_rows, listed,
):  # fmt: skip
    """Search the rows whose numbers are `listed`, int64; the other arguments as of `search`.

    As many as `near` and `nearest` hold are compared exactly.
    """
    store = (codes, heads, stride, head)
    for i in range(queries.shape[0]):
        asked = quantize(queries[i], centre, narrow, most, middle, squared)
        size = scan_listed(store, asked, near.shape[0], near, nearest, listed)
        decide(
            queries[i], vectors, inverses, squared, nearest, size, found_scores[i], found_rows[i]
        )
