"""Snapshots of collections: made, listed, restored, pinned and dropped."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec

from aiomilvus.engine import backups
from aiomilvus.engine.catalog.file import READ_ONLY
from aiomilvus.engine.catalog.records import SnapshotRecord
from aiomilvus.engine.collection_log import FIRST_END
from aiomilvus.engine.names import check_name
from aiomilvus.engine.operations.collections import check_room
from aiomilvus.engine.operations.rules.name_rules import check_plain_name
from aiomilvus.engine.properties import refused
from aiomilvus.engine.recording import NOWHERE, recorded
from aiomilvus.errors import (
    MilvusException,
    ParamError,
    ReadOnlyError,
    SnapshotNotFoundError,
    SnapshotPinnedError,
)
from aiomilvus.model.schema import DEFAULT_DATABASE
from aiomilvus.model.snapshots import RestoreJob, RestoreState, SnapshotInfo

if TYPE_CHECKING:
    from pathlib import Path

    from aiomilvus.engine.catalog.records import CollectionRecord, SegmentRecord
    from aiomilvus.engine.state import DatabaseState
    from aiomilvus.model.operations import snapshots as ops

_DAY = 24 * 3600
_MAX_PIN_SECONDS = 30 * _DAY
_NEVER = (1 << 63) - 1
"""When a pin ends that has no end, in milliseconds."""
_MAX_PROTECTION_SECONDS = 7 * 24 * 3600


def _now() -> int:
    return time.time_ns() // 1_000_000


def _folder(database: DatabaseState, number: int) -> Path | None:
    return None if database.path is None else database.path / f"snapshot-{number}"


def _check_writable(database: DatabaseState) -> None:
    if database.read_only:
        raise ReadOnlyError(message=READ_ONLY)


def _of_collection(database: DatabaseState, db: str, name: str) -> list[SnapshotRecord]:
    """Return the snapshots of a collection, or of one that was dropped and had that name.

    Raises:
        CollectionNotExistException: There is no such collection, nor a snapshot of one.
    """
    records = database.catalog.snapshots()
    number = database.names.find(db, name)
    if number is not None:
        return [each for each in records if each.collection.id == number]
    db_id = database.names.database(db).id
    found = [
        each
        for each in records
        if (each.collection.db_id, each.collection.name) == (db_id, name)
        and each.collection.id not in database.collections
    ]
    if not found:
        database.names.collection_id(db, name, "collection not found", any_name=True)
    return found


def _find(database: DatabaseState, db: str, collection: str, name: str) -> SnapshotRecord:
    found = [e for e in _of_collection(database, db, collection) if e.name == name]
    if not found:
        message = f"snapshot not found[snapshot={name}][collection={collection}]"
        raise SnapshotNotFoundError(message=message)
    return found[-1]


def create(database: DatabaseState, op: ops.CreateSnapshot) -> None:
    """Keep the collection's present state."""
    check_plain_name(op.name, "snapshot name", "$")
    if op.protection_seconds < 0:
        raise refused("compaction_protection_seconds must be non-negative")
    if op.protection_seconds > _MAX_PROTECTION_SECONDS:
        raise refused(f"compaction_protection_seconds must not exceed {_MAX_PROTECTION_SECONDS}")
    _check_writable(database)
    with database.ddl:
        collection = database.collection(op.db, op.collection, any_name=True)
        if any(each.name == op.name for each in _of_collection(database, op.db, op.collection)):
            raise refused(f"snapshot name {op.name} already exists: collection {op.collection}")
        number = database.catalog.next_id()
        state = backups.state_of(collection)
        folder = _folder(database, number)
        kept = () if folder is not None else backups.keep_in_memory(state, number)
        segments = tuple(each.record for each in kept)
        if folder is not None:
            segments = backups.keep(collection, state, folder)
        now = _now()
        record = SnapshotRecord(
            id=number,
            name=op.name,
            description=op.description,
            collection=state.record,
            segments=segments,
            created_ms=now,
            protected_until_ms=now + 1000 * op.protection_seconds,
        )
        with database.catalog.transaction():
            database.catalog.put_snapshot(record)
        if folder is None:
            database.kept[number] = kept


