"""From primary keys to the rows that views show, and which rows some partitions alone show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from aiomilvus.engine.snapshot import SegmentView, Snapshot
    from aiomilvus.model.columns import Column

    Rows = NDArray[np.int64]
    Views = tuple[SegmentView, ...]

FEW = 16
"""So few rows are sorted faster as a list."""


def newest_rows(view: SegmentView, keys: Column) -> Rows:
    """Return each key's newest row in the view, int64 (m,); -1 where there is none.

    Deleted and shadowed rows are found too.
    """
    rows = view.segment.find(keys)
    if view.segment.sealed or (len(rows) <= FEW and max(rows.tolist(), default=-1) < view.num_rows):
        return rows
    for at in np.flatnonzero(rows >= view.num_rows).tolist():
        row = int(rows[at])
        while row >= view.num_rows:
            row = view.segment.older(row)
        rows[at] = row
    return rows


def shown(view: SegmentView, rows: Rows) -> Rows:
    """Return `rows` with -1 for those that the view hides: deleted or shadowed ones."""
    for hidden in (view.deleted, view.shadowed):
        if hidden is not None:
            rows = np.where((rows >= 0) & ~hidden[rows], rows, -1)
    return rows


def visible_rows(view: SegmentView, keys: Column) -> Rows:
    """Return the rows that the view shows for `keys`, rising, each row once."""
    rows = shown(view, newest_rows(view, keys))
    if len(rows) <= FEW:
        return np.array(sorted({row for row in rows.tolist() if row >= 0}), np.int64)
    return np.unique(rows[rows >= 0])


def locate(views: Sequence[SegmentView], keys: Column) -> tuple[Rows, Rows]:
    """Return each key's view and row in it, int64 (m,) both; -1 where no view shows it."""
    if len(views) == 1:
        rows = shown(views[0], newest_rows(views[0], keys))
        return np.minimum(rows, 0), rows
    owners = np.full(len(keys), -1, np.int64)
    rows = owners.copy()
    for number, view in enumerate(views):
        found = shown(view, newest_rows(view, keys))
        owners[found >= 0] = number
        rows = np.where(found >= 0, found, rows)
    return owners, rows


def restricted(snapshot: Snapshot, views: Views) -> Views:
    """Return the views as a read sees them that reads no others of the snapshot's.

    A row whose key was inserted again in partitions that are not read is not shadowed then:
    the newest row of the key among the partitions read is shown.
    """
    if all(view.shadowed_by_other_partition is None for view in views):
        return views
    if len({view.segment.partition_id for view in views}) == 1:
        return tuple(_alone(view) for view in views)
    key = tuple(view.segment.id for view in views)
    known = snapshot.cache.restricted.get(key)
    if known is None:
        hidden = [hidden_still(snapshot, views, number) for number in range(len(views))]
        known = tuple(_showing(view, rows) for view, rows in zip(views, hidden, strict=True))
        snapshot.cache.keep_restricted(key, known)
    return known


def _alone(view: SegmentView) -> SegmentView:
    found = view.cache.alone
    if found is None:
        found = _showing(view, np.empty(0, np.int64))
        if found is not view:
            view.cache.alone = found
    return found


def _showing(view: SegmentView, hidden: Rows) -> SegmentView:
    """Return the view showing the newest rows of its partition but `hidden`."""
    if view.shadowed_by_other_partition is None or view.shadowed is None:
        return view
    shadowed = view.shadowed & ~view.shadowed_by_other_partition
    shadowed[hidden] = True
    return msgspec.structs.replace(
        view, shadowed=shadowed if shadowed.any() else None, shadowed_by_other_partition=None
    )


def hidden_still(snapshot: Snapshot, views: Views, number: int) -> Rows:
    """Return those of the rows shadowed by another partition that other views still hide."""
    view = views[number]
    if view.shadowed_by_other_partition is None:
        return np.empty(0, np.int64)
    rows = np.flatnonzero(view.shadowed_by_other_partition)
    keys = view.segment.column(snapshot.schema.primary).take(rows)
    hidden = np.zeros(len(rows), np.bool_)
    for other, rival in enumerate(views):
        if rival.segment.partition_id == view.segment.partition_id:
            continue
        newest = newest_rows(rival, keys)
        there = newest >= 0
        if rival.deleted is not None:
            there &= ~rival.deleted[newest]
        at = np.flatnonzero(there)
        ours, theirs = _times(view, rows[at]), _times(rival, newest[at])
        hidden[at] |= theirs >= ours if other > number else theirs > ours
    return rows[hidden]


def _times(view: SegmentView, rows: Rows) -> Rows:
    times = view.segment.times()
    return times.stamps[times.ends.searchsorted(rows, "right")]
