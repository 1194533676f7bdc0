"""JSON: paths, types, what is UNKNOWN, containers, arithmetic."""

from __future__ import annotations

import pytest

from tests.support.filters import passing

ROWS: list[dict[str, object]] = [
    {"meta": {"a": 1, "b": {"c": [10, {"d": "deep"}]}, "l": [1, 2.0, "x", True, [1, 2]]}},
    {"meta": {"a": 1.5, "l": []}},
    {"meta": {"a": "1", "l": ["x"]}},
    {"meta": {"a": True, "l": "x"}},
    {"meta": {"a": None, "l": None}},
    {"meta": {}},
    {"meta": None},
    {"meta": {"a": [1, 2], "b": {}}},
    {"meta": {"a": {"x": 1}, "b": []}},
    {"meta": {"a": 9007199254740993, "b": [None, {}]}},
]
NUMBERS = [0, 1, 9]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        # numbers are one type, whatever they are written as
        ("meta['a'] == 1", [0]),
        ("meta['a'] == 1.0", [0]),
        ("meta['a'] > 1", [1, 9]),
        ("meta['a'] < 1.5", [0]),
        ("1 <= meta['a'] <= 1.5", [0, 1]),
        ("meta['a'] == 9007199254740993", [9]),
        ("meta['a'] == 9007199254740992", []),
        ("meta['a'] in [1, 1.5]", [0, 1]),
        ("meta['a'] in [1, 2, 3, 4, 5, 6, 1.5]", [0, 1]),
        # text, booleans, lists
        ("meta['a'] == '1'", [2]),
        ("meta['a'] >= '0'", [2]),
        ("'0' < meta['a'] < '2'", [2]),
        ("meta['a'] like '1%'", [2]),
        ("meta['a'] =~ '^1$'", [2]),
        ("meta['a'] == true", [3]),
        ("meta['a'] != false", [3]),
        ("meta['a'] == [1, 2]", [7]),
        ("meta['a'] == [1.0, 2]", [7]),
        ("meta['a'] == [true, 2]", []),
        ("meta['a'] != [2, 1]", [7]),
        ("meta['a'] in ['1', true, 1]", [0, 2, 3]),
        ("meta['a'] in [[1, 2], 1]", [0, 7]),
        ("meta['a'] not in ['2', false]", [2, 3]),
        # paths
        ("meta['b']['c'][0] == 10", [0]),
        ("meta['b']['c']['0'] == 10", [0]),
        ("meta['b']['c'][1]['d'] == 'deep'", [0]),
        ("meta['b']['c'][2] == 10", []),
        ("meta['a'][0] == 1", [7]),
        ("meta['a']['x'] == 1", [8]),
        ("meta['nope']['x'] == 1", []),
        # existence: null and what is empty all the way down are nothing
        ("exists meta['a']", [0, 1, 2, 3, 7, 8, 9]),
        ("exists meta['b']", [0]),
        ("exists meta['l']", [0, 2, 3]),
        ("not exists meta['b']", [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ("meta['a'] is null", [4, 5, 6]),
        ("meta['a'] is not null", [0, 1, 2, 3, 7, 8, 9]),
        ("meta is null", [6]),
        ("meta is not null", [0, 1, 2, 3, 4, 5, 7, 8, 9]),
        # containers
        ("json_contains(meta['l'], 1)", [0]),
        ("json_contains(meta['l'], 2)", [0]),
        ("json_contains(meta['l'], 'x')", [0, 2]),
        ("json_contains(meta['l'], true)", [0]),
        ("json_contains(meta['l'], [1, 2])", [0]),
        ("json_contains(meta['l'], [2, 1])", []),
        ("json_contains_all(meta['l'], [1, 'x'])", [0]),
        ("json_contains_any(meta['l'], [7, 'x'])", [0, 2]),
        ("json_contains_all(meta['l'], [])", [0, 1, 2]),
        ("json_contains_any(meta['l'], [])", []),
        ("JSON_CONTAINS(meta['l'], 'x') and array_contains(meta['l'], 1)", [0]),
        ("array_length(meta['l']) == 5", [0]),
        ("array_length(meta['l']) < 2", [1, 2]),
        # arithmetic: integers exactly, doubles as doubles
        ("meta['a'] + 1 == 2", [0]),
        ("meta['a'] + 1 == 2.5", [1]),
        ("meta['a'] * 2 == 3", [1]),
        ("meta['a'] + 0.5 == 2", [1]),
        ("meta['a'] - 9007199254740992 == 1", [9]),
        ("meta['a'] * 9223372036854775807 > 9223372036854775807", [1, 9]),
        ("meta['a'] / 2 == 0", [0]),
        ("meta['a'] / 2 == 0.75", [1]),
        ("meta['a'] % 2 == 1", [0, 9]),
        ("(meta['a'] & 1) == 1", [0, 9]),
        ("-meta['a'] < -1", [1, 9]),
        ("(meta['a'] + 1) * 2 == 4", [0]),
    ],
)
def test_json(text: str, wanted: list[int]) -> None:
    assert passing(text, ROWS) == wanted


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("meta['a'] == 1", NUMBERS),
        ("meta['a'] != 1", NUMBERS),
        ("meta['a'] in [1]", NUMBERS),
        ("0 < meta['a'] < 2", NUMBERS),
        ("meta['a'] + 1 > 2", NUMBERS),
        ("meta['a'] % 2 == 0", [0, 9]),
        ("meta['a'] == 'x'", [2]),
        ("meta['a'] like 'x'", [2]),
        ("meta['a'] in ['x', 1]", [0, 1, 2, 9]),
        ("meta['a'] == true", [3]),
        ("meta['a'] == [1]", [7]),
        ("json_contains(meta['l'], 1)", [0, 1, 2]),
        ("json_contains_all(meta['l'], [1])", [0, 1, 2]),
        ("array_length(meta['l']) == 1", [0, 1, 2]),
        ("meta['nope'] == 1", []),
        ("exists meta['a']", list(range(10))),
        ("meta['a'] is null", list(range(10))),
    ],
)
def test_what_is_missing_or_of_another_type_is_unknown(text: str, known: list[int]) -> None:
    assert sorted(passing(text, ROWS) + passing(f"not ({text})", ROWS)) == known


