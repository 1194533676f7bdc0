"""Whatever is given as a filter, only typed errors come out, and soon."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiomilvus.errors import ExpressionError, MilvusException, NotSupportedError
from aiomilvus.expr.bind.binder import bind
from aiomilvus.expr.evaluate.evaluator import evaluate
from aiomilvus.expr.literals import quote, string_value
from aiomilvus.expr.parser import parse
from aiomilvus.expr.tokens import tokenize
from tests.support.filters import SCHEMA, STATIC, source_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from aiomilvus.model.schema import Schema

ROWS: list[dict[str, Any]] = [
    {"id": 1, "middle": 2, "text": "a", "meta": {"a": [1]}, "numbers": [1], "moment": 5,
     "chunks": [{"page": 1, "body": "x"}], "shape": "POINT (1 1)", "flag": True, "big": 2**63 - 1},
    {},
]  # fmt: skip
for _row in ROWS:
    for _name, _value in (("id", 0), ("middle", 0), ("other", "")):
        _row.setdefault(_name, _value)

WORDS = [
    "id", "middle", "small", "big", "single", "double", "flag", "text", "other", "meta", "numbers",
    "tags", "moment", "shape", "vector", "chunks", "$meta", "$", "colour", "null", "page", "nope",
    "and", "or", "not", "in", "like", "is", "exists", "true", "false", "iso", "interval",
    "json_contains", "array_contains_any", "array_length", "text_match", "phrase_match",
    "random_sample", "st_within", "st_dwithin", "st_isvalid", "element_filter", "match_any",
    "match_least", "threshold", "minimum_should_match", "empty", "starts_with",
    "(", ")", "[", "]", "{", "}", ",", "==", "!=", "<", "<=", ">", ">=", "=~", "!~", "=", "+", "-",
    "*", "/", "%", "**", "&", "|", "^", "~", "<<", ">>", "&&", "||", "!",
    "0", "1", "-1", "1.5", "0x1f", "1e308", "9223372036854775807", "9223372036854775808",
    "''", "'a'", '"a%"', "r'\\d('", "'P1D'", "'2025-01-01'", "'POINT (1 1)'", "[1, 2]", "['a']",
    "{x}", "{y}", "{z}", "['a']", "[0]", "$[page]", "$[body]",
]  # fmt: skip
PARAMS = {"x": 1, "y": ["a", 2, [True]], "z": "text"}
TEMPLATES = [
    "{} == {}", "{} and {}", "{} or {}", "not ({})", "{} in [{}, {}]", "{} like {}", "{} is null",
    "{} < {} <= {}", "({} + {}) * {} > {}", "json_contains({}, {})", "match_any({}, {})",
    "array_length({}) == {}", "exists {}", "{} =~ {}", "match_least({}, {}, threshold={})",
    "random_sample({})", "{} and random_sample(0.5)", "text_match({}, {})", "st_within({}, {})",
    "{} + interval {} > iso {}", "-{} ** {} == {}", "{}[{}] == {}",
]  # fmt: skip


def attempt(text: str) -> None:
    """Run `text` through everything, over both schemas."""
    for schema in (SCHEMA, STATIC):
        outcome = outcome_of(text, schema)
        if isinstance(outcome, ExpressionError):
            assert outcome.code == 1100
            assert outcome.message.startswith("failed to create query plan: ")
        elif isinstance(outcome, NotSupportedError):
            assert "text match" in outcome.message
        else:
            assert not isinstance(outcome, MilvusException)
            assert len(outcome) == len(ROWS)


def outcome_of(text: str, schema: Schema) -> MilvusException | NDArray[np.bool_]:
    """Return the rows that pass, or the typed error; any other error is a failure."""
    try:
        return evaluate(bind(parse(text), schema, PARAMS), source_of(ROWS))
    except MilvusException as error:
        return error


@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    attempt(text)


@given(st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join))
def test_any_sequence_of_words_of_the_language(text: str) -> None:
    attempt(text)


fragments = st.recursive(
    st.sampled_from(WORDS),
    lambda inner: st.builds(
        lambda shape, parts: shape.format(*parts),
        st.sampled_from(
            [t.replace("{", "{{").replace("}", "}}").replace("{{}}", "{}") for t in TEMPLATES]
        ),
        st.lists(inner, min_size=4, max_size=4),
    ),
    max_leaves=12,
)


@given(fragments)
def test_anything_of_the_right_shape(text: str) -> None:
    attempt(text)


@given(st.binary(max_size=40).map(lambda raw: raw.decode("latin-1")))
def test_any_bytes(text: str) -> None:
    attempt(text)


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_filter(seed: int) -> None:
    chance = random.Random(seed)
    text = (
        "middle in [1, 2] and (text like 'a%' or meta['a'][0] == {x}) and not exists colour and "
        "match_least(chunks, $[page] > 0 && $[body] != 'y', threshold=1) or 1 < big <= 0x7f"
    )
    for _ in range(60):
        place = chance.randrange(len(text))
        damage = chance.choice(["cut", "double", "swap", "insert"])
        if damage == "cut":
            attempt(text[:place] + text[place + chance.randrange(1, 6) :])
        elif damage == "double":
            attempt(text[:place] + text[place : place + 5] * 2 + text[place + 5 :])
        elif damage == "swap":
            other = chance.randrange(len(text))
            low, high = sorted((place, other))
            attempt(text[:low] + text[high : high + 1] + text[low + 1 : high] + text[low:])
        else:
            attempt(text[:place] + chance.choice(WORDS) + text[place:])


@pytest.mark.parametrize(
    "text",
    [
        "(" * 30_000,
        "not " * 15_000 + "flag == true",
        "-" * 30_000 + "1",
        "[" * 30_000,
        "a[" * 15_000,
        "f(" * 15_000,
        "{" * 30_000,
        "1" * 30_000 + " == 1",
        "0x" + "f" * 30_000 + " == 1",
        "1e" + "9" * 30_000 + " == 1",
        "0x1p" + "9" * 30_000 + " == 1",
        "text == '" + "a" * 300_000,
        "text == '" + "\\" * 30_001 + "'",
        "text =~ '" + "(a*)*" * 5_000 + "b'",
        "text like '" + "%_" * 6_000 + "'",
        "text == " + "'a' " * 15_000,
        "a == 1 " + "or a == 1 " * 6_000,
        "a" + " == 1" * 6_000,
        "a" + " is null" * 6_000,
        "2" + " ** 2" * 90 + " == 1",
        "1" + " << 63" * 90 + " == 1",
        "middle" + " * 9223372036854775807" * 90 + " == 1",
        "moment > iso '" + "1" * 30_000 + "'",
        "moment + interval 'P" + "1" * 30_000 + "D' > iso '2025-01-01'",
        " " * 300_000,
        "\ud800 == 1",
        "text == '\ud800'",
    ],
    ids=range(27),
)
def test_a_hostile_filter_ends_soon(text: str) -> None:
    attempt(text)


@given(st.text())
def test_quoting_is_undone_by_reading(value: str) -> None:
    tokens = tokenize(quote(value))
    assert [token.kind for token in tokens] == ["string", "end"]
    assert string_value(tokens[0]) == value


@given(value=st.text(st.characters(codec="utf-8")), other=st.text(st.characters(codec="utf-8")))
def test_a_quoted_value_matches_itself_and_nothing_else(value: str, other: str) -> None:
    rows = [{"text": value, "other": ""}, {"text": other + "x", "other": ""}]
    predicate = bind(parse(f"text == {quote(value)}"), SCHEMA)
    found = evaluate(predicate, source_of([{**ROWS[1], **row} for row in rows])).tolist()
    assert found == [True, other + "x" == value]


def test_a_deep_filter_fails_the_same_in_a_deep_stack() -> None:
    def descend(depth: int) -> None:
        if depth:
            descend(depth - 1)
        else:
            attempt("(" * 5000)

    descend(300)
