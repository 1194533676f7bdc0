"""A faiss HNSW graph searched over codes of 4 or 8 bits by the compiled kernels.

What a search at some ef finds is what faiss finds at that ef, and scores are exact,
for less than half the cost. Codes are made from the vectors when a graph is opened, in
memory, and never stored. Used by `graph`, once `compiled` has loaded the kernels.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.index.contract import Found
from aiomilvus.engine.index.dense.compiled import CORES, side_by_side
from aiomilvus.engine.index.dense.faiss_library import faiss_library
from aiomilvus.engine.index.dense.scalar_codes import code, inverses_of, lengths_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Bools = NDArray[np.bool_]

_LARGEST = 127
_SCAN_SHARE = 60
"""Scanning wins while passing² ≤ this × ef × rows: a scanned row costs a quarter of a
compared neighbour, and a graph's comparisons grow with 1 / selectivity."""
_FINEST = {4: 127, 8: 8191}
"""Largest whole number in a query's code: finer than the vectors' codes at no cost."""
_SHARE = 8
"""Queries that are worth a thread of their own."""
_AGREEMENT = 0.98
"""Share of an exact walk's hits that a walk over codes finds on any data that suits them."""
_ROUNDING = 1e-5


def enough_for(k: int) -> int:
    """Return how many of the rows best by their codes surely have the `k` best among them."""
    return 4 * k + 48


