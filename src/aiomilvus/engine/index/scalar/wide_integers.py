"""Integers that doubles can't tell from their neighbours, kept beside an index of doubles.

An index that converts text to numbers answers for its rows alone: no scan can correct it. So it
keeps integers from 2^53 on as they are, and filters with such constants ask these.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from aiomilvus.expr import predicate as p
from aiomilvus.expr.evaluate.numbers import OPERATORS
from aiomilvus.expr.json_paths import Kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aiomilvus.expr.json_paths import JsonValues

FIRST = 2**53
"""The smallest integer that shares its double with another one."""
_LIMITS = range(-(2**63), 2**63)
_INTEGER = re.compile(rb"\s*([+-]?)0*(\d{1,19})\s*\Z")


class WideIntegers(NamedTuple):
    """Attributes: rows: their numbers, ascending. values: int64, the integer of each."""

    rows: NDArray[np.int64]
    values: NDArray[np.int64]

    def corrected(self, leaf: p.Leaf, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return `mask`, the answer by doubles, with these rows answered by their integers."""
        mask[self.rows] = self._matching(leaf)
        return mask

    def _matching(self, leaf: p.Leaf) -> NDArray[np.bool_]:
        if isinstance(leaf, p.Compare):
            return self._compared(leaf.op, leaf.value)
        if isinstance(leaf, p.Range):
            above = self._compared(">=" if leaf.lower_inclusive else ">", leaf.lower)
            return above & self._compared("<=" if leaf.upper_inclusive else "<", leaf.upper)
        mask = np.zeros(len(self.rows), np.bool_)
        for value in leaf.values if isinstance(leaf, p.In) else ():
            mask |= self._compared("==", value)
        return mask

    def _compared(self, op: p.CompareOp, value: p.Value) -> NDArray[np.bool_]:
        matching: NDArray[np.bool_] = OPERATORS[op](self.values, value)
        return matching


def asks_wide(leaf: p.Leaf) -> bool:
    """Return whether a constant of the leaf is an integer that doubles can't tell apart."""
    if isinstance(leaf, p.Compare):
        return is_wide(leaf.value)
    if isinstance(leaf, p.Range):
        return is_wide(leaf.lower) or is_wide(leaf.upper)
    return isinstance(leaf, p.In) and any(map(is_wide, leaf.values))


def is_wide(value: object) -> bool:
    """Return whether `value` is an integer that doubles can't tell from its neighbours."""
    return isinstance(value, int) and abs(value) >= FIRST


def wide_integers(values: JsonValues) -> WideIntegers:
    """Return the wide ones among the integers, and the texts that are integers, of a path."""
    is_integer = values.are(Kind.INTEGER)
    integers = np.where(is_integer, values.integers, 0)
    for row in np.flatnonzero(values.are(Kind.STRING)).tolist():
        integers[row] = _integer(values.strings.raw(row))
    rows = np.flatnonzero((integers >= FIRST) | (integers <= -FIRST))
    return WideIntegers(rows, integers[rows])


def _integer(text: bytes) -> int:
    """Return the integer that a text is; 0 for other texts, and beyond 64 bits."""
    found = _INTEGER.match(text)
    value = int(b"".join(found.groups())) if found else 0
    return value if value in _LIMITS else 0
