"""One process per database directory: an advisory lock on a file that says who holds it."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from typing import TYPE_CHECKING

from aiomilvus.engine.storage.append_file import BINARY
from aiomilvus.engine.storage.file_lock import FileLock
from aiomilvus.errors import DatabaseLockedError

if TYPE_CHECKING:
    from pathlib import Path

_OPENING = " opening"
TOLD = re.compile(rb"\d*( (o(p(e(n(i(ng?)?)?)?)?)?)?)?\s*")
"""What a lock file may hold, wherever its writer was ended."""


class DirectoryLock(FileLock):
    """Held from construction until `release`; the operating system frees it with the process.

    Raises:
        DatabaseLockedError: Another process holds it; the message says which.
    """

    def __init__(self, path: Path, *, opening: bool = False) -> None:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | BINARY, 0o644)
        try:
            super().__init__(descriptor)
        except OSError as error:
            holder = holder_of(path)
            message = (
                f"{path.parent} is open in process {holder or 'unknown'}; close it there, or open "
                'it here with mode="r", or serve it with `aiomilvus serve` and connect to that'
            )
            raise DatabaseLockedError(message=message) from error
        self.tell(opening=opening)

    def tell(self, *, opening: bool = False) -> None:
        """Tell who holds it, as well as may be: a full disk can still be read.

        Args:
            opening: Whether it is still opening what the lock is for.
        """
        told = f"{os.getpid()}{_OPENING if opening else ''}"
        with suppress(OSError):
            os.ftruncate(self._descriptor, 0)
            os.lseek(self._descriptor, 0, os.SEEK_SET)
            os.write(self._descriptor, told.encode())


def holder_of(path: Path) -> int:
    """Return the process that took the lock last; 0 if that is unknown, or nobody did."""
    return _told(path)[0]


def is_being_opened(path: Path) -> bool:
    """Return whether who holds the lock, if anyone does, told that it is still opening."""
    return _told(path)[1]


def _told(path: Path) -> tuple[int, bool]:
    try:
        number, opening, _ = path.read_text("ascii")[:32].partition(_OPENING)
        return int(number or "0"), bool(opening)
    except (OSError, ValueError):
        return 0, False
