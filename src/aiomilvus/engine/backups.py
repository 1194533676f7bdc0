"""The files of snapshots: what a collection holds at one moment, kept and made one again.

Sealed segments never change, so a snapshot holds hard links to their files (copies where the
file system has no links); rows that still grow are written as one more segment. A folder that
the catalog does not name was left by a crash, and is removed at the next start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from aiomilvus.engine.catalog.records import SegmentRecord
from aiomilvus.engine.segment.sealed import TIMES, write_masks, write_segment
from aiomilvus.model.batch import ColumnBatch

if TYPE_CHECKING:
    from pathlib import Path

    from aiomilvus.engine.catalog.records import CollectionRecord
    from aiomilvus.engine.collection import Collection
    from aiomilvus.engine.segment.contract import Segment
    from aiomilvus.engine.segment.row_masks import Masks
    from aiomilvus.engine.segment.times import RowTimes
    from aiomilvus.engine.storage.files import FileSystem
    from aiomilvus.model.schema import Schema

MASKS = "masks-0.amv"


class Part(NamedTuple):
    """A segment as it was: so many rows, so masked."""

    segment: Segment
    num_rows: int
    masks: Masks
    record: SegmentRecord | None


class State(NamedTuple):
    """A collection at one moment."""

    record: CollectionRecord
    parts: tuple[Part, ...]
    timestamp: int


class Kept(NamedTuple):
    """A segment of a snapshot in memory."""

    record: SegmentRecord
    batch: ColumnBatch
    times: RowTimes
    masks: Masks


def state_of(collection: Collection) -> State:
    """Return the collection's present state; it stays as it is while it is held."""
    with collection.writes.turn:
        parts = []
        for segment in collection.segments():
            rows = segment.num_rows
            if rows:
                sealed = collection.sealed.get(segment.id)
                record = None if sealed is None else sealed.record
                parts.append(Part(segment, rows, collection.masks.published(segment, rows), record))
        return State(collection.record, tuple(parts), collection.last_timestamp)


def keep(collection: Collection, state: State, folder: Path) -> tuple[SegmentRecord, ...]:
    """Put the state's files into a new folder, durably; return the records of its segments."""
    with collection.files.new_folder(folder):
        records = tuple(_keep(collection, state, part, folder) for part in state.parts)
        collection.files.sync_directory(folder)
        collection.files.sync_directory(folder.parent)
    return records


def _keep(collection: Collection, state: State, part: Part, folder: Path) -> SegmentRecord:
    record = part.record or _grown(collection, state, part)
    target = folder / f"segment-{record.id}"
    source = collection.segment_folder(record.id)
    if part.record is None or source is None:
        batch, times = _rows(state.record.schema, part)
        write_segment(collection.files, target, state.record.schema, batch, times)
    else:
        defined = {spec.id for spec in state.record.indexes}
        indexes = [number for number in record.indexes if number in defined]
        _link(collection.files, source, target, msgspec.structs.replace(record, indexes=()))
        kept = tuple(n for n in indexes if _link_index(collection, source, target, n))
        collection.files.sync_directory(target)
        record = msgspec.structs.replace(record, indexes=kept)
    if not part.masks.empty:
        write_masks(collection.files, target, MASKS, part.masks)
    masks = "" if part.masks.empty else MASKS
    return msgspec.structs.replace(record, masks=masks, since=state.timestamp)


def _link_index(collection: Collection, source: Path, target: Path, number: int) -> bool:
    """Link an index' file; False if the index was dropped meanwhile, and its file with it."""
    name = f"i{number}.amv"
    try:
        collection.files.link(source / name, target / name)
    except FileNotFoundError:
        if number in collection.specs:
            raise
        return False
    return True


def _grown(collection: Collection, state: State, part: Part) -> SegmentRecord:
    """Return a record for rows that still grow."""
    batch, _ = _rows(state.record.schema, part)
    return SegmentRecord(
        id=collection.catalog.next_id(),
        partition_id=part.segment.partition_id,
        num_rows=part.num_rows,
        since=state.timestamp,
        fields=tuple(field.id for field in state.record.schema.fields),
        nbytes=batch.nbytes,
    )


def _rows(schema: Schema, part: Part) -> tuple[ColumnBatch, RowTimes]:
    rows = part.num_rows
    columns = {field.name: part.segment.column(field).slice(0, rows) for field in schema.fields}
    return ColumnBatch(rows, columns), part.segment.times().first(rows)


def file_names(record: SegmentRecord) -> list[str]:
    """Return the names of the files of a segment that never change."""
    columns = [f"f{number}.amv" for number in record.fields]
    own = [] if record.external else ["keys.amv", TIMES]
    return [*columns, *own, *(f"i{number}.amv" for number in record.indexes)]


def _link(files: FileSystem, source: Path, target: Path, record: SegmentRecord) -> None:
    files.make_folder(target)
    for name in file_names(record):
        if name != TIMES or files.exists(source / TIMES):
            files.link(source / name, target / name)


def keep_in_memory(state: State, next_id: int) -> tuple[Kept, ...]:
    """Return what a snapshot of a database in memory holds."""
    kept = []
    for part in state.parts:
        batch, times = _rows(state.record.schema, part)
        record = SegmentRecord(
            id=next_id,
            partition_id=part.segment.partition_id,
            num_rows=part.num_rows,
            since=state.timestamp,
            fields=tuple(field.id for field in state.record.schema.fields),
            nbytes=batch.nbytes,
        )
        kept.append(Kept(record, batch, times, part.masks))
    return tuple(kept)


def restore_files(
    files: FileSystem, kept: Path, folder: Path, pairs: list[tuple[SegmentRecord, SegmentRecord]]
) -> None:
    """Link the files of a snapshot into the folder of a new collection, durably.

    Args:
        files: The disk.
        kept: The snapshot's folder.
        folder: The new collection's.
        pairs: The segments' records in the snapshot and in the collection.
    """
    with files.new_folder(folder):
        for before, after in pairs:
            source, target = kept / f"segment-{before.id}", folder / f"segment-{after.id}"
            _link(files, source, target, before)
            if before.masks:
                files.link(source / before.masks, target / before.masks)
            files.sync_directory(target)
        files.sync_directory(folder)
        files.sync_directory(folder.parent)
