"""Locks between processes: advisory, on an open file, freed by the system with the process."""

from __future__ import annotations

import os
import sys
from weakref import WeakSet

_BYTE = 1 << 30  # Windows locks are mandatory: lock a byte that nobody reads.


class FileLock:
    """Held from construction until `release`; the operating system frees it with the process.

    Args:
        descriptor: The open file, which is the lock's from now on: it closes it.

    Raises:
        BlockingIOError: Another process holds it.
        OSError: There are no locks on this file system.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        try:
            _lock(descriptor)
        except OSError:
            self.forget()
            raise
        _HELD.add(self)

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


_HELD: WeakSet[FileLock] = WeakSet()


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
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError as error:  # how Windows says that it is held
            raise BlockingIOError(*error.args) from error

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
