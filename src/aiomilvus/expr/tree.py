"""The tree of a parsed filter: what was written, before names and types mean anything.

Every node knows where in the text it stands (`start`, `end`). Composite nodes know their
`height`, which the parser bounds, so that whoever walks a tree may recurse.
"""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

Scalar = bool | int | float | str


class Position(msgspec.Struct, frozen=True):
    """Where a node stands in the text: characters `start` to `end` - 1."""

    start: int
    end: int


class Leaf(Position, frozen=True):
    """A node without children."""

    height: ClassVar[int] = 0


class Inner(Position, frozen=True):
    """A node with children; `height` is one more than that of the highest."""

    height: int


class Constant(Leaf, frozen=True):
    """A number, string or boolean; integers may still be beyond 64 bits."""

    value: Scalar


class Name(Leaf, frozen=True):
    """A bare word: a field, a key of the dynamic field, or ``$meta``."""

    name: str


class SubField(msgspec.Struct, frozen=True):
    """An unquoted word in brackets: a struct's sub-field, ``chunks[page]``."""

    name: str


Key = str | int | SubField


class Subscript(Leaf, frozen=True):
    """``name["key"][0][sub]``."""

    name: str
    keys: tuple[Key, ...]


class Element(Leaf, frozen=True):
    """``$[sub]`` or ``$``: the element under test in a match function."""

    sub: str | None


class Template(Leaf, frozen=True):
    """``{name}``, filled from the filter's parameters."""

    name: str


class Moment(Leaf, frozen=True):
    """``iso "2025-01-01T00:00:00Z"``."""

    text: str


class Interval(Leaf, frozen=True):
    """``interval "P1DT2H"``."""

    text: str


class ListOf(Inner, frozen=True):
    """``[1, 2, 3]``."""

    items: tuple[Node, ...]


class Unary(Inner, frozen=True):
    """``-x``, ``+x``, ``~x`` or ``not x``."""

    op: Literal["-", "+", "~", "not"]
    operand: Node


class Binary(Inner, frozen=True):
    """An arithmetic, bit or comparison operator between two operands."""

    op: str
    left: Node
    right: Node


class Logical(Inner, frozen=True):
    """``and`` or ``or`` over two or more operands."""

    op: Literal["and", "or"]
    operands: tuple[Node, ...]


class Between(Inner, frozen=True):
    """``lower < target <= upper``, also written from the other end."""

    lower: Node
    lower_inclusive: bool
    target: Node
    upper: Node
    upper_inclusive: bool


class Membership(Inner, frozen=True):
    """``target [not] in values``."""

    target: Node
    values: Node
    negated: bool


class Pattern(Inner, frozen=True):
    """``target like pattern``, ``target =~ pattern`` or ``target !~ pattern``."""

    target: Node
    kind: Literal["like", "regex"]
    pattern: Node
    negated: bool


class NullTest(Inner, frozen=True):
    """``target is [not] null``."""

    target: Node
    negated: bool


class Existence(Inner, frozen=True):
    """``exists target``."""

    target: Node


class Call(Inner, frozen=True):
    """``function(argument, …, option=value)``; `function` is in lower case."""

    function: str
    arguments: tuple[Node, ...]
    options: tuple[tuple[str, Node], ...]


Node = (
    Constant
    | Name
    | Subscript
    | Element
    | Template
    | Moment
    | Interval
    | ListOf
    | Unary
    | Binary
    | Logical
    | Between
    | Membership
    | Pattern
    | NullTest
    | Existence
    | Call
)


class Tree(msgspec.Struct, frozen=True):
    """A parsed filter. `root` is None for an empty text, which every row passes."""

    text: str
    root: Node | None
