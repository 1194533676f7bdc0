"""SQLite on the simulated disk: the engine's `sqlite3.connect`, through a VFS that apsw offers.

The locks, the pages and the journal are SQLite's own; each call of its system layer becomes a call
to `SimulatedDisk`, which traces it, lets it fail and lets others go first.
"""

from __future__ import annotations

import errno
import sqlite3
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import apsw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.simulation.disk import SimulatedDisk

_NAME = "simulated"
_DAMAGE = (apsw.CorruptError, apsw.NotADBError)


class _File(apsw.VFSFile):
    def __init__(self, disk: SimulatedDisk, name: Any, flags: list[int]) -> None:
        self._path = Path(name.filename() if isinstance(name, apsw.URIFilename) else name)
        with _refusals():
            disk.step("open")
        super().__init__("", name, flags)
        self._disk = disk
        self._node = disk.appeared(self._path)
        # SQLite syncs the folder of a new journal with its first sync.
        self._names_too = bool(flags[0] & apsw.SQLITE_OPEN_MAIN_JOURNAL)

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802 - apsw's name
        with _refusals():
            self._disk.step("read")
        return super().xRead(amount, offset)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - apsw's name
        with _refusals():
            self._disk.step("write")
        super().xWrite(data, offset)
        self._disk.trace.add("write", self._node, (offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 - apsw's name
        with _refusals():
            self._disk.step("truncate")
        super().xTruncate(newsize)
        self._disk.trace.add("truncate", self._node, newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802 - apsw's name
        with _refusals():
            self._disk.synced(self._node, "sync")
            if self._names_too:
                self._disk.sync_directory(self._path.parent)
                self._names_too = False


class _System(apsw.VFS):
    def __init__(self, disk: SimulatedDisk) -> None:
        self._disk = disk
        super().__init__(_NAME, "")

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - apsw's name
        if name is None:
            return apsw.VFSFile("", name, flags)
        return _File(self._disk, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802 - apsw's name
        path = Path(filename)
        with _refusals():
            self._disk.step("unlink")
        super().xDelete(filename, False)
        self._disk.vanished(path)
        if syncdir:
            try:
                self._disk.sync_directory(path.parent)
            except OSError as error:
                raise apsw.exception_for(apsw.SQLITE_IOERR_DIR_FSYNC) from error


@contextmanager
def _refusals() -> Iterator[None]:
    """Raise SQLite's errors for the disk's."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise apsw.FullError(str(error)) from error
        raise apsw.IOError(str(error)) from error


class _Connection:
    """What the catalog uses of `sqlite3.Connection`."""

    def __init__(self, target: str, timeout: float) -> None:
        flags = apsw.SQLITE_OPEN_URI | apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
        with _told():
            self._own = apsw.Connection(target, flags=flags, vfs=_NAME)
            self._own.set_busy_timeout(int(timeout * 1000))

    @property
    def in_transaction(self) -> bool:
        return self._own.in_transaction

    def execute(self, statement: str, values: tuple[Any, ...] = ()) -> _Rows:
        with _told():
            return _Rows(list(self._own.execute(statement, values)))

    def close(self) -> None:
        with _told():
            self._own.close()


class _Rows:
    """What the catalog uses of `sqlite3.Cursor`."""

    def __init__(self, rows: list[tuple[Any, ...]]) -> None:
        self._rows = rows

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self._rows)

    def fetchone(self) -> tuple[Any, ...] | None:
        return self._rows[0] if self._rows else None

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self._rows


@contextmanager
def _told() -> Iterator[None]:
    """Raise the errors of `sqlite3` for those of apsw."""
    try:
        yield
    except apsw.ConnectionClosedError as error:
        raise sqlite3.ProgrammingError(str(error)) from error
    except apsw.Error as error:
        kind = sqlite3.DatabaseError if isinstance(error, _DAMAGE) else sqlite3.OperationalError
        raised = kind(str(error))
        code = getattr(error, "extendedresult", 0)
        raised.sqlite_errorname = str(apsw.mapping_extended_result_codes.get(code, ""))
        raise raised from error


@contextmanager
def simulated_sqlite(disk: SimulatedDisk) -> Iterator[None]:
    """Let catalogs in the disk's directory be written through the disk."""
    system = _System(disk)
    try:
        with mock.patch.object(
            sqlite3, "connect", lambda target, *, timeout, **_: _Connection(target, timeout)
        ):
            yield
    finally:
        system.unregister()
