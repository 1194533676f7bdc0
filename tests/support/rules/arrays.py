"""Rules on arrays and on their elements."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from aiomilvus.expr.literals import quote
from tests.support.rules.reader import compared, equal
from tests.support.rules.rule import Row, Rule, Term
from tests.support.rules.terms import json_terms
from tests.support.rules.values import (
    equalities,
    integers,
    json_constants,
    literal,
    operators,
    words,
)


@st.composite
def contains_rules(draw: st.DrawFn) -> Rule:
    which = draw(st.sampled_from(["numbers", "tags", "json"]))
    if which == "json":
        left = draw(json_terms())
        domain: st.SearchStrategy[Any] = json_constants | st.lists(json_constants, max_size=2)
    else:
        left = Term(which, lambda row: row[which])
        domain = integers if which == "numbers" else words
    suffix = draw(st.sampled_from(["", "_all", "_any"]))
    values = [draw(domain)] if not suffix else draw(st.lists(domain, max_size=3))

    def holds(row: Row) -> bool | None:
        found = left.of(row)
        if not isinstance(found, list):
            return None
        hits = [any(equal(element, value) for element in found) for value in values]
        return all(hits) if suffix == "_all" else any(hits)

    argument = literal(values) if suffix else literal(values[0])
    return Rule(f"json_contains{suffix}({left.text}, {argument})", holds)


@st.composite
def array_rules(draw: st.DrawFn) -> Rule:
    values, op = draw(st.lists(integers, max_size=3)), draw(equalities)

    def holds(row: Row) -> bool | None:
        return None if row["numbers"] is None else (row["numbers"] == values) is (op == "==")

    return Rule(f"numbers {op} {literal(values)}", holds)


@st.composite
def element_rules(draw: st.DrawFn) -> Rule:
    quantifier = draw(st.sampled_from(["any", "all", "least", "most", "exact"]))
    page, op = draw(integers), draw(operators)
    word = draw(words)
    joint = draw(st.sampled_from(["and", "or"]))
    threshold = draw(st.integers(1, 3))

    def passes(element: Row) -> bool:
        number = bool(compared(op, element["page"], page))
        text = element["body"] == word
        return (number and text) if joint == "and" else (number or text)

    def holds(row: Row) -> bool:
        count, total = sum(map(passes, row["chunks"])), len(row["chunks"])
        return {
            "any": count > 0,
            "all": count == total,
            "least": count >= threshold,
            "most": count <= threshold,
            "exact": count == threshold,
        }[quantifier]

    option = "" if quantifier in ("any", "all") else f", threshold={threshold}"
    inner = f"$[page] {op} {page} {joint} $[body] == {quote(word)}"
    return Rule(f"match_{quantifier}(chunks, {inner}{option})", holds)
