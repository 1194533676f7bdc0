"""How a search or query is run, as plain data."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.query.cost import estimate_cost
from aiomilvus.engine.query.hybrid import run_hybrid
from aiomilvus.engine.query.queries import run_query
from aiomilvus.engine.query.scope import allowed, bound, views_of
from aiomilvus.engine.query.searchers import searcher_of, target_of
from aiomilvus.engine.query.searches import run_search
from aiomilvus.model.operations.data import HybridSearch, Query, Search

if TYPE_CHECKING:
    from aiomilvus.engine.contracts import SegmentView, Snapshot
    from aiomilvus.model.operations.data import Explain


def run_explain(snapshot: Snapshot, op: Explain) -> dict[str, Any]:
    """Run the operation and tell how: segments, selectivity, strategy, index, timings.

    Raises:
        MilvusException: Whatever the operation itself would raise.
    """
    inner = op.operation
    estimate = estimate_cost(snapshot, inner)
    started = time.perf_counter()
    if isinstance(inner, HybridSearch):
        run_hybrid(snapshot, inner)
        parts = [_operation(snapshot, request) for request in inner.requests]
        body: dict[str, Any] = {"requests": parts}
    else:
        run_search(snapshot, inner) if isinstance(inner, Search) else run_query(snapshot, inner)
        body = _operation(snapshot, inner)
    return {
        "operation": type(inner).__name__,
        "collection": snapshot.name,
        "snapshot": snapshot.number,
        "estimated_microseconds": round(estimate, 1),
        "actual_microseconds": round((time.perf_counter() - started) * 1e6, 1),
        **body,
    }


def _operation(snapshot: Snapshot, op: Query | Search) -> dict[str, Any]:
    views = views_of(snapshot, op.partitions, ignore_growing=op.ignore_growing)
    return {"filter": op.filter, "segments": [_segment(snapshot, view, op) for view in views]}


def _segment(snapshot: Snapshot, view: SegmentView, op: Query | Search) -> dict[str, Any]:
    started = time.perf_counter()
    predicate = bound(snapshot, op.filter, op.filter_params, op.time_zone)
    mask = allowed(snapshot, view, predicate)
    passing = view.num_rows if mask is None else int(np.count_nonzero(mask))
    told: dict[str, Any] = {
        "segment": view.segment.id,
        "sealed": view.segment.sealed,
        "rows": view.num_rows,
        "passing_rows": passing,
        "selectivity": round(passing / max(view.num_rows, 1), 6),
        "filter_microseconds": round((time.perf_counter() - started) * 1e6, 1),
    }
    if isinstance(op, Search):
        target = target_of(snapshot, op.field)
        index = searcher_of(target, view)
        told["index"] = index.kind
        told["metric"] = target.spec.metric
        strategy = getattr(index, "strategy", None)
        if mask is None or strategy is None:
            told["strategy"] = "index"
        else:
            told["strategy"] = strategy(passing, int(op.params.get("ef", 64)))
    return told
