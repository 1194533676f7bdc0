"""Arrays and their elements: containment, length, items, match functions."""

from __future__ import annotations

import numpy as np
import pytest

from aiomilvus.expr.bind.binder import compile_filter
from aiomilvus.expr.evaluate.evaluator import evaluate_elements
from tests.support.filters import SCHEMA, passing, source_of

ROWS: list[dict[str, object]] = [
    {"numbers": [1, 2, 3], "tags": ["a", "b"], "floats": [0.1, 2.0]},
    {"numbers": [], "tags": [], "floats": []},
    {"numbers": None, "tags": None, "floats": [0.5]},
    {"numbers": [3], "tags": ["b", "b"], "floats": [0.1]},
    {"numbers": [2**62, -5], "tags": [""], "floats": [1e30]},
]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("array_contains(numbers, 3)", [0, 3]),
        ("array_contains(tags, 'b')", [0, 3]),
        ("array_contains(floats, 0.1)", [0, 3]),
        ("array_contains(floats, 2)", [0]),
        ("array_contains_all(numbers, [1, 3])", [0]),
        ("array_contains_all(tags, ['b'])", [0, 3]),
        ("array_contains_all(numbers, [])", [0, 1, 3, 4]),
        ("array_contains_any(numbers, [])", []),
        ("array_contains_any(numbers, [9, 3])", [0, 3]),
        ("array_contains_any(numbers, [2.5, 3.0])", [0, 3]),
        ("array_contains_any(numbers, [4611686018427387903, 2.5, 9.0])", []),
        ("array_contains_all(numbers, [3, 2.5])", []),
        ("array_contains_any(tags, ['a', ''])", [0, 4]),
        ("json_contains(numbers, 3)", [0, 3]),
        ("ARRAY_CONTAINS_ANY(numbers, [1, 2, 3, 4, 5, 6])", [0, 3]),
        ("array_length(numbers) == 0", [1]),
        ("array_length(tags) >= 2", [0, 3]),
        ("array_length(numbers) * 2 > 3", [0, 4]),
        ("numbers[0] == 1", [0]),
        ("numbers[1] > 1", [0]),
        ("numbers[2] in [3]", [0]),
        ("numbers[0] != 1", [3, 4]),
        ("numbers[0] + 1 == 4", [3]),
        ("numbers[99] == 1", []),
        ("numbers[4294967296] == 1", []),
        ("tags[0] == 'b'", [3]),
        ("tags[1] like 'b%'", [0, 3]),
        ("tags[1] in ['b']", [0, 3]),
        ("floats[0] == 0.1", [0, 3]),
        ("numbers[0] < numbers[1]", [0]),
        ("numbers == [1, 2, 3]", [0]),
        ("numbers != [1, 2, 3]", [1, 3, 4]),
        ("numbers == []", [1]),
        ("tags == ['b', 'b']", [3]),
        ("floats == [0.1]", [3]),
        ("numbers is null", [2]),
    ],
)
def test_arrays(text: str, wanted: list[int]) -> None:
    assert passing(text, ROWS) == wanted


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("array_contains(numbers, 3)", [0, 1, 3, 4]),
        ("array_contains_all(numbers, [])", [0, 1, 3, 4]),
        ("array_length(numbers) == 0", [0, 1, 3, 4]),
        ("numbers == [1]", [0, 1, 3, 4]),
        ("numbers[1] == 2", [0, 4]),
        ("tags[1] == 'b'", [0, 3]),
        ("tags[1] like 'b'", [0, 3]),
        ("match_any(numbers, $ > 1)", [0, 1, 3, 4]),
        ("match_all(tags, $ == 'b')", [0, 1, 3, 4]),
    ],
)
def test_a_null_array_and_a_missing_item_are_unknown(text: str, known: list[int]) -> None:
    assert sorted(passing(text, ROWS) + passing(f"not ({text})", ROWS)) == known


