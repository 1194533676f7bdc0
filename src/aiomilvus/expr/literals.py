r"""Values of number and string tokens, and the way back: quoting a value as filter text.

A string is read in one of three ways. Ordinary: C escapes, an unknown one is an error.
After ``like``: the same, but ``\%`` and ``\_`` stay for the pattern. After ``=~``: every
escape but the escaped quote and backslash stays for the regular expression. A raw string,
``r"…"``, is taken as it stands in all three.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from aiomilvus.expr.diagnostics import Fault

if TYPE_CHECKING:
    from aiomilvus.expr.tokens import Token

StringUse = Literal["plain", "like", "regex"]

_ESCAPE = re.compile(
    r"\\(?:x(?P<hex>[0-9a-fA-F]{2})|u(?P<u4>[0-9a-fA-F]{4})|U(?P<u8>[0-9a-fA-F]{8})"
    r"|(?P<octal>[0-7]{1,3})|(?P<newline>\r?\n)|(?P<char>.))",
)
_PREFIX = re.compile(r"u8|[uULrR]")
_CHARACTERS = {
    "'": "'", '"': '"', "?": "?", "\\": "\\",
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
}  # fmt: skip
_LIKE_ESCAPES = "%_"


def integer_value(token: Token) -> int:
    """Return the value of an "int" token: decimal, 0x hexadecimal, 0b binary or 0 octal."""
    text = token.text
    if text[0] != "0":
        return _decimal(token)
    if len(text) > 1 and text[1].isdigit():
        if set(text) - set("01234567"):
            raise Fault(f"invalid octal number: {text}", token.start, token.end)
        return int(text, 8)
    return int(text, 0)


def _decimal(token: Token) -> int:
    # int() of thousands of digits is slow on purpose and, past a limit, an error.
    if len(token.text) > 40:
        raise out_of_range(token.text, token.start, token.end)
    return int(token.text)


def out_of_range(text: str, start: int, end: int) -> Fault:
    """Return the fault for an integer that 64 bits do not hold."""
    shown = text if len(text) <= 40 else text[:40] + "…"
    return Fault(f"integer {shown} is out of range: [-2^63, 2^63 - 1]", start, end)


def float_value(token: Token) -> float:
    """Return the value of a "float" token, decimal or hexadecimal."""
    is_hex = token.text[:2].lower() == "0x"
    try:
        value = float.fromhex(token.text) if is_hex else float(token.text)
    except OverflowError:
        value = float("inf")
    if value == float("inf"):
        raise Fault(f"number {token.text} is out of range", token.start, token.end)
    return value


def string_value(token: Token, use: StringUse = "plain") -> str:
    """Return the text that a "string" token stands for when used as `use`."""
    prefix = _PREFIX.match(token.text)
    body = token.text[prefix.end() if prefix else 0 :]
    quote, inner = body[0], body[1:-1]
    if (prefix and prefix.group() in "rR") or "\\" not in inner:
        return inner
    if use == "regex":
        return re.sub(r"\\(.)", lambda m: m[1] if m[1] in (quote, "\\") else m[0], inner)
    return _unescape(token, inner, use)


def _unescape(token: Token, inner: str, use: StringUse) -> str:
    shift = token.end - 1 - len(inner)

    def replace(found: re.Match[str]) -> str:
        kind = found.lastgroup
        value = found[kind] if kind else ""
        if kind == "newline":
            return ""
        if kind == "char":
            if value in _CHARACTERS:
                return _CHARACTERS[value]
            if use == "like" and value in _LIKE_ESCAPES:
                return found[0]
            raise Fault(
                f"invalid escape sequence {found[0]} in string {token.text}",
                shift + found.start(),
                shift + found.end(),
                rf"write \\ for a backslash, or a raw string: r{token.text}",
            )
        code = int(value, 8 if kind == "octal" else 16)
        if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
            raise Fault(
                f"invalid escape sequence {found[0]}: not a character",
                shift + found.start(),
                shift + found.end(),
            )
        return chr(code)

    return _ESCAPE.sub(replace, inner)


_TO_ESCAPE = re.compile(r'[\\"\x00-\x1f\x7f\u2028\u2029]')
_SHORT = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def quote(value: str) -> str:
    """Return `value` as a string literal that Milvus and this package read back unchanged."""
    return f'"{_TO_ESCAPE.sub(_escape, value)}"'


def _escape(found: re.Match[str]) -> str:
    return _SHORT.get(found[0]) or f"\\u{ord(found[0]):04x}"
