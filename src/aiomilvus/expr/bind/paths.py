"""Names outside filters that may lead into JSON: what results are grouped or sorted by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.errors import MilvusException, ParamError
from aiomilvus.expr.bind.scope import Scope
from aiomilvus.expr.bind.terms import field_term
from aiomilvus.expr.diagnostics import Fault
from aiomilvus.expr.parser import parse
from aiomilvus.expr.predicate import JsonPath
from aiomilvus.expr.tree import Name, Subscript

if TYPE_CHECKING:
    from aiomilvus.expr.predicate import Bound
    from aiomilvus.expr.tree import Node
    from aiomilvus.model.schema import Schema


def json_path_called(schema: Schema, name: str) -> JsonPath | None:
    """Return where a name like ``meta["price"]`` leads, or a key of the dynamic field.

    Args:
        schema: Of the collection.
        name: No field of its own.

    Returns:
        None when no field holds JSON under that name.

    Raises:
        ParamError: The name is no path.
    """
    base = name.partition("[")[0].strip()
    field = schema.by_name.get(base)
    if field is None and not schema.enable_dynamic_field:
        return None
    try:
        node = parse(name).root
        if not isinstance(node, (Name, Subscript)):
            raise _wrong(name)
        operand = field_term(Scope(name, schema, {}, "UTC", _unbound), node).operand
    except (Fault, MilvusException) as error:
        raise _wrong(name) from error
    return operand if isinstance(operand, JsonPath) else None


def _unbound(_scope: Scope, node: Node) -> Bound:
    raise Fault("not a name", node.start, node.end)


def _wrong(name: str) -> ParamError:
    return ParamError(
        message=f'invalid JSON path {name!r}, write field["key"] or field["key"][0]: '
        "invalid parameter"
    )
