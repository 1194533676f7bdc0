"""What is told of recorded changes: which rows, which of their fields, and in which parts."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from aiomilvus.engine.catalog.records import ChangeMark, SegmentRecord
from aiomilvus.engine.query.changes.walk import Walk
from aiomilvus.engine.query.fields.fetch import fetch_from, outputs
from aiomilvus.engine.query.filtering.scope import Filter, allowed, bound, schema_in
from aiomilvus.engine.segment.sealed import SealedSegment
from aiomilvus.engine.snapshot import SegmentView
from aiomilvus.errors import ParamError
from aiomilvus.expr.predicate import Sample
from aiomilvus.model.batch import ColumnBatch
from aiomilvus.model.changes import ChangePart, ChangesRead
from aiomilvus.model.results import QueryResult

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from numpy.typing import NDArray

    from aiomilvus.engine.collection import Collection
    from aiomilvus.engine.query.changes.walk import Entry
    from aiomilvus.engine.query.fields.fetch import Outputs
    from aiomilvus.engine.snapshot import Snapshot
    from aiomilvus.model.columns import Column
    from aiomilvus.model.operations.data import ReadChanges
    from aiomilvus.model.schema import Schema


def changes_behind(collection: Collection, op: ReadChanges) -> ChangesRead:
    """Return the changes behind a position, as far as one step reads.

    Raises:
        ParamError: No changes are kept, or the position or an output field is none.
        ExpressionError: The filter can't be parsed, or does not fit the schema.
        PositionGoneError: What is behind the position is not kept any more.
        NotSupportedError: The database is in memory.
    """
    snapshot = collection.snapshot
    walk = Walk(collection, snapshot.schema)
    telling = _Telling(snapshot, op, _partition_names(collection))
    position = walk.begin(op.position)
    if op.seen == walk.seen:
        return ChangesRead(parts=(), position=position, seen=op.seen)
    found, is_all = walk.behind(position)
    parts = [part for run in _runs(found) for part in telling.parts_of(run)]
    return ChangesRead(
        parts=tuple(parts),
        position=found[-1].end(position.collection) if found else position,
        seen=walk.seen if is_all else None,
    )


def _partition_names(collection: Collection) -> dict[int, str]:
    """Return the names of partitions by their ids, those that were dropped too."""
    record = collection.record
    dropped = {mark.number: mark.partition for mark in record.marks if mark.number}
    return dropped | {part.id: part.name for part in record.partitions}


def _runs(entries: Iterable[Entry]) -> Iterable[list[Entry]]:
    """Yield entries that follow each other and make one part."""
    return (list(run) for _, run in groupby(entries, _kind))


def _kind(entry: Entry) -> Hashable:
    what = entry.what
    return entry.log, what.op, what.partition, entry.batch is None


class _Places(NamedTuple):
    """Where the changes of a run stand, as arrays of the same length."""

    offsets: NDArray[np.int64]
    told: NDArray[np.int64]
    timestamps: NDArray[np.int64]

    @classmethod
    def of(cls, run: Sequence[Entry]) -> _Places:
        counts = [entry.changes - entry.skipped for entry in run]
        told = [np.arange(e.before + e.skipped, e.before + e.changes) + 1 for e in run]
        return cls(
            np.repeat(np.array([entry.offset for entry in run], np.int64), counts),
            np.concatenate(told),
            np.repeat(np.array([entry.what.timestamp for entry in run], np.int64), counts),
        )

    def taken(self, rows: NDArray[np.int64]) -> _Places:
        return _Places(self.offsets[rows], self.told[rows], self.timestamps[rows])


class _Telling:
    """Turns runs of entries into what is told of them.

    Args:
        snapshot: Has the schema that rows are told under.
        op: What is asked.
        names: Partitions by their ids.
    """

    def __init__(self, snapshot: Snapshot, op: ReadChanges, names: dict[int, str]) -> None:
        self._snapshot = snapshot
        self._names = names
        self._filter = _filter(snapshot, op)
        asked = op.output_fields or ("*",)
        self._outputs: Outputs = outputs(snapshot.schema, (*asked, snapshot.schema.primary.name))
        self._schema: Schema = schema_in(snapshot, op.time_zone)

    def parts_of(self, run: Sequence[Entry]) -> list[ChangePart]:
        """Return the part that a run makes; none where no row of it is told."""
        first = run[0]
        places = _Places.of(run)
        if isinstance(first.what, ChangeMark):
            part = _part(first, first.what.partition, places)
            return [part]
        name = self._names.get(first.what.partition, "")
        keys = _concat([_rest(e.keys, e) for e in run if e.keys is not None])
        if first.batch is None:
            return [_part(first, name, places, keys)]
        batch = ColumnBatch.concat(
            [e.batch.slice(e.skipped, e.changes) for e in run if e.batch is not None]
        )
        return self._rows_told(first, name, places, keys, batch)

    def _rows_told(
        self, first: Entry, name: str, places: _Places, keys: Column, batch: ColumnBatch
    ) -> list[ChangePart]:
        view = self._view(batch)
        mask = None if self._filter is None else allowed(self._snapshot, view, self._filter)
        rows = np.arange(batch.num_rows) if mask is None else np.flatnonzero(mask)
        if first.what.op == "insert":
            # What is new and does not pass is nothing to whoever wants only what passes.
            if not len(rows):
                return []
            places, keys, mask = places.taken(rows), keys.take(rows), None
        told = QueryResult(
            batch=fetch_from(self._outputs.fields, view, rows),
            schema=self._schema,
            output_fields=self._outputs.names,
        )
        return [_part(first, name, places, keys, mask, told)]

    def _view(self, batch: ColumnBatch) -> SegmentView:
        """Return the rows as a segment that filters and fields can be read from."""
        schema = self._snapshot.schema
        record = SegmentRecord(
            id=0,
            partition_id=0,
            num_rows=batch.num_rows,
            since=0,
            fields=tuple(field.id for field in schema.fields),
        )
        return SegmentView(SealedSegment(record, schema, {}, None, batch), batch.num_rows)


def _filter(snapshot: Snapshot, op: ReadChanges) -> Filter | None:
    given = bound(snapshot, op.filter, op.filter_params, op.time_zone)
    if given is None:
        return None
    if isinstance(given.predicate.root, Sample):
        message = f"random_sample can't choose which changes are told: {op.filter}"
        raise ParamError(message=f"{message}: invalid parameter")
    return given._replace(key=None)  # each view is looked at once


def _part(
    first: Entry,
    partition: str,
    places: _Places,
    keys: Column | None = None,
    passing: NDArray[np.bool_] | None = None,
    rows: QueryResult | None = None,
) -> ChangePart:
    return ChangePart(
        kind=first.what.op,
        partition=partition,
        log=first.log,
        offsets=places.offsets,
        told=places.told,
        timestamps=places.timestamps,
        keys=keys,
        passing=passing,
        rows=rows,
    )


def _rest(keys: Column, entry: Entry) -> Column:
    return keys.slice(entry.skipped, entry.changes) if entry.skipped else keys


def _concat(keys: Sequence[Column]) -> Column:
    return keys[0] if len(keys) == 1 else type(keys[0]).concat(keys)
