"""Refreshing external collections: which files there are, and what segments they become.

A refresh looks at the files, keeps the segments whose files are as they were, makes new ones of
what is new or was changed, and swaps all at once. No row is copied.
"""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from aiomilvus.engine.catalog.records import RefreshRecord, SegmentRecord
from aiomilvus.engine.external.formats import parts_of, paths_of
from aiomilvus.engine.external.source import check_given, check_spec
from aiomilvus.engine.operations.record_changes import altered, changed
from aiomilvus.engine.properties import refused
from aiomilvus.errors import DatabaseClosedError, ExternalSourceError, MilvusException
from aiomilvus.model.operations.cluster import RefreshJob

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.engine.catalog.records import CollectionRecord
    from aiomilvus.engine.collection import Collection
    from aiomilvus.engine.external.rows import Part
    from aiomilvus.engine.state import DatabaseState
    from aiomilvus.model.operations import cluster as ops
    from aiomilvus.model.schema import Field, Schema

_TASK_DUPLICATE = 703
_KEPT_MS = 24 * 3600 * 1000
"""So long a job that ended is told of, as by Milvus."""
PENDING, RUNNING = "RefreshPending", "RefreshInProgress"
COMPLETED, FAILED = "RefreshCompleted", "RefreshFailed"
_LOOKED = 90
"""Percent when all files have been looked at."""


def refresh(database: DatabaseState, op: ops.RefreshExternalCollection) -> int:
    """Begin to look at the files again, in the background; returns the job's number."""
    collection = database.collection(op.db, op.collection)
    check_given(op.external_source, op.external_spec)
    schema = collection.record.schema
    if not schema.is_external:
        name = collection.record.name
        raise refused(f"collection {name} is not an external collection")
    source = op.external_source or schema.external_source
    spec = op.external_spec or schema.external_spec
    if not source:
        raise refused(f"external collection {collection.record.name} has no external_source")
    check_given(source, spec)
    collection.check_writable()
    with database.ddl:
        _check_alone(database, collection)
        job = RefreshJob(
            job_id=database.catalog.next_id(),
            collection_name=collection.record.name,
            state=PENDING,
            progress=0,
            reason="",
            external_source=source,
            start_time=_now(),
            end_time=0,
            external_spec=spec,
        )
        db_id = collection.record.db_id
        record = RefreshRecord(collection_id=collection.record.id, db_id=db_id, job=job)
        _store(database, record, answer=job.job_id)
        database.maintenance.refresh(record, partial(_run, database, collection, record))
    return job.job_id


def _check_alone(database: DatabaseState, collection: Collection) -> None:
    for record in database.maintenance.refreshes():
        if record.collection_id == collection.record.id:
            message = f"refresh job {record.job.job_id} is already in progress for collection"
            what = f"{collection.record.name}, wait until it is done"
            raise MilvusException(_TASK_DUPLICATE, f"{message} {what}")


def _run(
    database: DatabaseState,
    collection: Collection,
    record: RefreshRecord,
    goes_on: Callable[[], bool],
) -> None:
    """Carry a job out; whatever it ends in is told by the job."""
    job = msgspec.structs.replace(record.job, state=RUNNING)
    database.maintenance.tell_refresh(job)
    try:
        parts = _explore(database, collection, job, goes_on)
        _swap(database, collection, job, parts)
        job = msgspec.structs.replace(job, state=COMPLETED, progress=100)
    except Exception as error:  # noqa: BLE001 - whatever it is, the job is to tell of it
        job = msgspec.structs.replace(job, state=FAILED, reason=str(error) or repr(error))
    job = msgspec.structs.replace(job, end_time=_now())
    _store(database, msgspec.structs.replace(record, job=job))
    if job.state == COMPLETED and not collection.dropped:
        database.maintenance.build(collection)


def _explore(
    database: DatabaseState,
    collection: Collection,
    job: RefreshJob,
    goes_on: Callable[[], bool],
) -> list[Part]:
    """Return the parts of all files, telling how far it is."""
    fields = _read_fields(collection.record.schema)
    spec = check_spec(job.external_spec)
    for field in fields:
        if spec.columns and field.external_field not in spec.columns:
            message = f"field {field.name} reads column {field.external_field!r}, which is not"
            raise refused(f"{message} among the columns of the external_spec")
    paths = paths_of(job.external_source, spec)
    parts: list[Part] = []
    for number, path in enumerate(paths):
        if not goes_on():
            raise DatabaseClosedError(message="the database was closed before the refresh was done")
        try:
            parts += parts_of(path, fields, spec)
        except MilvusException:
            raise
        except Exception as error:
            message = f"{path} can't be read: {type(error).__name__}: {error}"
            raise ExternalSourceError(message=message) from error
        progress = _LOOKED * (number + 1) // len(paths)
        database.maintenance.tell_refresh(msgspec.structs.replace(job, progress=progress))
    return parts


