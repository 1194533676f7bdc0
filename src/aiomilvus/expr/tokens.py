"""Text of a filter → tokens. Knows the spelling of numbers, strings and operators only.

Words stay words: whether ``in``, ``like`` or ``match_any`` is a keyword depends on where it
stands, so the parser decides. Strings keep their quotes, because ``like`` and ``=~`` read
backslashes differently (see `literals`).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from aiomilvus.expr.diagnostics import Fault


class Token(NamedTuple):
    """One token.

    `kind` is "int", "float", "string", "name", "$meta", "$", "end", or the operator itself;
    ``&&``, ``||`` and ``!`` have the kinds "and", "or" and "not".
    """

    kind: str
    text: str
    start: int
    end: int


_FLOAT = r"""
    0[xX](?:[0-9a-fA-F]+(?:\.[0-9a-fA-F]*)?|\.[0-9a-fA-F]+)[pP][+-]?[0-9]+
  | (?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?
  | [0-9]+[eE][+-]?[0-9]+
"""
_STRING = r"""
    (?:u8|[uUL])?(?:"(?:[^"\\\r\n]|\\.|\\\r?\n)*"|'(?:[^'\\\r\n]|\\.|\\\r?\n)*')
  | [rR](?:"(?:[^"\\\r\n]|\\.)*"|'(?:[^'\\\r\n]|\\.)*')
"""
_TOKEN = re.compile(
    rf"""
    (?P<space>[ \t\r\n]+)
  | (?P<string>{_STRING})
  | (?P<float>{_FLOAT})
  | (?P<int>0[xX][0-9a-fA-F]+|0[bB][01]+|[0-9]+)
  | (?P<name>[^\W\d]\w*)
  | (?P<meta>\$meta\b)
  | (?P<op>\*\*|<<|>>|<=|>=|==|!=|=~|!~|&&|\|\||[-+*/%<>=&|^~!()\[\]{{}},$])
    """,
    re.VERBOSE,
)
_WORD_BEHIND = re.compile(r"\w+")
_ALIASES = {"&&": "and", "||": "or", "!": "not"}


def tokenize(text: str) -> list[Token]:
    """Return the tokens of `text`, an "end" token last.

    Raises:
        Fault: A character, a number or an unclosed string that no token starts with.
    """
    if (place := lone_surrogate(text)) is not None:
        raise Fault("the filter is not Unicode text", place, place + 1)
    tokens: list[Token] = []
    position, length = 0, len(text)
    match_at = _TOKEN.match
    while position < length:
        found = match_at(text, position)
        if found is None:
            raise _unreadable(text, position)
        kind, end = found.lastgroup or "", found.end()
        if kind in ("int", "float") and (tail := _WORD_BEHIND.match(text, end)):
            bad = text[position : tail.end()]
            raise Fault(f"token recognition error at: '{bad}'", position, tail.end())
        if kind != "space":
            word = found.group()
            kind = _ALIASES.get(word, word) if kind == "op" else kind
            tokens.append(Token("$meta" if kind == "meta" else kind, word, position, end))
        position = end
    tokens.append(Token("end", "", length, length))
    return tokens


def lone_surrogate(text: str) -> int | None:
    """Return where `text` holds half a surrogate pair, which no UTF-8 stands for, or None."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return error.start
    return None


def _unreadable(text: str, position: int) -> Fault:
    character = text[position]
    if character in "\"'":
        return Fault(
            f"token recognition error at: '{text[position : position + 20]}'",
            position,
            len(text),
            f"the string that starts here has no closing {character} on its line",
        )
    return Fault(f"token recognition error at: '{character}'", position, position + 1)
