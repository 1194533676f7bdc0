"""Tokens → tree, by operator precedence. `parse` is the entrance; its results are cached.

Loosest to tightest, as Milvus' grammar orders them::

    or || · and && · | · ^ · & · == != · < <= > >= and ranges · in, not in · << >>
    + - · * / % · unary not ! - + ~ · ** · like =~ !~ · exists · is null

Two of them surprise: ``not`` binds tighter than a comparison, so ``not a == 1`` is
``(not a) == 1``; and ``**`` groups from the left. Words are compared without regard to case.
Only ``and or not in true false`` are always keywords; the others are where one can stand, so
that a field may be called ``iso`` or ``like``.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, cast

from aiomilvus.expr.diagnostics import Fault, Plan, report
from aiomilvus.expr.literals import float_value, integer_value, string_value
from aiomilvus.expr.tokens import Token, tokenize
from aiomilvus.expr.tree import (
    Between,
    Binary,
    Call,
    Constant,
    Element,
    Existence,
    Interval,
    Key,
    ListOf,
    Logical,
    Membership,
    Moment,
    Name,
    Node,
    NullTest,
    Pattern,
    SubField,
    Subscript,
    Template,
    Tree,
    Unary,
)

MAX_DEPTH = 100
"""Most levels of nesting; a tree that passed it can be walked recursively."""

_CACHED = 1024
_LONGEST_CACHED = 4096

_OR, _AND, _COMPARE, _UNARY, _EXISTS = 10, 20, 70, 120, 150
_POWERS = {
    "or": _OR, "and": _AND, "|": 30, "^": 40, "&": 50, "==": 60, "!=": 60,
    "<": _COMPARE, "<=": _COMPARE, ">": _COMPARE, ">=": _COMPARE,
    "in": 80, "not in": 80, "<<": 90, ">>": 90, "+": 100, "-": 100,
    "*": 110, "/": 110, "%": 110, "**": 130, "like": 140, "=~": 140, "!~": 140,
}  # fmt: skip
_RANGE_PARTNERS = {"<": ("<", "<="), "<=": ("<", "<="), ">": (">", ">="), ">=": (">", ">=")}
_RESERVED = ("and", "or", "in")
_VALUES = ("int", "float", "string")
_NOTHING = ("none", "nil")
_BOOLEANS = {"true": True, "false": False}
NEVER_NAMES = frozenset({*_RESERVED, *_BOOLEANS, "not", "exists", "null"})
"""Words that, in whatever case, are no field's name everywhere in a filter."""


def parse(text: str, plan: Plan = "query") -> Tree:
    """Return the tree of the filter `text`. An empty text passes every row.

    Args:
        text: The filter, as users write it.
        plan: What the filter is for; only the wording of errors depends on it.

    Raises:
        ExpressionError: The text is not a filter (code 1100); the message shows where.
    """
    try:
        return _parse_cached(text) if len(text) <= _LONGEST_CACHED else _parse(text)
    except Fault as fault:
        raise report(text, fault, plan) from None


def _parse(text: str) -> Tree:
    if not text.strip():
        return Tree(text, None)
    return Tree(text, _Parser(tokenize(text)).whole())


_parse_cached = lru_cache(maxsize=_CACHED)(_parse)


