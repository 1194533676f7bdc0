"""Reading a log: after a start, all of it; as another process appends to it, what is new.

A frame is begun only when the one before it is on the disk, so at most the last one can be torn:
a frame that does not match its checksum is a torn write if no intact frame follows, and damage if
one does. The zeros that a writer keeps ahead of its frames are no frame either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from aiomilvus.engine.storage.frames import (
    HEAD,
    MAGIC,
    MAGICS,
    LogRecord,
    has_frame_behind,
    is_frame,
    is_head,
    payload_size,
    records_in,
)
from aiomilvus.errors import DataCorruptedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from aiomilvus.engine.storage.files import FileSystem


class LogReader:
    """Reads a log's frames.

    Args:
        files: The disk.
        path: The log.
        start: Where the frames begin that are to be read; what is before them was read, and is
            on the disk. 0 to begin with the log.

    Attributes:
        size: Bytes in the file.
        end: Length of the intact part, once all frames were read.
        last: Where the last intact frame that was read begins, likewise; 0 without one.

    Raises:
        DataCorruptedError: The log ends before `start`.
    """

    def __init__(self, files: FileSystem, path: Path, start: int = 0) -> None:
        self._path = path
        self._start = start
        if start and files.size_of(path) < start:
            raise self._damaged(0, f"it is shorter than the {start} bytes that were acknowledged")
        self._data: NDArray[np.uint8] = files.load(path, start)
        self.size = start + len(self._data)
        self.end = start
        self.last = 0

    def __iter__(self) -> Iterator[LogRecord]:
        """Yield the records of all intact frames.

        Raises:
            DataCorruptedError: A byte before the torn tail is damaged.
        """
        start = self._start
        if not (start or self._has_header()):
            return
        at = 0 if start else len(MAGIC)
        while is_frame(self._data, at):
            yield from records_in(self._data, at, str(self._path), start)
            self.last = start + at
            at += HEAD + payload_size(self._data, at)
            self.end = start + at
        self.end = start + at
        self._check_torn(at)

    def _has_header(self) -> bool:
        """Return whether frames may follow; False where even the header was not written whole."""
        head = self._data[: len(MAGIC)]
        if head.tobytes() in MAGICS:
            return True
        if not any(_is_torn(head, whole) for whole in MAGICS) or (self._data[len(MAGIC) :].any()):
            raise self._damaged(0, "not a log of this format")
        return False

    def _check_torn(self, at: int) -> None:
        """Raise DataCorruptedError unless what begins at `at` can be a write that was torn."""
        data = self._data
        whole_head = is_head(data, at)
        behind = at + HEAD + (payload_size(data, at) if whole_head else 0)
        if has_frame_behind(data, behind):
            what = "a frame" if whole_head else "a frame's header"
            raise self._damaged(self._start + at, f"{what} does not match its checksum")

    def _damaged(self, offset: int, what: str) -> DataCorruptedError:
        return DataCorruptedError(message=f"{self._path} is damaged at offset {offset}: {what}")


def _is_torn(head: NDArray[np.uint8], whole: bytes) -> bool:
    """Return whether each byte of `head` is that of the header `whole`, or zero."""
    magic = np.frombuffer(whole, np.uint8)[: len(head)]
    return bool(((head == magic) | (head == 0)).all())


def is_blank(files: FileSystem, path: Path) -> bool:
    """Return whether a log was begun at most, and nothing was ever appended to it."""
    begin = np.frombuffer(files.read(path, 0, len(MAGIC) + HEAD), np.uint8)
    head, first = begin[: len(MAGIC)], begin[len(MAGIC) :]
    if first.any() or not any(_is_torn(head, whole) for whole in MAGICS):
        return False
    return not files.load(path)[len(begin) :].any()


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


def frames_between(
    files: FileSystem, path: Path, start: int, stop: int | None, most: int
) -> Iterator[tuple[int, int, list[LogRecord]]]:
    """Yield where each acknowledged frame begins and ends, and its records.

    Args:
        files: The disk.
        path: The log.
        start: Where a frame begins, or the log ended when it was looked at last.
        stop: How far the log is acknowledged; None for a log that another one follows, or may.
        most: So many bytes are read at once, and no frame that begins behind them; but a first
            one is read, however large it is.

    Raises:
        FileNotFoundError: The log has gone.
        DataCorruptedError: A frame is damaged, or none begins at `start`.
    """
    start = max(start, len(MAGIC))
    end = files.size_of(path) if stop is None else stop
    data = files.load(path, start, max(min(end - start, max(most, HEAD)), 0))
    if is_head(data, 0) and (needed := HEAD + payload_size(data, 0)) > len(data):
        data = files.load(path, start, needed)
    at = 0
    while at < len(data):
        if not is_frame(data, at):
            is_cut = at and start + len(data) < end
            if is_cut or (stop is None and not data[at:].any()):
                return
            text = "an acknowledged frame is not whole"
            raise DataCorruptedError(message=f"{path} is damaged at offset {start + at}: {text}")
        behind = at + HEAD + payload_size(data, at)
        yield start + at, start + behind, list(records_in(data, at, str(path), start))
        at = behind


def frames_of(part: LogPart) -> Iterator[LogRecord]:
    """Yield the records of acknowledged frames.

    Raises:
        DataCorruptedError: They are damaged.
    """
    path, _, start, data = part
    at = 0
    while at < len(data):
        if not is_frame(data, at):
            message = (
                f"{path} is damaged at offset {start + at}: an acknowledged frame is not whole"
            )
            raise DataCorruptedError(message=message)
        yield from records_in(data, at, str(path), start)
        at += HEAD + payload_size(data, at)