def test_items_and_lengths_of_columns_without_any_element() -> None:
    rows: list[dict[str, object]] = [{"numbers": [], "tags": []}, {"numbers": None, "tags": None}]
    assert passing("numbers[0] == 0 or tags[0] == ''", rows) == []
    assert passing("not (numbers[0] == 0)", rows) == []
    assert passing("match_all(numbers, $ > 1)", rows) == [0]
    assert passing("array_contains(tags, 'a')", rows) == []


CHUNKS: list[dict[str, object]] = [
    {"chunks": [{"page": 1, "body": "Red"}, {"page": 2, "body": "blue"},
                {"page": 3, "body": "Rust"}]},
    {"chunks": []},
    {"chunks": [{"page": 2, "body": "Red"}]},
    {"chunks": None},
    {"chunks": [{"page": 5, "body": "x"}, {"page": 6, "body": "y"}]},
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("match_any(chunks, $[page] > 2)", [0, 4]),
        ("MATCH_ANY(chunks, $[body] LIKE 'R%')", [0, 2]),
        ("match_any(chunks, $[page] == 2 and $[body] == 'Red')", [2]),
        ("match_any(chunks, $[page] == 2 or $[body] == 'x')", [0, 2, 4]),
        ("match_any(chunks, not ($[page] < 5))", [4]),
        ("match_any(chunks, 1 < $[page] < 3)", [0, 2]),
        ("match_any(chunks, $[page] * 2 == 4)", [0, 2]),
        ("match_any(chunks, $[page] in [1, 5] and $[body] =~ '[a-z]')", [0, 4]),
        ("match_all(chunks, $[page] > 1)", [1, 2, 4]),
        ("match_all(chunks, $[body] like '%e%')", [1, 2]),
        ("match_least(chunks, $[body] like 'R%', threshold=2)", [0]),
        ("match_least(chunks, $[page] > 0, threshold=1)", [0, 2, 4]),
        ("match_most(chunks, $[body] like 'R%', threshold=1)", [1, 2, 4]),
        ("match_most(chunks, $[body] like 'R%', threshold=0)", [1, 4]),
        ("match_exact(chunks, $[body] like 'R%', threshold=1)", [2]),
        ("match_exact(chunks, $[page] > 100, threshold=0)", [0, 1, 2, 4]),
        ("element_filter(chunks, $[page] > 2)", [0, 4]),
        ("id == 0 and element_filter(chunks, $[page] > 2)", [0]),
        ("not match_any(chunks, $[page] > 2)", [1, 2]),
        ("not match_all(chunks, $[page] > 1)", [0]),
        ("array_contains(chunks[page], 6)", [4]),
        ("array_length(chunks[body]) == 1", [2]),
        ("chunks[0][page] == 2", [2]),
        ("chunks[1][body] == 'blue'", [0]),
    ],
)
def test_structs(text: str, wanted: list[int]) -> None:
    rows = [{**row, "id": number} for number, row in enumerate(CHUNKS)]
    assert passing(text, rows) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("match_any(numbers, $ > 2)", [0, 3, 4]),
        ("match_all(tags, $ == 'b')", [1, 3]),
        ("match_least(numbers, $ >= 2, threshold=2)", [0]),
        ("match_exact(tags, $ == 'b', threshold=1)", [0]),
        ("element_filter(floats, $ < 1)", [0, 2, 3]),
    ],
)
def test_the_elements_of_a_plain_array_are_called_dollar(text: str, wanted: list[int]) -> None:
    assert passing(text, ROWS) == wanted


def test_an_element_level_search_learns_which_elements_pass() -> None:
    source = source_of(CHUNKS)
    predicate = compile_filter("id == 0 and element_filter(chunks, $[page] >= 2)", SCHEMA)
    found = evaluate_elements(predicate, source)
    assert found is not None
    assert found[0].tolist() == [0, 3, 3, 4, 4, 6]
    assert found[1].tolist() == [False, True, True, True, True, True]
    found = evaluate_elements(predicate, source, np.array([4, 0]))
    assert found is not None
    assert found[0].tolist() == [0, 2, 5]
    assert found[1].tolist() == [True, True, False, True, True]
    assert evaluate_elements(compile_filter("id == 0", SCHEMA), source) is None
