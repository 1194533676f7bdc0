"""A disk that fails on purpose: at the n-th write, sync, rename, removal or commit."""

from __future__ import annotations

import errno
import threading
from typing import TYPE_CHECKING

from aiomilvus.engine.storage.files import FileSystem

if TYPE_CHECKING:
    from pathlib import Path


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
