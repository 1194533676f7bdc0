"""How many files that grow are open at a time.

Every collection that was written to since it was last flushed has a log. A process has room for
few descriptors, so the file that was used least recently is closed when too many are open; its
next use opens it again.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from typing import Protocol

MOST = 64
"""Files that stay open."""


class Resting(Protocol):
    """A file that can be closed until its next use."""

    def rest(self) -> bool:
        """Close it and return True, or False while it is in use."""


class OpenFiles:
    """The files of this process that are open, the one used least recently first.

    Its lock is held for moments and never while a file is written or synced.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._files: OrderedDict[Resting, None] = OrderedDict()
        self._latest: Resting | None = None
        """The file that was used last; it is among those that are open, and none to be closed."""

    def used(self, file: Resting) -> None:
        """Note that a file is open and in use now; close others if there are too many."""
        if file is self._latest:
            return
        with self._lock:
            self._latest = file
            self._files[file] = None
            self._files.move_to_end(file)
            surplus = len(self._files) - MOST
            for other in list(self._files)[:surplus] if surplus > 0 else ():
                if other is not file and other.rest():
                    del self._files[other]

    def closed(self, file: Resting) -> None:
        """Forget a file that its owner has closed."""
        with self._lock:
            self._files.pop(file, None)
            if file is self._latest:
                self._latest = None


OPEN = OpenFiles()


def _begin_again() -> None:
    """Let a forked child count its own files: another thread may have held the lock."""
    OPEN._lock = threading.Lock()  # noqa: SLF001 - this module's own
    OPEN._files = OrderedDict()  # noqa: SLF001
    OPEN._latest = None  # noqa: SLF001


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_again)
