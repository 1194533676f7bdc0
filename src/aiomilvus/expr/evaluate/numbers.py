"""Numbers, booleans and moments: reading them from the rows and comparing them.

Integers are compared as integers, exactly, whatever arithmetic they come from.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from aiomilvus.expr.evaluate.answers import Bools, Rows, Verdict, both
from aiomilvus.expr.evaluate.arithmetic import Exact, Vector, compute, exact
from aiomilvus.expr.json_paths import Kind
from aiomilvus.expr.predicate import (
    Arithmetic,
    Column,
    Compare,
    CompareOp,
    CompareOperands,
    In,
    Item,
    Length,
    Operand,
    Range,
    Shifted,
    Value,
)
from aiomilvus.model.columns import FixedColumn

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


OPERATORS: dict[CompareOp, Callable[[Any, Any], Any]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt,
    "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip

_FEW = 16
"""Up to so many candidates are compared one after the other, faster than by sorting."""

_MOST_MONTHS = 3_400_000
"""Months that microseconds in 64 bits reach from 1970, a little less."""


def compare(leaf: Compare, rows: Rows) -> Verdict:
    """Answer ``operand op number``."""
    vector = read(leaf.operand, rows)
    value = _scalar(vector.values, leaf.value)
    verdict = Verdict.of(OPERATORS[leaf.op](vector.values, value), vector.known)
    if vector.doubtful is None:
        return verdict
    some = rows.where(vector.doubtful)
    right: Exact = [cast("int | float", leaf.value)] * len(some)
    return _settled(verdict, vector.doubtful, leaf.op, exact(leaf.operand, _reader(some)), right)


def compare_operands(leaf: CompareOperands, rows: Rows) -> Verdict:
    """Answer ``left op right`` of two numbers read from the row."""
    left, right = read(leaf.left, rows), read(leaf.right, rows)
    known = both(left.known, right.known)
    verdict = Verdict.of(OPERATORS[leaf.op](left.values, right.values), known)
    if left.doubtful is None and right.doubtful is None:
        return verdict
    doubtful = np.zeros(len(rows), np.bool_)
    for mask in (left.doubtful, right.doubtful):
        doubtful |= False if mask is None else mask
    reader = _reader(rows.where(doubtful))
    return _settled(verdict, doubtful, leaf.op, exact(leaf.left, reader), exact(leaf.right, reader))


def compare_given(op: CompareOp, sum_: Arithmetic, value: Value, given: NDArray[Any]) -> Verdict:
    """Answer ``sum_ op value`` where what is read from the rows is `given`."""
    vector = compute(sum_, lambda _: Vector(given, None))
    verdict = Verdict.of(OPERATORS[op](vector.values, value), vector.known)
    if vector.doubtful is None:
        return verdict
    some = given[vector.doubtful].tolist()
    right: Exact = [cast("int | float", value)] * len(some)
    return _settled(verdict, vector.doubtful, op, exact(sum_, lambda _: some), right)


def contained(leaf: In, rows: Rows) -> Verdict:
    """Answer ``operand in (numbers)``."""
    vector = read(leaf.operand, rows)
    return Verdict.of(is_in(vector.values, leaf.values), vector.known)


def within(leaf: Range, rows: Rows) -> Verdict:
    """Answer ``lower < operand < upper``."""
    values, known, _ = read(leaf.operand, rows)
    above = OPERATORS[">=" if leaf.lower_inclusive else ">"]
    below = OPERATORS["<=" if leaf.upper_inclusive else "<"]
    outcome = above(values, _scalar(values, leaf.lower))
    outcome &= below(values, _scalar(values, leaf.upper))
    return Verdict.of(outcome, known)


def is_in(values: NDArray[Any], candidates: tuple[Value, ...]) -> Bools:
    """Return which of `values` equal one of `candidates`."""
    if len(candidates) <= _FEW:
        outcome = np.zeros(len(values), np.bool_)
        for candidate in candidates:
            outcome |= values == _scalar(values, candidate)
        return outcome
    wanted = np.array(candidates)
    if wanted.dtype.kind in "iu" and values.dtype.kind in "iu":
        wanted = wanted.astype(np.int64)
    elif values.dtype == np.float32:
        wanted = _as_float32(wanted)
    return np.isin(values, wanted)


def _scalar(values: NDArray[Any], value: Any) -> Any:
    """Return `value` as numpy should see it beside `values`."""
    return _as_float32(np.float64(value)) if values.dtype == np.float32 else value


def _as_float32(values: Any) -> Any:
    # Milvus compares a FLOAT field with the nearest 32-bit value; beyond them, infinity.
    with np.errstate(over="ignore"):
        return values.astype(np.float32)


# Reading.


def read(operand: Operand, rows: Rows) -> Vector:
    """Return the operand's number in each row."""
    if isinstance(operand, Column):
        column = rows.fixed(operand.name)
        return Vector(column.values, column.valid)
    if isinstance(operand, Item):
        return _item(operand, rows)
    if isinstance(operand, Length):
        return _length(operand, rows)
    if isinstance(operand, Shifted):
        column = rows.fixed(operand.column.name)
        return Vector(_moved(column.values, operand), column.valid)
    return compute(cast("Arithmetic", operand), lambda part: read(part, rows))


