"""Everything the engine asks of the disk goes through one `FileSystem` object.

Tests hand in one that fails at the n-th write, sync or rename, or that loses what was not synced.
Nothing outside this package may call the operating system (a test in ``tests/architecture``
looks for it), so no path to the disk escapes them.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
import tempfile
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from aiomilvus.engine.storage.append_file import BINARY, AppendFile
from aiomilvus.engine.storage.leftovers import Leftovers, patiently
from aiomilvus.engine.storage.mapped import map_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

_NO_LINKS = (errno.EPERM, errno.EXDEV, errno.EMLINK, errno.ENOTSUP, errno.EOPNOTSUPP)
_CHUNK = 1 << 20
_ALIGNMENT = 64
_READ_WHOLE = 1 << 16
"""Files up to this size are read instead of mapped: a process may have some 65,000 maps."""
_T = TypeVar("_T")

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
        flags = os.O_WRONLY | os.O_CREAT | BINARY
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

    def rewrite(self, path: Path, start: int, data: memoryview) -> None:
        """Write `data` over a part of a file that exists, and sync it.

        After a sync that failed the system may show bytes that it will never write: only what
        is written again is written.
        """
        descriptor = os.open(path, os.O_WRONLY | BINARY)
        try:
            os.lseek(descriptor, start, os.SEEK_SET)
            self.write(descriptor, data)
            self.sync(descriptor)
        finally:
            os.close(descriptor)

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

    def write_private(self, path: Path, content: bytes) -> None:
        """Create or replace `path`, which its user alone may read; it need not be durable."""
        temporary = path.with_name(path.name + ".tmp")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        self.rename(temporary, path)

    def private_folder(self) -> Path:
        """Make and return a folder for what need not last; its user alone is allowed in."""
        return Path(tempfile.mkdtemp(prefix="aiomilvus-"))

    @contextmanager
    def new_folder(self, folder: Path) -> Iterator[None]:
        """Make `folder` for the files that the block writes; if it fails, nothing is left.

        The folder that it is in has to exist: where that was removed, nothing may be stored.
        The caller syncs it.
        """
        self.leftovers.keep(folder)
        folder.mkdir(exist_ok=True)
        try:
            yield
        except BaseException:
            self.remove_folder(folder)
            raise

    def make_folder(self, folder: Path, *, parents: bool = False) -> None:
        """Make a folder durably, unless it exists; with `parents` also those that it is in."""
        self.leftovers.keep(folder)
        if not self.is_folder(folder):
            folder.mkdir(parents=parents, exist_ok=True)
            self.sync_directory(folder.parent)

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

    def remove_empty(self, folder: Path) -> None:
        """Remove a folder if nothing is in it; else, or if it is gone, do nothing."""
        with suppress(OSError):
            folder.rmdir()

    def exists(self, path: Path) -> bool:
        """Return whether there is a file or folder."""
        return path.exists()

    def is_folder(self, path: Path) -> bool:
        """Return whether there is a folder."""
        return path.is_dir()

    def is_file(self, path: Path) -> bool:
        """Return whether there is a file."""
        return path.is_file()

    def size_of(self, path: Path) -> int:
        """Return the bytes in a file."""
        return path.stat().st_size

    def list_folder(self, folder: Path) -> list[Path]:
        """Return what is in a folder, by name; nothing if there is no such folder."""
        try:
            return sorted(folder.iterdir())
        except FileNotFoundError:
            return []

    def read(self, path: Path, start: int = 0, size: int = -1) -> bytes:
        """Return a file's bytes, or `size` of them from `start` on."""
        with path.open("rb") as file:
            file.seek(start)
            return file.read(size)

    def load(self, path: Path, start: int = 0, count: int = -1) -> NDArray[np.uint8]:
        """Return `count` bytes of a file from `start` on as an array of one's own; -1 for all."""
        return np.fromfile(path, np.uint8, count, offset=start)

    def map(self, path: Path) -> NDArray[np.uint8]:
        """Return a file's bytes as a read-only array; of a large one, read when touched.

        Raises:
            OSError: It can't be opened or mapped.
            ValueError: It is empty.
        """
        size = self.size_of(path)
        if not 0 < size <= _READ_WHOLE:
            return map_file(path)
        room = np.empty(size + _ALIGNMENT, np.uint8)
        data = room[-room.ctypes.data % _ALIGNMENT :][:size]
        with path.open("rb") as file:
            data = data[: file.readinto(data.data)]
        data.flags.writeable = False
        return data
