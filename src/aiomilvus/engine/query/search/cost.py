"""What an operation will cost, roughly.

The client's door asks: cheap operations run on the event loop, expensive ones in a worker.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from aiomilvus.engine.index.dense.faiss_index import FaissIndex
from aiomilvus.engine.index.dense.growing_graph import GrowingIndex
from aiomilvus.engine.index.dense.selection import selection_of
from aiomilvus.engine.query.rerank.rank_plan import asks_model
from aiomilvus.engine.query.search.view_searchers import (
    Target,
    may_have_interim,
    searcher_of,
    target_of,
)
from aiomilvus.errors import MilvusException, ParamError
from aiomilvus.model.columns import BytesColumn
from aiomilvus.model.operations.data import HybridSearch, Query, Read, Search
from aiomilvus.model.types import FunctionType

if TYPE_CHECKING:
    from aiomilvus.engine.snapshot import SegmentView, Snapshot

BYTES_PER_MICROSECOND = 4_000
"""How much a scan reads."""
FIRST_TOUCH = 100_000.0
FIELD = 3.0
_ESTIMATING = (FaissIndex, GrowingIndex)


def estimate_cost(snapshot: Snapshot, op: Read[Any]) -> float:
    """Return the estimated microseconds; large for whatever is not surely small."""
    if isinstance(op, Query):
        return _query(snapshot, op)
    if not isinstance(op, (Search, HybridSearch)) or _asks_much(snapshot, op):
        return FIRST_TOUCH
    if isinstance(op, HybridSearch):
        return sum(estimate_cost(snapshot, request) for request in op.requests)
    try:
        target = target_of(snapshot, op.field)
    except MilvusException:
        return 0.0  # it is refused at once
    cost, nq = 20.0, op.nq
    width = max(target.field.dim, 32) * 4
    for view in snapshot.views:
        cost += nq * _search(view, target, width, op)
        if op.filter:
            cost += _filtering(view, op)
    return cost + nq * op.limit * (1 + len(op.output_fields)) * 0.05


def _query(snapshot: Snapshot, op: Query) -> float:
    if op.ids is not None:
        return 20.0 + len(op.ids) * FIELD * (2 + len(snapshot.views))
    scanned = sum(_filtering(view, op) for view in snapshot.views)
    counts = op.output_fields == ("count(*)",)
    rows = 0 if counts else sum(view.num_rows for view in snapshot.views)
    return 50.0 + scanned + rows / 20


def _asks_much(snapshot: Snapshot, op: Search | HybridSearch) -> bool:
    """Return whether a search may call a model, or has to work on each hit's text."""
    if op.ranker is not None and asks_model(op.ranker):
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
    # Copied in one step: other threads add masks meanwhile.
    if any(key[0] == op.filter for key in list(view.__dict__.get("_masks", ()))):
        return 5.0
    # The first filter on text loads the string kernels; that takes longer than any turn.
    return view.num_rows / 20 if "pyarrow" in sys.modules else FIRST_TOUCH


def _search(view: SegmentView, target: Target, width: int, op: Search) -> float:
    index = view.__dict__.get(f"searcher {target.spec.id}")
    if index is None and target.field.dtype.is_dense and may_have_interim(target, view):
        index = searcher_of(target, view)
    if index is None:
        return FIRST_TOUCH if view.segment.sealed else view.num_rows * width / BYTES_PER_MICROSECOND
    if isinstance(index, _ESTIMATING) and op.radius is None and not op.group_by:
        try:
            return index.cost(op.limit + op.offset, op.params, _passing(view, op.filter))
        except ParamError:
            return 0.0  # it is refused at once
    return 30.0 + view.num_rows * width / BYTES_PER_MICROSECOND


def _passing(view: SegmentView, text: str) -> int | None:
    """Return how many rows pass a filter that the view was asked before, None for all."""
    if not text:
        return None
    # Other threads keep masks meanwhile: a copy is made in one step, a list of items is not.
    for key, mask in view.__dict__.get("_masks", {}).copy().items():
        if key[0] == text:
            return selection_of(mask).count
    return view.num_rows
