"""Hits sorted by fields instead of by score, single ones or whole groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.engine.query.fields.fetch import places_of
from aiomilvus.engine.query.fields.named import order_by
from aiomilvus.engine.query.fields.ordering import ranks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aiomilvus.engine.query.candidates import Candidates
    from aiomilvus.engine.snapshot import SegmentView, Snapshot
    from aiomilvus.model.batch import ColumnBatch
    from aiomilvus.model.sorting import SortKey

    Keys = tuple[SortKey, ...]
    Views = tuple[SegmentView, ...]


def sorted_hits(snapshot: Snapshot, views: Views, keys: Keys, hits: Candidates) -> Candidates:
    """Return each query's hits sorted by `keys`; equal ones stay by score."""
    if not len(hits.rows):
        return hits
    place = _places(snapshot, views, keys, hits)
    return hits.pick(np.lexsort((place, _queries(hits))), hits.offsets)


def sorted_groups(
    snapshot: Snapshot, views: Views, keys: Keys, hits: Candidates, group: ColumnBatch
) -> tuple[Candidates, ColumnBatch]:
    """Return each query's groups sorted by what their best hit holds, their hits together."""
    if not len(hits.rows):
        return hits, group
    query = _queries(hits)
    named = np.stack([query, *(ranks(column) for column in group.columns.values())])
    firsts, member = np.unique(named, axis=1, return_index=True, return_inverse=True)[1:]
    # Hits come best first, so the first of a group is its best.
    place = _places(snapshot, views, keys, hits)[firsts[member.reshape(-1)]]
    order = np.lexsort((place, query))
    return hits.pick(order, hits.offsets), group.take(order)


def _queries(hits: Candidates) -> NDArray[np.int64]:
    return np.repeat(np.arange(len(hits.offsets) - 1), np.diff(hits.offsets))


def _places(snapshot: Snapshot, views: Views, keys: Keys, hits: Candidates) -> NDArray[np.int64]:
    """Return where each hit would stand if all were sorted; no two stand at one place."""
    order = order_by(snapshot, keys, places_of(views, hits.owners, hits.rows))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return place
