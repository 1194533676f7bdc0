"""Searches that are run as one batch: those of one snapshot that differ in their vectors alone.

Who gathers them is `client.backends.embedded.search_pool`; a batch is one `PreparedSearch` over the
queries of all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.engine.query.search.prepared import key_of, prepare, prepared_for

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from aiomilvus.engine.snapshot import Snapshot
    from aiomilvus.model.operations.data import Search
    from aiomilvus.model.results import SearchResult


def batch_key(snapshot: Snapshot, op: Search) -> Hashable | None:
    """Return a key that searches share when they can be run as one, None if this one can't."""
    key = key_of(snapshot, op)
    return None if key is None else (snapshot.number, snapshot.collection_id, key)


def run_batch(snapshot: Snapshot, ops: Sequence[Search]) -> list[SearchResult]:
    """Run searches that share a `batch_key` as one; return each one's hits."""
    search = prepare(snapshot, ops[0]) or prepared_for(snapshot, ops[0])
    return search.search_batch([search.read(op.data) for op in ops])
