"""Values of an answer as short text: a vector of 768 numbers is shown by its ends."""

from __future__ import annotations

_MOST_NUMBERS = 16
_MOST_BYTES = 32


def brief(value: object, *, short: bool = False) -> str:
    """Return ``repr(value)``, with long lists of numbers and long bytes, at any depth, cut.

    Args:
        value: What is shown.
        short: Whether of a float no more than six digits are shown.

    Example:
        >>> brief({"id": 1, "vector": [0.5] * 768})
        "{'id': 1, 'vector': [0.5, 0.5, 0.5, ..., 0.5] (768 numbers)}"
    """
    if isinstance(value, dict):
        pairs = (f"{key!r}: {brief(each, short=short)}" for key, each in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list):
        parts = value
        end = "]"
        if len(value) > _MOST_NUMBERS and all(isinstance(each, (int, float)) for each in value):
            parts = value[:3]
            end = f", ..., {brief(value[-1], short=short)}] ({len(value)} numbers)"
        return f"[{', '.join(brief(each, short=short) for each in parts)}{end}"
    if isinstance(value, bytes) and len(value) > _MOST_BYTES:
        return f"{value[:8]!r}... ({len(value)} bytes)"
    if short and isinstance(value, float):
        return f"{value:.6g}"
    return repr(value)


def cell(value: object, *, short: bool = False) -> str:
    """Return what a table shows of a value: a text as it is, anything else in `brief`."""
    return value if isinstance(value, str) else brief(value, short=short)
