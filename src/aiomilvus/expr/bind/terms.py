"""Operands of operators: what a node stands for as a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.expr.bind import constants
from aiomilvus.expr.bind.arithmetic import combined, shift
from aiomilvus.expr.bind.constants import FLOATS, RANGES, type_name, type_of
from aiomilvus.expr.bind.values import (
    BooleanTerm,
    ConstantTerm,
    OperandTerm,
    Term,
    constant_term,
    fault,
)
from aiomilvus.expr.diagnostics import Fault
from aiomilvus.expr.predicate import Column, Item, JsonPath, Length, Truth, Value
from aiomilvus.expr.tree import (
    Binary,
    Call,
    Constant,
    Element,
    Interval,
    ListOf,
    Moment,
    Name,
    Node,
    SubField,
    Subscript,
    Template,
    Unary,
)
from aiomilvus.model.moments import moment_microseconds
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from aiomilvus.expr.bind.scope import Scope
    from aiomilvus.model.schema import Field

ARITHMETIC = frozenset({"+", "-", "*", "/", "%", "**", "&", "|", "^", "<<", ">>"})


def term(scope: Scope, node: Node) -> Term:
    """Return what `node` stands for.

    Raises:
        Fault: It names nothing, or mixes what does not mix.
    """
    if isinstance(node, (Name, Subscript, Element)):
        return field_term(scope, node)
    if isinstance(node, Constant):
        return _literal(node)
    if isinstance(node, (Template, ListOf, Moment, Interval)):
        return _compound(scope, node)
    if isinstance(node, Unary) and node.op != "not":
        return _unary(scope, node)
    if isinstance(node, Binary) and node.op in ARITHMETIC:
        return _arithmetic(scope, node)
    if isinstance(node, Call) and node.function == "array_length":
        return _length(scope, node)
    predicate = scope.bind(scope, node)
    if isinstance(predicate, Truth):
        return constant_term(node, predicate.value)
    return BooleanTerm(node, predicate)


# Constants.


def _literal(node: Constant) -> ConstantTerm:
    try:
        if type(node.value) is int:
            constants.checked_integer(node.value)
    except ValueError as error:
        raise fault(node, str(error)) from None
    return constant_term(node, node.value)


def _compound(scope: Scope, node: Template | ListOf | Moment | Interval) -> ConstantTerm:
    try:
        if isinstance(node, Template):
            return _template(scope, node)
        if isinstance(node, Moment):
            micros = moment_microseconds(node.text, scope.zone)
            return ConstantTerm(node, micros, DataType.TIMESTAMPTZ)
    except ValueError as error:
        raise fault(node, str(error)) from None
    if isinstance(node, Interval):
        raise fault(node, "an interval can only be added to a timestamptz field")
    return _list(scope, node)


def _template(scope: Scope, node: Template) -> ConstantTerm:
    if node.name not in scope.params:
        cause = f"the value of expression template variable name {{{node.name}}} is not found"
        raise Fault(cause, node.start, node.end, bare=True)
    value = scope.params[node.name]
    if value is None:
        cause = f"the value of expression template variable {{{node.name}}} is nil"
        raise Fault(cause, node.start, node.end, bare=True)
    return constant_term(node, constants.parameter(value), node.name)


def _list(scope: Scope, node: ListOf) -> ConstantTerm:
    values: list[Value] = []
    dtypes: set[DataType] = set()
    for item in node.items:
        if type(item) is Constant and type(item.value) is not int:
            values.append(item.value)
            dtypes.add(type_of(item.value))
            continue
        found = term(scope, item)
        if not isinstance(found, ConstantTerm):
            cause = f"array element type must be generic value, but got: {scope.source(item)}"
            raise fault(item, cause, scope.quoted(item))
        values.append(found.value)
        dtypes.add(found.dtype)
    element = dtypes.pop() if len(dtypes) == 1 else DataType.NONE
    return ConstantTerm(node, tuple(values), DataType.ARRAY, element)


# Fields.


def field_term(scope: Scope, node: Name | Subscript | Element) -> OperandTerm:
    """Return the operand that a name, with or without subscripts, reads.

    Raises:
        Fault: No such field, or not one that can be subscripted so.
    """
    if isinstance(node, Element):
        return _element(scope, node)
    if scope.element is not None:
        cause = f"field {node.name} cannot be used inside {scope.element.function}"
        hint = "only $[sub_field]" if scope.element.is_struct else "only $, the element,"
        raise fault(node, cause, f"{hint} can be used there")
    keys = node.keys if isinstance(node, Subscript) else ()
    if keys and scope.is_struct(node.name):
        return _struct_term(scope, node, keys)
    field = scope.field(node, node.name)
    if field is None:
        path = (node.name, *_path(node, keys))
        return OperandTerm(node, JsonPath(scope.dynamic().name, path), DataType.JSON)
    scope.columns.add(field.name)
    if field.dtype is DataType.JSON:
        return OperandTerm(node, JsonPath(field.name, _path(node, keys)), DataType.JSON)
    if not keys:
        return _whole(node, field)
    if field.dtype is not DataType.ARRAY:
        raise fault(node, f"{type_name(field.dtype)} data type not supported accessed with []")
    return _item(node, field.name, field.element_type, keys)


def _whole(node: Node, field: Field) -> OperandTerm:
    if field.dtype is DataType.TEXT:
        raise fault(node, f"filter on text field ({field.name}) is not supported yet")
    column = Column(field.name, field.dtype, field.element_type)
    return OperandTerm(node, column, field.dtype, field.element_type)


def _path(node: Node, keys: tuple[str | int | SubField, ...]) -> tuple[str, ...]:
    for key in keys:
        if isinstance(key, SubField):
            cause = f'json key must be enclosed in double quotes or single quotes: "{key.name}"'
            raise fault(node, cause, f'write ["{key.name}"]')
    return tuple(str(key) for key in keys)


def _item(
    node: Node, name: str, element: DataType, keys: tuple[str | int | SubField, ...]
) -> OperandTerm:
    key = keys[0]
    if not isinstance(key, int) or len(keys) > 1:
        raise fault(node, "can only access array field with integer index")
    if element.is_vector:
        raise fault(node, f"filter on vector field ({name}) is not supported")
    return OperandTerm(node, Item(name, min(key, 2**31 - 1), element), element)


def _struct_term(
    scope: Scope, node: Name | Subscript, keys: tuple[str | int | SubField, ...]
) -> OperandTerm:
    """Bind ``struct[sub]``, the array, and ``struct[0][sub]`` or ``struct[sub][0]``."""
    subs = [key.name for key in keys if isinstance(key, SubField)]
    rest = tuple(key for key in keys if not isinstance(key, SubField))
    if len(subs) != 1 or len(rest) > 1:
        cause = f"invalid identifier: {scope.source(node)}"
        raise fault(node, cause, f"write {node.name}[sub_field] or {node.name}[0][sub_field]")
    field = scope.sub_field(node, node.name, subs[0])
    scope.columns.add(field.name)
    if rest:
        return _item(node, field.name, field.element_type, rest)
    return _whole(node, field)


def _element(scope: Scope, node: Element) -> OperandTerm:
    element = scope.element
    written = scope.source(node)
    if element is None:
        cause = f"{written} can only be used inside element_filter or match functions"
        raise fault(node, cause)
    if element.is_struct != (node.sub is not None):
        hint = f"elements of {element.field} " + (
            "are structs: write $[sub_field]" if element.is_struct else "are values: write $"
        )
        raise fault(node, f"invalid element reference: {written}", hint)
    if node.sub is None:
        field = scope.schema.by_name[element.field]
    else:
        field = scope.sub_field(node, element.field, node.sub)
    if field.element_type.is_vector or field.dtype is not DataType.ARRAY:
        raise fault(node, f"filter on vector field ({field.name}) is not supported")
    element.used[field.name] = None
    scope.columns.add(field.name)
    return OperandTerm(node, Column(field.name, field.element_type), field.element_type)


def _length(scope: Scope, node: Call) -> OperandTerm:
    if len(node.arguments) != 1 or node.options:
        raise fault(node, "array_length takes one argument: array_length(field)")
    argument = node.arguments[0]
    if isinstance(argument, Name) and scope.is_struct(argument.name):
        # The sub-fields are arrays of one length, and there is at least one. Numbers are smaller.
        inner = scope.schema.fields_of(argument.name)
        column = min(inner, key=lambda field: field.element_type.is_vector).name
        scope.columns.add(column)
        return OperandTerm(node, Length(Column(column, DataType.ARRAY)), DataType.INT64)
    of = term(scope, argument)
    if (
        isinstance(of, OperandTerm)
        and isinstance(of.operand, (Column, JsonPath))
        and of.dtype in (DataType.JSON, DataType.ARRAY)
    ):
        return OperandTerm(node, Length(of.operand), DataType.INT64)
    cause = "array_length operation are only supported on json or array fields now, got: "
    raise fault(node, cause + scope.source(node))


# Operators.


def _unary(scope: Scope, node: Unary) -> Term:
    child = node.operand
    if node.op == "-" and isinstance(child, Constant) and type(child.value) is int:
        # -9223372036854775808 is in range although 9223372036854775808 is not.
        return _literal(Constant(node.start, node.end, -child.value))
    operand = term(scope, child)
    if isinstance(operand, BooleanTerm) or operand.dtype is DataType.ARRAY:
        raise fault(node, f"'{node.op}' can only be applied on numbers")
    if node.op == "+" and operand.dtype in (*RANGES, *FLOATS, DataType.JSON):
        return operand
    zero = constant_term(node, -1 if node.op == "~" else 0)
    return combined(scope, node, "^" if node.op == "~" else "-", zero, operand)


def _arithmetic(scope: Scope, node: Binary) -> Term:
    left = term(scope, node.left)
    if isinstance(node.right, Interval):
        return shift(node, left, node.right)
    return combined(scope, node, node.op, left, term(scope, node.right))
