"""Queries: rows by key or by filter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.engine.query.aggregate import aggregate, is_aggregate
from aiomilvus.engine.query.fetch import fetch, gather, output_names, places_of
from aiomilvus.engine.query.ordering import order_by, ranks
from aiomilvus.engine.query.scalar_indexes import counted
from aiomilvus.engine.query.scope import allowed, bound, views_of
from aiomilvus.engine.segment.keys import key_list
from aiomilvus.errors import ParamError
from aiomilvus.expr.predicate import Leaf
from aiomilvus.model.batch import ColumnBatch
from aiomilvus.model.results import QueryResult

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from numpy.typing import NDArray

    from aiomilvus.engine.contracts import SegmentView, Snapshot
    from aiomilvus.engine.query.fetch import Place
    from aiomilvus.engine.query.scope import Filter
    from aiomilvus.model.columns import Column
    from aiomilvus.model.operations.data import Query

MAX_WINDOW = 16_384
COUNT = "count(*)"


def run_query(snapshot: Snapshot, op: Query) -> QueryResult:
    """Return the rows that `op` asks for.

    Raises:
        CollectionNotLoadedError: Nothing is loaded.
        ParamError: The limits, the output fields or the filter are wrong.
    """
    views = views_of(snapshot, op.partitions, ignore_growing=op.ignore_growing)
    if op.ids is not None and not op.order_by and not op.group_by and COUNT not in op.output_fields:
        return _by_key(snapshot, op, views, op.ids)
    _check(op)
    if COUNT in op.output_fields and not op.group_by:
        return _count(snapshot, op, views)
    if op.group_by or any(is_aggregate(name) for name in op.output_fields):
        return aggregate(snapshot, op, views, _matching(snapshot, op, views))
    names = _output_names(snapshot, op)
    places = _window(snapshot, op, views)
    return _result(snapshot, names, fetch(snapshot.schema, names, places))


def _output_names(snapshot: Snapshot, op: Query) -> tuple[str, ...]:
    """Return the output fields of a query: the primary key is always among them."""
    names = output_names(snapshot.schema, op.output_fields or ("*",))
    return tuple(dict.fromkeys((*names, snapshot.schema.primary.name)))


def _result(snapshot: Snapshot, names: tuple[str, ...], batch: ColumnBatch) -> QueryResult:
    return QueryResult(
        batch=batch,
        schema=snapshot.schema,
        output_fields=names,
        snapshot=snapshot.number,
        timestamp=snapshot.timestamp,
    )


def _check(op: Query) -> None:
    everything = op.ids is None and not op.filter.strip() and op.limit < 0
    if everything and not any(is_aggregate(name) for name in op.output_fields):
        raise ParamError(message="empty expression should be used with limit: invalid parameter")
    if COUNT in op.output_fields and not op.group_by and (op.limit >= 0 or op.offset):
        raise ParamError(message="count entities with pagination is not allowed: invalid parameter")
    if op.offset < 0:
        message = f"offset [{op.offset}] is invalid, it should be 0 or more: invalid parameter"
        raise ParamError(message=message)
    window = op.offset + max(op.limit, 0)
    if op.limit == 0 or window > MAX_WINDOW:
        message = (
            "invalid max query result window, (offset+limit) should be in range "
            f"[1, {MAX_WINDOW}], but got {window}: invalid parameter"
        )
        raise ParamError(message=message)


def _by_key(
    snapshot: Snapshot, op: Query, views: tuple[SegmentView, ...], keys: Column
) -> QueryResult:
    """Read rows by key: no filter, no masks over whole segments."""
    names = _output_names(snapshot, op)
    places: list[Place] = []
    count = 0
    for view in views:
        rows = visible_rows(view, keys)
        if len(rows):
            places.append((view, rows, np.arange(count, count + len(rows))))
            count += len(rows)
    if op.limit >= 0 or op.offset:
        stop = count if op.limit < 0 else op.offset + op.limit
        places = _cut(places, op.offset, stop)
    return _result(snapshot, names, fetch(snapshot.schema, names, places))


def _cut(places: list[Place], start: int, stop: int) -> list[Place]:
    kept = []
    for view, rows, at in places:
        inside = (at >= start) & (at < stop)
        kept.append((view, rows[inside], at[inside] - start))
    return kept


def visible_rows(view: SegmentView, keys: Column) -> NDArray[np.int64]:
    """Return the rows that the view shows for `keys`, each row once, in the keys' order."""
    segment = view.segment
    found = segment.find(keys).tolist()
    rows: dict[int, None] = {}
    deleted, shadowed = view.deleted, view.shadowed
    for row in found:
        while row >= view.num_rows:
            row = segment.older(row)
        if row < 0 or (deleted is not None and deleted[row]):
            continue
        if shadowed is None or not shadowed[row]:
            rows[row] = None
    return np.fromiter(rows, np.int64, len(rows))


