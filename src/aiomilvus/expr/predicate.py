"""Bound predicates: plain frozen objects that evaluators run and scalar indexes inspect.

A leaf pairs an operand (what is read) with what is asked of it; values already have the
operand's type. `Not` stands only over leaves whose opposite is not itself a leaf: the binder
pushes negation down, which three-valued logic allows, so that a row passes iff the root is
TRUE and nobody above a leaf has to tell FALSE from UNKNOWN.

An index may answer, for instance, ``Compare(Column("price", …), "<", 10)``,
``In(Column(…), (1, 2))``, ``Match(Column(…), PREFIX, "ab")`` or
``Compare(JsonPath("meta", ("a",)), "==", "x")`` through `ColumnSource.index_lookup`.
"""

from __future__ import annotations

from enum import Enum
from typing import Literal

import msgspec

from aiomilvus.expr.membership.bloom import BloomFilter
from aiomilvus.expr.membership.roaring import RoaringBitmap
from aiomilvus.model.types import DataType

CompareOp = Literal["==", "!=", "<", "<=", ">", ">="]
ArithmeticOp = Literal["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"]
Value = bool | int | float | str | tuple["Value", ...]
"""A value to compare with; a tuple stands for an array."""


# What a predicate reads.


class Column(msgspec.Struct, frozen=True):
    """A field, or inside `Elements` one sub-field of the element under test."""

    name: str
    dtype: DataType
    element_type: DataType = DataType.NONE


class JsonPath(msgspec.Struct, frozen=True):
    """The value at `path` in a JSON field; digits also index arrays. () is the whole."""

    field: str
    path: tuple[str, ...]


class Item(msgspec.Struct, frozen=True):
    """Element `index` of an ARRAY field; UNKNOWN where the array is shorter."""

    field: str
    index: int
    dtype: DataType


class Length(msgspec.Struct, frozen=True):
    """Number of elements of an array; UNKNOWN where there is no array."""

    of: Column | JsonPath


class Number(msgspec.Struct, frozen=True):
    """A constant within arithmetic."""

    value: int | float


class Arithmetic(msgspec.Struct, frozen=True):
    """A sum, product, … Integers never overflow: the result is the true one.

    `/` truncates on integers and `%` has the sign of its left side; both are UNKNOWN for an
    integer zero on their right. Shifts act on 64 bits.
    """

    op: ArithmeticOp
    left: Numeric
    right: Numeric
    dtype: DataType
    """INT64, FLOAT (computed in 32 bits), DOUBLE, or JSON (as the row's number is)."""


class Shifted(msgspec.Struct, frozen=True):
    """A TIMESTAMPTZ field moved by calendar months, then by microseconds."""

    column: Column
    months: int
    microseconds: int


Numeric = Column | JsonPath | Item | Length | Number | Arithmetic
Operand = Column | JsonPath | Item | Length | Arithmetic | Shifted


def json_path_in(operand: Numeric | Operand) -> JsonPath | None:
    """Return the JSON path that `operand` reads, there is at most one, or None."""
    if isinstance(operand, Arithmetic):
        return json_path_in(operand.left) or json_path_in(operand.right)
    return operand if isinstance(operand, JsonPath) else None


# What is asked of it.


class Compare(msgspec.Struct, frozen=True):
    """``operand op value``."""

    operand: Operand
    op: CompareOp
    value: Value


class CompareOperands(msgspec.Struct, frozen=True):
    """``left op right``, both read from the row; never JSON."""

    left: Operand
    op: CompareOp
    right: Operand


class In(msgspec.Struct, frozen=True):
    """``operand in values``; the values are distinct. Integers are within the field's type."""

    operand: Operand
    values: tuple[Value, ...]


class Range(msgspec.Struct, frozen=True):
    """``lower < operand < upper``, each end inclusive or not."""

    operand: Operand
    lower: Value
    lower_inclusive: bool
    upper: Value
    upper_inclusive: bool


class MatchKind(Enum):
    """How the text of a `Match` is meant."""

    PREFIX = "prefix"
    SUFFIX = "suffix"
    INFIX = "infix"
    REGEX = "regex"
    """RE2 syntax, found anywhere in the value."""


class Match(msgspec.Struct, frozen=True):
    """``operand like …`` or ``operand =~ …``, on text.

    `required` is a text that every match is known to contain, if there is one.
    """

    operand: Operand
    kind: MatchKind
    text: str
    required: str = ""


class IsNull(msgspec.Struct, frozen=True):
    """``field is null``; never UNKNOWN."""

    column: Column
    negated: bool


class Exists(msgspec.Struct, frozen=True):
    """The path leads to something but null, ``{}`` and ``[]``; never UNKNOWN."""

    operand: JsonPath


class Contains(msgspec.Struct, frozen=True):
    """The array holds any, or all, of `values`. Without a value: all is TRUE, any FALSE."""

    operand: Column | JsonPath
    values: tuple[Value, ...]
    every: bool


class TextMatch(msgspec.Struct, frozen=True):
    """At least `minimum_should_match` of the query's terms are in the text."""

    field: str
    query: str
    minimum_should_match: int = 1


class PhraseMatch(msgspec.Struct, frozen=True):
    """The query's terms follow each other, moved by at most `slop` positions in all."""

    field: str
    query: str
    slop: int = 0


class FuzzyMatch(msgspec.Struct, frozen=True):
    """A term of the text is within `max_edit_distance` edits (0 to 2) of a query term."""

    field: str
    query: str
    max_edit_distance: int


