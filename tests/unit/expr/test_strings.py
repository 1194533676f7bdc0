"""Text: comparison by bytes, patterns, regular expressions, and the search by bytes."""

from __future__ import annotations

import numpy as np
import pytest

from aiomilvus.expr.arrow import arrow, strings
from aiomilvus.expr.evaluate import strings as kernels
from aiomilvus.expr.evaluate.strings import find_rows
from aiomilvus.model.columns import BytesColumn
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


def found_in(column: BytesColumn, pattern: bytes) -> list[bool] | None:
    found = find_rows(strings(column), pattern)
    return None if found is None else found.tolist()


@pytest.mark.parametrize("seed", range(20))
def test_the_search_by_bytes_finds_what_a_search_row_by_row_finds(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Small blocks, so that occurrences lie across their edges.
    monkeypatch.setattr(kernels, "_BLOCK", int(np.random.default_rng(seed).integers(1, 9)))
    rng = np.random.default_rng(seed)
    values = [rng.choice(list(b"abc"), rng.integers(0, 9)).astype(np.uint8).tobytes()
              for _ in range(40)]  # fmt: skip
    column = BytesColumn.of(list(values))
    for pattern in (b"ab", b"abc", b"aa", b"cba", b"abcabcabcabc"):
        assert found_in(column, pattern) == [pattern in value for value in values]


def test_the_search_by_bytes_does_not_find_across_rows_or_outside_a_slice() -> None:
    column = BytesColumn.of([b"xab", b"a", b"b", b"ab", b"abx"])
    assert found_in(column, b"ab") == [True, False, False, True, True]
    assert found_in(column.slice(1, 4), b"ab") == [False, False, True]
    taken = find_rows(strings(column).take(arrow().array([4, 1])), b"ab")
    assert taken is not None
    assert taken.tolist() == [True, False]


def test_the_search_by_bytes_gives_up_where_almost_every_byte_is_a_hit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kernels, "_BLOCK", 16)
    column = BytesColumn.of([b"a" * 100] * 4)
    assert found_in(column, b"aa") is None
    assert passing("text like '%aa%'", [{"text": "a" * 100}, {"text": "ba"}]) == [0]


def test_searching_no_rows_finds_none() -> None:
    assert passing("text like '%ab%' or text == 'a' or text in ['b']", []) == []
