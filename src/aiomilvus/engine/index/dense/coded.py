"""A faiss HNSW graph searched over 8-bit codes by the compiled kernels.

What a search at some effort finds is what faiss finds at that effort, and scores are exact,
for less than half the cost. Codes are made from the vectors when a graph is opened, in
memory, and never stored. Used by `graph`, once `compiled` has loaded the kernels.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.contracts import Found
from aiomilvus.engine.index.dense.compiled import CORES, side_by_side
from aiomilvus.engine.index.dense.library import faiss_library

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Bools = NDArray[np.bool_]

_BLOCK = 8192
"""Rows coded at once."""
_LARGEST = 127
_SCAN_SHARE = 60
"""Scanning wins while passing² ≤ this × effort × rows: a scanned row costs a quarter of a
compared neighbour, and a graph's comparisons grow with 1 / selectivity."""
_STAMPS = 1 << 32
_FINEST = 8191
"""Largest whole number in a query's code: finer than the vectors' codes at no cost."""
_SHARE = 8
"""Queries that are worth a thread of their own."""
_AGREEMENT = 0.98
"""Share of an exact walk's hits that a walk over codes finds on any data that suits them."""
_ROUNDING = 1e-5


def _decided(k: int) -> int:
    """Return how many rows to compare exactly: codes confuse ranks next to each other only."""
    return k + k // 4 + 8


