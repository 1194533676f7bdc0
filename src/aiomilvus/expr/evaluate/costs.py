"""How expensive a predicate is, so that a conjunction can ask the cheap ones first."""

from __future__ import annotations

from aiomilvus.expr.predicate import (
    And,
    Arithmetic,
    Bound,
    Column,
    Compare,
    CompareOperands,
    Contains,
    Elements,
    Exists,
    FuzzyMatch,
    In,
    IsNull,
    Item,
    JsonPath,
    Length,
    Match,
    MatchKind,
    Members,
    Not,
    Operand,
    Or,
    PhraseMatch,
    Range,
    Spatial,
    TextMatch,
    json_path_in,
)
from aiomilvus.model.types import DataType

_COSTS = {
    IsNull: 0,
    CompareOperands: 3,
    Exists: 20,
    Contains: 20,
    Members: 30,
    TextMatch: 100,
    PhraseMatch: 200,
    FuzzyMatch: 200,
    Spatial: 500,
}
_FIXED = frozenset(
    {
        DataType.BOOL,
        DataType.INT8,
        DataType.INT16,
        DataType.INT32,
        DataType.INT64,
        DataType.FLOAT,
        DataType.DOUBLE,
        DataType.TIMESTAMPTZ,
    }
)


def cost(predicate: Bound) -> int:
    """Return how expensive a predicate is for each row, roughly, a numeric comparison being 1."""
    if isinstance(predicate, (And, Or)):
        return sum(cost(part) for part in predicate.operands)
    if isinstance(predicate, Not):
        return cost(predicate.operand)
    if isinstance(predicate, Elements):
        return 20 + 4 * cost(predicate.predicate)
    if isinstance(predicate, (Compare, In, Range)):
        return _cost_of_reading(predicate.operand)
    if isinstance(predicate, Match):
        by_bytes = predicate.kind in (MatchKind.REGEX, MatchKind.INFIX)
        return _cost_of_reading(predicate.operand) + (60 if by_bytes else 8)
    return _COSTS.get(type(predicate), 0)


def _cost_of_reading(operand: Operand) -> int:
    if isinstance(operand, JsonPath):
        return 15
    if isinstance(operand, Arithmetic):
        return 20 if json_path_in(operand) else 5
    if isinstance(operand, (Item, Length)):
        return 6
    is_text = isinstance(operand, Column) and operand.dtype not in _FIXED
    return 5 if is_text else 1
