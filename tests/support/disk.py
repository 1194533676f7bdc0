"""A disk that fails on purpose: at the n-th write, sync, rename, removal or commit."""

from __future__ import annotations

import errno
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import pytest

from aiomilvus.engine import state
from aiomilvus.engine.storage.files import FileSystem

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from aiomilvus.engine.database import Database


def crash(database: Database) -> None:
    """Close a database as a killed process does: without noting how long the logs are."""
    with mock.patch.object(state, "store_marks"):
        database.close()


class FailingDisk(FileSystem):
    """The real disk until it fails.

    Args:
        fail_at: Number of the operation that fails, from 1; 0 for none.
        once: Whether only that operation fails (a bad sector), or all from then on (the
            process is as good as dead).

    Attributes:
        interrupt_at: Number of the operation that Ctrl-C strikes once it is done, if it is the
            main thread's; 0 for none.
        operations: Names of the operations done so far, the failed one included.
    """

    def __init__(self, fail_at: int = 0, *, once: bool = False) -> None:
        self.fail_at = fail_at
        self.once = once
        self.interrupt_at = 0
        self.operations: list[str] = []

    def _interrupt(self) -> None:
        struck = len(self.operations) == self.interrupt_at
        if struck and threading.current_thread() is threading.main_thread():
            raise KeyboardInterrupt

    def _step(self, name: str) -> None:
        self.operations.append(name)
        count = len(self.operations)
        if self.fail_at and (count == self.fail_at or (count > self.fail_at and not self.once)):
            raise OSError(errno.EIO, f"{name} {count} fails on purpose")

    def write(self, descriptor: int, data: memoryview) -> None:
        """Write all, or only half and fail."""
        try:
            self._step("write")
        except OSError:
            if len(self.operations) == self.fail_at:
                super().write(descriptor, data.cast("B")[: data.nbytes // 2])
            raise
        super().write(descriptor, data)
        self._interrupt()

    def truncate(self, descriptor: int, size: int) -> None:
        """Cut off, or fail."""
        self._step("truncate")
        super().truncate(descriptor, size)
        self._interrupt()

    def sync(self, descriptor: int) -> None:
        """Sync, or fail."""
        self._step("sync")
        super().sync(descriptor)
        self._interrupt()

    def commit(self) -> None:
        """Let the catalog commit, or not."""
        self._step("commit")
        super().commit()
        self._interrupt()

    def rename(self, source: Path, target: Path) -> None:
        """Rename, or fail."""
        self._step("rename")
        super().rename(source, target)
        self._interrupt()

    def unlink(self, path: Path) -> None:
        """Remove, or fail."""
        self._step("unlink")
        super().unlink(path)
        self._interrupt()


def _place_of_write(descriptor: int) -> int:
    """Return where in its file a descriptor's next write goes."""
    if sys.platform != "win32" and fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_APPEND:
        return os.fstat(descriptor).st_size
    return os.lseek(descriptor, 0, os.SEEK_CUR)


class LosingDisk(FileSystem):
    """A disk that keeps, over a loss of power, only what was synced.

    A sync that fails does as Linux does: the pages count as written afterwards, though they are
    not, and a later sync that succeeds does not bring them to the disk.

    Attributes:
        fail_syncs: How many of the next syncs fail.
    """

    def __init__(self) -> None:
        if sys.platform == "win32":
            pytest.skip("Windows tells neither a descriptor's path nor whether it appends")
        self.fail_syncs = 0
        self._synced: dict[tuple[int, int], bytearray] = {}
        self._dirty: dict[tuple[int, int], list[tuple[int, int]]] = {}
        self._paths: dict[tuple[int, int], Path] = {}

    @staticmethod
    def _of(descriptor: int) -> tuple[int, int]:
        found = os.fstat(descriptor)
        return found.st_dev, found.st_ino

    def write(self, descriptor: int, data: memoryview) -> None:
        """Write into the system's cache."""
        file = self._of(descriptor)
        at = _place_of_write(descriptor)
        super().write(descriptor, data)
        self._dirty.setdefault(file, []).append((at, at + data.nbytes))

    def sync(self, descriptor: int) -> None:
        """Bring what was written since the last sync to the disk, or lose track of it."""
        file = self._of(descriptor)
        parts = self._dirty.pop(file, [])
        path = Path(os.readlink(f"/proc/self/fd/{descriptor}"))  # noqa: PTH115 - no real link
        if path.is_dir():
            return
        self._paths[file] = path
        if self.fail_syncs:
            self.fail_syncs -= 1
            raise OSError(errno.EIO, "the sync fails on purpose")
        content, size = path.read_bytes(), os.fstat(descriptor).st_size
        disk = self._synced.setdefault(file, bytearray())
        disk[:] = disk[:size].ljust(size, b"\0")
        for start, stop in parts:
            disk[start : min(stop, size)] = content[start:stop]

    def lose_power(self) -> None:
        """Leave in each file what is on the disk."""
        for file, path in self._paths.items():
            path.write_bytes(self._synced.get(file, b""))
        self._dirty.clear()
