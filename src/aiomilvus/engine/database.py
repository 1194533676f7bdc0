"""A database directory, opened: one instance for each path and process.

`open_database` hands out the instance and counts its users; the last `release` closes it.
`Database.execute` runs any operation; what each one does is in `ddl`, `write` and `query`.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar, cast

from aiomilvus.engine.catalog import Catalog
from aiomilvus.engine.collection import Collection
from aiomilvus.engine.handlers import HANDLERS
from aiomilvus.engine.maintenance.worker import Maintenance
from aiomilvus.engine.names import Names
from aiomilvus.engine.recovery import recover
from aiomilvus.engine.storage.files import FileSystem
from aiomilvus.engine.storage.lock import DirectoryLock
from aiomilvus.engine.write.clock import Clock
from aiomilvus.errors import DatabaseClosedError, NotSupportedError, StorageError

if TYPE_CHECKING:
    from aiomilvus.engine.catalog_records import CollectionRecord
    from aiomilvus.engine.contracts import Snapshot
    from aiomilvus.model.operations.base import Operation
    from aiomilvus.model.schema import Schema

R = TypeVar("R")
MEMORY = ":memory:"
CATALOG = "catalog.sqlite"
LOCK = "lock"


class Database:
    """One open database. Safe to use from any thread.

    Args:
        path: Its directory, made if it does not exist, or None to keep all in memory.
        mode: ``"rw"``, or ``"r"`` to never write anything, not even a lock.
        files: The disk; tests hand in one that fails.
        threads: Threads for index builds, all processors by default.
    """

    def __init__(
        self,
        path: Path | None,
        mode: Literal["rw", "r"] = "rw",
        files: FileSystem | None = None,
        threads: int | None = None,
    ) -> None:
        self.path = path
        self.read_only = mode == "r"
        self.files = files or FileSystem()
        self.threads = threads or os.cpu_count() or 1
        self.pid = os.getpid()
        self.clock = Clock()
        self.closed = False
        self.ddl = threading.RLock()
        """Held while names or collections change."""
        self._lock = self._lock_directory()
        try:
            self._open()
        except OSError as error:
            self._unlock()
            raise self._failed(error) from error
        except BaseException:
            self._unlock()
            raise

    def _lock_directory(self) -> DirectoryLock | None:
        if self.path is None:
            return None
        if self.read_only:
            if not (self.path / CATALOG).exists():
                raise StorageError(message=f"{self.path} is not a database; mode 'r' makes none")
            return None
        if self.path.exists() and not self.path.is_dir():
            message = f"{self.path} is a file, but a database is a directory"
            raise StorageError(message=message)
        self.path.mkdir(parents=True, exist_ok=True)
        return DirectoryLock(self.path / LOCK)

    def _open(self) -> None:
        path = None if self.path is None else self.path / CATALOG
        self.catalog = Catalog(path, self.files, read_only=self.read_only)
        self.maintenance = Maintenance(self.threads)
        self.names = Names(self.catalog, self.clock, read_only=self.read_only)
        self.collections: dict[int, Collection] = {}
        for record in self.catalog.collections():
            self.clock.observe(record.updated)
            collection = self.attach(record)
            recover(collection)
            self.maintenance.verify(collection)
            if not self.read_only:
                self.maintenance.build(collection)

    def attach(self, record: CollectionRecord) -> Collection:
        """Return a collection for `record`, known to the database from now on."""
        folder = None if self.path is None else self.path / f"collection-{record.id}"
        if folder is not None and not self.read_only:
            folder.mkdir(exist_ok=True)
        collection = Collection(
            record, self.catalog, self.files, self.clock, folder, read_only=self.read_only
        )
        self.collections[record.id] = collection
        self.names.add(record)
        return collection

    def execute(self, operation: Operation[R]) -> R:
        """Run an operation to its end and return its result.

        Raises:
            MilvusException: The operation was refused, with Milvus' code and the reason.
        """
        self.check_usable()
        handler = HANDLERS.get(type(operation))
        if handler is None:
            name = type(operation).__name__
            message = f"{name} is not supported by the embedded engine yet"
            raise NotSupportedError(message=message)
        try:
            return cast("R", handler(self, operation))
        except OSError as error:
            raise self._failed(error) from error

    def _failed(self, error: OSError) -> StorageError:
        return StorageError(message=f"the disk under {self.path or MEMORY} failed: {error}")

    def check_usable(self) -> None:
        """Raise if the database was closed, or inherited by a forked process."""
        if self.closed:
            raise DatabaseClosedError(message=f"the database {self.path or MEMORY} is closed")
        if self.pid != os.getpid():
            message = (
                f"the database {self.path or MEMORY} was opened in process {self.pid}; a forked "
                "child can't use it: open it after the fork, or serve it and connect"
            )
            raise DatabaseClosedError(message=message)

    def collection(self, db: str, name: str, text: str = "collection not found") -> Collection:
        """Return the collection that `name`, or an alias, stands for.

        Raises:
            CollectionNotExistException: There is none; `text` begins the message.
        """
        return self.collections[self.names.collection_id(db, name, text)]

    def snapshot(self, db: str, name: str, text: str = "collection not found") -> Snapshot:
        """Return what readers of a collection see now."""
        return self.collection(db, name, text).snapshot

    def schema(self, db: str, name: str) -> Schema:
        """Return a collection's current schema."""
        return self.collection(db, name, "can't find collection").record.schema

    def wait_idle(self, timeout: float | None = None) -> None:
        """Return when no sealing, building or compaction is under way or waits."""
        self.maintenance.wait_idle(timeout)

    def close(self) -> None:
        """Finish what is under way, close all files and free the lock; idempotent."""
        with self.ddl:
            if self.closed:
                return
            self.closed = True
        if self.pid != os.getpid():
            return
        self.maintenance.close()
        for collection in self.collections.values():
            collection.close()
        self.catalog.close()
        self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.release()


_OPEN: dict[tuple[Path, str], tuple[Database, int]] = {}
_OPENING = threading.Lock()


def open_database(path: str | Path, *, mode: Literal["rw", "r"] = "rw") -> Database:
    """Return the process' instance for `path`; call `release` when done with it.

    Args:
        path: A directory, or ``":memory:"`` for a new database of one's own in memory.
        mode: ``"rw"``, or ``"r"`` for reading only.

    Raises:
        DatabaseLockedError: Another process has it open for writing.
        DataCorruptedError: A file is damaged.
        StorageError: The path can't hold, or does not hold, a database.
    """
    if str(path) == MEMORY:
        return Database(None)
    key = (Path(path).expanduser().resolve(), mode)
    with _OPENING:
        held = _OPEN.get(key)
        if held is not None and held[0].pid == os.getpid() and not held[0].closed:
            _OPEN[key] = (held[0], held[1] + 1)
            return held[0]
        database = Database(key[0], mode)
        _OPEN[key] = (database, 1)
        return database


def release(database: Database) -> None:
    """Let go of an instance; the last user's release closes it."""
    if database.path is None:
        database.close()
        return
    key = (database.path, "r" if database.read_only else "rw")
    with _OPENING:
        held = _OPEN.get(key)
        if held is None or held[0] is not database:
            return
        if held[1] > 1:
            _OPEN[key] = (database, held[1] - 1)
            return
        del _OPEN[key]
        database.close()
