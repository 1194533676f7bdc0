"""ISO 8601 moments and durations: text → microseconds since 1970 UTC, text → interval."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)
_MOMENT = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
    r"(?:[Tt ](?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})"
    r"(?:[.,](?P<fraction>\d{1,9}))?)?)?"
    r"\s*(?P<zone>[Zz]|[+-]\d{2}(?::?\d{2})?)?"
)
_DURATION = re.compile(
    r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?"
)
_LARGEST_PART = 2**31 - 1


def moment_microseconds(text: str, zone: str = "UTC") -> int:
    """Return the moment that ISO 8601 `text` names, in microseconds since 1970 UTC.

    Args:
        text: A date, or a date and time, with or without an offset; at most microseconds
            count of a longer fraction.
        zone: IANA name of the time zone for a text without an offset.

    Raises:
        ValueError: Not a moment, or not a time zone.
    """
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"invalid timestamp string: '{text}'. Does not match any known format")
    parts = found.groupdict()
    fraction = (parts["fraction"] or "").ljust(6, "0")[:6]
    moment = datetime(
        int(parts["year"]),
        int(parts["month"]),
        int(parts["day"]),
        int(parts["hour"] or 0),
        int(parts["minute"] or 0),
        int(parts["second"] or 0),
        int(fraction),
        tzinfo=_offset(parts["zone"]) if parts["zone"] else zone_of(zone),
    )
    return (moment - _EPOCH) // _MICROSECOND


def _offset(text: str) -> tzinfo:
    if text in "Zz":
        return timezone.utc
    digits = text[1:].replace(":", "").ljust(4, "0")
    span = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-span if text[0] == "-" else span)


def zone_of(name: str) -> tzinfo:
    """Return the IANA time zone of that name.

    Raises:
        ValueError: There is none.
    """
    if name.upper() == "UTC":
        return timezone.utc
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"invalid timezone: {name}") from None


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
