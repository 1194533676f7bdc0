"""Parameters are values, whatever they look like; they never become part of the language."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.filters import passing

HOSTILE = [
    "' or 1 == 1 or text == '",
    '" or "" == "',
    "{other}",
    "x' in ['x",
    "\\' or true or text == \\'",
    "a\nb",
    "%",
    "_",
    "\\",
    "\x00",
    "'; drop collection c; --",
    "null",
    "true) or (true",
]
ROWS = [{"text": value, "meta": {"a": value, "list": [value]}} for value in [*HOSTILE, "plain"]]


@pytest.mark.parametrize("index", range(len(HOSTILE)))
@pytest.mark.parametrize(
    "text",
    [
        "text == {value}",
        "text in {values}",
        "meta['a'] == {value}",
        "meta['a'] in {values}",
        "json_contains(meta['list'], {value})",
        "json_contains_any(meta['list'], {values})",
        "{value} <= text <= {value}",
        "not (text != {value})",
    ],
)
def test_a_hostile_value_matches_itself_and_nothing_else(text: str, index: int) -> None:
    value = HOSTILE[index]
    assert passing(text, ROWS, {"value": value, "values": [value]}) == [index]


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value_does_not_widen_a_negation(value: str) -> None:
    assert len(passing("text != {value}", ROWS, {"value": value})) == len(ROWS) - 1


@pytest.mark.parametrize(
    ("text", "params", "wanted"),
    [
        ("middle == {x}", {"x": 2}, [1]),
        ("middle == {x}", {"x": np.int64(2)}, [1]),
        ("middle in {x}", {"x": [1, 3]}, [0, 2]),
        ("middle in {x}", {"x": (1, 3)}, [0, 2]),
        ("middle in {x}", {"x": np.array([1, 3])}, [0, 2]),
        ("middle in [{x}, 3]", {"x": 1}, [0, 2]),
        ("middle not in {x}", {"x": []}, [0, 1, 2]),
        ("{low} < middle <= {high}", {"low": 1, "high": 3}, [1, 2]),
        ("middle + {x} == 4", {"x": 1}, [2]),
        ("middle * {x} == {y}", {"x": 2, "y": 4}, [1]),
        ("double > {x}", {"x": 2}, [2]),
        ("flag == {x}", {"x": True}, [0]),
        ("flag == {x}", {"x": np.True_}, [0]),
        ("text like {x}", {"x": "b%"}, [1]),
        ("text =~ {x}", {"x": "^[ac]$"}, [0, 2]),
        ("moment >= {x}", {"x": "1970-01-01T00:00:00.000002Z"}, [1, 2]),
        ("moment >= {x}", {"x": 2}, [1, 2]),
        ("array_contains(numbers, {x})", {"x": 2}, [1]),
        ("array_contains_all(numbers, {x})", {"x": [2, 20]}, [1]),
        ("numbers == {x}", {"x": [2, 20]}, [1]),
        ("meta['a'] == {x}", {"x": [1, "b"]}, [1]),
        ("meta['b'] in {x}", {"x": [1, "c", True]}, [0, 2]),
        ("match_any(numbers, $ == {x})", {"x": 30}, [2]),
        ("{x}", {"x": True}, [0, 1, 2]),
        ("middle == 1 or {x}", {"x": False}, [0]),
        ("middle == {x}", {"x": 1, "unused": object()}, [0]),
    ],
)
def test_every_kind_of_value_can_be_a_parameter(
    text: str, params: dict[str, object], wanted: list[int]
) -> None:
    rows: list[dict[str, object]] = [
        {"middle": 1, "double": 1.0, "flag": True, "text": "a", "moment": 1, "numbers": [1, 10],
         "meta": {"a": 1, "b": 1}},
        {"middle": 2, "double": 2.0, "flag": False, "text": "b", "moment": 2, "numbers": [2, 20],
         "meta": {"a": [1, "b"], "b": 2}},
        {"middle": 3, "double": 3.0, "flag": None, "text": "c", "moment": 3, "numbers": [3, 30],
         "meta": {"a": ["b", 1], "b": "c"}},
    ]  # fmt: skip
    assert passing(text, rows, params) == wanted
