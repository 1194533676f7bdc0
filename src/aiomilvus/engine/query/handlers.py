"""Entries of the engine's table for reading: find the snapshot, run on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import msgspec

from aiomilvus.engine.overflow import without_warnings
from aiomilvus.engine.query.explain import run_explain
from aiomilvus.engine.query.hybrid import run_hybrid
from aiomilvus.engine.query.iteration import run_page
from aiomilvus.engine.query.pins import pinned
from aiomilvus.engine.query.prepared import prepare
from aiomilvus.engine.query.queries import run_query
from aiomilvus.engine.query.searches import run_search

if TYPE_CHECKING:
    from aiomilvus.engine.state import DatabaseState
    from aiomilvus.model.columns import VectorColumn
    from aiomilvus.model.explanation import Explanation
    from aiomilvus.model.operations.data import Explain, HybridSearch, Query, Search
    from aiomilvus.model.results import QueryResult, SearchResult


def query(database: DatabaseState, op: Query) -> QueryResult:
    """Read rows by key or by filter."""
    snapshot = database.snapshot(op.db, op.collection, "can't find collection")
    if not op.iterator:
        return run_query(snapshot, op)
    snapshot = pinned(database, snapshot, op.snapshot)
    return msgspec.structs.replace(run_query(snapshot, op), snapshot=snapshot.timestamp)


def search(database: DatabaseState, op: Search) -> SearchResult:
    """Find the nearest entities."""
    snapshot = database.snapshot(op.db, op.collection)
    with without_warnings():
        known = prepare(snapshot, op)
        if known is not None:
            return known.search(cast("VectorColumn", op.data))
        if op.iterator is None:
            return run_search(snapshot, op)
        return run_page(snapshot, op, database.rankings)


def hybrid_search(database: DatabaseState, op: HybridSearch) -> SearchResult:
    """Merge several searches."""
    with without_warnings():
        return run_hybrid(database.snapshot(op.db, op.collection), op)


def explain(database: DatabaseState, op: Explain) -> Explanation:
    """Run an operation and tell how it was run."""
    with without_warnings():
        return run_explain(database.snapshot(op.db, op.collection), op)
