"""Hybrid timestamps: milliseconds shifted left by 18 bits, plus a counter. They only rise."""

from __future__ import annotations

import threading
import time

LOGICAL_BITS = 18


class Clock:
    """Gives out rising timestamps; one for each database."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def next(self, count: int = 1) -> int:
        """Return the first of `count` consecutive timestamps, all larger than any before."""
        with self._lock:
            now = (time.time_ns() // 1_000_000) << LOGICAL_BITS
            first = max(now, self._last + 1)
            self._last = first + count - 1
            return first

    def observe(self, timestamp: int) -> None:
        """Never give out a timestamp up to this one."""
        with self._lock:
            self._last = max(self._last, timestamp)
