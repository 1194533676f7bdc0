"""The log (WAL): groups of writes, appended and synced before anything is acknowledged.

One group of concurrent writes is one frame (`frames`), so that a group is recovered wholly or not
at all. The file is made longer ahead of the frames, by zeros: to sync a file that keeps its
length takes a fraction of the time of one that grew. `log_reader` tells them from frames.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.engine.storage.frames import MAGIC, OLDER, LogRecord, frame_of, is_frame
from aiomilvus.errors import DataCorruptedError, StorageError, WritesPoisonedError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aiomilvus.engine.storage.append_file import AppendFile
    from aiomilvus.engine.storage.files import FileSystem

_LEAST_AHEAD = 1 << 16
_MOST_AHEAD = 1 << 20


class LogWriter:
    """Appends frames. Owned by one writer at a time.

    A log that was there before is only looked at until the first frame is appended. Then its torn
    tail is cut off, and its last intact frame is written once more and synced: an earlier process
    may have failed to sync it, and what the system shows of it may not be on the disk.

    Args:
        files: What writes it.
        path: The log's file, made when it is missing.
        size: Length of the file's intact part, as `LogReader` found it; 0 for a new log.
        last: Where its last intact frame begins, likewise; 0 where that is known to be on the
            disk.
    """

    def __init__(self, files: FileSystem, path: Path, size: int = 0, last: int = 0) -> None:
        self.path = path
        self._files = files
        self._failed = ""
        self._size = size
        self._last = last
        self._file: AppendFile | None = None
        if size < len(MAGIC):
            self._begin()

    def _begin(self) -> None:
        """Make the file, with nothing but its header in it."""
        file = self._files.open_append(self.path)
        try:
            file.append([MAGIC])
            file.sync()
            self._files.sync_directory(self.path.parent)
        except BaseException:
            file.close()
            raise
        self._file = file

    @property
    def size(self) -> int:
        """Bytes of the frames, and of the header, that count."""
        return self._size if self._file is None else self._file.size

    @property
    def is_settled(self) -> bool:
        """Whether `settle` has nothing to do."""
        return self._file is not None

    def settle(self) -> AppendFile:
        """Return the file, once all that counts of it is on the disk and nothing is behind it.

        Raises:
            StorageError: The disk refused; nothing of what counts was changed.
            DataCorruptedError: The last frame is no longer what it was when it was read.
        """
        if self._file is not None:
            return self._file
        try:
            size = self._size - self._last if self._last else 0
            data = memoryview(self._files.read(self.path, self._last, size))
            if self._last and not is_frame(np.frombuffer(data, np.uint8), 0):
                message = f"{self.path} is damaged at offset {self._last}: it changed since"
                raise DataCorruptedError(message=f"{message} it was read; open it again")
            file = self._files.open_append(self.path, self._size)
            try:
                self._write_again(data)
                self._files.sync_directory(self.path.parent)
            except BaseException:
                file.close()
                raise
        except OSError as error:
            raise StorageError(message=f"{self.path}: nothing was written: {error}") from error
        self._file = file
        return file

    def _write_again(self, last: memoryview) -> None:
        """Bring the last frame to the disk, and the header where other frames may now follow it."""
        if not self._last or self._files.read(self.path, 0, len(OLDER)) == OLDER:
            self._files.rewrite(self.path, 0, memoryview(MAGIC))
        if self._last:
            self._files.rewrite(self.path, self._last, last)

    @property
    def is_empty(self) -> bool:
        """Whether it holds no frame."""
        return self.size <= len(MAGIC)

    @property
    def is_poisoned(self) -> bool:
        """Whether an earlier write failed, so that nobody knows what the file holds."""
        return bool(self._failed)

    def check(self) -> None:
        """Raise WritesPoisonedError if an earlier write failed."""
        if self._failed:
            message = f"{self.path} refuses writes until it is opened again: {self._failed}"
            raise WritesPoisonedError(message=message)

    def append(self, records: Sequence[LogRecord]) -> None:
        """Append one frame with all `records` and sync it.

        Raises:
            StorageError: The disk took no more, as when it is full. The log is as it was.
            WritesPoisonedError: This or an earlier sync failed. What is on the disk is
                unknown, so nothing more is written until the log is opened again.
        """
        self.check()
        file = self.settle()
        before = file.size
        frame = frame_of(records)
        try:
            file.check_there()
        except OSError as error:
            raise self._refused(error) from error
        try:
            file.append(frame, ahead=_ahead(before) if len(frame) == 1 else 0)
        except OSError as error:
            self._take_back(file, before)
            raise self._refused(error) from error
        except BaseException:  # Ctrl-C, or no memory
            self._take_back(file, before)
            raise
        try:
            file.sync()
            file.check_there()
        except OSError as error:
            raise self.poison(error) from error
        except BaseException:
            self._take_back(file, before)
            raise

    def _refused(self, error: OSError) -> StorageError:
        return StorageError(message=f"{self.path}: nothing was written: {error}")

    def _take_back(self, file: AppendFile, size: int) -> None:
        """Cut off a frame that was not written whole, or that nobody will be told of."""
        try:
            file.cut(size)
        except OSError as error:
            raise self.poison(error) from error
        except BaseException as error:
            self.poison(error)
            raise

    def poison(self, error: BaseException) -> WritesPoisonedError:
        """Refuse all later writes; return the error that tells of this one."""
        self._failed = f"an earlier write failed: {error!r}"
        return WritesPoisonedError(message=f"{self.path}: write failed: {error}")

    def end(self) -> None:
        """Let the file end, on the disk, with its last frame: another log follows.

        Raises:
            StorageError: The disk refused; the log is as it was.
        """
        file = self.settle()
        try:
            if file.room > file.size:
                file.cut(file.size)
        except OSError as error:
            raise self._refused(error) from error

    def close(self) -> None:
        """Close the file, without the room that was kept for more frames."""
        file = self._file
        if file is None:
            return
        try:
            if not self._failed:
                # What can't be cut off now is zeros, which count for nothing when it is read.
                with suppress(OSError):
                    file.trim()
        finally:
            file.close()


def _ahead(size: int) -> int:
    """Return by how many zeros a log of that size grows beyond the frame that needs room.

    A large frame, of several parts, takes none: they would cost more than they save.
    """
    return min(max(size, _LEAST_AHEAD), _MOST_AHEAD)
