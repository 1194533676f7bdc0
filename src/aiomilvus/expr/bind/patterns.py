"""``like`` and ``=~`` patterns → the cheapest leaf that means the same.

In a ``like`` pattern ``%`` stands for any text, ``_`` for one character, and a backslash
takes the meaning from the character after it. A regular expression has RE2's syntax and may
match anywhere in the value.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from aiomilvus.expr.bind.terms import term
from aiomilvus.expr.bind.values import BooleanTerm, ConstantTerm, fault
from aiomilvus.expr.predicate import (
    Arithmetic,
    Bound,
    Compare,
    Match,
    MatchKind,
    Operand,
    negation,
)
from aiomilvus.expr.text_search import check_regex
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from aiomilvus.expr.bind.scope import Scope
    from aiomilvus.expr.tree import Pattern

_PIECES = re.compile(r"(?P<any>%+)|(?P<one>_)|\\(?P<escaped>.)|(?P<plain>[^%_\\]+)", re.DOTALL)
_OPEN_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*\\\Z")
_META = re.compile(r"[!-/:-@\[-^`{-~]|\x00")
_REGEX_LITERAL = re.compile(r"(?:[^\\.+*?^${}()|\[\]]|\\[\\.+*?^${}()|\[\]])*")


def pattern(scope: Scope, node: Pattern) -> Bound:
    """Bind ``target like pattern``, ``=~`` and ``!~``."""
    target = term(scope, node.target)
    word = "like" if node.kind == "like" else "regex match"
    if isinstance(target, ConstantTerm):
        sign = "like" if node.kind == "like" else ("!~" if node.negated else "=~")
        raise fault(node.target, f"the left operand of {sign} is invalid")
    if isinstance(target, BooleanTerm) or isinstance(target.operand, Arithmetic):
        suffix = " operation on complicated expr" if node.kind == "like" else " on complicated expr"
        raise fault(node.target, f"{word}{suffix} is unsupported")
    if target.dtype is DataType.ARRAY:
        raise fault(node.target, "can not comparisons array fields directly")
    if not target.dtype.is_string and target.dtype is not DataType.JSON:
        cause = "like operation on non-string or no-json field is unsupported"
        if node.kind == "regex":
            cause = "regex match on non-string or non-json field is unsupported"
        raise fault(node.target, cause)
    text = _pattern_text(scope, node)
    try:
        leaf = like if node.kind == "like" else regex
        found = leaf(target.operand, text)
    except ValueError as error:
        raise fault(node.pattern, str(error)) from None
    return negation(found) if node.negated else found


def _pattern_text(scope: Scope, node: Pattern) -> str:
    found = cast("ConstantTerm", term(scope, node.pattern))
    if not isinstance(found.value, str):
        cause = f"the value of {node.kind} expression template variable "
        raise fault(node.pattern, cause + f"{{{found.template}}} is not string")
    return found.value


def like(operand: Operand, pattern: str) -> Bound:
    """Return the leaf for ``operand like pattern``.

    Raises:
        ValueError: The pattern is too large, or ends within an escape.
    """
    if _OPEN_ESCAPE.search(pattern):
        raise ValueError(f"invalid like pattern, nothing follows its last backslash: {pattern}")
    pieces = _pieces(pattern)
    wild = [kind for kind, _ in pieces if kind != "plain"]
    text = "".join(text for kind, text in pieces if kind == "plain")
    if not wild:
        return Compare(operand, "==", text)
    kinds = [kind for kind, _ in pieces]
    if kinds in (["any"], ["plain", "any"]):
        return Match(operand, MatchKind.PREFIX, text)
    if kinds == ["any", "plain"]:
        return Match(operand, MatchKind.SUFFIX, text)
    if kinds == ["any", "plain", "any"]:
        return Match(operand, MatchKind.INFIX, text)
    signs = {"any": ".*", "one": "."}
    body = "".join(signs.get(kind) or escaped(text) for kind, text in pieces)
    longest = max((text for kind, text in pieces if kind == "plain"), key=len, default="")
    whole = rf"(?s)\A{body}\z"
    check_regex(whole)  # it may be too large
    return Match(operand, MatchKind.REGEX, whole, longest)


def _pieces(pattern: str) -> list[tuple[str, str]]:
    """Return the pattern's pieces, adjacent plain ones joined."""
    pieces: list[tuple[str, str]] = []
    for found in _PIECES.finditer(pattern):
        kind = found.lastgroup or ""
        text = found[kind]
        kind = "plain" if kind == "escaped" else kind
        if kind == "plain" and pieces and pieces[-1][0] == "plain":
            pieces[-1] = ("plain", pieces[-1][1] + text)
        elif kind == "plain" or not (kind == "any" and pieces and pieces[-1][0] == "any"):
            pieces.append((kind, text))
    return pieces


def escaped(text: str) -> str:
    """Return `text` as a regular expression that matches just it."""
    return _META.sub(lambda m: r"\x00" if m[0] == "\x00" else "\\" + m[0], text)


def regex(operand: Operand, pattern: str) -> Bound:
    """Return the leaf for ``operand =~ pattern``.

    Raises:
        ValueError: The pattern is not a regular expression in RE2's syntax.
    """
    check_regex(pattern)
    start, inner = pattern.startswith("^"), pattern.removeprefix("^")
    end = inner.endswith("$") and not inner.endswith("\\$")
    inner = inner.removesuffix("$") if end else inner
    if (start or end) and _REGEX_LITERAL.fullmatch(inner):
        text = re.sub(r"\\(.)", r"\1", inner)
        if start and end:
            return Compare(operand, "==", text)
        return Match(operand, MatchKind.PREFIX if start else MatchKind.SUFFIX, text)
    return Match(operand, MatchKind.REGEX, pattern)
