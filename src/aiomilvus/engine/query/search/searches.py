"""Searches: the nearest entities to query vectors, texts or stored entities."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from aiomilvus.engine.properties import largest_window
from aiomilvus.engine.query.candidates import Candidates, merged, merged_ranges, none, single
from aiomilvus.engine.query.fields.fetch import fetch, gather, outputs, places_of
from aiomilvus.engine.query.fields.named import check_grouped_by, check_sorted_by
from aiomilvus.engine.query.fields.time_parts import parts_asked, taken_apart
from aiomilvus.engine.query.filtering.scope import schema_in
from aiomilvus.engine.query.rerank.boost import boosted, boosted_range
from aiomilvus.engine.query.rerank.chains import run_in_segment
from aiomilvus.engine.query.rerank.fusion import Part
from aiomilvus.engine.query.rerank.rank_plan import (
    NOTHING,
    ranks_descending,
    reranked,
)
from aiomilvus.engine.query.search.buckets import aggregated
from aiomilvus.engine.query.search.element_hits import (
    with_rows,
)
from aiomilvus.engine.query.search.grouping import Searching, grouped, ranked_groups
from aiomilvus.engine.query.search.highlighting import highlights_of
from aiomilvus.engine.query.search.query_blocks import blocks, joined, queries_at_a_time
from aiomilvus.engine.query.search.reordering import sorted_groups, sorted_hits
from aiomilvus.engine.query.search.search_plan import most_hits, part_of, plan_search, queries_in
from aiomilvus.engine.query.search.ties import by_key, plan_view, search_view
from aiomilvus.engine.query.search.view_searchers import (
    parameters,
    searcher_of,
)
from aiomilvus.model.read_limits import HIT_BYTES, check_output
from aiomilvus.model.results import SearchResult

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.engine.query.rerank.chains import Chain
    from aiomilvus.engine.query.search.search_plan import Plan
    from aiomilvus.engine.snapshot import SegmentView, Snapshot
    from aiomilvus.model.batch import ColumnBatch
    from aiomilvus.model.operations.data import Search
    from aiomilvus.model.results import Bucket
    from aiomilvus.model.schema import Field, Schema

    Find = Callable[[Snapshot, Search, Plan, int], Candidates]


_FEW_QUERIES, _FEW_HITS = 64, 64
"""So many queries for so many hits are searched for at once, without a look at what it takes."""


def find(snapshot: Snapshot, op: Search, plan: Plan, k: int) -> Candidates:
    """Return up to `k` hits of each query, boosted if the search asks for it.

    Hits of equal score come by ascending primary key; an entity without a vector finds nothing.
    """
    nq = len(plan.queries)
    if not plan.views or not nq:
        return none(queries_in(plan))
    check_output(nq * min(k, most_hits(plan)) * HIT_BYTES)
    step = _at_a_time(snapshot, op, plan, k)
    if nq <= step:
        hits = _best(snapshot, op, plan, k)
    else:
        parts: list[Candidates] = []
        for first, last in blocks(nq, step):
            part = plan._replace(queries=plan.queries.slice(first, last))
            parts.append(_best(snapshot, op, part, k))
        hits = joined(parts)
    if plan.present is None:
        return hits
    counts = np.zeros(len(plan.present), np.int64)
    counts[plan.present] = np.diff(hits.offsets)
    return hits.pick(np.arange(len(hits.rows)), np.concatenate([[0], np.cumsum(counts)]))


def _at_a_time(snapshot: Snapshot, op: Search, plan: Plan, k: int) -> int:
    """Return how many queries to search for at a time."""
    nq = len(plan.queries)
    is_small = nq * max(k, _FEW_HITS) <= _FEW_QUERIES * _FEW_HITS
    if is_small or plan.reranking.segment_chain is not None:
        return nq  # a chain works on the hits of all queries
    params = parameters(snapshot, plan.target, op)
    hits, microseconds = 0, 0.0
    for view, mask in zip(plan.views, plan.masks, strict=True):
        planned = plan_view(searcher_of(plan.target, view), plan.queries, k, op, params, mask)
        hits += view.num_rows if op.radius is not None else min(k + 1, view.num_rows)
        if planned.strategy != "exact":  # which looks by itself whether anyone still waits
            microseconds += planned.microseconds
    return queries_at_a_time(hits, microseconds)


def _best(snapshot: Snapshot, op: Search, plan: Plan, k: int) -> Candidates:
    """Return the `k` best hits of each of some queries."""
    hits = _found(snapshot, op, plan, k)
    if plan.target.finds_elements:
        hits = with_rows(plan.target, plan.views, hits)
    return by_key(snapshot, plan.views, hits, k)


def _found(snapshot: Snapshot, op: Search, plan: Plan, k: int) -> Candidates:
    """Return the `k` best hits or more; their rows are elements where the target's hits are."""
    params = parameters(snapshot, plan.target, op)
    pairs = zip(plan.views, plan.masks, strict=True)
    boosts, chain = plan.reranking.boosts, plan.reranking.segment_chain
    if op.radius is not None:
        ranges = [
            searcher_of(plan.target, view).range_search(
                plan.queries, op.radius, op.range_filter, params, mask
            )
            for view, mask in pairs
        ]
        if chain is not None:
            listed = [
                Candidates(f.offsets, f.scores, np.zeros_like(f.rows), f.rows) for f in ranges
            ]
            return _chained(snapshot, plan, listed, chain)
        if boosts is not None:
            ranges = [
                boosted_range(snapshot, view, found, boosts, op.filter_params, larger=plan.larger)
                for view, found in zip(plan.views, ranges, strict=True)
            ]
        return merged_ranges(ranges, larger=plan.larger)
    found = [
        search_view(snapshot, plan.target, view, plan.queries, k, params, mask)
        for view, mask in pairs
    ]
    if chain is not None:
        return _chained(snapshot, plan, [single(each) for each in found], chain)
    if boosts is not None:
        found = [
            boosted(snapshot, view, each, boosts, op.filter_params, larger=plan.larger)
            for view, each in zip(plan.views, found, strict=True)
        ]
    return merged(found, k, larger=plan.larger)


