"""Searches that differ in their vectors alone are checked and planned once a snapshot.

What most programs ask is the same search again and again. Its arguments, fields, views and masks
are looked at when it comes first; later ones find that ready, and may be run as one batch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import msgspec
import numpy as np

from aiomilvus.engine.properties import largest_window
from aiomilvus.engine.query.candidates import single
from aiomilvus.engine.query.search.cost import estimate_cost
from aiomilvus.engine.query.search.search_rules import check_numbers, check_window
from aiomilvus.engine.query.search.searches import find, finish, plan_search
from aiomilvus.engine.query.search.ties import by_key, search_view
from aiomilvus.model.columns import VectorColumn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiomilvus.engine.caches import Prepared
    from aiomilvus.engine.snapshot import Snapshot
    from aiomilvus.model.operations.data import Search
    from aiomilvus.model.results import SearchResult

_ESTIMATES = 16
"""Searches that an estimate holds for: indexes and codes come while a snapshot lasts."""


class PreparedSearch:
    """A search without its vectors, checked and planned on one snapshot. Safe to share.

    Args:
        snapshot: What is searched.
        op: One of the searches.

    Raises:
        MilvusException: As `searches.run_search`.
    """

    __slots__ = ("_is_plain", "_left", "_most", "_op", "_plan", "_seconds", "_snapshot")

    def __init__(self, snapshot: Snapshot, op: Search) -> None:
        plan = plan_search(snapshot, op)
        self._snapshot = msgspec.structs.replace(snapshot)  # the other will keep this
        self._op = msgspec.structs.replace(op, data=None)
        self._plan = plan._replace(queries=plan.queries.slice(0, 0))
        self._most = largest_window(snapshot.properties)
        self._is_plain = (
            len(plan.views) == 1 and op.radius is None and not plan.target.finds_elements
        )
        self._seconds = 0.0
        self._left = 0

    @property
    def is_lasting(self) -> bool:
        """Whether the next such search is the same except for its vectors: a sample is not."""
        return self._plan.is_lasting

    def seconds(self, op: Search) -> float:
        """Return how long `op`, one of these searches, will take, roughly."""
        nq = op.nq
        if self._left <= 0 or nq != 1:
            seconds = estimate_cost(self._snapshot, op) / 1e6
            if nq != 1:
                return seconds
            self._seconds, self._left = seconds, _ESTIMATES
        self._left -= 1
        return self._seconds

    def search(self, queries: VectorColumn) -> SearchResult:
        """Return the hits of each query.

        Raises:
            ParamError: There are too many queries, or one holds a number that is none.
        """
        op, plan, snapshot = self._op, self._plan, self._snapshot
        k = op.limit + op.offset
        if len(queries) != 1:
            check_window(op.limit, op.offset, len(queries), self._most)
        check_numbers(plan.target.field.name, queries)
        if self._is_plain:
            target, view, mask = plan.target, plan.views[0], plan.masks[0]
            found = search_view(snapshot, target, view, queries, k, op.params, mask)
            hits = by_key(snapshot, plan.views, single(found), k)
        else:
            plan = plan._replace(queries=queries)
            hits = find(snapshot, op, plan, k)
        if op.offset or len(hits.rows) > op.limit * len(queries):
            hits = hits.window(op.offset, op.limit)
        return finish(snapshot, plan.views, op, hits)

    def search_all(self, ops: Sequence[Search]) -> list[SearchResult]:
        """Run several of these searches as one; return each one's hits."""
        parts = [cast("VectorColumn", op.data) for op in ops]
        if len(parts) == 1:
            return [self.search(parts[0])]
        whole = self.search(VectorColumn(np.concatenate([part.values for part in parts])))
        results, at = [], 0
        for part in parts:
            results.append(whole.part(at, at + len(part)))
            at += len(part)
        return results


def prepared_before(snapshot: Snapshot, op: Search) -> Prepared | None:
    """Return `op` prepared if such a search was made on this snapshot; takes microseconds."""
    kept = snapshot.cache.prepared
    return kept.get(_key(op)) if kept else None


def prepare(snapshot: Snapshot, op: Search) -> Prepared | None:
    """Return `op` prepared, which the snapshot keeps; None for searches that ask for more.

    Raises:
        MilvusException: As `searches.run_search`.
    """
    key = _key(op)
    if key is None:
        return None
    found = snapshot.cache.prepared.get(key)
    if found is None:
        found = made = PreparedSearch(snapshot, op)
        if made.is_lasting:
            snapshot.cache.keep_prepared(key, made)
    return found


def batch_key(snapshot: Snapshot, op: Search) -> Any:
    """Return a key that searches share when they can be run as one, None if this one can't."""
    key = _key(op)
    return None if key is None else (snapshot.number, snapshot.collection_id, key)


def run_batch(snapshot: Snapshot, ops: Sequence[Search]) -> list[SearchResult]:
    """Run searches that share a `batch_key` as one; return each one's hits."""
    return (prepare(snapshot, ops[0]) or PreparedSearch(snapshot, ops[0])).search_all(ops)


def _key(op: Search) -> tuple[Any, ...] | None:
    """Return what tells such a search from others, apart from its vectors."""
    data = op.data
    if type(data) is not VectorColumn or op.filter_params or op.extra or op.order_by:
        return None
    if op.ranker is not None or op.group_by or op.iterator is not None:
        return None
    values = data.values
    params = op.params
    return (
        *(op.field, op.filter, op.limit, op.offset, op.output_fields, op.partitions, op.metric),
        tuple([(name, repr(params[name])) for name in sorted(params)]) if params else (),
        *(op.radius, op.range_filter, op.round_decimal, op.ignore_growing, op.time_zone),
        *(op.ids is None, values.shape[1:], values.dtype),
    )
