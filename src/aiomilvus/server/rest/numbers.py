"""Numbers that a body writes as text: what Go's ``strconv`` reads, which is less than Python's."""

from __future__ import annotations

import re

_WHOLE = re.compile(r"[+-]?[0-9]+")
_DIGITS = 20
"""A longer text, leading zeros aside, is beyond 64 bits."""


def parse_int(text: str) -> int:
    """Return a decimal number of 64 bits, without underscores, spaces, or digits of other scripts.

    Raises:
        ValueError: The text is none.
    """
    if not _WHOLE.fullmatch(text):
        raise ValueError(f"{text!r} is no whole number")
    sign = -1 if text[0] == "-" else 1
    digits = text.lstrip("+-").lstrip("0") or "0"
    number = sign * int(digits) if len(digits) < _DIGITS else None
    if number is None or not -(1 << 63) <= number < 1 << 63:
        raise ValueError(f"{text[:_DIGITS]!r} is beyond the range of 64 bits")
    return number


def whole_number(value: object) -> int:
    """Return a number of 64 bits that JSON has as such, or as text.

    Raises:
        ValueError: The value is none.
    """
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    may_be_one = isinstance(value, (int, str)) and not isinstance(value, bool)
    if not may_be_one:
        raise ValueError(f"{value!r} is no whole number")
    return parse_int(str(value))


def parse_float(text: str) -> float:
    """Return a number, written without underscores, spaces, or digits of other scripts.

    Raises:
        ValueError: The text is none.
    """
    if not text.isascii() or "_" in text or text != text.strip():
        raise ValueError(f"{text!r} is no number")
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{text!r} is no number") from None
