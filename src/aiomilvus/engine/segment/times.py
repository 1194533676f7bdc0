"""When the rows of a segment were written, as runs: most neighbours came with one write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray


class RowTimes:
    """Hybrid timestamps of the rows of a segment.

    Args:
        ends: int64 (runs,), rising: the row behind each run's last one.
        stamps: int64 (runs,): when the rows of the run were written.
    """

    def __init__(self, ends: NDArray[np.int64], stamps: NDArray[np.int64]) -> None:
        self.ends = ends
        self.stamps = stamps

    @classmethod
    def at(cls, timestamp: int, rows: int) -> RowTimes:
        """Return the times of rows that were written at once."""
        return cls(np.array([rows], np.int64), np.array([timestamp], np.int64))

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]]) -> RowTimes:
        """Return the times that `arrays` describes."""
        return cls(arrays["ends"], arrays["stamps"])

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays to store."""
        return {"ends": self.ends, "stamps": self.stamps}

    def __len__(self) -> int:
        return int(self.ends[-1]) if len(self.ends) else 0

    def first(self, rows: int) -> RowTimes:
        """Return the times of the first `rows` rows."""
        if rows >= len(self):
            return self
        runs = int(self.ends.searchsorted(rows)) + 1
        return RowTimes(np.minimum(self.ends[:runs], rows), self.stamps[:runs])

    def take(self, rows: NDArray[np.int64]) -> RowTimes:
        """Return the times of some rows, in their order."""
        stamps = self.stamps[self.ends.searchsorted(rows, "right")]
        if not len(stamps):
            return RowTimes(np.empty(0, np.int64), np.empty(0, np.int64))
        last = np.append(np.flatnonzero(np.diff(stamps)), len(stamps) - 1)
        return RowTimes(last + 1, stamps[last])

    @classmethod
    def concat(cls, parts: Sequence[RowTimes]) -> RowTimes:
        """Return the times of the rows of all `parts`, one after the other."""
        starts = np.cumsum([0, *(len(part) for part in parts)])
        ends = [part.ends + start for part, start in zip(parts, starts[:-1], strict=True)]
        empty = np.empty(0, np.int64)
        return cls(
            np.concatenate([empty, *ends]), np.concatenate([empty, *(p.stamps for p in parts)])
        )

    def until(self, limits: tuple[int, int], since: int, rows: int) -> NDArray[np.bool_] | None:
        """Return which of the first `rows` rows were written up to a limit; None for none.

        Args:
            limits: For times before `since`, and for those from then on.
            since: See there.
            rows: How many rows to look at.
        """
        old = self.stamps <= np.where(self.stamps < since, *limits)
        if not old.any():
            return None
        return np.repeat(old, np.diff(self.ends, prepend=0))[:rows]

    def first_between(self, limit: int, end: int) -> int | None:
        """Return the earliest time after `limit` and before `end`, None when there is none."""
        later = self.stamps[(self.stamps > limit) & (self.stamps < end)]
        return int(later.min()) if len(later) else None


class GrowingTimes:
    """The times of rows that only grow in number."""

    def __init__(self) -> None:
        self._ends: list[int] = []
        self._stamps: list[int] = []

    def append(self, timestamp: int, end: int) -> None:
        """Say when the rows up to `end` were written, those known already excepted."""
        if self._stamps and self._stamps[-1] == timestamp:
            self._ends[-1] = end
            return
        self._stamps.append(timestamp)
        self._ends.append(end)

    def known(self) -> RowTimes:
        """Return the times of all rows known by now."""
        runs = len(self._ends)  # the writer may add one before the next line
        ends, stamps = self._ends[:runs], self._stamps[:runs]
        return RowTimes(np.array(ends, np.int64), np.array(stamps, np.int64))
