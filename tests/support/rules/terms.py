"""Terms: JSON paths, whole numbers and what is computed from them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.support.rules.reader import json_at
from tests.support.rules.rule import LIMIT, Term
from tests.support.rules.values import extremes


@st.composite
def json_terms(draw: st.DrawFn) -> Term:
    path = draw(st.lists(st.sampled_from(["a", "b", "0"]), min_size=1, max_size=3))
    shown = "".join(f"[{key}]" if key == "0" else f"['{key}']" for key in path)
    if draw(st.booleans()):
        return Term(f"meta{shown}", lambda row: json_at(row["meta"], path))
    return Term(f"key{shown}", lambda row: json_at(row["key"], path))


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
