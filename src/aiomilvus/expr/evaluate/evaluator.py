"""The evaluator's entrance: which leaf goes where, and logic that does no more than it must.

Negation was pushed down to the leaves when binding, so a conjunction only has to know where
its parts are TRUE: it asks the cheap ones first, and the expensive ones only about rows that are
still in; a disjunction, only about rows that are not yet in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.expr.evaluate import arrays, leaves
from aiomilvus.expr.evaluate.answers import Bools, Rows, Verdict
from aiomilvus.expr.evaluate.costs import cost
from aiomilvus.expr.predicate import (
    And,
    Bound,
    Column,
    Elements,
    JsonPath,
    Leaf,
    Not,
    Or,
    Predicate,
    Sample,
    Truth,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from aiomilvus.expr.source import ColumnSource

_CHEAP = 4
"""Costs up to this are so low that picking rows costs more, unless few are left."""
_FEW = 16
_HALF = 2


def evaluate(
    predicate: Predicate,
    source: ColumnSource,
    rows: NDArray[np.int64] | None = None,
) -> Bools:
    """Return which rows pass.

    Args:
        predicate: The filter, bound to the source's schema, without ``random_sample``: which rows
            a sample is drawn from is known to whoever reads them.
        source: The rows, by column.
        rows: int64 row numbers to ask about, in any order; None for all.

    Returns:
        bool (len(rows),), aligned with `rows`, or (source.num_rows,). It may belong to an
        index: do not write into it.

    Raises:
        NotSupportedError: The filter needs a text analyzer, or a library, that is not there.
    """
    return true(predicate.root, Rows(source, rows))


def evaluate_elements(
    predicate: Predicate, source: ColumnSource, rows: NDArray[np.int64] | None = None
) -> tuple[NDArray[np.int64], Bools] | None:
    """Return which elements pass the predicate's ``element_filter``; None if it has none.

    Returns:
        Offsets int64 (n + 1,), where each row's elements begin, and bool (offsets[-1],).
    """
    leaf = predicate.element_filter
    return None if leaf is None else arrays.passing_elements(leaf, Rows(source, rows), true)


def true(predicate: Bound, rows: Rows) -> Bools:
    """Return for which rows `predicate` is TRUE."""
    if isinstance(predicate, And):
        return _all(predicate.operands, rows)
    if isinstance(predicate, Or):
        return _any(predicate.operands, rows)
    if isinstance(predicate, Not):
        return _false(predicate.operand, rows)
    if isinstance(predicate, Truth):
        return np.full(len(rows), predicate.value)
    if isinstance(predicate, Sample):
        raise TypeError("a sample is drawn by whoever evaluates its predicate")
    found = rows.source.index_lookup(predicate)
    return _verdict(predicate, rows).true if found is None else rows.of(found)


def _false(leaf: Leaf, rows: Rows) -> Bools:
    """Return for which rows `leaf` is FALSE."""
    operand = getattr(leaf, "operand", None)
    # An index knows where a leaf is TRUE. FALSE it is elsewhere where the field is not null,
    # or, in JSON, where there is a value of the right type.
    if isinstance(operand, (Column, JsonPath)):
        found = rows.source.index_lookup(leaf)
        if found is not None and isinstance(operand, Column):
            return Verdict(rows.of(found), rows.valid(operand.name)).false()
        known = None if found is None else rows.source.index_known(leaf)
        if found is not None and known is not None:
            return Verdict(rows.of(found), rows.of(known)).false()
    return _verdict(leaf, rows).false()


def _verdict(leaf: Leaf, rows: Rows) -> Verdict:
    if isinstance(leaf, Elements):
        return arrays.quantified(leaf, rows, true)
    return leaves.verdict(leaf, rows)


# Logic.


def _all(parts: tuple[Bound, ...], rows: Rows) -> Bools:
    outcome, rest = _by_index(parts, rows)
    for part, part_cost in _in_order(rest):
        if outcome is None:
            outcome = true(part, rows)
            continue
        left = int(np.count_nonzero(outcome))
        if not left:
            break
        if _pays(part_cost, left, len(rows)):
            outcome = _narrowed(part, rows, outcome)
        else:
            outcome = outcome & true(part, rows)
    return np.ones(len(rows), np.bool_) if outcome is None else outcome


def _by_index(parts: tuple[Bound, ...], rows: Rows) -> tuple[Bools | None, list[Bound]]:
    """Return where all parts that an index answers are TRUE, and the other parts."""
    outcome: Bools | None = None
    rest: list[Bound] = []
    for part in parts:
        found = None
        if not isinstance(part, (And, Or, Not, Truth, Sample)):
            found = rows.source.index_lookup(part)
        if found is None:
            rest.append(part)
        else:
            outcome = rows.of(found) if outcome is None else outcome & rows.of(found)
    return outcome, rest


def _any(parts: tuple[Bound, ...], rows: Rows) -> Bools:
    outcome: Bools | None = None
    for part, part_cost in _in_order(parts):
        if outcome is None:
            outcome = true(part, rows)
            continue
        left = len(rows) - int(np.count_nonzero(outcome))
        if not left:
            break
        if _pays(part_cost, left, len(rows)):
            outcome = outcome | _narrowed(part, rows, ~outcome)
        else:
            outcome = outcome | true(part, rows)
    return np.zeros(len(rows), np.bool_) if outcome is None else outcome


def _in_order(parts: Iterable[Bound]) -> list[tuple[Bound, int]]:
    return sorted(((part, cost(part)) for part in parts), key=lambda pair: pair[1])


def _pays(cost: int, left: int, total: int) -> bool:
    """Return whether asking about the rows that are left alone is less work."""
    return left * (_FEW if cost <= _CHEAP else _HALF) < total


def _narrowed(part: Bound, rows: Rows, still: Bools) -> Bools:
    outcome = np.zeros(len(rows), np.bool_)
    outcome[still] = true(part, rows.where(still))
    return outcome