def test_bare_keys_are_those_of_the_dynamic_field() -> None:
    rows: list[dict[str, object]] = [
        {"colour": "red", "size": 1, "名": 1, "nested": {"a": [1]}},
        {"colour": "blue"},
        {},
    ]
    assert passing("colour == 'red'", rows) == [0]
    assert passing("$meta['colour'] in ['red', 'blue']", rows) == [0, 1]
    assert passing("size is null", rows) == [1, 2]
    assert passing("colour != 'red'", rows) == [1]
    assert passing("not (colour == 'red')", rows) == [1]
    assert passing("nested['a'][0] == 1 and 名 == 1", rows) == [0]
    assert passing("json_contains(nested['a'], 1)", rows) == [0]


def test_the_whole_document_is_a_path_too() -> None:
    rows: list[dict[str, object]] = [
        {"meta": 5},
        {"meta": [1, 2]},
        {"meta": {"a": 1}},
        {"meta": "x"},
    ]
    assert passing("meta == 5", rows) == [0]
    assert passing("json_contains(meta, 2)", rows) == [1]
    assert passing("array_length(meta) == 2", rows) == [1]
    assert passing("meta[1] == 2", rows) == [1]
    assert passing("meta['a'] == 1", rows) == [2]
    assert passing("meta == 'x'", rows) == [3]


def test_keys_of_any_spelling_are_found() -> None:
    keys = ["a b", "it's", 'say "hi"', "ünï", "a\\b", "[0]", "a.b", "found", "\n"]
    rows: list[dict[str, object]] = [{"meta": {key: 1}} for key in keys]
    assert passing('meta["a b"] == 1', rows) == [0]
    assert passing('meta["it\'s"] == 1', rows) == [1]
    assert passing("meta['say \"hi\"'] == 1", rows) == [2]
    assert passing('meta["ünï"] == 1 or meta["\\u00fcn\\u00ef"] == 1', rows) == [3]
    assert passing(r'meta["a\\b"] == 1', rows) == [4]
    assert passing('meta["[0]"] == 1', rows) == [5]
    assert passing('meta["a.b"] == 1', rows) == [6]
    assert passing('meta["found"] == 1', rows) == [7]
    assert passing(r'meta["\n"] == 1', rows) == [8]


def test_integers_beyond_64_bits_are_doubles() -> None:
    rows: list[dict[str, object]] = [
        {"meta": b'{"a": 18446744073709551616}'},
        {"meta": b'{"a": -9223372036854775809}'},
        {"meta": b'{"a": 9223372036854775807}'},
        {"meta": b'{"a": 1e400}'},
    ]
    assert passing("meta['a'] > 9223372036854775807", rows) == [0, 3]
    assert passing("meta['a'] == 9223372036854775807", rows) == [2]
    assert passing("meta['a'] < 0", rows) == [1]
