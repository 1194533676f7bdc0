"""Committing a group of writes: plan, log, apply, publish.

`commit_group` is what a collection's queue calls in its turn. Until the log holds the group on
the disk, nothing that readers can reach is changed; afterwards applying it cannot fail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from aiomilvus.engine.outcome import Outcome
from aiomilvus.engine.segment.growing import GrowingSegment
from aiomilvus.engine.write.direct import fits_directly, write_directly
from aiomilvus.engine.write.merging import merged
from aiomilvus.engine.write.records import Record, Step, encode_keys, encode_rows
from aiomilvus.engine.write.routing import route
from aiomilvus.engine.write_requests import with_generated_keys
from aiomilvus.errors import SchemaMismatchRetryableException
from aiomilvus.model.results import MutationResult

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiomilvus.engine.collection import Collection
    from aiomilvus.engine.segment.contract import Segment
    from aiomilvus.engine.storage.frames import LogRecord
    from aiomilvus.engine.write_requests import WriteRequest
    from aiomilvus.model.batch import ColumnBatch
    from aiomilvus.model.columns import Column


def commit_group(collection: Collection, group: Sequence[WriteRequest]) -> None:
    """Make the group durable and visible; a request that can't be planned only fails itself."""
    collection.check_writable()
    planned: list[tuple[WriteRequest, list[Step]]] = []
    for request in group:
        try:
            planned.append((request, plan(collection, request)))
        except Exception as error:  # noqa: BLE001 - raised to its own caller
            request.error = error
    steps = [step for _, own in planned for step in own]
    if not steps:
        return
    direct = len(planned) == 1 and fits_directly(collection, steps)
    logged: list[LogRecord] = []
    if direct:
        write_directly(collection, steps)
        steps = []
    else:
        steps = merged(collection.record.schema, steps)
        if collection.folder is not None:
            logged = _encoded(collection, steps)
            collection.log.prepare()
    with collection.consistency.change() as change:
        if logged:
            collection.log.append(logged)
        change.is_logged = True
        for step in steps:
            apply(collection, step)
        for request, own in planned:
            request.result = _result(collection, request, has_rows=bool(own))
        collection.publish(logged_only=not direct)


def plan(collection: Collection, request: WriteRequest) -> list[Step]:
    """Return the records that carry out `request`.

    Raises:
        SchemaMismatchRetryableException: The rows were checked against an older schema.
        CollectionNotExistException: The collection was dropped meanwhile.
    """
    record = collection.record
    if collection.dropped:
        raise collection.missing()
    if request.batch is not None and request.schema_version != record.schema.version:
        message = "the schema changed while the rows were checked; the same call will succeed"
        raise SchemaMismatchRetryableException(message=message)
    if request.resolve is not None:
        request.resolve(request)
    steps: list[Step] = []
    if request.removed_keys is not None and len(request.removed_keys):
        deletion = Record(
            op="delete",
            timestamp=collection.clock.next(),
            partition=request.partition,
        )
        steps.append(Step(deletion, keys=request.removed_keys))
    if request.batch is not None and request.batch.num_rows:
        steps += _row_steps(collection, request, request.batch)
    if request.request and steps:
        first = msgspec.structs.replace(
            steps[0].record, request=request.request, outcome=_outcome(collection, request, steps)
        )
        steps[0] = steps[0]._replace(record=first)
    return steps


def _outcome(collection: Collection, request: WriteRequest, steps: Sequence[Step]) -> Outcome:
    """Return what the next leader would tell the caller, if this one did not live to tell."""
    timestamp = steps[-1].record.timestamp
    if request.batch is None:
        return Outcome(kind="delete", count=request.counted or 0, timestamp=timestamp)
    primary = collection.record.schema.primary
    return Outcome(
        kind="upsert" if request.upsert or request.removed_keys is not None else "insert",
        count=request.batch.num_rows,
        timestamp=timestamp,
        first_key=request.first_key,
        is_text=primary.dtype.is_string,
        primary=primary.name,
    )


