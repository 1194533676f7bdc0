"""A database directory, opened: one instance for each path and process.

`open_database` hands out the instance and counts its users; the last one's `close` closes it.
`Database.execute` runs any operation; what each one does is in `ddl`, `write` and `query`.
"""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from aiomilvus.engine.catalog import Catalog
from aiomilvus.engine.collection import Collection
from aiomilvus.engine.denials import check_allowed
from aiomilvus.engine.handlers import HANDLERS
from aiomilvus.engine.maintenance.worker import Maintenance
from aiomilvus.engine.names import Names
from aiomilvus.engine.query.cost import batch_key, estimate_cost, run_batch
from aiomilvus.engine.recovery import recover
from aiomilvus.engine.settings import Settings
from aiomilvus.engine.storage.files import FileSystem
from aiomilvus.engine.storage.lock import DirectoryLock
from aiomilvus.engine.write.clock import Clock
from aiomilvus.errors import (
    DatabaseClosedError,
    MilvusException,
    NotSupportedError,
    ParamError,
    StorageError,
)
from aiomilvus.model.access import first_access
from aiomilvus.model.operations.data import HybridSearch, Query, Search
from aiomilvus.model.schema import DEFAULT_DATABASE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiomilvus.engine.catalog_records import CollectionRecord
    from aiomilvus.engine.contracts import Snapshot
    from aiomilvus.engine.snapshots import Kept
    from aiomilvus.model.operations.base import Operation
    from aiomilvus.model.results import SearchResult
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
        settings: What it may take of the machine.
    """

    def __init__(
        self,
        path: Path | None,
        mode: Literal["rw", "r"] = "rw",
        files: FileSystem | None = None,
        settings: Settings | None = None,
    ) -> None:
        self.path = path
        self.read_only = mode == "r"
        self.files = files or FileSystem()
        self.settings = settings or Settings()
        self.pid = os.getpid()
        self.clock = Clock()
        self.closed = False
        self.kept: dict[int, tuple[Kept, ...]] = {}
        """What the snapshots of a database in memory hold, by their ids."""
        self.users = 1
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
        self.access = self.catalog.access() or first_access()
        self.maintenance = Maintenance(self.settings)
        self.names = Names(self.catalog, self.clock, read_only=self.read_only)
        self.collections: dict[int, Collection] = {}
        for record in self.catalog.collections():
            self.clock.observe(record.updated)
            collection = self.attach(record)
            recover(collection)
            if not self.read_only:
                self.maintenance.build(collection)

        if self.path is not None and not self.read_only:
            self._remove_orphans(self.path)

    def _remove_orphans(self, path: Path) -> None:
        """Remove the folders of collections and snapshots that were dropped."""
        known = {f"collection-{number}" for number in self.collections}
        known |= {f"snapshot-{record.id}" for record in self.catalog.snapshots()}
        for kind in ("collection-*", "snapshot-*"):
            for folder in path.glob(kind):
                if folder.name not in known:
                    shutil.rmtree(folder)

    def attach(self, record: CollectionRecord) -> Collection:
        """Return a collection for `record`, known to the database from now on."""
        folder = None if self.path is None else self.path / f"collection-{record.id}"
        if folder is not None and not self.read_only:
            folder.mkdir(exist_ok=True)
        collection = Collection(
            record, self.catalog, self.files, self.clock, folder, read_only=self.read_only
        )
        collection.unverified = lambda: self.maintenance.verify(collection)
        collection.expired_much = lambda: self.tidy(collection)
        collection.inherit(self.names.properties_of(record.db_id))
        self.collections[record.id] = collection
        self.names.add(record)
        return collection

    def tidy(self, collection: Collection) -> None:
        """Merge what pays to be merged, in the background, unless nothing may be written."""
        if not self.read_only:
            self.maintenance.tidy(collection)

    def execute(self, operation: Operation[R]) -> R:
        """Run an operation to its end and return its result.

        Raises:
            MilvusException: The operation was refused, with Milvus' code and the reason.
        """
        self.check_usable()
        self._check_allowed(operation)
        handler = HANDLERS.get(type(operation))
        if handler is None:
            name = type(operation).__name__
            message = f"{name} is not supported by the embedded engine yet"
            raise NotSupportedError(message=message)
        try:
            return cast("R", handler(self, operation))
        except OSError as error:
            raise self._failed(error) from error

    def _check_allowed(self, operation: Operation[Any]) -> None:
        """Raise QuotaExceededError if the operation's database forbids it."""
        record = self.names.databases.get(operation.db or DEFAULT_DATABASE)
        if record is not None and record.properties:
            check_allowed(operation, record.properties)

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
        return self.collection(db, name, "can't find collection").zoned_schema

    def wait_idle(self, timeout: float | None = None) -> None:
        """Return when no sealing, building or compaction is under way or waits."""
        self.maintenance.wait_idle(timeout)

    def batch_key(self, operation: Operation[Any]) -> Any:
        """Return a key shared by searches that can be run as one, None for all others."""
        if not isinstance(operation, Search):
            return None
        return batch_key(self.snapshot(operation.db, operation.collection), operation)

    def execute_batch(self, operations: Sequence[Search]) -> list[SearchResult]:
        """Run searches that share a `batch_key` as one and return each one's result.

        Raises:
            MilvusException: One was refused, and so all were: they differ in vectors only.
        """
        self.check_usable()
        first = operations[0]
        self._check_allowed(first)
        return run_batch(self.snapshot(first.db, first.collection), operations)

    def estimate_seconds(self, operation: Operation[Any]) -> float:
        """Return how long a read will take, roughly."""
        if not isinstance(operation, Query | Search | HybridSearch):
            return 0.0
        try:
            snapshot = self.snapshot(operation.db, operation.collection)
        except MilvusException:
            return 0.0  # it is refused at once
        return estimate_cost(snapshot, operation) / 1e6

    def close(self) -> None:
        """Let go of the database; the last user's call closes it and frees the lock."""
        with _OPENING:
            self.users -= 1
            if self.users > 0:
                return
            if self.path is not None and _OPEN.get((self.path, self.read_only)) is self:
                del _OPEN[self.path, self.read_only]
            self._shut()

    def _shut(self) -> None:
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


_OPEN: dict[tuple[Path, bool], Database] = {}
_OPENING = threading.Lock()


def open_database(
    path: str | Path, *, mode: Literal["rw", "r"] = "rw", settings: Settings | None = None
) -> Database:
    """Return the process' instance for `path`; call its `close` when done with it.

    Args:
        path: A directory, or ``":memory:"`` for a new database of one's own in memory.
        mode: ``"rw"``, or ``"r"`` for reading only.
        settings: What it may take of the machine; None for the defaults, or for what it has
            where it is open already.

    Raises:
        DatabaseLockedError: Another process has it open for writing.
        DataCorruptedError: A file is damaged.
        StorageError: The path can't hold, or does not hold, a database.
        ParamError: This process has it open with other settings.
    """
    if str(path) == MEMORY:
        return Database(None, settings=settings)
    key = (Path(path).expanduser().resolve(), mode == "r")
    with _OPENING:
        held = _OPEN.get(key)
        if held is not None and held.pid == os.getpid() and not held.closed:
            if settings is not None and settings != held.settings:
                message = f"{key[0]} is open in this process with {held.settings}, not {settings}"
                raise ParamError(message=message)
            held.users += 1
            return held
        database = _OPEN[key] = Database(key[0], mode, settings=settings)
        return database