def _chained(snapshot: Snapshot, plan: Plan, found: list[Candidates], chain: Chain) -> Candidates:
    """Return what each view found as a chain scores it, the largest score first."""
    pairs = zip(plan.views, found, strict=True)
    scored = [run_in_segment(snapshot, view, hits, chain) for view, hits in pairs]
    return merged_ranges(scored, larger=True)


def run_search(snapshot: Snapshot, op: Search) -> SearchResult:
    """Return the hits of `op`; pages of an iterator are `iteration.run_page`'s.

    Raises:
        CollectionNotLoadedError: Nothing is loaded.
        ParamError: A value of the search is wrong.
        ExpressionError: The filter is wrong.
        NotSupportedError: The engine does not serve an option.
        ModelError: A model that the search needs failed.
    """
    plan = plan_search(snapshot, op)
    for key in op.order_by:
        check_sorted_by(snapshot.schema, key.field)
    group = None
    if op.group_by or "search_aggregation" in op.extra:
        plan.reranking.check_ungrouped()
    if "search_aggregation" in op.extra:
        buckets = aggregated(snapshot, op, plan.views, searching(snapshot, op, plan))
        return finish(snapshot, plan.views, op, none(op.nq), None, (op,), buckets)
    if op.group_by:
        check_grouped_by(snapshot.schema, op.group_by)
        hits, group = _grouped(snapshot, op, plan)
    else:
        count = op.limit + op.offset
        hits = find(snapshot, op, plan, wanted(snapshot, op, plan))
        if plan.reranking is not NOTHING:
            hits = _reranked(snapshot, plan, hits, count)
        if op.order_by:
            hits = sorted_hits(snapshot, plan.views, op.order_by, hits)
        if op.offset or len(hits.rows) > op.limit * len(plan.queries):
            hits = hits.window(op.offset, op.limit)
    return finish(snapshot, plan.views, op, hits, group, (op,))


