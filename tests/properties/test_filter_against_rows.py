"""The vectorised evaluator against a naive one, on random filters and random rows with nulls.

Each strategy of `tests.support.rules` makes a filter text together with a function that answers
it for one row of plain Python values: True, False, or None for UNKNOWN. The two share no code.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aiomilvus.expr.bind.binder import compile_filter
from aiomilvus.expr.evaluate.evaluator import evaluate
from tests.support.examples import examples
from tests.support.filters import SCHEMA, source_of
from tests.support.rules.logic import FAMILIES, rules
from tests.support.rules.rule import LIMIT, Row, Rule
from tests.support.rules.values import rows_of_data


@given(rule=rules, rows=rows_of_data)
def test_a_filter_passes_exactly_the_rows_that_a_reader_would_pass(
    rule: Rule, rows: list[Row]
) -> None:
    predicate = compile_filter(rule.text, SCHEMA)
    found = evaluate(predicate, source_of(rows)).tolist()
    assert found == [rule.holds(row) is True for row in rows]


@pytest.mark.parametrize("family", FAMILIES)
@settings(max_examples=examples(33))  # of each family
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
