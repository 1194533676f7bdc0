"""``membership_match(field, {blob}, type=bloom)``: whether a value is in a set given as bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.expr.bind.calls import arguments
from aiomilvus.expr.bind.constants import type_name
from aiomilvus.expr.bind.terms import term
from aiomilvus.expr.bind.values import OperandTerm, fault
from aiomilvus.expr.diagnostics import Fault
from aiomilvus.expr.membership import bloom, roaring
from aiomilvus.expr.membership.limits import MOST_BODY
from aiomilvus.expr.predicate import Bound, Column, JsonPath, Members
from aiomilvus.expr.tree import Call, Name, Node, Template
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from aiomilvus.expr.bind.scope import Scope

FUNCTION = "membership_match"
_KINDS = {bloom.MAGIC: "bloom", roaring.MAGIC: "roaring"}
_MAGIC = 4
_HEADER = max(bloom.HEADER_BYTES, roaring.HEADER_BYTES)
_WHOLE = "INT8/INT16/INT32/INT64"


def membership_match(scope: Scope, node: Call) -> Bound:
    """Bind a call."""
    if scope.element is not None:
        cause = f"{FUNCTION} is not supported inside {scope.element.function} element expressions"
        raise fault(node, cause)
    if len(node.arguments) != 2:
        cause = f"{FUNCTION} requires exactly 2 positional arguments; use type=bloom|roaring for "
        raise fault(node, cause + "the optional kind")
    options = arguments(node, 2, 2, "type")
    operand = _operand(scope, node.arguments[0])
    blob = _blob(scope, node.arguments[1])
    kind = _kind_of(node, blob)
    given = options.get("type")
    if given is not None:
        written = scope.source(given)
        if not isinstance(given, Name) or written.lower() not in _KINDS.values():
            raise fault(given, f"{FUNCTION} type should be bloom or roaring, got: {written}")
        if written.lower() != kind:
            cause = f'{FUNCTION} type "{written}" does not match filter blob format'
            raise fault(given, f"{cause}, which is {kind}")
    if kind == "bloom" and scope.plan == "delete":
        cause = f"{FUNCTION} with a bloom filter is approximate and cannot be used in delete"
        raise fault(node, f"{cause} expressions", "a roaring bitmap is exact")
    return _bloom(node, operand, blob) if kind == "bloom" else _roaring(scope, node, operand, blob)


def _operand(scope: Scope, node: Node) -> OperandTerm:
    found = term(scope, node)
    if isinstance(found, OperandTerm) and isinstance(found.operand, (Column, JsonPath)):
        return found
    cause = f"the first argument of {FUNCTION} must be a scalar field name, got: "
    raise fault(node, cause + scope.source(node))


def _blob(scope: Scope, node: Node) -> bytes:
    carried = "a client pre-built membership filter blob"
    if not isinstance(node, Template):
        cause = f"the second argument of {FUNCTION} must be a {{template}} placeholder carrying "
        raise fault(node, cause + carried)
    if node.name not in scope.params:
        cause = f"the value of expression template variable name {{{node.name}}} is not found"
        raise Fault(cause, node.start, node.end, bare=True)
    value = scope.params[node.name]
    if not isinstance(value, (bytes, bytearray, memoryview)):
        cause = f"the value of {FUNCTION} template variable {{{node.name}}} must be {carried}"
        raise Fault(f"{cause} (bytes)", node.start, node.end, bare=True)
    size = memoryview(value).nbytes
    if size > MOST_BODY + _HEADER:
        cause = f"membership filter blob of {size} bytes exceeds maximum {MOST_BODY + _HEADER}"
        raise Fault(cause, node.start, node.end, bare=True)
    return bytes(value)


def _kind_of(node: Call, blob: bytes) -> str:
    place = node.arguments[1]
    if len(blob) < _MAGIC:
        cause = f"membership filter blob is {len(blob)} bytes, too short to carry a format header"
        raise fault(place, cause)
    kind = _KINDS.get(blob[:_MAGIC])
    if kind is None:
        cause = "membership filter blob has unknown format magic; supported formats are "
        raise fault(place, cause + '"MBF1" (bloom) and "MRB1" (roaring)')
    return kind


def _bloom(node: Call, found: OperandTerm, blob: bytes) -> Bound:
    dtype = found.dtype
    if not (dtype.is_integer or dtype in (DataType.VARCHAR, DataType.JSON)):
        kinds = f"{_WHOLE}, VARCHAR and JSON"
        raise fault(node.arguments[0], _only(found, kinds))
    try:
        members = bloom.from_bytes(blob)
    except ValueError as error:
        raise fault(node.arguments[1], str(error)) from None
    wanted = bloom.INTEGERS if dtype.is_integer else bloom.TEXTS
    if dtype is not DataType.JSON and members.domains and not members.domains & wanted:
        built = bloom.DOMAINS[members.domains]
        cause = f"{FUNCTION} filter blob was built from the {built} value domain but field "
        cause += f"({type_name(dtype)}) requires the {bloom.DOMAINS[wanted]} domain"
        raise fault(node, f"{cause}; rebuild the filter from values of the field's type")
    return Members(_read(found), members)


def _roaring(scope: Scope, node: Call, found: OperandTerm, blob: bytes) -> Bound:
    place = node.arguments[0]
    if found.dtype is DataType.JSON:
        cause = f"{FUNCTION} with a roaring bitmap is not supported on JSON or dynamic fields, got"
        raise fault(place, f"{cause}: {scope.source(place)}")
    if not found.dtype.is_integer:
        raise fault(place, _only(found, f"{_WHOLE} fields"))
    try:
        members = roaring.from_bytes(blob)
    except ValueError as error:
        raise fault(node.arguments[1], str(error)) from None
    return Members(_read(found), members)


def _read(found: OperandTerm) -> Column | JsonPath:
    if not isinstance(found.operand, (Column, JsonPath)):
        raise TypeError(f"{found.operand} is no field")
    return found.operand


def _only(found: OperandTerm, kinds: str) -> str:
    name = found.operand.name if isinstance(found.operand, Column) else ""
    return (
        f"{FUNCTION} only supports {kinds}, but field ({name}) is of type {type_name(found.dtype)}"
    )
