"""``is null`` and ``exists``: the two tests whose answer is never UNKNOWN."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from aiomilvus.expr.bind.constants import type_name
from aiomilvus.expr.bind.terms import term
from aiomilvus.expr.bind.values import OperandTerm, fault
from aiomilvus.expr.predicate import Arithmetic, Bound, Column, Exists, IsNull, JsonPath, negation
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from aiomilvus.expr.bind.scope import Scope
    from aiomilvus.expr.tree import Existence, Name, NullTest, Subscript


def null_test(scope: Scope, node: NullTest) -> Bound:
    """Bind ``field is [not] null``; on a JSON path it means that nothing is there."""
    target = term(scope, cast("Name | Subscript", node.target))
    operand = target.operand if isinstance(target, OperandTerm) else None
    if isinstance(operand, JsonPath) and operand.path:
        return Exists(operand) if node.negated else negation(Exists(operand))
    if isinstance(operand, JsonPath):
        operand = Column(operand.field, DataType.JSON)
    if not isinstance(operand, Column) or scope.element is not None:
        cause = "IsNull/IsNotNull operations are not supported on array element access, got: "
        raise fault(node, cause + scope.source(node))
    if operand.dtype.is_vector:
        cause = "IsNull/IsNotNull operations are not supported on vector fields"
        raise fault(node, cause)
    return IsNull(operand, node.negated)


def existence(scope: Scope, node: Existence) -> Bound:
    """Bind ``exists json["key"]``."""
    target = term(scope, node.target)
    if not isinstance(target, OperandTerm) or isinstance(target.operand, Arithmetic):
        cause = "exists operations are only supported on single fields now, got: "
        raise fault(node, cause + scope.source(node.target))
    if not isinstance(target.operand, JsonPath):
        cause = (
            f"exists operations are only supportted on json field, got:{type_name(target.dtype)}"
        )
        raise fault(node, cause)
    if not target.operand.path:
        raise fault(node, "exists operations are only supportted on json key")
    return Exists(target.operand)
