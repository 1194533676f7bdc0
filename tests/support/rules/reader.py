"""What a naive reader makes of a row: comparing, walking into JSON, matching patterns."""

from __future__ import annotations

import re
from typing import Any


def compared(op: str, a: Any, b: Any) -> bool | None:
    if a is None or b is None:
        return None
    outcome = {"==": a == b, "!=": a != b}.get(op)
    if outcome is None:
        outcome = {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[op]
    return bool(outcome)


def by_bytes(value: Any) -> Any:
    return value.encode() if isinstance(value, str) else value


def kind(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return "number"
    kinds: dict[type, str] = {str: "text", list: "list", dict: "object"}
    return kinds.get(type(value), "nothing")


def json_at(document: Any, path: list[str]) -> Any:
    for key in path:
        if isinstance(document, dict) and key in document:
            document = document[key]
        elif isinstance(document, list) and key.isdigit() and int(key) < len(document):
            document = document[int(key)]
        else:
            return None
    return document


def is_something(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(is_something, value.values()))
    if isinstance(value, list):
        return any(map(is_something, value))
    return value is not None


def equal(a: Any, b: Any) -> bool:
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(equal, a, b))
    return kind(a) == kind(b) and a == b


def like(value: str, pattern: str) -> bool:
    signs = {"%": ".*", "_": "."}
    out, escaped = "", False
    for sign in pattern:
        if escaped or sign not in signs:
            if sign == "\\" and not escaped:
                escaped = True
                continue
            out += re.escape(sign)
        else:
            out += signs[sign]
        escaped = False
    return re.fullmatch(out + (re.escape("\\") if escaped else ""), value, re.DOTALL) is not None
