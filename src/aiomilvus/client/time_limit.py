"""The time of a call that takes several steps: each has what the steps before it left."""

from __future__ import annotations

from time import monotonic

from aiomilvus.client.told_times import told
from aiomilvus.errors import DeadlineExceededError


class TimeLimit:
    """Counts down from when it is made.

    Args:
        seconds: For all steps together; None for each step's own default.
        what: What takes them, for the error.
    """

    __slots__ = ("_end", "_seconds", "_what")

    def __init__(self, seconds: float | None, what: str) -> None:
        self._seconds = seconds
        self._end = 0.0 if seconds is None else monotonic() + seconds
        self._what = what

    def left(self) -> float | None:
        """Return the seconds that the next step may take.

        Raises:
            DeadlineExceededError: There are none.
        """
        if self._seconds is None:
            return None
        left = self._end - monotonic()
        if left <= 0:
            raise DeadlineExceededError(
                message=f"{self._what} took longer than the timeout of {told(self._seconds)}"
            )
        return left
