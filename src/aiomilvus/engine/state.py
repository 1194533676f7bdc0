"""What an open database directory holds, and its life from lock to close.

Handlers in `operations` work on a `DatabaseState`; the class in `database` runs them.
"""

from __future__ import annotations

import logging
import os
import threading
from contextlib import ExitStack, nullcontext
from typing import TYPE_CHECKING, Literal, NamedTuple

from aiomilvus.engine.bounded_cache import BoundedCache
from aiomilvus.engine.catalog.catalog import Catalog
from aiomilvus.engine.catalog.log_marks import store_marks, stored_marks
from aiomilvus.engine.catching_up import take_over
from aiomilvus.engine.clock import Clock
from aiomilvus.engine.collection import Collection
from aiomilvus.engine.directory import CATALOG, FILES, LOCK, orphans
from aiomilvus.engine.directory import is_new as is_new_directory
from aiomilvus.engine.maintenance.worker import Maintenance
from aiomilvus.engine.names import Names
from aiomilvus.engine.recovery import recover, reload
from aiomilvus.engine.settings import Settings
from aiomilvus.engine.storage.files import FileSystem
from aiomilvus.engine.storage.lock import DirectoryLock
from aiomilvus.engine.text.kept_resources import provide_kept
from aiomilvus.engine.write.commit import commit_group
from aiomilvus.errors import (
    CollectionNotExistException,
    DatabaseClosedError,
    MilvusException,
    StorageError,
)
from aiomilvus.model.access import first_access
from aiomilvus.model.schema import DEFAULT_DATABASE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aiomilvus.engine.backups import Kept
    from aiomilvus.engine.catalog.log_marks import LogMark
    from aiomilvus.engine.catalog.records import CollectionRecord
    from aiomilvus.engine.leading import BoardWriter
    from aiomilvus.engine.outcome import Outcome
    from aiomilvus.engine.query.search.iteration import Ranking
    from aiomilvus.engine.snapshot import Snapshot
    from aiomilvus.engine.storage.board import Position
    from aiomilvus.model.access import Access
    from aiomilvus.model.schema import Schema

MEMORY = ":memory:"
_LOGGER = logging.getLogger(__name__)


class Followed(NamedTuple):
    """A collection as a follower has it.

    Attributes:
        collection: What was read.
        seen: How far its log was applied, None if that is unknown.
    """

    collection: Collection
    seen: Position | None


