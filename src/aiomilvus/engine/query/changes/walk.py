"""Walking along the logs of a collection: what was recorded behind a position, in order.

Frames are read from the files, up to what is published, by leaders and followers alike. What each
record means to who watches is in `telling`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from aiomilvus.engine.properties import CHANGES, retention_of
from aiomilvus.engine.storage.board import Position
from aiomilvus.engine.storage.frames import MAGIC
from aiomilvus.engine.storage.log_reader import acknowledged_part, frames_between, frames_of
from aiomilvus.engine.write.records import decode, decode_keys, decode_rows
from aiomilvus.errors import (
    DataCorruptedError,
    NotSupportedError,
    ParamError,
    PositionGoneError,
)
from aiomilvus.model.changes import OLDEST, ChangePosition

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from aiomilvus.engine.catalog.records import ChangeMark, CollectionRecord
    from aiomilvus.engine.collection import Collection
    from aiomilvus.engine.storage.frames import LogRecord
    from aiomilvus.engine.write.records import Record
    from aiomilvus.model.batch import ColumnBatch
    from aiomilvus.model.columns import Column
    from aiomilvus.model.schema import Schema

MOST_BYTES = 1 << 20
"""So much of a log is read at once, or one frame."""
_BEGIN = len(MAGIC)


class Entry(NamedTuple):
    """A record of a log, or a mark, some of whose changes are to be told.

    Attributes:
        what: The record, or the mark.
        log: Number of the log that it is in, or in front of whose frame it stands.
        offset: Where that frame begins.
        before: How many changes of that frame, and in front of it, come before its own.
        skipped: How many of its changes were told already.
        batch: The rows, for `insert` and `upsert`.
        keys: The keys, for all but marks.
    """

    what: Record | ChangeMark
    log: int
    offset: int
    before: int
    skipped: int = 0
    batch: ColumnBatch | None = None
    keys: Column | None = None

    def end(self, collection: int) -> ChangePosition:
        """Return the position of its last change."""
        told = self.before + self.changes
        return ChangePosition(collection, self.log, self.offset, told, self.what.timestamp)

    @property
    def changes(self) -> int:
        """How many changes it is."""
        return 1 if self.keys is None else len(self.keys)


class Walk:
    """One walk along the logs of a collection. Used by one thread.

    Args:
        collection: Whose logs they are.
        schema: Under which rows are told.

    Raises:
        ParamError: No changes are kept.
    """

    def __init__(self, collection: Collection, schema: Schema) -> None:
        # In this order: what is published later than the time is behind it, and all marks in
        # front of the end are in a record that is read after it.
        self._now = collection.snapshot.timestamp
        self._end = collection.log.published
        self._record = collection.record
        self._collection = collection
        self._schema = schema
        _check_recorded(collection, self._record)

    def begin(self, text: str) -> ChangePosition:
        """Return the position that a text stands for, "" for the end.

        Raises:
            ParamError: It is no position.
            PositionGoneError: What is behind it is not kept.
        """
        number = self._record.id
        if text == OLDEST:
            log = self._oldest()
            at = max(Position(log, _BEGIN), self._record.recorded_from)
            return ChangePosition(number, *at, 0, 0)
        if not text:
            marks = self._marks(self._end)
            now = marks[-1].timestamp if marks else self._now
            return ChangePosition(number, *self._end, len(marks), now)
        position = ChangePosition.parse(text)
        at = Position(position.log, position.offset)
        if position.collection != number:
            raise self.gone("it is of another collection, which had that name or has another one")
        if at < self._record.recorded_from:
            raise self.gone("changes have been recorded since a later moment only")
        if at > self._end:
            raise self.gone(_LATER)
        return position

    def behind(self, position: ChangePosition) -> tuple[list[Entry], bool]:
        """Return what was recorded behind a position, as far as one step reads.

        Returns:
            The records; none only if nothing is published behind the position. And whether they
            are all there are.

        Raises:
            PositionGoneError: The log that the position is in has gone, or is another one.
            DataCorruptedError: A log is damaged.
        """
        place, found = position, list[Entry]()
        while not found and (place.log, place.offset) != self._end:
            try:
                found, place = self._step(place)
            except FileNotFoundError:
                raise self.gone("the log that it is in was removed") from None
        if (place.log, place.offset) != self._end:
            return found, False
        if place.told > len(self._marks(self._end)):
            raise self.gone(_LATER)
        return found + self._marks_behind(self._end, place), True

    @property
    def seen(self) -> tuple[int, int, int]:
        """What whoever is told all there is has seen: the end of the logs, and the last mark."""
        marks = self._record.marks
        return (*self._end, marks[-1].timestamp if marks else 0)

    def _step(self, position: ChangePosition) -> tuple[list[Entry], ChangePosition]:
        """Return what follows a position in its log, as far as is read at once, and how far."""
        at = Position(position.log, position.offset)
        found = self._marks_behind(at, position)
        path = self._path(at.log)
        is_last = at.log == self._end.log
        if not is_last and at.size > self._collection.files.size_of(path):
            raise self.gone(_OTHER_LOG)
        after = position._replace(log=at.log + 1, offset=_BEGIN, told=0)
        for offset, behind, records in self._frames(path, at, self._end.size if is_last else None):
            where = Position(at.log, offset)
            if offset != at.size:
                found += self._marks_behind(where, position._replace(offset=offset, told=0))
            changes = self._changes(where, records)
            if offset == at.size:
                changes = self._untold(changes, position)
            found += changes
            timestamp = decode(records[-1]).timestamp
            after = position._replace(offset=behind, told=0, timestamp=timestamp)
        return found, after

    def _frames(
        self, path: Path, at: Position, stop: int | None
    ) -> Iterator[tuple[int, int, list[LogRecord]]]:
        """Yield frames; tell a place between two frames from damage."""
        files = self._collection.files
        try:
            yield from frames_between(files, path, at.size, stop, MOST_BYTES)
        except DataCorruptedError:
            try:
                for _ in frames_of(acknowledged_part(files, path, at.log, 0, at.size)):
                    pass
            except DataCorruptedError:
                raise self.gone(_OTHER_LOG) from None
            raise

    def _marks(self, at: Position) -> list[ChangeMark]:
        return [mark for mark in self._record.marks if mark.at == at]

    def _marks_behind(self, at: Position, position: ChangePosition) -> list[Entry]:
        """Return the marks in front of a frame that come behind a position there."""
        marks = self._marks(at)
        if 0 < position.told <= len(marks):
            self._check_same(marks[position.told - 1].timestamp, position)
        return [
            Entry(mark, *at, before) for before, mark in enumerate(marks) if before >= position.told
        ]

    def _changes(self, at: Position, records: list[LogRecord]) -> list[Entry]:
        """Return what a frame tells."""
        found = []
        before = len(self._marks(at))
        for logged in records:
            record = decode(logged)
            if record.op == "delete":
                entry = Entry(record, *at, before, keys=decode_keys(logged, self._schema))
            else:
                batch = decode_rows(logged, self._schema, record.rows)
                keys = batch[self._schema.primary.name]
                entry = Entry(record, *at, before, batch=batch, keys=keys)
            before += entry.changes
            found.append(entry)
        return found

    def _untold(self, changes: list[Entry], position: ChangePosition) -> list[Entry]:
        """Return what of a frame comes behind a position in it, which has to be the same frame."""
        left = []
        for entry in changes:
            told = position.told - entry.before
            if 0 < told <= entry.changes:
                self._check_same(entry.what.timestamp, position)
            elif told <= 0 and entry.what.timestamp <= position.timestamp:
                raise self.gone(_OTHER_LOG)
            if told < entry.changes:
                left.append(entry._replace(skipped=max(told, 0)))
        if position.told > changes[-1].before + changes[-1].changes:
            raise self.gone(_OTHER_LOG)
        return left

    def _check_same(self, timestamp: int, position: ChangePosition) -> None:
        """Raise PositionGoneError unless the change before a position is the one it was."""
        if timestamp != position.timestamp:
            raise self.gone(_OTHER_LOG)

    def _path(self, log: int) -> Path:
        path = self._collection.log.path(log)
        if path is None:
            raise FileNotFoundError
        return path

    def _oldest(self) -> int:
        """Return the first of the logs that tell all changes up to the present end."""
        there = set(self._collection.log.numbers())
        number = self._end.log
        while number - 1 in there and number > self._record.recorded_from.log:
            number -= 1
        return number

    def gone(self, why: str) -> PositionGoneError:
        """Return the error that tells why it can't go on, and what to do."""
        seconds = retention_of(self._record.properties)
        message = (
            f"collection {self._record.name}: the position is gone: {why}. Changes are kept for "
            f"{seconds} s (property {CHANGES}). Read the collection once more and watch from then "
            f"on (position=None), or from the oldest change that is kept (position={OLDEST!r})"
        )
        return PositionGoneError(message=message)


_LATER = "it is of a later state, as before a backup was restored"
_OTHER_LOG = "its log is not the one it was, as after a backup was restored"


def _check_recorded(collection: Collection, record: CollectionRecord) -> None:
    if collection.folder is None:
        message = "a database in memory keeps no changes to watch: give it a directory"
        raise NotSupportedError(message=message)
    if not record.is_recorded:
        message = (
            f"collection {record.name} keeps no changes to watch: call "
            f"alter_collection_properties({record.name!r}, {{{CHANGES!r}: 86400}}) first, with "
            "the seconds to keep them: invalid parameter"
        )
        raise ParamError(message=message)
