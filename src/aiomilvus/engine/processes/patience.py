"""How long a process waits for one that leads, or for the lock."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from aiomilvus.engine.storage.lock import is_being_opened

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from threading import Condition

SECONDS = 10.0
"""How long to wait where nobody seems to do anything about it."""
OPENING_SECONDS = 60.0
"""How long to wait for a process that has the lock and is opening the directory. That takes a
fraction of a second, or many where a machine has more to do than it can."""
_LOOK_SECONDS = 0.5


class Patience:
    """The time from now on in which a process should lead a directory.

    Args:
        lock: The directory's lock file; None where there is no directory.
    """

    def __init__(self, lock: Path | None) -> None:
        now = time.monotonic()
        self._lock = lock
        self._end, self._last = now + SECONDS, now + OPENING_SECONDS

    def is_over(self) -> bool:
        """Whether to wait no more; asked again and again."""
        now = time.monotonic()
        if now < self._last and self._lock is not None and is_being_opened(self._lock):
            self._end = now + SECONDS
        return now > self._end

    def until(self, is_so: Callable[[], bool], changed: Condition) -> bool:
        """Return whether something is so, waiting for it as long as that makes sense.

        Args:
            is_so: Tells whether it is.
            changed: Notified when it may be so; not held.
        """
        with changed:
            while not changed.wait_for(is_so, _LOOK_SECONDS):
                if self.is_over():
                    return False
        return True
