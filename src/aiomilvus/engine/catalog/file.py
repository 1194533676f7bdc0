"""The file of the catalog: one SQLite database in rollback-journal mode with full syncs.

A change is on the disk, whole, when its transaction returns. It is made with the database's lock
held, or from one collection's maintenance under its writer lock.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import msgspec

from aiomilvus.engine.catalog import statements
from aiomilvus.engine.catalog.digest import NAME, digest_of, stored_digest, whole_digest
from aiomilvus.engine.catalog.outcomes import put_outcomes
from aiomilvus.engine.outcome import Outcome
from aiomilvus.engine.request_id import current_definition
from aiomilvus.errors import (
    DatabaseClosedError,
    DatabaseNotOpenedError,
    DataCorruptedError,
    ReadOnlyError,
    StorageError,
    WritesPoisonedError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from aiomilvus.engine.storage.files import FileSystem

FORMAT = 3
_PATIENCE = 60.0
"""Seconds to wait for a process that opens the database for reading."""
READ_ONLY = "the database was opened read-only; open it with mode 'rw' to write"
_SYSTEMS = (OSError, sqlite3.OperationalError)
"""Failures of the disk or the system, rather than of the bytes in the file."""
_GONE_UNSYNCED = "SQLITE_IOERR_DIR_FSYNC"
"""The journal is removed, which is what commits, but a power loss may bring it back."""
T = TypeVar("T")


class CatalogFile:
    """The SQLite file of one database directory: its transactions, its digest, its errors.

    Args:
        path: The SQLite file, or None for a catalog in memory.
        files: Consulted before each commit, so that tests can let it fail.
        read_only: Open without ever writing; works on a read-only disk.

    Attributes:
        found_format: The format that the file had when it was opened, 0 for a new one.

    Raises:
        DataCorruptedError: The file is no catalog, or damaged.
        DatabaseNotOpenedError: It was written by a newer version of the format.
    """

    def __init__(self, path: Path | None, files: FileSystem, *, read_only: bool = False) -> None:
        self._lock = threading.RLock()
        self._files = files
        self._path = path
        self._read_only = read_only
        self._digest = 0
        self._open_one: object | None = None
        """The transaction under way, or one that did not end as it should."""
        self._unsure = ""
        target = ":memory:" if path is None else f"{path.absolute().as_uri()}?mode=rwc"
        if read_only and path is not None:
            target = f"{path.absolute().as_uri()}?mode=ro"
        with self._told():
            self._sql = sqlite3.connect(
                target,
                timeout=_PATIENCE,
                uri=path is not None,
                check_same_thread=False,
                isolation_level=None,
            )
        try:
            with self._told():
                self._sql.execute("PRAGMA synchronous=EXTRA")
                self._open(read_only=read_only)
        except BaseException:
            self._sql.close()
            raise

    def _open(self, *, read_only: bool) -> None:
        version = self.found_format = int(self._sql.execute("PRAGMA user_version").fetchone()[0])
        if not self._is_ours(version):
            message = f"{self._path} is an SQLite file, but not a catalog of aiomilvus"
            raise DatabaseNotOpenedError(message=f"{message}: choose another directory")
        if version > FORMAT:
            message = f"{self._path} has catalog format {version}; this version reads 1 to {FORMAT}"
            raise DatabaseNotOpenedError(message=message)
        if version:
            self._check_pages()
        if version == FORMAT:
            self._check()
        elif not read_only:
            self._upgrade(version)
        elif version == 0:
            message = f"{self._path} is not a usable catalog: it is empty"
            raise DataCorruptedError(message=message)
        self._has_snapshots = version > 1 or not read_only

    def _is_ours(self, version: int) -> bool:
        """Return whether the file is new, or has the tables that every version of a catalog has."""
        query = "SELECT name FROM sqlite_master WHERE type = 'table'"
        found = {row[0] for row in self._sql.execute(query)}
        return found >= statements.OLDEST if version else not found

    def _upgrade(self, version: int) -> None:
        """Bring a new file, or one of an older format, to the present format."""
        tables = ("" if version else statements.TABLES) + (
            "" if version > 1 else statements.SINCE_2
        )
        with self.transaction():
            for statement in tables.split(";"):
                self._sql.execute(statement)
            self._sql.execute(f"PRAGMA user_version={FORMAT}")
            self._digest = whole_digest(self._sql)

    def _check_pages(self) -> None:
        """Raise DataCorruptedError unless each row is found by each way that leads to it.

        Rows are looked up through pages above them and through indexes, which the digest of all
        rows does not cover: a row that such a page hides would be taken for one that is not there,
        and its files for leftovers.
        """
        with self.steady():
            found = str(self._sql.execute("PRAGMA integrity_check(1)").fetchone()[0])
        if found != "ok":
            message = f"{self._path} is damaged: {' '.join(found.split())}"
            raise DataCorruptedError(message=message)

    def _check(self) -> None:
        """Raise DataCorruptedError unless the rows are those that were written."""
        with self.steady():
            self._digest, stored = whole_digest(self._sql), stored_digest(self._sql)
        if self._digest != stored:
            message = f"{self._path} is damaged: its rows do not match their checksum"
            raise DataCorruptedError(message=message)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Raise what SQLite and the decoding of records raise as this package's errors."""
        try:
            yield
        except sqlite3.ProgrammingError as error:
            message = f"the database of {self._path} is closed"
            raise DatabaseClosedError(message=message) from error
        except _SYSTEMS as error:
            # The disk's or the system's doing, not that of the bytes.
            message = f"{self._path}: the catalog can't be used: {error}"
            raise StorageError(message=message) from error
        except (sqlite3.Error, msgspec.MsgspecError, ValueError, OverflowError) as error:
            message = f"{self._path} is not a usable catalog: {error}"
            raise DataCorruptedError(message=message) from error

    @contextmanager
    def steady(self) -> Iterator[None]:
        """Let the block read one state of the file, whatever another process wants to commit."""
        with self._lock, self._told():
            self._sql.execute("BEGIN")
            try:
                yield
            finally:
                self._sql.execute("COMMIT")

    def copy_to(self, path: Path) -> None:
        """Write a copy of the file, durable and whole, as `steady` has it.

        Raises:
            StorageError: The disk refused.
        """
        with self._lock, self._told():
            copy = sqlite3.connect(path, isolation_level=None)
            try:
                copy.execute("PRAGMA synchronous=EXTRA")
                self._sql.backup(copy)
            finally:
                copy.close()

    def check_pages(self) -> None:
        """Raise DataCorruptedError unless SQLite finds every page of the file sound."""
        with self._lock, self._told():
            found = [str(row[0]) for row in self._sql.execute("PRAGMA integrity_check(1)")]
        if found != ["ok"]:
            raise DataCorruptedError(message=f"{self._path} is damaged: {found[0]}")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._sql.close()

    @contextmanager
    def transaction(
        self, *, notes_definition: bool = True, answer: int | None = None
    ) -> Iterator[None]:
        """Make the changes in the block one durable, atomic step.

        Args:
            notes_definition: Whether the step is the last that a forwarded definition asks for,
                so that the next leader can tell that it was made.
            answer: What the definition is answered with, where that is a number.

        Raises:
            ReadOnlyError: The database was opened read-only.
            StorageError: The disk refused; nothing was changed.
            WritesPoisonedError: This or an earlier change may or may not have been made.
        """
        if self._read_only:
            raise ReadOnlyError(message=READ_ONLY)
        with self._lock:
            if self._unsure:
                message = f"{self._path} refuses changes until it is opened again: {self._unsure}"
                raise WritesPoisonedError(message=message)
            self.settle()
            # An interrupt may strike between any two steps, even behind the commit or before
            # the end of the block is told here.
            own = self._open_one = object()
            before = self._digest
            try:
                with self._told():
                    self._sql.execute("BEGIN IMMEDIATE")
                yield
                if notes_definition and current_definition():
                    told = Outcome(kind="definition", answer=answer)
                    put_outcomes(self._sql, {current_definition(): told})
                self._sql.execute(statements.PUT_FACT, (NAME, self._digest))
                self._files.commit()
                self._sql.execute("COMMIT")
            except BaseException as error:
                if self._open_one is own:
                    self._roll_back()
                if isinstance(error, OSError | sqlite3.Error):
                    raise self._refused(error, before) from error
                raise
            self._open_one = None

    def settle(self) -> None:
        """End a transaction that was cut short, and learn whether it was committed."""
        with self._lock:
            if self._open_one is not None:
                self._roll_back()
                with self._told():
                    self._digest = stored_digest(self._sql) or 0
                self._open_one = None

    def _roll_back(self) -> None:
        if self._sql.in_transaction:
            with self._told():
                self._sql.execute("ROLLBACK")

    def _refused(self, error: OSError | sqlite3.Error, before: int) -> StorageError:
        """Return the error to raise for a transaction that failed.

        Args:
            error: What SQLite or the system raised.
            before: The digest of the rows as they were when it began.
        """
        message = f"{self._path}: the catalog can't be written: {error}"
        if isinstance(error, sqlite3.Error) and self._may_be_committed(error, before):
            self._unsure = str(error) or "the last change may or may not have been made"
            return WritesPoisonedError(message=message)
        kind = StorageError if isinstance(error, _SYSTEMS) else DataCorruptedError
        return kind(message=message)

    def _may_be_committed(self, error: sqlite3.Error, before: int) -> bool:
        name = getattr(error, "sqlite_errorname", "")
        if name:
            return bool(name == _GONE_UNSYNCED)
        # Python 3.10 does not name errors: the file says which of the two it holds.
        try:
            return stored_digest(self._sql) not in (None, before)
        except sqlite3.Error:
            return True

    def _records(self, query: str, kind: type[T], arguments: tuple[int, ...] = ()) -> list[T]:
        with self._lock, self._told():
            rows = self._sql.execute(query, arguments).fetchall()
            return [msgspec.json.decode(row[0], type=kind) for row in rows]

    def _has(self, table: str) -> bool:
        query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
        with self._lock, self._told():
            return self._sql.execute(query, (table,)).fetchone() is not None

    def _put(self, table: str, number: int, record: msgspec.Struct) -> None:
        statement = f"REPLACE INTO {table} VALUES (?, ?)"  # noqa: S608 - names of our own
        self._change(table, "id", number, statement, (number, msgspec.json.encode(record)))

    def _drop(self, table: str, number: int | str, column: str = "id") -> None:
        statement = f"DELETE FROM {table} WHERE {column} = ?"  # noqa: S608 - names of our own
        self._change(table, column, number, statement, (number,))

    def _change(
        self, table: str, column: str, value: int | str, statement: str, values: tuple[object, ...]
    ) -> None:
        """Carry out a statement that changes only rows with `value` in `column`."""
        concerned = f"SELECT * FROM {table} WHERE {column} = ?"  # noqa: S608 - names of our own
        with self._lock:
            self._digest -= digest_of(table, self._sql.execute(concerned, (value,)))
            self._sql.execute(statement, values)
            self._digest += digest_of(table, self._sql.execute(concerned, (value,)))
