"""Primary keys of sealed segments: from keys to their rows, for all keys at once.

Of integer keys a sealed segment stores the permutation that sorts them, and finds keys by binary
search. Of text keys it stores their hashes, sorted, with the row of each; what is found by its
hash is compared byte by byte. Keys may repeat: the last (newest) row wins.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, cast

import numpy as np

from aiomilvus.engine.segment.byte_strings import equal, hash_of, hashes, text_order
from aiomilvus.model.columns import BytesColumn, FixedColumn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from aiomilvus.model.columns import Column

    Rows = NDArray[np.int64]

_FEW = 8


def key_list(keys: Column) -> Sequence[int | bytes]:
    """Return primary keys as Python values: ints, or UTF-8 bytes."""
    if isinstance(keys, FixedColumn):
        return cast("list[int | bytes]", keys.values.tolist())
    return list(BytesColumn.expect(keys))


def distinct(keys: Column) -> Column:
    """Return a few keys in their order, each once."""
    if isinstance(keys, FixedColumn):
        given = keys.values.tolist()
        values = sorted(set(given))
        return keys if values == given else FixedColumn(np.array(values, np.int64))
    return BytesColumn.of(sorted(set(BytesColumn.expect(keys))))


def sort_order(keys: Column) -> Rows:
    """Return the stable permutation, int64 (n,), that sorts `keys`."""
    if isinstance(keys, FixedColumn):
        return keys.values.argsort(kind="stable")
    return text_order(BytesColumn.expect(keys))


def key_arrays(keys: Column) -> dict[str, NDArray[Any]]:
    """Return what a segment stores to find its keys; see docs/formats/segment.md."""
    if isinstance(keys, FixedColumn):
        return {"order": sort_order(keys)}
    values = hashes(BytesColumn.expect(keys))
    rows = np.argsort(values, kind="stable")
    return {"hashes": values[rows], "rows": rows}


def open_keys(keys: Column, arrays: Mapping[str, NDArray[Any]]) -> KeyIndex | TextKeyIndex:
    """Return the index over a segment's keys, from what `key_arrays` gave for them.

    Segments written by versions that sorted text keys get their hashes made here.
    """
    if isinstance(keys, FixedColumn):
        return KeyIndex(keys, arrays["order"])
    if "hashes" not in arrays:
        arrays = key_arrays(keys)
    return TextKeyIndex(BytesColumn.expect(keys), arrays["hashes"], arrays["rows"])


class KeyIndex:
    """Finds rows by integer key.

    Args:
        keys: The segment's primary key column.
        order: What `sort_order` gave for it.
    """

    def __init__(self, keys: FixedColumn, order: Rows) -> None:
        self._keys = keys
        self._order = order

    @cached_property
    def _sorted(self) -> Rows:
        values: Rows = self._keys.values
        # Keys that arrive in order need no second copy in memory.
        in_order = len(values) == 0 or bool((np.diff(self._order) == 1).all())
        return values if in_order else values[self._order]

    def find(self, keys: Column) -> Rows:
        """Return each key's newest row, int64 (m,); -1 where there is none."""
        wanted = FixedColumn.expect(keys).values
        return self._find_few(wanted) if len(wanted) <= _FEW else self._find_many(wanted)

    def _find_few(self, wanted: Rows) -> Rows:
        ordered, order = self._sorted.data, self._order.data
        found = []
        for key in wanted.tolist():
            place = bisect_right(ordered, key) - 1  # numpy's own takes longer to be called
            found.append(order[place] if place >= 0 and ordered[place] == key else -1)
        return np.array(found, np.int64)

    def _find_many(self, wanted: Rows) -> Rows:
        if not self._may_have(wanted):
            return np.full(len(wanted), -1, np.int64)
        ordered = self._sorted
        places = ordered.searchsorted(wanted, "right") - 1
        hit = (places >= 0) & (ordered[places] == wanted)
        return np.where(hit, self._order[places], -1)

    def _may_have(self, wanted: Rows) -> bool:
        ordered = self._sorted
        if not len(ordered) or not len(wanted):
            return False
        return bool(wanted.min() <= ordered[-1] and wanted.max() >= ordered[0])

    def find_all(self, keys: Column) -> Rows:
        """Return every row that has one of `keys`, rising, int64."""
        wanted = FixedColumn.expect(keys).values
        if not self._may_have(wanted):
            return np.empty(0, np.int64)
        wanted = np.unique(wanted)
        return np.sort(self._order[_between(self._sorted, wanted)[1]])


class TextKeyIndex:
    """Finds rows by text key, compared as UTF-8 bytes.

    Args:
        keys: The segment's primary key column.
        values: The hashes of the keys, uint64, sorted.
        rows: The row of each of these, rising where hashes are equal.
    """

    def __init__(self, keys: BytesColumn, values: NDArray[np.uint64], rows: Rows) -> None:
        self._keys = keys
        self._hashes = values
        self._rows = rows

    def find(self, keys: Column) -> Rows:
        """Return each key's newest row, int64 (m,); -1 where there is none."""
        wanted = BytesColumn.expect(keys)
        if len(wanted) <= _FEW:
            return np.array([max(self._rows_of(key), default=-1) for key in wanted], np.int64)
        found = np.full(len(wanted), -1, np.int64)
        key, rows = self._pairs(wanted)
        np.maximum.at(found, key, rows)
        return found

    def find_all(self, keys: Column) -> Rows:
        """Return every row that has one of `keys`, rising, int64."""
        return np.unique(self._pairs(BytesColumn.expect(keys))[1])

    def _rows_of(self, key: bytes) -> list[int]:
        value = np.uint64(hash_of(key))
        place = int(self._hashes.searchsorted(value))
        found = []
        while place < len(self._hashes) and self._hashes[place] == value:
            row = int(self._rows[place])
            if self._keys.raw(row) == key:
                found.append(row)
            place += 1
        return found

    def _pairs(self, wanted: BytesColumn) -> tuple[Rows, Rows]:
        """Return (number of the key, row) for all rows that have one of the keys."""
        key, places = _between(self._hashes, hashes(wanted))
        rows = self._rows[places]
        same = equal(self._keys.take(rows), wanted.take(key))
        return key[same], rows[same]


def _between(ordered: NDArray[Any], wanted: NDArray[Any]) -> tuple[Rows, Rows]:
    """Return (position in `wanted`, position in `ordered`) for all equal values."""
    starts = ordered.searchsorted(wanted, "left")
    at = np.flatnonzero(starts < len(ordered))
    at = at[ordered[starts[at]] == wanted[at]]
    starts = starts[at]
    stops = ordered.searchsorted(wanted[at], "right")
    counts = stops - starts
    runs = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.repeat(at, counts), runs + np.repeat(starts, counts)
