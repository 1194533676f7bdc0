"""Search iterators: page after page of the same hits.

The first page ranks all allowed entities exactly and keeps the order, and with it the snapshot,
under the iterator's token; the next pages are cut from it. A token that is no longer kept is
ranked again on the current snapshot, beyond the last bound.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.engine.query.candidates import merged, merged_ranges, none
from aiomilvus.engine.query.search.element_hits import with_rows
from aiomilvus.engine.query.search.search_plan import most_hits, plan_search
from aiomilvus.engine.query.search.searches import finish
from aiomilvus.engine.query.search.ties import by_key
from aiomilvus.engine.query.search.view_searchers import exact_searcher, parameters
from aiomilvus.errors import ParamError
from aiomilvus.model.results import IteratorPage, SearchResult

if TYPE_CHECKING:
    from aiomilvus.engine.bounded_cache import BoundedCache
    from aiomilvus.engine.query.candidates import Candidates
    from aiomilvus.engine.query.search.search_plan import Plan
    from aiomilvus.engine.snapshot import SegmentView, Snapshot
    from aiomilvus.model.operations.data import Search, SearchIteratorState

_LIMIT = 16_384


@dataclass
class Ranking:
    """All hits of an iterator on its snapshot, and how many were given out."""

    snapshot: Snapshot
    views: tuple[SegmentView, ...]
    hits: Candidates
    given: int


def run_page(
    snapshot: Snapshot, op: Search, rankings: BoundedCache[Ranking] | None = None
) -> SearchResult:
    """Return the next page of a search iterator; an empty one is the end.

    Args:
        snapshot: What a new iterator reads.
        op: The search, with the iterator's state.
        rankings: Those of the iterators under way; None to remember none.

    Raises:
        ParamError: There is more than one query, or the batch size is out of range.
    """
    state = op.iterator
    if state is None or op.nq != 1:
        raise ParamError(message="a search iterator takes one query vector: invalid parameter")
    if not 1 <= state.batch_size <= _LIMIT:
        message = f"batch size [{state.batch_size}] should be in range [1, {_LIMIT}]"
        raise ParamError(message=f"{message}: invalid parameter")
    token = state.token
    ranking = rankings.take(token) if token and rankings is not None else None
    if ranking is None:
        token = token or uuid.uuid4().hex
        ranking = _rank(snapshot, op, state)
    page = ranking.hits.window(ranking.given, state.batch_size)
    ranking.given += len(page.rows)
    if ranking.given >= len(ranking.hits.rows):
        # The end is still to be told; that takes no hits.
        ranking.hits, ranking.given = none(1), 0
    if rankings is not None and len(page.rows):
        rankings.put(token, ranking.snapshot.collection_id, ranking)
    result = finish(ranking.snapshot, ranking.views, op, page)
    bound = float(page.scores[-1]) if len(page.scores) else (state.last_bound or 0.0)
    return _with_page(result, IteratorPage(token=token, last_bound=bound))


def _with_page(result: SearchResult, page: IteratorPage) -> SearchResult:
    values = {name: getattr(result, name) for name in result.__struct_fields__}
    return SearchResult(**{**values, "iterator": page})


def _rank(snapshot: Snapshot, op: Search, state: SearchIteratorState) -> Ranking:
    plan = plan_search(snapshot, op)
    hits = _all_hits(snapshot, op, plan) if plan.views else none(1)
    hits = by_key(snapshot, plan.views, hits, max(len(hits.rows), 1))
    given = 0
    if state.token and state.last_bound is not None:
        beyond = hits.scores < state.last_bound if plan.larger else hits.scores > state.last_bound
        given = len(beyond) - int(np.count_nonzero(beyond))
    return Ranking(snapshot, plan.views, hits, given)


def _all_hits(snapshot: Snapshot, op: Search, plan: Plan) -> Candidates:
    """Return every allowed entity, or element, by its exact score."""
    params = parameters(snapshot, plan.target, op)
    pairs = list(zip(plan.views, plan.masks, strict=True))
    searchers = [exact_searcher(plan.target, view) for view in plan.views]
    if op.radius is not None:
        ranges = [
            searcher.range_search(plan.queries, op.radius, op.range_filter, params, mask)
            for searcher, (_, mask) in zip(searchers, pairs, strict=True)
        ]
        hits = merged_ranges(ranges, larger=plan.larger)
    else:
        counts = [max(most_hits(plan._replace(views=(view,))), 1) for view in plan.views]
        found = [
            searcher.search(plan.queries, count, params, mask)
            for searcher, count, (_, mask) in zip(searchers, counts, pairs, strict=True)
        ]
        hits = merged(found, sum(counts), larger=plan.larger)
    return with_rows(plan.target, plan.views, hits) if plan.target.finds_elements else hits
