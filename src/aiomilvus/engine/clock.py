"""Hybrid timestamps: milliseconds shifted left by 18 bits, plus a counter. They only rise.

A machine's clock may be wrong. It may jump ahead and be set right again: then timestamps go on
from the latest one, at the pace of the clock, so that what is written now still ages. And it may
stand beyond the year 3083, after which 64 bits hold no timestamp: then they stay below that.
"""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

LOGICAL_BITS = 18
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_LATEST_MS = (1 << 45) - (1 << 35)
"""Milliseconds since 1970 that a clock may give: some day in the year 3083. The year that is left
has room for counters beyond it."""
_TOLERANCE_MS = 1_000
"""So far the clock may be behind the latest timestamp before it counts as set back."""


class Moment(NamedTuple):
    """Now, as rows age by it.

    Attributes:
        wall: Seconds since 1970, as the machine's clock tells.
        ahead: Seconds by which timestamps given out now are ahead of that.
        since: Timestamps from this one on were given out ahead of the machine's clock.
    """

    wall: float
    ahead: float = 0.0
    since: int = (1 << 63) - 1


class Clock:
    """Gives out rising timestamps; one for each database."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0
        self._ahead_ms = 0
        self._since = (1 << 63) - 1

    def next(self, count: int = 1) -> int:
        """Return the first of `count` consecutive timestamps, all larger than any before."""
        with self._lock:
            first = max(self._now_ms() << LOGICAL_BITS, self._last + 1)
            self._last = first + count - 1
            return first

    def _now_ms(self) -> int:
        """Return the time of timestamps; called with the lock held."""
        wall = _wall_ms()
        now = wall + self._ahead_ms
        behind = (self._last >> LOGICAL_BITS) - now
        if behind > _TOLERANCE_MS:
            if not self._ahead_ms:
                self._since = wall + _TOLERANCE_MS << LOGICAL_BITS
            self._ahead_ms += behind
            now += behind
        return min(_LATEST_MS, now)

    def observe(self, timestamp: int) -> None:
        """Never give out a timestamp up to this one."""
        if timestamp > self._last:  # which only rises
            with self._lock:
                self._last = max(self._last, timestamp)

    def wall(self) -> float:
        """Return seconds since 1970, as the machine's clock tells."""
        return _wall_ms() / 1000

    def now(self) -> Moment:
        """Return the present moment, as rows age by it."""
        with self._lock:
            self._now_ms()
            return Moment(_wall_ms() / 1000, self._ahead_ms / 1000, self._since)


def shown(timestamp: int) -> str:
    """Return a hybrid timestamp for messages: the number, and the moment in UTC it stands for."""
    moment = _EPOCH + timedelta(milliseconds=timestamp >> LOGICAL_BITS)
    return f"{timestamp} ({moment.isoformat(' ', 'milliseconds').removesuffix('+00:00')} UTC)"


def _wall_ms() -> int:
    wall = time.time_ns() // 1_000_000
    return min(_LATEST_MS, wall)  # `min` takes as long as all else here
