"""Large batches become sealed segments at once, instead of being written twice.

That is possible when no row replaces or shadows another one: then the catalog's transaction
that adds the segments is all there is to commit, and the log need not know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.engine.catalog.records import SegmentRecord
from aiomilvus.engine.segment.sealed import SealedSegment, write_segment
from aiomilvus.engine.segment.times import RowTimes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiomilvus.engine.collection import Collection
    from aiomilvus.engine.write.records import Record, Step
    from aiomilvus.model.batch import ColumnBatch

ROWS = 50_000
BYTES = 64 << 20
_FEW = 16
"""So few rows are not asked how large they are: a row may hold a few megabytes at most."""


def fits_directly(collection: Collection, steps: Sequence[Step]) -> bool:
    """Return whether the steps can be written as sealed segments.

    Where changes are recorded, the log has to tell them.
    """
    if len(steps) == 1 and steps[0].record.rows < _FEW:
        return False  # as nearly always
    if collection.record.is_recorded:
        return False
    batches = [step.batch for step in steps if step.batch is not None]
    if len(batches) != len(steps) or not batches:
        return False
    rows = sum([batch.num_rows for batch in batches])
    large = rows >= ROWS or (rows >= _FEW and sum([b.nbytes for b in batches]) >= BYTES)
    return large and not _collide(collection, batches)


def _collide(collection: Collection, batches: Sequence[ColumnBatch]) -> bool:
    """Return whether a row replaces or shadows another one, in whichever partitions they are."""
    name = collection.record.schema.primary.name
    columns = [batch[name] for batch in batches]
    keys = columns[0] if len(columns) == 1 else type(columns[0]).concat(columns)
    for segment in collection.segments():
        if (segment.find(keys) >= 0).any():
            return True
    values = keys.arrays().get("values")
    if values is not None:
        ordered = np.sort(values)
        return bool((ordered[1:] == ordered[:-1]).any())
    listed = list(keys)  # type: ignore[call-overload]  # a BytesColumn: keys are ints or text
    return len(set(listed)) != len(listed)


def write_directly(collection: Collection, steps: Sequence[Step]) -> None:
    """Write one sealed segment for each step, durably, and add them to the collection.

    Raises:
        StorageError: The disk refused; nothing was written.
    """
    made: list[SealedSegment] = []
    try:
        made.extend(
            _segment(collection, step.record, step.batch)
            for step in steps
            if step.batch is not None
        )
        with collection.consistency.change():
            _add(collection, made, steps)
    except BaseException:
        collection.remove_unused(segment.id for segment in made)
        raise


def _add(collection: Collection, made: Sequence[SealedSegment], steps: Sequence[Step]) -> None:
    with collection.catalog.transaction():
        for segment in made:
            collection.catalog.put_segment(collection.record.id, segment.record)
        told = {step.record.request: step.record.outcome for step in steps}
        collection.catalog.put_outcomes({r: o for r, o in told.items() if o is not None})
    for segment in made:
        collection.add_sealed(segment)
        collection.observe(segment.record.since)


def _segment(collection: Collection, record: Record, batch: ColumnBatch) -> SealedSegment:
    """Write the files of a new segment and open it."""
    schema = collection.record.schema
    number = collection.catalog.next_id()
    folder = collection.segment_folder(number)
    times = RowTimes.at(record.timestamp, batch.num_rows)
    if folder is not None:
        write_segment(collection.files, folder, schema, batch, times)
    described = SegmentRecord(
        id=number,
        partition_id=record.partition,
        num_rows=batch.num_rows,
        since=record.timestamp,
        fields=tuple(field.id for field in schema.fields),
        nbytes=batch.nbytes,
    )
    return collection.open_sealed(described, schema, batch if folder is None else None, times)
