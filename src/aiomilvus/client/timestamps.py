"""Hybrid timestamps: milliseconds since 1970 in the high bits, a counter in the low 18."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo

from aiomilvus.errors import MilvusException

LOGICAL_BITS = 18
_LOGICAL = (1 << LOGICAL_BITS) - 1


def mkts_from_hybridts(
    hybridts: int, milliseconds: float = 0.0, delta: timedelta | None = None
) -> int:
    """Return `hybridts` moved on by `milliseconds` and `delta`; its counter stays."""
    _expect(isinstance(hybridts, int), "hybridts", "int")
    moved = (hybridts >> LOGICAL_BITS) + _offset(milliseconds, delta)
    return (int(moved) << LOGICAL_BITS) + (hybridts & _LOGICAL)


def mkts_from_unixtime(
    epoch: float, milliseconds: float = 0.0, delta: timedelta | None = None
) -> int:
    """Return the hybrid timestamp of `epoch` (seconds), moved on by the rest."""
    _expect(isinstance(epoch, (int, float)), "epoch", "int or float")
    return int(epoch * 1000.0 + _offset(milliseconds, delta)) << LOGICAL_BITS


def mkts_from_datetime(
    d_time: datetime, milliseconds: float = 0.0, delta: timedelta | None = None
) -> int:
    """Return the hybrid timestamp of `d_time`, moved on by the rest."""
    _expect(isinstance(d_time, datetime), "d_time", "datetime.datetime")
    return mkts_from_unixtime(d_time.timestamp(), milliseconds, delta)


def hybridts_to_unixtime(hybridts: int) -> float:
    """Return the seconds since 1970 in `hybridts`; the counter is dropped."""
    _expect(isinstance(hybridts, int), "hybridts", "int")
    return (hybridts >> LOGICAL_BITS) / 1000.0


def hybridts_to_datetime(hybridts: int, tz: tzinfo | None = None) -> datetime:
    """Return the moment in `hybridts`, in `tz`, or in UTC when that is None."""
    _expect(isinstance(hybridts, int), "hybridts", "int")
    _expect(tz is None or isinstance(tz, tzinfo), "tz", "datetime.timezone")
    return datetime.fromtimestamp(hybridts_to_unixtime(hybridts), tz or timezone.utc)


def _offset(milliseconds: float, delta: timedelta | None) -> float:
    _expect(isinstance(milliseconds, (int, float)), "milliseconds", "int or float")
    _expect(delta is None or isinstance(delta, timedelta), "delta", "datetime.timedelta")
    return milliseconds + (0.0 if delta is None else delta / timedelta(milliseconds=1))


def _expect(holds: bool, name: str, kind: str) -> None:
    if not holds:
        raise MilvusException(message=f"parameter {name} should be type of {kind}")
