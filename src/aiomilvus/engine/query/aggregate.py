"""Aggregation of query results: count, sum, avg, min and max, by group or over all rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

import numpy as np

from aiomilvus.engine.query.fetch import gather, places_of
from aiomilvus.engine.query.ordering import ranks
from aiomilvus.errors import ParamError
from aiomilvus.model.batch import ColumnBatch, null_column
from aiomilvus.model.columns import BytesColumn, FixedColumn
from aiomilvus.model.results import QueryResult

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aiomilvus.engine.contracts import SegmentView, Snapshot
    from aiomilvus.engine.query.fetch import Place
    from aiomilvus.model.columns import Column
    from aiomilvus.model.operations.data import Query
    from aiomilvus.model.schema import Field

_CALL = re.compile(r"\s*(count|sum|avg|min|max)\s*\(\s*([\w$*]+)\s*\)\s*", re.IGNORECASE)


def is_aggregate(name: str) -> bool:
    """Return whether an output field is ``sum(field)`` and the like."""
    return _CALL.fullmatch(name) is not None


def aggregate(
    snapshot: Snapshot,
    op: Query,
    views: tuple[SegmentView, ...],
    matching: list[NDArray[np.int64]],
) -> QueryResult:
    """Return one row for each group, or one in all without `op.group_by`."""
    schema = snapshot.schema
    owners = np.repeat(np.arange(len(views)), [len(rows) for rows in matching])
    rows = np.concatenate(matching) if matching else np.empty(0, np.int64)
    places = places_of(views, owners, rows) if len(rows) else []
    for name in (*op.group_by, *op.output_fields):
        plain = not is_aggregate(name)
        if plain and (name not in schema.by_name or name not in op.group_by):
            message = f"output field {name} must be an aggregate or a group by field"
            raise ParamError(message=f"{message}: invalid parameter")
    group, firsts = _groups(snapshot, op, places, len(rows))
    columns: dict[str, Column] = {
        name: gather(schema.by_name[name], places).take(firsts) for name in op.group_by
    }
    for name in op.output_fields:
        if is_aggregate(name):
            columns[name] = _computed(snapshot, name, places, group, max(len(firsts), 1))
    count = len(firsts) if op.group_by else 1
    batch = ColumnBatch(count, columns)
    if op.limit >= 0:
        batch = batch.slice(min(op.offset, count), min(op.offset + op.limit, count))
    return QueryResult(
        batch=batch,
        schema=schema,
        output_fields=tuple(columns),
        snapshot=snapshot.number,
        timestamp=snapshot.timestamp,
    )


def _groups(
    snapshot: Snapshot, op: Query, places: list[Place], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return each row's group number and each group's first row."""
    if not op.group_by:
        return np.zeros(count, np.int64), np.zeros(min(count, 1), np.int64)
    if not count:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    keys = [ranks(gather(snapshot.schema.by_name[name], places)) for name in op.group_by]
    _, firsts, group = np.unique(np.stack(keys), axis=1, return_index=True, return_inverse=True)
    return group.reshape(-1), firsts


def _computed(
    snapshot: Snapshot, name: str, places: list[Place], group: NDArray[np.int64], groups: int
) -> Column:
    match = _CALL.fullmatch(name)
    if match is None:
        raise ParamError(message=f"{name} is no aggregate: invalid parameter")
    what, target = match[1].lower(), match[2]
    if target == "*":
        if what != "count":
            raise ParamError(message=f"{what}(*) is not an aggregate: invalid parameter")
        return FixedColumn(np.bincount(group, minlength=groups).astype(np.int64))
    field = snapshot.schema.by_name.get(target)
    if field is None:
        raise ParamError(message=f"field {target} not exist: invalid parameter")
    column = gather(field, places)
    there = np.ones(len(column), np.bool_) if column.valid is None else column.valid
    counts = np.bincount(group[there], minlength=groups).astype(np.int64)
    if what == "count":
        return FixedColumn(counts)
    if what in ("min", "max"):
        return _extreme(field, column, there, group, groups, largest=what == "max")
    if not isinstance(column, FixedColumn) or column.values.dtype.kind == "b":
        raise ParamError(message=f"{what}({target}) needs a numeric field: invalid parameter")
    values = column.values[there]
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
    if not isinstance(column, FixedColumn | BytesColumn):
        raise ParamError(message="min and max need a field with an order: invalid parameter")
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
    return cast("Column", picked)