def item_positions(item: Item, rows: Rows) -> tuple[NDArray[np.int64], Bools, Any]:
    """Return where element `item.index` of each array is, which have one, and the elements.

    Arrays without one get position 0, or none at all if there is no element anywhere.
    """
    lists = rows.lists(item.field)
    positions = lists.offsets[:-1] + item.index
    known = positions < lists.offsets[1:]
    if lists.valid is not None:
        known &= lists.valid
    return np.where(known, positions, 0), known, lists.child


def _item(item: Item, rows: Rows) -> Vector:
    positions, known, child = item_positions(item, rows)
    child = FixedColumn.expect(child)
    if not len(child):
        return Vector(np.zeros(len(rows), child.values.dtype), known)
    if child.valid is not None:
        known &= child.valid[positions]
    return Vector(child.values[positions], known)


def _length(length: Length, rows: Rows) -> Vector:
    if isinstance(length.of, Column):
        lists = rows.lists(length.of.name)
        return Vector(np.diff(lists.offsets), lists.valid)
    values = rows.json(length.of.field, length.of.path)
    return Vector(np.diff(values.elements()[0]), values.are(Kind.ARRAY))


def _moved(values: NDArray[np.int64], by: Shifted) -> NDArray[np.int64]:
    """Return moments moved by calendar months, days past a month's end spilling over."""
    moments = values.view("datetime64[us]")
    months = moments.astype("datetime64[M]")
    rest = moments - months
    counted = np.clip(months.view(np.int64) + by.months, -_MOST_MONTHS, _MOST_MONTHS)
    moved = counted.view("datetime64[M]").astype("datetime64[us]") + rest
    microseconds: NDArray[np.int64] = moved.view(np.int64) + by.microseconds
    return microseconds


# Doubtful rows.


def _settled(
    verdict: Verdict, doubtful: Bools, op: CompareOp, left: Exact, right: Exact
) -> Verdict:
    """Return `verdict` with the doubtful rows answered again, one by one."""
    known = np.ones(len(doubtful), np.bool_) if verdict.known is None else verdict.known.copy()
    true = verdict.true.copy()
    matches = OPERATORS[op]
    for row, a, b in zip(np.flatnonzero(doubtful).tolist(), left, right, strict=True):
        known[row] = a is not None and b is not None
        true[row] = known[row] and matches(a, b)
    return Verdict(true, known)


def _reader(rows: Rows) -> Callable[[Any], Exact]:
    def values_of(operand: Operand) -> Exact:
        vector = read(operand, rows)
        values: Exact = vector.values.tolist()
        if vector.known is not None:
            for row in np.flatnonzero(~vector.known).tolist():
                values[row] = None
        return values

    return values_of
