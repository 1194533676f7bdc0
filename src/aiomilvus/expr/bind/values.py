"""Terms: what stands on the sides of an operator.

A `ConstantTerm` is known now, an `OperandTerm` is read from each row, and a `BooleanTerm` is
a predicate, which is no value.
"""

from __future__ import annotations

from typing import cast

import msgspec

from aiomilvus.expr.bind import constants
from aiomilvus.expr.bind.constants import type_of
from aiomilvus.expr.diagnostics import Fault
from aiomilvus.expr.predicate import Bound, Operand, Value
from aiomilvus.expr.tree import Node
from aiomilvus.model.moments import moment_microseconds
from aiomilvus.model.types import DataType


class ConstantTerm(msgspec.Struct, frozen=True):
    """A value known while binding; a parameter's `template` is its name, else ""."""

    node: Node
    value: Value
    dtype: DataType
    element: DataType = DataType.NONE
    template: str = ""


class OperandTerm(msgspec.Struct, frozen=True):
    """A value read, or computed, for each row."""

    node: Node
    operand: Operand
    dtype: DataType
    element: DataType = DataType.NONE


class BooleanTerm(msgspec.Struct, frozen=True):
    """A predicate where a value might stand."""

    node: Node
    predicate: Bound


Term = ConstantTerm | OperandTerm | BooleanTerm


def fault(node: Node, cause: str, hint: str = "") -> Fault:
    """Return a fault at `node`."""
    return Fault(cause, node.start, node.end, hint)


def constant_term(node: Node, value: Value, template: str = "") -> ConstantTerm:
    """Return `value` as a term of its natural type."""
    element = constants.element_type_of(value) if isinstance(value, tuple) else DataType.NONE
    return ConstantTerm(node, value, type_of(value), element, template)


def moment(constant: ConstantTerm, zone: str) -> int:
    """Return a constant meant as a moment: ``iso "…"``, or a parameter (text or microseconds).

    Raises:
        ValueError: It is none.
    """
    value = constant.value
    if constant.dtype is DataType.TIMESTAMPTZ or (constant.template and type(value) is int):
        return cast("int", value)
    if constant.template and isinstance(value, str):
        return moment_microseconds(value, zone)
    raise ValueError(f"cannot cast value to Timestamptz, value: {constants.shown(value)}")
