"""What makes a stored graph fast, derived from the vectors in the background, kept in memory.

With numba these are codes of 4 bits, or 8 where 4 do not tell the vectors apart, and compiled
walks over them. Without, a graph over vectors
that COSINE would have to bring to length 1 gets 8-bit storage that faiss walks; graphs over
other vectors need nothing, they are walked over the column.
"""

from __future__ import annotations

import weakref
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.index.contract import without_warnings
from aiomilvus.engine.index.dense.compiled import after_loading, kernels, kernels_if_wanted
from aiomilvus.engine.index.dense.faiss_library import Threads, faiss_library
from aiomilvus.engine.index.dense.quantized_graph import QuantizedGraph
from aiomilvus.engine.index.dense.scalar_codes import stride_of
from aiomilvus.engine.index.dense.selection import Selection, selection_of
from aiomilvus.engine.index.dense.vectors import normalized

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aiomilvus.engine.index.dense.subset_scan import AllowedRows
    from aiomilvus.model.columns import VectorColumn

_SAMPLED = 1 << 15
_ASKED = 16
_BLOCK = 1 << 14


def _widths(dim: int, lanes: int) -> tuple[int, ...]:
    """Return the widths of codes to try, in bits: narrow ones if they take less memory."""
    narrow, wide = (stride_of(dim, bits, lanes)[0] for bits in (4, 8))
    return (4, 8) if narrow < wide else (8,)


class Acceleration:
    """Derived data of one graph. Safe to share by threads.

    Args:
        index: The faiss graph.
        column: Its float32 vectors.
        metric: ``L2``, ``IP`` or ``COSINE``.
        allowed: Exact search over the column.
        walkable: Whether faiss can walk the graph as it is.
    """

    def __init__(
        self, index: Any, column: VectorColumn, metric: str, allowed: AllowedRows, *, walkable: bool
    ) -> None:
        self.coded: QuantizedGraph | None = None
        self.walkable = walkable
        self._index = index
        self._column = column
        self._metric = metric
        self._allowed = allowed
        self._lock = Lock()
        self.asked = False
        """Whether anybody wanted what is derived here."""

    def ask(self) -> QuantizedGraph | None:
        """Count a search and return the codes, if they are there already."""
        if self.asked:
            return self.coded
        if self.walkable and kernels_if_wanted() is None:
            return None
        with self._lock:
            is_first, self.asked = not self.asked, True
        if not is_first:
            return self.coded
        ourselves = weakref.ref(self)

        def work() -> None:
            acceleration = ourselves()  # None when the segment is gone
            if acceleration is not None:
                with without_warnings():
                    acceleration.derive()

        after_loading(work)
        return None

    def derive(self) -> None:
        """Make the codes now, if there is numba and they tell these vectors apart."""
        self.asked = True
        module = kernels()
        if module is not None:
            values = self._column.values
            for bits in _widths(values.shape[1], module.LANES):
                coded = QuantizedGraph(module, self._index, values, self._metric, bits)
                if self._is_faithful(coded):
                    self.coded = coded
                    return
        if not self.walkable:
            self._store_narrow()
            self.walkable = True

    def _is_faithful(self, coded: QuantizedGraph) -> bool:
        """Compare what codes and vectors find among rows beside each other, and of all parts."""
        count = len(self._column)
        mask = np.zeros(count, np.bool_)
        mask[:: max(count // _SAMPLED, 1)] = True
        mask[: min(count, _SAMPLED)] = True
        mask &= True if self._column.valid is None else self._column.valid
        selection: Selection = selection_of(mask)
        some = selection.rows[:_SAMPLED][:: max(min(selection.count, _SAMPLED) // _ASKED, 1)]
        if not len(some):
            return True
        for queries in (self._column.take(some[:8]), self._column.take(some[8:_ASKED])):
            if not len(queries):
                continue
            vectors: NDArray[np.float32] = np.ascontiguousarray(queries.values)
            if self._metric == "COSINE":
                vectors = normalized(vectors)
            k = min(10, selection.count)
            exact = self._allowed.search(queries, vectors, k, selection)
            if not coded.agrees(exact, vectors, mask):
                return False
        return True

    def _store_narrow(self) -> None:
        """Give the graph 8-bit storage of the vectors at length 1."""
        faiss = faiss_library()
        values = self._column.values
        storage = faiss.IndexScalarQuantizer(
            values.shape[1], faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
        )
        sample = values[:: max(len(values) // _BLOCK, 1)]
        with Threads(1):
            storage.train(normalized(np.ascontiguousarray(sample)))
            for start in range(0, len(values), _BLOCK):
                storage.add(normalized(values[start : start + _BLOCK]))
        self._index.storage = storage
        self._index.own_fields = True
        storage.this.disown()
