"""A database whose directory another process leads: read here, kept current by the commit board.

Before each read a follower compares a few words of the board. Where the log has grown, it
replays what is new; where the record, the segments or the indexes have changed, it opens the
collection again from its files, which keeps what is still the same open. So a read sees all that
was acknowledged, to any process, before it began.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from aiomilvus.engine.catching_up import catch_up, reopen, replay
from aiomilvus.engine.database import Database
from aiomilvus.engine.maintenance.growing_graphs import carry_over_read
from aiomilvus.engine.processes.announcement import announced
from aiomilvus.engine.recovery import reload
from aiomilvus.engine.state import Followed
from aiomilvus.engine.storage.board import NAME, CommitBoard, Position
from aiomilvus.errors import DatabaseClosedError, MilvusException
from aiomilvus.model.operations.base import CollectionOperation
from aiomilvus.model.operations.traits import Kind

if TYPE_CHECKING:
    from pathlib import Path

    from aiomilvus.engine.caches import SnapshotCache
    from aiomilvus.engine.catalog.log_marks import LogMark
    from aiomilvus.engine.catalog.records import CollectionRecord
    from aiomilvus.engine.collection import Collection
    from aiomilvus.engine.settings import Settings
    from aiomilvus.engine.snapshot import SegmentView
    from aiomilvus.model.operations.base import Operation
    from aiomilvus.model.schema import Schema


R = TypeVar("R")
_NO_SLOT = -1


class _Seen(NamedTuple):
    """What of a collection a follower has.

    Attributes:
        slot: The collection's slot of the board; `_NO_SLOT` until that is known of a new leader.
        state: The slot's words, as they were before the collection was read.
    """

    slot: int
    state: tuple[int, int]

    @property
    def applied(self) -> Position:
        """How far the collection's log was applied."""
        return Position.unpacked(self.state[0])


def is_answered_by_any(operation: Operation[object]) -> bool:
    """Return whether any process can answer an operation, without its leader.

    The leader alone knows how far its background work is.
    """
    traits = operation.traits
    return traits.kind is Kind.READ or traits.inline


