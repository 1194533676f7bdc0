"""Comparing and sorting texts where they lie: columns of bytes and their offsets, nothing copied.

A text is read eight bytes at a time, as a number whose order is that of the bytes. Where it ends
before the eighth, zeros fill the number; two texts whose numbers are all the same differ at most
in zeros at their ends, and so are ordered as their sizes are. Each step looks only at the rows
that the steps before could not tell apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.expr.interrupting import never_interrupt
from aiomilvus.model.columns import BytesColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Ints = NDArray[np.int64]
    Words = NDArray[np.uint64]

_WORD = 8
_MASKS = np.array([(1 << 64) - (1 << 8 * (8 - n)) for n in range(9)], np.uint64)
"""By n: the bits of a word's first n bytes."""
_FEW = 8
"""Candidates that are looked for one by one."""
_MIX = tuple(np.uint64(n) for n in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9))
_ROUNDS = 64
"""Words after which texts that are still the same are sorted by Python."""


def _bounds(values: BytesColumn) -> tuple[Ints, Ints]:
    """Return where each text starts, and its size."""
    return values.offsets[:-1], np.diff(values.offsets)


def _words(data: NDArray[np.uint8], at: Ints, left: Ints) -> Words:
    """Return the eight bytes at each place as a number, of `left` bytes or more."""
    if len(data) < _WORD:
        data = np.concatenate([data, np.zeros(_WORD - len(data), np.uint8)])
    last = len(data) - _WORD
    every: Words = np.ndarray((last + 1,), np.dtype(">u8"), data.data, strides=(1,))
    found = every[np.minimum(at, last)].astype(np.uint64)
    beyond = np.clip(at - last, 0, _WORD - 1).astype(np.uint64) * np.uint64(8)
    masks = _MASKS[np.clip(left, 0, _WORD)]
    masked: Words = (found << beyond) & masks
    return masked


def _word(text: bytes) -> np.uint64:
    return np.uint64(int.from_bytes(text[:_WORD].ljust(_WORD, b"\0"), "big"))


def order_to(values: BytesColumn, text: bytes) -> NDArray[np.int8]:
    """Return for each of `values` -1, 0 or 1: whether it is less than, equal to or above `text`."""
    starts, sizes = _bounds(values)
    outcome: NDArray[np.int8] = np.sign(sizes - len(text)).astype(np.int8)
    rows = np.arange(len(values))
    for at in range(0, len(text), _WORD):
        word = _word(text[at:])
        found = _words(values.data, starts[rows] + at, sizes[rows] - at)
        differs = found != word
        outcome[rows[differs]] = np.where(found[differs] > word, 1, -1)
        rows = rows[~differs]
        if not len(rows):
            break
    return outcome


def order_between(left: BytesColumn, right: BytesColumn) -> NDArray[np.int8]:
    """Return for each pair -1, 0 or 1: whether the left one is less, equal or greater."""
    (starts, sizes), (others, their_sizes) = _bounds(left), _bounds(right)
    outcome: NDArray[np.int8] = np.sign(sizes - their_sizes).astype(np.int8)
    rows = np.flatnonzero(np.maximum(sizes, their_sizes) > 0)
    at = 0
    while len(rows):
        mine = _words(left.data, starts[rows] + at, sizes[rows] - at)
        theirs = _words(right.data, others[rows] + at, their_sizes[rows] - at)
        differs = mine != theirs
        outcome[rows[differs]] = np.where(mine[differs] > theirs[differs], 1, -1)
        at += _WORD
        rows = rows[~differs]
        rows = rows[np.minimum(sizes[rows], their_sizes[rows]) > at]
    return outcome


def equal_to(values: BytesColumn, text: bytes) -> Bools:
    """Return which of `values` are `text`."""
    starts, sizes = _bounds(values)
    rows = np.flatnonzero(sizes == len(text))
    return _same_at(values, rows, starts[rows], text)


def starts_with(values: BytesColumn, text: bytes) -> Bools:
    """Return which of `values` start with `text`."""
    starts, sizes = _bounds(values)
    rows = np.flatnonzero(sizes >= len(text))
    return _same_at(values, rows, starts[rows], text)


def ends_with(values: BytesColumn, text: bytes) -> Bools:
    """Return which of `values` end with `text`."""
    starts, sizes = _bounds(values)
    rows = np.flatnonzero(sizes >= len(text))
    return _same_at(values, rows, starts[rows] + sizes[rows] - len(text), text)


