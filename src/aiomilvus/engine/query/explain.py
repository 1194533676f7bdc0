"""Running a search or query and telling how: segments, selectivity, strategy, index, timings."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from aiomilvus.engine.index.costs import NEVER_INLINE
from aiomilvus.engine.properties import largest_window
from aiomilvus.engine.query.filtering.index_lookup import count_told, indexes_for
from aiomilvus.engine.query.filtering.scope import Filter, allowed, bound, views_of
from aiomilvus.engine.query.filtering.selectivity import selectivity
from aiomilvus.engine.query.rerank.rank_plan import described, reranking_of
from aiomilvus.engine.query.scan.queries import run_query
from aiomilvus.engine.query.scan.query_rules import COUNT
from aiomilvus.engine.query.search.cost import estimate_cost
from aiomilvus.engine.query.search.element_hits import element_masks
from aiomilvus.engine.query.search.hybrid import run_hybrid
from aiomilvus.engine.query.search.iteration import run_page
from aiomilvus.engine.query.search.search_plan import plan_search
from aiomilvus.engine.query.search.searches import find, run_search, wanted
from aiomilvus.engine.query.search.ties import plan_view
from aiomilvus.engine.query.search.view_searchers import parameters, searcher_of, target_of
from aiomilvus.expr.predicate import And, Leaf, Not, Or, Sample, Truth
from aiomilvus.model.explanation import Explanation, RequestPlan, SegmentPlan
from aiomilvus.model.operations.data import HybridSearch, Query, Search

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from aiomilvus.engine.index.contract import SearchPlan
    from aiomilvus.engine.query.search.search_plan import Plan
    from aiomilvus.engine.snapshot import SegmentView, Snapshot
    from aiomilvus.expr.predicate import Bound
    from aiomilvus.model.operations.data import Explain

_OPERATIONS = {Search: "search", Query: "query", HybridSearch: "hybrid_search"}
_TRIES = 3
_MASKED = {"exact": "exact over candidates", "codes": "masked codes", "index": "masked index"}


class _Filtered(NamedTuple):
    """What a filter did to one view."""

    mask: NDArray[np.bool_] | None
    estimate: float | None
    by: str
    names: tuple[str, ...]
    microseconds: float

    def passing(self, view: SegmentView) -> int:
        """Return how many rows pass."""
        return view.num_rows if self.mask is None else int(np.count_nonzero(self.mask))


def run_explain(snapshot: Snapshot, op: Explain) -> Explanation:
    """Run the operation and tell how.

    Filters are evaluated again, and each segment is searched once more on its own, to time them.

    Raises:
        MilvusException: Whatever the operation itself would raise.
    """
    inner = op.operation
    estimate = estimate_cost(snapshot, inner)
    took = _run(snapshot, inner)
    if estimate >= NEVER_INLINE:
        # Files had to be opened, or a library to be loaded: that is no estimate of the search.
        estimate = estimate_cost(snapshot, inner)
        if estimate < NEVER_INLINE:
            took = _run(snapshot, inner)
    parts = inner.requests if isinstance(inner, HybridSearch) else (inner,)
    return Explanation(
        operation=_OPERATIONS[type(inner)],
        collection=snapshot.name,
        snapshot=snapshot.number,
        requests=tuple(
            _search_plan(snapshot, part)
            if isinstance(part, Search)
            else _query_plan(snapshot, part)
            for part in parts
        ),
        estimated_microseconds=round(estimate, 1),
        actual_microseconds=took,
        reranking=_reranking(snapshot, inner),
    )


def _run(snapshot: Snapshot, op: Query | Search | HybridSearch) -> float:
    """Run an operation; return how many microseconds it took."""
    started = time.perf_counter()
    if isinstance(op, HybridSearch):
        run_hybrid(snapshot, op)
    elif not isinstance(op, Search):
        run_query(snapshot, op)
    elif op.iterator is None:
        run_search(snapshot, op)
    else:
        run_page(snapshot, op)
    return _since(started)


def _reranking(snapshot: Snapshot, op: Query | Search | HybridSearch) -> str:
    """Return what is done to the hits, "" for nothing."""
    if isinstance(op, Query) or (isinstance(op, Search) and op.ranker is None):
        return ""
    if isinstance(op, Search):
        field = target_of(snapshot, op.field).field
        reranking = reranking_of(snapshot.schema, op.ranker, None, field)
    else:
        reranking = reranking_of(snapshot.schema, op.ranker, len(op.requests))
    return described(reranking, op.limit + op.offset, largest_window(snapshot.properties))


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1e6, 1)


def _filtered(
    snapshot: Snapshot, view: SegmentView, given: Filter | None, *, shadowed: bool = False
) -> _Filtered:
    """Evaluate a filter on a view, without the mask that the view may have kept."""
    if given is None:
        return _Filtered(allowed(snapshot, view, None, shadowed=shadowed), None, "", (), 0.0)
    root = given.predicate.root
    estimate = selectivity(snapshot, view, root)
    started = time.perf_counter()
    mask = allowed(snapshot, view, given._replace(key=None), shadowed=shadowed)
    took = _since(started)
    answering: dict[str, None] = {}
    scans = False
    for leaf in _leaves(root):
        name = _answering(snapshot, view, leaf)
        scans |= name is None
        if name is not None:
            answering[name] = None
    by = ("index and scan" if scans else "index") if answering else "scan"
    return _Filtered(mask, estimate, by, tuple(answering), took)


def _leaves(root: Bound) -> Iterator[Leaf]:
    if isinstance(root, (And, Or)):
        for part in root.operands:
            yield from _leaves(part)
    elif isinstance(root, Sample):
        yield from _leaves(root.predicate)
    elif isinstance(root, Not):
        yield root.operand
    elif not isinstance(root, Truth):
        yield root


def _answering(snapshot: Snapshot, view: SegmentView, leaf: Leaf) -> str | None:
    """Return the name of the scalar index that answers a leaf."""
    for spec, index in indexes_for(snapshot, view, leaf):
        if index.lookup(leaf) is not None:
            return spec.name
    return None


# Searches.


def _search_plan(snapshot: Snapshot, op: Search) -> RequestPlan:
    plan = plan_search(snapshot, op)
    given = bound(snapshot, op.filter, op.filter_params, op.time_zone) if op.filter else None
    spec = plan.target.spec
    return RequestPlan(
        field=plan.target.field.name,
        index_name=spec.name,
        index_type=spec.index_type,
        metric=spec.metric,
        filter=op.filter,
        segments=tuple(_searched(snapshot, op, plan, view, given) for view in plan.views),
    )


def _searched(
    snapshot: Snapshot, op: Search, plan: Plan, view: SegmentView, given: Filter | None
) -> SegmentPlan:
    told = _filtered(snapshot, view, given)
    masks = [told.mask]
    if plan.target.finds_elements:
        predicate = None if given is None else given.predicate
        masks = element_masks(snapshot, plan.target, (view,), masks, predicate)
    alone = plan._replace(views=(view,), masks=masks)
    searcher = searcher_of(plan.target, view)
    params = parameters(snapshot, plan.target, op)
    k = wanted(snapshot, op, plan)

    def planned() -> SearchPlan:
        return plan_view(searcher, plan.queries, k, op, params, masks[0])

    how, took = planned(), 0.0
    for _ in range(_TRIES):
        started = time.perf_counter()
        find(snapshot, op, alone, k)
        took = _since(started)
        before, how = how, planned()
        if before == how:
            break  # else codes or a graph came from the background meanwhile
    is_masked = told.mask is not None and told.passing(view) < view.num_rows
    return msgspec.structs.replace(
        _segment(view, told, _strategy(how, is_masked=is_masked), searcher.kind, took),
        compares=how.compares,
        ef=how.ef,
        estimated_search_microseconds=round(how.microseconds * len(plan.queries), 1),
    )


def _strategy(how: SearchPlan, *, is_masked: bool) -> str:
    """Return the plan's strategy by the name that users read."""
    return _MASKED[how.strategy] if is_masked or how.strategy == "codes" else how.strategy


