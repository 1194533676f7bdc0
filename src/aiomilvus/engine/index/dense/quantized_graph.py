"""A faiss HNSW graph searched over codes of 4 or 8 bits by the compiled kernels.

What a search at some ef finds is what faiss finds at that ef, and scores are exact,
for less than half the cost. Codes are made from the vectors, in memory, or were kept by
`kept_codes`. Used by `acceleration`, once `kernel_access` has loaded the kernels.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.index.contract import Found
from aiomilvus.engine.index.dense.faiss_library import faiss_library
from aiomilvus.engine.index.dense.kept_codes import CodedVectors
from aiomilvus.engine.index.dense.kernel_access import CORES, side_by_side
from aiomilvus.engine.index.dense.kernel_arguments import LANES, Graph, Store
from aiomilvus.engine.index.dense.kernel_caller import KernelCaller

if TYPE_CHECKING:
    from types import SimpleNamespace

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
_WHOLE_EF = 256
"""From this ef on, all rows that a walk keeps are compared by their vectors."""


def subset_depth(k: int) -> int:
    """Return how many of a subset's rows, best by their codes, are compared for the `k` best."""
    return 4 * k + 48


def least_depth(k: int) -> int:
    """Return how many rows are compared by their vectors for the `k` best, whatever the ef."""
    return k + k // 2 + 8


def rescoring_depth(k: int, ef: int) -> int:
    """Return how many of the `ef` rows that a walk over codes keeps are compared by their vectors.

    Half of them, and with a larger ef a larger share, until it is all: where codes confuse
    neighbours, a larger ef has to be able to find them.
    """
    return max(least_depth(k), ef // 2, min(ef, ef * ef // _WHOLE_EF))


class QuantizedGraph:
    """Codes beside a faiss graph. Safe to share by threads.

    Args:
        kernels: What `kernel_access.kernels` returns.
        index: A faiss HNSW index, not changed any more.
        vectors: float32 (n, dim), C-contiguous, what the index was built over; may be mapped.
        metric: ``L2``, ``IP`` or ``COSINE``.
        bits: Of a code's numbers, 4 or 8.
        coded: The vectors' codes, if they were made before.
    """

    def __init__(
        self,
        kernels: SimpleNamespace,
        index: Any,
        vectors: Floats,
        metric: str,
        bits: int = 8,
        coded: CodedVectors | None = None,
    ) -> None:
        self._kernels = kernels
        self._index = index  # its memory holds the neighbours
        self.stretch = 1.0
        """Factor on ef, to find as much as faiss does at an ef; see `code_choice`."""
        self._count = len(vectors)
        self._is_distance = metric == "L2"
        self._graph = _graph_of(index)
        self._degree = int(self._graph.levels[1])
        self.coded = coded or CodedVectors.of(vectors, metric, bits, LANES)
        codes, inverses = self.coded
        self.bits = bits
        self._width = codes.width
        self._most = np.float32(min(_FINEST[bits], (2**31 - 1) // (2 * _LARGEST * codes.width)))
        shift = codes.centre if self._is_distance else _NONE
        self._store = Store(*codes[:5], shift, vectors, inverses)
        self.nbytes = codes.rows.nbytes + inverses.nbytes
        """Bytes of memory the codes take."""
        self._idle: list[KernelCaller] = []

    def walk_ef(self, k: int, ef: int) -> int:
        """Return the ef that a search asked for `ef` has, apart from `stretch`.

        Of hits that codes put just behind the last, some belong before it.
        """
        return max(ef, least_depth(k))

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

    def rows_of(self, queries: Floats, k: int, ef: int) -> NDArray[np.int64]:
        """Return the rows that `search` finds among all rows."""
        return self._search(queries, k, ef, None, -1).rows

    def _search(self, queries: Floats, k: int, ef: int, mask: Bools | None, passing: int) -> Found:
        """Search as `search` does, on the calling thread alone."""
        nq = len(queries)
        ef = self.walk_ef(k, round(ef * self.stretch))
        depth = rescoring_depth(k, ef)
        scores = np.empty((nq, k), np.float32)
        rows = np.empty((nq, k), np.int64)
        caller = self._caller()
        if mask is None:
            caller.search(queries, ef, depth, scores, rows)
        else:
            if passing < 0:
                passing = int(np.count_nonzero(mask))
            caller.search_allowed(queries, ef, depth, scores, rows, mask, self.budget(passing, ef))
        self._idle.append(caller)
        return Found(scores, rows)

    def search_subset(self, queries: Floats, k: int, rows: NDArray[np.int64]) -> Found:
        """Return the `k` best of few rows for each query, on the calling thread.

        Of them `subset_depth` are compared by their vectors, more than a walk would.

        Args:
            queries: As of `search`.
            k: How many; missing ones are row -1.
            rows: int64 (m,), the rows, rising, each once.
        """
        scores = np.empty((len(queries), k), np.float32)
        found = np.empty((len(queries), k), np.int64)
        caller = self._caller()
        caller.search_listed(queries, subset_depth(k), scores, found, rows)
        self._idle.append(caller)
        return Found(scores, found)

    def _caller(self) -> KernelCaller:
        try:
            return self._idle.pop()
        except IndexError:
            numbers: NDArray[np.int8] | NDArray[np.int16] = (
                np.zeros(self._width, np.int8)
                if self.bits == 4
                else np.zeros(self._width, np.int16)
            )
            return KernelCaller(
                self._kernels, self._store, self._graph, numbers, self._most, self._is_distance
            )

    def budget(self, passing: int, ef: int) -> int:
        """Return how many comparisons to spend on the graph before scanning; 0 for none."""
        if passing * passing <= _SCAN_SHARE * ef * self._count:
            return 0
        return passing // 3 + 500


_NONE = np.empty(0, np.float32)


def _graph_of(index: Any) -> Graph:
    """Return a faiss graph as arrays; the neighbours are a view of its memory."""
    faiss = faiss_library()
    hnsw = index.hnsw
    neighbors = faiss.rev_swig_ptr(hnsw.neighbors.data(), hnsw.neighbors.size())
    offsets = faiss.vector_to_array(hnsw.offsets).astype(np.int64)
    levels = faiss.vector_to_array(hnsw.cum_nneighbor_per_level).astype(np.int64)
    return Graph(neighbors, offsets, levels, int(hnsw.entry_point), int(hnsw.max_level))
