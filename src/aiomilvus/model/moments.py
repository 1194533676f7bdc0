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
    r"\s*(?P<zone>[Zz]|[+-]\d{2}(?::?\d{2}(?::\d{2})?)?)?"
)
_MOST_OFFSET = timedelta(hours=14)
_LEAST_OFFSET = timedelta(hours=-12)
FIRST_MOMENT = -62_167_219_200_000_000
"""The year 0 begins, in microseconds since 1970 UTC."""
_YEAR_TWO = -62_104_060_800_000_000
_CYCLE_YEARS = 400
_CYCLE = 146_097 * 86_400 * 1_000_000
"""After 400 years the calendar repeats itself. Python's has no year 0: what is near it is reckoned
one such cycle later."""
LAST_MOMENT = 253_402_300_799_999_999
"""The year 9999 ends."""


def moment_microseconds(text: str, zone: str = "UTC") -> int:
    """Return the moment that ISO 8601 `text` names, in microseconds since 1970 UTC.

    Args:
        text: A date, or a date and time, with or without an offset; at most microseconds
            count of a longer fraction.
        zone: IANA name of the time zone for a text without an offset. Of a time that its clocks
            show twice or never, the moment is the one that Milvus takes.

    Raises:
        ValueError: Not a moment of the years 0 to 9999, or not a time zone.
    """
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        raise _unknown(text)
    parts = found.groupdict()
    year = int(parts["year"])
    later = _CYCLE if year < 2 else 0
    fraction = (parts["fraction"] or "").ljust(6, "0")[:6]
    try:
        clock = datetime(
            year + (_CYCLE_YEARS if later else 0),
            int(parts["month"]),
            int(parts["day"]),
            int(parts["hour"] or 0),
            int(parts["minute"] or 0),
            int(parts["second"] or 0),
            int(fraction),
            tzinfo=timezone.utc,
        )
    except ValueError:
        raise _unknown(text) from None
    try:
        offset = _offset(parts["zone"]) if parts["zone"] else _offset_in(zone_of(zone), clock)
        micros = (clock - offset - _EPOCH) // _MICROSECOND - later
    except OverflowError:
        micros = LAST_MOMENT + 1
    if not FIRST_MOMENT <= micros <= LAST_MOMENT:
        raise ValueError(f"timestamp '{text}' is outside the years 0 to 9999")
    return micros


def _unknown(text: str) -> ValueError:
    return ValueError(f"invalid timestamp string: '{text}'. Does not match any known format")


def _offset(text: str) -> timedelta:
    if text in "Zz":
        return timedelta(0)
    digits = text[1:].replace(":", "").ljust(6, "0")
    span = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]), seconds=int(digits[4:]))
    span = -span if text[0] == "-" else span
    if not _LEAST_OFFSET <= span <= _MOST_OFFSET:
        hours = int(span / timedelta(hours=1))
        raise ValueError(f"UTC offset hour {hours} is out of the valid range [-12, 14]")
    return span


def _offset_in(zone: tzinfo, clock: datetime) -> timedelta:
    """Return a zone's offset where its clocks show what `clock` shows in UTC.

    As Go's ``time.Date``: the offset at that moment in UTC leads close to the true moment, whose
    own offset counts.
    """
    near = clock.astimezone(zone).utcoffset() or timedelta(0)
    return (clock - near).astimezone(zone).utcoffset() or timedelta(0)


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
        zone: IANA name of the time zone. A moment that has another year than 0 to 9999 there is
            shown in UTC.

    Raises:
        ValueError: The zone is unknown, or a moment is outside the years 0 to 9999.
    """
    local = zone_of(zone)
    return [_text(*shown_in(local, micros)) for micros in values]


def shown_in(local: tzinfo, micros: int) -> tuple[int, datetime]:
    """Return the year and the clock of a moment in a time zone.

    In UTC where the moment has another year than 0 to 9999 there. The clock's own year may be
    another one, since it can't be 0.

    Raises:
        ValueError: In UTC it has, too.
    """
    if not FIRST_MOMENT <= micros <= LAST_MOMENT:
        raise ValueError("a timestamp is outside the years 0 to 9999")
    near_zero = micros < _YEAR_TWO
    moment = _EPOCH + timedelta(microseconds=micros + (_CYCLE if near_zero else 0))
    back = _CYCLE_YEARS if near_zero else 0
    try:
        clock = moment.astimezone(local)
    except OverflowError:
        clock = moment
    if clock.year < back:
        clock = moment
    return clock.year - back, clock


def _text(year: int, moment: datetime) -> str:
    text = f"{year:04}{moment.isoformat()[4:]}"
    if moment.microsecond:
        # As Go writes it: a fraction without trailing zeros.
        whole, fraction = text[:19], text[20:26].rstrip("0")
        text = f"{whole}.{fraction}{text[26:]}"
    return f"{text[:-6]}Z" if text.endswith("+00:00") else text
