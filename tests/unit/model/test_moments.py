"""ISO 8601: moments to microseconds, durations to months and microseconds."""

from __future__ import annotations

import pytest

from aiomilvus.expr.bind.arithmetic import duration
from aiomilvus.model.moments import moment_microseconds

HOUR = 3600 * 1_000_000


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("1970-01-01", 0),
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01 00:00:00", 0),
        ("1970-01-01T01:00Z", HOUR),
        ("1970-01-01T00:00:00.5Z", 500_000),
        ("1970-01-01T00:00:00.123456789Z", 123_456),
        ("1970-01-01T00:00:00+01:00", -HOUR),
        ("1970-01-01T00:00:00-0130", HOUR * 3 // 2),
        ("1970-01-01T00:00:00+05", -5 * HOUR),
        ("1969-12-31T23:59:59.999999Z", -1),
        ("2025-02-28T12:30:15Z", 1_740_745_815_000_000),
        ("0001-01-01", -62_135_596_800_000_000),
        (" 1970-01-01 ", 0),
    ],
)
def test_a_moment_is_read_in_utc(text: str, micros: int) -> None:
    assert moment_microseconds(text) == micros


def test_a_moment_without_offset_is_in_the_zone_given() -> None:
    assert moment_microseconds("1970-01-01T09:00:00", "Asia/Tokyo") == 0
    assert moment_microseconds("1970-01-01T09:00:00Z", "Asia/Tokyo") == 9 * HOUR


@pytest.mark.parametrize(
    ("text", "zone", "moment"),
    [
        ("2024-03-10T02:30:00", "America/New_York", "2024-03-10T06:30:00Z"),  # skipped there
        ("2024-11-03T01:30:00", "America/New_York", "2024-11-03T05:30:00Z"),  # shown twice
        ("2024-03-31T02:30:00", "Europe/Berlin", "2024-03-31T01:30:00Z"),
        ("2024-10-27T02:30:00", "Europe/Berlin", "2024-10-27T01:30:00Z"),
    ],
)
def test_when_clocks_change_the_moment_is_the_one_milvus_takes(
    text: str, zone: str, moment: str
) -> None:
    assert moment_microseconds(text, zone) == moment_microseconds(moment)


@pytest.mark.parametrize(
    ("text", "zone"), [("9999-12-31T23:00:00", "America/New_York"), ("0000-01-01", "Asia/Tokyo")]
)
def test_moments_beyond_the_calendar_are_refused(text: str, zone: str) -> None:
    with pytest.raises(ValueError, match="outside the years 0 to 9999"):
        moment_microseconds(text, zone)


@pytest.mark.parametrize("text", ["2025-01-01T00:00:00+14:30", "2025-01-01T00:00:00-13"])
def test_offsets_that_no_clock_has_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="out of the valid range"):
        moment_microseconds(text)


@pytest.mark.parametrize(
    "text",
    ["", "now", "2025", "2025-13-01", "2025-02-30", "2025-01-01T25:00:00Z",
     "2025-01-01T00:00:00+99", "01/02/2025", "2025-01-01T00:00:00 Europe"],
)  # fmt: skip
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"invalid timestamp string|valid range"):
        moment_microseconds(text)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", ""])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(ValueError, match="invalid timezone"):
        moment_microseconds("2025-01-01", zone)


@pytest.mark.parametrize(
    ("text", "months", "micros"),
    [
        ("P1D", 0, 24 * HOUR),
        ("PT1H", 0, HOUR),
        ("PT1M", 0, HOUR // 60),
        ("PT1S", 0, HOUR // 3600),
        ("P1M", 1, 0),
        ("P2Y3M", 27, 0),
        ("P1W", 0, 7 * 24 * HOUR),
        ("P1Y2M3DT4H5M6S", 14, (3 * 24 + 4) * HOUR + 5 * HOUR // 60 + 6 * HOUR // 3600),
        ("P0D", 0, 0),
    ],
)
def test_a_duration_is_months_and_microseconds(text: str, months: int, micros: int) -> None:
    assert duration(text) == (months, micros)


@pytest.mark.parametrize("text", ["", "P", "PT", "P1", "1D", "P1H", "PT1D", "P-1D", "p1d", "P1DT",
                                  "P9999999999D", "P1.5D"])  # fmt: skip
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="invalid ISO 8601 duration"):
        duration(text)
