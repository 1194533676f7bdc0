"""Tokens and literals: what is read, and what is refused."""

from __future__ import annotations

import pytest

from aiomilvus.expr.diagnostics import Fault
from aiomilvus.expr.literals import float_value, integer_value, quote, string_value
from aiomilvus.expr.tokens import tokenize


def kinds(text: str) -> list[str]:
    return [token.kind for token in tokenize(text)][:-1]


def test_operators_are_read_longest_first() -> None:
    assert kinds("a**b<<c<=d!~e=~f==g&&h||!i") == [
        "name", "**", "name", "<<", "name", "<=", "name", "!~", "name", "=~", "name",
        "==", "name", "and", "name", "or", "not", "name",
    ]  # fmt: skip


def test_tokens_know_where_they_stand() -> None:
    token = tokenize('  "ab"  ')[0]
    assert (token.start, token.end, token.text) == (2, 6, '"ab"')


@pytest.mark.parametrize(
    ("text", "value"),
    [("0", 0), ("42", 42), ("0x1F", 31), ("0XaB", 171), ("0b101", 5), ("017", 15), ("00", 0)],
)
def test_integers_are_decimal_hexadecimal_binary_or_octal(text: str, value: int) -> None:
    assert integer_value(tokenize(text)[0]) == value


@pytest.mark.parametrize("text", ["089", "9" * 41])
def test_integers_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(Fault):
        integer_value(tokenize(text)[0])


@pytest.mark.parametrize(
    ("text", "value"),
    [("1.5", 1.5), (".5", 0.5), ("1.", 1.0), ("1e3", 1000.0), ("1.5E-2", 0.015),
     ("0x1p4", 16.0), ("0x1.8p1", 3.0), ("0x.8P0", 0.5)],
)  # fmt: skip
def test_floats_are_decimal_or_hexadecimal(text: str, value: float) -> None:
    assert float_value(tokenize(text)[0]) == value


@pytest.mark.parametrize("text", ["1e999", "0x1p99999"])
def test_a_float_beyond_64_bits_is_refused(text: str) -> None:
    with pytest.raises(Fault, match="out of range"):
        float_value(tokenize(text)[0])


@pytest.mark.parametrize("text", ["12abc", "1.5x", "0x", "0b2", "1e", "#", "a; b", "a\x00"])
def test_what_is_no_token_is_refused_where_it_stands(text: str) -> None:
    with pytest.raises(Fault, match="token recognition error"):
        tokenize(text)


@pytest.mark.parametrize("text", ['"abc', "'abc", '"a\nb"', '"abc\\"', "r'a\\'"])
def test_an_unclosed_string_is_refused(text: str) -> None:
    with pytest.raises(Fault, match="token recognition error"):
        tokenize(text)


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ('"it\'s"', "it's"),
        ("'say \"hi\"'", 'say "hi"'),
        (r'"a\"b\\c"', 'a"b\\c'),
        (r"'a\'b'", "a'b"),
        (r'"\n\t\r\a\b\f\v\?"', "\n\t\r\a\b\f\v?"),
        (r'"\x41\101\u4e2d\U0001F600"', "AA中😀"),
        ('"a\\\nb"', "ab"),
        ('u8"a"', "a"),
        ('u"a"', "a"),
        ('U"a"', "a"),
        ('L"a"', "a"),
        (r'r"\d\n"', r"\d\n"),
        (r"R'a\'b'", r"a\'b"),
        ('""', ""),
    ],
)
def test_strings_stand_for_their_text(literal: str, value: str) -> None:
    assert string_value(tokenize(literal)[0]) == value


@pytest.mark.parametrize("literal", [r'"\d"', r'"\%"', r'"\xZZ"', r'"\ud800"', r'"\U00110000"'])
def test_escapes_that_mean_nothing_are_refused(literal: str) -> None:
    with pytest.raises(Fault, match="invalid escape"):
        string_value(tokenize(literal)[0])


def test_a_like_pattern_keeps_the_escapes_of_its_own_signs() -> None:
    assert string_value(tokenize(r'"50\%\_\\%\n"')[0], "like") == "50\\%\\_\\%\n"


def test_a_regular_expression_keeps_all_escapes_but_quote_and_backslash() -> None:
    assert string_value(tokenize(r'"\d\.\"\\w\n"')[0], "regex") == '\\d\\."\\w\\n'


@pytest.mark.parametrize("value", ["", 'a"b', "it's", "\\", "\n\t\x00\x7f", "中😀", "\u2028%_"])
def test_a_quoted_value_is_read_back_unchanged(value: str) -> None:
    assert string_value(tokenize(quote(value))[0]) == value
