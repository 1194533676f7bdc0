"""JSON paths: each leaf answers for rows whose value is of its constant's type.

A path that leads nowhere, to null, or to a value of another type makes the answer UNKNOWN,
whatever the operator; so ``!=`` and ``not`` do not let such rows pass either. Integers and
doubles are one type, booleans another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from aiomilvus.expr.evaluate import numbers, strings
from aiomilvus.expr.evaluate.answers import Bools, Rows, Verdict
from aiomilvus.expr.evaluate.numbers import OPERATORS
from aiomilvus.expr.json_paths import JsonValues, Kind
from aiomilvus.expr.predicate import (
    Arithmetic,
    Compare,
    CompareOp,
    Contains,
    Exists,
    In,
    JsonPath,
    Match,
    Range,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


def values_of(operand: object, rows: Rows) -> JsonValues:
    """Return what a `JsonPath` leads to."""
    path = cast("JsonPath", operand)
    return rows.json(path.field, path.path)


def compare(leaf: Compare, rows: Rows) -> Verdict:
    """Answer ``path op value``."""
    return compared(values_of(leaf.operand, rows), leaf.op, leaf.value)


def compared(values: JsonValues, op: CompareOp, value: Value) -> Verdict:
    """Return ``value of the row op value``."""
    if isinstance(value, bool):
        known = values.are(Kind.BOOL)
        return Verdict.of(OPERATORS[op](values.integers, int(value)), known)
    if isinstance(value, str):
        known = values.are(Kind.STRING)
        return _on_text(values, known, lambda text: strings.compared(text, op, value))
    if isinstance(value, tuple):
        return _compared_lists(values, op, value)
    return _compared_numbers(values, op, value)


def _compared_numbers(values: JsonValues, op: CompareOp, value: Value) -> Verdict:
    known = values.are(Kind.INTEGER, Kind.DOUBLE)
    if isinstance(value, float):
        return Verdict.of(OPERATORS[op](values.doubles, value), known)
    outcome = OPERATORS[op](values.integers, value)
    if values.has(Kind.DOUBLE):
        in_doubles = OPERATORS[op](values.doubles, float(cast("int", value)))
        outcome = np.where(values.kinds == Kind.DOUBLE, in_doubles, outcome)
    return Verdict.of(outcome, known)


def _on_text(values: JsonValues, known: Bools, kernel: Callable[[Any], Bools]) -> Verdict:
    if not values.has(Kind.STRING):
        return Verdict(np.zeros(len(values), np.bool_), known)
    return Verdict.of(kernel(values.strings), known)


def _compared_lists(values: JsonValues, op: CompareOp, value: tuple[Value, ...]) -> Verdict:
    known = values.are(Kind.ARRAY)
    outcome = np.zeros(len(values), np.bool_)
    for row in np.flatnonzero(known).tolist():
        found = cast("NDArray[Any]", values.objects)[row]
        outcome[row] = same(found, value) is (op == "==")
    return Verdict(outcome, known)


def same(found: object, value: Value) -> bool:
    """Return whether a decoded JSON value equals a constant, booleans apart from numbers."""
    if isinstance(value, tuple):
        return (
            isinstance(found, list)
            and len(found) == len(value)
            and all(same(a, b) for a, b in zip(found, value, strict=True))
        )
    if isinstance(value, (bool, str)) or isinstance(found, bool):
        return type(found) is type(value) and found == value
    return isinstance(found, (int, float)) and found == value


def contained(leaf: In, rows: Rows) -> Verdict:
    """Answer ``path in (values)``, for rows of a type that is among the values."""
    values = values_of(leaf.operand, rows)
    if not leaf.values:
        return Verdict(np.zeros(len(values), np.bool_), values.kinds > Kind.NULL)
    texts = tuple(v for v in leaf.values if isinstance(v, str))
    booleans = tuple(int(v) for v in leaf.values if isinstance(v, bool))
    rest = tuple(v for v in leaf.values if not isinstance(v, (str, bool)))
    parts: list[Verdict] = []
    if texts:
        known = values.are(Kind.STRING)
        parts.append(_on_text(values, known, lambda text: strings.is_in(text, texts)))
    if booleans:
        outcome = numbers.is_in(values.integers, booleans)
        parts.append(Verdict.of(outcome, values.are(Kind.BOOL)))
    if rest:
        parts.append(_among_numbers(values, cast("tuple[int | float, ...]", rest)))
    true = np.logical_or.reduce([part.true for part in parts])
    return Verdict(true, np.logical_or.reduce([cast("Bools", part.known) for part in parts]))


def _among_numbers(values: JsonValues, candidates: tuple[int | float, ...]) -> Verdict:
    known = values.are(Kind.INTEGER, Kind.DOUBLE)
    whole = tuple(v for v in candidates if isinstance(v, int))
    doubles = tuple(v for v in candidates if isinstance(v, float))
    outcome = numbers.is_in(values.integers, whole) & (values.kinds == Kind.INTEGER)
    if doubles:
        outcome |= numbers.is_in(values.doubles, doubles)
    if whole and values.has(Kind.DOUBLE):
        as_doubles = tuple(float(v) for v in whole)
        outcome |= numbers.is_in(values.doubles, as_doubles) & (values.kinds == Kind.DOUBLE)
    return Verdict.of(outcome, known)


def within(leaf: Range, rows: Rows) -> Verdict:
    """Answer ``lower < path < upper``."""
    values = values_of(leaf.operand, rows)
    above = compared(values, ">=" if leaf.lower_inclusive else ">", leaf.lower)
    below = compared(values, "<=" if leaf.upper_inclusive else "<", leaf.upper)
    return Verdict(above.true & below.true, above.known)


def match(leaf: Match, rows: Rows) -> Verdict:
    """Answer ``path like pattern`` and ``path =~ pattern``."""
    values = values_of(leaf.operand, rows)
    known = values.are(Kind.STRING)
    return _on_text(values, known, lambda text: strings.matched(text, leaf))


def exists(leaf: Exists, rows: Rows) -> Verdict:
    """Answer ``exists path``."""
    return Verdict(values_of(leaf.operand, rows).exists(), None)


def contains(leaf: Contains, rows: Rows) -> Verdict:
    """Answer ``json_contains…(path, values)``."""
    values = values_of(leaf.operand, rows)
    known = values.are(Kind.ARRAY)
    offsets, elements = values.elements()
    outcome = np.full(len(values), leaf.every)
    for value in leaf.values:
        found = counts(compared(elements, "==", value).true, offsets) > 0
        outcome = outcome & found if leaf.every else outcome | found
    return Verdict.of(outcome, known)


def counts(mask: Bools, offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many of each run's elements are True; run i is offsets[i] … offsets[i+1]."""
    totals = np.zeros(len(mask) + 1, np.int64)
    np.cumsum(mask, out=totals[1:])
    return totals[offsets[1:]] - totals[offsets[:-1]]


def compare_computed(leaf: Compare, path: JsonPath, rows: Rows) -> Verdict:
    """Answer a comparison of arithmetic on a JSON number: integers exactly, others as doubles."""
    values = values_of(path, rows)
    true, known = np.zeros(len(values), np.bool_), np.zeros(len(values), np.bool_)
    for kind, array in ((Kind.INTEGER, values.integers), (Kind.DOUBLE, values.doubles)):
        of_kind = values.are(kind)
        if not of_kind.any() or (kind is Kind.DOUBLE and not _on_doubles(leaf.operand)):
            continue
        sum_ = cast("Arithmetic", leaf.operand)
        verdict = numbers.compare_given(leaf.op, sum_, leaf.value, array[of_kind])
        true[of_kind] = verdict.true
        known[of_kind] = True if verdict.known is None else verdict.known
    return Verdict(true, known)


def _on_doubles(operand: object) -> bool:
    """Return whether all operators are defined on doubles."""
    if not isinstance(operand, Arithmetic):
        return True
    return operand.op in "+-*/" and _on_doubles(operand.left) and _on_doubles(operand.right)
