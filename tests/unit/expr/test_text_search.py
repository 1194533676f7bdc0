"""Substrings and regular expressions in columns, against a search row by row."""

from __future__ import annotations

import re

import numpy as np
import pytest

from aiomilvus.expr import text_search
from aiomilvus.expr.text_search import check_regex, contains, matches_regex
from aiomilvus.model.columns import BytesColumn


def found_in(column: BytesColumn, pattern: bytes) -> list[bool]:
    return [bool(found) for found in contains(column, pattern)]


@pytest.mark.parametrize("seed", range(20))
def test_a_substring_is_found_where_a_search_row_by_row_finds_it(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_search, "_BLOCK", int(np.random.default_rng(seed).integers(8, 99)))
    rng = np.random.default_rng(seed)
    values = [
        rng.choice(list(b"abc"), rng.integers(0, 9)).astype(np.uint8).tobytes() for _ in range(40)
    ]
    column = BytesColumn.of(list(values))
    for pattern in (b"a", b"ab", b"abc", b"aa", b"cba", b"abcabcabcabc"):
        assert found_in(column, pattern) == [pattern in value for value in values]


def test_a_substring_is_not_found_across_rows_or_outside_a_slice() -> None:
    column = BytesColumn.of([b"xab", b"a", b"b", b"ab", b"abx"])
    assert found_in(column, b"ab") == [True, False, False, True, True]
    assert found_in(column.slice(1, 4), b"ab") == [False, False, True]
    assert found_in(column.take(np.array([4, 1])), b"ab") == [True, False]


def test_a_substring_that_is_almost_everywhere_is_found() -> None:
    values = [b"a" * 100, b"ba", b"", b"aa"]
    assert found_in(BytesColumn.of(list(values)), b"aa") == [b"aa" in value for value in values]


TEXTS = ["", "a", "ab", "xaby", "a\nb", "b", "ä", "日本", "aab aab", "\0a", "a" * 300, "word", "$"]


@pytest.mark.parametrize(
    "pattern",
    ["a", "a+b", "^a", "b$", r"\Aab\z", r"\bword\b", "a|b", "[^a]", "a*", "(?s)a.b", "a.b", "",
     "[ab]{2}", r"\$", "[$]", r"\\", "(?i)WORD", "b a", r"\s", r"[\^a]", "(?m)^b", r"\x00", "y|$",
     "(?-s:a.b)"],
)  # fmt: skip
@pytest.mark.parametrize("block", [8, 64, 1 << 17])
def test_a_regular_expression_matches_where_it_matches_row_by_row(
    pattern: str, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_search, "_BLOCK", block)
    own = re.compile(pattern.replace(r"\z", r"\Z").replace("$", r"\Z") if "[" not in pattern
                     and "\\$" not in pattern else pattern, re.DOTALL)  # fmt: skip
    wanted = [own.search(text) is not None for text in TEXTS]
    column = BytesColumn.of([text.encode() for text in TEXTS])
    assert matches_regex(column, pattern).tolist() == wanted
    assert matches_regex(column.slice(2, 9), pattern).tolist() == wanted[2:9]


def test_an_expression_that_takes_any_byte_takes_none_of_another_row() -> None:
    assert matches_regex(BytesColumn.of([b"a", b"b"]), r"a\C").tolist() == [False, False]


@pytest.mark.parametrize("pattern", ["(a", "a**", "(?<=a)b", r"\1"])
def test_what_re2_does_not_know_is_refused(pattern: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match=r"invalid regex pattern: \w+"):
        check_regex(pattern)
    assert capfd.readouterr() == ("", "")
