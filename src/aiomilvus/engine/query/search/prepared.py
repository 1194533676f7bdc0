"""Searches that differ in their vectors alone are checked and planned once a snapshot.

What most programs ask is the same search again and again. Its arguments, fields, views and masks
are looked at when it comes first; later ones find that ready, and may be run as one batch, of
which `search_batch` tells.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from aiomilvus.engine.index.contract import without_warnings
from aiomilvus.engine.index.dense.faiss_index import FaissIndex
from aiomilvus.engine.properties import largest_window
from aiomilvus.engine.query.candidates import ends_of, single
from aiomilvus.engine.query.fields.fetch import fetch_from
from aiomilvus.engine.query.search.cost import estimate_cost
from aiomilvus.engine.query.search.search_rules import check_numbers, check_window
from aiomilvus.engine.query.search.searches import find, finish, plan_search, shown_by
from aiomilvus.engine.query.search.ties import by_key, resolve_last_ties, search_view
from aiomilvus.engine.query.search.view_searchers import searcher_of
from aiomilvus.model.columns import VectorColumn
from aiomilvus.model.read_limits import HIT_BYTES, check_output, end_if_abandoned
from aiomilvus.model.results import SearchResult

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence
    from typing import TypeGuard

    from aiomilvus.engine.index.contract import Found
    from aiomilvus.engine.snapshot import Snapshot
    from aiomilvus.model.columns import Column
    from aiomilvus.model.operations.data import Search
    from aiomilvus.model.prepared import Prepared

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

    __slots__ = (
        "_estimate",
        "_is_plain",
        "_k",
        "_left",
        "_most",
        "_plan",
        "_shown",
        "_snapshot",
        "_values",
        "field",
        "operation",
    )

    def __init__(self, snapshot: Snapshot, op: Search) -> None:
        plan = plan_search(snapshot, op)
        self._snapshot = msgspec.structs.replace(snapshot)  # the other will keep this
        self.operation = msgspec.structs.replace(op, data=None)
        """One of the searches, without its queries."""
        self.field = plan.target.field
        """What is searched."""
        self._plan = plan._replace(queries=plan.queries.slice(0, 0))
        self._values = self._plan.queries.arrays()["values"]
        self._shown = shown_by(snapshot, op)
        self._k = op.limit + op.offset
        self._most = largest_window(snapshot.properties)
        self._is_plain = (
            len(plan.views) == 1
            and op.radius is None
            and op.round_decimal < 0
            and not plan.target.finds_elements
        )
        self._estimate = 0.0
        self._left = 0

    @property
    def is_lasting(self) -> bool:
        """Whether the next such search is the same except for its vectors: a sample is not."""
        return self._plan.is_lasting

    def fits(self, queries: Column | None) -> TypeGuard[VectorColumn]:
        """Return whether queries are of the same kind as those that it was prepared with."""
        if type(queries) is not VectorColumn:
            return False
        ours, theirs = self._values, queries.values
        return ours.shape[1] == theirs.shape[1] and ours.dtype == theirs.dtype

    def seconds(self, queries: VectorColumn) -> float:
        """Return how long it will take with these queries, roughly."""
        nq = len(queries)
        if self._left <= 0 or nq != 1:
            op = msgspec.structs.replace(self.operation, data=queries)
            seconds = estimate_cost(self._snapshot, op) / 1e6
            if nq != 1:
                return seconds
            self._estimate, self._left = seconds, _ESTIMATES
        self._left -= 1
        return self._estimate

    def search(self, queries: VectorColumn) -> SearchResult:
        """Return the hits of each query.

        Raises:
            ParamError: There are too many queries, or one holds a number that is none.
        """
        if self._is_plain and len(queries) == 1:
            searcher = searcher_of(self._plan.target, self._plan.views[0])
            if isinstance(searcher, FaissIndex) and searcher.is_coded:
                return self._search_one(queries, searcher)
        with without_warnings():
            return self._search(queries)

    def _search(self, queries: VectorColumn, found: Found | None = None) -> SearchResult:
        """Return the hits of each query; `found` in the only view, if that was searched already."""
        op, plan, snapshot, k = self.operation, self._plan, self._snapshot, self._k
        check_window(op.limit, op.offset, len(queries), self._most)
        check_numbers(self.field.name, queries)
        if self._is_plain:
            target, view, mask = plan.target, plan.views[0], plan.masks[0]
            if found is None:
                found = search_view(snapshot, target, view, queries, k, op.params, mask)
            else:
                found = resolve_last_ties(
                    snapshot, target, view, queries, k, op.params, mask, found
                )
            hits = by_key(snapshot, plan.views, single(found), k)
        else:
            hits = find(snapshot, op, plan._replace(queries=queries), k)
        if op.offset or len(hits.rows) > op.limit * len(queries):
            hits = hits.window(op.offset, op.limit)
        return finish(snapshot, plan.views, op, hits, shown_by_it=self._shown)

    def _search_one(self, queries: VectorColumn, searcher: FaissIndex) -> SearchResult:
        """Return the hits of one query over codes of one view: what most searches are.

        Equal scores, fewer hits than wanted, and numbers that are none are left to `_search`.
        """
        op, plan, k = self.operation, self._plan, self._k
        view = plan.views[0]
        end_if_abandoned()
        check_output(min(k, view.num_rows) * HIT_BYTES)
        found = searcher.search(queries, k + 1, op.params, plan.masks[0])
        scores = found.scores[0].tolist()
        if found.rows[0, k] < 0 or len(set(scores)) <= k or not isfinite(sum(scores)):
            with without_warnings():
                return self._search(queries, found)
        rows = found.rows[0, op.offset : k]
        shown, primary = self._shown, self._snapshot.schema.primary
        return SearchResult(
            offsets=ends_of(len(rows)),
            ids=view.segment.column(primary).take(rows),
            scores=found.scores[0, op.offset : k],
            schema=shown.schema,
            primary_name=primary.name,
            output_fields=shown.names,
            batch=fetch_from(shown.fields, view, rows) if shown.fields else None,
            snapshot=self._snapshot.number,
            timestamp=self._snapshot.timestamp,
        )

    def search_batch(self, parts: Sequence[VectorColumn]) -> list[SearchResult]:
        """Return the hits of several searches' queries, run as one."""
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
    found = kept.get(key_of(op)) if kept else None
    return found if found is not None and found.fits(op.data) else None


