"""Prepared searches for dense and binary vectors."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from aiomilvus.engine.index.contract import without_warnings
from aiomilvus.engine.index.dense.faiss_index import FaissIndex
from aiomilvus.engine.query.search.cost import estimate_cost
from aiomilvus.engine.query.search.prepared_search import PreparedSearch
from aiomilvus.engine.query.search.view_searchers import searcher_of
from aiomilvus.model.columns import VectorColumn
from aiomilvus.model.read_limits import HIT_BYTES, check_output, end_if_abandoned

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aiomilvus.engine.index.contract import Found, Searcher
    from aiomilvus.engine.snapshot import Snapshot
    from aiomilvus.model.columns import Column
    from aiomilvus.model.operations.data import Search
    from aiomilvus.model.prepared import Queries
    from aiomilvus.model.results import SearchResult

    Walk = Callable[[VectorColumn], Found]

_ESTIMATES = 16
"""Searches that an estimate holds for: indexes and codes come while a snapshot lasts."""


class PreparedVectors(PreparedSearch):
    """As `PreparedSearch`, for vectors of one width."""

    __slots__ = ("_estimate", "_left", "_values", "_walked")

    def __init__(self, snapshot: Snapshot, op: Search) -> None:
        super().__init__(snapshot, op)
        self._values = VectorColumn.expect(self._plan.queries).values
        self._estimate = 0.0
        self._left = 0
        self._walked: tuple[Searcher | None, Walk | None] = None, None
        """What was searched last, and how, once that is by codes."""

    def fits(self, data: Column | None) -> bool:
        """As `PreparedSearch` says."""
        return self.ready(data) is not None

    def read(self, data: Column | None) -> Queries:
        """As `PreparedSearch` says."""
        return VectorColumn.expect(data)

    def ready(self, queries: Column | None) -> Queries | None:
        """As `Prepared.ready`."""
        if type(queries) is not VectorColumn:
            return None
        ours, theirs = self._values, queries.values
        is_alike = ours.shape[1] == theirs.shape[1] and ours.dtype == theirs.dtype
        return queries if is_alike else None

    def seconds(self, queries: Queries) -> float:
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

    def search(self, queries: Queries) -> SearchResult:
        """As `PreparedSearch` says."""
        if self._is_plain and len(queries) == 1:
            searcher = searcher_of(self._plan.target, self._plan.views[0])
            walked, walk = self._walked
            if walked is not searcher:
                walk = self._walk_of(searcher)
            if walk is not None:
                return self._search_one(queries, walk)
        with without_warnings():
            return self._search(queries)

    def _walk_of(self, searcher: Searcher) -> Walk | None:
        """Return how codes of the only view are searched; None where there are none yet."""
        if not isinstance(searcher, FaissIndex):
            return None
        walk = searcher.walker(self._k + 1, self.operation.params, self._plan.masks[0])
        # An external segment lets go of what it holds at any time.
        if walk is not None and not self._snapshot.schema.is_external:
            self._walked = searcher, walk
        return walk

    def _search_one(self, queries: Queries, walk: Walk) -> SearchResult:
        """Return the hits of one query over codes of one view: what most searches are.

        Equal scores, fewer hits than wanted, and numbers that are none are left to `_search`.
        """
        op, view, k = self.operation, self._plan.views[0], self._k
        end_if_abandoned()
        check_output(min(k, view.num_rows) * HIT_BYTES)
        found = walk(VectorColumn.expect(queries))
        scores = found.scores[0].tolist()
        if found.rows[0, k] < 0 or len(set(scores)) <= k or not isfinite(sum(scores)):
            with without_warnings():
                return self._search(queries, found)
        return self._result(view, found.rows[0, op.offset : k], found.scores[0, op.offset : k])

    def _together(self, parts: Sequence[Queries]) -> Queries:
        return VectorColumn(np.concatenate([VectorColumn.expect(part).values for part in parts]))
