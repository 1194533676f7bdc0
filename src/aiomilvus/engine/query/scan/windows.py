"""Which rows a query returns, in which order, and which part of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.engine.query.fields.fetch import gather, places_of
from aiomilvus.engine.query.fields.named import order_by
from aiomilvus.engine.query.fields.ordering import first_keys, keys_behind
from aiomilvus.engine.query.filtering.key_lookup import FEW, locate, visible_rows
from aiomilvus.engine.query.filtering.scope import allowed
from aiomilvus.engine.segment.key_index import distinct

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aiomilvus.engine.query.fields.fetch import ViewRows
    from aiomilvus.engine.query.filtering.scope import Filter
    from aiomilvus.engine.snapshot import SegmentView, Snapshot
    from aiomilvus.model.columns import Column
    from aiomilvus.model.operations.data import Query

    Rows = NDArray[np.int64]


def matching(
    snapshot: Snapshot,
    op: Query,
    views: tuple[SegmentView, ...],
    predicate: Filter | None,
    *,
    shadowed: bool = False,
) -> tuple[Rows, Rows]:
    """Return the view number and the row of all rows that pass, int64 (n,) both.

    Args:
        snapshot: What is read.
        op: Tells keys; without them all rows are candidates.
        views: Where to look.
        predicate: The bound filter.
        shadowed: Rows whose key was inserted again pass too, as counts want it.
    """
    found = []
    for view in views:
        if op.ids is not None:
            hit = view.segment.find_all(op.ids) if shadowed else visible_rows(view, op.ids)
            if shadowed:
                hit = hit[hit < view.num_rows]
                hit = hit if view.deleted is None else hit[~view.deleted[hit]]
        else:
            mask = allowed(snapshot, view, predicate, shadowed=shadowed)
            hit = np.arange(view.num_rows) if mask is None else np.flatnonzero(mask)
        found.append(hit)
    if len(found) == 1:
        return np.zeros(len(found[0]), np.int64), found[0]
    owners = np.repeat(np.arange(len(views)), [len(rows) for rows in found])
    return owners, np.concatenate(found) if found else np.empty(0, np.int64)


def window(
    snapshot: Snapshot, op: Query, views: tuple[SegmentView, ...], predicate: Filter | None
) -> list[ViewRows]:
    """Return the rows of the result in their order: by fields if asked, else by primary key."""
    is_plain = op.limit < 0 and op.cursor is None and not op.order_by
    if is_plain and op.ids is not None and len(op.ids) <= FEW:
        return few_by_key(views, op.ids)
    owners, rows = in_order(snapshot, op, views, predicate)
    start, stop = bounds(op, len(rows))
    owners, rows = owners[start:stop], rows[start:stop]
    return places_of(views, owners, rows) if views else []


def bounds(op: Query, count: int) -> tuple[int, int]:
    """Return which of `count` results a query wants, as a slice."""
    return (op.offset, op.offset + op.limit) if op.limit >= 0 else (0, count)


def in_order(
    snapshot: Snapshot, op: Query, views: tuple[SegmentView, ...], predicate: Filter | None
) -> tuple[Rows, Rows]:
    """Return the view number and the row of all rows that a window may reach to, in order."""
    owners, rows = matching(snapshot, op, views, predicate)
    if not len(rows):
        return owners, rows
    keys = gather(snapshot.schema.primary, places_of(views, owners, rows))
    if op.cursor is not None:
        later = np.flatnonzero(keys_behind(keys, op.cursor, inclusive=op.after_element >= 0))
        owners, rows, keys = owners[later], rows[later], keys.take(later)
    # A row that an iteration goes on within may be at its end.
    stop = bounds(op, len(rows))[1] + (op.after_element >= 0)
    if op.order_by:
        # By key first: rows that the fields leave equal have a place of their own too.
        order = first_keys(keys, len(keys))
        places = places_of(views, owners[order], rows[order])
        order = order[order_by(snapshot, op.order_by, places)]
    else:
        order = first_keys(keys, stop)
    chosen = order[:stop]
    return owners[chosen], rows[chosen]


def few_by_key(views: tuple[SegmentView, ...], keys: Column) -> list[ViewRows]:
    """Return where each of few keys is that is there, in their order."""
    if not views:
        return []
    owners, rows = locate(views, distinct(keys))
    if min(rows.tolist(), default=0) < 0:
        there = rows >= 0
        owners, rows = owners[there], rows[there]
    return places_of(views, owners, rows)
