"""Lanes: threads that run jobs one after the other, each job at most once in line.

Work of one kind shares a lane, so that what is quick never waits for what takes minutes. A job
that the disk refused, as a full one does, is tried again after a while.
"""

from __future__ import annotations

import atexit
import logging
import os
import sys
import threading
import weakref
from collections import OrderedDict
from math import inf
from time import monotonic
from typing import TYPE_CHECKING

from aiomilvus.engine.index.contract import BuildStoppedError, without_warnings
from aiomilvus.errors import MilvusException, StorageError
from aiomilvus.model.status import LaneStatus

if TYPE_CHECKING:
    from collections.abc import Callable

Key = tuple[str, int]

_LOGGER = logging.getLogger(__name__)
_NICENESS = 10
FIRST_PAUSE = 1.0
"""Seconds until a job that the disk refused is tried again; each further time twice as many."""
LONGEST_PAUSE = 60.0
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
        self._refused: dict[Key, tuple[float, Callable[[], None]]] = {}
        self._pauses: dict[Key, float] = {}
        self._running: Key | None = None
        self._closed = False
        self._closed_at = inf
        self._thread: threading.Thread | None = None

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs or waits for its turn; asked with the condition held."""
        return self._running is None and not self._jobs

    def status(self) -> LaneStatus:
        """Tell how many jobs there are; each number is true by itself."""
        return LaneStatus(
            name=self._name.removeprefix("aiomilvus-"),
            waiting=len(self._jobs),
            running=int(self._running is not None),
            refused=len(self._refused),
        )

    def goes_on(self) -> bool:
        """Return whether the lane was not closed; jobs that can stop early ask again and again."""
        return not self._closed

    def goes_on_for(self, seconds: float) -> bool:
        """Return whether the lane was not closed, or less than so many seconds ago."""
        return not self._closed or monotonic() < self._closed_at + seconds

    def has(self, key: Key) -> bool:
        """Return whether that job runs or waits; asked with the condition held."""
        return self._running == key or key in self._jobs

    def ask(self, key: Key, job: Callable[[], None]) -> None:
        """Run `job` after those that wait, unless the same one waits already."""
        with self._changed:
            if self._closed:
                return
            self._jobs.setdefault(key, job)
            self._refused.pop(key, None)
            if self._thread is None:
                _begun.add(self)
                thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                thread.start()
                self._thread = thread
            self._changed.notify_all()

    def _run(self) -> None:
        if self._yields and sys.platform == "linux":
            # There, a thread has a priority of its own, and the threads it starts inherit it.
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
        while True:
            found = self._next()
            if found is None:
                return
            self._carry_out(*found)

    def _next(self) -> tuple[Key, Callable[[], None]] | None:
        """Wait for a job and return it, None once the lane was closed."""
        with self._changed:
            self._running = None
            self._changed.notify_all()
            while not self._closed:
                now = monotonic()
                for key, (due, job) in list(self._refused.items()):
                    if due <= now:
                        self._jobs[key] = job
                        del self._refused[key]
                if self._jobs:
                    self._running, job = self._jobs.popitem(last=False)
                    return self._running, job
                first = min((due for due, _ in self._refused.values()), default=None)
                self._changed.wait(None if first is None else first - now)
            return None

    def _carry_out(self, key: Key, job: Callable[[], None]) -> None:
        """Run a job; whatever it ends in, the lane goes on, since writers may wait for it."""
        try:
            with without_warnings():
                job()
        except (MilvusException, OSError) as error:
            # The state in memory and on disk is as before.
            _LOGGER.exception("maintenance failed")
            if isinstance(error, OSError) or type(error) is StorageError:
                self._try_again(key, job)
        except BuildStoppedError:
            _LOGGER.debug("given up: %s", key[0])
        except BaseException as error:  # noqa: BLE001 - told as what ends a thread is
            thread = threading.current_thread()
            told = (type(error), error, error.__traceback__, thread)
            threading.excepthook(threading.ExceptHookArgs(told))
        else:
            self._pauses.pop(key, None)

    def _try_again(self, key: Key, job: Callable[[], None]) -> None:
        """Run a job once more after a pause, unless it was asked for again meanwhile."""
        with self._changed:
            pause = self._pauses.get(key, FIRST_PAUSE)
            self._pauses[key] = min(2 * pause, LONGEST_PAUSE)
            if key not in self._jobs:
                self._refused[key] = (monotonic() + pause, job)

    def close(self) -> None:
        """Drop what waits, finish what runs, and end the thread."""
        with self._changed:
            self._closed_at = min(self._closed_at, monotonic())
            self._closed = True
            self._jobs.clear()
            self._refused.clear()
            self._changed.notify_all()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()
