"""What a collection held at a moment in the past, read back from where it is still told.

A collection that records its changes (`recording`) is known at every moment since a state from
which all changes are kept: the empty one, if it had no rows when it began to record them, or one
of its snapshots. That state is opened once more, beside the collection, and the changes up to the
moment are applied to it, in memory. Leaders and followers do it alike; nothing is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from aiomilvus.engine.catalog.records import PartitionRecord
from aiomilvus.engine.clock import LOGICAL_BITS, Clock, shown
from aiomilvus.engine.collection import Collection
from aiomilvus.engine.collection_log import FIRST_END
from aiomilvus.engine.properties import CHANGES
from aiomilvus.engine.query.changes.walk import Walk
from aiomilvus.engine.recording import logs_kept
from aiomilvus.engine.segment.row_masks import Masks
from aiomilvus.engine.write.commit import apply, commit_group
from aiomilvus.engine.write.records import Record, Step
from aiomilvus.errors import MomentNotKeptError, ParamError, PositionGoneError
from aiomilvus.model.changes import ChangePosition

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from aiomilvus.engine.catalog.records import CollectionRecord, SnapshotRecord
    from aiomilvus.engine.query.changes.walk import Entry
    from aiomilvus.engine.snapshot import Snapshot

_BEGIN = FIRST_END.size
_DROPPED = "drop_partition"


class Base(NamedTuple):
    """A state from which all changes are kept.

    Attributes:
        timestamp: When it was, hybrid; 0 for the empty collection.
        log: The log that is read first.
        kept: The snapshot that it is; None for the empty collection.
    """

    timestamp: int
    log: int
    kept: SnapshotRecord | None = None


def snapshot_at(
    collection: Collection, kept: Sequence[SnapshotRecord], path: Path | None, at: int
) -> Snapshot:
    """Return what readers of a collection saw at a hybrid timestamp; it may take long.

    Args:
        collection: The collection.
        kept: Its snapshots.
        path: The directory of the database; in memory no past is kept.
        at: The moment. What was written in it counts.

    Raises:
        ParamError: The moment has not come yet.
        MomentNotKeptError: It is not known any more what was there.
    """
    now = collection.clock.now()
    if at >> LOGICAL_BITS > (now.wall + now.ahead) * 1000:
        message = (
            f"`at` value {shown(at)} is illegal, the moment has not come yet: invalid parameter"
        )
        raise ParamError(message=message)
    present = collection.snapshot
    if present.timestamp <= at:
        return present
    record = collection.record
    if path is None:
        message = "a database in memory is known as it is now only: give it a directory"
        raise MomentNotKeptError(message=message)
    base = _base(collection, kept, at)
    try:
        past = _opened(collection, record, base, path)
        with past.writes.turn:
            _apply_changes(collection, past, base, at)
            return past.publish()
    except (FileNotFoundError, PositionGoneError) as error:
        message = (
            f"collection {record.name}: what tells how it was at {shown(at)} was just removed: "
        )
        raise MomentNotKeptError(message=f"{message}{error}") from error


def _base(collection: Collection, kept: Sequence[SnapshotRecord], at: int) -> Base:
    """Return the latest state up to a moment that the past can be told from."""
    record = collection.record
    if not record.is_recorded:
        message = (
            f"collection {record.name} is known as it is now only: let it keep its changes, with "
            f"the property {CHANGES}, to read how it was"
        )
        raise MomentNotKeptError(message=message)
    bases = list(_bases(collection, record, kept))
    earlier = [base for base in bases if base.timestamp <= at]
    if earlier:
        return max(earlier, key=lambda base: base.timestamp)
    known = "no earlier moment is known"
    if bases:
        known = f"the first moment that is known is {shown(min(base.timestamp for base in bases))}"
    message = (
        f"collection {record.name} is not known as it was at {shown(at)}: {known}. Changes have to "
        f"be kept since a snapshot (create_snapshot), or since it was created (property {CHANGES})"
    )
    raise MomentNotKeptError(message=message)


def _bases(
    collection: Collection, record: CollectionRecord, kept: Sequence[SnapshotRecord]
) -> Iterable[Base]:
    logs = logs_kept(collection.log, record)
    oldest = min(logs, default=record.first_log)
    if record.empty_at and oldest <= record.recorded_from.log:
        yield Base(record.empty_at, record.recorded_from.log)
    for snapshot in kept:
        then = snapshot.collection
        is_recorded = then.is_recorded and then.recorded_from == record.recorded_from
        if is_recorded and then.first_log >= oldest:
            since = max((each.since for each in snapshot.segments), default=then.updated)
            yield Base(since, then.first_log, snapshot)


def _opened(collection: Collection, record: CollectionRecord, base: Base, path: Path) -> Collection:
    """Return a collection beside the other that holds a base, to be changed in memory alone."""
    then = record if base.kept is None else base.kept.collection
    dropped = [
        PartitionRecord(id=mark.number, name=mark.partition, created=0)
        for mark in record.marks
        if mark.number
    ]
    partitions = {each.id: each for each in (*dropped, *then.partitions, *record.partitions)}
    gone = partitions.keys() - {each.id for each in record.partitions}
    made = msgspec.structs.replace(
        record,
        partitions=tuple(partitions.values()),
        loaded=record.loaded | gone if record.loaded else record.loaded,
        updated=base.timestamp,
    )
    folder = collection.folder
    if base.kept is not None:
        folder = path / f"snapshot-{base.kept.id}"
    past = Collection(
        made,
        collection.catalog,
        collection.files,
        Clock(),
        folder,
        commit_group,
        lambda _: None,
        read_only=True,
    )
    with past.writes.turn:
        for each in () if base.kept is None else base.kept.segments:
            indexes = tuple(number for number in each.indexes if number in past.specs)
            segment = past.open_sealed(
                msgspec.structs.replace(each, indexes=indexes), record.schema
            )
            segment.map_ahead()  # the snapshot may be dropped while it is read
            past.add_sealed(segment)
            past.masks.set(segment.id, Masks(*segment.masks()))
    return past


def _apply_changes(collection: Collection, past: Collection, base: Base, at: int) -> None:
    """Apply the changes between the base and a moment."""
    walk = Walk(collection, past.record.schema)
    position = ChangePosition(collection.record.id, base.log, _BEGIN, 0, 0)
    is_all = False
    while not is_all:
        found, is_all = walk.behind(position)
        for entry in found:
            if entry.what.timestamp > at:
                return
            if entry.what.timestamp > base.timestamp:
                _apply(past, entry, at)
        if found:
            position = found[-1].end(position.collection)


def _apply(past: Collection, entry: Entry, at: int) -> None:
    what = entry.what
    if isinstance(what, Record):
        keys = entry.keys if entry.batch is None else None
        apply(past, Step(what, entry.batch, keys))
    elif what.op == _DROPPED:
        message = (
            f"collection {past.record.name} is not known as it was at {shown(at)}: partition "
            f"{what.partition} was dropped before, at {shown(what.timestamp)}; make a snapshot "
            "after that"
        )
        raise MomentNotKeptError(message=message)
    else:
        past.empty()
        past.observe(what.timestamp)