class Members(msgspec.Struct, frozen=True, eq=False):
    """The value is in a set, or may be, if that is a bloom filter."""

    operand: Column | JsonPath
    members: BloomFilter | RoaringBitmap


SpatialRelation = Literal[
    "equals", "touches", "overlaps", "crosses", "contains", "intersects", "within",
    "dwithin", "isvalid",
]  # fmt: skip


class Spatial(msgspec.Struct, frozen=True):
    """A GEOMETRY field in relation to `wkt`; `distance` in metres for "dwithin"."""

    field: str
    relation: SpatialRelation
    wkt: str = ""
    distance: float = 0.0


Quantifier = Literal["any", "all", "least", "most", "exact"]


class Elements(msgspec.Struct, frozen=True):
    """So many elements of an array, or of a struct's parallel arrays, satisfy `predicate`.

    Within it, `Column` means the element's own value: `Column.name` is the field that holds
    the values as an array (``chunks[page]``). `is_filter` marks ``element_filter``, which an
    element-level search also applies to the elements themselves.
    """

    field: str
    columns: tuple[str, ...]
    quantifier: Quantifier
    threshold: int
    predicate: Bound
    opposite: Bound
    """The negation of `predicate`, to tell FALSE from UNKNOWN elements."""
    is_filter: bool = False


Leaf = (
    Compare
    | CompareOperands
    | In
    | Range
    | Match
    | IsNull
    | Exists
    | Contains
    | TextMatch
    | PhraseMatch
    | FuzzyMatch
    | Spatial
    | Members
    | Elements
)


def field_of(leaf: Leaf) -> str:
    """Return the field that a leaf reads, "" for one that reads several or computes."""
    if isinstance(leaf, CompareOperands):
        return ""
    if isinstance(leaf, IsNull):
        return leaf.column.name
    if isinstance(leaf, (TextMatch, PhraseMatch, FuzzyMatch, Spatial, Elements)):
        return leaf.field
    operand = leaf.operand
    if isinstance(operand, Column):
        return operand.name
    return operand.field if isinstance(operand, JsonPath) else ""


# How leaves combine.


class Truth(msgspec.Struct, frozen=True):
    """TRUE, or FALSE, for every row."""

    value: bool


class Not(msgspec.Struct, frozen=True):
    """TRUE where the leaf is FALSE."""

    operand: Leaf


class And(msgspec.Struct, frozen=True):
    """TRUE where all are."""

    operands: tuple[Bound, ...]


class Or(msgspec.Struct, frozen=True):
    """TRUE where any is."""

    operands: tuple[Bound, ...]


class Sample(msgspec.Struct, frozen=True):
    """A random `fraction` (0 < f < 1) of the rows that `predicate` lets pass."""

    fraction: float
    predicate: Bound


Bound = Leaf | Truth | Not | And | Or | Sample


class Predicate(msgspec.Struct, frozen=True):
    """A filter bound to a schema; immutable, reusable on any source of that schema.

    Attributes:
        root: What to evaluate.
        columns: Names of the columns that it reads.
        text: The filter as written, "" when it was made otherwise.
    """

    root: Bound
    columns: frozenset[str]
    text: str = ""

    @property
    def passes_all(self) -> bool:
        """Whether every row passes, so that there is nothing to evaluate."""
        return isinstance(self.root, Truth) and self.root.value

    @property
    def element_filter(self) -> Elements | None:
        """The ``element_filter`` that an element-level search has to apply, if there is one."""
        conjuncts = self.root.operands if isinstance(self.root, And) else (self.root,)
        return next((p for p in conjuncts if isinstance(p, Elements) and p.is_filter), None)


_OPPOSITE: dict[CompareOp, CompareOp] = {
    "==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">",
}  # fmt: skip
MIRRORED: dict[CompareOp, CompareOp] = {
    "==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<=",
}  # fmt: skip
"""The operator to use when the two sides change places."""


def conjunction(parts: list[Bound]) -> Bound:
    """Return the `And` of `parts`, simplified."""
    return _combined(parts, And, absorbing=False)


def disjunction(parts: list[Bound]) -> Bound:
    """Return the `Or` of `parts`, simplified."""
    return _combined(parts, Or, absorbing=True)


def _combined(parts: list[Bound], kind: type[And | Or], *, absorbing: bool) -> Bound:
    flat: list[Bound] = []
    for part in parts:
        if isinstance(part, Truth):
            if part.value is absorbing:
                return part
        elif isinstance(part, kind):
            flat.extend(part.operands)
        else:
            flat.append(part)
    if not flat:
        return Truth(not absorbing)
    return flat[0] if len(flat) == 1 else kind(tuple(flat))


def negation(predicate: Bound) -> Bound:
    """Return what is TRUE where `predicate` is FALSE, and UNKNOWN where it is UNKNOWN."""
    if isinstance(predicate, Truth):
        return Truth(not predicate.value)
    if isinstance(predicate, Not):
        return predicate.operand
    if isinstance(predicate, And):
        return disjunction([negation(part) for part in predicate.operands])
    if isinstance(predicate, Or):
        return conjunction([negation(part) for part in predicate.operands])
    if isinstance(predicate, IsNull):
        return IsNull(predicate.column, not predicate.negated)
    if isinstance(predicate, Compare) and not isinstance(predicate.operand, Arithmetic):
        return Compare(predicate.operand, _OPPOSITE[predicate.op], predicate.value)
    if isinstance(predicate, Sample):
        raise TypeError("a sample has no opposite; the binder refuses to negate one")
    return Not(predicate)
