"""Snapshots that query iterators go on reading while others write.

An iterator names its snapshot by the timestamp that its first page told. The newest are kept;
one that is no longer kept is replaced by the current snapshot: rows in the order of their keys
are still each given once, but newer ones may be among them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiomilvus.engine.contracts import Snapshot
    from aiomilvus.engine.state import DatabaseState


def pinned(database: DatabaseState, current: Snapshot, timestamp: int) -> Snapshot:
    """Return the snapshot that an iterator reads.

    Args:
        database: The database.
        current: The collection's current snapshot.
        timestamp: Of the snapshot that the iterator stays on, 0 for its first page.
    """
    number = current.collection_id
    kept = database.pins.take((number, timestamp)) if timestamp else None
    if kept is None or not kept.loaded <= current.loaded:
        kept, timestamp = current, current.timestamp
    database.pins.put((number, timestamp), number, kept)
    return kept
