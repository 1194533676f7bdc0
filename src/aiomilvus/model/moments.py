"""Moments: ISO 8601 text ↔ microseconds since 1970 UTC."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)
_MOMENT = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
    r"(?:[Tt ](?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})"
    r"(?:[.,](?P<fraction>\d{1,9}))?)?)?"
    r"\s*(?P<zone>[Zz]|[+-]\d{2}(?::?\d{2})?)?"
)


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


@lru_cache(maxsize=64)
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


def moment_texts(values: Iterable[int], zone: str = "UTC") -> list[str]:
    """Return moments as ISO 8601 texts in a time zone, as Milvus prints them.

    Args:
        values: Microseconds since 1970 UTC.
        zone: IANA name of the time zone.

    Raises:
        ValueError: The zone is unknown, or a moment is outside the years 1 to 9999.
    """
    local = zone_of(zone)
    try:
        return [_text(micros, local) for micros in values]
    except OverflowError:
        raise ValueError("a timestamp is outside the years 1 to 9999") from None


def _text(micros: int, local: tzinfo) -> str:
    moment = (_EPOCH + timedelta(microseconds=micros)).astimezone(local)
    text = moment.isoformat()
    if moment.microsecond:
        # As Go writes it: a fraction without trailing zeros.
        whole, fraction = text[:19], text[20:26].rstrip("0")
        text = f"{whole}.{fraction}{text[26:]}"
    return text.replace("+00:00", "Z")
