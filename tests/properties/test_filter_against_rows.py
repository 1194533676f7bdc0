"""The vectorised evaluator against a naive one, on random filters and random rows with nulls.

Each strategy makes a filter text together with a function that answers it for one row of
plain Python values: True, False, or None for UNKNOWN. The two share no code.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aiomilvus.expr.bind.binder import compile_filter
from aiomilvus.expr.evaluate.evaluator import evaluate
from aiomilvus.expr.literals import quote
from tests.support.filters import SCHEMA, source_of

if TYPE_CHECKING:
    from collections.abc import Callable

Row = dict[str, Any]
LIMIT = 2**63


class Rule(NamedTuple):
    """A filter, and its meaning for one row."""

    text: str
    holds: Callable[[Row], bool | None]


class Term(NamedTuple):
    """A value read from a row, and its text; None is UNKNOWN."""

    text: str
    of: Callable[[Row], Any]


# Rows. Small domains, so that filters hit.

integers = st.integers(-4, 4)
extremes = st.sampled_from([LIMIT - 1, -LIMIT, LIMIT // 2, -(2**31), 2**31 - 1]) | integers
floats = st.sampled_from([0.0, 0.1, -0.5, 1.0, 2.5, -3.0, 1e30])
words = st.text("ab%_é", max_size=4) | st.sampled_from(["", "a", "ab", "ba\n"])
scalars = st.one_of(integers, floats, words, st.booleans(), st.none())
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab0"), inner),
    max_leaves=6,
)
documents = st.dictionaries(st.sampled_from(["a", "b", "0"]), json_values, max_size=3)
chunks = st.lists(st.fixed_dictionaries({"page": integers, "body": words}), max_size=3)
rows_of_data = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.integers(0, 9),
            "small": st.none() | integers | st.sampled_from([-128, 127]),
            "middle": integers,
            "big": st.none() | extremes,
            "single": st.none() | floats,
            "double": st.none() | floats,
            "flag": st.none() | st.booleans(),
            "text": st.none() | words,
            "other": words,
            "meta": st.none() | documents,
            "numbers": st.none() | st.lists(integers, max_size=3),
            "floats": st.lists(floats, max_size=2),
            "tags": st.none() | st.lists(words, max_size=3),
            "chunks": chunks,
            "key": json_values,
        }
    ),
    min_size=3,
    max_size=12,
)


# What a naive reader makes of a row.


def compared(op: str, a: Any, b: Any) -> bool | None:
    if a is None or b is None:
        return None
    outcome = {"==": a == b, "!=": a != b}.get(op)
    if outcome is None:
        outcome = {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[op]
    return bool(outcome)


def by_bytes(value: Any) -> Any:
    return value.encode() if isinstance(value, str) else value


def kind(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return "number"
    kinds: dict[type, str] = {str: "text", list: "list", dict: "object"}
    return kinds.get(type(value), "nothing")


def json_at(document: Any, path: list[str]) -> Any:
    for key in path:
        if isinstance(document, dict) and key in document:
            document = document[key]
        elif isinstance(document, list) and key.isdigit() and int(key) < len(document):
            document = document[int(key)]
        else:
            return None
    return document


def is_something(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(is_something, value.values()))
    if isinstance(value, list):
        return any(map(is_something, value))
    return value is not None


def equal(a: Any, b: Any) -> bool:
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(equal, a, b))
    return kind(a) == kind(b) and a == b


def like(value: str, pattern: str) -> bool:
    signs = {"%": ".*", "_": "."}
    out, escaped = "", False
    for sign in pattern:
        if escaped or sign not in signs:
            if sign == "\\" and not escaped:
                escaped = True
                continue
            out += re.escape(sign)
        else:
            out += signs[sign]
        escaped = False
    return re.fullmatch(out + (re.escape("\\") if escaped else ""), value, re.DOTALL) is not None


# Literals.


def literal(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    return repr(value)


operators = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
equalities = st.sampled_from(["==", "!="])
json_constants = st.one_of(integers, floats, words, st.booleans())


@st.composite
def json_terms(draw: st.DrawFn) -> Term:
    path = draw(st.lists(st.sampled_from(["a", "b", "0"]), min_size=1, max_size=3))
    shown = "".join(f"[{key}]" if key == "0" else f"['{key}']" for key in path)
    if draw(st.booleans()):
        return Term(f"meta{shown}", lambda row: json_at(row["meta"], path))
    return Term(f"key{shown}", lambda row: json_at(row["key"], path))


# Arithmetic on integers, as Python's.


def integer_result(op: str, a: Any, b: Any) -> Any:
    if a is None or b is None or (op in "/%" and b == 0):
        return None
    if op in "/%":
        quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
        return quotient if op == "/" else a - b * quotient
    if op == "<<":
        wrapped = (a << b) % 2**64
        return wrapped - 2**64 if wrapped >= LIMIT else wrapped
    return {"+": a + b, "-": a - b, "*": a * b, "&": a & b, "|": a | b, "^": a ^ b}[op]


def integer_terms() -> st.SearchStrategy[Term]:
    names = st.sampled_from(["small", "middle", "big"])
    fields = names.map(lambda name: Term(name, lambda row: row[name]))
    items = st.integers(0, 3).map(
        lambda i: Term(f"numbers[{i}]", lambda row: item(row["numbers"], i))
    )
    lengths = st.just(Term("array_length(numbers)", lambda row: length(row["numbers"])))
    return st.recursive(fields | items | lengths, computed, max_leaves=4)


def length(values: list[Any] | None) -> int | None:
    return None if values is None else len(values)


def item(values: list[Any] | None, index: int) -> Any:
    return values[index] if values is not None and index < len(values) else None


def computed(inner: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    constants = extremes.map(lambda v: Term(repr(v), lambda _: v))

    def join(op: str, a: Term, b: Term) -> Term:
        return Term(
            f"({a.text} {op} {b.text})", lambda row: integer_result(op, a.of(row), b.of(row))
        )

    plain = st.builds(join, st.sampled_from("+-*&|^"), inner, inner | constants)
    swapped = st.builds(join, st.sampled_from("+-*"), constants, inner)
    nonzero = constants.filter(lambda t: t.text != "0")
    divided = st.builds(join, st.sampled_from("/%"), inner, nonzero | inner)
    shifts = st.integers(0, 8).map(lambda v: Term(repr(v), lambda _: v))
    shifted = st.builds(join, st.just("<<"), inner, shifts)
    return plain | swapped | divided | shifted


whole_terms = integer_terms()


# Leaves.


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
        compiled = re.compile(pattern.replace("$", r"\Z"))
        return Rule(
            f"text =~ r'{pattern}'",
            lambda row: None if row["text"] is None else bool(compiled.search(row["text"])),
        )
    pattern = draw(st.text("ab%_é\\", max_size=5))
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


@st.composite
def null_rules(draw: st.DrawFn) -> Rule:
    name = draw(st.sampled_from(["small", "middle", "text", "meta", "numbers", "flag"]))
    negated = draw(st.booleans())
    return Rule(f"{name} is {'not ' * negated}null", lambda row: (row[name] is None) is not negated)


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


FAMILIES: dict[str, st.SearchStrategy[Rule]] = {
    "integers": integer_rules(),
    "linear": linear_rules(),
    "overflow": overflow_rules(),
    "floats": number_rules(),
    "lists": list_rules(),
    "ranges": range_rules(),
    "text": text_rules(),
    "json": json_rules(),
    "json equals list": json_list_rules(),
    "json in list": json_in_rules(),
    "json arithmetic": json_arithmetic_rules(),
    "existence": existence_rules(),
    "null": null_rules(),
    "contains": contains_rules(),
    "arrays": array_rules(),
    "elements": element_rules(),
    "constants": st.booleans().map(lambda v: Rule(literal(v), lambda _: v)),
}
leaves = st.one_of(list(FAMILIES.values()))


# Logic, after Kleene.


def both(a: bool | None, b: bool | None) -> bool | None:
    if a is False or b is False:
        return False
    return None if a is None or b is None else True


def negated(a: bool | None) -> bool | None:
    return None if a is None else not a


def joined(op: str, a: Rule, b: Rule) -> Rule:
    if op == "and":
        return Rule(f"({a.text}) and ({b.text})", lambda row: both(a.holds(row), b.holds(row)))
    return Rule(
        f"({a.text}) or ({b.text})",
        lambda row: negated(both(negated(a.holds(row)), negated(b.holds(row)))),
    )


rules = st.recursive(
    leaves,
    lambda inner: (
        st.builds(joined, st.sampled_from(["and", "or"]), inner, inner)
        | inner.map(lambda rule: Rule(f"not ({rule.text})", lambda row: negated(rule.holds(row))))
    ),
    max_leaves=6,
)


@given(rule=rules, rows=rows_of_data)
def test_a_filter_passes_exactly_the_rows_that_a_reader_would_pass(
    rule: Rule, rows: list[Row]
) -> None:
    predicate = compile_filter(rule.text, SCHEMA)
    found = evaluate(predicate, source_of(rows)).tolist()
    assert found == [rule.holds(row) is True for row in rows]


@pytest.mark.parametrize("family", FAMILIES)
@given(data=st.data(), rows=rows_of_data)
def test_a_leaf_and_its_negation_pass_exactly_the_rows_with_an_answer(
    family: str, data: st.DataObject, rows: list[Row]
) -> None:
    rule = data.draw(FAMILIES[family])
    source = source_of(rows)
    true = evaluate(compile_filter(rule.text, SCHEMA), source).tolist()
    false = evaluate(compile_filter(f"not ({rule.text})", SCHEMA), source).tolist()
    answers = [True if t else (False if f else None) for t, f in zip(true, false, strict=True)]
    assert not any(t and f for t, f in zip(true, false, strict=True))
    assert answers == [rule.holds(row) for row in rows]


@given(rule=rules, rows=rows_of_data, data=st.data())
def test_asking_about_some_rows_gives_their_part_of_the_answer(
    rule: Rule, rows: list[Row], data: st.DataObject
) -> None:
    numbers = data.draw(
        st.lists(st.integers(0, len(rows) - 1), max_size=15) if rows else st.just([])
    )
    predicate = compile_filter(rule.text, SCHEMA)
    found = evaluate(predicate, source_of(rows), np.array(numbers, np.int64)).tolist()
    assert found == [rule.holds(rows[number]) is True for number in numbers]


@given(value=st.floats(allow_nan=False, allow_infinity=False))
@example(-0.0)
def test_a_double_written_as_a_literal_is_read_back(value: float) -> None:
    rows: list[Row] = [{"double": value}, {"double": math.nextafter(value, math.inf)}, {}]
    assert found(f"double == {value!r}", rows) == [True, False, False]


@given(value=st.integers(-LIMIT, LIMIT - 1))
@example(-LIMIT)
def test_an_integer_written_as_a_literal_is_read_back(value: int) -> None:
    rows: list[Row] = [{"big": value}, {"big": value ^ 1}, {}]
    assert found(f"big == {value}", rows) == [True, False, False]


def found(text: str, rows: list[Row]) -> list[bool]:
    passing: list[bool] = evaluate(compile_filter(text, SCHEMA), source_of(rows)).tolist()
    return passing
