"""Files that grow at their end, and may be a little longer than what was appended to them."""

from __future__ import annotations

import errno
import os
import threading
from typing import TYPE_CHECKING, Protocol

from aiomilvus.engine.storage.open_files import OPEN

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

BINARY: int = getattr(os, "O_BINARY", 0)
"""A flag for `os.open`: without it, Windows writes two bytes for each newline."""


class Descriptors(Protocol):
    """What of a disk works on open files; `FileSystem` is one."""

    def open_descriptor(self, path: Path) -> int:
        """Return a descriptor for writing, which the caller closes; the file is made."""

    def write(self, descriptor: int, data: memoryview) -> None:
        """Write all of `data` where the descriptor stands."""

    def truncate(self, descriptor: int, size: int) -> None:
        """Make a file `size` bytes long."""

    def sync(self, descriptor: int) -> None:
        """Return once what was written is on the disk."""


class AppendFile:
    """A file that only grows. Its owner has a lock; the file may be closed between two uses.

    Args:
        path: The file; made if it does not exist.
        files: The disk.
        size: Where to append; what lies behind is cut off.

    Attributes:
        size: Bytes that were appended.
        room: Bytes that the file has at least; behind `size` they are zeros.
    """

    def __init__(self, path: Path, files: Descriptors, size: int) -> None:
        self.path = path
        self.size = self.room = size
        self._name = os.fspath(path)
        self._files = files
        self._in_use = threading.Lock()
        self._closed = False
        self._descriptor = files.open_descriptor(path)
        try:
            found = os.fstat(self._descriptor)
            self._identity = (found.st_dev, found.st_ino)
            OPEN.used(self)
            if found.st_size > size:
                self.cut(size)
        except OSError:
            self.close()
            raise

    def _opened(self) -> int:
        """Return the descriptor, opened again if it was closed meanwhile; `_in_use` is held."""
        if self._descriptor < 0:
            if self._closed:
                message = f"{self.path} was closed"
                raise ValueError(message)
            self._descriptor = os.open(self.path, os.O_WRONLY | BINARY)
            try:
                self._check(os.fstat(self._descriptor))
            except FileNotFoundError:
                self._let_go()  # else the next use would take the other file for this one
                raise
        OPEN.used(self)
        return self._descriptor

    def _check(self, found: os.stat_result) -> None:
        if (found.st_dev, found.st_ino) != self._identity:
            text = "it was removed or replaced while the database had it open"
            raise FileNotFoundError(errno.ENOENT, text, self._name)

    def check_there(self) -> None:
        """Raise FileNotFoundError if the file was removed, or another one has its name."""
        self._check(os.stat(self._name))  # noqa: PTH116 - with each write; a Path takes 3 x as long

    def append(self, parts: Iterable[bytes | memoryview], *, ahead: int = 0) -> None:
        """Write all `parts` at the end, in order.

        Args:
            parts: What to write.
            ahead: Bytes by which the file is made longer still, with zeros, if it has to grow
                and the disk has the room. Appending to them later is sooner on the disk: the
                system need not note a new length.
        """
        with self._in_use:
            descriptor = self._opened()
            # Not left to the system's own position, which a forked child shares.
            os.lseek(descriptor, self.size, os.SEEK_SET)
            for part in parts:
                view = memoryview(part)
                self._files.write(descriptor, view)
                self.size += len(view)
            if self.size > self.room:
                self.room = self.size
                if ahead:
                    self._reserve(descriptor, ahead)

    def _reserve(self, descriptor: int, count: int) -> None:
        """Let zeros follow; none where the disk refuses them, because nobody needs them."""
        try:
            self._files.write(descriptor, memoryview(bytes(count)))
        except OSError:
            self._files.truncate(descriptor, self.size)
        else:
            self.room = self.size + count

    def cut(self, size: int) -> None:
        """Remove what lies behind `size`, so that no power loss brings it back."""
        with self._in_use:
            descriptor = self._opened()
            self._files.truncate(descriptor, size)
            self._files.sync(descriptor)
            self.size = self.room = size

    def trim(self) -> None:
        """Remove the zeros behind what was appended; after a loss of power they may be back."""
        if self.room > self.size:
            with self._in_use:
                self._files.truncate(self._opened(), self.size)
                self.room = self.size

    def sync(self) -> None:
        """Return once everything appended is on the disk."""
        with self._in_use:
            self._files.sync(self._opened())

    def rest(self) -> bool:
        """Close the file until its next use; False while it is in use."""
        if not self._in_use.acquire(blocking=False):
            return False
        try:
            self._let_go()
        finally:
            self._in_use.release()
        return True

    def _let_go(self) -> None:
        # Forgotten first: if an interrupt strikes, nobody closes what has its number by then.
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        self._closed = True
        OPEN.closed(self)
        self._let_go()