def drop(database: DatabaseState, op: ops.DropSnapshot) -> None:
    """Drop a snapshot; one that does not exist is a success, a pinned one is refused."""
    with database.ddl:
        found = [e for e in _of_collection(database, op.db, op.collection) if e.name == op.name]
        if not found:
            return
        record = found[-1]
        if _pins(record):
            message = f"snapshot is pinned, unpin it first[snapshot={op.name}]"
            raise SnapshotPinnedError(message=message)
        _remove(database, record)


def _remove(database: DatabaseState, record: SnapshotRecord) -> None:
    # May be one of several, and what asks for it can be asked again: one that is gone is fine.
    with database.catalog.transaction(notes_definition=False):
        database.catalog.drop_snapshot(record.id)
    database.kept.pop(record.id, None)
    folder = _folder(database, record.id)
    if folder is not None:
        database.files.remove_folder(folder)


def drop_all(database: DatabaseState, db_id: int) -> None:
    """Drop what is left of the snapshots of a database without collections, pinned or not."""
    for record in database.catalog.snapshots():
        if record.collection.db_id == db_id:
            _remove(database, record)


def list_names(database: DatabaseState, op: ops.ListSnapshots) -> tuple[str, ...]:
    """List the snapshots of a collection, or of a whole database."""
    if op.collection:
        return tuple(each.name for each in _of_collection(database, op.db, op.collection))
    db_id = database.names.database(op.db).id
    return tuple(
        each.name for each in database.catalog.snapshots() if each.collection.db_id == db_id
    )


def describe(database: DatabaseState, op: ops.DescribeSnapshot) -> SnapshotInfo:
    """Describe a snapshot."""
    record = _find(database, op.db, op.collection, op.name)
    folder = _folder(database, record.id)
    live = database.collections.get(record.collection.id)
    return SnapshotInfo(
        name=record.name,
        description=record.description,
        collection=record.collection.name if live is None else live.record.name,
        partitions=tuple(part.name for part in record.collection.partitions),
        created_ms=record.created_ms,
        location="" if folder is None else str(folder),
    )


def restore(database: DatabaseState, op: ops.RestoreSnapshot) -> int:
    """Make a new, released collection from a snapshot; returns a job id, the work being done."""
    check_name(op.target, "collection name")
    _check_writable(database)
    with database.ddl:
        record = _find(database, op.db, op.collection, op.name)
        target_db = database.names.database(op.target_db)
        if database.names.find(op.target_db, op.target) is not None:
            raise refused(f"restore target collection {op.target} already exists")
        check_room(database, op.target_db)
        began = _now()
        made, pairs = _renumbered(database, record, target_db.id, op.target)
        job = RestoreJob(
            id=database.catalog.next_id(),
            snapshot=record.name,
            db=target_db.name or DEFAULT_DATABASE,
            collection=op.target,
            state=RestoreState.RestoreSnapshotCompleted,
            progress=100,
            start_ms=began,
        )
        folder = _folder(database, record.id)
        target = database.collection_folder(made.id)
        if folder is not None and target is not None:
            backups.restore_files(database.files, folder, target, pairs)
        job = msgspec.structs.replace(job, cost_ms=_now() - began)
        with database.catalog.transaction(notes_definition=False):
            database.catalog.put_collection(made)
            if folder is not None:
                for _, segment in pairs:
                    database.catalog.put_segment(made.id, segment)
        try:
            _open(database, record, made, pairs)
        except MilvusException:  # a file is damaged; what was copied of it goes at the next start
            with database.catalog.transaction(notes_definition=False):
                database.catalog.drop_collection(made.id)
            raise
        with database.catalog.transaction(answer=job.id):
            database.catalog.put_restore(job)
    return job.id


