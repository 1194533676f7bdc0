"""Random rows and constants, from small domains so that filters hit."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from aiomilvus.expr.literals import quote
from tests.support.rules.rule import LIMIT

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
