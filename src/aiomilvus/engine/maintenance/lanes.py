"""Lanes: threads that run jobs one after the other, each job at most once in line.

Work of one kind shares a lane, so that what is quick never waits for what takes minutes.
"""

from __future__ import annotations

import atexit
import logging
import os
import sys
import threading
import weakref
from collections import OrderedDict
from typing import TYPE_CHECKING

from aiomilvus.errors import MilvusException

if TYPE_CHECKING:
    from collections.abc import Callable

Key = tuple[str, int]

_LOGGER = logging.getLogger(__name__)
_NICENESS = 10
_begun: weakref.WeakSet[Lane] = weakref.WeakSet()


def _close_all() -> None:
    """Let running jobs end, in a process that ends without closing its databases.

    A thread that the interpreter stops inside native code, as in the building of an index,
    aborts the process.
    """
    for lane in list(_begun):
        if lane.pid == os.getpid():
            lane.close()


atexit.register(_close_all)


class Lane:
    """One thread, begun with the first job.

    Args:
        name: The thread's name.
        changed: Notified whenever a job is done; shared by the lanes of one database.
        yields: Whether the thread, and those that it starts, leave the processors to others.
    """

    def __init__(self, name: str, changed: threading.Condition, *, yields: bool) -> None:
        self.pid = os.getpid()
        self._name = name
        self._changed = changed
        self._yields = yields
        self._jobs: OrderedDict[Key, Callable[[], None]] = OrderedDict()
        self._running: Key | None = None
        self._closed = False
        self._thread: threading.Thread | None = None

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs or waits; asked with the condition held."""
        return self._running is None and not self._jobs

    def has(self, key: Key) -> bool:
        """Return whether that job runs or waits; asked with the condition held."""
        return self._running == key or key in self._jobs

    def ask(self, key: Key, job: Callable[[], None]) -> None:
        """Run `job` after those that wait, unless the same one waits already."""
        with self._changed:
            if self._closed:
                return
            self._jobs.setdefault(key, job)
            if self._thread is None:
                _begun.add(self)
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def _run(self) -> None:
        if self._yields and sys.platform == "linux":
            # There, a thread has a priority of its own, and the threads it starts inherit it.
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
        while True:
            with self._changed:
                self._running = None
                self._changed.notify_all()
                while not self._jobs and not self._closed:
                    self._changed.wait()
                if self._closed:
                    return
                self._running, job = self._jobs.popitem(last=False)
            try:
                job()
            except (MilvusException, OSError):
                # The state in memory and on disk is as before; the next request tries again.
                _LOGGER.exception("maintenance failed")

    def close(self) -> None:
        """Drop what waits, finish what runs, and end the thread."""
        with self._changed:
            self._closed = True
            self._jobs.clear()
            self._changed.notify_all()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()
