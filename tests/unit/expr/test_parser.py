"""Precedence and shape of parsed filters, and how deep they may be."""

from __future__ import annotations

import sys
import threading
from typing import Any

import pytest

from aiomilvus.errors import ExpressionError
from aiomilvus.expr import parser
from aiomilvus.expr.parser import MAX_DEPTH, parse
from aiomilvus.expr.tree import (
    Between,
    Binary,
    Call,
    Constant,
    Element,
    Existence,
    Interval,
    ListOf,
    Logical,
    Membership,
    Moment,
    Name,
    NullTest,
    Pattern,
    SubField,
    Subscript,
    Template,
    Unary,
)
from tests.support.filters import passing


def shape(text: str) -> str:
    """Return the tree of `text` as fully parenthesised text."""
    return _shape(parse(text).root)


def _shape(node: Any) -> str:
    match node:
        case Constant():
            return repr(node.value)
        case Name():
            return node.name
        case Subscript():
            keys = [f"[{k.name}]" if isinstance(k, SubField) else f"[{k!r}]" for k in node.keys]
            return node.name + "".join(keys)
        case Element():
            return "$" if node.sub is None else f"$[{node.sub}]"
        case Template():
            return f"{{{node.name}}}"
        case Moment():
            return f"iso({node.text})"
        case Interval():
            return f"interval({node.text})"
        case ListOf():
            return f"[{', '.join(map(_shape, node.items))}]"
        case Unary():
            return f"({node.op} {_shape(node.operand)})"
        case Binary():
            return f"({_shape(node.left)} {node.op} {_shape(node.right)})"
        case Logical():
            return "(" + f" {node.op} ".join(map(_shape, node.operands)) + ")"
        case Between():
            signs = ["<=" if i else "<" for i in (node.lower_inclusive, node.upper_inclusive)]
            parts = _shape(node.lower), signs[0], _shape(node.target), signs[1], _shape(node.upper)
            return f"({' '.join(parts)})"
        case Membership():
            return f"({_shape(node.target)} {'not ' * node.negated}in {_shape(node.values)})"
        case Pattern():
            sign = node.kind if node.kind == "like" else ("!~" if node.negated else "=~")
            return f"({_shape(node.target)} {sign} {_shape(node.pattern)})"
        case NullTest():
            return f"({_shape(node.target)} is {'not ' * node.negated}null)"
        case Existence():
            return f"(exists {_shape(node.target)})"
        case Call():
            options = [f"{name}={_shape(value)}" for name, value in node.options]
            return f"{node.function}({', '.join([*map(_shape, node.arguments), *options])})"
    raise AssertionError(node)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        # loosest to tightest, each against its neighbour
        ("a or b and c", "(a or (b and c))"),
        ("a and b | c", "(a and (b | c))"),
        ("a | b ^ c", "(a | (b ^ c))"),
        ("a ^ b & c", "(a ^ (b & c))"),
        ("a & b == c", "(a & (b == c))"),
        ("a == b < c", "(a == (b < c))"),
        ("a < b in [1]", "(a < (b in [1]))"),
        ("a << b in [1]", "((a << b) in [1])"),
        ("a << b + c", "(a << (b + c))"),
        ("a + b * c", "(a + (b * c))"),
        ("a * -b ** c", "(a * (- (b ** c)))"),
        ("-a ** 2", "(- (a ** 2))"),
        ("2 ** -a * 3", "((2 ** (- a)) * 3)"),
        ('a ** b like "x"', "(a ** (b like 'x'))"),
        ('not a like "x"', "(not (a like 'x'))"),
        ("exists a == b", "((exists a) == b)"),
        # from the left
        ("a - b - c", "((a - b) - c)"),
        ("a / b * c % d", "(((a / b) * c) % d)"),
        ("2 ** 3 ** 2", "((2 ** 3) ** 2)"),
        ("a == b != c", "((a == b) != c)"),
        ("1 < a + 1 < 3", "((1 < (a + 1)) < 3)"),
        # `not` binds tighter than a comparison
        ("not a == 1", "((not a) == 1)"),
        ("not a in [1]", "((not a) in [1])"),
        ("not (a == 1)", "(not (a == 1))"),
        ("not a is null", "(not (a is null))"),
        ("not not a", "(not (not a))"),
        ("!a && !b || c", "(((not a) and (not b)) or c)"),
        # one node for a chain of one operator
        ("a and b && c AND d", "(a and b and c and d)"),
        ("(a or b) or (c or d)", "(a or b or (c or d))"),
        # ranges
        ("1 < a <= 5", "(1 < a <= 5)"),
        ("5 >= a > 1", "(1 < a <= 5)"),
        ('1 < a["x"][0] < {hi}', "(1 < a['x'][0] < {hi})"),
        ("1 < a > 3", "((1 < a) > 3)"),
        ("1 < a < 2 and b", "((1 < a < 2) and b)"),
        ("$[p] > 1 and 1 < $[p] < 3", "(($[p] > 1) and (1 < $[p] < 3))"),
        # operands
        ("a not in [1, 'x', -2.5, true,]", "(a not in [1, 'x', (- 2.5), True])"),
        ("a in []", "(a in [])"),
        ("a ! in {list}", "(a not in {list})"),
        ('$meta["k"] == 1', "($meta['k'] == 1)"),
        ("s[0][sub] == s[sub]", "(s[0][sub] == s[sub])"),
        ("a  IS   NOT  NULL or b is null", "((a is not null) or (b is null))"),
        ('t + INTERVAL "P1D" >= ISO "2025"', "((t + interval(P1D)) >= iso(2025))"),
        ('a =~ r"\\d" and b !~ {p}', "((a =~ '\\\\d') and (b !~ {p}))"),
        ("Match_Least(ch, $ > 1, Threshold = 2)", "match_least(ch, ($ > 1), threshold=2)"),
        ("f()", "f()"),
        ("TRUE and False", "(True and False)"),
        # words are keywords only where one can stand
        ("iso == 1 and interval > 2", "((iso == 1) and (interval > 2))"),
        ("is is null and like in [1]", "((is is null) and (like in [1]))"),
        ("exists == 1 or threshold == 2", "((exists == 1) or (threshold == 2))"),
        ("array_length == 1", "(array_length == 1)"),
        ("名字 == 1", "(名字 == 1)"),
    ],
)  # fmt: skip
def test_filters_are_grouped_as_milvus_groups_them(text: str, wanted: str) -> None:
    assert shape(text) == wanted


