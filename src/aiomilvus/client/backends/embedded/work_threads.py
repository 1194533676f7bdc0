"""Threads that look for more work before they rest.

To wake a thread of a pool, and to note that it rests again, takes as long as much of a small write.
A caller that has its answer often sends its next write within microseconds: the thread that told
the answer finds it waiting, if nobody else was woken for it. A thread that finds nothing waits a
moment before it goes back to its pool, so that waking it takes a lock and nothing of the pool's.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger(__name__)
_MOMENT = 0.1
"""Seconds that a thread waits for more work; so long the end of the program may wait for it."""


class WorkThreads:
    """Threads that carry out work in the order it came; safe to use from any thread.

    Args:
        most: Threads that there are at most.
        name: Of the threads.
    """

    def __init__(self, most: int, name: str) -> None:
        self._pool = ThreadPoolExecutor(most, name)
        self._most = most
        self._lock = threading.Lock()
        self._waiting: deque[Callable[[], Callable[[], None]]] = deque()
        self._running = 0
        self._ready = 0
        """Of the threads that run, those that will look for more work without carrying out any."""
        self._idle: list[threading.Lock] = []
        """Of each thread that waits a moment, what wakes it; the one that rested last is last."""
        self._closed = False

    def submit(self, work: Callable[[], Callable[[], None]]) -> None:
        """Let a thread carry out `work`, and call what it returns, which tells of it.

        Args:
            work: Raises nothing. Who is told may submit more at once, which the same thread takes.

        Raises:
            RuntimeError: It was shut down, or the system has no more threads.
        """
        with self._lock:
            if self._closed:
                message = "cannot schedule new work after shutdown"
                raise RuntimeError(message)
            self._waiting.append(work)
            if len(self._waiting) <= self._ready:
                return
            if self._idle:
                self._wake()
                return
            if self._running >= self._most:
                return
            self._running += 1
            self._ready += 1
            try:
                self._pool.submit(self._run)
            except BaseException:
                self._running -= 1
                self._ready -= 1
                self._waiting.pop()
                raise

    def shutdown(self) -> None:
        """Let the threads end once all work is done; there is no more of it."""
        with self._lock:
            self._closed = True
            while self._idle:
                self._wake()
        self._pool.shutdown(wait=False)

    def _wake(self) -> None:
        """Let the thread look for work that rested last; `_lock` is held."""
        self._ready += 1
        self._idle.pop().release()

    def _run(self) -> None:
        """Carry out what waits, until nothing has come for a moment."""
        wakes = threading.Lock()
        wakes.acquire()
        work = self._next(wakes)
        while work is not None:
            tell = work()
            with self._lock:
                self._ready += 1  # before anyone is told, who may submit more
            try:
                tell()
            except Exception:  # noqa: BLE001 - nobody is left to be told of it
                _log.exception("nobody could be told of work in a thread")
            work = self._next(wakes)

    def _next(self, wakes: threading.Lock) -> Callable[[], Callable[[], None]] | None:
        """Take what has waited longest, or comes within a moment; with none, the thread rests.

        Args:
            wakes: Held by the thread that calls; whoever releases it wakes that.
        """
        while True:
            with self._lock:
                self._ready -= 1
                if self._waiting:
                    return self._waiting.popleft()
                if self._closed:
                    self._running -= 1
                    return None
                self._idle.append(wakes)
            if not wakes.acquire(timeout=_MOMENT) and self._rests(wakes):
                return None

    def _rests(self, wakes: threading.Lock) -> bool:
        """Return whether nobody has woken a thread at the end of its moment: then it rests."""
        with self._lock:
            if wakes not in self._idle:
                wakes.acquire()  # it was released when it was taken from the list
                return False
            self._idle.remove(wakes)
            self._running -= 1
            return True
