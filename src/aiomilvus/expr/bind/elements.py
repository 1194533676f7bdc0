"""``element_filter`` and the ``match_*`` functions: predicates about an array's elements."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from aiomilvus.expr.bind.calls import arguments, integer
from aiomilvus.expr.bind.constants import type_name
from aiomilvus.expr.bind.scope import ElementScope
from aiomilvus.expr.bind.terms import term
from aiomilvus.expr.bind.values import BooleanTerm, fault
from aiomilvus.expr.predicate import Bound, Elements, Quantifier, negation
from aiomilvus.expr.tree import Call, Name
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.expr.bind.scope import Scope


def _match(quantifier: Quantifier, scope: Scope, node: Call) -> Bound:
    arguments(node, 2, 2)
    return _bind(scope, node, quantifier, 0)


def _counted(quantifier: Quantifier, scope: Scope, node: Call) -> Bound:
    options = arguments(node, 2, 2, "threshold")
    name = node.function.upper()
    if not options:
        raise fault(node, f"{name} needs a threshold: {node.function}(field, …, threshold=1)")
    given = options["threshold"]
    threshold = integer(scope, given, f"threshold in {name} must be an integer, got: ")
    least = 1 if quantifier == "least" else 0
    if threshold < least:
        wanted = "positive" if least else "non-negative"
        raise fault(given, f"threshold in {name} must be {wanted}: {threshold}")
    return _bind(scope, node, quantifier, threshold)


def _element_filter(scope: Scope, node: Call) -> Bound:
    arguments(node, 2, 2)
    return _bind(scope, node, "any", 0, is_filter=True)


def _bind(
    scope: Scope, node: Call, quantifier: Quantifier, threshold: int, *, is_filter: bool = False
) -> Bound:
    condition = node.arguments[1]
    if scope.element is not None:
        cause = f"{node.function} cannot be nested inside {scope.element.function}"
        raise fault(node, cause)
    scope.element = element = _scope_of(scope, node)
    try:
        found = term(scope, condition)
    finally:
        scope.element = None
    if not element.used:
        sign = "$[sub_field]" if element.is_struct else "$"
        cause = f"the predicate of {node.function} must be about {sign}: "
        raise fault(condition, cause + scope.source(condition))
    if not isinstance(found, BooleanTerm):
        cause = f"predicate is not a boolean expression: {scope.source(condition)}, data type: "
        raise fault(condition, cause + type_name(found.dtype))
    return Elements(
        element.field,
        tuple(element.used),
        quantifier,
        threshold,
        found.predicate,
        negation(found.predicate),
        is_filter,
    )


def _scope_of(scope: Scope, node: Call) -> ElementScope:
    target = node.arguments[0]
    name = target.name if isinstance(target, Name) else ""
    if scope.is_struct(name):
        return ElementScope(node.function, name, is_struct=True)
    field = scope.field(target, name) if name else None
    if field is None or field.dtype is not DataType.ARRAY or field.element_type.is_vector:
        cause = f"{node.function} is only supported on array fields and arrays of structs, got: "
        raise fault(target, cause + scope.source(target))
    return ElementScope(node.function, name, is_struct=False)


ELEMENTS: dict[str, Callable[[Scope, Call], Bound]] = {
    "element_filter": _element_filter,
    "match_any": partial(_match, "any"),
    "match_all": partial(_match, "all"),
    "match_least": partial(_counted, "least"),
    "match_most": partial(_counted, "most"),
    "match_exact": partial(_counted, "exact"),
}