class CodedGraph:
    """Codes beside a faiss graph. Safe to share by threads.

    Args:
        kernels: The module `kernels`.
        index: A faiss HNSW index, not changed any more.
        vectors: float32 (n, dim), C-contiguous, what the index was built over; may be mapped.
        metric: ``L2``, ``IP`` or ``COSINE``.
    """

    def __init__(self, kernels: Any, index: Any, vectors: Floats, metric: str) -> None:
        count, dim = vectors.shape
        self._kernels = kernels
        self._index = index  # its memory holds the neighbours
        self._count = count
        self._is_distance = metric == "L2"
        self._width = -(-dim // kernels.LANES) * kernels.LANES
        self._most = np.float32(min(_FINEST, (2**31 - 1) // (_LARGEST * self._width)))
        self._graph = _graph_of(index)
        self._degree = int(self._graph[2][1])
        lengths = _lengths(vectors) if metric == "COSINE" else None
        codes, scales, biases, centre = _code(vectors, metric, self._width, lengths)
        self._inverses = _NONE if lengths is None else _inverse(lengths)
        shift = centre if self._is_distance else _NONE
        self._store = (codes, scales, biases, shift, vectors)
        self._idle: list[_Scratch] = []

    @property
    def nbytes(self) -> int:
        """Bytes of memory the codes take."""
        return int(sum(part.nbytes for part in self._store[:3]) + self._inverses.nbytes)

    def search(
        self, queries: Floats, k: int, effort: int, mask: Bools | None = None, passing: int = -1
    ) -> Found:
        """Return the `k` best allowed rows for each query; many queries take all cores.

        Args:
            queries: float32 (nq, dim), C-contiguous; for COSINE of length 1.
            k: How many; missing ones are row -1.
            effort: Rows kept while walking the graph; at least `k`.
            mask: bool (n), which rows may be hits; None for all.
            passing: How many these are; counted when negative.
        """
        nq = len(queries)
        parts = min(nq // _SHARE, CORES)
        if parts > 1:
            step = -(-nq // parts)
            work = [
                partial(self._search, queries[at : at + step], k, effort, mask, passing)
                for at in range(0, nq, step)
            ]
            found = side_by_side(work)
            return Found(
                np.concatenate([part.scores for part in found]),
                np.concatenate([part.rows for part in found]),
            )
        return self._search(queries, k, effort, mask, passing)

    def _search(
        self, queries: Floats, k: int, effort: int, mask: Bools | None, passing: int
    ) -> Found:
        """Search as `search` does, on the calling thread alone."""
        nq = len(queries)
        effort = max(effort, k)
        scores = np.empty((nq, k), np.float32)
        rows = np.empty((nq, k), np.int64)
        try:
            scratch = self._idle.pop()
        except IndexError:
            scratch = _Scratch(self._count, self._width, self._degree, self._most)
        common = (
            *(queries, self._is_distance, *self._store, self._inverses, *self._graph),
            *(effort, _decided(k), *scratch.take(nq, effort), scores, rows),
        )
        if mask is None:
            self._kernels.search(*common)
        else:
            if passing < 0:
                passing = int(np.count_nonzero(mask))
            budget = self.budget(passing, effort)
            heap = scratch.heap(min(self._count, budget + self._degree) + self._degree)
            self._kernels.search_allowed(*common, mask, budget, *heap)
        self._idle.append(scratch)
        return Found(scores, rows)

    def budget(self, passing: int, effort: int) -> int:
        """Return how many comparisons to spend on the graph before scanning; 0 for none."""
        if passing * passing <= _SCAN_SHARE * effort * self._count:
            return 0
        return passing // 3 + 500

    def agrees(self, found: Found, queries: Floats, mask: Bools) -> bool:
        """Return whether comparing codes finds rows as close as `found`, by exact comparison.

        It does not where vectors lie closer together than their codes tell apart.
        """
        k = found.rows.shape[1]
        ours = self.search(queries, k, _decided(k), mask, 0).scores
        last = found.scores[:, -1:]
        slack = _ROUNDING * (np.abs(last) + np.abs(found.scores[:, :1]))
        good = ours <= last + slack if self._is_distance else ours >= last - slack
        return bool(good.mean() >= _AGREEMENT)


class _Scratch:
    """Memory that one search at a time writes to."""

    def __init__(self, count: int, width: int, degree: int, most: np.float32) -> None:
        self._seen = np.zeros(count, np.uint32)
        self._stamp = 1
        self._narrow = np.zeros(width, np.int16)
        self._most = most
        self._todo = np.empty(degree, np.int64)
        self._near = np.empty(0, np.float32)
        self._nearest = np.empty(0, np.int64)
        self._heap = (np.empty(0, np.float32), np.empty(0, np.int64))

    def take(self, nq: int, effort: int) -> tuple[Any, ...]:
        """Return what the kernels ask for, for `nq` queries."""
        if self._stamp + nq >= _STAMPS:
            self._seen[:] = 0
            self._stamp = 1
        stamp = np.uint32(self._stamp)
        self._stamp += nq
        if len(self._near) < effort:
            self._near = np.empty(effort, np.float32)
            self._nearest = np.empty(effort, np.int64)
        return (
            *(self._seen, stamp, self._narrow, self._most),
            *(self._todo, self._near, self._nearest),
        )

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


def _code(
    vectors: Floats, metric: str, width: int, lengths: Floats | None
) -> tuple[NDArray[np.int8], Floats, Floats, Floats]:
    """Return codes, int8 (n * width), what one step of each is worth, biases, and the centre.

    Vectors are brought to length 1 where `lengths` are given. Their centre is taken off: neither
    distances nor the order of products change, and data far from the origin is told apart.
    """
    count, dim = vectors.shape
    codes = np.zeros((count, width), np.int8)
    scales = np.empty(count, np.float32)
    biases = np.zeros(count, np.float32)
    centre = np.zeros(dim, np.float32)
    sample = slice(None, None, max(count // _BLOCK, 1))
    part = _unit(vectors[sample], None if lengths is None else lengths[sample])
    centre[:] = part.mean(axis=0, dtype=np.float64)
    for start in range(0, count, _BLOCK):
        rows = slice(start, start + _BLOCK)
        block: Floats = _unit(vectors[rows], None if lengths is None else lengths[rows]) - centre
        scales[rows] = np.abs(block).max(axis=1) / _LARGEST
        steps = np.where(scales[rows] > 0, scales[rows], 1)[:, np.newaxis]
        if metric == "L2":
            biases[rows] = -np.einsum("ij,ij->i", block, block)
        np.divide(block, steps, out=block)
        codes[rows, :dim] = np.rint(block, out=block)
    return codes.reshape(-1), scales, biases, centre


def _unit(block: Floats, lengths: Floats | None) -> Floats:
    if lengths is None:
        return block
    steps: Floats = np.where(lengths > 0, lengths, np.float32(1))
    unit: Floats = np.divide(block, steps[:, np.newaxis], dtype=np.float32)
    return unit


def _inverse(lengths: Floats) -> Floats:
    inverses = np.zeros(len(lengths), np.float32)
    np.divide(1, lengths, out=inverses, where=lengths > 0)
    return inverses


def _lengths(vectors: Floats) -> Floats:
    lengths = np.empty(len(vectors), np.float32)
    for start in range(0, len(vectors), _BLOCK):
        block = vectors[start : start + _BLOCK]
        lengths[start : start + _BLOCK] = np.sqrt(np.einsum("ij,ij->i", block, block))
    return lengths
