"""A column's codes of 4 or 8 bits, and scans over them by the compiled kernels.

`quantized_graph` adds a graph to walk over; rows that no graph has yet are scanned
(`growing_codes`).
"""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.engine.index import costs
from aiomilvus.engine.index.contract import Found
from aiomilvus.engine.index.dense.kernel_arguments import Graph, Store
from aiomilvus.engine.index.dense.kernel_caller import KernelCaller

if TYPE_CHECKING:
    from types import SimpleNamespace

    from numpy.typing import NDArray

    from aiomilvus.engine.index.dense.kept_codes import CodedVectors

    Floats = NDArray[np.float32]

CODES = {4: "4-bit codes, then vectors", 8: "8-bit codes, then vectors"}
"""What is compared where codes of so many bits are, for people to read."""
_LARGEST = 127
_FINEST = {4: 127, 8: 8191}
"""Largest whole number in a query's code: finer than the vectors' codes at no cost."""
_MOST_SCANNED_FOR = 256
"""For more hits, keeping the best in order takes longer than comparing tens of thousands."""
_NONE = np.empty(0, np.float32)
_NO_GRAPH = Graph(
    np.empty(0, np.int32), np.zeros(1, np.int64), np.zeros(2, np.int64), entry=0, top=0
)


def subset_depth(k: int) -> int:
    """Return how many of a subset's rows, best by their codes, are compared for the `k` best."""
    return 4 * k + 48


def pays_scan(k: int) -> bool:
    """Return whether scanning codes pays for the `k` best rows; else all vectors are compared."""
    return k <= _MOST_SCANNED_FOR


def keeping_cost(k: int, rows: int) -> float:
    """Return the microseconds that keeping the best of so many rows in order takes in a scan.

    They are kept by insertion. A row is one of the best so far with a probability that falls as
    one by the rows seen, and is put before half of them.
    """
    depth = min(subset_depth(k), rows)
    return costs.KEPT_MOVED * depth * depth / 2 * (1 + log(rows / depth)) if depth else 0.0


class CodedColumn:
    """Vectors and their codes. Safe to share by threads.

    Args:
        kernels: What `kernel_access.kernels` returns.
        vectors: float32 (n, dim), C-contiguous; may be mapped.
        metric: ``L2``, ``IP`` or ``COSINE``.
        bits: Of a code's numbers, 4 or 8.
        coded: The vectors' codes.
        graph: A graph over them; without one they are scanned alone.
    """

    def __init__(
        self,
        kernels: SimpleNamespace,
        vectors: Floats,
        metric: str,
        bits: int,
        coded: CodedVectors,
        graph: Graph = _NO_GRAPH,
    ) -> None:
        self._kernels = kernels
        self.num_rows = len(vectors)
        self._metric = metric
        self._is_distance = metric == "L2"
        self._graph = graph
        self.coded = coded
        codes, inverses = coded
        self.bits = bits
        self._width = codes.width
        self._most = np.float32(min(_FINEST[bits], (2**31 - 1) // (2 * _LARGEST * codes.width)))
        shift = codes.centre if self._is_distance else _NONE
        self._store = Store(*codes[:5], shift, vectors, inverses)
        self.nbytes = codes.rows.nbytes + inverses.nbytes
        """Bytes of memory the codes take."""
        self._idle: list[KernelCaller] = []

    def over(self, vectors: Floats) -> CodedColumn:
        """Return the same codes beside the same vectors in another place."""
        return CodedColumn(self._kernels, vectors, self._metric, self.bits, self.coded)

    def search_subset(
        self, queries: Floats, k: int, rows: NDArray[np.int64], depth: int | None = None
    ) -> Found:
        """Return the `k` best of some rows for each query, on the calling thread.

        Args:
            queries: float32 (nq, dim), C-contiguous; for COSINE of length 1.
            k: How many; missing ones are row -1.
            rows: int64 (m,), the rows, rising, each once.
            depth: How many, best by their codes, are compared by their vectors; by default
                `subset_depth`, more than a walk would.
        """
        scores = np.empty((len(queries), k), np.float32)
        found = np.empty((len(queries), k), np.int64)
        caller = self._caller()
        caller.search_listed(queries, depth or subset_depth(k), scores, found, rows)
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
