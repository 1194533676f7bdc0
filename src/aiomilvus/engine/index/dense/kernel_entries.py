"""Compiled search of a faiss HNSW graph over codes of 4 or 8 bits, scored again by vectors.

The graph is faiss' own (`hnsw.neighbors`, `hnsw.offsets`, `hnsw.cum_nneighbor_per_level`), so
that the same ef finds the same rows as faiss does, at less than half the cost: a code is an
eighth of a vector, or a quarter, and its distance a few vector instructions. The best candidates
are compared again by their float32 vectors, so scores are exact.

A filtered search keeps candidates and hits apart: rows that the filter refuses lead on but do
not count, and it ends when no candidate can improve the hits. That holds recall whatever the
filter has to do with the query. If it takes more comparisons than a scan of the allowed rows
would, these are scanned.

Entries take the fields of named tuples one by one, as the words of a `kernels.calls.Frame`.

Importing this module imports numba and compiles; `kernels.compiling` does so, in a process beside.
The kernels take no lock and never raise; a `Scratch` serves one thread at a time.
"""

# Numba takes its types from the signatures below, and neither structures nor keywords cheaply.
# mypy: allow-untyped-defs, allow-untyped-decorators, allow-untyped-calls

from __future__ import annotations

from typing import Any

from numba import types

from aiomilvus.engine.index.dense.hnsw_kernels import (
    compiled,
    descend,
    new_stamp,
    quantize,
    rescore,
    scan_listed,
    walk,
    walk_allowed,
)
from aiomilvus.engine.index.dense.kernel_arguments import (
    GIVEN_UP,
    CodedRows,
    Graph,
    Ranked,
    Scratch,
    Store,
)

_types: Any = types  # its stubs do not type signatures

_FLOATS = _types.Array(_types.float32, 1, "C")
_GIVEN = _types.Array(_types.float32, 1, "C", readonly=True)
_MATRIX = _types.Array(_types.float32, 2, "C", readonly=True)
_ROWS = _types.Array(_types.int64, 1, "C")
_LONGS = _types.Array(_types.int64, 1, "C", readonly=True)
_MASK = _types.Array(_types.boolean, 1, "C", readonly=True)
_GRAPH = Graph(
    neighbors=_types.Array(_types.int32, 1, "C", readonly=True),
    offsets=_LONGS,
    levels=_LONGS,
    entry=_types.int64,
    top=_types.int64,
)
_HITS = (_types.Array(_types.float32, 2, "C"), _types.Array(_types.int64, 2, "C"))
_WIDTHS = ((_types.int8, _types.int16), (_types.uint8, _types.int8))
"""Types of codes and of queries: numbers of 8 bits, and of 4."""


def _store(codes):
    return Store(
        codes=_types.Array(codes, 1, "C", readonly=True),
        heads=_GIVEN,
        stride=_types.int64,
        head=_types.int64,
        middle=_types.int64,
        centre=_GIVEN,
        vectors=_MATRIX,
        inverses=_GIVEN,
    )


def _scratch(numbers):
    return Scratch(
        seen=_types.Array(_types.uint8, 1, "C"),
        numbers=_types.Array(numbers, 1, "C"),
        largest=_types.float32,
        unseen=_ROWS,
        near=_FLOATS,
        nearest=_ROWS,
    )


def _signatures(*more, graph=_GRAPH, depths=(_types.int64, _types.int64)):
    """Return an entry's signatures, one for each width of codes; `more` are its last arguments."""
    return [
        _types.void(
            *(_MATRIX, _types.boolean, *depths, *_store(codes), *graph, *_scratch(numbers)),
            *(*_HITS, *more),
        )
        for codes, numbers in _WIDTHS
    ]


@compiled(_signatures())
def search(
    queries, squared, ef, depth,
    codes, heads, stride, head, middle, centre, vectors, inverses,
    neighbors, offsets, levels, entry, top,
    seen, numbers, largest, unseen, near, nearest,
    scores, rows,
):  # fmt: skip
    """Search the graph for each of the queries.

    The arguments are the fields of a `Store`, a `Graph` and a `Scratch`, in order, between these::

        queries: float32 (nq, dim).
        squared: Whether scores are squared distances, smaller is closer; else products.
        ef: Rows kept while walking, at least k.
        depth: How many of them are scored again by their vectors, at least k.
        scores, rows: The hits, (nq, k), written; missing ones are row -1.
    """
    store = Store(codes, heads, stride, head, middle, centre, vectors, inverses)
    graph = Graph(neighbors, offsets, levels, entry, top)
    coded = CodedRows(codes, heads, stride, head)
    scratch = Scratch(seen, numbers, largest, unseen, near, nearest)
    for i in range(queries.shape[0]):
        query = quantize(queries[i], store, scratch, squared)
        start = descend(coded, graph, query)
        size = walk(coded, graph, start, query, ef, scratch, new_stamp(seen))
        best = Ranked(scores[i], rows[i])
        rescore(queries[i], store, squared, nearest, min(size, depth), best)


@compiled(_signatures(_MASK, _types.int64, _types.int64, _FLOATS, _ROWS))
def search_allowed(
    queries, squared, ef, depth,
    codes, heads, stride, head, middle, centre, vectors, inverses,
    neighbors, offsets, levels, entry, top,
    seen, numbers, largest, unseen, near, nearest,
    scores, rows,
    allowed, least, budget, heap_scores, heap_rows,
):  # fmt: skip
    """Search the graph among allowed rows, as `search` does.

    What the further arguments hold::

        allowed: bool (n).
        least: Hits that are found at least, at most ef, however far that leads.
        budget: Comparisons after which a walk is given up: its first hit is row `GIVEN_UP`.
        heap_scores, heap_rows: A `Ranked` to write to, of min(n, budget + degree) entries.
    """
    store = Store(codes, heads, stride, head, middle, centre, vectors, inverses)
    graph = Graph(neighbors, offsets, levels, entry, top)
    coded = CodedRows(codes, heads, stride, head)
    scratch = Scratch(seen, numbers, largest, unseen, near, nearest)
    heap = Ranked(heap_scores, heap_rows)
    for i in range(queries.shape[0]):
        query = quantize(queries[i], store, scratch, squared)
        start = descend(coded, graph, query)
        stamp = new_stamp(seen)
        size = walk_allowed(
            coded, graph, start, query, ef, scratch, stamp, heap, allowed, least, budget
        )
        if size < 0:
            rows[i, 0] = GIVEN_UP
            continue
        best = Ranked(scores[i], rows[i])
        rescore(queries[i], store, squared, nearest, min(size, depth), best)


@compiled(_signatures(_LONGS, graph=(), depths=(_types.int64,)))
def search_listed(
    queries, squared, depth,
    codes, heads, stride, head, middle, centre, vectors, inverses,
    seen, numbers, largest, unseen, near, nearest,
    scores, rows,
    listed,
):  # fmt: skip
    """Search the rows whose numbers are `listed`, int64; the other arguments as of `search`.

    The best `depth` by their codes are scored again by their vectors.
    """
    store = Store(codes, heads, stride, head, middle, centre, vectors, inverses)
    coded = CodedRows(codes, heads, stride, head)
    scratch = Scratch(seen, numbers, largest, unseen, near, nearest)
    for i in range(queries.shape[0]):
        query = quantize(queries[i], store, scratch, squared)
        size = scan_listed(coded, query, depth, scratch, listed)
        rescore(queries[i], store, squared, nearest, size, Ranked(scores[i], rows[i]))


ENTRIES = (search, search_allowed, search_listed)