# Queries.


def _query_plan(snapshot: Snapshot, op: Query) -> RequestPlan:
    views = views_of(
        snapshot, op.partitions, namespace=op.namespace, ignore_growing=op.ignore_growing
    )
    given = bound(snapshot, op.filter, op.filter_params, op.time_zone)
    return RequestPlan(
        field="",
        index_name="",
        index_type="",
        metric="",
        filter=op.filter,
        segments=tuple(_queried(snapshot, op, view, given) for view in views),
    )


def _queried(snapshot: Snapshot, op: Query, view: SegmentView, given: Filter | None) -> SegmentPlan:
    counts = COUNT in op.output_fields and not op.group_by
    told = _filtered(snapshot, view, given, shadowed=counts)
    strategy = "all rows" if given is None else "filter"
    if op.ids is not None:
        strategy = "keys"
    elif counts and given is not None:
        in_index = _counted_in_index(snapshot, view, given, told)
        if in_index is not None:
            told, strategy = in_index, "count in index"
    return _segment(view, told, strategy, "", 0.0)


def _counted_in_index(
    snapshot: Snapshot, view: SegmentView, given: Filter, told: _Filtered
) -> _Filtered | None:
    """Return what a filter did to a view if an index counts its rows, None if it was evaluated."""
    root = given.predicate.root
    if not isinstance(root, Leaf) or view.deleted is not None or not view.segment.sealed:
        return None
    started = time.perf_counter()
    found = count_told(snapshot, view, root)
    took = _since(started)
    if found is None:
        return None
    return told._replace(by="index", names=(found[0],), microseconds=took)


def _segment(
    view: SegmentView, told: _Filtered, strategy: str, index: str, took: float
) -> SegmentPlan:
    passing = told.passing(view)
    return SegmentPlan(
        segment=view.segment.id,
        kind="sealed" if view.segment.sealed else "growing",
        rows=view.num_rows,
        passing_rows=passing,
        estimated_selectivity=None if told.estimate is None else round(told.estimate, 6),
        actual_selectivity=round(passing / max(view.num_rows, 1), 6),
        filtered_by=told.by,
        scalar_indexes=told.names,
        strategy=strategy,
        index=index,
        filter_microseconds=told.microseconds,
        search_microseconds=took,
    )
