"""All families of leaves, and what ``and``, ``or`` and ``not`` make of them, after Kleene."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.support.rules.arrays import array_rules, contains_rules, element_rules
from tests.support.rules.documents import (
    existence_rules,
    json_arithmetic_rules,
    json_in_rules,
    json_list_rules,
    json_rules,
)
from tests.support.rules.fields import (
    integer_rules,
    linear_rules,
    list_rules,
    null_rules,
    number_rules,
    overflow_rules,
    range_rules,
    text_rules,
)
from tests.support.rules.rule import Rule
from tests.support.rules.values import literal

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
