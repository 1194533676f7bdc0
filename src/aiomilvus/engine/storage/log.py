"""The log (WAL): frames of container payloads, appended and synced before anything is acknowledged.

Layout (normative text in docs/formats/log.md)::

    file header  16 bytes: b"AMVLOG01", zeros
    frame        size uint64 · CRC32C of the payload uint32 · CRC32C of the 12 bytes before uint32
                 payload: containers, each preceded by its size as uint64, padded to 64

One group of concurrent writes is one frame, so that a group is recovered wholly or not at all.
A frame cut off by the end of the file, or a tail of zeros, is a torn last write and is cut; any
other mismatch is damage and is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.engine.storage.container import Container, checksum
from aiomilvus.errors import DataCorruptedError, StorageError, WritesPoisonedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from aiomilvus.engine.storage.files import FileSystem

MAGIC = b"AMVLOG01".ljust(16, b"\0")
_FRAME = 16


class LogWriter:
    """Appends frames. Owned by one writer at a time.

    Args:
        files: What writes it.
        path: The log's file, made when it is missing.
        size: Length of the file's intact part, as `read_log` found it; 0 for a new log.
    """

    def __init__(self, files: FileSystem, path: Path, size: int = 0) -> None:
        self.path = path
        self._failed = ""
        self._file = files.open_append(path, size)
        try:
            if size < len(MAGIC):
                self._file.append([MAGIC])
                self._file.sync()
                files.sync_directory(path.parent)
        except OSError:
            self._file.close()
            raise

    @property
    def size(self) -> int:
        """Bytes in the file."""
        return self._file.size

    @property
    def is_empty(self) -> bool:
        """Whether it holds no frame."""
        return self._file.size <= len(MAGIC)

    def check(self) -> None:
        """Raise WritesPoisonedError if an earlier write failed."""
        if self._failed:
            message = f"{self.path} refuses writes until it is opened again: {self._failed}"
            raise WritesPoisonedError(message=message)

    def append(self, payloads: Sequence[Sequence[bytes | memoryview]]) -> None:
        """Append one frame with all `payloads` (containers in parts) and sync it.

        Raises:
            StorageError: The disk took no more, as when it is full. The log is as it was.
            WritesPoisonedError: This or an earlier sync failed. What is on the disk is
                unknown, so nothing more is written until the log is opened again.
        """
        self.check()
        before = self._file.size
        try:
            self._file.append(_frame(payloads))
        except OSError as error:
            self._take_back(before)
            message = f"{self.path}: nothing was written: {error}"
            raise StorageError(message=message) from error
        except BaseException:  # Ctrl-C, or no memory
            self._take_back(before)
            raise
        try:
            self._file.sync()
        except OSError as error:
            raise self.poison(error) from error
        except BaseException:
            self._take_back(before)
            raise

    def _take_back(self, size: int) -> None:
        """Cut off a frame that was not written whole, or that nobody will be told of."""
        try:
            self._file.cut(size)
        except OSError as error:
            raise self.poison(error) from error
        except BaseException as error:
            self.poison(error)
            raise

    def poison(self, error: BaseException) -> WritesPoisonedError:
        """Refuse all later writes; return the error that describes this one."""
        self._failed = f"an earlier write failed: {error!r}"
        return WritesPoisonedError(message=f"{self.path}: write failed: {error}")

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _frame(payloads: Sequence[Sequence[bytes | memoryview]]) -> list[bytes | memoryview]:
    """Return the parts of the frame that holds `payloads`."""
    parts: list[bytes | memoryview] = []
    for payload in payloads:
        size = sum(memoryview(part).nbytes for part in payload)
        parts += [size.to_bytes(8, "little").ljust(64, b"\0"), *payload, bytes(-size % 64)]
    crc = 0
    total = 0
    for part in parts:
        crc = checksum(part, crc)
        total += memoryview(part).nbytes
    head = total.to_bytes(8, "little") + crc.to_bytes(4, "little")
    return [head + checksum(head).to_bytes(4, "little"), *parts]


class LogReader:
    """Reads a log's frames; `end` is the length of the intact part once all were read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._data: NDArray[np.uint8] = np.fromfile(path, np.uint8)
        self.end = 0

    def __iter__(self) -> Iterator[Container]:
        """Yield the payloads of all intact frames.

        Raises:
            DataCorruptedError: A byte before the torn tail is damaged.
        """
        data = self._data
        if len(data) < len(MAGIC) and not data.any():
            return
        if data[: len(MAGIC)].tobytes() != MAGIC[: len(data)]:
            raise self._damaged(0, "not a log of this format")
        if len(data) < len(MAGIC):
            return
        at = self.end = len(MAGIC)
        while len(data) - at >= _FRAME:
            size = self._frame(at)
            if size is None:
                return
            yield from self._payloads(at + _FRAME, at + _FRAME + size)
            at = self.end = at + _FRAME + size

    def _frame(self, at: int) -> int | None:
        """Return the size of the intact frame at `at`, None for a torn tail."""
        head = self._data[at : at + _FRAME].tobytes()
        if checksum(head[:12]) != int.from_bytes(head[12:], "little"):
            if not self._data[at:].any():
                return None
            raise self._damaged(at, "a frame's header does not match its checksum")
        size = int.from_bytes(head[:8], "little")
        payload = self._data[at + _FRAME : at + _FRAME + size]
        if len(payload) < size:
            return None
        if checksum(payload) != int.from_bytes(head[8:12], "little"):
            if at + _FRAME + size == len(self._data):
                return None
            raise self._damaged(at, "a frame does not match its checksum")
        return size

    def _payloads(self, at: int, stop: int) -> Iterator[Container]:
        while at < stop:
            size = int.from_bytes(self._data[at : at + 8].tobytes(), "little")
            start = at + 64
            yield Container(self._data[start : start + size], str(self._path), start)
            at = start + size + -size % 64

    def _damaged(self, offset: int, what: str) -> DataCorruptedError:
        return DataCorruptedError(message=f"{self._path} is damaged at offset {offset}: {what}")
