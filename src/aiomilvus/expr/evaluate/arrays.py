"""ARRAY fields: what they contain, whether they equal a list, what holds of their elements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from aiomilvus.expr.evaluate import numbers, strings
from aiomilvus.expr.evaluate.answers import Bools, Rows, Verdict
from aiomilvus.expr.evaluate.json_values import counts
from aiomilvus.expr.source import MemorySource
from aiomilvus.model.columns import BytesColumn, FixedColumn, ListColumn

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from aiomilvus.expr.predicate import Bound, Column, Compare, Contains, Elements, Value


def contains(leaf: Contains, rows: Rows) -> Verdict:
    """Answer ``array_contains…(field, values)``."""
    lists = trimmed(rows.lists(cast("Column", leaf.operand).name))
    if not leaf.every:
        found = counts(_is_in(lists.child, leaf.values), lists.offsets) > 0
        return Verdict.of(found, lists.valid)
    outcome = np.ones(len(lists), np.bool_)
    for value in leaf.values:
        outcome &= counts(_is_in(lists.child, (value,)), lists.offsets) > 0
    return Verdict.of(outcome, lists.valid)


def compare(leaf: Compare, rows: Rows) -> Verdict:
    """Answer ``field == [values]`` and ``!=``."""
    lists = trimmed(rows.lists(cast("Column", leaf.operand).name))
    values = cast("tuple[Value, ...]", leaf.value)
    equal = np.diff(lists.offsets) == len(values)
    for index, value in enumerate(values):
        candidates = np.flatnonzero(equal)
        if not len(candidates):
            break
        elements = lists.child.take(lists.offsets[candidates] + index)
        equal[candidates] = _is_in(elements, (value,))
    return Verdict.of(equal if leaf.op == "==" else ~equal, lists.valid)


def trimmed(lists: ListColumn) -> ListColumn:
    """Return the same lists over just their own elements, counted from 0."""
    first, last = int(lists.offsets[0]), int(lists.offsets[-1])
    if first == 0 and last == len(lists.child):
        return lists
    return ListColumn(lists.offsets - first, lists.child.slice(first, last), lists.valid)


def _is_in(elements: Any, values: tuple[Value, ...]) -> Bools:
    if isinstance(elements, BytesColumn):
        found = strings.is_in(elements, values)
    else:
        column = FixedColumn.expect(elements)
        found = numbers.is_in(column.values, _comparable(column, values))
    return found if elements.valid is None else found & elements.valid


def _comparable(elements: FixedColumn, values: tuple[Value, ...]) -> tuple[Value, ...]:
    """Return which of `values` elements can equal, integers as integers."""
    if elements.values.dtype.kind != "i":
        return values
    whole = (v for v in values if not isinstance(v, float) or v.is_integer())
    return tuple(int(cast("float", value)) for value in whole)


def quantified(leaf: Elements, rows: Rows, evaluate: Callable[[Bound, Rows], Bools]) -> Verdict:
    """Answer how many elements satisfy a predicate; `evaluate` says which do."""
    lists, elements = _elements(leaf, rows)
    passing = counts(evaluate(leaf.predicate, elements), lists.offsets)
    total = np.diff(lists.offsets)
    failing = total - passing
    if any(elements.source.column(name).valid is not None for name in leaf.columns):
        failing = counts(evaluate(leaf.opposite, elements), lists.offsets)
    true, false = _decided(leaf, passing, total - failing, total)
    known = true | false
    if lists.valid is not None:
        known &= lists.valid
    return Verdict.of(true, None if known.all() else known)


def _decided(
    leaf: Elements, least: NDArray[Any], most: NDArray[Any], total: NDArray[Any]
) -> tuple[Bools, Bools]:
    """Return where the answer is TRUE, and where FALSE, if `least` to `most` elements pass."""
    threshold = leaf.threshold
    if leaf.quantifier == "any":
        return least > 0, most == 0
    if leaf.quantifier == "all":
        return least == total, most < total
    if leaf.quantifier == "least":
        return least >= threshold, most < threshold
    if leaf.quantifier == "most":
        return most <= threshold, least > threshold
    exactly = (least == threshold) & (most == threshold)
    return exactly, (least > threshold) | (most < threshold)


def _elements(leaf: Elements, rows: Rows) -> tuple[ListColumn, Rows]:
    """Return the first of the parallel arrays, and all their elements as rows of a source."""
    columns = {name: trimmed(rows.lists(name)) for name in leaf.columns}
    first = columns[leaf.columns[0]]
    children = {name: lists.child for name, lists in columns.items()}
    return first, Rows(MemorySource(children, len(first.child)))


def passing_elements(
    leaf: Elements, rows: Rows, evaluate: Callable[[Bound, Rows], Bools]
) -> tuple[NDArray[np.int64], Bools]:
    """Return where each row's elements begin, and which elements satisfy the predicate."""
    lists, elements = _elements(leaf, rows)
    return lists.offsets, evaluate(leaf.predicate, elements)
