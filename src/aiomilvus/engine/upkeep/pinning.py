"""Holding what a database is at one moment, while it is in use.

Files that the catalog names never change and are removed only after a transaction has let them
go. So while a read transaction is open, in which no process can commit, they get a second name in
a folder of the directory; how far each log is acknowledged is read from the board, for all
collections at the same moment. What takes long, copying, comes after the transaction.
"""

from __future__ import annotations

import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, NamedTuple

from aiomilvus.engine.backups import file_names
from aiomilvus.engine.catalog.catalog import Catalog
from aiomilvus.engine.directory import CATALOG, FILES, is_new
from aiomilvus.engine.opening import open_database
from aiomilvus.engine.segment.sealed import TIMES
from aiomilvus.engine.storage.board import NAME as BOARD
from aiomilvus.engine.storage.board import CommitBoard, Position
from aiomilvus.engine.storage.lock import DirectoryLock
from aiomilvus.errors import (
    DatabaseLockedError,
    DatabaseNotOpenedError,
    DataCorruptedError,
    StorageError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from aiomilvus.engine.catalog.records import CollectionRecord, SegmentRecord
    from aiomilvus.engine.storage.files import FileSystem

LOCK = "backup.lock"
STAGING = "backup.staging"
PATIENCE_SECONDS = 10.0
_PAUSE = 0.01


class PinnedFile(NamedTuple):
    """A file of a database.

    Attributes:
        name: Its path in the directory, with slashes.
        size: So many of its bytes count.
        is_fixed: Whether it never changes, so that another name will do for a copy.
    """

    name: str
    size: int
    is_fixed: bool


class Pinned(NamedTuple):
    """A database as it was at one moment.

    Attributes:
        folder: Where the files are, under their names.
        files: All of them.
    """

    folder: Path
    files: tuple[PinnedFile, ...]


@contextmanager
def pinned(files: FileSystem, path: Path) -> Iterator[Pinned]:
    """Let the block have all files of a database as of one moment, whoever has it open.

    Raises:
        DatabaseLockedError: Another process pins it, or has it open and does not answer.
        DataCorruptedError: A file is missing, or damaged so that the database can't be opened.
        StorageError: There is no database, or the disk refused.
    """
    if is_new(files, path):
        raise DatabaseNotOpenedError(message=f"there is no database at {path}")
    database = open_database(path)  # so that somebody leads, and what a crash left is settled
    try:
        lock = _lock(path)
        try:
            staging = path / STAGING
            files.remove_folder(staging)  # of a process that was killed
            with files.new_folder(staging):
                found = _pin(files, path, staging)
            try:
                yield Pinned(staging, found)
            finally:
                files.remove_folder(staging)
        finally:
            lock.release()
    finally:
        database.close()


def _lock(path: Path) -> DirectoryLock:
    try:
        return DirectoryLock(path / LOCK)
    except DatabaseLockedError as error:
        message = f"another backup of {path} is under way: wait until it has ended"
        raise DatabaseLockedError(message=message) from error


def _pin(files: FileSystem, path: Path, staging: Path) -> tuple[PinnedFile, ...]:
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        with (
            closing(Catalog(path / CATALOG, files, read_only=True)) as catalog,
            closing(_board(path)) as board,
            catalog.steady(),
        ):
            collections = catalog.collections()  # with this the transaction really begins
            positions = board.at_one_moment()
            if positions is not None:
                return _Staging(files, path, staging, catalog).fill(collections, positions)
        if time.monotonic() > end:
            message = f"{path}: the process that leads the directory does not tell what it has"
            raise StorageError(message=f"{message} acknowledged; close it there and try again")
        time.sleep(_PAUSE)


def _board(path: Path) -> CommitBoard:
    try:
        return CommitBoard(path / BOARD, lead=False)
    except FileNotFoundError as error:
        message = f"{path}: the process that has it open could not make {BOARD}, as on a full disk"
        raise StorageError(message=f"{message}: make room, and open it again") from error


class _Staging:
    """The folder that is filled. Used while no process can commit.

    Args:
        files: The disk.
        path: The database directory.
        staging: The folder.
        catalog: In a read transaction.
    """

    def __init__(self, files: FileSystem, path: Path, staging: Path, catalog: Catalog) -> None:
        self._files = files
        self._path = path
        self._staging = staging
        self._catalog = catalog
        self._found: list[PinnedFile] = []

    def fill(
        self, collections: list[CollectionRecord], positions: dict[int, Position]
    ) -> tuple[PinnedFile, ...]:
        """Give every file a second name; return them all."""
        for record in collections:
            folder = f"collection-{record.id}"
            self._folder(folder)
            self._segments(folder, self._catalog.segments(record.id))
            self._logs(folder, record.first_log, positions.get(record.id, Position(0, 0)))
        for snapshot in self._catalog.snapshots():
            self._folder(f"snapshot-{snapshot.id}")
            self._segments(f"snapshot-{snapshot.id}", snapshot.segments)
        resources = self._catalog.file_resources()
        if resources:
            self._folder(FILES)
        for resource in resources:
            self._link(f"{FILES}/{resource.id}")
        self._catalog.copy_to(self._staging / CATALOG)
        size = self._files.size_of(self._staging / CATALOG)
        self._found.append(PinnedFile(CATALOG, size, is_fixed=False))
        return tuple(self._found)

    def _folder(self, name: str) -> None:
        self._files.make_folder(self._staging / name)

    def _segments(
        self, folder: str, records: list[SegmentRecord] | tuple[SegmentRecord, ...]
    ) -> None:
        for record in records:
            inner = f"{folder}/segment-{record.id}"
            self._folder(inner)
            for name in [*file_names(record), *filter(None, [record.masks])]:
                if name != TIMES or self._files.is_file(self._path / inner / TIMES):
                    self._link(f"{inner}/{name}")

    def _logs(self, folder: str, first: int, upto: Position) -> None:
        for number in range(first, upto.log + 1):
            if number < upto.log:
                self._link(f"{folder}/log-{number:08d}.amv", is_fixed=False)
            elif upto.size:
                self._link(f"{folder}/log-{number:08d}.amv", upto.size, is_fixed=False)

    def _link(self, name: str, size: int | None = None, *, is_fixed: bool = True) -> None:
        try:
            self._files.link(self._path / name, self._staging / name)
        except FileNotFoundError as error:
            message = f"{self._path / name} is missing, though the catalog leads to it"
            raise DataCorruptedError(message=message) from error
        if size is None:
            size = self._files.size_of(self._staging / name)
        self._found.append(PinnedFile(name, size, is_fixed))
