"""Every change the engine makes to the disk goes through one `FileSystem` object.

Tests hand in one that fails at the n-th write, sync or rename. Reading needs no such object:
files are mapped or read directly. Only the storage, segment and maintenance modules call this.
"""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_NO_LINKS = (errno.EPERM, errno.EXDEV, errno.EMLINK, errno.ENOTSUP, errno.EOPNOTSUPP)
_CHUNK = 1 << 20


class AppendFile:
    """A file that only grows. Not thread-safe; its owner has a lock."""

    def __init__(self, path: Path, files: FileSystem, size: int) -> None:
        self.path = path
        self.size = size
        self._files = files
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            if os.fstat(self._descriptor).st_size > size:
                self.cut(size)
        except OSError:
            self.close()
            raise

    def append(self, parts: Iterable[bytes | memoryview]) -> None:
        """Write all `parts` at the end, in order."""
        for part in parts:
            view = memoryview(part)
            self._files.write(self._descriptor, view)
            self.size += len(view)

    def cut(self, size: int) -> None:
        """Remove what lies behind `size`, so that no power loss brings it back."""
        self._files.truncate(self._descriptor, size)
        self._files.sync(self._descriptor)
        self.size = size

    def sync(self) -> None:
        """Return once everything appended is on the disk."""
        self._files.sync(self._descriptor)

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        # Forgotten first: if an interrupt strikes, nobody closes what has its number by then.
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


class FileSystem:
    """The real disk."""

    def write(self, descriptor: int, data: memoryview) -> None:
        """Write all of `data`."""
        while data:
            data = data[os.write(descriptor, data) :]

    def truncate(self, descriptor: int, size: int) -> None:
        """Cut a file off at `size`."""
        os.ftruncate(descriptor, size)

    def sync(self, descriptor: int) -> None:
        """Flush a file's data and size to the disk."""
        getattr(os, "fdatasync", os.fsync)(descriptor)

    def commit(self) -> None:
        """Be told that the catalog is about to commit; raising OSError stops it."""

    def rename(self, source: Path, target: Path) -> None:
        """Rename a file over `target`, atomically."""
        source.replace(target)

    def link(self, source: Path, target: Path) -> None:
        """Let `target` be the same file as `source`, or a durable copy where there are no links.

        The caller syncs the directory.
        """
        try:
            os.link(source, target)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            with source.open("rb") as content:
                file = self.open_append(target)
                try:
                    file.append(iter(lambda: content.read(_CHUNK), b""))
                    file.sync()
                finally:
                    file.close()

    def unlink(self, path: Path) -> None:
        """Remove a file; one that is gone is fine."""
        path.unlink(missing_ok=True)

    def sync_directory(self, folder: Path) -> None:
        """Make the names in `folder` durable, where the platform has directory handles."""
        if os.name == "nt":
            return
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            self.sync(descriptor)
        finally:
            os.close(descriptor)

    def open_append(self, path: Path, size: int = 0) -> AppendFile:
        """Open `path` for appending at `size`; what lies behind is cut off."""
        return AppendFile(path, self, size)

    def write_new(self, path: Path, parts: Iterable[bytes | memoryview]) -> None:
        """Create `path` with `parts` as its content, wholly or not at all, and durably."""
        temporary = path.with_name(path.name + ".tmp")
        try:
            file = self.open_append(temporary)
            try:
                file.append(parts)
                file.sync()
            finally:
                file.close()
            self.rename(temporary, path)
        except BaseException:
            # A full disk needs the room; what can't be removed now goes at the next start.
            with suppress(OSError):
                self.unlink(temporary)
            raise
        self.sync_directory(path.parent)

    @contextmanager
    def new_folder(self, folder: Path) -> Iterator[None]:
        """Make `folder` for the files that the block writes; if it fails, nothing is left.

        The caller syncs the directory that `folder` is in.
        """
        folder.mkdir(parents=True, exist_ok=True)
        try:
            yield
        except BaseException:
            self.remove_folder(folder)
            raise

    def remove_folder(self, folder: Path) -> None:
        """Remove a folder of no use; what can't be removed now goes at the next start."""
        shutil.rmtree(folder, ignore_errors=True)
