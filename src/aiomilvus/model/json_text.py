"""JSON texts of strangers: decoded, or refused with an error that says why.

Whatever decodes JSON that comes from a caller does it here. A text may be nested `DEEPEST` deep:
code that follows a value into its depth calls itself, and Python ends that at 1,000 calls,
wherever it happens to be.
"""

from __future__ import annotations

from typing import Any

import msgspec

from aiomilvus.errors import ParamError

DEEPEST = 256
"""Objects and lists inside one another."""

_decode = msgspec.json.Decoder().decode


def decode_json(text: str | bytes, what: str) -> Any:
    """Return the value of a JSON text.

    Args:
        text: The text.
        what: What it is, for the error.

    Raises:
        ParamError: It is no JSON, or nested too deep.
    """
    try:
        raw = text.encode() if isinstance(text, str) else text
        value = _decode(raw)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise ParamError(message=f"{what} is no JSON: {error}: invalid parameter") from None
    except RecursionError:
        raise _too_deep(what) from None
    # Hardly any text has as many brackets as would make it too deep.
    if raw.count(b"{") + raw.count(b"[") > DEEPEST and is_too_deep(value):
        raise _too_deep(what)
    return value


def is_too_deep(value: object) -> bool:
    """Whether more than `DEEPEST` objects and lists are inside one another."""
    level = [value]
    for _ in range(DEEPEST + 1):
        level = [
            inner
            for each in level
            if isinstance(each, (dict, list))
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return False
    return True


def _too_deep(what: str) -> ParamError:
    return ParamError(
        message=f"{what} is nested more than {DEEPEST} deep, the most that is taken: "
        "invalid parameter"
    )
