"""The log files of one collection: which one is written to, and what is removed when.

Logs are numbered from 1. The catalog's ``first_log`` says which is the oldest that is still needed;
sealing begins the next one and removes those before it, unless they are kept for those that watch
the collection (`engine.recording`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.engine.catalog.log_marks import LogMark
from aiomilvus.engine.directory import LOG
from aiomilvus.engine.storage.board import Position
from aiomilvus.engine.storage.frames import MAGIC
from aiomilvus.engine.storage.log import LogWriter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aiomilvus.engine.storage.files import FileSystem
    from aiomilvus.engine.storage.frames import LogRecord


FIRST_END = Position(1, len(MAGIC))
"""Where the first frame of a new collection will begin."""


class CollectionLog:
    """What a collection's writes are appended to. Used in the writer's turn.

    Args:
        files: The disk.
        folder: The collection's folder; None in memory, where nothing is logged.
        number: The log to begin with.

    Attributes:
        number: The log that is appended to, or will be.
        published: How far the logs tell what readers see. All before it is acknowledged, and
            stays where it is. Whoever only reads the files sets it.
    """

    def __init__(self, files: FileSystem, folder: Path | None, number: int) -> None:
        self.number = number
        self._files = files
        self._folder = folder
        self._writer: LogWriter | None = None
        self.published = Position(number, len(MAGIC))

    @property
    def end(self) -> Position:
        """Where the next frame will begin."""
        return Position(self.number, max(self.size, len(MAGIC)))

    def publish(self) -> None:
        """Let readers read up to the end; what a process that only reads was told stays."""
        if self._writer is not None:
            self.published = Position(self.number, self._writer.size)

    def publish_upto(self, told: Position) -> None:
        """Let readers read as far as another process tells, maybe before it made the log."""
        self.published = Position(told.log, max(told.size, len(MAGIC)))

    def path(self, number: int) -> Path | None:
        """Return the path of a log file, None in memory."""
        return None if self._folder is None else self._folder / f"log-{number:08d}.amv"

    @property
    def size(self) -> int:
        """Bytes in the log that is appended to."""
        return 0 if self._writer is None else self._writer.size

    @property
    def is_empty(self) -> bool:
        """Whether nothing was written since the last log was begun."""
        return self._writer is None or self._writer.is_empty

    def check(self) -> None:
        """Raise WritesPoisonedError if an earlier write failed."""
        if self._writer is not None:
            self._writer.check()

    def mark(self) -> LogMark | None:
        """Return how long the log is that is appended to, None if that is unknown."""
        if self._writer is None or self._writer.is_poisoned:
            return None
        return LogMark(self.number, self._writer.size)

    def resume(self, number: int, size: int = 0, last: int = 0) -> None:
        """Append to log `number` from now on; if it can't be opened, nothing changes.

        Args:
            number: Of the log.
            size: Length of its intact part, 0 for a new one.
            last: Where its last frame begins.
        """
        path = self.path(number)
        opened = None if path is None else LogWriter(self._files, path, size, last)
        self.close()
        self.number = number
        self._writer = opened

    def prepare(self) -> None:
        """Make the log that is appended to, unless it is there."""
        if self._writer is None:
            self.resume(self.number)

    def append(self, records: Sequence[LogRecord]) -> None:
        """Append a group of writes and sync it; see `LogWriter.append`."""
        if self._writer is not None:
            self._writer.append(records)

    def begin(self) -> None:
        """Append to a new log from now on; one that was never begun will do.

        So a log whose first bytes the disk refused is never followed by another one, and neither
        is one with a torn tail.
        """
        if self._writer is not None:
            self._writer.end()
        self.resume(self.number + (self._writer is not None))

    def restart(self, number: int) -> None:
        """Forget what is open; the next one that is opened is log `number`, or a later one."""
        self.check()
        self.close()
        self.number = number

    @property
    def is_settled(self) -> bool:
        """Whether all that was read from the log is certainly on the disk."""
        return self._writer is None or self._writer.is_settled

    def settle(self) -> None:
        """Bring to the disk what an earlier process may have left in the system's memory alone.

        Raises:
            StorageError: The disk refused.
        """
        if self._writer is not None:
            self._writer.settle()

    def numbers(self) -> list[int]:
        """Return the numbers of the logs that there are, rising."""
        if self._folder is None:
            return []
        names = [path.name for path in self._files.list_folder(self._folder)]
        return sorted(int(found[1]) for found in map(LOG.fullmatch, names) if found is not None)

    def drop(self, number: int) -> None:
        """Remove a log; one that can't be removed now goes at the next start."""
        path = self.path(number)
        if path is not None:
            self._files.unlink(path)

    def drop_before(self, first: int) -> None:
        """Remove the logs before `first`; one that can't be removed goes at the next start."""
        for number in range(first - 1, 0, -1):
            path = self.path(number)
            if path is None or not self._files.exists(path):
                return
            self._files.unlink(path)

    def close(self) -> None:
        """Close the log that is appended to, if there is one."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def remove(self) -> None:
        """Close and remove all logs."""
        self.close()
        for number in range(1, self.number + 1):
            path = self.path(number)
            if path is not None:
                self._files.unlink(path)