def searching(snapshot: Snapshot, op: Search, plan: Plan, find_of: Find = find) -> Searching:
    """Return what finds so many hits of some of the search's queries."""

    def search(k: int, first: int, last: int) -> Candidates:
        whole = first == 0 and last == queries
        return find_of(snapshot, op, plan if whole else part_of(plan, first, last), k)

    queries = queries_in(plan)
    return Searching(queries, search)


def wanted(snapshot: Snapshot, op: Search, plan: Plan) -> int:
    """Return how many hits of each query to find, of which the best are kept."""
    return plan.reranking.wanted(op.limit + op.offset, largest_window(snapshot.properties))


def _reranked(snapshot: Snapshot, plan: Plan, hits: Candidates, count: int) -> Candidates:
    part = Part(hits, plan.views, plan.target.spec.metric)
    return reranked(snapshot, plan.views, [part], plan.reranking, count)


def _grouped(snapshot: Snapshot, op: Search, plan: Plan) -> tuple[Candidates, ColumnBatch]:
    """Return the hits of the best groups; what reranks them works on the groups first found."""
    if plan.reranking.merge is None and plan.reranking.rescore is None:
        return grouped(
            snapshot,
            op,
            plan.views,
            searching(snapshot, op, plan),
            total=most_hits(plan),
            together=True,
        )
    first = msgspec.structs.replace(op, limit=op.limit + op.offset, offset=0)
    hits, _ = grouped(snapshot, first, plan.views, searching(snapshot, op, plan))
    hits = _reranked(snapshot, plan, hits, len(hits.rows))
    larger = ranks_descending(plan.reranking, [plan.target.spec.metric])
    return ranked_groups(snapshot, op, plan.views, hits, larger=larger)


class Shown(NamedTuple):
    """What hits are shown with.

    Attributes:
        names: As `Outputs.names`.
        fields: As `Outputs.fields`.
        schema: In the time zone of the result.
    """

    names: tuple[str, ...]
    fields: tuple[Field, ...]
    schema: Schema


def shown_by(snapshot: Snapshot, op: Search) -> Shown:
    """Return what `op` shows of its hits.

    Raises:
        ParamError: It names a field, or a time zone, that there is not.
    """
    names, fields = outputs(snapshot.schema, op.output_fields) if op.output_fields else ((), ())
    return Shown(names, fields, schema_in(snapshot, op.time_zone))


def finish(
    snapshot: Snapshot,
    views: tuple[SegmentView, ...],
    op: Search,
    hits: Candidates,
    group: ColumnBatch | None = None,
    requests: tuple[Search, ...] = (),
    buckets: tuple[tuple[Bucket, ...], ...] | None = None,
    shown_by_it: Shown | None = None,
) -> SearchResult:
    """Return the result: ids, rounded scores, output fields and highlights of the hits.

    Args:
        snapshot: What was searched.
        views: What the hits' owners number.
        op: Says what to return.
        hits: What was found.
        group: Values of the fields that the hits are grouped by.
        requests: The searches, whose texts may be highlighted.
        buckets: What the hits were aggregated to.
        shown_by_it: What `shown_by` told of `op`, if it was asked.
    """
    schema = snapshot.schema
    if op.order_by and group is not None:
        hits, group = sorted_groups(snapshot, views, op.order_by, hits, group)
    places = places_of(views, hits.owners, hits.rows) if len(hits.rows) else []
    names, fields, shown = shown_by_it or shown_by(snapshot, op)
    batch = fetch(fields, places) if fields else None
    parts = parts_asked(op.extra) if op.extra else ()
    if parts:
        shown, (group, batch) = taken_apart(shown, parts, group, batch)
    scores = hits.scores if op.round_decimal < 0 else np.round(hits.scores, op.round_decimal)
    return SearchResult(
        offsets=hits.offsets,
        ids=gather(schema.primary, places),
        scores=scores,
        schema=shown,
        primary_name=schema.primary.name,
        output_fields=names,
        batch=batch,
        group_by=group,
        element_indices=hits.elements,
        highlights=(
            highlights_of(snapshot, op, requests, places, hits.offsets) if op.extra else None
        ),
        buckets=buckets,
        snapshot=snapshot.number,
        timestamp=snapshot.timestamp,
    )