class QuantizedGraph:
    """Codes beside a faiss graph. Safe to share by threads.

    Args:
        kernels: The module `kernels`.
        index: A faiss HNSW index, not changed any more.
        vectors: float32 (n, dim), C-contiguous, what the index was built over; may be mapped.
        metric: ``L2``, ``IP`` or ``COSINE``.
        bits: Of a code's numbers, 4 or 8.
    """

    def __init__(
        self, kernels: Any, index: Any, vectors: Floats, metric: str, bits: int = 8
    ) -> None:
        self._kernels = kernels
        self._index = index  # its memory holds the neighbours
        self._count = len(vectors)
        self._is_distance = metric == "L2"
        self._graph = _graph_of(index)
        self._degree = int(self._graph[2][1])
        lengths = lengths_of(vectors) if metric == "COSINE" else None
        codes = code(vectors, bits, kernels.LANES, lengths, squared=self._is_distance)
        self.bits = bits
        self._width = codes.width
        self._most = np.float32(min(_FINEST[bits], (2**31 - 1) // (2 * _LARGEST * codes.width)))
        inverses = inverses_of(lengths)
        shift = codes.centre if self._is_distance else _NONE
        self._store = (*codes[:5], shift, vectors, inverses)
        self.nbytes = codes.rows.nbytes + inverses.nbytes
        """Bytes of memory the codes take."""
        self._idle: list[_Scratch] = []

    def rescored(self, k: int) -> int:
        """Return how many rows to compare exactly: codes confuse ranks next to each other only."""
        return k + k // (4 if self.bits == 8 else 2) + 8

    def walk_ef(self, k: int, ef: int) -> int:
        """Return the ef that a search asked for `ef` has.

        Of hits that codes of 4 bits put just behind the last, some belong before it.
        """
        return max(ef, k if self.bits == 8 else self.rescored(k))

    def search(
        self, queries: Floats, k: int, ef: int, mask: Bools | None = None, passing: int = -1
    ) -> Found:
        """Return the `k` best allowed rows for each query; many queries take all cores.

        Args:
            queries: float32 (nq, dim), C-contiguous; for COSINE of length 1.
            k: How many; missing ones are row -1.
            ef: Rows kept while walking the graph; at least `k`.
            mask: bool (n), which rows may be hits; None for all.
            passing: How many these are; counted when negative.
        """
        nq = len(queries)
        parts = min(nq // _SHARE, CORES)
        if parts > 1:
            step = -(-nq // parts)
            work = [
                partial(self._search, queries[at : at + step], k, ef, mask, passing)
                for at in range(0, nq, step)
            ]
            found = side_by_side(work)
            return Found(
                np.concatenate([part.scores for part in found]),
                np.concatenate([part.rows for part in found]),
            )
        return self._search(queries, k, ef, mask, passing)

    def _search(self, queries: Floats, k: int, ef: int, mask: Bools | None, passing: int) -> Found:
        """Search as `search` does, on the calling thread alone."""
        nq = len(queries)
        rescored = self.rescored(k)
        ef = self.walk_ef(k, ef)
        scores = np.empty((nq, k), np.float32)
        rows = np.empty((nq, k), np.int64)
        scratch = self._scratch()
        common = (
            *(queries, self._is_distance, *self._store, *self._graph),
            *(ef, rescored, *scratch.take(ef), scores, rows),
        )
        if mask is None:
            self._kernels.search(*common)
        else:
            if passing < 0:
                passing = int(np.count_nonzero(mask))
            budget = self.budget(passing, ef)
            heap = scratch.heap(min(self._count, budget + self._degree) + self._degree)
            self._kernels.search_allowed(*common, mask, budget, *heap)
        self._idle.append(scratch)
        return Found(scores, rows)

    def among(self, queries: Floats, k: int, rows: NDArray[np.int64]) -> Found:
        """Return the `k` best of few rows for each query, on the calling thread.

        So many of them are compared exactly that codes hide no hit.

        Args:
            queries: As of `search`.
            k: How many; missing ones are row -1.
            rows: int64 (m,), the rows, rising, each once.
        """
        scores = np.empty((len(queries), k), np.float32)
        found = np.empty((len(queries), k), np.int64)
        scratch, wide = self._scratch(), enough_for(k)
        _, narrow, most, _, near, nearest = scratch.take(wide)
        self._kernels.search_listed(
            *(queries, self._is_distance, *self._store, narrow, most),
            *(near[:wide], nearest[:wide], scores, found, rows),
        )
        self._idle.append(scratch)
        return Found(scores, found)

    def _scratch(self) -> _Scratch:
        try:
            return self._idle.pop()
        except IndexError:
            narrow = np.zeros(self._width, np.int8 if self.bits == 4 else np.int16)
            return _Scratch(self._count, narrow, self._degree, self._most)

    def budget(self, passing: int, ef: int) -> int:
        """Return how many comparisons to spend on the graph before scanning; 0 for none."""
        if passing * passing <= _SCAN_SHARE * ef * self._count:
            return 0
        return passing // 3 + 500

    def agrees(self, found: Found, queries: Floats, mask: Bools) -> bool:
        """Return whether comparing codes finds rows as close as `found`, by exact comparison.

        It does not where vectors lie closer together than their codes tell apart.
        """
        k = found.rows.shape[1]
        ours = self.search(queries, k, self.rescored(k), mask, 0).scores
        last = found.scores[:, -1:]
        slack = _ROUNDING * (np.abs(last) + np.abs(found.scores[:, :1]))
        good = ours <= last + slack if self._is_distance else ours >= last - slack
        return bool(good.mean() >= _AGREEMENT)


class _Scratch:
    """Memory that one search at a time writes to."""

    def __init__(self, count: int, narrow: NDArray[Any], degree: int, most: np.float32) -> None:
        self._fixed = (np.zeros(count + 1, np.uint8), narrow, most, np.empty(degree, np.int64))
        self._near = np.empty(0, np.float32)
        self._nearest = np.empty(0, np.int64)
        self._heap = (np.empty(0, np.float32), np.empty(0, np.int64))

    def take(self, ef: int) -> tuple[Any, ...]:
        """Return what the kernels ask for."""
        if len(self._near) < ef:
            self._near = np.empty(ef, np.float32)
            self._nearest = np.empty(ef, np.int64)
        return *self._fixed, self._near, self._nearest

    def heap(self, size: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Return a heap's arrays."""
        if len(self._heap[0]) < size:
            self._heap = (np.empty(size, np.float32), np.empty(size, np.int64))
        return self._heap


_NONE = np.empty(0, np.float32)


def _graph_of(index: Any) -> tuple[Any, ...]:
    """Return a faiss graph as arrays; the neighbours are a view of its memory."""
    faiss = faiss_library()
    hnsw = index.hnsw
    neighbors = faiss.rev_swig_ptr(hnsw.neighbors.data(), hnsw.neighbors.size())
    offsets = faiss.vector_to_array(hnsw.offsets).astype(np.int64)
    levels = faiss.vector_to_array(hnsw.cum_nneighbor_per_level).astype(np.int64)
    return neighbors, offsets, levels, int(hnsw.entry_point), int(hnsw.max_level)