class DatabaseState:
    """One open database. Safe to use from any thread.

    Args:
        path: Its directory, made if it does not exist, or None to keep all in memory.
        mode: ``"rw"``, or ``"r"`` to never write anything, not even a lock.
        files: The disk; tests hand in one that fails.
        settings: What it may take of the machine.
        before: What followed the directory until now, and gives up what it has read.
    """

    def __init__(
        self,
        path: Path | None,
        mode: Literal["rw", "r"] = "rw",
        files: FileSystem | None = None,
        settings: Settings | None = None,
        before: DatabaseState | None = None,
    ) -> None:
        self.path = path
        self.read_only = mode == "r"
        self.files = files or FileSystem()
        self.settings = settings or Settings()
        self.pid = os.getpid()
        self.clock: Clock = Clock() if before is None else before.clock
        self._before = before
        self._unpublished: list[Collection] = []  # followed, and shown once followers are told
        self.closed = False
        self.kept: dict[int, tuple[Kept, ...]] = {}
        """What the snapshots of a database in memory hold, by their ids."""
        self.pins: BoundedCache[Snapshot] = BoundedCache(64)
        """What query iterators read."""
        self.past: BoundedCache[Snapshot] = BoundedCache(4)
        """What was read of moments in the past: each has its own rows in memory."""
        self.rankings: BoundedCache[Ranking] = BoundedCache(32)
        """What search iterators have still to give out."""
        self._board: BoardWriter | None = None
        self.leads: Callable[[], str] = lambda: "leads"  # and whom, once others can follow
        self.ddl = threading.RLock()
        """Held while names or collections change."""
        self._is_open = False
        with ExitStack() as opened:
            try:
                self._open(opened)
            except OSError as error:
                raise self.failed(error) from error
            # From here on it is `shut` that closes.
            self._is_open = True
            self._opened = opened.pop_all()

    def _lock_directory(self, opened: ExitStack) -> Callable[[], None]:
        if self.path is None:
            return _nothing
        if is_new_directory(self.files, self.path) and self.read_only:
            raise StorageError(message=f"{self.path} is not a database; mode 'r' makes none")
        if self.read_only:
            return _nothing
        self.files.make_folder(self.path, parents=True)
        lock = DirectoryLock(self.path / LOCK, opening=True)
        opened.callback(lock.release)
        return lock.tell

    def _open(self, opened: ExitStack) -> None:
        """Open all there is; what is open then, `opened` closes, the last first."""
        tell_open = self._lock_directory(opened)
        path = None if self.path is None else self.path / CATALOG
        self.catalog = Catalog(path, self.files, read_only=self.read_only)
        opened.callback(self.catalog.close)
        self.collections: dict[int, Collection] = {}
        opened.callback(self._close_collections)
        self.maintenance = Maintenance(self.settings)
        opened.callback(self.maintenance.close)
        # Beside a process that writes, what the catalog tells has to stay there until it is read.
        with self.catalog.steady() if self.read_only else nullcontext():
            self._load()
        if self.path is not None and not self.read_only:
            self._remove_orphans(self.path)
        if not self.read_only:
            for collection in self.collections.values():
                if collection not in self._unpublished:
                    self.maintenance.schedule_upkeep(collection)
        tell_open()

    def _close_collections(self) -> None:
        marks = {each.record.id: each.close() for each in list(self.collections.values())}
        if self.path is not None and not self.read_only and self._is_open:
            try:
                store_marks(self.catalog, marks)
            except MilvusException as error:
                # Without them damage to a log's end is taken for a torn write, as before them.
                _LOGGER.warning("%s: closed without noting the logs' lengths: %s", self.path, error)

    def _load(self) -> None:
        self.access = self.catalog.access() or first_access()
        self.names = Names(self.catalog, self.clock, read_only=self.read_only)
        self._provide_files()
        marks = stored_marks(self.catalog)
        followed = {} if self._before is None else self._before.give_up()
        self._before = None
        for record in self.catalog.collections():
            self.clock.observe(record.updated)
            folder = self.collection_folder(record.id)
            if folder is not None and not self.read_only:
                self.files.make_folder(folder)
            self.attach(record, marks.get(record.id), followed.get(record.id))

    def _provide_files(self) -> None:
        """Let analyzers use the files that are kept for them; remove those that none knows."""
        if self.path is not None:
            provide_kept(self.files, self.path / FILES, self.catalog, read_only=self.read_only)

    def _remove_orphans(self, path: Path) -> None:
        """Remove the folders of collections and snapshots that were dropped."""
        known = {f"collection-{number}" for number in self.collections}
        known |= {f"snapshot-{record.id}" for record in self.catalog.snapshots()}
        for folder in orphans(self.files, path, known, self.catalog.first_free):
            self.files.remove_folder(folder)

    @property
    def role(self) -> str:
        """What this process is to others that have the directory open; "" in memory."""
        if self.path is None:
            return ""
        return "nobody leads" if self.read_only else self.leads()

    def give_up(self) -> dict[int, Followed]:
        """Leave what was read of another process' collections, by id, to who leads from now on."""
        return {}

    def attach(
        self,
        record: CollectionRecord,
        mark: LogMark | None = None,
        followed: Followed | None = None,
    ) -> Collection:
        """Return the collection of `record` with what its files hold, known from now on.

        Args:
            record: What the catalog says of it.
            mark: How long its log was when it was last closed, if that is known.
            followed: What this process has of it already.

        Raises:
            DataCorruptedError: A file is damaged.
        """
        collection = self._made(record) if followed is None else followed.collection
        collection.set_callbacks(
            unverified=lambda: self.maintenance.verify(collection),
            expired_much=lambda: self.schedule_upkeep(collection),
        )
        if followed is None:
            collection.inherit(self.names.properties_of(record.db_id))
            self.load(collection, mark)
        else:
            collection.lead(self.catalog, self._reload)
            take_over(collection, record, mark, followed.seen)
            self._unpublished.append(collection)
        self.collections[record.id] = collection
        if self._board is not None:
            self._board.added(collection)  # before the name, which makes followers look for it
        self.names.add(record)
        return collection

    def _made(self, record: CollectionRecord) -> Collection:
        """Return a collection of which nothing was read yet."""
        return Collection(
            record,
            self.catalog,
            self.files,
            self.clock,
            self.collection_folder(record.id),
            commit_group,
            self._reload,
            read_only=self.read_only,
        )

    def load(self, collection: Collection, mark: LogMark | None) -> None:
        """Read what a collection's files hold; see `recover`."""
        recover(collection, mark)

    def lead(self, board: BoardWriter | None) -> None:
        """Tell the processes that follow this one of every change from now on; None: no more."""
        self._board = board
        self.names.on_change = _nothing if board is None else board.names_changed
        for collection in self.collections.values() if board is None else ():
            collection.report_to(_nothing)

    def show_followed(self) -> None:
        """Show what was followed until now as it is, once other processes are told of it."""
        while self._unpublished:
            collection = self._unpublished.pop()
            with collection.writes.turn:
                collection.inherit(self.names.properties_of(collection.record.db_id))
                collection.publish()
            self.maintenance.schedule_upkeep(collection)

    def outcome(self, request: str) -> Outcome | None:
        """Return what became of a forwarded call of an earlier leader, None if it is not known."""
        recent = (each.outcomes.get(request) for each in list(self.collections.values()))
        return next((found for found in recent if found), None) or self.catalog.outcome(request)

    def take_readers(self, before: DatabaseState) -> None:
        """Go on with the iterators of a database that this one takes the place of."""
        self.pins, before.pins = before.pins, self.pins
        self.rankings, before.rankings = before.rankings, self.rankings

    def set_access(self, access: Access) -> None:
        """Let users, roles and grants be these, as the catalog has them already."""
        self.access = access
        self.names.on_change()

    def _reload(self, collection: Collection) -> None:
        """Rebuild what a collection has in memory from the catalog and its files."""
        self.catalog.settle()
        records = {record.id: record for record in self.catalog.collections()}
        if collection.record.id not in records:
            self.forget(collection)
            return
        reload(collection, records[collection.record.id])
        self.names.rename(collection.record)

    def forget(self, collection: Collection) -> None:
        """Forget a collection and remove its files, once the catalog has dropped it."""
        for cache in (self.pins, self.past, self.rankings):
            cache.forget(collection.record.id)
        self.names.remove(collection.record)
        if self._board is not None:
            self._board.removed(collection.record.id)
        self.collections.pop(collection.record.id, None)
        collection.discard()

    def read_again(self) -> None:
        """Learn from the catalog what an operation that was cut short has changed."""
        with self.ddl:
            self.catalog.settle()
            self.names.read_again()
            self.access = self.catalog.access() or self.access
            records = {record.id: record for record in self.catalog.collections()}
            for number in self.collections.keys() - records.keys():
                with self.collections[number].writes.turn:
                    self.forget(self.collections[number])
            for number in records.keys() - self.collections.keys():
                self.attach(records[number])

    def collection_folder(self, number: int) -> Path | None:
        """Return the folder of a collection, None in memory."""
        return None if self.path is None else self.path / f"collection-{number}"

    def make_folder(self, number: int) -> None:
        """Make the folder of a collection that the catalog will name, durably.

        Raises:
            StorageError: There is one with something in it, as beside a catalog from a backup.
        """
        folder = self.collection_folder(number)
        if folder is None:
            return
        if self.files.list_folder(folder):
            message = f"{folder} is to be made, but exists and is not empty: move it away"
            raise StorageError(message=message)
        self.files.make_folder(folder)

    def schedule_upkeep(self, collection: Collection) -> None:
        """As `Maintenance.schedule_upkeep`, unless nothing may be written."""
        if not self.read_only:
            self.maintenance.schedule_upkeep(collection)

    def failed(self, error: OSError) -> StorageError:
        """Return the error that stands for a failure of the disk."""
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

    def collection(
        self, db: str, name: str, text: str = "collection not found", *, any_name: bool = False
    ) -> Collection:
        """Return the collection that `name`, or an alias, stands for.

        Args:
            db: Name of the database.
            name: Name or alias.
            text: Begins the message when there is none.
            any_name: As for `Names.collection_id`.

        Raises:
            CollectionNotExistException: There is none; `text` begins the message.
        """
        found = self.collections.get(self.names.collection_id(db, name, text, any_name=any_name))
        if found is None:  # it is being made, or was dropped meanwhile
            message = f"{text}[database={db or DEFAULT_DATABASE}][collection={name}]"
            raise CollectionNotExistException(message=message)
        return found

    def snapshot(
        self, db: str, name: str, text: str = "collection not found", *, any_name: bool = False
    ) -> Snapshot:
        """Return what readers of a collection see now."""
        return self.collection(db, name, text, any_name=any_name).snapshot

    def schema(self, db: str, name: str) -> Schema:
        """Return a collection's current schema."""
        return self.collection(db, name, "can't find collection").zoned_schema

    def wait_idle(self, timeout: float | None = None) -> None:
        """Return when no sealing, building or compaction is under way or waits."""
        self.maintenance.wait_idle(timeout)

    def shut(self) -> None:
        """Finish what runs, close all files and free the lock; a second call does nothing."""
        with self.ddl:
            if self.closed:
                return
            self.closed = True
        if self.pid != os.getpid():
            return
        for cache in (self.pins, self.past, self.rankings):
            cache.forget()
        self._opened.close()


def _nothing(*_: object) -> None:
    """Tell nobody."""
