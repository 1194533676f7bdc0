"""Primary keys of sealed segments: from a key to its row by binary search.

A sealed segment stores the permutation that sorts its keys. Integer keys are found vectorised;
string keys, compared as UTF-8 bytes, one by one. Keys may repeat: the last (newest) row wins.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, cast

import numpy as np

from aiomilvus.model.columns import BytesColumn, FixedColumn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from aiomilvus.model.columns import Column

_FEW = 8


def key_list(keys: Column) -> Sequence[int | bytes]:
    """Return primary keys as Python values: ints, or UTF-8 bytes."""
    if isinstance(keys, FixedColumn):
        return cast("list[int | bytes]", keys.values.tolist())
    return list(cast("BytesColumn", keys))


def sort_order(keys: Column) -> NDArray[np.int64]:
    """Return the stable permutation, int64 (n,), that sorts `keys`."""
    if isinstance(keys, FixedColumn):
        return np.argsort(keys.values, kind="stable")
    listed = key_list(keys)
    return np.array(sorted(range(len(listed)), key=listed.__getitem__), np.int64)


class KeyIndex:
    """Finds rows by key.

    Args:
        keys: The segment's primary key column.
        order: What `sort_order` gave for it.
    """

    def __init__(self, keys: Column, order: NDArray[np.int64]) -> None:
        self._keys = keys
        self._order = order

    @cached_property
    def _sorted(self) -> NDArray[np.int64]:
        values = cast("FixedColumn", self._keys).values
        # Keys that arrive in order need no second copy in memory.
        in_order = len(values) == 0 or bool((np.diff(self._order) == 1).all())
        return values if in_order else values[self._order]

    def find(self, keys: Column) -> NDArray[np.int64]:
        """Return each key's newest row, int64 (m,); -1 where there is none."""
        if isinstance(keys, BytesColumn):
            return np.array([self._find_text(key) for key in keys], np.int64)
        wanted = cast("FixedColumn", keys).values
        return self._find_few(wanted) if len(wanted) <= _FEW else self._find_many(wanted)

    def _find_few(self, wanted: NDArray[np.int64]) -> NDArray[np.int64]:
        ordered, order = self._sorted, self._order
        found = np.empty(len(wanted), np.int64)
        for at, key in enumerate(wanted.tolist()):
            place = int(ordered.searchsorted(key, "right")) - 1
            found[at] = order[place] if place >= 0 and ordered[place] == key else -1
        return found

    def _find_many(self, wanted: NDArray[np.int64]) -> NDArray[np.int64]:
        ordered = self._sorted
        if not len(ordered) or wanted.min() > ordered[-1] or wanted.max() < ordered[0]:
            return np.full(len(wanted), -1, np.int64)
        places = ordered.searchsorted(wanted, "right") - 1
        hit = (places >= 0) & (ordered[places] == wanted)
        return np.where(hit, self._order[places], -1)

    def _find_text(self, key: bytes) -> int:
        column = cast("BytesColumn", self._keys)
        order = self._order
        at = bisect_right(_Lazily(column, order), key) - 1
        return int(order[at]) if at >= 0 and column.raw(int(order[at])) == key else -1


class _Lazily:
    """Keys in sorted order, read one by one as a binary search asks for them."""

    def __init__(self, column: BytesColumn, order: NDArray[np.int64]) -> None:
        self._column = column
        self._order = order

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, at: int) -> bytes:
        return self._column.raw(int(self._order[at]))
