"""What is remembered between two calls for a while: of iterators, and of reads of the past.

Nobody tells that an iterator was given up. What is read keeps segments in memory and their files on
the disk, so the oldest go when there are many, all that nobody asked for in a while, those of a
collection that is dropped, and the rest when the database is closed.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable

SECONDS = 1800.0
"""How long what nobody asks for is remembered."""
V = TypeVar("V")


@dataclass(frozen=True)
class _Entry(Generic[V]):
    collection: int
    used: float
    value: V


class BoundedCache(Generic[V]):
    """Values by key, the latest used last. Safe to use from any thread.

    Args:
        most: How many are remembered at most.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._entries: OrderedDict[Hashable, _Entry[V]] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._entries)

    def put(self, key: Hashable, collection: int, value: V) -> None:
        """Remember a value that belongs to a collection."""
        now = monotonic()
        with self._lock:
            self._entries.pop(key, None)
            self._entries[key] = _Entry(collection, now, value)
            first = next(iter(self._entries.values()))
            while len(self._entries) > self._most or first.used < now - SECONDS:
                self._entries.popitem(last=False)
                first = next(iter(self._entries.values()))

    def take(self, key: Hashable) -> V | None:
        """Return a value and forget it, None if it is not known."""
        with self._lock:
            entry = self._entries.pop(key, None)
        return None if entry is None else entry.value

    def forget(self, collection: int | None = None) -> None:
        """Forget all values of a collection, or all there are."""
        with self._lock:
            for key, entry in list(self._entries.items()):
                if collection in (None, entry.collection):
                    del self._entries[key]
