"""Which module answers a leaf: by what it asks, and by the type of what it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from aiomilvus.expr.evaluate import arrays, json_values, members, numbers, strings
from aiomilvus.expr.evaluate.answers import Rows, Verdict
from aiomilvus.expr.geometry import related
from aiomilvus.expr.predicate import (
    Arithmetic,
    Column,
    Compare,
    CompareOperands,
    Contains,
    Exists,
    FuzzyMatch,
    In,
    IsNull,
    Item,
    JsonPath,
    Leaf,
    Match,
    Members,
    Operand,
    PhraseMatch,
    Range,
    Spatial,
    TextMatch,
    json_path_in,
)
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Callable


def verdict(leaf: Leaf, rows: Rows) -> Verdict:
    """Answer one leaf, other than `Elements`."""
    return _ANSWERS[type(leaf)](leaf, rows)


def _compare(leaf: Compare, rows: Rows) -> Verdict:
    operand = leaf.operand
    if isinstance(operand, JsonPath):
        return json_values.compare(leaf, rows)
    if isinstance(operand, Arithmetic) and (path := json_path_in(operand)):
        return json_values.compare_computed(leaf, path, rows)
    if isinstance(leaf.value, tuple):
        return arrays.compare(leaf, rows)
    compare = strings.compare if isinstance(leaf.value, str) else numbers.compare
    return compare(leaf, rows)


def _compare_operands(leaf: CompareOperands, rows: Rows) -> Verdict:
    if _is_text(leaf.left):
        return strings.compare_operands(leaf, rows)
    return numbers.compare_operands(leaf, rows)


def _contained(leaf: In, rows: Rows) -> Verdict:
    if isinstance(leaf.operand, JsonPath):
        return json_values.contained(leaf, rows)
    if isinstance(leaf.operand, Column) and leaf.operand.dtype is DataType.ARRAY:
        return Verdict.of(np.zeros(len(rows), np.bool_), rows.valid(leaf.operand.name))
    contained = strings.contained if _is_text(leaf.operand) else numbers.contained
    return contained(leaf, rows)


def _within(leaf: Range, rows: Rows) -> Verdict:
    if isinstance(leaf.operand, JsonPath):
        return json_values.within(leaf, rows)
    within = strings.within if _is_text(leaf.operand) else numbers.within
    return within(leaf, rows)


def _match(leaf: Match, rows: Rows) -> Verdict:
    match = json_values.match if isinstance(leaf.operand, JsonPath) else strings.match
    return match(leaf, rows)


def _contains(leaf: Contains, rows: Rows) -> Verdict:
    contains = json_values.contains if isinstance(leaf.operand, JsonPath) else arrays.contains
    return contains(leaf, rows)


def _is_null(leaf: IsNull, rows: Rows) -> Verdict:
    valid = rows.valid(leaf.column.name)
    if valid is None:
        return Verdict(np.full(len(rows), leaf.negated), None)
    return Verdict(valid if leaf.negated else ~valid, None)


def _text_match(leaf: TextMatch | PhraseMatch | FuzzyMatch, rows: Rows) -> Verdict:
    return Verdict.of(rows.of(rows.source.text_match(leaf)), rows.valid(leaf.field))


def _spatial(leaf: Spatial, rows: Rows) -> Verdict:
    shapes = rows.source.geometries(leaf.field)
    shapes = shapes if rows.numbers is None else shapes[rows.numbers]
    return Verdict.of(related(shapes, leaf), rows.valid(leaf.field))


def _is_text(operand: Operand) -> bool:
    return isinstance(operand, (Column, Item)) and operand.dtype.is_string


_ANSWERS = cast(
    "dict[type, Callable[[Leaf, Rows], Verdict]]",
    {
        Compare: _compare,
        CompareOperands: _compare_operands,
        In: _contained,
        Range: _within,
        Match: _match,
        IsNull: _is_null,
        Exists: json_values.exists,
        Contains: _contains,
        TextMatch: _text_match,
        PhraseMatch: _text_match,
        FuzzyMatch: _text_match,
        Spatial: _spatial,
        Members: members.among,
    },
)
