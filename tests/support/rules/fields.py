"""Rules on scalar fields: comparisons, lists, ranges, patterns, nulls."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from hypothesis import strategies as st

from aiomilvus.expr.literals import quote
from tests.support.rules.reader import by_bytes, compared, like
from tests.support.rules.rule import Row, Rule
from tests.support.rules.terms import integer_result, item, whole_terms
from tests.support.rules.values import extremes, floats, integers, literal, operators, words


@st.composite
def integer_rules(draw: st.DrawFn) -> Rule:
    left, op = draw(whole_terms), draw(operators)
    if draw(st.booleans()):
        right = draw(whole_terms)
        return Rule(
            f"{left.text} {op} {right.text}",
            lambda row: compared(op, left.of(row), right.of(row)),
        )
    value = draw(extremes)
    return Rule(f"{left.text} {op} {value}", lambda row: compared(op, left.of(row), value))


@st.composite
def linear_rules(draw: st.DrawFn) -> Rule:
    """Return a comparison that the binder can solve for the field, near its threshold."""
    name = draw(st.sampled_from(["small", "middle"]))
    factor, summand = draw(st.sampled_from([-3, -2, 2, 3])), draw(integers)
    op, value = draw(operators), draw(st.integers(-9, 9))

    def holds(row: Row) -> bool | None:
        return compared(op, None if row[name] is None else row[name] * factor + summand, value)

    return Rule(f"{name} * {factor} + {summand} {op} {value}", holds)


@st.composite
def overflow_rules(draw: st.DrawFn) -> Rule:
    """Return a comparison whose result 64 bits may not hold."""
    sign, op = draw(st.sampled_from("+-*")), draw(operators)
    other, value = draw(st.sampled_from(["big", "small"])), draw(extremes)

    def holds(row: Row) -> bool | None:
        return compared(op, integer_result(sign, row["big"], row[other]), value)

    return Rule(f"big {sign} {other} {op} {value}", holds)


@st.composite
def number_rules(draw: st.DrawFn) -> Rule:
    name, op, value = draw(st.sampled_from(["single", "double"])), draw(operators), draw(floats)
    width = np.float32 if name == "single" else np.float64
    sign = draw(st.sampled_from(["", "+", "*"]))

    def number(row: Row) -> Any:
        return None if row[name] is None else width(row[name])

    if not sign:
        return Rule(f"{name} {op} {value!r}", lambda row: compared(op, number(row), width(value)))
    constant = draw(floats)

    def result(row: Row) -> Any:
        read = number(row)
        if read is None:
            return None
        with np.errstate(all="ignore"):
            return read + width(constant) if sign == "+" else read * width(constant)

    text = f"{name} {sign} {constant!r} {op} {value!r}"
    return Rule(text, lambda row: compared(op, result(row), width(value)))


@st.composite
def list_rules(draw: st.DrawFn) -> Rule:
    name, domain = draw(
        st.sampled_from(
            [("small", integers), ("big", extremes), ("double", floats), ("text", words),
             ("flag", st.booleans())]
        )
    )  # fmt: skip
    values = draw(st.lists(domain, max_size=7))
    negated = draw(st.booleans())

    def holds(row: Row) -> bool | None:
        if row[name] is None:
            return None
        return (row[name] in values) is not negated

    return Rule(f"{name} {'not ' * negated}in {literal(values)}", holds)


@st.composite
def range_rules(draw: st.DrawFn) -> Rule:
    name, domain = draw(st.sampled_from([("small", extremes), ("double", floats), ("text", words)]))
    low, high = sorted([draw(domain), draw(domain)], key=by_bytes)
    first, second = draw(st.sampled_from(["<", "<="])), draw(st.sampled_from(["<", "<="]))
    if not (by_bytes(low) < by_bytes(high)):
        first = second = "<="

    def holds(row: Row) -> bool | None:
        value = by_bytes(row[name])
        above = compared(first, by_bytes(low), value)
        below = compared(second, value, by_bytes(high))
        return None if above is None or below is None else above and below

    if draw(st.booleans()):
        return Rule(f"{literal(low)} {first} {name} {second} {literal(high)}", holds)
    flipped = {"<": ">", "<=": ">="}
    text = f"{literal(high)} {flipped[second]} {name} {flipped[first]} {literal(low)}"
    return Rule(text, holds)


def is_whole(pattern: str) -> bool:
    """Whether a pattern of ``like`` is allowed: something follows its last backslash."""
    return (len(pattern) - len(pattern.rstrip("\\"))) % 2 == 0


@st.composite
def text_rules(draw: st.DrawFn) -> Rule:
    choice = draw(st.sampled_from(["compare", "fields", "like", "regex", "item"]))
    if choice == "compare":
        op, value = draw(operators), draw(words)
        return Rule(
            f"text {op} {quote(value)}",
            lambda row: compared(op, by_bytes(row["text"]), value.encode()),
        )
    if choice == "fields":
        op = draw(operators)
        return Rule(
            f"text {op} other",
            lambda row: compared(op, by_bytes(row["text"]), by_bytes(row["other"])),
        )
    if choice == "regex":
        pattern = draw(
            st.sampled_from(["a", "^a", "b$", "^ab?$", "a|é", "[ab]{2}", "^$", "a.", ""])
        )
        compiled = re.compile(pattern.replace("$", r"\Z"), re.DOTALL)
        return Rule(
            f"text =~ r'{pattern}'",
            lambda row: None if row["text"] is None else bool(compiled.search(row["text"])),
        )
    pattern = draw(st.text("ab%_é\\", max_size=5).filter(is_whole))
    if choice == "item":
        index = draw(st.integers(0, 2))

        def tag(row: Row) -> Any:
            return item(row["tags"], index)

        return Rule(
            f"tags[{index}] like {quote(pattern)}",
            lambda row: None if tag(row) is None else like(tag(row), pattern),
        )
    return Rule(
        f"text like {quote(pattern)}",
        lambda row: None if row["text"] is None else like(row["text"], pattern),
    )


@st.composite
def null_rules(draw: st.DrawFn) -> Rule:
    name = draw(st.sampled_from(["small", "middle", "text", "meta", "numbers", "flag"]))
    negated = draw(st.booleans())
    return Rule(f"{name} is {'not ' * negated}null", lambda row: (row[name] is None) is not negated)
