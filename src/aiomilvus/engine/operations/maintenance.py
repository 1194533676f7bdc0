"""Flush, compaction, and the list of segments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.model.results import (
    CompactionInfo,
    CompactionTask,
    SegmentInfo,
)
from aiomilvus.model.types import CompactionState, CompactionTaskState, SegmentState

if TYPE_CHECKING:
    from aiomilvus.engine.catalog.records import IndexSpec
    from aiomilvus.engine.collection import Collection
    from aiomilvus.engine.segment.contract import Segment
    from aiomilvus.engine.segment.sealed import SealedSegment
    from aiomilvus.engine.state import DatabaseState
    from aiomilvus.model.operations import maintenance


def flush(database: DatabaseState, op: maintenance.Flush) -> int:
    """Seal what is growing; returns the timestamp up to which all is flushed."""
    collection = database.collection(op.db, op.collection, any_name=True)
    collection.check_writable()
    timestamp = collection.last_timestamp
    database.maintenance.seal(collection)
    return timestamp


def flush_all(database: DatabaseState, op: maintenance.FlushAll) -> int:  # noqa: ARG001 - as all handlers
    """Seal what is growing in every collection."""
    timestamp = database.clock.next()
    for collection in list(database.collections.values()):
        if not collection.dropped:
            collection.check_writable()
            database.maintenance.seal(collection)
    return timestamp


def flush_all_state(database: DatabaseState, op: maintenance.GetFlushAllState) -> bool:
    """Tell whether nothing up to the timestamp is only in the log."""
    for collection in list(database.collections.values()):
        waiting = bool(collection.growing or collection.frozen)
        if waiting and (not op.timestamp or collection.record.updated < op.timestamp):
            return False
    return True


def compact(database: DatabaseState, op: maintenance.Compact) -> int:
    """Merge segments in the background; returns a job id."""
    collection = database.collection(op.db, op.collection, any_name=True)
    collection.check_writable()
    return database.maintenance.compact(collection)


def compaction(database: DatabaseState, op: maintenance.GetCompaction) -> CompactionInfo:
    """Return the state of a compaction job."""
    return database.maintenance.compaction(op.job_id)


def compactions(
    database: DatabaseState, op: maintenance.ListCompactions
) -> tuple[CompactionTask, ...]:
    """Return what the recent compaction jobs of a collection did."""
    number = database.collection(op.db, op.collection, any_name=True).record.id
    return tuple(
        task for job in database.maintenance.compactions(number) for task in _tasks_of(job)
    )


def _tasks_of(job: CompactionInfo) -> list[CompactionTask]:
    if job.state == CompactionState.Executing:
        return [CompactionTask(job=job.id, state=CompactionTaskState.Executing)]
    if job.failed:
        return [CompactionTask(job=job.id, state=CompactionTaskState.Failed)]
    state = CompactionTaskState.Completed
    return [
        CompactionTask(job=job.id, state=state, sources=sources, target=target)
        for sources, target in job.plans
    ]


def segments(database: DatabaseState, op: maintenance.ListSegments) -> tuple[SegmentInfo, ...]:
    """List the sealed segments, or with `loaded` all that searches read."""
    collection = database.collection(op.db, op.collection, any_name=True)
    listed: list[Segment] = list(collection.sealed.values())
    if op.loaded:
        loaded = collection.record.loaded
        listed = [s for s in collection.segments() if s.partition_id in loaded and s.num_rows]
    at_rest = SegmentState.Sealed if op.loaded else SegmentState.Flushed
    infos = [_segment(collection, segment, at_rest) for segment in listed]
    return tuple(info for info in infos if not op.states or info.state in op.states)


def _segment(collection: Collection, segment: Segment, at_rest: SegmentState) -> SegmentInfo:
    """Describe a segment; `at_rest` is the state of one whose rows do not change.

    Such a segment finds keys by bisection from the start: clients that wait until segments are
    sorted have nothing to wait for.
    """
    sealed = collection.sealed.get(segment.id)
    index = next((s for s in collection.specs.values() if _has(sealed, s)), None)
    return SegmentInfo(
        id=segment.id,
        collection_id=collection.record.id,
        partition_id=segment.partition_id,
        collection_name=collection.record.name,
        num_rows=segment.num_rows,
        state=SegmentState.Growing if sealed is None else at_rest,
        sorted=sealed is not None,
        index_name="" if index is None else index.name,
        index_id=0 if index is None else index.id,
        memory_bytes=sealed.record.nbytes if sealed is not None else getattr(segment, "nbytes", 0),
    )


def _has(segment: SealedSegment | None, spec: IndexSpec) -> bool:
    return segment is not None and segment.has_index(spec.id)
