"""The log (WAL): frames of container payloads, appended and synced before anything is acknowledged.

Layout (normative text in docs/formats/log.md)::

    file header  16 bytes: b"AMVLOG01", zeros
    frame        size uint64 · CRC32C of the payload uint32 · CRC32C of the 12 bytes before uint32
                 payload: containers, each preceded by its size as uint64, padded to 64

One group of concurrent writes is one frame, so that a group is recovered wholly or not at all.
A frame is begun only when the one before it is on the disk, so at most the last one can be torn:
a frame that does not match its checksum is a torn write if no intact frame follows, and damage if
one does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from aiomilvus.engine.storage.container import Container, checksum
from aiomilvus.errors import DataCorruptedError, StorageError, WritesPoisonedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from aiomilvus.engine.storage.files import AppendFile, FileSystem

MAGIC = b"AMVLOG01".ljust(16, b"\0")
_FRAME = 16


class LogWriter:
    """Appends frames. Owned by one writer at a time.

    A log that was there before is only looked at until the first frame is appended. Then its torn
    tail is cut off, and its last intact frame is written once more and synced: an earlier process
    may have failed to sync it, and what the system shows of it may not be on the disk.

    Args:
        files: What writes it.
        path: The log's file, made when it is missing.
        size: Length of the file's intact part, as `LogReader` found it; 0 for a new log.
        last: Where its last intact frame begins, likewise.
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

    def settle(self) -> AppendFile:
        """Return the file, once all that counts of it is on the disk and nothing is behind it.

        Raises:
            StorageError: The disk refused; nothing of what counts was changed.
            DataCorruptedError: The last frame is no longer what it was when it was read.
        """
        if self._file is not None:
            return self._file
        try:
            data = memoryview(self._files.read(self.path, self._last, self._size - self._last))
            if self._last and not _is_frame(np.frombuffer(data, np.uint8), 0):
                message = f"{self.path} is damaged at offset {self._last}: it changed since"
                raise DataCorruptedError(message=f"{message} it was read; open it again")
            file = self._files.open_append(self.path, self._size)
            try:
                self._files.rewrite(self.path, self._last, data)
                self._files.sync_directory(self.path.parent)
            except BaseException:
                file.close()
                raise
        except OSError as error:
            raise StorageError(message=f"{self.path}: nothing was written: {error}") from error
        self._file = file
        return file

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

    def append(self, payloads: Sequence[Sequence[bytes | memoryview]]) -> None:
        """Append one frame with all `payloads` (containers in parts) and sync it.

        Raises:
            StorageError: The disk took no more, as when it is full. The log is as it was.
            WritesPoisonedError: This or an earlier sync failed. What is on the disk is
                unknown, so nothing more is written until the log is opened again.
        """
        self.check()
        file = self.settle()
        before = file.size
        frame = _frame(payloads)
        try:
            file.check_there()
        except OSError as error:
            raise self._refused(error) from error
        try:
            file.append(frame)
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

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
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


def _is_header(data: NDArray[np.uint8], at: int) -> bool:
    """Return whether a frame's header at `at` matches its checksum."""
    head = data[at : at + _FRAME].tobytes()
    return len(head) == _FRAME and checksum(head[:12]) == int.from_bytes(head[12:], "little")


def _payload_size(data: NDArray[np.uint8], at: int) -> int:
    return int.from_bytes(data[at : at + 8].tobytes(), "little")


def _is_frame(data: NDArray[np.uint8], at: int) -> bool:
    """Return whether a frame at `at` is whole and matches its checksums."""
    if not _is_header(data, at):
        return False
    size = _payload_size(data, at)
    payload = data[at + _FRAME : at + _FRAME + size]
    crc = int.from_bytes(data[at + 8 : at + 12].tobytes(), "little")
    return len(payload) == size and checksum(payload) == crc


