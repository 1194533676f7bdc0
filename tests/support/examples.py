"""How many examples a property test looks at, by what HYPOTHESIS_PROFILE asks for."""

from __future__ import annotations

from hypothesis import settings

_WHOLE = 100
_LEAST = 5


def examples(number: int) -> int:
    """Return the part of `number` that the profile wants, all of it where that has 100 examples."""
    return max(number * settings().max_examples // _WHOLE, _LEAST)
