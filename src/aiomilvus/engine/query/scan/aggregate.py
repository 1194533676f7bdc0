"""Aggregation of query results: count, sum, avg, min and max, by group or over all rows."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from aiomilvus.engine.query.fields.fetch import gather, places_of
from aiomilvus.engine.query.fields.ordering import ranks, sorted_rows
from aiomilvus.model.batch import ColumnBatch, null_column
from aiomilvus.model.columns import FixedColumn
from aiomilvus.model.results import QueryResult
from aiomilvus.model.schema import Field
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aiomilvus.engine.query.fields.fetch import ViewRows
    from aiomilvus.engine.snapshot import SegmentView, Snapshot
    from aiomilvus.model.columns import Column
    from aiomilvus.model.operations.data import Query
    from aiomilvus.model.schema import Schema

_CALL = re.compile(r"\s*(count|sum|avg|min|max)\s*\(\s*([\w$*]+)\s*\)\s*", re.IGNORECASE)


@lru_cache(maxsize=256)
def aggregate_of(name: str) -> tuple[str, str] | None:
    """Return operator and field of an output field like ``sum(field)``, None for others."""
    match = _CALL.fullmatch(name)
    return None if match is None else (match[1].lower(), match[2])


def is_aggregate(name: str) -> bool:
    """Return whether an output field is ``sum(field)`` and the like."""
    return aggregate_of(name) is not None


def aggregate(
    snapshot: Snapshot,
    op: Query,
    views: tuple[SegmentView, ...],
    owners: NDArray[np.int64],
    rows: NDArray[np.int64],
) -> QueryResult:
    """Return one row for each group, or one in all without `op.group_by`.

    Args:
        snapshot: What is read.
        op: Fields, aggregates and window; checked (`query_rules`).
        views: The views read.
        owners: int64 (n,), the view of each row that takes part.
        rows: int64 (n,), the rows.
    """
    schema = snapshot.schema
    places = places_of(views, owners, rows) if len(rows) else []
    group, firsts = _groups(snapshot, op, places, len(rows))
    columns: dict[str, Column] = {
        name: gather(schema.by_name[name], places).take(firsts) for name in op.group_by
    }
    count = len(firsts) if op.group_by else 1
    fields = list(schema.fields)
    for name in op.output_fields:
        called = aggregate_of(name)
        if called is not None and name not in columns:
            columns[name] = _computed(snapshot, *called, places, group, count)
            fields.append(_field(schema, name, *called))
    batch = ColumnBatch(count, columns)
    if op.order_by:
        batch = batch.take(sorted_rows(op.order_by, [batch[key.field] for key in op.order_by]))
    if op.limit >= 0:
        batch = batch.slice(min(op.offset, count), min(op.offset + op.limit, count))
    return QueryResult(
        batch=batch,
        schema=msgspec.structs.replace(schema, fields=tuple(fields)).in_zone(op.time_zone),
        output_fields=tuple(columns),
        snapshot=snapshot.number,
        timestamp=snapshot.timestamp,
    )


def _groups(
    snapshot: Snapshot, op: Query, places: list[ViewRows], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return each row's group number and each group's first row."""
    if not op.group_by:
        return np.zeros(count, np.int64), np.zeros(min(count, 1), np.int64)
    if not count:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    keys = [ranks(gather(snapshot.schema.by_name[name], places)) for name in op.group_by]
    _, firsts, group = np.unique(np.stack(keys), axis=1, return_index=True, return_inverse=True)
    return group.reshape(-1), firsts


def _field(schema: Schema, name: str, what: str, target: str) -> Field:
    """Return the field that a computed column would be of."""
    if what == "count":
        dtype = DataType.INT64
    elif what in ("min", "max"):
        dtype = schema.by_name[target].dtype
    else:
        whole = what == "sum" and schema.by_name[target].dtype.is_integer
        dtype = DataType.INT64 if whole else DataType.DOUBLE
    return Field(name=name, dtype=dtype, nullable=True)


def _computed(
    snapshot: Snapshot,
    what: str,
    target: str,
    places: list[ViewRows],
    group: NDArray[np.int64],
    groups: int,
) -> Column:
    if target == "*":
        return FixedColumn(np.bincount(group, minlength=groups).astype(np.int64))
    field = snapshot.schema.by_name[target]
    column = gather(field, places)
    there = np.ones(len(column), np.bool_) if column.valid is None else column.valid
    counts = np.bincount(group[there], minlength=groups).astype(np.int64)
    if what == "count":
        return FixedColumn(counts)
    if what in ("min", "max"):
        return _extreme(field, column, there, group, groups, largest=what == "max")
    values = FixedColumn.expect(column).values[there]
    whole = values.dtype.kind == "i" and what == "sum"
    sums = np.zeros(groups, np.int64 if whole else np.float64)
    np.add.at(sums, group[there], values)
    if what == "sum":
        return FixedColumn(sums, counts > 0 if (counts == 0).any() else None)
    return FixedColumn(sums / np.maximum(counts, 1), counts > 0 if (counts == 0).any() else None)


def _extreme(
    field: Field,
    column: Column,
    there: NDArray[np.bool_],
    group: NDArray[np.int64],
    groups: int,
    *,
    largest: bool,
) -> Column:
    found = ranks(column)
    rows = np.flatnonzero(there)
    order = rows[np.lexsort((-found[rows] if largest else found[rows], group[rows]))]
    seen, firsts = np.unique(group[order], return_index=True)
    best = np.zeros(groups, np.int64)
    best[seen] = order[firsts]
    valid = np.zeros(groups, np.bool_)
    valid[seen] = True
    if not len(column):
        return null_column(field, groups)
    picked = column.take(best)
    picked.valid = None if valid.all() else valid
    return picked