def _renumbered(
    database: DatabaseState, record: SnapshotRecord, db_id: int, name: str
) -> tuple[CollectionRecord, list[tuple[SegmentRecord, SegmentRecord]]]:
    """Return the new collection's record, and each segment's records before and after."""
    next_id = database.catalog.next_id
    before = record.collection
    numbers = {part.id: next_id() for part in before.partitions}
    partitions = tuple(
        msgspec.structs.replace(part, id=numbers[part.id]) for part in before.partitions
    )
    now = database.clock.next()
    made = msgspec.structs.replace(
        before,
        id=next_id(),
        db_id=db_id,
        name=name,
        created=now,
        updated=now,
        altered=now,
        partitions=partitions,
        loaded=frozenset(),
        first_log=1,
        recorded_from=NOWHERE,
        empty_at=0,
        marks=(),
    )
    made = recorded(made, FIRST_END, database.collection_folder(made.id))
    replace = msgspec.structs.replace
    pairs = [
        (each, replace(each, id=next_id(), partition_id=numbers[each.partition_id]))
        for each in record.segments
    ]
    return made, pairs


def _open(
    database: DatabaseState,
    record: SnapshotRecord,
    made: CollectionRecord,
    pairs: list[tuple[SegmentRecord, SegmentRecord]],
) -> None:
    """Let the new collection be found, with its rows."""
    collection = database.attach(made)
    if database.path is None:
        with collection.writes.turn:
            for (_, segment), kept in zip(pairs, database.kept[record.id], strict=True):
                opened = collection.open_sealed(segment, made.schema, kept.batch, kept.times)
                collection.add_sealed(opened)
                collection.masks.set(segment.id, kept.masks)
            collection.publish()
    database.maintenance.build(collection)


def job(database: DatabaseState, op: ops.GetRestoreJob) -> RestoreJob:
    """Tell how far a restore is."""
    for each in database.catalog.restores():
        if each.id == op.job_id:
            return each
    raise ParamError(message=f"restore snapshot job not found[job={op.job_id}]")


def jobs(database: DatabaseState, op: ops.ListRestoreJobs) -> tuple[RestoreJob, ...]:
    """List the restores into a collection, or into all of the database."""
    name = database.names.database(op.db).name
    return tuple(
        each
        for each in database.catalog.restores()
        if each.db == name and op.collection in ("", each.collection)
    )


def _pins(record: SnapshotRecord) -> dict[int, int]:
    """Return the pins that have not ended."""
    now = _now()
    return {number: until for number, until in record.pins.items() if until > now}


def pin(database: DatabaseState, op: ops.PinSnapshot) -> int:
    """Let nobody drop a snapshot for so long, or until it is unpinned."""
    if op.ttl_seconds < 0:
        raise refused("ttl_seconds must be non-negative")
    if op.ttl_seconds > _MAX_PIN_SECONDS:
        days = _MAX_PIN_SECONDS // _DAY
        raise refused(f"ttl_seconds exceeds maximum of {_MAX_PIN_SECONDS} ({days} days)")
    with database.ddl:
        record = _find(database, op.db, op.collection, op.name)
        number = database.catalog.next_id()
        until = _now() + 1000 * op.ttl_seconds if op.ttl_seconds else _NEVER
        _put(database, record, {**_pins(record), number: until}, answer=number)
    return number


def unpin(database: DatabaseState, op: ops.UnpinSnapshot) -> None:
    """Take a pin back; one that ended, or never was, is a success."""
    if not op.pin_id:
        raise refused("pin_id is required for unpin snapshot data")
    with database.ddl:
        for record in database.catalog.snapshots():
            if op.pin_id in record.pins:
                kept = {n: until for n, until in _pins(record).items() if n != op.pin_id}
                _put(database, record, kept)
                return


def _put(
    database: DatabaseState,
    record: SnapshotRecord,
    pins: dict[int, int],
    *,
    answer: int | None = None,
) -> None:
    with database.catalog.transaction(answer=answer):
        database.catalog.put_snapshot(msgspec.structs.replace(record, pins=pins))
