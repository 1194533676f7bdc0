"""Arithmetic and bit operators, and durations: which types mix, and folding what is constant.

Milvus computes with one field and constants. Arithmetic between fields, and ``~``, ``<<`` and
``>>`` on fields, are ours; fields still mix only where their types do.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from aiomilvus.expr.bind import constants
from aiomilvus.expr.bind.constants import FLOATS, RANGES, type_name
from aiomilvus.expr.bind.values import (
    BooleanTerm,
    ConstantTerm,
    OperandTerm,
    Term,
    constant_term,
    fault,
)
from aiomilvus.expr.predicate import (
    Arithmetic,
    ArithmeticOp,
    Column,
    Number,
    Numeric,
    Shifted,
    json_path_in,
)
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from aiomilvus.expr.bind.scope import Scope
    from aiomilvus.expr.tree import Binary, Interval, Node

_ON_INTEGERS = frozenset({"%", "&", "|", "^", "<<", ">>"})
_MOST_MONTHS = 12 * 10_000
_DURATION = re.compile(
    r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?"
)
_LARGEST_PART = 2**31 - 1


def combined(scope: Scope, node: Node, op: str, left: Term, right: Term) -> Term:
    """Return the term for ``left op right``, folded if both are constants.

    Raises:
        Fault: The types do not mix, or the operator is not defined for them.
    """
    if isinstance(left, ConstantTerm) and isinstance(right, ConstantTerm):
        try:
            return constant_term(node, constants.fold(op, left.value, right.value))
        except ValueError as error:
            raise fault(node, str(error)) from None
    if isinstance(left, BooleanTerm) or isinstance(right, BooleanTerm):
        cause = "invalid arithmetic expression, left: {}, op: {}, right: {}"
        parts = scope.source(left.node), op, scope.source(right.node)
        raise fault(node, cause.format(*parts), "a comparison in it needs parentheses")
    if op == "**":
        raise fault(node, f"power can only apply on constants: {scope.source(node)}")
    dtype = _result_type(node, op, left, right)
    a, b = _number(left), _number(right)
    _check_right(node, op, b)
    operation = Arithmetic(cast("ArithmeticOp", op), a, b, dtype)
    return OperandTerm(node, operation, dtype)


def _number(of: ConstantTerm | OperandTerm) -> Numeric:
    if isinstance(of, ConstantTerm):
        return Number(cast("int | float", of.value))
    return cast("Numeric", of.operand)


def _check_right(node: Node, op: str, right: object) -> None:
    if not isinstance(right, Number):
        return
    if op in ("/", "%") and right.value == 0:
        raise fault(node, "division or modulus by zero")
    if op in ("<<", ">>") and not 0 <= right.value <= 63:
        raise fault(node, f"shift by {right.value} is out of range: [0, 63]")


def _result_type(
    node: Node, op: str, left: ConstantTerm | OperandTerm, right: ConstantTerm | OperandTerm
) -> DataType:
    for side in (left, right):
        if side.dtype is DataType.ARRAY:
            raise fault(node, "can not comparisons array fields directly")
    types = {left.dtype, right.dtype}
    both_read = isinstance(left, OperandTerm) and isinstance(right, OperandTerm)
    if both_read and (_reads_json(left) or _reads_json(right)):
        cause = "not supported to do arithmetic operations between multiple fields"
        raise fault(node, cause)
    first, second = (right, left) if isinstance(left, ConstantTerm) else (left, right)
    if not _mixes(first.dtype, second.dtype, symmetric=both_read):
        names = f"{type_name(first.dtype)} field and {type_name(second.dtype)}"
        name = constants.operator_name(op)
        raise fault(node, f"'{name}' cannot perform arithmetic between {names}")
    if op in _ON_INTEGERS and types & FLOATS:
        kind = "modulo" if op == "%" else "bitwise operations"
        raise fault(node, f"{kind} can only apply on integer types")
    if DataType.JSON in types:
        return DataType.DOUBLE if types & FLOATS else DataType.JSON
    if both_read:
        return DataType.DOUBLE if types & FLOATS else DataType.INT64
    return first.dtype if first.dtype in FLOATS else DataType.INT64


def _reads_json(of: ConstantTerm | OperandTerm) -> bool:
    return isinstance(of, OperandTerm) and json_path_in(of.operand) is not None


def _mixes(field: DataType, other: DataType, *, symmetric: bool) -> bool:
    integers = RANGES.keys() - {DataType.TIMESTAMPTZ}
    numbers = integers | FLOATS
    if field is DataType.JSON:
        return other in numbers
    if field in FLOATS or symmetric:
        return field in numbers and other in numbers
    return field in integers and other in integers


def shift(node: Binary, left: Term, interval: Interval) -> Term:
    """Return the term for ``timestamptz_field ± interval``."""
    if not isinstance(left, OperandTerm) or not isinstance(left.operand, Column):
        raise fault(node, "an interval can only be added to a timestamptz field")
    if left.dtype is not DataType.TIMESTAMPTZ or node.op not in ("+", "-"):
        raise fault(node, "an interval can only be added to a timestamptz field")
    try:
        months, micros = duration(interval.text)
    except ValueError as error:
        raise fault(interval, str(error)) from None
    if months > _MOST_MONTHS:
        raise fault(interval, f"interval of {months} months is out of range: [0, {_MOST_MONTHS}]")
    sign = -1 if node.op == "-" else 1
    shifted = Shifted(left.operand, sign * months, sign * micros)
    return OperandTerm(node, shifted, DataType.TIMESTAMPTZ)


def duration(text: str) -> tuple[int, int]:
    """Return the whole months and the microseconds of an ISO 8601 duration such as ``P1DT2H``.

    Raises:
        ValueError: Not a duration, or one of its numbers is beyond 32 bits.
    """
    found = _DURATION.fullmatch(text)
    numbers = [int(part or 0) for part in found.groups()] if found else []
    if not numbers or not any(char.isdigit() for char in text) or text.endswith("T"):
        raise ValueError(f"invalid ISO 8601 duration: {text}")
    if max(numbers) > _LARGEST_PART:
        raise ValueError(f"invalid ISO 8601 duration: {text}: a number is out of range")
    years, months, weeks, days, hours, minutes, seconds = numbers
    total = (((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds
    return years * 12 + months, total * 1_000_000
