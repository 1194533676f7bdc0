"""What makes a stored graph fast, derived from the vectors in the background, kept in memory.

With numba these are codes of 4 bits, or 8 where 4 do not tell the vectors apart, and compiled
walks over them. Without, and until they are there, faiss walks the graph. COSINE graphs that were
stored without `unit_storage` get it with the first search, and are scanned until then.
"""

from __future__ import annotations

import weakref
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.index.contract import without_warnings
from aiomilvus.engine.index.dense.compiled import (
    after_loading,
    in_background,
    kernels,
    kernels_if_wanted,
)
from aiomilvus.engine.index.dense.quantized_graph import QuantizedGraph
from aiomilvus.engine.index.dense.scalar_codes import stride_of
from aiomilvus.engine.index.dense.selection import Selection, selection_of
from aiomilvus.engine.index.dense.unit_storage import unit_codes_of, walk_over
from aiomilvus.engine.index.dense.vectors import normalized

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from aiomilvus.engine.index.dense.subset_scan import AllowedRows
    from aiomilvus.model.columns import VectorColumn

_SAMPLED = 1 << 15
_ASKED = 16


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
        is_coded: Whether codes are wanted.
    """

    def __init__(
        self,
        index: Any,
        column: VectorColumn,
        metric: str,
        allowed: AllowedRows,
        *,
        walkable: bool,
        is_coded: bool,
    ) -> None:
        self.coded: QuantizedGraph | None = None
        self.walkable = walkable
        self._index = index
        self._column = column
        self._metric = metric
        self._allowed = allowed
        self._is_coded = is_coded
        self._lock = Lock()
        self._unit: dict[str, NDArray[Any]] = {}
        self._storing = Lock()
        self._is_storing = False
        self.asked = False
        """Whether anybody wanted codes."""

    def ask(self) -> QuantizedGraph | None:
        """Count a search and return the codes, if they are there already."""
        if self.asked:
            return self.coded
        if not self.walkable:
            self._start_storing()
        if not self._is_coded or kernels_if_wanted() is None:
            return None
        with self._lock:
            is_first, self.asked = not self.asked, True
        if is_first:
            after_loading(self._if_alive(Acceleration.derive))
        return self.coded

    def _start_storing(self) -> None:
        """Let `store_units` run in the background, once."""
        with self._lock:
            is_first, self._is_storing = not self._is_storing, True
        if is_first:
            in_background(self._if_alive(Acceleration.store_units))

    def _if_alive(self, work: Callable[[Acceleration], None]) -> Callable[[], None]:
        """Return `work` on this object, which does nothing once the segment is gone."""
        ourselves = weakref.ref(self)

        def run() -> None:
            acceleration = ourselves()
            if acceleration is not None:
                with without_warnings():
                    work(acceleration)

        return run

    def derive(self) -> None:
        """Make now what is missing: storage to walk, and codes if they tell the vectors apart."""
        self.asked = self._is_coded
        self.store_units()
        module = kernels() if self._is_coded else None
        if module is None:
            return
        values = self._column.values
        for bits in _widths(values.shape[1], module.LANES):
            coded = QuantizedGraph(module, self._index, values, self._metric, bits)
            if self._is_faithful(coded):
                self.coded = coded
                return

    def store_units(self) -> None:
        """Give the graph storage that faiss walks, if it has none."""
        with self._storing:
            if not self.walkable:
                self._unit = unit_codes_of(self._column.values)
                walk_over(self._index, self._unit)
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
