"""Consistency levels by name."""

from __future__ import annotations

from aiomilvus.errors import ParamError

LEVELS = ("Strong", "Session", "Bounded", "Eventually", "Customized")
"""In the order of the protocol's numbers, from 0."""
DEFAULT_LEVEL = "Bounded"


def level(name: str, default: str = DEFAULT_LEVEL) -> int:
    """Return the number of a level.

    Raises:
        ParamError: There is none of this name.
    """
    try:
        return LEVELS.index(name or default)
    except ValueError:
        raise ParamError(
            message=f"consistencyLevel can only be [{', '.join(LEVELS)}], default: {DEFAULT_LEVEL}"
        ) from None
