"""Boolean parameters as text: what Go's ``strconv.ParseBool`` reads, in letters of either case."""

from __future__ import annotations

_TRUE = ("true", "1", "t")
_FALSE = ("false", "0", "f")


def is_boolean(text: str) -> bool:
    """Return whether a text says yes or no."""
    return text.lower() in (*_TRUE, *_FALSE)


def is_true(text: str) -> bool:
    """Return whether a text says yes; one that says neither does not."""
    return text.lower() in _TRUE
