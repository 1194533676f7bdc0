"""One collection: its current snapshot, and the writer that makes the next one.

Readers take `snapshot` and need nothing else. Everything that changes the collection happens in
the writer's turn (`writes.turn`): groups of writes, sealing, index builds, compaction and
changes of the record. What a change does is in `write`, `maintenance` and `operations`; this class
holds the state they share and publishes it.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.engine.catalog.catalog import READ_ONLY
from aiomilvus.engine.expiry import Expiry, expiry_of, unexpired
from aiomilvus.engine.memory_consistency import MemoryConsistency
from aiomilvus.engine.segment.growing import GrowingSegment
from aiomilvus.engine.segment.row_masks import Masks, MaskTable
from aiomilvus.engine.segment.sealed import SealedSegment
from aiomilvus.engine.snapshot import SegmentView, Snapshot
from aiomilvus.engine.storage.group_commit import GroupCommit
from aiomilvus.engine.storage.log import LogWriter
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
    from aiomilvus.engine.catalog.records import CollectionRecord, IndexSpec, SegmentRecord
    from aiomilvus.engine.clock import Clock
    from aiomilvus.engine.segment.contract import Segment
    from aiomilvus.engine.segment.times import RowTimes
    from aiomilvus.engine.storage.files import FileSystem
    from aiomilvus.engine.write_requests import WriteRequest
    from aiomilvus.model.batch import ColumnBatch
    from aiomilvus.model.schema import Schema

    Commit = Callable[["Collection", Sequence[WriteRequest]], None]


ZONE = "timezone"
INHERITED = ("collection.ttl.seconds",)
"""Properties of its database that hold for a collection which has none of its own."""
MUCH = 0.2
"""From this share of gone rows on, it pays to rewrite a segment."""
_FOREVER = 1e300


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
        self.unverified: Callable[[], None] = lambda: None
        """Called when a large file was opened that is still to be checked."""
        self.failed: dict[int, str] = {}
        """Index id to why it can't be built."""
        self.delayed: dict[int, str] = {}
        """Index id to what stopped its build, as a full disk does; it is tried again."""
        self.specs: dict[int, IndexSpec] = {spec.id: spec for spec in record.indexes}
        self.sealed: dict[int, SealedSegment] = {}
        self.frozen: list[GrowingSegment] = []
        self.growing: dict[int, GrowingSegment] = {}
        self.masks = MaskTable()
        self.log: LogWriter | None = None
        self.log_number = record.first_log
        self.last_timestamp = record.updated
        again = None if folder is None else lambda: reload(self)
        self.consistency = MemoryConsistency(str(folder or record.name), again)
        self.writes: GroupCommit[WriteRequest] = GroupCommit(lambda group: commit(self, group))
        self._number = 0
        self.inherited: Mapping[str, str] = {}
        self._in_zone: tuple[Schema, str, Schema] | None = None
        """Properties of the database that hold unless the collection has its own."""
        self.expired_much: Callable[[], None] = lambda: None
        """Called when so many rows have expired that compaction pays."""
        self._showing = threading.Lock()
        self._shown_until = float("inf")
        self._expiry = Expiry()
        self._whole: Snapshot | None = None
        self.publish()

    def segments(self) -> list[Segment]:
        """Return all segments, oldest first."""
        return [*self.sealed.values(), *self.frozen, *self.growing.values()]

    @property
    def unsealed(self) -> int:
        """Bytes of the rows that are in memory and in the log, but not in files of their own."""
        return sum(each.nbytes for each in (*self.frozen, *self.growing.values()))

    def publish(self) -> Snapshot:
        """Make the current state what readers see. Called in the writer's turn."""
        before = () if self._whole is None else self._whole.views
        known = {view.segment.id: view for view in before}
        views = tuple(self._view(s, known.get(s.id)) for s in self.segments() if s.num_rows)
        self._number += 1
        record = self.record
        properties = {**self.inherited, **record.properties}
        whole = Snapshot(
            collection_id=record.id,
            name=record.name,
            number=self._number,
            timestamp=self.last_timestamp,
            schema=self._zoned(properties.get(ZONE, "")),
            views=views,
            partitions={part.name: part.id for part in record.partitions},
            loaded=record.loaded,
            indexes={spec.name: spec for spec in record.indexes},
            properties=properties,
            consistency=record.consistency,
        )
        return self._show(whole, expiry_of(record.schema, properties))

    @property
    def zoned_schema(self) -> Schema:
        """The schema, with the time zone of the collection."""
        return self._zoned(self.record.properties.get(ZONE, ""))

    def _zoned(self, zone: str) -> Schema:
        schema = self.record.schema
        kept = self._in_zone
        if kept is None or kept[0] is not schema or kept[1] != zone:
            kept = self._in_zone = (schema, zone, schema.in_zone(zone))
        return kept[2]

    def _show(self, whole: Snapshot, expiry: Expiry) -> Snapshot:
        """Let readers see `whole`, without the rows that have expired."""
        now = time.time()
        shown, until = (whole, float("inf")) if expiry.never else unexpired(whole, expiry, now)
        with self._showing:
            if self._whole is None or whole.number >= self._whole.number:
                self._whole, self._shown = whole, shown
                self._expiry, self._shown_until = expiry, until
        return shown

    @property
    def snapshot(self) -> Snapshot:
        """What readers see now."""
        if self._shown_until > _FOREVER or time.time() < self._shown_until:
            return self._shown
        with self._showing:
            whole, expiry = self._whole, self._expiry
        shown = self._shown if whole is None else self._show(whole, expiry)
        if any(self.share_gone(segment) >= MUCH for segment in list(self.sealed.values())):
            self.expired_much()
        return shown

    def inherit(self, properties: Mapping[str, str]) -> None:
        """Take properties of the database, where the collection has none of its own."""
        taken = {key: properties[key] for key in INHERITED if key in properties}
        with self.writes.turn:
            self.inherited = taken
            self.publish()

    def masks_now(self, segment: Segment) -> Masks:
        """Return a segment's masks with its expired rows. Called in the writer's turn."""
        masks = self.masks.published(segment, segment.num_rows)
        gone = self._expiry.expired(segment, segment.num_rows, time.time())
        if gone is None:
            return masks
        return masks._replace(deleted=gone if masks.deleted is None else gone | masks.deleted)

    def share_gone(self, segment: Segment) -> float:
        """Return which share of a segment's rows is deleted or has expired."""
        gone = self._expiry.expired(segment, segment.num_rows, time.time())
        deleted = self.masks.get(segment.id).deleted
        if gone is None and deleted is None:
            return 0.0
        both = np.zeros(segment.num_rows, np.bool_) if gone is None else gone.copy()
        if deleted is not None:
            both[: len(deleted)] |= deleted[: len(both)]
        return float(both.mean()) if len(both) else 0.0

    def _view(self, segment: Segment, old: SegmentView | None) -> SegmentView:
        """Return the segment's view, the `old` one while nothing of it changed."""
        rows = segment.num_rows
        masks = self.masks.published(segment, rows)
        if (
            old is not None
            and old.segment is segment
            and old.num_rows == rows
            and old.deleted is masks.deleted
            and old.shadowed is masks.shadowed
            and old.elsewhere is masks.elsewhere
        ):
            return old
        return SegmentView(segment, rows, masks.deleted, masks.shadowed, masks.elsewhere)

    def add_sealed(self, segment: SealedSegment) -> None:
        """Add a sealed segment; the caller publishes."""
        segment.tell_when_unverified(self.unverified)
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
        )

    def growing_in(self, partition_id: int) -> GrowingSegment:
        """Return the growing segment of a partition, made when there is none."""
        segment = self.growing.get(partition_id)
        if segment is None:
            # Sealing gives a number of the catalog's; until then any unique one will do, and
            # taking it may neither fail nor write (the log may already hold the rows).
            number = self.clock.next()
            segment = GrowingSegment(number, partition_id, self.record.schema)
            self.growing[partition_id] = segment
        return segment

    def submit(self, request: WriteRequest) -> None:
        """Return when `request` is durable and visible."""
        self._check_open()
        self.writes.submit(request)

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
            message = f"collection not found[database=default][collection={self.record.name}]"
            raise CollectionNotExistException(message=message)
        if self.read_only:
            raise ReadOnlyError(message=READ_ONLY)
        if self._closed:
            raise DatabaseClosedError(message="the database was closed meanwhile")
        if self.log is not None:
            self.log.check()

    def change(self, record: CollectionRecord) -> None:
        """Store a new record and publish it. Called in the writer's turn.

        Raises:
            StorageError: The catalog could not be written; nothing changed.
        """
        before = self.record
        self.check_writable()
        if self.record != before:
            message = f"{record.name} was just brought back after a change that was cut short"
            raise StorageError(message=f"{message}: look before you retry")
        growing = [*self.frozen, *self.growing.values()]
        derived = [(segment, segment.derived(record.schema)) for segment in growing]
        with self.consistency.change():
            with self.catalog.transaction():
                self.catalog.put_collection(record)
            for segment, columns in derived:
                for field, column in columns:
                    segment.adopt(field, column)
            self.adopt(record)

    def adopt(self, record: CollectionRecord) -> None:
        """Publish a record that the catalog already has."""
        self.record = record
        self.specs.clear()
        self.specs.update({spec.id: spec for spec in record.indexes})
        self.last_timestamp = max(self.last_timestamp, record.updated)
        self.publish()

    def log_path(self, number: int) -> Path | None:
        """Return the path of a log file, None in memory."""
        return None if self.folder is None else self.folder / f"log-{number:08d}.amv"

    def open_log(self, number: int, size: int = 0) -> None:
        """Append to log `number` from now on; if it can't be opened, nothing changes."""
        path = self.log_path(number)
        opened = None if path is None else LogWriter(self.files, path, size)
        if self.log is not None:
            self.log.close()
        self.log_number = number
        self.log = opened

    def close_log(self) -> None:
        """Close the log that is appended to, if there is one."""
        if self.log is not None:
            self.log.close()
            self.log = None

    def begin_log(self) -> None:
        """Append to a new log from now on; one that was never begun will do.

        So a log whose first bytes the disk refused is never followed by another one.
        """
        self.open_log(self.log_number + (self.log is not None))

    def drop_logs(self, first: int) -> None:
        """Remove the logs before `first`; one that can't be removed goes at the next start."""
        for number in range(first - 1, 0, -1):
            path = self.log_path(number)
            if path is None or not path.exists():
                return
            self.files.unlink(path)

    def segment_folder(self, segment_id: int) -> Path | None:
        """Return the folder of a sealed segment, None in memory."""
        return None if self.folder is None else self.folder / f"segment-{segment_id}"

    def remove_unused(self, numbers: Iterable[int]) -> None:
        """Remove the files of segments that were not added, so that they do not fill the disk.

        The catalog has the last word: it may know of a segment though it reported a failure.
        """
        if self.folder is not None:
            known = {record.id for record in self.catalog.segments(self.record.id)}
            for number in set(numbers) - known:
                self.files.remove_folder(self.folder / f"segment-{number}")

    def retire(self, segment_id: int) -> None:
        """Forget a sealed segment; its files go when the last reader lets it go."""
        segment = self.sealed.pop(segment_id)
        self.masks.drop(segment_id)
        segment.files_go_with_last_reader(self.files)

    def empty(self) -> None:
        """Forget all rows. Called in the writer's turn, once the catalog did."""
        for segment_id in list(self.sealed):
            self.retire(segment_id)
        for segment in [*self.frozen, *self.growing.values()]:
            self.masks.drop(segment.id)
        self.frozen = []
        self.growing = {}

    def discard(self) -> None:
        """Forget everything and remove the files. Called once the catalog has dropped it."""
        self.empty()
        self.close_log()
        self.publish()
        if self.folder is not None:
            for number in range(1, self.log_number + 1):
                path = self.log_path(number)
                if path is not None:
                    self.files.unlink(path)

    def close(self) -> None:
        """Close the log once no write is under way."""
        with self.writes.turn:
            self.close_log()
            self._closed = True