def _read_fields(schema: Schema) -> list[Field]:
    return [field for field in schema.fields if field.external_field]


def _swap(
    database: DatabaseState, collection: Collection, job: RefreshJob, parts: list[Part]
) -> None:
    """Let the collection have the segments of these parts, in one transaction of the catalog."""
    with collection.writes.turn:
        collection.check_writable()
        record = _after(database, collection.record, job)
        before = {
            s.record.external.identity: s.id
            for s in collection.sealed.values()
            if s.record.external
        }
        kept = {before[part.rows.identity] for part in parts if part.rows.identity in before}
        gone = collection.sealed.keys() - kept
        made = [
            _segment(database, record, part) for part in parts if part.rows.identity not in before
        ]
        try:
            _make_folders(collection, made)
            _commit(collection, record, made, gone)
        except BaseException:
            collection.remove_unused(each.id for each in made)
            raise


def _after(database: DatabaseState, record: CollectionRecord, job: RefreshJob) -> CollectionRecord:
    schema = msgspec.structs.replace(
        record.schema, external_source=job.external_source, external_spec=job.external_spec
    )
    if schema == record.schema:
        return changed(database, record)
    return altered(database, record, schema=schema)


def _segment(database: DatabaseState, record: CollectionRecord, part: Part) -> SegmentRecord:
    return SegmentRecord(
        id=database.catalog.next_id(),
        partition_id=record.partitions[0].id,
        num_rows=part.num_rows,
        since=record.updated,
        fields=(),
        nbytes=part.nbytes,
        external=part.rows,
    )


def _make_folders(collection: Collection, made: list[SegmentRecord]) -> None:
    """Make the folders of new segments, for the files of indexes."""
    for each in made:
        folder = collection.segment_folder(each.id)
        if folder is not None:
            collection.files.make_folder(folder)
    if made and collection.folder is not None:
        collection.files.sync_directory(collection.folder)


def _commit(
    collection: Collection, record: CollectionRecord, made: list[SegmentRecord], gone: set[int]
) -> None:
    with collection.consistency.change():
        with collection.catalog.transaction():
            for each in made:
                collection.catalog.put_segment(record.id, each)
            for number in gone:
                collection.catalog.drop_segment(number)
            collection.catalog.put_collection(record)
        collection.take(record)
        for number in gone:
            collection.retire(number)
        for each in made:
            collection.add_sealed(collection.open_sealed(each, record.schema))
        collection.observe(record.updated)
        collection.builds.begin_again()
        collection.publish()


def job(database: DatabaseState, op: ops.GetRefreshJob) -> RefreshJob:
    """Tell how far a refresh is."""
    for each in _known(database):
        if each.job.job_id == op.job_id:
            return each.job
    raise refused(f"refresh job {op.job_id} not found")


def jobs(database: DatabaseState, op: ops.ListRefreshJobs) -> tuple[RefreshJob, ...]:
    """List the refreshes of a collection, or of all in the database; the latest first."""
    if op.collection:
        number = database.collection(op.db, op.collection).record.id
        found = [each.job for each in _known(database) if each.collection_id == number]
    else:
        db_id = database.names.database(op.db).id
        found = [each.job for each in _known(database) if each.db_id == db_id]
    return tuple(sorted(found, key=lambda each: (-each.start_time, -each.job_id)))


def _known(database: DatabaseState) -> list[RefreshRecord]:
    """Return all jobs that are known, as they are now."""
    running = {each.job.job_id: each for each in database.maintenance.refreshes()}
    return [running.get(each.job.job_id) or _ended(each) for each in database.catalog.refreshes()]


def _ended(stored: RefreshRecord) -> RefreshRecord:
    """Return a job that does not run; one that was never told to have ended was cut short."""
    if stored.job.state in (COMPLETED, FAILED):
        return stored
    reason = "the process that ran it ended before it did: begin another one"
    job = msgspec.structs.replace(stored.job, state=FAILED, reason=reason)
    return msgspec.structs.replace(stored, job=job)


def _store(database: DatabaseState, record: RefreshRecord, *, answer: int | None = None) -> None:
    """Keep a job in the catalog, and forget those that ended long ago."""
    oldest = _now() - _KEPT_MS
    is_first = answer is not None
    with database.catalog.transaction(answer=answer, notes_definition=is_first):
        database.catalog.put_refresh(record)
        for each in database.catalog.refreshes():
            if each.job.start_time < oldest and each.job.job_id != record.job.job_id:
                database.catalog.drop_refresh(each.job.job_id)


def _now() -> int:
    return time.time_ns() // 1_000_000
