"""What a client knows of its own calls: how many, how long, which failed.

Counts are of a window, from one report to the next; the windows of the last hour are kept, and the
last errors. Safe to use from several threads.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

SAMPLES = 1000
"""Latencies of a window that its percentile is told of, the last ones."""
ERRORS = 100
HISTORY_SECONDS = 3600.0
_MOST_WINDOWS = 3600


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """Calls of one kind; latencies are milliseconds."""

    request_count: int
    success_count: int
    error_count: int
    avg_latency_ms: float
    p99_latency_ms: float
    max_latency_ms: float


class OperationCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Calls of one operation, in all and by collection."""

    operation: str
    total: Counts
    collections: dict[str, Counts]


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """What was counted until a time, in milliseconds since 1970."""

    timestamp: int
    metrics: tuple[OperationCounts, ...]


class FailedCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call that failed."""

    timestamp: int
    operation: str
    collection: str
    code: int
    message: str


class _Tally:
    """Counts calls."""

    def __init__(self) -> None:
        self._calls = 0
        self._failures = 0
        self._total = 0.0
        self._latencies: deque[float] = deque(maxlen=SAMPLES)
        self._longest = 0.0

    def add(self, milliseconds: float, *, failed: bool) -> None:
        self._calls += 1
        self._failures += failed
        self._total += milliseconds
        self._latencies.append(milliseconds)
        self._longest = max(self._longest, milliseconds)

    def counts(self) -> Counts:
        ordered = sorted(self._latencies)
        return Counts(
            request_count=self._calls,
            success_count=self._calls - self._failures,
            error_count=self._failures,
            avg_latency_ms=self._total / self._calls,
            p99_latency_ms=ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)],
            max_latency_ms=self._longest,
        )


class CallMetrics:
    """The calls of one client."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tallies: dict[str, _Tally] = {}
        self._by_collection: dict[tuple[str, str], _Tally] = {}
        self._errors: deque[FailedCall] = deque(maxlen=ERRORS)
        self._windows: deque[Window] = deque(maxlen=_MOST_WINDOWS)

    def record(
        self,
        operation: str,
        collection: str,
        seconds: float,
        failure: tuple[int, str] | None,
        *,
        by_collection: bool,
    ) -> None:
        """Count a call.

        Args:
            operation: What it was, as ``Search``.
            collection: The collection, "" for none.
            seconds: How long it took.
            failure: Code and message of its error, None for a success.
            by_collection: Whether to count it for the collection, too.
        """
        milliseconds = seconds * 1000
        failed = failure is not None
        with self._lock:
            self._tallies.setdefault(operation, _Tally()).add(milliseconds, failed=failed)
            if by_collection and collection:
                tally = self._by_collection.setdefault((operation, collection), _Tally())
                tally.add(milliseconds, failed=failed)
            if failure is not None:
                self._errors.append(
                    FailedCall(
                        timestamp=now_ms(),
                        operation=operation,
                        collection=collection,
                        code=failure[0],
                        message=failure[1],
                    )
                )

    def close_window(self) -> Window:
        """Return what was counted since the last time, and begin a new window."""
        with self._lock:
            tallies, self._tallies = self._tallies, {}
            parts, self._by_collection = self._by_collection, {}
            window = Window(
                timestamp=now_ms(),
                metrics=tuple(
                    OperationCounts(
                        operation=name,
                        total=tally.counts(),
                        collections={
                            collection: part.counts()
                            for (operation, collection), part in parts.items()
                            if operation == name
                        },
                    )
                    for name, tally in tallies.items()
                ),
            )
            self._windows.append(window)
            oldest = window.timestamp - HISTORY_SECONDS * 1000
            while self._windows[0].timestamp < oldest:
                self._windows.popleft()
            return window

    def errors(self, most: int) -> list[FailedCall]:
        """Return the last errors, the newest first."""
        with self._lock:
            return list(reversed(self._errors))[:most]

    def history(self, start_ms: float, end_ms: float) -> Iterable[Window]:
        """Return the windows that ended between two times."""
        with self._lock:
            return [each for each in self._windows if start_ms <= each.timestamp <= end_ms]


def now_ms() -> int:
    """Return the milliseconds since 1970."""
    return time.time_ns() // 1_000_000