def _same_at(values: BytesColumn, rows: Ints, places: Ints, text: bytes) -> Bools:
    """Return which of `values` are among `rows` and hold `text` at their places."""
    for at in range(0, len(text), _WORD):
        part = text[at : at + _WORD]
        size = np.full(len(rows), len(part))
        same = _words(values.data, places + at, size) == _word(part)
        rows, places = rows[same], places[same]
    outcome = np.zeros(len(values), np.bool_)
    outcome[rows] = True
    return outcome


def among(values: BytesColumn, candidates: Sequence[bytes]) -> Bools:
    """Return which of `values` are among `candidates`."""
    if len(candidates) <= _FEW:
        return _any_of(values, candidates)
    wanted = BytesColumn.of(list(dict.fromkeys(candidates)))
    codes = _codes(wanted)
    order = np.argsort(codes, kind="stable")
    codes = codes[order]
    if (codes[1:] == codes[:-1]).any():  # two of one code: practically never
        known = frozenset(candidates)
        return np.fromiter((text in known for text in values), np.bool_, len(values))
    mine = _codes(values)
    place = np.minimum(np.searchsorted(codes, mine), len(codes) - 1)
    outcome: Bools = codes[place] == mine
    rows = np.flatnonzero(outcome)
    outcome[rows] = order_between(values.take(rows), wanted.take(order[place[rows]])) == 0
    return outcome


def _any_of(values: BytesColumn, candidates: Sequence[bytes]) -> Bools:
    outcome = np.zeros(len(values), np.bool_)
    for text in candidates:
        outcome |= equal_to(values, text)
    return outcome


def _codes(values: BytesColumn) -> Words:
    """Return numbers that are the same for the same texts, and mostly for these only."""
    starts, sizes = _bounds(values)
    code = _words(values.data, starts, sizes) * _MIX[0]
    last = np.minimum(sizes, _WORD)
    code ^= _words(values.data, starts + sizes - last, last) * _MIX[1]
    code ^= sizes.astype(np.uint64) * _MIX[2]
    mixed: Words = code ^ (code >> np.uint64(29))
    return mixed


def sort_order(
    values: BytesColumn, check: Callable[[], object] = never_interrupt
) -> tuple[Ints, Bools]:
    """Return the rows in the order of their texts, and where, in it, the text changes.

    Rows stay in their order within a text.

    Args:
        values: The texts.
        check: Called now and then; what it raises ends the work.

    Returns:
        The order (n,), and for each but the first whether it differs from the one before (n - 1,).
    """
    starts, sizes = _bounds(values)
    order = np.arange(len(values))
    changes = np.zeros(max(len(values) - 1, 0), np.bool_)
    # Places, in the order, of rows that are not told apart from a neighbour yet.
    places = np.arange(len(values) if len(values) > 1 else 0)
    group = np.zeros(len(places), np.int64)
    for number in range(_ROUNDS):
        if not len(places):
            break
        check()
        rows, at = order[places], number * _WORD
        words = _words(values.data, starts[rows] + at, sizes[rows] - at)
        # What ends here is told apart by its size; what goes on, by what follows.
        ends = np.minimum(sizes[rows] - at, _WORD + 1)
        inner = np.lexsort((ends, words, group))
        order[places] = rows[inner]
        words, ends = words[inner], ends[inner]
        fresh = (words[1:] != words[:-1]) | (ends[1:] != ends[:-1]) | (group[1:] != group[:-1])
        changes[places[1:][fresh] - 1] = True
        numbers = np.concatenate([[0], np.cumsum(fresh)])
        alone = np.concatenate([[True], fresh]) & np.concatenate([fresh, [True]])
        left = ~alone & (ends > _WORD)
        places, group = places[left], numbers[left]
    _sort_long(values, order, changes, places, group)
    return order, changes


def _sort_long(values: BytesColumn, order: Ints, changes: Bools, places: Ints, group: Ints) -> None:
    """Sort in place what is the same for hundreds of bytes, group by group."""
    if not len(places):
        return
    cuts = np.flatnonzero(np.diff(group)) + 1
    for run in np.split(places, cuts):
        texts = {int(row): values.raw(int(row)) for row in order[run]}
        ranked = sorted(texts, key=texts.__getitem__)
        order[run] = ranked
        for place, before, row in zip(run[1:], ranked, ranked[1:], strict=False):
            changes[place - 1] = texts[before] != texts[row]
