"""What one search at a time needs to call the kernels: memory, and arguments written before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.engine.index.dense.kernel_arguments import Graph, Scratch, Store

if TYPE_CHECKING:
    from types import SimpleNamespace

    from numpy.typing import NDArray

    from aiomilvus.engine.index.kernels.calls import Frame

    Floats = NDArray[np.float32]
    Rows = NDArray[np.int64]
    Bools = NDArray[np.bool_]

# Where the entries of `kernel_entries` have the arguments that change from search to search.
_QUERIES, _EF, _DEPTH = 0, 2, 3
_FIRST_OF_STORE = 4
_NEAR = _FIRST_OF_STORE + len(Store._fields) + len(Graph._fields) + Scratch._fields.index("near")
_SCORES = _NEAR + 2
_MASK = _SCORES + 2
_LISTED_DEPTH = 2
_LISTED_NEAR = _NEAR - len(Graph._fields) - 1


class KernelCaller:
    """Searches with memory of its own. Serves one thread at a time.

    Args:
        kernels: What `kernel_access.kernels` returns.
        store: The coded vectors.
        graph: The graph over them.
        numbers: Zeros for a query's code.
        largest: The largest number of it.
        squared: Whether scores are squared distances; else products.
    """

    def __init__(
        self,
        kernels: SimpleNamespace,
        store: Store,
        graph: Graph,
        numbers: NDArray[np.int8] | NDArray[np.int16],
        largest: np.float32,
        squared: bool,
    ) -> None:
        self._kernels = kernels
        self._store, self._graph = store, graph
        self._squared = squared
        self._count = len(store.vectors)
        self._degree = int(graph.levels[1])
        self._scratch = Scratch(
            seen=np.zeros(self._count + 1, np.uint8),
            numbers=numbers,
            largest=largest,
            unseen=np.empty(self._degree, np.int64),
            near=np.empty(0, np.float32),
            nearest=np.empty(0, np.int64),
        )
        self._all: Frame | None = None
        self._one: Frame | None = None
        self._asked = (0, 0, 0)
        """The k, ef and depth that are written in `_one`, with these arrays:"""
        self._query = self._scores = np.empty((1, 0), np.float32)
        self._rows = np.empty((1, 0), np.int64)
        self._allowed: Frame | None = None
        self._listed: Frame | None = None

    def search(self, queries: Floats, ef: int, depth: int, scores: Floats, rows: Rows) -> None:
        """Search all rows, as `kernel_entries.search`."""
        frame = self._all
        if frame is None:
            given = self._given(queries, ef, depth, scores, rows)
            frame = self._all = self._kernels.search.frame(*given)
        self._write(frame, queries, ef, depth, scores, rows)
        frame()

    def search_one(self, query: Floats, k: int, ef: int, depth: int) -> tuple[Floats, Rows]:
        """Search all rows for one query, float32 (1, dim); return `k` scores and rows, (1, k).

        What one search asks most others ask: all except the query's numbers stays written.
        """
        if self._asked != (k, ef, depth) or self._one is None:
            self._one = self._written(query, k, ef, depth)
        self._query[:] = query
        self._one()
        return self._scores.copy(), self._rows.copy()

    def _written(self, query: Floats, k: int, ef: int, depth: int) -> Frame:
        """Return the frame of `search_one` with these numbers."""
        self._asked = (0, 0, 0)  # until all of it is written: memory may run out midway
        self._query = np.empty_like(query)
        self._scores, self._rows = np.empty((1, k), np.float32), np.empty((1, k), np.int64)
        frame = self._one
        if frame is None:
            given = self._given(self._query, ef, depth, self._scores, self._rows)
            frame = self._kernels.search.frame(*given)
        self._write(frame, self._query, ef, depth, self._scores, self._rows)
        self._asked = (k, ef, depth)
        return frame

    def search_allowed(
        self,
        queries: Floats,
        ef: int,
        depth: int,
        scores: Floats,
        rows: Rows,
        mask: Bools,
        least: int,
        budget: int,
    ) -> None:
        """Search allowed rows, as `kernel_entries.search_allowed`."""
        frame = self._allowed
        if frame is None:
            given = self._given(queries, ef, depth, scores, rows)
            heap = (np.empty(0, np.float32), np.empty(0, np.int64))
            frame = self._allowed = self._kernels.search_allowed.frame(
                *(*given, mask, least, budget, *heap)
            )
        self._write(frame, queries, ef, depth, scores, rows)
        frame.lend(_MASK, mask)
        frame.put(_MASK + 1, least)
        frame.put(_MASK + 2, budget)
        size = min(self._count, budget + self._degree) + self._degree
        if frame.length(_MASK + 3) < size:
            frame.put(_MASK + 3, np.empty(size, np.float32))
            frame.put(_MASK + 4, np.empty(size, np.int64))
        frame()

    def search_listed(
        self, queries: Floats, depth: int, scores: Floats, found: Rows, rows: Rows
    ) -> None:
        """Search listed rows, as `kernel_entries.search_listed`."""
        frame = self._listed
        if frame is None:
            scratch = self._scratch
            frame = self._listed = self._kernels.search_listed.frame(
                *(queries, self._squared, depth, *self._store, *scratch, scores, found, rows)
            )
        frame.lend(_QUERIES, queries)
        frame.put(_LISTED_DEPTH, depth)
        _widen(frame, _LISTED_NEAR, depth)
        frame.lend(_LISTED_NEAR + 2, scores)
        frame.lend(_LISTED_NEAR + 3, found)
        frame.lend(_LISTED_NEAR + 4, rows)
        frame()

    def _given(
        self, queries: Floats, ef: int, depth: int, scores: Floats, rows: Rows
    ) -> tuple[object, ...]:
        """Return what a frame holds at first."""
        scratch = self._scratch
        return (
            *(queries, self._squared, ef, depth, *self._store, *self._graph, *scratch),
            *(scores, rows),
        )

    @staticmethod
    def _write(
        frame: Frame, queries: Floats, ef: int, depth: int, scores: Floats, rows: Rows
    ) -> None:
        """Write the arguments that each search has of its own."""
        frame.lend(_QUERIES, queries)
        frame.put(_EF, ef)
        frame.put(_DEPTH, depth)
        _widen(frame, _NEAR, ef)
        frame.lend(_SCORES, scores)
        frame.lend(_SCORES + 1, rows)


def _widen(frame: Frame, at: int, ef: int) -> None:
    """See that `near` and `nearest`, at a place of a frame and behind it, have room for `ef`."""
    if frame.length(at) < ef:
        frame.put(at, np.empty(ef, np.float32))
        frame.put(at + 1, np.empty(ef, np.int64))
