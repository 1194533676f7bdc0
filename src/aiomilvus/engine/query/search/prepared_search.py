"""A search without its queries: checked and planned once, asked again and again.

Here is what dense and sparse ones share; `prepared_vectors` and `prepared_terms` know the shortest
way of each. `prepared` makes and finds them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import msgspec

from aiomilvus.engine.index.contract import without_warnings
from aiomilvus.engine.properties import largest_window
from aiomilvus.engine.query.candidates import ends_of, single
from aiomilvus.engine.query.fields.fetch import fetch_from
from aiomilvus.engine.query.search.search_plan import plan_search
from aiomilvus.engine.query.search.search_rules import check_numbers, check_window
from aiomilvus.engine.query.search.searches import find, finish, shown_by
from aiomilvus.engine.query.search.ties import by_key, resolve_last_ties, search_view
from aiomilvus.engine.query.search.view_searchers import parameters
from aiomilvus.model.columns import VectorColumn
from aiomilvus.model.results import SearchResult

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from aiomilvus.engine.index.contract import Found
    from aiomilvus.engine.snapshot import SegmentView, Snapshot
    from aiomilvus.model.columns import Column
    from aiomilvus.model.operations.data import Search
    from aiomilvus.model.prepared import Queries

_FEW = 16
"""So many queries are searched for at once, without a look at what it takes."""


class PreparedSearch(ABC):
    """A search without its queries, checked and planned on one snapshot. Safe to share.

    Args:
        snapshot: What is searched.
        op: One of the searches.

    Raises:
        MilvusException: As `searches.run_search`.
    """

    __slots__ = (
        "_is_plain",
        "_k",
        "_most",
        "_params",
        "_plan",
        "_shown",
        "_snapshot",
        "field",
        "operation",
    )

    def __init__(self, snapshot: Snapshot, op: Search) -> None:
        plan = plan_search(snapshot, op)
        self._params = parameters(snapshot, plan.target, op)
        """Of the index, BM25's statistics among them."""
        self._snapshot = msgspec.structs.replace(snapshot)  # the other will keep this
        self._snapshot.cache.scorings.update(snapshot.cache.scorings)
        self.operation = msgspec.structs.replace(op, data=None)
        """One of the searches, without its queries."""
        self.field = plan.target.field
        """What is searched."""
        self._plan = plan._replace(queries=plan.queries.slice(0, 0))
        self._shown = shown_by(snapshot, op)
        self._k = op.limit + op.offset
        self._most = largest_window(snapshot.properties)
        self._is_plain = (
            len(plan.views) == 1
            and op.radius is None
            and op.round_decimal < 0
            and not plan.target.finds_elements
        )

    @property
    def is_lasting(self) -> bool:
        """Whether the next such search is the same except for its vectors: a sample is not."""
        return self._plan.is_lasting

    @abstractmethod
    def fits(self, data: Column | None) -> bool:
        """Return whether it can be asked with `data`: of the kind that it was prepared with."""

    @abstractmethod
    def read(self, data: Column | None) -> Queries:
        """Return what fits as queries: vectors, or the terms of texts."""

    @abstractmethod
    def ready(self, queries: Column | None) -> Queries | None:
        """As `Prepared.ready`."""

    @abstractmethod
    def seconds(self, queries: Queries) -> float:
        """Return how long it will take with these queries, roughly."""

    @abstractmethod
    def search(self, queries: Queries) -> SearchResult:
        """Return the hits of each query.

        Raises:
            ParamError: There are too many queries, or one holds a number that is none.
        """

    def _search(self, queries: Queries, found: Found | None = None) -> SearchResult:
        """Return the hits of each query; `found` in the only view, if that was searched already."""
        op, plan, snapshot, k = self.operation, self._plan, self._snapshot, self._k
        check_window(op.limit, op.offset, len(queries), self._most)
        if isinstance(queries, VectorColumn):
            check_numbers(self.field.name, queries)
        if self._is_plain and (found is not None or len(queries) <= _FEW):
            target, view, mask = plan.target, plan.views[0], plan.masks[0]
            if found is None:
                found = search_view(snapshot, target, view, queries, k, self._params, mask)
            else:
                found = resolve_last_ties(
                    snapshot, target, view, queries, k, self._params, mask, found
                )
            hits = by_key(snapshot, plan.views, single(found), k)
        else:
            hits = find(snapshot, op, plan._replace(queries=queries), k)
        if op.offset or len(hits.rows) > op.limit * len(queries):
            hits = hits.window(op.offset, op.limit)
        return finish(snapshot, plan.views, op, hits, shown_by_it=self._shown)

    def _result(
        self, view: SegmentView, rows: NDArray[np.int64], scores: NDArray[np.float32]
    ) -> SearchResult:
        """Return one query's hits, rows of one view, as the result."""
        shown, primary = self._shown, self._snapshot.schema.primary
        return SearchResult(
            offsets=ends_of(len(rows)),
            ids=view.segment.column(primary).take(rows),
            scores=scores,
            schema=shown.schema,
            primary_name=primary.name,
            output_fields=shown.names,
            batch=fetch_from(shown.fields, view, rows) if shown.fields else None,
            snapshot=self._snapshot.number,
            timestamp=self._snapshot.timestamp,
        )

    def search_batch(self, parts: Sequence[Queries]) -> list[SearchResult]:
        """Return the hits of several searches' queries, run as one."""
        if len(parts) == 1:
            return [self.search(parts[0])]
        with without_warnings():
            whole = self._search(self._together(parts))
        results, at = [], 0
        for part in parts:
            results.append(whole.part(at, at + len(part)))
            at += len(part)
        return results

    @abstractmethod
    def _together(self, parts: Sequence[Queries]) -> Queries:
        """Return several searches' queries as those of one."""
