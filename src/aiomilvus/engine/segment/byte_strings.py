"""Many byte strings at once: their hashes, their order, and whether they are equal.

A string is read as words of 8 bytes, the last one padded with zeros, so that numpy works on whole
columns; nothing here runs once for each string. The mixing function is the finaliser of
SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from aiomilvus.model.columns import BytesColumn

    Words = NDArray[np.uint64]
    Rows = NDArray[np.int64]

_WORD = 8
_ALL = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15
_FACTORS = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))
_LAST = 31
_KEPT = np.array([(1 << 8 * count) - 1 for count in range(_WORD + 1)], np.uint64)
"""Masks that keep so many bytes of a word."""
_FEW = 32
"""So few strings are sorted faster one by one."""
_VECTORISED_WORDS = 32
"""Strings that agree in so many words are told apart one by one."""


def _mixed(values: Words) -> Words:
    for shift, factor in _FACTORS:
        values = (values ^ (values >> np.uint64(shift))) * np.uint64(factor)
    return values ^ (values >> np.uint64(_LAST))


class _Words:
    """The words of a column's strings."""

    def __init__(self, column: BytesColumn) -> None:
        first, last = int(column.offsets[0]), int(column.offsets[-1])
        padded = np.zeros(last - first + _WORD, np.uint8)
        padded[: last - first] = column.data[first:last]
        self.starts = column.offsets[:-1] - first
        self.lengths = np.diff(column.offsets)
        # A word begins at every byte: overlapping views of the same memory.
        self._at: NDArray[Any] = np.ndarray((last - first + 1,), "<u8", padded.data, strides=(1,))

    def word(self, rows: Rows, number: int) -> Words:
        """Return word `number` of the strings at `rows`, little-endian, zeros behind the end."""
        begin = number * _WORD
        inside = np.clip(self.lengths[rows] - begin, 0, _WORD)
        start = np.where(inside > 0, self.starts[rows] + begin, 0)
        words: Words = self._at[start].astype(np.uint64, copy=False) & _KEPT[inside]
        return words

    def numbered(self, rows: Rows) -> Iterator[tuple[int, Rows]]:
        """Yield each word number with those of `rows` that have such a word."""
        number = 0
        rows = rows[self.lengths[rows] > 0]
        while len(rows):
            yield number, rows
            number += 1
            rows = rows[self.lengths[rows] > number * _WORD]


def hashes(column: BytesColumn) -> Words:
    """Return a 64-bit hash of each string, uint64 (n,); the same in every process."""
    words = _Words(column)
    sums = words.lengths.astype(np.uint64)
    for number, rows in words.numbered(np.arange(len(sums))):
        salt = np.uint64((number + 1) * _GOLDEN & _ALL)
        sums[rows] += _mixed(words.word(rows, number) + salt)
    return _mixed(sums)


_SHORT = 256
"""Hashes of strings up to so many bytes are kept; with them 256 KB of strings at most."""


def hash_of(value: bytes) -> int:
    """Return the hash that `hashes` gives one string, as an int."""
    return _short_hash(value) if len(value) <= _SHORT else _hashed(value)


def _hashed(value: bytes) -> int:
    total = len(value)
    for number, begin in enumerate(range(0, len(value), _WORD), 1):
        word = int.from_bytes(value[begin : begin + _WORD], "little")
        total += _mixed_one((word + number * _GOLDEN) & _ALL)
    return _mixed_one(total & _ALL)


_short_hash = lru_cache(maxsize=1024)(_hashed)


def _mixed_one(value: int) -> int:
    for shift, factor in _FACTORS:
        value = ((value ^ (value >> shift)) * factor) & _ALL
    return value ^ (value >> _LAST)


def text_order(column: BytesColumn) -> Rows:
    """Return the stable permutation, int64 (n,), that sorts the strings byte by byte."""
    if len(column) <= _FEW:
        few = list(column)
        return np.array(sorted(range(len(few)), key=few.__getitem__), np.int64)
    words = _Words(column)
    order = np.arange(len(words.lengths))
    starts = np.zeros(1, np.int64)
    stops = np.full(1, len(order))
    number = 0
    while len(starts) and number < _VECTORISED_WORDS:
        starts, stops = _refined(words, order, starts, stops, number)
        number += 1
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        run = order[start:stop].tolist()
        order[start:stop] = sorted(run, key=column.raw)
    return order


def _refined(
    words: _Words, order: Rows, starts: Rows, stops: Rows, number: int
) -> tuple[Rows, Rows]:
    """Sort the runs of equal strings in `order` by one more word; return the runs still equal."""
    sizes = stops - starts
    which = np.repeat(np.arange(len(starts)), sizes)
    places = np.arange(len(which)) + np.repeat(starts - np.cumsum(sizes) + sizes, sizes)
    rows = order[places]
    values = words.word(rows, number).byteswap()
    # Of two strings that differ in padding only, the shorter one comes first.
    left = np.clip(words.lengths[rows] - number * _WORD, 0, _WORD + 1)
    by = np.lexsort((left, values, which))
    order[places] = rows[by]
    which, values, left = which[by], values[by], left[by]
    same = (which[1:] == which[:-1]) & (values[1:] == values[:-1]) & (left[1:] == left[:-1])
    same &= left[1:] > _WORD
    edges = np.diff(np.concatenate([[False], same, [False]]).astype(np.int8))
    return places[np.flatnonzero(edges == 1)], places[np.flatnonzero(edges == -1)] + 1


def equal(left: BytesColumn, right: BytesColumn) -> NDArray[np.bool_]:
    """Return which strings of two columns of one length are the same, bool (n,)."""
    first, second = _Words(left), _Words(right)
    same: NDArray[np.bool_] = first.lengths == second.lengths
    for number, rows in first.numbered(np.flatnonzero(same)):
        same[rows] &= first.word(rows, number) == second.word(rows, number)
    return same


def first_words(column: BytesColumn) -> Words:
    """Return the first 8 bytes of each string as one number: greater is later, uint64 (n,)."""
    words = _Words(column)
    return words.word(np.arange(len(words.lengths)), 0).byteswap()


def behind(column: BytesColumn, bound: bytes) -> NDArray[np.bool_]:
    """Return which strings come after `bound`, byte by byte, bool (n,)."""
    words = _Words(column)
    later = np.zeros(len(words.lengths), np.bool_)
    undecided = np.arange(len(later))
    for number in range(-(-len(bound) // _WORD)):
        part = bound[number * _WORD : (number + 1) * _WORD]
        limit = int.from_bytes(part.ljust(_WORD, b"\0"), "big")
        values = words.word(undecided, number).byteswap()
        later[undecided[values > np.uint64(limit)]] = True
        undecided = undecided[values == np.uint64(limit)]
    # What is left agrees with the bound as far as this reaches, except for zeros at the end.
    later[undecided] = words.lengths[undecided] > len(bound)
    return later
