"""Every change the engine makes to the disk goes through one `FileSystem` object.

Tests hand in one that fails at the n-th write, sync or rename. Reading needs no such object:
files are mapped or read directly. Only the storage, segment and maintenance modules call this.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from aiomilvus.engine.storage.leftovers import Leftovers, patiently

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_NO_LINKS = (errno.EPERM, errno.EXDEV, errno.EMLINK, errno.ENOTSUP, errno.EOPNOTSUPP)
_CHUNK = 1 << 20
_T = TypeVar("_T")
BINARY: int = getattr(os, "O_BINARY", 0)
"""A flag for `os.open`: without it, Windows writes two bytes for each newline."""

if sys.platform == "darwin":
    import fcntl

    _NO_FULL_SYNC = (errno.ENOTSUP, errno.EINVAL, errno.ENOTTY)

    def _sync(descriptor: int) -> None:
        # fsync() only hands the data to the drive; this waits until the drive has written it.
        try:
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
        except OSError as error:
            if error.errno not in _NO_FULL_SYNC:
                raise
            os.fsync(descriptor)

elif sys.platform == "win32":
    _sync = os.fsync
else:
    _sync = os.fdatasync


class AppendFile:
    """A file that only grows. Not thread-safe; its owner has a lock."""

    def __init__(self, path: Path, files: FileSystem, size: int) -> None:
        self.path = path
        self.size = size
        self._files = files
        self._descriptor = files.open_descriptor(path)
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
    """The real disk.

    Attributes:
        lets_go: Whether a file that is open or mapped may be removed or replaced, as everywhere
            but on Windows.
        has_directory_sync: Whether the names in a directory can be flushed; Windows keeps them
            in a journal of its own.
    """

    lets_go = os.name != "nt"
    has_directory_sync = os.name != "nt"

    @cached_property
    def leftovers(self) -> Leftovers:
        """What could not be removed yet."""
        return Leftovers()

    def open_descriptor(self, path: Path) -> int:
        """Open a file for appending; it is made if there is none."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | BINARY
        self.leftovers.keep(path)
        return self._patiently(lambda: self.open_now(path, flags))

    def open_now(self, path: Path, flags: int) -> int:
        """Open a file, or raise PermissionError where that has to wait."""
        return os.open(path, flags, 0o644)

    def _patiently(self, step: Callable[[], _T]) -> _T:
        return step() if self.lets_go else patiently(step)

    def write(self, descriptor: int, data: memoryview) -> None:
        """Write all of `data`."""
        while data:
            data = data[os.write(descriptor, data) :]

    def truncate(self, descriptor: int, size: int) -> None:
        """Cut a file off at `size`."""
        os.ftruncate(descriptor, size)

    def sync(self, descriptor: int) -> None:
        """Flush a file's data and size to the disk."""
        _sync(descriptor)

    def commit(self) -> None:
        """Be told that the catalog is about to commit; raising OSError stops it."""

    def rename(self, source: Path, target: Path) -> None:
        """Rename a file over `target`, atomically."""
        self.leftovers.keep(target)
        self._patiently(lambda: self.replace(source, target))

    def replace(self, source: Path, target: Path) -> None:
        """Rename a file over `target`, or raise PermissionError where that has to wait."""
        source.replace(target)

    def link(self, source: Path, target: Path) -> None:
        """Let `target` be the same file as `source`, or a durable copy where there are no links.

        The caller syncs the directory.
        """
        self.leftovers.keep(target)
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
        """Remove a file; one that is gone is fine, and one that is in use goes later."""
        if self.lets_go:
            self.remove(path)
        else:
            self.leftovers.remove(path, self._unlinked)

    def _unlinked(self, path: Path) -> bool:
        try:
            self.remove(path)
        except PermissionError:
            return False
        return True

    def remove(self, path: Path) -> None:
        """Remove a file, or raise PermissionError where that has to wait."""
        path.unlink(missing_ok=True)

    def sync_directory(self, folder: Path) -> None:
        """Make the names in `folder` durable, where the platform has directory handles."""
        if not self.has_directory_sync:
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
        self.leftovers.keep(folder)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            yield
        except BaseException:
            self.remove_folder(folder)
            raise

    def remove_folder(self, folder: Path) -> None:
        """Remove a folder of no use; what can't be removed now goes later or at the next start."""
        if self.lets_go:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            self.leftovers.remove(folder, self._folder_removed)

    def _folder_removed(self, folder: Path) -> bool:
        for file in [path for path in folder.rglob("*") if not path.is_dir()]:
            with suppress(OSError):
                self.remove(file)
        for inner in sorted((path for path in folder.rglob("*")), reverse=True):
            with suppress(OSError):
                inner.rmdir()
        with suppress(OSError):
            folder.rmdir()
        return not folder.exists()
