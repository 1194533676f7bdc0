"""Text: comparing, finding and matching. Order is that of the UTF-8 bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from aiomilvus.expr import text_search, texts
from aiomilvus.expr.evaluate.answers import Bools, Rows, Verdict, both
from aiomilvus.expr.evaluate.numbers import item_positions
from aiomilvus.expr.predicate import (
    Column,
    Compare,
    CompareOp,
    CompareOperands,
    In,
    Item,
    Match,
    MatchKind,
    Operand,
    Range,
    Value,
)
from aiomilvus.model.columns import BytesColumn

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Text = tuple[BytesColumn, Bools | None]
    """Values, "" where there is none, and where there is one."""

_ORDERS: dict[CompareOp, Callable[[NDArray[np.int8]], Bools]] = {
    "==": lambda order: order == 0, "!=": lambda order: order != 0,
    "<": lambda order: order < 0, "<=": lambda order: order <= 0,
    ">": lambda order: order > 0, ">=": lambda order: order >= 0,
}  # fmt: skip
"""By operator: what -1, 0 and 1, for less, equal and greater, say of it."""


def compare(leaf: Compare, rows: Rows) -> Verdict:
    """Answer ``operand op text``."""
    values, known = read(leaf.operand, rows)
    return Verdict.of(compared(values, leaf.op, cast("str", leaf.value)), known)


def compare_operands(leaf: CompareOperands, rows: Rows) -> Verdict:
    """Answer ``left op right`` of two texts read from the row."""
    left, known_left = read(leaf.left, rows)
    right, known_right = read(leaf.right, rows)
    outcome = _ORDERS[leaf.op](texts.order_between(left, right))
    return Verdict.of(outcome, both(known_left, known_right))


def contained(leaf: In, rows: Rows) -> Verdict:
    """Answer ``operand in (texts)``."""
    values, known = read(leaf.operand, rows)
    return Verdict.of(is_in(values, leaf.values), known)


def within(leaf: Range, rows: Rows) -> Verdict:
    """Answer ``lower < operand < upper``."""
    values, known = read(leaf.operand, rows)
    outcome = compared(values, ">=" if leaf.lower_inclusive else ">", cast("str", leaf.lower))
    upper = compared(values, "<=" if leaf.upper_inclusive else "<", cast("str", leaf.upper))
    return Verdict.of(outcome & upper, known)


def match(leaf: Match, rows: Rows) -> Verdict:
    """Answer ``operand like pattern`` and ``operand =~ pattern``."""
    values, known = read(leaf.operand, rows)
    return Verdict.of(matched(values, leaf), known)


def read(operand: Operand, rows: Rows) -> Text:
    """Return the operand's text in each row."""
    if isinstance(operand, Item):
        positions, known, child = item_positions(operand, rows)
        child = BytesColumn.expect(child)
        if not len(child):
            return BytesColumn.of([b""] * len(rows)), known
        if child.valid is not None:
            known &= child.valid[positions]
        return child.take(positions), known
    name = cast("Column", operand).name
    column = BytesColumn.expect(rows.source.column(name))
    if rows.numbers is None:
        return column, column.valid
    return column.take(rows.numbers), rows.valid(name)


def compared(values: BytesColumn, op: CompareOp, text: str) -> Bools:
    """Return ``value op text`` for each of `values`."""
    wanted = text.encode()
    if op == "==":
        return texts.equal_to(values, wanted)
    if op == "!=":
        return ~texts.equal_to(values, wanted)
    return _ORDERS[op](texts.order_to(values, wanted))


def is_in(values: BytesColumn, candidates: tuple[Value, ...]) -> Bools:
    """Return which of `values` are among `candidates`."""
    return texts.among(values, [str(each).encode() for each in candidates])


def matched(values: BytesColumn, leaf: Match) -> Bools:
    """Return which of `values` match."""
    pattern = leaf.text.encode()
    if leaf.kind is MatchKind.REGEX:
        return _matched_regex(values, leaf)
    if not pattern:
        return np.ones(len(values), np.bool_)
    if leaf.kind is MatchKind.PREFIX:
        return texts.starts_with(values, pattern)
    if leaf.kind is MatchKind.SUFFIX:
        return texts.ends_with(values, pattern)
    return text_search.contains(values, pattern)


def _matched_regex(values: BytesColumn, leaf: Match) -> Bools:
    if not leaf.required:
        return text_search.matches_regex(values, leaf.text)
    outcome = text_search.contains(values, leaf.required.encode())
    candidates = np.flatnonzero(outcome)
    outcome[candidates] = text_search.matches_regex(values.take(candidates), leaf.text)
    return outcome
