"""Files that the platform does not let go yet, and what it refuses only for a moment.

Windows refuses to remove a file that is mapped or open anywhere, and to rename over it; a virus
scanner that looks into a new file has it open for some milliseconds. Other systems do neither.
So a removal that is refused is kept and tried again with each later one, and what is left when
the process ends is removed when the database is opened again. A rename has to happen, and is
tried again for half a second.
"""

from __future__ import annotations

import time
from threading import RLock
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_PAUSES = (0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256)
_T = TypeVar("_T")


def patiently(step: Callable[[], _T]) -> _T:
    """Return what `step` returns; while it is refused, try again for half a second.

    Raises:
        PermissionError: It was refused the last time, too.
    """
    for pause in _PAUSES:
        try:
            return step()
        except PermissionError:
            time.sleep(pause)
    return step()


class Leftovers:
    """Paths whose removal was refused. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = RLock()  # a collector may drop a segment while this thread has it
        self._paths: dict[Path, Callable[[Path], bool]] = {}

    def __len__(self) -> int:
        return len(self._paths)

    def remove(self, path: Path, removal: Callable[[Path], bool]) -> None:
        """Remove a path, and what is left of earlier ones.

        Args:
            path: A file or folder.
            removal: Removes it, or returns False if the platform does not let it go yet.
        """
        with self._lock:
            self._paths[path] = removal
            for each, remove in list(self._paths.items()):
                if remove(each):
                    self._paths.pop(each, None)

    def keep(self, path: Path) -> None:
        """Leave a path alone from now on: something new has its name."""
        with self._lock:
            self._paths.pop(path, None)
