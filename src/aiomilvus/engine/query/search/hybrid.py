"""Hybrid search: several searches, each with its own filter, merged by rank or by score."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from aiomilvus.engine.index.dense.vectors import LARGER_IS_CLOSER
from aiomilvus.engine.properties import largest_window
from aiomilvus.engine.query.fields.named import check_grouped_by, check_sorted_by
from aiomilvus.engine.query.rerank.arguments import invalid
from aiomilvus.engine.query.rerank.fusion import Part
from aiomilvus.engine.query.rerank.rank_functions import only_boosts
from aiomilvus.engine.query.rerank.rank_plan import ranks_descending, reranked, reranking_of
from aiomilvus.engine.query.search.element_hits import best_of_each
from aiomilvus.engine.query.search.element_scope import (
    SCOPE,
    check_groups,
    check_scope,
    check_together,
    collapse_of,
    collapsed,
    shared_struct,
)
from aiomilvus.engine.query.search.grouping import grouped, ranked_groups
from aiomilvus.engine.query.search.query_blocks import blocks, joined, queries_at_a_time
from aiomilvus.engine.query.search.reordering import sorted_hits
from aiomilvus.engine.query.search.search_plan import (
    Plan,
    most_hits,
    part_of,
    plan_search,
    queries_in,
)
from aiomilvus.engine.query.search.search_rules import check_hybrid
from aiomilvus.engine.query.search.searches import find, finish, searching
from aiomilvus.model.batch import ColumnBatch
from aiomilvus.model.operations.data import Search
from aiomilvus.model.ranking import Chains, Rerank
from aiomilvus.model.read_limits import HIT_BYTES, check_output

if TYPE_CHECKING:
    from aiomilvus.engine.query.candidates import Candidates
    from aiomilvus.engine.query.rerank.rank_plan import Reranking
    from aiomilvus.engine.query.search.element_scope import Collapse
    from aiomilvus.engine.query.search.searches import Find
    from aiomilvus.engine.snapshot import SegmentView, Snapshot
    from aiomilvus.model.operations.data import HybridSearch
    from aiomilvus.model.results import SearchResult


def run_hybrid(snapshot: Snapshot, op: HybridSearch) -> SearchResult:
    """Return the merged hits of the requests.

    Raises:
        ParamError: The requests or the ranker are wrong.
        NotSupportedError: The engine does not serve the ranker.
        ModelError: A model that the ranker asks failed.
    """
    check_hybrid(op, largest_window(snapshot.properties))
    if op.group_by:
        check_grouped_by(snapshot.schema, op.group_by)
    for key in op.order_by:
        check_sorted_by(snapshot.schema, key.field)
    reranking = reranking_of(snapshot.schema, op.ranker, len(op.requests))
    if op.group_by:
        reranking.check_ungrouped()
    requests = [_request(op, request) for request in op.requests]
    collapses = [collapse_of(request.params) for request in requests]
    requests = [_without_scope(request) for request in requests]
    plans = [plan_search(snapshot, request) for request in requests]
    elements = _check_scopes(snapshot, op, plans, collapses)
    views = _views(snapshot, plans)
    find_of = find if elements else _entities  # elements as such, or their entities
    searched = _Searched(snapshot, op, requests, collapses, views, reranking, find_of)
    whole, group = _ranked_in_blocks(searched, plans)
    as_search = Search(
        collection=op.collection,
        data=requests[0].data,
        output_fields=op.output_fields,
        round_decimal=op.round_decimal,
        order_by=op.order_by,
        time_zone=op.time_zone,
        extra=op.extra,
    )
    return finish(snapshot, views, as_search, whole, group, tuple(requests))


class _Searched(NamedTuple):
    """What all queries of a hybrid search share."""

    snapshot: Snapshot
    op: HybridSearch
    requests: list[Search]
    collapses: list[Collapse | None]
    views: tuple[SegmentView, ...]
    reranking: Reranking
    find_of: Find


def _ranked_in_blocks(
    searched: _Searched, plans: list[Plan]
) -> tuple[Candidates, ColumnBatch | None]:
    """Return the hits of all queries, so many queries at a time that memory stays bounded."""
    op, nq = searched.op, min(map(queries_in, plans))
    check_output(nq * min(op.limit, sum(map(most_hits, plans))) * HIT_BYTES)
    found = sum(
        min(request.limit, most_hits(plan))
        for request, plan in zip(searched.requests, plans, strict=True)
    )
    step = queries_at_a_time(found)
    if nq <= step or searched.reranking.rescore is not None or searched.reranking.mmr is not None:
        return _ranked(searched, plans)  # a model ranks the hits of all queries
    parts: list[tuple[Candidates, ColumnBatch | None]] = []
    for first, last in blocks(nq, step):
        parts.append(_ranked(searched, [part_of(plan, first, last) for plan in plans]))
    groups = [group for hits, group in parts if group is not None and len(hits.rows)]
    whole = joined([hits for hits, _ in parts])
    return whole, ColumnBatch.concat(groups) if groups else parts[0][1]


def _ranked(searched: _Searched, plans: list[Plan]) -> tuple[Candidates, ColumnBatch | None]:
    """Return the merged hits that are wanted, and the values they are grouped by."""
    snapshot, op, requests, collapses, views, reranking, find_of = searched
    parts = [
        Part(
            _hits(snapshot, op, request, plan, collapse, find_of),
            plan.views,
            plan.target.spec.metric,
        )
        for request, plan, collapse in zip(requests, plans, collapses, strict=True)
    ]
    whole = reranked(snapshot, views, parts, reranking, op.limit + op.offset)
    if op.group_by:
        larger = ranks_descending(reranking, [part.metric for part in parts])
        return ranked_groups(snapshot, op, views, whole, larger=larger)
    if op.order_by:
        best = whole.window(0, op.offset + op.limit)
        whole = sorted_hits(snapshot, views, op.order_by, best)
    return whole.window(op.offset, op.limit), None


def _without_scope(request: Search) -> Search:
    if SCOPE not in request.params:
        return request
    rest = {name: value for name, value in request.params.items() if name != SCOPE}
    return msgspec.structs.replace(request, params=rest)


def _check_scopes(
    snapshot: Snapshot, op: HybridSearch, plans: list[Plan], collapses: list[Collapse | None]
) -> bool:
    """Return whether elements are merged as such, and not as their entities.

    Raises:
        ParamError: A request can't collapse elements as it asks, or group them.
    """
    targets = [plan.target for plan in plans]
    for target, collapse in zip(targets, collapses, strict=True):
        if collapse is not None:
            check_scope(target, collapse)
            if op.group_by:
                invalid(f"{SCOPE} can't be used together with group_by_field")
    check_together(targets, collapses)
    elements = shared_struct(targets) and not any(collapses)
    check_groups(targets, op.group_by, snapshot.schema.primary.name, elements=elements)
    return elements


def _hits(
    snapshot: Snapshot,
    op: HybridSearch,
    request: Search,
    plan: Plan,
    collapse: Collapse | None,
    find_of: Find,
) -> Candidates:
    """Return the hits of one request: its best, or those of its best groups."""
    if collapse is not None:
        larger = plan.target.spec.metric in LARGER_IS_CLOSER
        return collapsed(find(snapshot, request, plan, request.limit), collapse, larger=larger)
    if not op.group_by and (find_of is find or not plan.target.finds_elements):
        return find(snapshot, request, plan, request.limit)
    grouping = msgspec.structs.replace(
        request,
        group_by=op.group_by or (snapshot.schema.primary.name,),
        group_size=op.group_size if op.group_by else 1,
        strict_group_size=op.strict_group_size and bool(op.group_by),
    )
    hits, _ = grouped(
        snapshot,
        grouping,
        plan.views,
        searching(snapshot, request, plan, find_of),
        total=most_hits(plan),
    )
    return hits


def _entities(snapshot: Snapshot, request: Search, plan: Plan, k: int) -> Candidates:
    """Return the best `k` hits; of elements of structs their entities, which are fewer."""
    hits = find(snapshot, request, plan, k)
    return best_of_each(hits) if plan.target.finds_elements else hits


def _views(snapshot: Snapshot, plans: list[Plan]) -> tuple[SegmentView, ...]:
    """Return the views that any plan reads: requests may name different partitions."""
    read = {view.segment.id for plan in plans for view in plan.views}
    return tuple(view for view in snapshot.views if view.segment.id in read)


def _request(op: HybridSearch, request: Search) -> Search:
    """Return a request with what the whole search says of it: each is boosted by itself."""
    if isinstance(request.ranker, Chains):
        invalid("function_chains is not supported for hybrid_search yet")
    if isinstance(op.ranker, Rerank):
        request = _boosted(request, only_boosts(op.ranker))
    if request.namespace == op.namespace and not (
        request.offset or op.partitions or op.ignore_growing or op.time_zone
    ):
        return request
    return msgspec.structs.replace(
        request,
        offset=0,
        partitions=request.partitions or op.partitions,
        namespace=op.namespace,
        ignore_growing=request.ignore_growing or op.ignore_growing,
        time_zone=request.time_zone or op.time_zone,
    )


def _boosted(request: Search, boosts: Rerank) -> Search:
    """Return a request with more boosts.

    Raises:
        ParamError: The request has another ranker of its own beside them.
    """
    if not boosts.functions:
        return request
    if request.ranker is None:
        return msgspec.structs.replace(request, ranker=boosts)
    if not isinstance(request.ranker, Rerank):
        invalid("a request of a boosted hybrid search can be ranked by rerank functions only")
    functions = (*request.ranker.functions, *boosts.functions)
    ranker = msgspec.structs.replace(request.ranker, functions=functions)
    return msgspec.structs.replace(request, ranker=ranker)
