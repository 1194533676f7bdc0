"""What makes a stored graph fast, derived from the vectors in the background.

With numba these are codes of 4 bits, or 8 where 4 do not tell the vectors apart, and compiled
walks over them; they are kept in a file (`kept_codes`), for the next opening and for other
processes. Without, and until they are there, faiss walks the graph. COSINE graphs that were
stored without `unit_storage` get it with the first search, and are scanned until then.
"""

from __future__ import annotations

import weakref
from threading import Lock
from typing import TYPE_CHECKING, Any

import msgspec

from aiomilvus.engine.index.contract import without_warnings
from aiomilvus.engine.index.dense.code_choice import STRETCHES, CodeChoice, Trial
from aiomilvus.engine.index.dense.kept_codes import CodedVectors, Description, described
from aiomilvus.engine.index.dense.kernel_access import (
    after_loading,
    in_background,
    kernels,
    kernels_if_wanted,
)
from aiomilvus.engine.index.dense.kernel_arguments import LANES
from aiomilvus.engine.index.dense.quantized_graph import QuantizedGraph
from aiomilvus.engine.index.dense.recall_trial import ScanTrial
from aiomilvus.engine.index.dense.scalar_codes import widths_of
from aiomilvus.engine.index.dense.unit_storage import unit_codes_of, walk_over
from aiomilvus.errors import DataCorruptedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import SimpleNamespace

    import numpy as np
    from numpy.typing import NDArray

    from aiomilvus.engine.index.dense.kept_codes import Keeper
    from aiomilvus.engine.index.dense.unit_storage import Arrays
    from aiomilvus.model.columns import VectorColumn


class Acceleration:
    """Derived data of one graph. Safe to share by threads.

    Args:
        index: The faiss graph.
        column: Its float32 vectors.
        metric: ``L2``, ``IP`` or ``COSINE``.
        keep: What the faiss graph points into: it may outlive the segment's index here.
        walkable: Whether faiss can walk the graph as it is.
        is_coded: Whether codes are wanted.
        scanned: int64, the rows whose codes are compared instead of walking; None to walk.
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
        scanned: NDArray[np.int64] | None = None,
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
        self._scanned = scanned
        self._lock = Lock()
        self._storing = Lock()
        self._is_storing = False
        self._units: Arrays = {}
        self.asked = False
        """Whether anybody wanted codes."""
        self.keeper: Keeper | None = None
        """Where codes are kept; None to have them in memory alone."""

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
        if self._is_over():
            return
        self.store_units()
        module = kernels() if self._is_coded else None
        if module is None or self._take_kept(module) or self._is_over():
            return
        if known is None:
            self.choice = self._choose(module)
        else:
            self._take(module, known)
        self._keep_codes(module)

    def _is_over(self) -> bool:
        """Whether the collection was closed or dropped: what would be derived is of no use."""
        return self.keeper is not None and self.keeper.is_over()

    def _take(
        self, module: SimpleNamespace, choice: CodeChoice, made: CodedVectors | None = None
    ) -> None:
        """Have the codes that were chosen; `made` are these, if they were made before."""
        if choice.bits:
            coded = self._coded(module, choice.bits, made)
            coded.stretch = choice.stretch
            self.coded = coded
        self.choice = choice

    def _take_kept(self, module: SimpleNamespace) -> bool:
        """Have the codes that are kept; return whether there are any, or it is known of none."""
        found = None if self.keeper is None else self.keeper.read()
        if self.keeper is None or found is None:
            return False
        arrays, description = found
        rows, dim = self._column.values.shape
        told = described(description, rows=rows, metric=self._metric, lanes=LANES)
        if told is None:
            return False
        try:
            made = CodedVectors.kept(arrays, told, dim) if told.bits else None
        except DataCorruptedError as error:
            self.keeper.refuse(error.message)
            return False
        self._take(module, CodeChoice(told.bits, told.stretch, told.judged), made)
        return True

    def _keep_codes(self, module: SimpleNamespace) -> None:
        """Keep what was derived, and share its memory with all who read it from now on."""
        choice, coded = self.choice, self.coded
        if self.keeper is None or choice is None:
            return
        description = Description(
            bits=choice.bits,
            stretch=choice.stretch,
            judged=choice.rows,
            rows=len(self._column),
            metric=self._metric,
            lanes=LANES,
        )
        arrays = coded.coded.arrays() if coded is not None else {}
        if self.keeper.write(arrays, msgspec.to_builtins(description)):
            self._take_kept(module)

    def _coded(
        self, module: SimpleNamespace, bits: int, made: CodedVectors | None = None
    ) -> QuantizedGraph:
        values = self._column.values
        return QuantizedGraph(module, self._index, values, self._metric, bits, made)

    def _choose(self, module: SimpleNamespace) -> CodeChoice:
        """Take the narrowest codes that find what faiss finds."""
        values = self._column.values
        if not len(values):
            return CodeChoice(0, 1.0, 0)
        if self._scanned is not None:
            return self._choose_for_scans(module, self._scanned)
        trial = Trial(self._index, values, self._metric)
        for bits in widths_of(values.shape[1], LANES):
            coded = self._coded(module, bits)
            if _find_stretch(coded, trial):
                self.coded = coded
                return CodeChoice(bits, coded.stretch, len(values))
        return CodeChoice(0, 1.0, len(values))

    def _choose_for_scans(self, module: SimpleNamespace, rows: NDArray[np.int64]) -> CodeChoice:
        """Take the narrowest codes whose scan finds what a scan of the vectors finds.

        Searches that give an ef walk over them only where that finds what faiss finds.
        """
        values = self._column.values
        trial = ScanTrial(values, self._metric, rows)
        for bits in widths_of(values.shape[1], LANES):
            coded = self._coded(module, bits)
            if trial.passes(coded):
                _find_stretch(coded, Trial(self._index, values, self._metric))
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


def _find_stretch(coded: QuantizedGraph, trial: Trial) -> bool:
    """Set the least stretch at which a walk over codes passes, 0 for none; return if any does."""
    for coded.stretch in STRETCHES:
        if trial.passes(coded.rows_of):
            return True
    coded.stretch = 0.0
    return False