def _count(snapshot: Snapshot, op: Query, views: tuple[SegmentView, ...]) -> QueryResult:
    predicate = bound(snapshot, op.filter, op.filter_params, op.time_zone)
    total = 0
    for view in views:
        if op.ids is not None:
            total += len(visible_rows(view, op.ids))
            continue
        total += _rows_counted(snapshot, view, predicate)
    return QueryResult(
        batch=ColumnBatch(0, {}),
        schema=snapshot.schema,
        output_fields=(COUNT,),
        count=total,
        snapshot=snapshot.number,
        timestamp=snapshot.timestamp,
    )


def _rows_counted(snapshot: Snapshot, view: SegmentView, predicate: Filter | None) -> int:
    """Return how many rows pass and are there, shadowed ones included."""
    root = None if predicate is None else predicate.predicate.root
    if isinstance(root, Leaf) and view.deleted is None and view.segment.sealed:
        found = counted(snapshot, view, root)
        if found is not None:
            return found
    mask = allowed(snapshot, view, predicate, shadowed=True)
    return view.num_rows if mask is None else int(np.count_nonzero(mask))


def _matching(
    snapshot: Snapshot, op: Query, views: tuple[SegmentView, ...]
) -> list[NDArray[np.int64]]:
    """Return the rows of each view that pass."""
    predicate = bound(snapshot, op.filter, op.filter_params, op.time_zone)
    found = []
    for view in views:
        if op.ids is not None:
            found.append(visible_rows(view, op.ids))
            continue
        mask = allowed(snapshot, view, predicate)
        found.append(np.arange(view.num_rows) if mask is None else np.flatnonzero(mask))
    return found


def _window(snapshot: Snapshot, op: Query, views: tuple[SegmentView, ...]) -> list[Place]:
    """Return the rows of the result, ordered and cut as asked."""
    matching = _matching(snapshot, op, views)
    owners = np.repeat(np.arange(len(views)), [len(rows) for rows in matching])
    rows = np.concatenate(matching) if matching else np.empty(0, np.int64)
    ordered = op.limit >= 0 or op.offset or op.cursor is not None
    if op.order_by:
        order = order_by(snapshot.schema, op.order_by, places_of(views, owners, rows))
        owners, rows = owners[order], rows[order]
    elif ordered and len(rows):
        keys = gather(snapshot.schema.primary, places_of(views, owners, rows))
        if op.cursor is not None:
            after = _after(keys, op.cursor)
            owners, rows, keys = owners[after], rows[after], keys.take(np.flatnonzero(after))
        order = np.argsort(ranks(keys), kind="stable")
        owners, rows = owners[order], rows[order]
    stop = len(rows) if op.limit < 0 else op.offset + op.limit
    return places_of(views, owners[op.offset : stop], rows[op.offset : stop])


def _after(keys: Column, cursor: int | str) -> NDArray[np.bool_]:
    bound_key = cursor.encode() if isinstance(cursor, str) else cursor
    listed = key_list(keys)
    return np.fromiter((key > bound_key for key in listed), np.bool_, len(listed))  # type: ignore[operator]  # one type per collection


def rows_matching(
    snapshot: Snapshot, text: str, params: Mapping[str, Any], partitions: tuple[str, ...]
) -> list[tuple[SegmentView, NDArray[np.int64]]]:
    """Return the rows that a deletion by filter concerns, shadowed ones included.

    The collection needs not be loaded: it is the writer that asks.
    """
    predicate = bound(snapshot, text, params)
    numbers = {snapshot.partitions[name] for name in partitions}
    found = []
    for view in snapshot.views:
        if numbers and view.segment.partition_id not in numbers:
            continue
        mask = allowed(snapshot, view, predicate, shadowed=True)
        rows = np.arange(view.num_rows) if mask is None else np.flatnonzero(mask)
        found.append((view, rows))
    return found
