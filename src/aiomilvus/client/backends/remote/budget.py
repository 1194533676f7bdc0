"""The time that a call may take."""

from __future__ import annotations

import time

from aiomilvus.errors import DeadlineExceededError

DEFAULT_TIMEOUT = 60.0
"""Seconds for a whole call when neither it nor the client says."""


class Budget:
    """The time that a call has for everything it does: connecting, sending, trying again."""

    __slots__ = ("end", "seconds")

    def __init__(self, timeout: float | None) -> None:
        self.seconds = DEFAULT_TIMEOUT if timeout is None else timeout
        self.end = time.monotonic() + self.seconds

    def left(self, phase: str) -> float:
        """Return the seconds that are left.

        Raises:
            DeadlineExceededError: There are none.
        """
        left = self.end - time.monotonic()
        if left <= 0:
            raise self.exceeded(phase)
        return left

    def exceeded(self, phase: str) -> DeadlineExceededError:
        """Return the error that the time ran out in `phase`."""
        return DeadlineExceededError(
            message=f"{phase} took longer than the timeout of {self.seconds:g} s"
        )
