"""Errors show the place, and what to do about it."""

from __future__ import annotations

import pytest

from aiomilvus.errors import ExpressionError
from aiomilvus.expr.bind.binder import compile_filter
from tests.support.filters import STATIC


def after_the_first_line(text: str) -> str:
    with pytest.raises(ExpressionError) as caught:
        compile_filter(text, STATIC)
    return caught.value.message.split("\n", 1 + text.count("\n"))[-1]


def test_carets_mark_the_words_concerned() -> None:
    assert after_the_first_line("big > 1 and midle == 3") == (
        "at column 13:\n"
        "    big > 1 and midle == 3\n"
        "                ^^^^^\n"
        "did you mean 'middle'?"
    )  # fmt: skip


def test_carets_stand_in_the_line_concerned() -> None:
    assert after_the_first_line("big > 1\nand\tmidle == 3\nand big < 9") == (
        "at column 5 of line 2:\n"
        "    and midle == 3\n"
        "        ^^^^^\n"
        "did you mean 'middle'?"
    )  # fmt: skip


def test_the_end_of_a_filter_is_a_place_too() -> None:
    assert after_the_first_line("big >") == "at column 6:\n    big >\n         ^"


def test_of_a_long_line_the_part_concerned_is_shown() -> None:
    text = " and ".join(f"big != {number}" for number in range(200)) + " and midle == 1"
    where, shown, carets, hint = after_the_first_line(text).split("\n")
    assert where == f"at column {text.index('midle') + 1}:"
    assert shown.startswith("    …")
    assert shown[carets.index("^") : carets.rindex("^") + 1] == "midle"
    assert len(shown) < 100
    assert hint == "did you mean 'middle'?"


def test_a_huge_filter_is_not_echoed_whole() -> None:
    text = "midle in [" + "1, " * 5000 + "2]"
    with pytest.raises(ExpressionError) as caught:
        compile_filter(text, STATIC)
    assert len(caught.value.message) < 3000
    assert text[:2000] in caught.value.message


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("MIDDLE == 1", "did you mean 'middle'?"),
        ("txt == 'a'", "did you mean 'text'?"),
        ("chunks[pgae] == 1", "did you mean 'page'?"),
        ("chunks == 1", "chunks is an array of structs; name a sub-field: chunks[sub_field]"),
        ("array_contain(numbers, 1)", "did you mean 'array_contains'?"),
        ("text_match(text, 'a', minimum_should_mach=1)", "did you mean 'minimum_should_match'?"),
        ("flag", "write flag == true"),
        ("flag and big == 1", "write flag == true"),
        ("not middle == 1", "'not' binds tighter than comparisons: write not (…)"),
        ("not text in ['a']", "'not' binds tighter than comparisons: write not (…)"),
        ("middle = 1", "use == to compare"),
        ("middle <> 1", "use != for 'not equal'"),
        ("text not like 'a'", "write: not field like pattern"),
        ("moment > '2025-01-01'", "write the moment as iso '2025-01-01T00:00:00Z'"),
        ("numbers > [1]", "compare an element: field[0]"),
        ("meta[key] == 1", 'write ["key"]'),
        (r"text == 'a\d'", r"write \\ for a backslash, or a raw string: r'a\d'"),
        ("text == 'a", "the string that starts here has no closing ' on its line"),
        ("1 < middle + 1 < 5", "compare with 'and': lower < x and x < upper"),
        ("match_any(chunks, middle > 1)", "only $[sub_field] can be used there"),
    ],
)
def test_a_mistake_seen_before_comes_with_advice(text: str, hint: str) -> None:
    assert after_the_first_line(text).split("\n")[-1] == hint


def test_nothing_is_suggested_where_nothing_is_near() -> None:
    assert "did you mean" not in after_the_first_line("qqqqqqq == 1")
