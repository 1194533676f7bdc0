"""Functions over arrays, text and samples: their arguments, in Milvus' terms, as leaves."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, cast

from aiomilvus.expr.bind import constants
from aiomilvus.expr.bind.constants import type_name, type_of
from aiomilvus.expr.bind.terms import field_term, term
from aiomilvus.expr.bind.values import ConstantTerm, OperandTerm, fault
from aiomilvus.expr.diagnostics import did_you_mean
from aiomilvus.expr.predicate import (
    Bound,
    Column,
    Compare,
    Contains,
    FuzzyMatch,
    JsonPath,
    Match,
    MatchKind,
    PhraseMatch,
    Sample,
    TextMatch,
    Truth,
    Value,
)
from aiomilvus.expr.tree import Call, Name, Node
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.expr.bind.scope import Scope

_MOST_TERMS = 1000
_MOST_SLOP = 2**32 - 1
_MOST_EDITS = 2
_SAMPLE_MARGIN = 1e-10


def arguments(node: Call, least: int, most: int, *options: str) -> dict[str, Node]:
    """Check the number of a call's arguments and the names of its options; return these.

    Raises:
        Fault: Too many or too few, or an option that the function does not have.
    """
    count = len(node.arguments)
    if not least <= count <= most:
        wanted = str(least) if least == most else f"{least} to {most}"
        raise fault(node, f"{node.function} takes {wanted} arguments, got {count}")
    given = dict(node.options)
    for name, value in given.items():
        if name not in options:
            cause = f"invalid option {name!r} for {node.function}"
            raise fault(value, cause, did_you_mean(name, options))
    return given


def constant(scope: Scope, node: Node, complaint: str) -> ConstantTerm:
    """Return `node` as a constant.

    Raises:
        Fault: It is not one; `complaint` is the cause, followed by what was written.
    """
    found = term(scope, node)
    if isinstance(found, ConstantTerm):
        return found
    raise fault(node, complaint + scope.source(node))


def string(scope: Scope, node: Node, what: str) -> str:
    """Return `node` as text, a literal or a parameter.

    Raises:
        Fault: It is not.
    """
    complaint = f"{what} should be a string literal or template variable, got: "
    value = constant(scope, node, complaint).value
    if isinstance(value, str):
        return value
    raise fault(node, complaint + scope.source(node))


def integer(scope: Scope, node: Node, complaint: str) -> int:
    """Return `node` as an integer constant.

    Raises:
        Fault: It is not one.
    """
    value = constant(scope, node, complaint).value
    if type(value) is int:
        return value
    raise fault(node, complaint + scope.source(node))


# Arrays.


def contains_one(scope: Scope, node: Call) -> Bound:
    """``json_contains(array, value)``, ``array_contains(array, value)``."""
    operand = _container(scope, node, "contains")
    complaint = "contains operation are only supported explicitly specified element, got: "
    value = constant(scope, node.arguments[1], complaint).value
    if operand.dtype is DataType.ARRAY:
        try:
            value = constants.cast_to(value, operand.element)
        except ValueError as error:
            raise fault(node.arguments[1], str(error)) from None
    return Contains(cast("Column | JsonPath", operand.operand), (value,), every=False)


def contains_all(scope: Scope, node: Call) -> Bound:
    """``json_contains_all(array, [values])``."""
    return _contains_list(scope, node, "contains_all", "ContainsAll", every=True)


def contains_any(scope: Scope, node: Call) -> Bound:
    """``json_contains_any(array, [values])``."""
    return _contains_list(scope, node, "contains_any", "ContainsAny", every=False)


def _container(scope: Scope, node: Call, name: str) -> OperandTerm:
    arguments(node, 2, 2)
    found = term(scope, node.arguments[0])
    if isinstance(found, OperandTerm) and isinstance(found.operand, (Column, JsonPath)):
        if found.dtype is DataType.JSON:
            return found
        if found.dtype is DataType.ARRAY and not found.element.is_vector:
            return found
    complaint = f"{name} operation are only supported on json or array fields now, got: "
    raise fault(node.arguments[0], complaint + scope.source(node.arguments[0]))


def _contains_list(scope: Scope, node: Call, name: str, title: str, *, every: bool) -> Bound:
    operand = _container(scope, node, name)
    complaint = f"{name} operation are only supported explicitly specified element, got: "
    values = constant(scope, node.arguments[1], complaint).value
    if not isinstance(values, tuple):
        raise fault(node.arguments[1], f"{title} operation element must be an array")
    if operand.dtype is DataType.ARRAY:
        for value in values:
            _check_element(node, title, operand.element, value)
    distinct = tuple({(type_of(value), value): value for value in values}.values())
    return Contains(cast("Column | JsonPath", operand.operand), distinct, every)


def _check_element(node: Call, title: str, element: DataType, value: Value) -> None:
    kind = type_of(value)
    numbers = (DataType.INT64, DataType.DOUBLE)
    if element.is_integer or element in constants.FLOATS:
        fits = kind in numbers
    else:
        fits = kind is (DataType.VARCHAR if element.is_string else element)
    if not fits:
        names = f"{type_name(element)} and {type_name(kind)}"
        cause = f"{title} operation can't compare between array element type: {names}"
        raise fault(node.arguments[1], cause)


# Text.


def text_match(scope: Scope, node: Call) -> Bound:
    """``text_match(field, "query", minimum_should_match=2)``."""
    options = arguments(node, 2, 2, "minimum_should_match")
    field = _text_field(scope, node, "text match")
    query = string(scope, node.arguments[1], "text_match query")
    if not options:
        return TextMatch(field, query)
    given = options["minimum_should_match"]
    least = integer(scope, given, "minimum_should_match should be a const integer expression: ")
    if not 1 <= least <= _MOST_TERMS:
        limit = ">= 1" if least < 1 else f"<= {_MOST_TERMS}"
        raise fault(given, f"minimum_should_match should be {limit}, got {least}")
    return TextMatch(field, query, least)


def phrase_match(scope: Scope, node: Call) -> Bound:
    """``phrase_match(field, "query", slop)``."""
    arguments(node, 2, 3)
    field = _text_field(scope, node, "phrase match")
    query = string(scope, node.arguments[1], "phrase_match query")
    if len(node.arguments) == 2:
        return PhraseMatch(field, query)
    given = node.arguments[2]
    written = scope.source(given)
    slop = integer(
        scope,
        given,
        '"slop" should be a const integer expression with "uint32" value. '
        '"slop" expression passed: ',
    )
    if slop < 0:
        cause = f'"slop" should not be a negative interger. "slop" passed: {written}'
        raise fault(given, cause)
    if slop > _MOST_SLOP:
        cause = f'"slop" exceeds the range of "uint32". "slop" expression passed: {written}'
        raise fault(given, cause)
    return PhraseMatch(field, query, slop)


def text_match_fuzzy(scope: Scope, node: Call) -> Bound:
    """``text_match_fuzzy(field, "query", max_edit_distance=1)``."""
    options = arguments(node, 2, 2, "max_edit_distance")
    field = _text_field(scope, node, "text match fuzzy")
    query = string(scope, node.arguments[1], "text_match_fuzzy query")
    if not options:
        raise fault(node, "text_match_fuzzy needs the option max_edit_distance")
    given = options["max_edit_distance"]
    distance = integer(scope, given, "invalid max_edit_distance value: ")
    if not 0 <= distance <= _MOST_EDITS:
        cause = f"max_edit_distance should be in [0, {_MOST_EDITS}], got {distance}"
        raise fault(given, cause)
    return FuzzyMatch(field, query, distance)


def _text_field(scope: Scope, node: Call, function: str) -> str:
    target = node.arguments[0]
    field = scope.field(target, target.name) if isinstance(target, Name) else None
    if field is None or not field.dtype.is_string or scope.element is not None:
        raise fault(target, f"{function} operation on non-string is unsupported")
    if not field.is_matched:
        raise fault(target, f'field "{field.name}" does not enable match')
    scope.columns.add(field.name)
    return field.name


# The rest.


def random_sample(scope: Scope, node: Call) -> Bound:
    """``random_sample(0.1)``."""
    arguments(node, 1, 1)
    given = node.arguments[0]
    written = scope.source(given)
    complaint = '"float factor" should be a const float expression: "float factor" passed: '
    fraction = constant(scope, given, complaint).value
    within = isinstance(fraction, float) and _SAMPLE_MARGIN < fraction < 1 - _SAMPLE_MARGIN
    if not within or scope.element is not None:
        raise fault(
            given,
            "the sample factor should be between 0 and 1 and not too close to 0 or 1"
            f"(the difference should be larger than 1e-10), but got {written}",
        )
    if math.isnan(cast("float", fraction)):
        raise fault(given, complaint + written)
    return Sample(cast("float", fraction), Truth(value=True))


def empty(scope: Scope, node: Call) -> Bound:
    """``empty(varchar_field)``: the text is ""."""
    arguments(node, 1, 1)
    return Compare(_varchar(scope, node), "==", "")


def starts_with(scope: Scope, node: Call) -> Bound:
    """``starts_with(varchar_field, "prefix")``."""
    arguments(node, 2, 2)
    operand = _varchar(scope, node)
    prefix = string(scope, node.arguments[1], "starts_with prefix")
    return Match(operand, MatchKind.PREFIX, prefix)


def _varchar(scope: Scope, node: Call) -> Column:
    target = node.arguments[0]
    found = field_term(scope, target) if isinstance(target, Name) else None
    if found is None or not found.dtype.is_string or not isinstance(found.operand, Column):
        raise fault(target, f"{node.function} is only supported on varchar fields")
    return found.operand


FUNCTIONS: dict[str, Callable[[Scope, Call], Bound]] = {
    "json_contains": contains_one,
    "json_contains_all": contains_all,
    "json_contains_any": contains_any,
    "array_contains": contains_one,
    "array_contains_all": contains_all,
    "array_contains_any": contains_any,
    "text_match": text_match,
    "text_match_fuzzy": text_match_fuzzy,
    "phrase_match": phrase_match,
    "random_sample": random_sample,
    "empty": empty,
    "starts_with": starts_with,
}
"""By name in lower case; `spatial` and `elements` have tables of their own."""
