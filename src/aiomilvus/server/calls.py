"""What a server notes of each call: how many, how long, how they ended; and the request log."""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

from aiomilvus.server.shared_counts import summing_up

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiomilvus.server.settings import ServerSettings

_log = logging.getLogger("aiomilvus.requests")

SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""Names, in the environment of several workers, the folder where each counts its calls. Prometheus'
library reads it when it is imported."""
NOT_ANSWERED = 499
"""The code, none of Milvus', of a call that ended before its reply: its caller left, its time was
over, or the server was stopped."""
SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Bounds of the histogram of durations."""


class Calls:
    """Counts, times and logs calls. For one event loop.

    Args:
        settings: Say which calls are logged.
    """

    def __init__(self, settings: ServerSettings) -> None:
        self._registry = CollectorRegistry()
        self._which = settings.log_requests
        self._slow = settings.slow_seconds
        self._counter = Counter(
            "aiomilvus_calls",
            "Calls by door, RPC and Milvus' code; 0 is success, 499 ended unanswered.",
            ("door", "method", "code"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "aiomilvus_call_seconds",
            "How long calls took, from the request's last byte to the reply.",
            ("door", "method"),
            buckets=SECONDS,
            registry=self._registry,
        )
        self._counts: dict[tuple[str, str, int], Counter] = {}
        self._times: dict[tuple[str, str], Histogram] = {}

    @contextmanager
    def summed_up(self) -> Iterator[CollectorRegistry]:
        """Give what Prometheus is told: the calls of all processes that answer on the ports."""
        folder = os.environ.get(SHARED)
        if folder is None:
            yield self._registry
            return
        whole = CollectorRegistry()
        MultiProcessCollector(whole)  # type: ignore[no-untyped-call]
        with summing_up(folder):
            yield whole

    def done(self, door: str, method: str, code: int, began: float, request: str) -> None:
        """Note a call that has ended.

        Args:
            door: ``grpc`` or ``rest``.
            method: Name of the RPC.
            code: Milvus' code of how it ended, or `NOT_ANSWERED`.
            began: `time.perf_counter` when it began.
            request: Its id, "" when it has none.
        """
        seconds = perf_counter() - began
        # Looking labels up costs several times what counting does.
        count = self._counts.get((door, method, code))
        if count is None:
            count = self._counter.labels(door, method, str(code))
            self._counts[door, method, code] = count
        count.inc()
        timed = self._times.get((door, method))
        if timed is None:
            timed = self._times[door, method] = self._seconds.labels(door, method)
        timed.observe(seconds)
        if self._which != "none" and self._is_logged(code, seconds):
            _log.log(
                logging.INFO if code == 0 else logging.WARNING,
                "%s %s code %d in %.1f ms%s",
                door,
                method,
                code,
                seconds * 1000,
                f" [{request}]" if request else "",
                extra={"request": _fields(door, method, code, seconds, request)},
            )

    def _is_logged(self, code: int, seconds: float) -> bool:
        if self._which == "all" or code:
            return True
        return self._which == "slow" and seconds >= self._slow


def _fields(
    door: str, method: str, code: int, seconds: float, request: str
) -> dict[str, str | int | float]:
    """Return a call as the fields of a JSON log line."""
    return {
        "door": door,
        "method": method,
        "code": code,
        "milliseconds": round(seconds * 1000, 3),
        "request_id": request,
    }
