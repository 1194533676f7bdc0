"""Times as errors tell them to people."""

from __future__ import annotations

_TOLD = 3
"""Digits behind the point of a time that an application gave; what has more is what was left."""


def told(seconds: float) -> str:
    """Return a time limit for people; what is left of one is rounded, as 0.299998 to 0.3."""
    given = round(seconds, _TOLD)
    if abs(seconds - given) < 10**-9 or seconds >= 10:
        return f"{given if seconds < 10 else round(seconds, 1):g} s"
    return f"{seconds:.2g} s"
