"""What an operation will cost, roughly.

The client's door asks: cheap operations run on the event loop, expensive ones in a worker.
What things cost stands in `engine.index.costs`, how a view is searched in its searcher's plan.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from aiomilvus.engine.index import costs
from aiomilvus.engine.index.dense.selection import selection_of
from aiomilvus.engine.query.rerank.rank_plan import takes_long
from aiomilvus.engine.query.search.ties import plan_view
from aiomilvus.engine.query.search.view_searchers import may_have_graph, searcher_of, target_of
from aiomilvus.errors import MilvusException, ParamError
from aiomilvus.model.columns import BytesColumn
from aiomilvus.model.operations.data import HybridSearch, Query, Read, Search
from aiomilvus.model.types import FunctionType

if TYPE_CHECKING:
    from aiomilvus.engine.index.search_target import SearchTarget
    from aiomilvus.engine.snapshot import SegmentView, Snapshot

_PATTERNS = ("like", "LIKE", "=~", "!~", "regex")
"""What a filter that matches patterns has in its text."""


def estimate_cost(snapshot: Snapshot, op: Read[Any]) -> float:
    """Return the estimated microseconds; large for whatever is not surely small."""
    if snapshot.schema.is_external:
        return costs.NEVER_INLINE  # a column may have to be read first
    if isinstance(op, Query):
        return _query(snapshot, op)
    if not isinstance(op, (Search, HybridSearch)) or _asks_much(snapshot, op):
        return costs.NEVER_INLINE
    if isinstance(op, HybridSearch):
        return sum(estimate_cost(snapshot, request) for request in op.requests)
    try:
        target = target_of(snapshot, op.field)
    except MilvusException:
        return 0.0  # it is refused at once
    cost, nq = costs.CALL, op.nq
    for view in snapshot.views:
        cost += nq * _search(view, target, op)
        if op.filter:
            cost += _filtering(view, op)
    return cost + nq * op.limit * (1 + len(op.output_fields)) * costs.HIT_FIELD


def _query(snapshot: Snapshot, op: Query) -> float:
    if op.ids is not None:
        return costs.CALL + len(op.ids) * costs.KEY * (2 + len(snapshot.views))
    scanned = sum(_filtering(view, op) for view in snapshot.views)
    counts = op.output_fields == ("count(*)",)
    rows = 0 if counts else sum(view.num_rows for view in snapshot.views)
    return costs.QUERY + scanned + rows / costs.ROWS_RETURNED


def _asks_much(snapshot: Snapshot, op: Search | HybridSearch) -> bool:
    """Return whether a search may call a model, or has to work on each hit's text."""
    if op.ranker is not None and takes_long(op.ranker):
        return True
    if op.extra and ("highlighter" in op.extra or "search_aggregation" in op.extra):
        return True
    if isinstance(op, HybridSearch) or not isinstance(op.data, BytesColumn):
        return False
    return any(each.type is FunctionType.TEXTEMBEDDING for each in snapshot.schema.functions)


def _filtering(view: SegmentView, op: Query | Search) -> float:
    """Return what the filter costs on a view; a view that was asked before has the mask."""
    if not op.filter:
        return 0.0
    if view.cache.mask_of(op.filter) is not None:
        return costs.KEPT_MASK
    if not any(sign in op.filter for sign in _PATTERNS):
        return view.num_rows / costs.ROWS_FILTERED
    # The first pattern loads RE2, which then looks at one row after the other.
    return view.num_rows / costs.ROWS_MATCHED if "re2" in sys.modules else costs.NEVER_INLINE


def _search(view: SegmentView, target: SearchTarget, op: Search) -> float:
    searcher = view.cache.searchers.get(target.spec.id)
    if searcher is None and target.field.dtype.is_dense and may_have_graph(target, view):
        searcher = searcher_of(target, view)
    if searcher is None:
        scan = costs.scan(view.num_rows, target.field.dim)
        return costs.NEVER_INLINE if view.segment.sealed else scan
    if op.group_by:
        return costs.scan(view.num_rows, target.field.dim)  # it may be asked for any number of hits
    try:
        k = op.limit + op.offset
        return plan_view(
            searcher, op.data, k, op, op.params, _allowed(view, op.filter)
        ).microseconds
    except ParamError:
        return 0.0  # it is refused at once


def _allowed(view: SegmentView, text: str) -> int | None:
    """Return how many rows pass a filter that the view was asked before, None for all."""
    if not text:
        return None
    mask = view.cache.mask_of(text)
    return view.num_rows if mask is None else selection_of(mask).count
