"""Values of an answer as short text: a vector of 768 numbers is shown by its ends."""

from __future__ import annotations

_MOST_NUMBERS = 16
_MOST_BYTES = 32


def brief(value: object) -> str:
    """Return ``repr(value)``, with long lists of numbers and long bytes, at any depth, cut.

    Example:
        >>> brief({"id": 1, "vector": [0.5] * 768})
        "{'id': 1, 'vector': [0.5, 0.5, 0.5, ..., 0.5] (768 numbers)}"
    """
    if isinstance(value, dict):
        pairs = (f"{key!r}: {brief(each)}" for key, each in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list):
        if len(value) > _MOST_NUMBERS and all(isinstance(each, (int, float)) for each in value):
            first = ", ".join(map(repr, value[:3]))
            return f"[{first}, ..., {value[-1]!r}] ({len(value)} numbers)"
        return f"[{', '.join(map(brief, value))}]"
    if isinstance(value, bytes) and len(value) > _MOST_BYTES:
        return f"{value[:8]!r}... ({len(value)} bytes)"
    return repr(value)


def cell(value: object) -> str:
    """Return what a table shows of a value: a text as it is, anything else in `brief`."""
    return value if isinstance(value, str) else brief(value)
