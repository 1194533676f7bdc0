"""The binder's entrance, and the logic that joins predicates."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, cast

from aiomilvus.expr.bind.calls import FUNCTIONS
from aiomilvus.expr.bind.comparisons import comparison
from aiomilvus.expr.bind.constants import type_name
from aiomilvus.expr.bind.elements import ELEMENTS
from aiomilvus.expr.bind.existence import existence, null_test
from aiomilvus.expr.bind.membership_match import FUNCTION, membership_match
from aiomilvus.expr.bind.memberships import between, membership
from aiomilvus.expr.bind.patterns import pattern
from aiomilvus.expr.bind.scope import Scope
from aiomilvus.expr.bind.spatial import SPATIAL
from aiomilvus.expr.bind.terms import term
from aiomilvus.expr.bind.values import BooleanTerm, ConstantTerm, OperandTerm, fault
from aiomilvus.expr.diagnostics import Fault, Plan, did_you_mean, report
from aiomilvus.expr.parser import parse
from aiomilvus.expr.predicate import (
    Bound,
    Elements,
    Predicate,
    Sample,
    Truth,
    conjunction,
    disjunction,
    negation,
)
from aiomilvus.expr.tree import (
    Between,
    Binary,
    Call,
    Existence,
    Logical,
    Membership,
    Node,
    NullTest,
    Pattern,
    Tree,
    Unary,
)
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aiomilvus.model.schema import Schema

_KEPT = 512
"""Filters of a schema."""
_LONGEST_KEPT = 4096
"""Longer filters, as those with long lists are, are compiled each time."""
_MEMBERSHIP = {FUNCTION: membership_match}


def bind(
    tree: Tree,
    schema: Schema,
    params: Mapping[str, object] | None = None,
    *,
    timezone: str = "UTC",
    plan: Plan = "query",
) -> Predicate:
    """Return `tree` bound to `schema`.

    Args:
        tree: What `parser.parse` returned.
        schema: The collection's schema.
        params: Values for the templates ``{name}``: numbers, text, booleans, lists of them.
        timezone: IANA zone of moments that give no offset.
        plan: What the filter is for; only the wording of errors depends on it.

    Raises:
        ExpressionError: The filter does not fit the schema (code 1100).
    """
    if tree.root is None:
        return Predicate(Truth(value=True), frozenset(), tree.text)
    scope = Scope(tree.text, schema, params or {}, timezone, _boolean, plan)
    try:
        root = _root(scope, tree.root)
    except Fault as problem:
        raise report(tree.text, problem, plan) from None
    return Predicate(root, frozenset(scope.columns), tree.text)


def compile_filter(
    text: str,
    schema: Schema,
    params: Mapping[str, object] | None = None,
    *,
    timezone: str = "UTC",
    plan: Plan = "query",
) -> Predicate:
    """Return the filter `text` bound to `schema`; without parameters, from a cache.

    Arguments and errors are those of `bind`.
    """
    if params:
        return bind(parse(text, plan), schema, params, timezone=timezone, plan=plan)
    if len(text) > _LONGEST_KEPT:
        return bind(parse(text, plan), schema, timezone=timezone, plan=plan)
    key = (text, timezone)
    kept = _kept_for(schema)
    predicate = kept.get(key)
    if predicate is None:
        predicate = bind(parse(text, plan), schema, timezone=timezone, plan=plan)
        if len(kept) >= _KEPT:
            kept.clear()
        kept[key] = predicate
    return predicate


_compiled: dict[int, tuple[weakref.ref[Schema], dict[tuple[str, str], Predicate]]] = {}
"""Compiled filters by the id of their schema; an entry goes when the schema does."""


def _kept_for(schema: Schema) -> dict[tuple[str, str], Predicate]:
    """Return the compiled filters that are kept for a schema."""
    number = id(schema)
    found = _compiled.get(number)
    if found is not None and found[0]() is schema:
        return found[1]
    kept: dict[tuple[str, str], Predicate] = {}
    _compiled[number] = (weakref.ref(schema, lambda _: _compiled.pop(number, None)), kept)
    return kept


def _root(scope: Scope, node: Node) -> Bound:
    found = term(scope, node)
    if isinstance(found, BooleanTerm):
        return found.predicate
    if isinstance(found, ConstantTerm) and isinstance(found.value, bool):
        return Truth(found.value)
    dtype = type_name(found.dtype)
    cause = f"predicate is not a boolean expression: {scope.text}, data type: {dtype}"
    raise Fault(cause, node.start, node.end, _boolean_hint(scope, found), bare=True)


def _boolean_hint(scope: Scope, found: ConstantTerm | OperandTerm) -> str:
    if isinstance(found, OperandTerm) and found.dtype is DataType.BOOL:
        return f"write {scope.source(found.node)} == true"
    return ""


def _boolean(scope: Scope, node: Node) -> Bound:
    """Bind a node that `terms.term` leaves: an operator or a function that says TRUE or FALSE."""
    return _HANDLERS[type(node)](scope, node)


def _side(scope: Scope, node: Node, op: str) -> Bound:
    """Bind an operand of ``and``, ``or`` or ``not``."""
    found = term(scope, node)
    if isinstance(found, BooleanTerm):
        return found.predicate
    if isinstance(found, ConstantTerm) and isinstance(found.value, bool):
        return Truth(found.value)
    cause = f"'{op}' can only be used between boolean expressions"
    if op == "not":
        cause = "not op can only be applied on boolean expression"
        hint = "'not' binds tighter than comparisons: write not (…)"
        raise fault(node, cause, _boolean_hint(scope, found) or hint)
    raise fault(node, cause, _boolean_hint(scope, found))


def _logical(scope: Scope, node: Logical) -> Bound:
    sides = [_side(scope, operand, node.op) for operand in node.operands]
    if node.op == "or":
        for side, operand in zip(sides, node.operands, strict=True):
            _refuse_filter(side, operand, "logical or")
            if isinstance(side, Sample):
                cause = "random sample expression cannot be used in logical and expression"
                raise fault(operand, cause, "it can only come last, after 'and'")
        return disjunction(sides)
    for side, operand in zip(sides[:-1], node.operands, strict=False):
        if isinstance(side, Sample):
            cause = "random sample expression can only be the last expression in the logical and "
            raise fault(operand, cause + "expression")
    _refuse_second_filter(sides, node)
    last = sides[-1]
    if isinstance(last, Sample):
        return Sample(last.fraction, conjunction(sides[:-1]))
    return conjunction(sides)


def _refuse_filter(side: Bound, node: Node, where: str) -> None:
    """Refuse element_filter where an element-level search could not apply it."""
    if Predicate(side, frozenset()).element_filter is not None:
        raise fault(node, f"element_filter cannot be used in {where} expression", "use match_any")


def _refuse_second_filter(sides: list[Bound], node: Logical) -> None:
    filters = [s for s in sides if isinstance(s, Elements) and s.is_filter]
    if len(filters) > 1:
        raise fault(node, "element_filter can only be used once", "use match_any for the others")


def _not(scope: Scope, node: Unary) -> Bound:
    side = _side(scope, node.operand, "not")
    _refuse_filter(side, node, "unary")
    if isinstance(side, Sample):
        raise fault(node, "random sample expression cannot be used in unary expression")
    return negation(side)


def _call(scope: Scope, node: Call) -> Bound:
    for table in (FUNCTIONS, SPATIAL, ELEMENTS, _MEMBERSHIP):
        if node.function in table:
            return table[node.function](scope, node)
    known = [*FUNCTIONS, *SPATIAL, *ELEMENTS, *_MEMBERSHIP, "array_length"]
    raise fault(node, f"function {node.function} not exist", did_you_mean(node.function, known))


_HANDLERS = cast(
    "dict[type, Callable[[Scope, Node], Bound]]",
    {
        Binary: comparison,
        Between: between,
        Membership: membership,
        Pattern: pattern,
        NullTest: null_test,
        Existence: existence,
        Logical: _logical,
        Unary: _not,
        Call: _call,
    },
)
