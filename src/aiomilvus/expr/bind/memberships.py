"""Ranges and lists: ``lower < target <= upper`` and ``target [not] in values``."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from aiomilvus.expr.bind import constants, linear
from aiomilvus.expr.bind.constants import RANGES, type_name, type_of
from aiomilvus.expr.bind.terms import term
from aiomilvus.expr.bind.values import BooleanTerm, ConstantTerm, OperandTerm, fault, moment
from aiomilvus.expr.predicate import (
    Arithmetic,
    Bound,
    Compare,
    CompareOp,
    In,
    Range,
    Value,
    disjunction,
    negation,
)
from aiomilvus.expr.tree import ListOf, Unary
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from aiomilvus.expr.bind.scope import Scope
    from aiomilvus.expr.tree import Between, Membership, Node

_IN_JSON_RANGES = (DataType.INT64, DataType.DOUBLE, DataType.VARCHAR)


def between(scope: Scope, node: Between) -> Bound:
    """Bind ``lower < target <= upper``."""
    target = cast("OperandTerm", term(scope, node.target))
    if target.dtype is DataType.ARRAY:
        raise fault(node.target, "can not comparisons array fields directly")
    lower = _bound_value(scope, target, node.lower, "lowerbound")
    upper = _bound_value(scope, target, node.upper, "upperbound")
    closed = node.lower_inclusive and node.upper_inclusive
    order = constants.compare(">" if closed else ">=", lower, upper)
    if order is None:
        raise fault(node, "invalid range operations", "both ends must be of one type")
    if order:
        raise fault(node, "invalid range: lowerbound is greater than upperbound")
    if target.dtype in RANGES:
        return _integer_range(node, target, cast("int", lower), cast("int", upper))
    return Range(target.operand, lower, node.lower_inclusive, upper, node.upper_inclusive)


def _integer_range(node: Between, target: OperandTerm, lower: int, upper: int) -> Bound:
    """Return the range with ends that the field's type holds."""
    low, high = RANGES[target.dtype]
    if low <= lower and upper <= high:
        return Range(target.operand, lower, node.lower_inclusive, upper, node.upper_inclusive)
    if lower < low:
        op: CompareOp = "<=" if node.upper_inclusive else "<"
        return linear.compared(target.operand, op, upper)
    return linear.compared(target.operand, ">=" if node.lower_inclusive else ">", lower)


def _bound_value(scope: Scope, target: OperandTerm, node: Node, which: str) -> Value:
    bound = term(scope, node)
    if not isinstance(bound, ConstantTerm):
        raise fault(node, f"{which} cannot be a non-const expression: {scope.source(node)}")
    dtype, value = target.dtype, bound.value
    try:
        if dtype is DataType.TIMESTAMPTZ:
            return moment(bound, scope.zone)
        if dtype is DataType.BOOL:
            raise fault(node, "invalid range operations on boolean expr")
        if dtype is DataType.JSON and type_of(value) not in _IN_JSON_RANGES:
            raise fault(node, "invalid range operations")
        return constants.cast_to(value, dtype)
    except ValueError as error:
        raise fault(node, "invalid range operations", str(error)) from None


def membership(scope: Scope, node: Membership) -> Bound:
    """Bind ``target [not] in values``."""
    target = term(scope, node.target)
    source = scope.source(node.target)
    if isinstance(target, ConstantTerm):
        cause = f"'term' can only be used on non-const expression, but got: {source}"
        raise fault(node.target, cause)
    if isinstance(target, BooleanTerm) or isinstance(target.operand, Arithmetic):
        hint = ""
        if isinstance(node.target, Unary) and node.target.op == "not":
            hint = f"write {source[3:].strip()} not in …"
        raise fault(
            node.target, f"'term' can only be used on single field, but got: {source}", hint
        )
    values = _list_values(scope, target, node.values)
    found = _in(target, values)
    return negation(found) if node.negated else found


def _in(target: OperandTerm, values: list[Value]) -> Bound:
    lists = [value for value in values if isinstance(value, tuple)]
    if target.dtype in RANGES:
        low, high = RANGES[target.dtype]
        values = [value for value in values if low <= cast("int", value) <= high]
    # 1 and True are equal to Python but not in a filter.
    plain = {(type_of(v), v): v for v in values if not isinstance(v, tuple)}
    parts: list[Bound] = [Compare(target.operand, "==", value) for value in lists]
    if plain or not parts:
        parts.append(In(target.operand, tuple(plain.values())))
    return disjunction(parts)


def _list_values(scope: Scope, target: OperandTerm, node: Node) -> list[Value]:
    listed = term(scope, node)
    if not isinstance(listed, ConstantTerm):
        cause = f"value '{scope.source(node)}' in list cannot be a non-const expression"
        raise fault(node, cause)
    if listed.dtype is not DataType.ARRAY:
        cause = f"the right-hand side of 'in' must be a list, but got: {scope.source(node)}"
        if listed.template:
            cause = (
                f"the value of term expression template variable {{{listed.template}}} is not array"
            )
        raise fault(node, cause)
    values = cast("tuple[Value, ...]", listed.value)
    cast_values: list[Value] = []
    for index, value in enumerate(values):
        try:
            cast_values.append(_listed_value(scope, target, listed, value))
        except ValueError:
            dtype = type_name(target.dtype)
            cause = f"value '{constants.shown(value)}' in list cannot be casted to {dtype}"
            at = node.items[index] if isinstance(node, ListOf) else node
            raise fault(at, cause) from None
    return cast_values


def _listed_value(scope: Scope, target: OperandTerm, listed: ConstantTerm, value: Value) -> Value:
    if target.dtype is not DataType.TIMESTAMPTZ:
        return constants.cast_to(value, target.dtype, target.element)
    if listed.element is DataType.TIMESTAMPTZ:
        return value
    return moment(
        ConstantTerm(listed.node, value, type_of(value), template=listed.template), scope.zone
    )
