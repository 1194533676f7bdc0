"""Numbers that are written as text."""

from __future__ import annotations

import math

import pytest

from aiomilvus.server.rest.numbers import parse_float, parse_int, whole_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("-7", -7),
        ("+7", 7),
        ("-0", 0),
        ("007", 7),
        ("0" * 5000 + "1", 1),
        (str((1 << 63) - 1), (1 << 63) - 1),
        (str(-(1 << 63)), -(1 << 63)),
    ],
)
def test_whole_numbers_are_read(text: str, number: int) -> None:
    assert parse_int(text) == whole_number(text) == number


@pytest.mark.parametrize(
    "text",
    ["", "-", "1_0", " 7", "7 ", "7\n", "1.0", "1e3", "0x7", "+-7", "\u0667", "\uff17", "seven"],
)
def test_what_python_alone_takes_for_whole_numbers_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no whole number"):
        parse_int(text)


@pytest.mark.parametrize("text", [str(1 << 63), str(-(1 << 63) - 1), "9" * 10_000])
def test_64_bits_are_the_limit(text: str) -> None:
    with pytest.raises(ValueError, match="beyond the range of 64 bits"):
        parse_int(text)


@pytest.mark.parametrize("value", [None, True, 1.5, math.inf, [], {}])
def test_other_values_of_json_are_no_whole_numbers(value: object) -> None:
    with pytest.raises(ValueError, match="is no whole number"):
        whole_number(value)


def test_whole_numbers_may_come_as_they_are() -> None:
    assert [whole_number(each) for each in (5, -5, 5.0)] == [5, -5, 5]


def test_numbers_are_read_without_underscores_and_spaces() -> None:
    assert [parse_float(each) for each in ("1.5", "-1e3", ".5", "7")] == [1.5, -1000, 0.5, 7]
    for text in ("", "1_0.5", " 1.5", "1.5\n", "\u0667.5", "half"):
        with pytest.raises(ValueError, match="is no number"):
            parse_float(text)
