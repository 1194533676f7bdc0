"""A faiss HNSW graph searched over codes of 4 or 8 bits by the compiled kernels.

What a search at some ef finds is what faiss finds at that ef, and scores are exact,
for less than half the cost. Codes are made from the vectors, in memory, or were kept by
`kept_codes`. Used by `acceleration`, once `kernel_access` has loaded the kernels.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.index import costs
from aiomilvus.engine.index.contract import Found
from aiomilvus.engine.index.dense.coded_column import CodedColumn, pays_scan
from aiomilvus.engine.index.dense.faiss_library import faiss_library
from aiomilvus.engine.index.dense.kept_codes import CodedVectors
from aiomilvus.engine.index.dense.kernel_access import CORES, side_by_side
from aiomilvus.engine.index.dense.kernel_arguments import GIVEN_UP, LANES, Graph
from aiomilvus.engine.index.dense.vectors import normalized

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import SimpleNamespace

    from numpy.typing import NDArray

    from aiomilvus.engine.index.dense.selection import Selection

    Floats = NDArray[np.float32]

_SHARE = 8
"""Queries that are worth a thread of their own."""
_WHOLE_EF = 256
"""From this ef on, all rows that a walk keeps are compared by their vectors."""


def least_depth(k: int) -> int:
    """Return how many rows are compared by their vectors for the `k` best, whatever the ef."""
    return k + k // 2 + 8


def least_hits(k: int, ef: int) -> int:
    """Return how many hits a walk under a filter finds at least, for the `k` best by vectors.

    Half of `ef` finds about as large a share of them as without a filter, whatever passes.
    """
    return max(k + k // 2, ef // 2)


def rescoring_depth(k: int, ef: int) -> int:
    """Return how many of the `ef` rows that a walk over codes keeps are compared by their vectors.

    Half of them, and with a larger ef a larger share, until it is all: where codes confuse
    neighbours, a larger ef has to be able to find them.
    """
    return max(least_depth(k), ef // 2, min(ef, ef * ef // _WHOLE_EF))


class QuantizedGraph(CodedColumn):
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
        made = coded or CodedVectors.of(vectors, metric, bits, LANES)
        super().__init__(kernels, vectors, metric, bits, made, _graph_of(index))
        self._index = index  # its memory holds the neighbours
        self.stretch = 1.0
        """Factor on ef, to find as much as faiss does at an ef; 0 where none does, so that codes
        are scanned, and faiss walks. See `code_choice`."""

    def walk_ef(self, k: int, ef: int) -> int:
        """Return the ef that a search asked for `ef` has, apart from `stretch`.

        Of hits that codes put just behind the last, some belong before it.
        """
        return max(ef, least_depth(k))

    def search(self, queries: Floats, k: int, ef: int, selection: Selection | None = None) -> Found:
        """Return the `k` best allowed rows for each query; many queries take all cores.

        Args:
            queries: float32 (nq, dim), C-contiguous; for COSINE of length 1.
            k: How many; missing ones are row -1. All are for a query whose walk under a filter was
                given up, if `pays_scan` says that a scan is none for so many: compare the vectors.
            ef: Rows kept while walking the graph; at least `k`.
            selection: Which rows may be hits; None for all.
        """
        nq = len(queries)
        parts = min(nq // _SHARE, CORES)
        if parts > 1:
            step = -(-nq // parts)
            work = [
                partial(self._search, queries[at : at + step], k, ef, selection)
                for at in range(0, nq, step)
            ]
            found = side_by_side(work)
            return Found(
                np.concatenate([part.scores for part in found]),
                np.concatenate([part.rows for part in found]),
            )
        return self._search(queries, k, ef, selection)

    def rows_of(self, queries: Floats, k: int, ef: int) -> NDArray[np.int64]:
        """Return the rows that `search` finds among all rows."""
        return self._search(queries, k, ef, None).rows

    def _search(self, queries: Floats, k: int, ef: int, selection: Selection | None) -> Found:
        """Search as `search` does, on the calling thread alone."""
        budget = 0 if selection is None else self.budget(selection.count, ef)
        if selection is not None and not budget:
            return self.search_subset(queries, k, selection.rows)
        nq = len(queries)
        ef = self.walk_ef(k, round(ef * self.stretch))
        depth = rescoring_depth(k, ef)
        if nq == 1 and selection is None:
            return self._walk(k, ef, depth, queries)
        caller = self._caller()
        scores = np.empty((nq, k), np.float32)
        rows = np.empty((nq, k), np.int64)
        if selection is None:
            caller.search(queries, ef, depth, scores, rows)
        else:
            least = least_hits(k, ef)
            caller.search_allowed(queries, ef, depth, scores, rows, selection.mask, least, budget)
            left = np.flatnonzero(rows[:, 0] == GIVEN_UP)
            if len(left) and pays_scan(k):
                scores[left], rows[left] = self.search_subset(queries[left], k, selection.rows)
            else:
                rows[left] = -1
        self._idle.append(caller)
        return Found(scores, rows)

    def walker(self, k: int, ef: int) -> Callable[[Floats], Found]:
        """Return what finds the `k` best of all rows for one query, as `search` does at `ef`.

        The query may have any length, for COSINE too.
        """
        ef = self.walk_ef(k, round(ef * self.stretch))
        walk = partial(self._walk, k, ef, rescoring_depth(k, ef))
        return walk if self._metric != "COSINE" else lambda query: walk(normalized(query))

    def _walk(self, k: int, ef: int, depth: int, query: Floats) -> Found:
        caller = self._caller()
        found = Found(*caller.search_one(query, k, ef, depth))
        self._idle.append(caller)
        return found

    def budget(self, passing: int, ef: int) -> int:
        """Return how many comparisons to spend on the graph before scanning; 0 for none.

        Where scanning takes no longer than a walk without a filter would, none is tried. Else a
        scanned row costs a quarter to a third of one that a walk compares.
        """
        return 0 if passing <= costs.CODED_SCAN * ef else passing // 3 + 500


def _graph_of(index: Any) -> Graph:
    """Return a faiss graph as arrays; the neighbours are a view of its memory."""
    faiss = faiss_library()
    hnsw = index.hnsw
    neighbors = faiss.rev_swig_ptr(hnsw.neighbors.data(), hnsw.neighbors.size())
    offsets = faiss.vector_to_array(hnsw.offsets).astype(np.int64)
    levels = faiss.vector_to_array(hnsw.cum_nneighbor_per_level).astype(np.int64)
    return Graph(neighbors, offsets, levels, int(hnsw.entry_point), int(hnsw.max_level))
