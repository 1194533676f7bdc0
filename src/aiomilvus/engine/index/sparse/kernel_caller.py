"""What one search at a time needs to call the kernels: memory, and arguments written before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.index.sparse.kernel_arguments import (
    AllowedRows,
    Damping,
    InvertedLists,
    Limits,
    QueryBatch,
    Room,
    TopHits,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import SimpleNamespace

    from numpy.typing import NDArray

    from aiomilvus.engine.index.kernels.calls import Frame

# Where `kernel_entries.search_batch` has the fields of each tuple.
_LIMITS = len(QueryBatch._fields) + len(InvertedLists._fields)
_DAMPING = _LIMITS + len(Limits._fields)
_ALLOWED = _DAMPING + len(Damping._fields)
_TOP = _ALLOWED + len(AllowedRows._fields)
_ROOM = _TOP + len(TopHits._fields)
_TOUCHED = _ROOM + Room._fields.index("touched")
_BOUNDS = 3
"""How many of `Limits`' first fields are arrays."""


class KernelCaller:
    """Searches with memory of its own. Serves one thread at a time.

    Args:
        kernels: What `kernel_access.kernels` returns.
        lists: The inverted lists.
        window_bits: A window has 2 to this many rows.
    """

    def __init__(self, kernels: SimpleNamespace, lists: InvertedLists, window_bits: int) -> None:
        self._kernels = kernels
        self.lists = lists
        self._window_bits = window_bits
        self._frame: Frame | None = None
        self._terms = 0

    def search(
        self,
        batch: QueryBatch,
        limits: Limits,
        damping: Damping,
        allowed: AllowedRows,
        top: TopHits,
    ) -> None:
        """Search as `kernel_entries.search_batch`; `limits` are of the same window bits."""
        self.written(batch, limits, damping, allowed, top)()

    def written(
        self,
        batch: QueryBatch,
        limits: Limits,
        damping: Damping,
        allowed: AllowedRows,
        top: TopHits,
    ) -> Frame:
        """Return the frame that searches so when it is called, until the next is written.

        Whoever calls it keeps the arrays of `batch`, `allowed` and `top` alive.
        """
        most = max(1, int(np.diff(batch.starts).max(initial=1)))
        # With values that cancel out, a row can be touched once for each term.
        touched = ((1 if limits.prunes else most) << self._window_bits) + 1
        frame = self._frame
        if frame is None or most > self._terms:
            self._terms = most
            room = _room_for(most, 1 << self._window_bits, touched)
            frame = self._frame = self._kernels.search_batch.frame(
                *batch, *self.lists, *limits, *damping, *allowed, *top, *room
            )
        elif frame.length(_TOUCHED) < touched:
            frame.put(_TOUCHED, np.empty(touched, np.int64))
        _lend(frame, 0, batch)
        for at, bounds in enumerate((limits.terms, limits.windows, limits.floors), _LIMITS):
            frame.keep(at, bounds)
        for at, number in enumerate((*limits[_BOUNDS:], *damping), _LIMITS + _BOUNDS):
            frame.put(at, number)
        if allowed.has_mask:
            frame.lend(_ALLOWED, allowed.mask)
        frame.put(_ALLOWED + 1, allowed.has_mask)
        _lend(frame, _TOP, top)
        return frame


def _lend(frame: Frame, first: int, arrays: Iterable[NDArray[Any]]) -> None:
    for at, array in enumerate(arrays, first):
        frame.lend(at, array)


def _room_for(most: int, window: int, touched: int) -> Room:
    """Return memory for queries of up to `most` terms."""
    return Room(
        numbers=np.empty(most, np.int64),
        cursors=np.empty(most, np.int64),
        weights=np.empty(most, np.float64),
        begins=np.empty(most, np.int64),
        ends=np.empty(most, np.int64),
        order=np.empty(most, np.int64),
        bounds=np.empty(most, np.float64),
        rests=np.empty(most, np.float64),
        sums=np.zeros(window, np.float64),
        touched=np.empty(touched, np.int64),
    )
