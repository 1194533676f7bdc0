"""Queries: rows by key or by filter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from aiomilvus.engine.properties import largest_window
from aiomilvus.engine.query.fields.fetch import Outputs, fetch, outputs
from aiomilvus.engine.query.fields.time_parts import parts_asked, taken_apart
from aiomilvus.engine.query.filtering.index_lookup import counted
from aiomilvus.engine.query.filtering.scope import allowed, bound, schema_in, views_of
from aiomilvus.engine.query.scan.aggregate import aggregate, is_aggregate
from aiomilvus.engine.query.scan.element_rows import element_window
from aiomilvus.engine.query.scan.query_rules import COUNT, check_query, refuse_everything
from aiomilvus.engine.query.scan.windows import matching, window
from aiomilvus.expr.predicate import Leaf
from aiomilvus.model.batch import ColumnBatch
from aiomilvus.model.results import QueryResult

if TYPE_CHECKING:
    from aiomilvus.engine.query.filtering.scope import Filter
    from aiomilvus.engine.snapshot import SegmentView, Snapshot
    from aiomilvus.model.operations.data import Query


def run_query(snapshot: Snapshot, op: Query) -> QueryResult:
    """Return the rows that `op` asks for, in the order of the primary key or as it asks.

    An offset counts only together with a limit, as in Milvus. Both count elements where the filter
    is about elements.

    Raises:
        CollectionNotLoadedError: Nothing is loaded.
        ParamError: The limits, the output fields or the filter are wrong.
        NotSupportedError: The engine does not serve an option.
    """
    views = views_of(
        snapshot, op.partitions, namespace=op.namespace, ignore_growing=op.ignore_growing
    )
    check_query(snapshot.schema, op, largest_window(snapshot.properties))
    parts = parts_asked(op.extra)
    predicate = bound(snapshot, op.filter, op.filter_params, op.time_zone)
    if predicate is None and op.ids is None:
        refuse_everything(op)
    if op.output_fields == (COUNT,) and not op.group_by:
        return _count(snapshot, op, views, predicate)
    if op.group_by or any(is_aggregate(name) for name in op.output_fields):
        rows = matching(snapshot, op, views, predicate, shadowed=True)
        return _shown(aggregate(snapshot, op, views, *rows), parts)
    fields = query_outputs(snapshot, op)
    elements = None
    if predicate is not None and predicate.predicate.element_filter is not None:
        places, elements = element_window(snapshot, op, views, predicate)
    else:
        places = window(snapshot, op, views, predicate)
    found = QueryResult(
        batch=fetch(fields.fields, places),
        elements=elements,
        schema=schema_in(snapshot, op.time_zone),
        output_fields=fields.names,
        snapshot=snapshot.number,
        timestamp=snapshot.timestamp,
    )
    return _shown(found, parts)


def _shown(found: QueryResult, parts: tuple[str, ...]) -> QueryResult:
    if not parts:
        return found
    schema, (batch,) = taken_apart(found.schema, parts, found.batch)
    return msgspec.structs.replace(found, schema=schema, batch=batch)


def query_outputs(snapshot: Snapshot, op: Query) -> Outputs:
    """Return the output fields of a query: the primary key is always among them."""
    asked = op.output_fields or ("*",)
    return outputs(snapshot.schema, (*asked, snapshot.schema.primary.name))


def _count(
    snapshot: Snapshot, op: Query, views: tuple[SegmentView, ...], predicate: Filter | None
) -> QueryResult:
    if op.ids is None:
        total = sum(_rows_counted(snapshot, view, predicate) for view in views)
    else:
        total = len(matching(snapshot, op, views, None, shadowed=True)[1])
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