def _has_frame_behind(data: NDArray[np.uint8], start: int) -> bool:
    """Return whether an intact frame begins at `start` or later.

    Frames begin at multiples of 16, and their payloads have multiples of 64 bytes: few places
    can be a frame's, so only these are looked at.
    """
    count = max(len(data) - start, 0) // _FRAME
    sizes = data[start : start + count * _FRAME].view("<u8")[::2]
    room = (len(data) - start - _FRAME * np.arange(1, count + 1)).astype(np.uint64)
    likely = np.flatnonzero((sizes > 0) & (sizes % 64 == 0) & (sizes <= room))
    return any(_is_frame(data, start + _FRAME * number) for number in likely.tolist())


class LogReader:
    """Reads a log's frames.

    Attributes:
        size: Bytes in the file.
        end: Length of the intact part, once all frames were read.
        last: Where the last intact frame begins, likewise; 0 without one.
    """

    def __init__(self, files: FileSystem, path: Path) -> None:
        self._path = path
        self._data: NDArray[np.uint8] = files.load(path)
        self.size = len(self._data)
        self.end = 0
        self.last = 0

    def __iter__(self) -> Iterator[Container]:
        """Yield the payloads of all intact frames.

        Raises:
            DataCorruptedError: A byte before the torn tail is damaged.
        """
        if not self._has_header():
            return
        at = self.end = len(MAGIC)
        while _is_frame(self._data, at):
            size = _payload_size(self._data, at)
            yield from self._payloads(at + _FRAME, at + _FRAME + size)
            self.last = at
            at = self.end = at + _FRAME + size
        self._check_torn(at)

    def _has_header(self) -> bool:
        """Return whether frames may follow; False where even the header was not written whole."""
        head = self._data[: len(MAGIC)]
        if head.tobytes() == MAGIC:
            return True
        magic = np.frombuffer(MAGIC, np.uint8)[: len(head)]
        is_torn = bool(((head == magic) | (head == 0)).all())
        if not is_torn or self._data[len(MAGIC) :].any():
            raise self._damaged(0, "not a log of this format")
        return False

    def _check_torn(self, at: int) -> None:
        """Raise DataCorruptedError unless what begins at `at` can be a write that was torn."""
        data = self._data
        is_header = _is_header(data, at)
        behind = at + _FRAME + (_payload_size(data, at) if is_header else 0)
        if _has_frame_behind(data, behind):
            what = "a frame" if is_header else "a frame's header"
            raise self._damaged(at, f"{what} does not match its checksum")

    def _payloads(self, at: int, stop: int) -> Iterator[Container]:
        while at < stop:
            size = _payload_size(self._data, at)
            start = at + 64
            yield Container(self._data[start : start + size], str(self._path), start)
            at = start + size + -size % 64

    def _damaged(self, offset: int, what: str) -> DataCorruptedError:
        return DataCorruptedError(message=f"{self._path} is damaged at offset {offset}: {what}")


class LogPart(NamedTuple):
    """Frames of a log that another process appends to, as they were read.

    Attributes:
        path: The log's.
        number: The log's.
        start: Where the frames begin.
        data: Their bytes.
    """

    path: Path
    number: int
    start: int
    data: NDArray[np.uint8]


def acknowledged_part(
    files: FileSystem, path: Path, number: int, start: int, stop: int | None
) -> LogPart:
    """Return the frames between two lengths that a log had; None for its end.

    Raises:
        FileNotFoundError: The log has gone.
    """
    start = max(start, len(MAGIC))
    count = -1 if stop is None else max(stop - start, 0)
    return LogPart(path, number, start, files.load(path, start, count))


def frames_of(part: LogPart) -> Iterator[Container]:
    """Yield the payloads of acknowledged frames.

    Raises:
        DataCorruptedError: They are damaged.
    """
    path, _, start, data = part
    at = 0
    while at < len(data):
        if not _is_frame(data, at):
            message = (
                f"{path} is damaged at offset {start + at}: an acknowledged frame is not whole"
            )
            raise DataCorruptedError(message=message)
        end = at + _FRAME + _payload_size(data, at)
        at += _FRAME
        while at < end:
            size = _payload_size(data, at)
            yield Container(data[at + 64 : at + 64 + size], str(path), start + at + 64)
            at += 64 + size + -size % 64