def prepare(snapshot: Snapshot, op: Search) -> Prepared | None:
    """Return `op` prepared, which the snapshot keeps; None for searches that ask for more.

    Raises:
        MilvusException: As `searches.run_search`.
    """
    key = key_of(op)
    if key is None:
        return None
    found = snapshot.cache.prepared.get(key)
    if found is None or not found.fits(op.data):
        found = made = PreparedSearch(snapshot, op)
        if made.is_lasting:
            snapshot.cache.keep_prepared(key, made)
    return found


def key_of(op: Search) -> Hashable | None:
    """Return what tells such a search from others, apart from its vectors; None if it has more."""
    data = op.data
    if type(data) is not VectorColumn or op.filter_params or op.extra or op.order_by:
        return None
    if op.ranker is not None or op.group_by or op.iterator is not None:
        return None  # even with a shape: search parameters may ask for it
    if op.shape is not None:
        return op.shape
    values = data.values
    params = op.params
    return (
        *(op.field, op.filter, op.limit, op.offset, op.output_fields, op.partitions, op.metric),
        tuple([(name, repr(params[name])) for name in sorted(params)]) if params else (),
        *(op.radius, op.range_filter, op.round_decimal, op.ignore_growing, op.time_zone),
        *(op.ids is None, values.shape[1:], values.dtype),
    )