class FollowingDatabase(Database):
    """A database that another process leads. Safe to use from any thread; changes are refused.

    Args:
        path: Its directory, which has a commit board.
        settings: What it may take of the machine.

    Attributes:
        is_given_up: Whether it left what it read to the database that leads now. What it has
            can still be read, as long as nothing new is acknowledged.
    """

    is_given_up = False

    def __init__(self, path: Path, settings: Settings | None = None) -> None:
        self._acknowledged = CommitBoard(path / NAME, lead=False)
        self._catching_up = threading.RLock()
        self._seen: dict[int, _Seen] = {}
        self._loaded: dict[int, int] = {}
        """Collections that were read while nobody led, and how many leaders there had been."""
        self._names_seen = self._acknowledged.look()
        try:
            super().__init__(path, "r", settings=settings)
        except BaseException:
            self._acknowledged.close()
            raise

    @property
    def is_led(self) -> bool:
        """Whether a process leads the directory, or did until it died."""
        return self._acknowledged.epoch != 0

    @property
    def role(self) -> str:
        """Whom this process follows."""
        told = announced(self.files, self.path) if self.is_led and self.path else None
        return "nobody leads" if told is None else f"follows process {told.pid}"

    def load(self, collection: Collection, mark: LogMark | None) -> None:
        """Read nothing yet: each collection is read with the first operation that asks for it."""

    def execute(self, operation: Operation[R]) -> R:
        """Run a read on what is acknowledged now."""
        self.follow_names()
        return super().execute(operation)

    def collection(
        self, db: str, name: str, text: str = "collection not found", *, any_name: bool = False
    ) -> Collection:
        """Return the collection that `name`, or an alias, stands for, with all acknowledged rows.

        Args:
            db: Name of the database.
            name: Name or alias.
            text: Begins the message when there is none.
            any_name: As for `Names.collection_id`.

        Raises:
            CollectionNotExistException: There is none; `text` begins the message.
        """
        if self._acknowledged.look() != self._names_seen:
            self.follow_names()
        found = super().collection(db, name, text, any_name=any_name)
        if self._is_behind(found.record.id):
            self._follow(found)
        return found

    def schema(self, db: str, name: str) -> Schema:
        """Return a collection's current schema, whatever rows were written meanwhile."""
        if self.is_collection_behind(db, name, rows=False):
            return super().schema(db, name)
        return super().collection(db, name, "can't find collection").zoned_schema

    def _is_behind(self, number: int, *, rows: bool = True) -> bool:
        """Return whether something of a collection is acknowledged that is not here.

        Args:
            number: The collection's id.
            rows: Whether rows count that were written, and nothing else.
        """
        seen = self._seen.get(number)
        if seen is not None and seen.slot != _NO_SLOT:
            position, version = self._acknowledged.state(seen.slot)
            return version != seen.state[1] or (rows and position != seen.state[0])
        return self.is_led or self._loaded.get(number) != self._acknowledged.terms

    def is_behind_for(self, operation: Operation[object]) -> bool:
        """Return whether there is something to catch up with before an operation is answered.

        Takes less than a microsecond; catching up may take much longer.
        """
        if self._acknowledged.look() != self._names_seen:
            return True
        return isinstance(operation, CollectionOperation) and self.is_collection_behind(
            operation.db, operation.collection
        )

    def is_collection_behind(self, db: str, name: str, *, rows: bool = True) -> bool:
        """Return whether there is something to catch up with before a collection is looked at.

        Args:
            db: Name of the database.
            name: Name of the collection, or an alias.
            rows: Whether its rows are looked at; else its schema alone is.
        """
        if self._acknowledged.look() != self._names_seen:
            return True
        number = self.names.find(db, name)
        return number is not None and self._is_behind(number, rows=rows)

    def _cache_of(self, db: str, collection: str) -> SnapshotCache[SegmentView] | None:
        try:
            self.check_usable()
            if self.is_collection_behind(db, collection):
                return None  # to catch up takes longer than a look
            return super().collection(db, collection).snapshot.cache
        except MilvusException:
            return None

    def catch_up(self, operation: Operation[object]) -> None:
        """Catch up with what is acknowledged of whatever an operation is about."""
        self.follow_names()
        if isinstance(operation, CollectionOperation):
            with suppress(MilvusException):  # the operation itself is refused
                self.collection(operation.db, operation.collection)

    def give_up(self) -> dict[int, Followed]:
        """Leave the collections, as they were read, to the database that leads from now on."""
        with self._catching_up:
            if self.is_given_up:
                return {}  # who was to lead failed, and may have changed them
            self.is_given_up = True
            applied = {number: seen.applied for number, seen in self._seen.items()}
            return {
                number: Followed(collection, applied.get(number))
                for number, collection in self.collections.items()
            }

    def _check_kept(self) -> None:
        """Raise DatabaseClosedError once this was given up: another database reads on."""
        if self.is_given_up:
            raise DatabaseClosedError(message=f"this process leads {self.path} meanwhile")

    def _close_collections(self) -> None:
        if not self.is_given_up:
            super()._close_collections()

    def follow_names(self) -> None:
        """Take databases, collections, aliases and users as the catalog has them now."""
        self.check_usable()
        if self._acknowledged.look() == self._names_seen:
            return
        with self._catching_up:
            self._check_kept()
            look, board = self._acknowledged.look(), self._acknowledged
            now, before = board.names(look), board.names(self._names_seen)
            if now.terms != before.terms:
                # Another leader, or one that has gone: its slots are others.
                self._seen = {
                    number: seen._replace(slot=_NO_SLOT) for number, seen in self._seen.items()
                }
            elif now.version == before.version:
                self._names_seen = look  # the same leader took the lead, or has gone
                return
            with self.ddl, self.catalog.steady():
                self.read_again()
                self._provide_files()
            for collection in list(self.collections.values()):
                collection.inherit(self.names.properties_of(collection.record.db_id))
            slots = self._acknowledged.slots()
            self._seen = {
                number: seen if slots.get(number) == seen.slot else seen._replace(slot=_NO_SLOT)
                for number, seen in self._seen.items()
                if number in self.collections
            }
            self._names_seen = look

    def _follow(self, collection: Collection) -> None:
        """Bring a collection up to what is acknowledged."""
        self.check_usable()
        with self._catching_up:
            self._check_kept()
            number = collection.record.id
            seen = self._seen.get(number)
            slot = None if seen is None or seen.slot == _NO_SLOT else seen.slot
            if slot is None:
                slot = self._acknowledged.slots().get(number)
            if slot is None:
                self._load_alone(collection)
                return
            state = self._acknowledged.state(slot)
            # Whatever cuts this short, nothing is applied twice: all is read again then.
            self._seen.pop(number, None)
            applied = None if seen is None else seen.applied
            is_logged = seen is not None and (seen.slot, seen.state[1]) == (slot, state[1])
            if (
                applied is not None
                and is_logged
                and catch_up(collection, applied, Position.unpacked(state[0]))
            ):
                self._seen[number] = _Seen(slot, state)
            else:
                self._seen[number] = self._read(collection, slot, applied)
            self.maintenance.grow(collection)

    def _load_alone(self, collection: Collection) -> None:
        """Read a collection once while nobody leads: its files tell all there is."""
        terms = self._acknowledged.terms
        self._seen.pop(collection.record.id, None)  # the files may tell more than that
        if self._loaded.get(collection.record.id) != terms:
            with collection.writes.turn, self.catalog.steady():
                reload(collection, self._record(collection))
            self._loaded[collection.record.id] = terms

    def _record(self, collection: Collection) -> CollectionRecord:
        """Return what the catalog says of a collection now.

        Raises:
            CollectionNotExistException: It was dropped.
        """
        record = self.catalog.collection(collection.record.id)
        if record is None:
            self.forget(collection)
            raise collection.missing()
        return record

    def _read(self, collection: Collection, slot: int, applied: Position | None) -> _Seen:
        """Open a collection again; return what of it was acknowledged when that began.

        Args:
            collection: What to open.
            slot: Its slot of the board.
            applied: How far its log was applied already, None if that is unknown.
        """
        version = self._acknowledged.state(slot)[1]
        with collection.writes.turn:
            grew, sealed = [*collection.frozen, *collection.growing.values()], {*collection.sealed}
            # While the catalog is read the leader commits nothing, so no file that it names goes.
            with self.catalog.steady():
                record = self._record(collection)
                # What the catalog tells is acknowledged, and the log is so at least up to it.
                position = self._acknowledged.state(slot)[0]
                unapplied = reopen(collection, record, applied, Position.unpacked(position))
            replay(collection, unapplied)
            carry_over_read(collection, grew, sealed)
        return _Seen(slot, (position, version))

    def shut(self) -> None:
        """Close all files; a second call does nothing."""
        super().shut()
        self._acknowledged.close()