def _row_steps(collection: Collection, request: WriteRequest, batch: ColumnBatch) -> list[Step]:
    schema = collection.record.schema
    if schema.primary.name not in batch:
        batch, request.first_key = with_generated_keys(schema, batch, collection.clock)
        request.batch = batch
    partitions = [part.id for part in collection.record.partitions]
    parts = [(request.partition, batch)]
    if not request.partition:
        parts = route(schema, batch, partitions)
    # A collection of one partition needs no look for the rows of others.
    within_partition = request.upsert and request.partition != 0 and len(partitions) > 1
    return [
        Step(
            Record(
                op="upsert" if request.upsert else "insert",
                within_partition=within_partition,
                timestamp=collection.clock.next(),
                partition=partition,
                rows=rows.num_rows,
            ),
            batch=rows,
        )
        for partition, rows in parts
    ]


def _encoded(collection: Collection, steps: Sequence[Step]) -> list[LogRecord]:
    """Return the steps as the log's records."""
    schema = collection.record.schema
    records = []
    for step in steps:
        if step.batch is not None:
            records.append(encode_rows(step.record, schema, step.batch))
        elif step.keys is not None:
            records.append(encode_keys(step.record, step.keys))
    return records


def apply(collection: Collection, step: Step) -> None:
    """Apply a logged record to the segments in memory."""
    collection.observe(step.record.timestamp)
    if step.record.outcome is not None:
        collection.outcomes.note(step.record.request, step.record.outcome)
    mark_removed(collection, step, collection.segments())
    if step.batch is None:
        return
    schema = collection.record.schema
    if step.record.partition not in [part.id for part in collection.record.partitions]:
        # The partition was dropped since; what its rows replaced stays replaced.
        return
    segment = collection.growing_in(step.record.partition)
    doubled = segment.append(schema, step.batch, step.record.timestamp)
    if doubled:
        rows = np.array(doubled, np.int64)
        collection.masks.shadow(segment, rows, segment.partition_id)


def mark_removed(collection: Collection, step: Step, segments: Sequence[Segment]) -> None:
    """Mark the rows that a logged record deletes or replaces.

    Args:
        collection: Whose masks they are marked in.
        step: The record.
        segments: Those of the collection's segments to mark rows of.
    """
    record = step.record
    older = [
        segment
        for segment in segments
        if not segment.sealed or collection.sealed[segment.id].record.since < record.timestamp
    ]
    if step.keys is not None:
        _delete(collection, step.keys, older, record.partition)
        return
    if step.batch is None:
        return
    keys = step.batch[collection.record.schema.primary.name]
    if record.op == "upsert":
        _delete(collection, keys, older, record.partition if record.within_partition else 0)
    if record.op == "insert" or record.within_partition:
        for segment in older:
            if isinstance(segment, GrowingSegment) and segment.lacks(keys):
                continue
            rows = segment.find(keys)
            rows = rows[rows >= 0]
            if len(rows):
                collection.masks.shadow(segment, rows, record.partition)


def _delete(
    collection: Collection, keys: Column, segments: Sequence[Segment], partition: int
) -> None:
    """Mark the rows with these keys as deleted, in one partition; 0 for all."""
    for segment in segments:
        if partition in (0, segment.partition_id):
            collection.masks.delete(segment, keys)


def _result(collection: Collection, request: WriteRequest, *, has_rows: bool) -> MutationResult:
    timestamp = collection.last_timestamp
    if request.batch is None:
        return MutationResult(delete_count=request.counted or 0, timestamp=timestamp)
    ids = request.batch[collection.record.schema.primary.name] if has_rows else None
    rows = request.batch.num_rows
    if request.upsert or request.removed_keys is not None:
        return MutationResult(upsert_count=rows, ids=ids, timestamp=timestamp)
    return MutationResult(insert_count=rows, ids=ids, timestamp=timestamp)
