"""Comparisons of two sides: which types meet, and as what leaf."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from aiomilvus.expr.bind import constants, linear
from aiomilvus.expr.bind.constants import FLOATS, RANGES, type_name, type_of
from aiomilvus.expr.bind.terms import term
from aiomilvus.expr.bind.values import BooleanTerm, ConstantTerm, OperandTerm, Term, fault, moment
from aiomilvus.expr.predicate import (
    MIRRORED,
    Arithmetic,
    Bound,
    Compare,
    CompareOp,
    CompareOperands,
    Operand,
    Shifted,
    Truth,
    Value,
    json_path_in,
)
from aiomilvus.expr.tree import Unary
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from aiomilvus.expr.bind.scope import Scope
    from aiomilvus.expr.diagnostics import Fault
    from aiomilvus.expr.tree import (
        Binary,
        Node,
    )

_NOT_ALONE = "'not' binds tighter than a comparison: write not ({})"


def comparison(scope: Scope, node: Binary) -> Bound:
    """Bind ``left op right``."""
    left, right = term(scope, node.left), term(scope, node.right)
    op = cast("CompareOp", node.op)
    if isinstance(left, ConstantTerm) and isinstance(right, ConstantTerm):
        outcome = constants.compare(op, left.value, right.value)
        if outcome is None:
            cause = "comparison operations cannot be applied to two incompatible operands: "
            raise fault(node, cause + scope.source(node))
        return Truth(outcome)
    if isinstance(left, BooleanTerm) or isinstance(right, BooleanTerm):
        raise _boolean_compared(scope, node, left, right)
    _check_comparable(node, left, right)
    if op not in ("==", "!="):
        _refuse_whole_array(node, left, right)
    if isinstance(right, ConstantTerm):
        return compare_value(scope, node, cast("OperandTerm", left), op, right)
    if isinstance(left, ConstantTerm):
        return compare_value(scope, node, right, MIRRORED[op], left)
    return _compare_operands(scope, node, left, op, right)


def _boolean_compared(scope: Scope, node: Binary, left: Term, right: Term) -> Fault:
    hint = ""
    if isinstance(node.left, Unary) and node.left.op == "not":
        hint = _NOT_ALONE.format(f"{scope.source(node)[3:].strip()}")
    names = [
        "Bool" if isinstance(side, BooleanTerm) else type_name(side.dtype, side.element)
        for side in (left, right)
    ]
    if len(set(names)) == 2:
        cause = f"comparisons between {names[0]} and {names[1]} are not supported"
        return fault(node, cause, hint or "compare with 'and': lower < x and x < upper")
    return fault(node, "only comparison between two fields is supported", hint)


def _refuse_whole_array(node: Node, *sides: ConstantTerm | OperandTerm) -> None:
    for side in sides:
        if side.dtype is DataType.ARRAY and isinstance(side, OperandTerm):
            cause = "can not comparisons array fields directly"
            raise fault(node, cause, "compare an element: field[0]")


def _check_comparable(
    node: Node, left: ConstantTerm | OperandTerm, right: ConstantTerm | OperandTerm
) -> None:
    if _comparable(left, right):
        return
    names = type_name(left.dtype, left.element), type_name(right.dtype, right.element)
    hint = ""
    if DataType.TIMESTAMPTZ in (left.dtype, right.dtype) and "VarChar" in names:
        hint = "write the moment as iso '2025-01-01T00:00:00Z'"
    cause = f"comparisons between {names[0]} and {names[1]} are not supported"
    raise fault(node, cause, hint)


def _comparable(left: ConstantTerm | OperandTerm, right: ConstantTerm | OperandTerm) -> bool:
    for side, other in ((left, right), (right, left)):
        if isinstance(side, ConstantTerm) and side.template:
            return other.dtype not in _INCOMPARABLE
    if left.dtype is DataType.ARRAY and right.dtype is DataType.ARRAY:
        constant = left if isinstance(left, ConstantTerm) else right
        if isinstance(constant, ConstantTerm) and not constant.value:
            return True
        return _comparable_types(left.element, right.element)
    first = left.element if left.dtype is DataType.ARRAY else left.dtype
    second = right.element if right.dtype is DataType.ARRAY else right.dtype
    if DataType.JSON in (left.dtype, right.dtype):
        return not {left.dtype, right.dtype} & _INCOMPARABLE
    return _comparable_types(first, second)


_NUMBERS = (RANGES.keys() - {DataType.TIMESTAMPTZ}) | FLOATS
_INCOMPARABLE = frozenset(
    dtype for dtype in DataType if dtype.is_vector or dtype is DataType.GEOMETRY
)


def _comparable_types(left: DataType, right: DataType) -> bool:
    if left in _NUMBERS:
        return right in _NUMBERS
    if left.is_string:
        return right.is_string
    return left is right and left in (DataType.BOOL, DataType.TIMESTAMPTZ)


def compare_value(
    scope: Scope, node: Node, left: OperandTerm, op: CompareOp, right: ConstantTerm
) -> Bound:
    """Bind ``left op right`` for a constant on the right, whose type fits by kind."""
    value = _cast(scope, node, left, right)
    if left.dtype is DataType.JSON:
        return _compare_json(node, left, op, value)
    return compare_plain(left.operand, left.dtype, op, value)


def compare_plain(operand: Operand, dtype: DataType, op: CompareOp, value: Value) -> Bound:
    """Return ``operand op value`` with a value of type `dtype`, simplified."""
    if isinstance(operand, Shifted) and not operand.months:
        value = cast("int", value) - operand.microseconds
        operand = operand.column
    if dtype not in RANGES or not isinstance(value, int):
        return Compare(operand, op, value)
    return linear.compared(operand, op, value)


def _compare_json(node: Node, left: OperandTerm, op: CompareOp, value: Value) -> Bound:
    kind = type_of(value)
    if isinstance(left.operand, Arithmetic) and kind not in (DataType.INT64, DataType.DOUBLE):
        raise fault(node, f"comparisons between Int64 and {type_name(kind)} are not supported")
    if kind is DataType.ARRAY and op not in ("==", "!="):
        raise fault(node, "comparisons between JSON and Array are not supported")
    return Compare(left.operand, op, value)


def _cast(scope: Scope, node: Node, left: OperandTerm, right: ConstantTerm) -> Value:
    """Return the constant as a value of the operand's type."""
    value = right.value
    try:
        if left.dtype is DataType.TIMESTAMPTZ:
            return moment(right, scope.zone)
        return constants.cast_to(value, left.dtype, left.element)
    except ValueError as error:
        raise fault(node, str(error)) from None


def _compare_operands(
    scope: Scope, node: Binary, left: OperandTerm, op: CompareOp, right: OperandTerm
) -> Bound:
    if json_path_in(left.operand) or json_path_in(right.operand):
        cause = "two column comparison with JSON type is not supported"
        raise fault(node, cause, scope.quoted(node.right, node.left))
    _refuse_whole_array(node, left, right)
    return CompareOperands(left.operand, op, right.operand)
