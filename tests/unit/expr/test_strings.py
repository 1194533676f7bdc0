"""Text: comparison by bytes, patterns and regular expressions."""

from __future__ import annotations

import pytest

from tests.support.filters import passing

VALUES = ["apple", "Äpfel", "", None, "a%b", "a_b", "axb", "line\nbreak", "back\\slash", "日本語"]
ROWS: list[dict[str, object]] = [{"text": value, "other": "apple"} for value in VALUES]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("text == 'apple'", [0]),
        ("text != 'apple'", [1, 2, 4, 5, 6, 7, 8, 9]),
        ("text == ''", [2]),
        ("text < 'apple'", [2, 4, 5]),
        ("text > 'z'", [1, 9]),
        ("'a' <= text <= 'b'", [0, 4, 5, 6]),
        ("text in ['apple', '日本語', 'none']", [0, 9]),
        ("text not in ['apple']", [1, 2, 4, 5, 6, 7, 8, 9]),
        ("text in []", []),
        ("text == other", [0]),
        ("text < other", [2, 4, 5]),
        ("text like '%'", [0, 1, 2, 4, 5, 6, 7, 8, 9]),
        ("text like 'a%'", [0, 4, 5, 6]),
        ("text like '%b'", [4, 5, 6]),
        ("text like '%pp%'", [0]),
        ("text like '%p%'", [0, 1]),
        ("text like 'a_b'", [4, 5, 6]),
        (r"text like 'a\_b'", [5]),
        (r"text like 'a\%b'", [4]),
        (r"text like '%\%%'", [4]),
        ("text like '___'", [4, 5, 6, 9]),
        ("text like '_pfel'", [1]),
        ("text like 'line%break'", [7]),
        ("text like '%\\n%'", [7]),
        ("text like '%\\\\\\\\%'", [8]),
        ("text like '%a%e'", [0]),
        ("text like '日%'", [9]),
        ("text =~ 'p+'", [0, 1]),
        ("text =~ '^[a-z]+$'", [0, 6]),
        (r"text =~ r'\p{Han}'", [9]),
        ("text =~ '(?i)APPLE'", [0]),
        ("text !~ 'a'", [1, 2, 9]),
        ("text =~ ''", [0, 1, 2, 4, 5, 6, 7, 8, 9]),
        ("empty(text)", [2]),
        ("starts_with(text, 'a%')", [4]),
    ],
)
def test_text(text: str, wanted: list[int]) -> None:
    assert passing(text, ROWS) == wanted


@pytest.mark.parametrize(
    "text", ["text == 'apple'", "text like '%p%'", "text =~ 'p'", "text in ['a']", "text < 'b'"]
)
def test_a_null_text_passes_neither_a_filter_nor_its_negation(text: str) -> None:
    assert sorted(passing(text, ROWS) + passing(f"not ({text})", ROWS)) == [
        0, 1, 2, 4, 5, 6, 7, 8, 9,
    ]  # fmt: skip


def test_searching_no_rows_finds_none() -> None:
    assert passing("text like '%ab%' or text == 'a' or text in ['b']", []) == []