def test_an_empty_filter_has_no_root() -> None:
    assert parse("").root is None
    assert parse(" \n\t ").root is None


@pytest.mark.parametrize(
    "text",
    [
        "a ==", "== a", "a b", "a == 1)", "(a == 1", "a in", "a in [1", "a in [1 2]", "a in [,]",
        "a like b", "a like 5", "a is", "a is not", "a is nul", "a[b", "a[]", "a['']", "a[1.5]",
        "{", "{1}", "{a", "$[", "$['a']", "f(", "f(1", "f(1 2)", "f(x=)", "and", "not", "a and",
        "a or or b", "[1,2", "1 <", "a not like 'x'", "a !like 'x'", "a = 1", "a <> 1", "..",
    ],
)  # fmt: skip
def test_what_is_no_filter_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert caught.value.code == 1100


@pytest.mark.parametrize(
    "text",
    [
        "(" * 2000 + "a" + ")" * 2000,
        "not " * 2000 + "a",
        "-" * 2000 + "1 == 1",
        "a" + " + 1" * 2000 + " == 1",
        "a in " + "[" * 2000 + "]" * 2000,
        "f(" * 2000 + ")" * 2000,
        "((((a" + "+1" * 100 + ")" + "+1" * 100 + ")))",
    ],
)
def test_a_filter_too_deep_is_refused_not_crashed_on(text: str) -> None:
    with pytest.raises(ExpressionError, match=f"deeper than {MAX_DEPTH} levels"):
        parse(text)


def test_a_long_chain_is_not_deep() -> None:
    text = " or ".join(f"a == {number}" for number in range(5000))
    root = parse(text).root
    assert isinstance(root, Logical)
    assert len(root.operands) == 5000


@pytest.mark.parametrize(
    ("opening", "closing"),
    [("(", ")"), ("not (", ")"), ("a == 1 or (b == 2 and (", "))"), ("(flag == (", "))")],
)
def test_the_deepest_filter_fits_the_stack_of_a_busy_thread(opening: str, closing: str) -> None:
    results: list[object] = []
    levels = opening.count("(") + opening.count("not")
    depth = (MAX_DEPTH - 2) // levels
    text = opening * depth + "big == 1" + closing * depth

    def descend(frames: int) -> None:
        # As deep as a server's stack may be when a filter arrives.
        if frames:
            descend(frames - 1)
            return
        try:
            results.append(passing(text, [{"big": 1}]))
        except ExpressionError as error:
            results.append(error)

    thread = threading.Thread(target=descend, args=(sys.getrecursionlimit() // 4,))
    thread.start()
    thread.join()
    assert len(results) == 1


def test_trees_are_cached_by_text() -> None:
    assert parse("cached == 1") is parse("cached == 1")
    long = "cached in [" + "1," * 4000 + "]"
    assert parse(long) is not parse(long)


def test_errors_are_raised_anew_each_time() -> None:
    errors = []
    for _ in range(2):
        with pytest.raises(ExpressionError) as caught:
            parse("a ==")
        errors.append(caught.value)
    assert errors[0] is not errors[1]


def test_every_operator_has_a_power() -> None:
    assert {"and", "or", "in", "not in", "like"} < set(parser._POWERS)
