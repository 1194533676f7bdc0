"""One process per database directory: an advisory lock on a file that says who holds it."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING
from weakref import WeakSet

from aiomilvus.engine.storage.append_file import BINARY
from aiomilvus.errors import DatabaseLockedError

if TYPE_CHECKING:
    from pathlib import Path

_OPENING = " opening"
_BYTE = 1 << 30  # Windows locks are mandatory: lock a byte that nobody reads.


class DirectoryLock:
    """Held from construction until `release`; the operating system frees it with the process.

    Raises:
        DatabaseLockedError: Another process holds it; the message says which.
    """

    def __init__(self, path: Path, *, opening: bool = False) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | BINARY, 0o644)
        try:
            _lock(self._descriptor)
        except OSError as error:
            os.close(self._descriptor)
            holder = holder_of(path)
            message = (
                f"{path.parent} is open in process {holder or 'unknown'}; close it there, or open "
                'it here with mode="r", or serve it with `aiomilvus serve` and connect to that'
            )
            raise DatabaseLockedError(message=message) from error
        self.tell(opening=opening)
        _HELD.add(self)

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

    @property
    def is_held(self) -> bool:
        """Whether this process has it."""
        return self._descriptor >= 0

    def release(self) -> None:
        """Free the lock; a second call does nothing."""
        if self.is_held:
            _unlock(self._descriptor)
            self.forget()

    def forget(self) -> None:
        """Close the file, which frees the lock only if no other process has it from a fork."""
        os.close(self._descriptor)
        self._descriptor = -1


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


_HELD: WeakSet[DirectoryLock] = WeakSet()


def _forget_all() -> None:
    """Let a forked child hold nothing: its parent's lock has to end with the parent."""
    for lock in list(_HELD):
        if lock.is_held:
            lock.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        os.lseek(descriptor, _BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, _BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(descriptor: int) -> None:
        # A child of a fork, not yet begun, may have the file open too.
        fcntl.flock(descriptor, fcntl.LOCK_UN)
