"""ISO 8601 durations: text → interval. Moments are read by `model.moments`."""

from __future__ import annotations

import re

_DURATION = re.compile(
    r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?"
)
_LARGEST_PART = 2**31 - 1


def duration(text: str) -> tuple[int, int]:
    """Return the whole months and the microseconds of an ISO 8601 duration such as ``P1DT2H``.

    Raises:
        ValueError: Not a duration, or one of its numbers is beyond 32 bits.
    """
    found = _DURATION.fullmatch(text)
    numbers = [int(part or 0) for part in found.groups()] if found else []
    if not numbers or not any(char.isdigit() for char in text) or text.endswith("T"):
        raise ValueError(f"invalid ISO 8601 duration: {text}")
    if max(numbers) > _LARGEST_PART:
        raise ValueError(f"invalid ISO 8601 duration: {text}: a number is out of range")
    years, months, weeks, days, hours, minutes, seconds = numbers
    total = (((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds
    return years * 12 + months, total * 1_000_000