class _Parser:
    """One pass over the tokens of one filter."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def whole(self) -> Node:
        """Return the tree of all tokens."""
        node = self._expression(0)
        if self._here.kind != "end":
            raise self._unexpected("an operator or the end")
        return node

    # The token stream.

    @property
    def _here(self) -> Token:
        return self._tokens[self._at]

    def _advance(self) -> Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _expect(self, kind: str, what: str = "") -> Token:
        if self._here.kind != kind:
            raise self._unexpected(what or f"'{kind}'")
        return self._advance()

    def _next_is_word(self, word: str, ahead: int = 0) -> bool:
        # The "end" token comes last, and nothing looks further ahead than one.
        token = self._tokens[min(self._at + ahead, len(self._tokens) - 1)]
        return token.kind == "name" and token.text.lower() == word

    def _unexpected(self, wanted: str) -> Fault:
        token = self._here
        if token.kind == "end":
            return Fault(f"the filter ends where {wanted} is expected", token.start, token.end)
        cause = f"unexpected '{token.text}', expected {wanted}"
        return Fault(cause, token.start, token.end, self._hint(token))

    def _hint(self, token: Token) -> str:
        before = self._tokens[self._at - 1].kind if self._at else ""
        if token.kind == "=":
            return "use == to compare"
        if (before, token.kind) == ("<", ">"):
            return "use != for 'not equal'"
        if token.text.lower() == "between":
            return "write: low <= field <= high"
        if token.text.lower() in _NOTHING and before == "name":
            return "write: field is null, or field is not null"
        if token.text.lower() == "contains":
            return "write: field like '%part%', or array_contains(field, value)"
        if token.text.lower() in ("not", "!") and self._next_is_word("like", 1):
            return "write: not field like pattern"
        return ""

    # Operators.

    def _expression(self, floor: int) -> Node:
        """Return the longest operand whose operators bind tighter than `floor`."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _too_deep(self._here.start, self._here.end)
        node = self._operand()
        while (operator := self._operator()) and _POWERS[operator] > floor:
            node = self._combine(node, operator)
        self._depth -= 1
        return node

    def _operator(self) -> str:
        """Return the infix operator that comes next, or ""."""
        token = self._here
        kind = token.text.lower() if token.kind == "name" else token.kind
        if kind == "not":
            return "not in" if self._next_is_word("in", 1) else ""
        return kind if kind in _POWERS else ""

    def _combine(self, left: Node, operator: str) -> Node:
        self._at += 2 if operator == "not in" else 1
        if operator in ("like", "=~", "!~"):
            return self._pattern(left, operator)
        right = self._expression(_POWERS[operator])
        if operator in ("and", "or"):
            return self._logical(left, cast("Literal['and', 'or']", operator), right)
        if operator in ("in", "not in"):
            return Membership(
                left.start, right.end, _above(left, right), left, right, operator == "not in"
            )
        is_range = self._here.kind in _RANGE_PARTNERS.get(operator, ())
        if is_range and isinstance(right, (Name, Subscript, Element)):
            return self._between(left, operator, right)
        return Binary(left.start, right.end, _above(left, right), operator, left, right)

    def _logical(self, left: Node, op: Literal["and", "or"], right: Node) -> Node:
        first = left.operands if isinstance(left, Logical) and left.op == op else (left,)
        operands = [*first, right]
        # A chain of one operator is one node, however long.
        while self._operator() == op:
            self._at += 1
            operands.append(self._expression(_POWERS[op]))
        return Logical(left.start, operands[-1].end, _above(*operands), op, tuple(operands))

    def _between(self, first: Node, operator: str, target: Node) -> Node:
        second_operator = self._advance().kind
        second = self._expression(_COMPARE)
        near, far = operator.endswith("="), second_operator.endswith("=")
        height = _above(first, target, second)
        if operator[0] == "<":
            return Between(first.start, second.end, height, first, near, target, second, far)
        return Between(first.start, second.end, height, second, far, target, first, near)

    def _pattern(self, left: Node, operator: str) -> Node:
        kind: Literal["like", "regex"] = "like" if operator == "like" else "regex"
        pattern: Node
        if self._here.kind == "string":
            token = self._advance()
            pattern = Constant(token.start, token.end, string_value(token, kind))
        elif self._here.kind == "{":
            pattern = self._template()
        else:
            raise self._unexpected("a pattern in quotes")
        height = _above(left, pattern)
        return Pattern(left.start, pattern.end, height, left, kind, pattern, operator == "!~")

    # Operands.

    def _operand(self) -> Node:
        token = self._here
        if token.kind == "name":
            return self._word()
        if token.kind in _VALUES:
            self._at += 1
            return Constant(token.start, token.end, _constant(token))
        if token.kind in ("not", "-", "+", "~"):
            return self._unary(token, cast("Literal['not', '-', '+', '~']", token.kind))
        if token.kind == "(":
            self._at += 1
            node = self._expression(0)
            self._expect(")")
            return node
        return self._bracketed()

    def _bracketed(self) -> Node:
        token = self._here
        if token.kind == "[":
            return self._list()
        if token.kind == "{":
            return self._template()
        if token.kind == "$":
            return self._element()
        if token.kind == "$meta":
            return self._field()
        raise self._unexpected("a field, a value or '('")

    def _word(self) -> Node:
        token = self._here
        word = token.text.lower()
        if word == "not":
            return self._unary(token, "not")
        if word in _RESERVED:
            raise self._unexpected("a field, a value or '('")
        if word in _BOOLEANS:
            self._at += 1
            return Constant(token.start, token.end, _BOOLEANS[word])
        following = self._tokens[self._at + 1].kind
        if word == "exists" and following in ("name", "$meta", "("):
            self._at += 1
            target = self._expression(_EXISTS)
            return Existence(token.start, target.end, _above(target), target)
        if word in ("iso", "interval") and following == "string":
            text = self._tokens[self._at + 1]
            self._at += 2
            node = Moment if word == "iso" else Interval
            return node(token.start, text.end, string_value(text))
        if following == "(":
            return self._call()
        return self._field()

    def _unary(self, token: Token, op: Literal["-", "+", "~", "not"]) -> Node:
        self._at += 1
        operand = self._expression(_UNARY)
        return Unary(token.start, operand.end, _above(operand), op, operand)

    def _list(self) -> Node:
        opening = self._advance()
        items: list[Node] = []
        tokens = self._tokens
        while (token := tokens[self._at]).kind != "]":
            # Lists of ids can be long; a plain value needs none of the operator machinery.
            if token.kind in _VALUES and tokens[self._at + 1].kind in (",", "]"):
                self._at += 1
                items.append(Constant(token.start, token.end, _constant(token)))
            else:
                items.append(self._expression(0))
            if tokens[self._at].kind != ",":
                break
            self._at += 1
        closing = self._expect("]", "',' or ']'")
        height = 1 + max((item.height for item in items), default=0)
        return ListOf(opening.start, closing.end, height, tuple(items))

    def _template(self) -> Node:
        opening = self._advance()
        name = self._expect("name", "the name of a parameter")
        closing = self._expect("}")
        return Template(opening.start, closing.end, name.text)

    def _element(self) -> Node:
        dollar = self._advance()
        if self._here.kind != "[":
            return Element(dollar.start, dollar.end, None)
        self._at += 1
        name = self._expect("name", "the name of a sub-field")
        closing = self._expect("]")
        return Element(dollar.start, closing.end, name.text)

    def _field(self) -> Node:
        token = self._advance()
        end, keys = token.end, []
        while self._here.kind == "[":
            self._at += 1
            keys.append(self._key())
            end = self._expect("]").end
        field: Node = Name(token.start, end, token.text)
        if keys:
            field = Subscript(token.start, end, token.text, tuple(keys))
        return self._null_test(field) if self._next_is_word("is") else field

    def _key(self) -> Key:
        token = self._here
        if token.kind == "string":
            key = string_value(self._advance())
            if not key:
                raise Fault(f"invalid identifier: {token.text}", token.start, token.end)
            return key
        if token.kind == "int":
            return integer_value(self._advance())
        if token.kind == "name":
            return SubField(self._advance().text)
        raise self._unexpected("a quoted key or an index")

    def _null_test(self, target: Node) -> Node:
        self._at += 1
        negated = self._next_is_word("not") or self._here.kind == "not"
        self._at += negated
        if not self._next_is_word("null"):
            raise self._unexpected("'null'" if negated else "'null' or 'not null'")
        end = self._advance().end
        return NullTest(target.start, end, _above(target), target, negated)

    def _call(self) -> Node:
        name = self._advance()
        self._at += 1
        arguments: list[Node] = []
        options: list[tuple[str, Node]] = []
        while self._here.kind != ")":
            is_option = self._here.kind == "name" and self._tokens[self._at + 1].kind == "="
            if is_option:
                option = self._advance().text.lower()
                self._at += 1
                options.append((option, self._expression(0)))
            else:
                arguments.append(self._expression(0))
            if self._here.kind != ",":
                break
            self._at += 1
        closing = self._expect(")", "',' or ')'")
        children = [*arguments, *(node for _, node in options)]
        height = _above(*children) if children else 1
        return Call(
            name.start, closing.end, height, name.text.lower(), tuple(arguments), tuple(options)
        )


def _constant(token: Token) -> int | float | str:
    if token.kind == "int":
        return integer_value(token)
    return float_value(token) if token.kind == "float" else string_value(token)


def _above(*children: Node) -> int:
    """Return the height of a node over `children`; refuse a tree too high to walk."""
    height = 1 + max(child.height for child in children)
    if height > MAX_DEPTH:
        raise _too_deep(children[0].start, children[-1].end)
    return height


def _too_deep(start: int, end: int) -> Fault:
    return Fault(f"the filter is nested deeper than {MAX_DEPTH} levels", start, end)
