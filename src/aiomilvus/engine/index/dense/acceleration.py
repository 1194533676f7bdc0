"""What makes a stored graph fast, derived from the vectors in the background, kept in memory.

With numba these are codes of 4 bits, or 8 where 4 do not tell the vectors apart, and compiled
walks over them. Without, and until they are there, faiss walks the graph. COSINE graphs that were
stored without `unit_storage` get it with the first search, and are scanned until then.
"""

from __future__ import annotations

import weakref
from threading import Lock
from typing import TYPE_CHECKING, Any

from aiomilvus.engine.index.contract import without_warnings
from aiomilvus.engine.index.dense.code_choice import STRETCHES, CodeChoice, Trial
from aiomilvus.engine.index.dense.compiled import (
    after_loading,
    in_background,
    kernels,
    kernels_if_wanted,
)
from aiomilvus.engine.index.dense.quantized_graph import QuantizedGraph
from aiomilvus.engine.index.dense.scalar_codes import stride_of
from aiomilvus.engine.index.dense.unit_storage import unit_codes_of, walk_over

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.engine.index.dense.unit_storage import Arrays
    from aiomilvus.model.columns import VectorColumn


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
        keep: What the faiss graph points into: it may outlive the segment's index here.
        walkable: Whether faiss can walk the graph as it is.
        is_coded: Whether codes are wanted.
    """

    def __init__(
        self,
        index: Any,
        column: VectorColumn,
        metric: str,
        keep: Arrays,
        *,
        walkable: bool,
        is_coded: bool,
    ) -> None:
        self.coded: QuantizedGraph | None = None
        self.choice: CodeChoice | None = None
        """Which codes serve, None until that is known."""
        self.walkable = walkable
        self._index = index
        self._column = column
        self._metric = metric
        self._keep = keep
        self._is_coded = is_coded
        self._lock = Lock()
        self._storing = Lock()
        self._is_storing = False
        self._units: Arrays = {}
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

    def derive(self, known: CodeChoice | None = None) -> None:
        """Make now what is missing: storage to walk, and codes if any find what faiss finds.

        Args:
            known: Which codes serve, if that was found already.
        """
        self.asked = self._is_coded
        self.store_units()
        module = kernels() if self._is_coded else None
        if module is None:
            return
        if known is None:
            self.choice = self._choose(module)
            return
        self.choice = known
        if known.bits:
            coded = self._coded(module, known.bits)
            coded.stretch = known.stretch
            self.coded = coded

    def _coded(self, module: Any, bits: int) -> QuantizedGraph:
        return QuantizedGraph(module, self._index, self._column.values, self._metric, bits)

    def _choose(self, module: Any) -> CodeChoice:
        """Take the narrowest codes that find what faiss finds."""
        values = self._column.values
        if not len(values):
            return CodeChoice(0, 1.0, 0)
        trial = Trial(self._index, values, self._metric)
        for bits in _widths(values.shape[1], module.LANES):
            coded = self._coded(module, bits)
            for coded.stretch in STRETCHES:
                if trial.passes(coded.rows_of):
                    self.coded = coded
                    return CodeChoice(bits, coded.stretch, len(values))
        return CodeChoice(0, 1.0, len(values))

    def store_units(self) -> None:
        """Give the graph storage that faiss walks, if it has none."""
        with self._storing:
            if not self.walkable:
                self._units = unit_codes_of(self._column.values)
                walk_over(self._index, self._units)
                self.walkable = True
