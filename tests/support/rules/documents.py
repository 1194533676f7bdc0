"""Rules on JSON paths."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.support.rules.reader import by_bytes, compared, equal, is_something, kind
from tests.support.rules.rule import Row, Rule
from tests.support.rules.terms import integer_result, json_terms
from tests.support.rules.values import equalities, integers, json_constants, literal, operators


@st.composite
def json_rules(draw: st.DrawFn) -> Rule:
    left = draw(json_terms())
    value = draw(json_constants)
    op = draw(operators)
    if kind(value) == "bool":
        op = draw(equalities)

    def holds(row: Row) -> bool | None:
        found = left.of(row)
        if kind(found) != kind(value):
            return None
        return compared(op, by_bytes(found), by_bytes(value))

    return Rule(f"{left.text} {op} {literal(value)}", holds)


@st.composite
def json_list_rules(draw: st.DrawFn) -> Rule:
    left = draw(json_terms())
    value = draw(st.lists(json_constants, max_size=2))
    op = draw(equalities)

    def holds(row: Row) -> bool | None:
        found = left.of(row)
        return None if kind(found) != "list" else equal(found, value) is (op == "==")

    return Rule(f"{left.text} {op} {literal(value)}", holds)


@st.composite
def json_in_rules(draw: st.DrawFn) -> Rule:
    left = draw(json_terms())
    values = draw(st.lists(json_constants, min_size=1, max_size=6))
    negated = draw(st.booleans())
    kinds = {kind(value) for value in values}

    def holds(row: Row) -> bool | None:
        found = left.of(row)
        if kind(found) not in kinds:
            return None
        return any(equal(found, value) for value in values) is not negated

    return Rule(f"{left.text} {'not ' * negated}in {literal(values)}", holds)


@st.composite
def json_arithmetic_rules(draw: st.DrawFn) -> Rule:
    left, sign = draw(json_terms()), draw(st.sampled_from("+-*%&"))
    constant, op, value = draw(integers.filter(bool)), draw(operators), draw(integers)

    def holds(row: Row) -> bool | None:
        found = left.of(row)
        if kind(found) != "number":
            return None
        if isinstance(found, int):
            return compared(op, integer_result(sign, found, constant), value)
        if sign in "%&":
            return None
        return compared(
            op, {"+": found + constant, "-": found - constant, "*": found * constant}[sign], value
        )

    return Rule(f"({left.text} {sign} {constant}) {op} {value}", holds)


@st.composite
def existence_rules(draw: st.DrawFn) -> Rule:
    left = draw(json_terms())
    form = draw(st.sampled_from(["exists {}", "{} is not null", "{} is null"]))
    wanted = form != "{} is null"
    return Rule(form.format(left.text), lambda row: is_something(left.of(row)) is wanted)
