"""Runs of varying length, laid end to end: copying some of them in another order.

Run i of an array spans ``offsets[i]`` … ``offsets[i + 1]``. Numbering each element takes 16 bytes,
so what is large is copied a part at a time: 30 MB of texts would take 500 MB otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[Any]
    Rows = NDArray[np.int64]

_PART = 1 << 16
"""Elements that are numbered at a time; their numbers fit a processor's cache."""
_LONG = 256
"""Runs of so many elements, on average, are copied faster one by one."""


def gather_runs(offsets: Rows, rows: Rows) -> tuple[Rows, Rows]:
    """Return the offsets and the element positions of the runs at `rows`.

    Args:
        offsets: int64 (n+1,), run i spans offsets[i] … offsets[i+1].
        rows: int64 (m,), which runs, in which order.

    Returns:
        New offsets (m+1,) and the positions (their total length,) to gather.
    """
    starts = offsets[rows]
    ends = _ends_of(offsets, rows, starts)
    return ends, _positions(starts, ends)


def take_runs(offsets: Rows, rows: Rows, arrays: Sequence[Array]) -> tuple[Rows, list[Array]]:
    """Return the offsets and the elements of the runs at `rows`.

    Args:
        offsets: int64 (n+1,), the runs' bounds in each of the arrays.
        rows: int64 (m,), which runs, in which order.
        arrays: What has the runs.

    Returns:
        New offsets (m+1,), and for each array its elements of these runs.
    """
    starts = offsets[rows]
    ends = _ends_of(offsets, rows, starts)
    total = int(ends[-1])
    if total <= _PART:
        positions = _positions(starts, ends)
        return ends, [array[positions] for array in arrays]
    taken = [np.empty((total, *array.shape[1:]), array.dtype) for array in arrays]
    if total >= _LONG * len(rows):
        _copy_each(starts, ends, arrays, taken)
    else:
        _copy_parts(starts, ends, arrays, taken)
    return ends, taken


def _ends_of(offsets: Rows, rows: Rows, starts: Rows) -> Rows:
    ends = np.zeros(len(rows) + 1, np.int64)
    np.cumsum(offsets[rows + 1] - starts, out=ends[1:])
    return ends


def _positions(starts: Rows, ends: Rows) -> Rows:
    """Return where each element of runs comes from, given their starts and new offsets."""
    positions = np.arange(ends[0], ends[-1], dtype=np.int64)
    positions += np.repeat(starts - ends[:-1], np.diff(ends))
    return positions


def _copy_each(starts: Rows, ends: Rows, arrays: Sequence[Array], taken: Sequence[Array]) -> None:
    """Copy one run after the other."""
    begins, bounds = starts.tolist(), ends.tolist()
    for source, target in zip(arrays, taken, strict=True):
        for run, begin in enumerate(begins):
            first, last = bounds[run], bounds[run + 1]
            target[first:last] = source[begin : begin + last - first]


def _copy_parts(starts: Rows, ends: Rows, arrays: Sequence[Array], taken: Sequence[Array]) -> None:
    """Copy many runs at once, some `_PART` elements each time."""
    first = 0
    while first < len(starts):
        last = int(np.searchsorted(ends, ends[first] + _PART, "right")) - 1
        last = max(last, first + 1)
        positions = _positions(starts[first:last], ends[first : last + 1])
        for source, target in zip(arrays, taken, strict=True):
            target[ends[first] : ends[last]] = source[positions]
        first = last
