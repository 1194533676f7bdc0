"""One collection: its current snapshot, and the writer that makes the next one.

Readers take `snapshot` and need nothing else. Everything that changes the collection happens in
the writer's turn (`writes.turn`): groups of writes, sealing, index builds, compaction and
changes of the record. What a change does is in `write`, `maintenance` and `operations`; this class
holds the state they share, changes it by methods of its own, which check that they are called in
that turn, and publishes it. The locks of the engine and their order are listed in `engine`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from aiomilvus.engine.build_outcomes import BuildOutcomes
from aiomilvus.engine.catalog.file import READ_ONLY
from aiomilvus.engine.collection_log import CollectionLog
from aiomilvus.engine.memory_consistency import MemoryConsistency
from aiomilvus.engine.outcome import RecentOutcomes
from aiomilvus.engine.publication import ZONE, Description, Publication, view_of
from aiomilvus.engine.segment.codes_file import FolderGate
from aiomilvus.engine.segment.growing import GrowingSegment
from aiomilvus.engine.segment.row_masks import Masks, MaskTable
from aiomilvus.engine.segment.sealed import SealedSegment
from aiomilvus.engine.storage.group_commit import GroupCommit
from aiomilvus.errors import (
    CollectionNotExistException,
    DatabaseClosedError,
    ReadOnlyError,
    StorageError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from aiomilvus.engine.catalog.catalog import Catalog
    from aiomilvus.engine.catalog.log_marks import LogMark
    from aiomilvus.engine.catalog.records import CollectionRecord, IndexSpec, SegmentRecord
    from aiomilvus.engine.clock import Clock
    from aiomilvus.engine.segment.contract import Segment
    from aiomilvus.engine.segment.times import RowTimes
    from aiomilvus.engine.snapshot import Snapshot
    from aiomilvus.engine.storage.files import FileSystem
    from aiomilvus.engine.write_requests import WriteRequest
    from aiomilvus.model.batch import ColumnBatch
    from aiomilvus.model.schema import Schema

    Commit = Callable[["Collection", Sequence[WriteRequest]], None]


INHERITED = ("collection.ttl.seconds",)
"""Properties of its database that hold for a collection which has none of its own."""
MUCH = 0.2
"""From this share of gone rows on, it pays to rewrite a segment."""


class Collection:
    """The state of one collection.

    Args:
        record: What the catalog says of it.
        catalog: Where its record is changed.
        files: What reads and writes its files.
        clock: Gives the timestamps of writes.
        folder: Its folder, or None when the database is in memory.
        commit: What makes a group of writes durable and visible, in the writer's turn.
        reload: Rebuilds what is in memory from the files, in the writer's turn.
        read_only: Refuse every change.
    """

    def __init__(
        self,
        record: CollectionRecord,
        catalog: Catalog,
        files: FileSystem,
        clock: Clock,
        folder: Path | None,
        commit: Commit,
        reload: Callable[[Collection], None],
        *,
        read_only: bool,
    ) -> None:
        self.record = record
        self.catalog = catalog
        self.files = files
        self.clock = clock
        self.folder = folder
        self.read_only = read_only
        self.dropped = False
        self._closed = False
        self._gate = FolderGate(lambda: not self.dropped | self._closed, lambda: not self.read_only)
        self.builds = BuildOutcomes()
        self.specs: dict[int, IndexSpec] = {spec.id: spec for spec in record.indexes}
        self.sealed: dict[int, SealedSegment] = {}
        self.frozen: list[GrowingSegment] = []
        self.growing: dict[int, GrowingSegment] = {}
        self.masks = MaskTable()
        self.log = CollectionLog(files, folder, record.first_log)
        self.last_timestamp = record.updated
        self.consistency = self._consistent(reload)
        self.writes: GroupCommit[WriteRequest] = GroupCommit(lambda group: commit(self, group))
        self._number = 0
        self._inherited: Mapping[str, str] = {}
        """Properties of the database that hold unless the collection has its own."""
        self._in_zone: tuple[Schema, str, Schema] | None = None
        self._description: Description | None = None
        self._unverified: Callable[[], None] = lambda: None
        self._expired_much: Callable[[], None] = lambda: None
        self._published = Publication(clock)
        self.outcomes = RecentOutcomes()
        self._on_publish: Callable[[bool], None] = lambda _: None
        with self.writes.turn:
            self.publish()

    def _consistent(self, reload: Callable[[Collection], None]) -> MemoryConsistency:
        again = None if self.folder is None else lambda: reload(self)
        return MemoryConsistency(str(self.folder or self.record.name), again)

    def lead(self, catalog: Catalog, reload: Callable[[Collection], None]) -> None:
        """Let what was read beside another process be written by this one; arguments as above."""
        self.catalog = catalog
        self.read_only = False
        self.consistency = self._consistent(reload)

    def set_callbacks(
        self, *, unverified: Callable[[], None], expired_much: Callable[[], None]
    ) -> None:
        """Say what to call when a file is to be checked, and when compaction pays."""
        self._unverified = unverified
        self._expired_much = expired_much
        for segment in self.sealed.values():
            segment.tell_when_unverified(unverified)

    def report_to(self, on_publish: Callable[[bool], None]) -> None:
        """Call `on_publish` with each publication: whether the log tells all that is new."""
        self._on_publish = on_publish

    def segments(self) -> list[Segment]:
        """Return all segments, oldest first."""
        return [*self.sealed.values(), *self.frozen, *self.growing.values()]

    @property
    def unsealed(self) -> int:
        """Bytes of the rows that are in memory and in the log, but not in files of their own."""
        return sum(each.nbytes for each in (*self.frozen, *self.growing.values()))

    def publish(self, *, logged_only: bool = False) -> Snapshot:
        """Make the current state what readers see; `logged_only` if the log tells all of it."""
        self.writes.assert_turn()
        known = {view.segment.id: view for view in self._published.views}
        masks = self.masks.published
        views = [
            view_of(s, masks(s, s.num_rows), known.get(s.id)) for s in self.segments() if s.num_rows
        ]
        self._number += 1
        self.log.publish()
        said = self._description
        if said is None or not said.is_of(self.record, self._inherited):
            said = self._description = Description(self.record, self._inherited, self._zoned)
        whole = said.snapshot(self._number, self.last_timestamp, tuple(views))
        return self._published.show(whole, said.expiry, partial(self._on_publish, logged_only))

    @property
    def zoned_schema(self) -> Schema:
        """The schema, with the time zone of the collection."""
        return self._zoned(self.record.properties.get(ZONE, ""))

    def _zoned(self, zone: str) -> Schema:
        schema, kept = self.record.schema, self._in_zone
        if kept is None or kept[0] is not schema or kept[1] != zone:
            kept = self._in_zone = (schema, zone, schema.in_zone(zone))
        return kept[2]

    @property
    def snapshot(self) -> Snapshot:
        """What readers see now."""
        current = self._published.current()
        if current is not None:
            return current
        shown = self._published.refreshed()
        if any(self.share_gone(segment) >= MUCH for segment in list(self.sealed.values())):
            self._expired_much()
        return shown

    def inherit(self, properties: Mapping[str, str]) -> None:
        """Take properties of the database, where the collection has none of its own."""
        taken = {key: properties[key] for key in INHERITED if key in properties}
        if taken == self._inherited:
            return
        with self.writes.turn:
            self._inherited = taken
            self.publish()

    def masks_now(self, segment: Segment) -> Masks:
        """Return a segment's masks with its expired rows. Called in the writer's turn."""
        self.writes.assert_turn()
        masks = self.masks.published(segment, segment.num_rows)
        gone = self._published.expired(segment)
        if gone is None:
            return masks
        return masks._replace(deleted=gone if masks.deleted is None else gone | masks.deleted)

    def share_gone(self, segment: Segment) -> float:
        """Return which share of a segment's rows is deleted or has expired; anyone may ask."""
        return self._published.share_gone(segment, self.masks.get(segment.id).deleted)

    def observe(self, timestamp: int) -> None:
        """Note a timestamp of what the collection holds. Called in the writer's turn."""
        self.writes.assert_turn()
        self.last_timestamp = max(self.last_timestamp, timestamp)
        self.clock.observe(timestamp)

    def add_sealed(self, segment: SealedSegment) -> None:
        """Add a sealed segment, or replace the older object for it; the caller publishes."""
        self.writes.assert_turn()
        segment.tell_when_unverified(self._unverified)
        self.sealed[segment.id] = segment

    def open_sealed(
        self,
        record: SegmentRecord,
        schema: Schema,
        batch: ColumnBatch | None = None,
        times: RowTimes | None = None,
    ) -> SealedSegment:
        """Return a sealed segment of this collection; arguments as for `SealedSegment`."""
        return SealedSegment(
            record,
            schema,
            self.specs,
            self.segment_folder(record.id),
            batch,
            current=lambda: self.record.schema,
            times=times,
            files=self.files,
            gate=self._gate,
        )

    def growing_in(self, partition_id: int) -> GrowingSegment:
        """Return the growing segment of a partition, made when there is none."""
        self.writes.assert_turn()
        segment = self.growing.get(partition_id)
        if segment is None:
            # Sealing gives a number of the catalog's; until then any unique one will do, and
            # taking it may neither fail nor write (the log may already hold the rows).
            segment = GrowingSegment(self.clock.next(), partition_id, self.record.schema)
            self.growing[partition_id] = segment
        return segment

    def freeze(self) -> None:
        """Let what grows grow no further: new rows go to new segments."""
        self.writes.assert_turn()
        self.frozen = [*self.frozen, *self.growing.values()]
        self.growing = {}

    def forget_rows(self, gone: Callable[[GrowingSegment], bool]) -> None:
        """Forget the segments not in files for which `gone` says so; the caller publishes."""
        self.writes.assert_turn()
        for segment in (*self.frozen, *self.growing.values()):
            if gone(segment):
                self.masks.drop(segment.id)
        self.frozen = [segment for segment in self.frozen if not gone(segment)]
        self.growing = {n: segment for n, segment in self.growing.items() if not gone(segment)}

    def begin_again(self, record: CollectionRecord) -> dict[int, SealedSegment]:
        """Forget all that is in memory, to be read again; return the segments that were open.

        Called in the writer's turn. Raises WritesPoisonedError if what the log holds is unknown.
        """
        self.writes.assert_turn()
        self.log.restart(record.first_log)
        before = self.sealed
        self.sealed, self.frozen, self.growing = {}, [], {}
        self.masks = MaskTable()
        self.take(record)
        return before

    def submit(self, request: WriteRequest) -> None:
        """Return when `request` is durable and visible."""
        self._check_open()
        self.writes.submit(request)

    def missing(self) -> CollectionNotExistException:
        """Return the error that tells that the collection is not there any more."""
        database = self.catalog.database_name(self.record.db_id)
        message = f"collection not found[database={database}][collection={self.record.name}]"
        return CollectionNotExistException(message=message)

    def check_writable(self) -> None:
        """Raise unless the collection can be changed; undo first what a cut short change left.

        Raises:
            CollectionNotExistException: It was dropped meanwhile.
            ReadOnlyError: The database was opened read-only.
            WritesPoisonedError: An earlier write failed, so what the log holds is unknown.
        """
        self._check_open()
        if not self.consistency.is_certain:
            with self.writes.turn:
                self.consistency.restore()
            self._check_open()

    def _check_open(self) -> None:
        if self.dropped:
            raise self.missing()
        if self.read_only:
            raise ReadOnlyError(message=READ_ONLY)
        if self._closed:
            raise DatabaseClosedError(message="the database was closed meanwhile")
        self.log.check()

    def change(self, record: CollectionRecord) -> None:
        """Store a new record and publish it. Called in the writer's turn.

        Raises:
            StorageError: The catalog could not be written; nothing changed.
        """
        self.writes.assert_turn()
        before = self.record
        self.check_writable()
        if self.record != before:
            message = f"{record.name} was just brought back after a change that was cut short: "
            raise StorageError(message=message + "look before you retry")
        derived = [(s, s.derived(record.schema)) for s in (*self.frozen, *self.growing.values())]
        with self.consistency.change():
            with self.catalog.transaction():
                self.catalog.put_collection(record)
            for segment, columns in derived:
                for field, column in columns:
                    segment.adopt(field, column)
            self.adopt(record)

    def adopt(self, record: CollectionRecord) -> None:
        """Publish a record that the catalog already has."""
        self.take(record)
        self.publish()

    def take(self, record: CollectionRecord) -> None:
        """Have a record that the catalog already has; the caller publishes."""
        self.writes.assert_turn()
        self.record = record
        specs = {spec.id: spec for spec in record.indexes}
        for number in self.specs.keys() - specs.keys():  # segments share the dictionary
            del self.specs[number]
        self.specs.update(specs)
        for segment in self.segments():
            segment.cache.retain_only({field.id for field in record.schema.fields}, self.specs)
        self.last_timestamp = max(self.last_timestamp, record.updated)

    def segment_folder(self, segment_id: int) -> Path | None:
        """Return the folder of a sealed segment, None in memory."""
        return None if self.folder is None else self.folder / f"segment-{segment_id}"

    def remove_unused(self, numbers: Iterable[int]) -> None:
        """Remove the files of segments that the catalog does not know, whatever it reported."""
        if self.folder is not None:
            known = {record.id for record in self.catalog.segments(self.record.id)}
            for number in set(numbers) - known:
                self.files.remove_folder(self.folder / f"segment-{number}")

    def retire(self, segment_id: int) -> None:
        """Forget a sealed segment; its files go when the last reader lets it go."""
        self.writes.assert_turn()
        segment = self.sealed.pop(segment_id)
        self.masks.drop(segment_id)
        if not self.read_only:  # else they are another process'
            segment.files_go_with_last_reader(self._remove_remains)

    def _remove_remains(self) -> None:
        """Remove the folder of a dropped collection, once its last file is gone."""
        if self.dropped and self.folder is not None:
            self.files.remove_empty(self.folder)

    def empty(self) -> None:
        """Forget all rows. Called in the writer's turn, once the catalog did."""
        self.writes.assert_turn()
        for segment_id in list(self.sealed):
            self.retire(segment_id)
        self.forget_rows(lambda _: True)

    def discard(self) -> None:
        """Forget everything and remove the files, in the writer's turn, once the catalog did."""
        self.writes.assert_turn()
        self.dropped = True
        self._gate.wait()
        self.empty()
        self.publish()
        if not self.read_only:
            self.log.remove()
            self._remove_remains()

    def close(self) -> LogMark | None:
        """Close the log once no write is under way; return how long it is, if that is certain."""
        with self.writes.turn:
            mark = self.log.mark() if self.consistency.is_certain else None
            self._closed = True
            self._gate.wait()
            self.log.close()
            return mark
