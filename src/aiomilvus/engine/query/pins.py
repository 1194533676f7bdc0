"""Snapshots that query iterators go on reading while others write.

An iterator names its snapshot by the timestamp that its first page told. The newest are kept;
one that is no longer kept is replaced by the current snapshot: rows in the order of their keys
are still each given once, but newer ones may be among them.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, TypeAlias
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from aiomilvus.engine.contracts import Snapshot
    from aiomilvus.engine.state import DatabaseState

KEPT = 64
"""Snapshots of one database that iterators stay on at most."""

_Pins: TypeAlias = "OrderedDict[tuple[int, int], Snapshot]"
_pins: WeakKeyDictionary[DatabaseState, _Pins] = WeakKeyDictionary()
_lock = Lock()


def pinned(database: DatabaseState, current: Snapshot, timestamp: int) -> Snapshot:
    """Return the snapshot that an iterator reads.

    Args:
        database: The database.
        current: The collection's current snapshot.
        timestamp: Of the snapshot that the iterator stays on, 0 for its first page.
    """
    with _lock:
        pins = _pins.setdefault(database, OrderedDict())
        key = (current.collection_id, timestamp or current.timestamp)
        kept = pins.pop(key, None) if timestamp else None
        if kept is None or not kept.loaded <= current.loaded:
            kept, key = current, (current.collection_id, current.timestamp)
        pins[key] = kept
        while len(pins) > KEPT:
            pins.popitem(last=False)
        return kept
