"""What a call may spend: its time, and how often it is tried again.

A call of a method is one budget, whatever it takes: connecting, looking up the schema, several
requests, tries and the waits between them.
"""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING

from aiomilvus.client.call_notes import noted
from aiomilvus.client.told_times import told
from aiomilvus.errors import DeadlineExceededError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

DEFAULT_TIMEOUT = 60.0
"""Seconds for a whole call when neither it nor the client says."""
_FIRST_DELAY, _LAST_DELAY = 0.02, 3.0


class Budget:
    """The time and the tries that a call has for everything it does.

    Args:
        timeout: Seconds, None for `DEFAULT_TIMEOUT`.

    Attributes:
        notes: What the application said about the call.
        tries: How often something was tried again.
    """

    __slots__ = ("_delays", "_failure", "_heard", "began", "end", "notes", "seconds", "tries")

    def __init__(self, timeout: float | None) -> None:
        self.notes = noted()
        self.tries = 0
        self.seconds = DEFAULT_TIMEOUT if timeout is None else timeout
        self.began = time.monotonic()
        self.end = self.began + self.seconds
        self._delays: Iterator[float] | None = None
        self._failure = self._heard = ""

    def left(self, phase: str) -> float:
        """Return the seconds that are left.

        Raises:
            DeadlineExceededError: There are none.
        """
        left = self.end - time.monotonic()
        if left <= 0:
            raise self.exceeded(phase)
        return left

    @property
    def spent(self) -> float:
        """The seconds since the call began."""
        return time.monotonic() - self.began

    @property
    def failure(self) -> str:
        """Why the last try failed, of this call or else of one it waited for; "" if none did."""
        return self._failure or self._heard

    def hear(self, failure: str) -> None:
        """Take note of why another call failed that this one waited for."""
        self._heard = failure or self._heard

    async def another_try(
        self, failure: str, pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> bool:
        """Wait until it is time for another try; False, at once, if none is left.

        Args:
            failure: Why there should be one.
            pause: Waits so many seconds.
        """
        allowed = self.notes.retry_times
        if allowed is not None and self.tries >= allowed:
            return False
        if self._delays is None:
            self._delays = backoff()
        delay = next(self._delays)
        if time.monotonic() + delay >= self.end:
            return False
        self.tries += 1
        self._failure = failure
        await pause(delay)
        return True

    def exceeded(self, phase: str) -> DeadlineExceededError:
        """Return the error that the time ran out in `phase`."""
        message = f"{phase} took longer than the timeout of {told(self.seconds)}"
        if self._failure:
            message += f"; try {self.tries} failed: {self._failure}"
        elif self._heard:
            message += f"; another call's try failed: {self._heard}"
        return DeadlineExceededError(message=message)


def backoff() -> Iterator[float]:
    """Yield the seconds to wait before each further try: random, up to a bound that doubles."""
    bound = _FIRST_DELAY
    while True:
        yield random.uniform(bound / 2, bound)  # noqa: S311 - jitter, no secret
        bound = min(2 * bound, _LAST_DELAY)
