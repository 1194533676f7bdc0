"""Integer comparisons in their simplest form: ``a * 2 + 1 < 10`` becomes ``a < 5``.

Arithmetic on integers is that of the mathematician (`predicate.Arithmetic`), so a comparison
with a constant can be solved for the field, whatever 64 bits would make of the product. What
is left is a plain comparison that an index can answer, with a value the field's type holds.
"""

from __future__ import annotations

from typing import cast

from aiomilvus.expr.bind.constants import RANGES
from aiomilvus.expr.predicate import (
    MIRRORED,
    Arithmetic,
    Bound,
    Column,
    Compare,
    CompareOp,
    In,
    Item,
    JsonPath,
    Length,
    Number,
    Numeric,
    Operand,
)
from aiomilvus.model.types import DataType


def compared(operand: Operand, op: CompareOp, value: int) -> Bound:
    """Return ``operand op value`` for an operand of integers, simplified."""
    while isinstance(operand, Arithmetic):
        step = _solved(operand, op, value)
        if step is None or (isinstance(step, bool) and not _has_one_field(operand)):
            return Compare(operand, op, value)
        if isinstance(step, bool):
            return _settled(operand, outcome=step)
        operand, op, value = step
    return _within(operand, op, value)


def _solved(
    sum_: Arithmetic, op: CompareOp, value: int
) -> tuple[Operand, CompareOp, int] | bool | None:
    """Solve one operator; a bool is the outcome for every row, None: it can't be solved."""
    left, right = sum_.left, sum_.right
    if isinstance(left, JsonPath) or isinstance(right, JsonPath):
        return None
    if isinstance(right, Number) and not isinstance(left, Number):
        return _solved_for_left(left, sum_.op, cast("int", right.value), op, value)
    if not isinstance(left, Number) or isinstance(right, Number):
        return None
    constant = cast("int", left.value)
    if sum_.op == "-":
        return right, MIRRORED[op], constant - value
    if sum_.op in ("+", "*"):
        return _solved_for_left(right, sum_.op, constant, op, value)
    return None


def _solved_for_left(
    left: Numeric, sign: str, constant: int, op: CompareOp, value: int
) -> tuple[Operand, CompareOp, int] | bool | None:
    operand = cast("Operand", left)
    if sign == "+":
        return operand, op, value - constant
    if sign == "-":
        return operand, op, value + constant
    if sign != "*" or constant == 0:
        return None
    if constant < 0:
        constant, value, op = -constant, -value, MIRRORED[op]
    quotient, remainder = divmod(value, constant)
    if op in ("==", "!="):
        return (operand, op, quotient) if not remainder else op == "!="
    # x * c < v  ⇔  x < ⌈v / c⌉, and x * c <= v  ⇔  x <= ⌊v / c⌋; likewise > and >=.
    if op in ("<", ">=") and remainder:
        quotient += 1
    return operand, op, quotient


def _within(operand: Operand, op: CompareOp, value: int) -> Bound:
    """Return the comparison with a value that the operand's type holds."""
    low, high = RANGES[_integer_type(operand)]
    if low <= value <= high:
        return Compare(operand, op, value)
    if op in ("==", "!="):
        return _settled(operand, outcome=op == "!=")
    return _settled(operand, outcome=(op in ("<", "<=")) == (value > high))


def _has_one_field(operand: Operand) -> bool:
    """Return whether only one field decides which rows are UNKNOWN."""
    while isinstance(operand, Arithmetic):
        if not isinstance(operand.left, Number) and not isinstance(operand.right, Number):
            return False
        operand = cast(
            "Operand", operand.right if isinstance(operand.left, Number) else operand.left
        )
    return True


def _settled(operand: Operand, *, outcome: bool) -> Bound:
    """Return what is `outcome` wherever the operand has a value, UNKNOWN elsewhere."""
    while isinstance(operand, Arithmetic):
        operand = cast(
            "Operand", operand.right if isinstance(operand.left, Number) else operand.left
        )
    low, _ = RANGES[_integer_type(operand)]
    return Compare(operand, ">=", low) if outcome else In(operand, ())


def _integer_type(operand: Operand) -> DataType:
    if isinstance(operand, (Column, Item)):
        return operand.dtype
    return DataType.INT64 if isinstance(operand, Length) else DataType.TIMESTAMPTZ
