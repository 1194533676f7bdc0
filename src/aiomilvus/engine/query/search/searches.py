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
from aiomilvus.engine.query.filtering.isolation import check_isolation
from aiomilvus.engine.query.filtering.key_lookup import visible_rows
from aiomilvus.engine.query.filtering.scope import allowed, bound, schema_in, views_of
from aiomilvus.engine.query.rerank.boost import boosted, boosted_range
from aiomilvus.engine.query.rerank.chains import run_in_segment
from aiomilvus.engine.query.rerank.fusion import Part
from aiomilvus.engine.query.rerank.rank_plan import (
    NOTHING,
    ranks_descending,
    reranked,
    reranking_of,
)
from aiomilvus.engine.query.search.buckets import aggregated
from aiomilvus.engine.query.search.element_hits import (
    check_element_filter,
    check_elements,
    count_elements,
    element_masks,
    with_rows,
)
from aiomilvus.engine.query.search.grouping import grouped, ranked_groups
from aiomilvus.engine.query.search.highlighting import highlights_of
from aiomilvus.engine.query.search.reordering import sorted_groups, sorted_hits
from aiomilvus.engine.query.search.search_rules import check_params, check_search
from aiomilvus.engine.query.search.ties import by_key, search_view
from aiomilvus.engine.query.search.view_searchers import (
    parameters,
    queries_of,
    searcher_of,
    target_of,
)
from aiomilvus.engine.write.value_checks import checked
from aiomilvus.errors import ParamError
from aiomilvus.model.read_limits import HIT_BYTES, check_output
from aiomilvus.model.results import SearchResult
from aiomilvus.model.types import MetricType

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aiomilvus.engine.index.search_target import SearchTarget
    from aiomilvus.engine.query.rerank.chains import Chain
    from aiomilvus.engine.query.rerank.rank_plan import Reranking
    from aiomilvus.engine.snapshot import SegmentView, Snapshot
    from aiomilvus.model.batch import ColumnBatch
    from aiomilvus.model.columns import Column
    from aiomilvus.model.operations.data import Search
    from aiomilvus.model.results import Bucket
    from aiomilvus.model.schema import Field, Schema


class Plan(NamedTuple):
    """A checked search: where, for what, under which masks, and what is done to its hits."""

    target: SearchTarget
    views: tuple[SegmentView, ...]
    queries: Column
    masks: list[NDArray[np.bool_] | None]
    larger: bool
    reranking: Reranking
    is_lasting: bool
    """Whether the masks hold for the next such search: those of a sample or template do not."""
    present: NDArray[np.bool_] | None = None
    """Of a search by ids, which of the entities have a vector; None for all."""


def plan_search(snapshot: Snapshot, op: Search) -> Plan:
    """Check `op` against the snapshot and prepare it.

    Raises:
        MilvusException: As `run_search`.
    """
    views = views_of(snapshot, op.partitions, ignore_growing=op.ignore_growing, purpose="search")
    target = target_of(snapshot, op.field)
    check_search(target, op, largest_window(snapshot.properties))
    if target.finds_elements:
        check_elements(target, op)
    if op.params:
        check_params(target, op)
    predicate = None
    if op.filter:
        predicate = bound(snapshot, op.filter, op.filter_params, op.time_zone)
    if predicate is not None:
        check_element_filter(target, predicate.predicate)
    check_isolation(snapshot, None if predicate is None else predicate.predicate)
    data, present = op.data, None
    if data is None:
        if op.ids is not None:
            checked(snapshot.schema.primary, op.ids)
        data, present = stored_vectors(views, target, op)
    reranking = NOTHING
    if op.ranker is not None:
        reranking = reranking_of(snapshot.schema, op.ranker, None, target.field)
    queries = queries_of(snapshot, target, data, op.params)
    masks = [allowed(snapshot, view, predicate) for view in views]
    if target.finds_elements:
        filtered = None if predicate is None else predicate.predicate
        masks = element_masks(snapshot, target, views, masks, filtered)
    larger = MetricType(target.spec.metric).larger_is_closer
    is_lasting = predicate is None or predicate.key is not None
    return Plan(target, views, queries, masks, larger, reranking, is_lasting, present)


def stored_vectors(
    views: tuple[SegmentView, ...], target: SearchTarget, op: Search
) -> tuple[Column, NDArray[np.bool_] | None]:
    """Return the vectors of the entities named by `op.ids`, in that order, and which have one.

    Raises:
        ParamError: An entity does not exist, or none has a vector.
    """
    if op.ids is None:
        raise ParamError(message="a search needs query vectors or ids: invalid parameter")
    parts: list[Column] = []
    for at in range(len(op.ids)):
        key = op.ids.slice(at, at + 1)
        for view in views:
            rows = visible_rows(view, key)
            if len(rows):
                parts.append(view.segment.column(target.field).take(rows[:1]))
                break
        else:
            raise ParamError(message=f"no entity has the {at}th of the ids: invalid parameter")
    column = type(parts[0]).concat(parts)
    present = column.valid
    if present is None or present.all():
        column.valid = None
        return column, None
    if not present.any():
        raise ParamError(message="no entity named by ids has a vector: invalid parameter")
    column = column.take(np.flatnonzero(present))
    column.valid = None
    return column, present


def find(snapshot: Snapshot, op: Search, plan: Plan, k: int) -> Candidates:
    """Return up to `k` hits of each query, boosted if the search asks for it.

    Hits of equal score come by ascending primary key; an entity without a vector finds nothing.
    """
    if not plan.views:
        return none(len(plan.queries) if plan.present is None else len(plan.present))
    check_output(len(plan.queries) * min(k, most_hits(plan)) * HIT_BYTES)
    hits = _found(snapshot, op, plan, k)
    if plan.target.finds_elements:
        hits = with_rows(plan.target, plan.views, hits)
    hits = by_key(snapshot, plan.views, hits, k)
    if plan.present is None:
        return hits
    counts = np.zeros(len(plan.present), np.int64)
    counts[plan.present] = np.diff(hits.offsets)
    return hits.pick(np.arange(len(hits.rows)), np.concatenate([[0], np.cumsum(counts)]))


def most_hits(plan: Plan) -> int:
    """Return how many hits a query can have at most."""
    if plan.target.finds_elements:
        return count_elements(plan.target, plan.views)
    return sum(view.num_rows for view in plan.views)


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
        buckets = aggregated(snapshot, op, plan.views, lambda k: find(snapshot, op, plan, k))
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
            lambda k: find(snapshot, op, plan, k),
            total=most_hits(plan),
            together=True,
        )
    first = msgspec.structs.replace(op, limit=op.limit + op.offset, offset=0)
    hits, _ = grouped(snapshot, first, plan.views, lambda k: find(snapshot, op, plan, k))
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
