"""Hybrid timestamps: milliseconds since 1970 in the high bits, a counter in the low 18."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo

from aiomilvus.errors import MilvusException

LOGICAL_BITS = 18
_LOGICAL = (1 << LOGICAL_BITS) - 1


def mkts_from_hybridts(
    hybridts: int, milliseconds: float = 0.0, delta: timedelta | None = None
) -> int:
    """Return `hybridts` moved on by `milliseconds` and `delta`; its counter stays.

    Args:
        hybridts: Milliseconds since 1970 << 18, and a counter.
        milliseconds: Milliseconds to add.
        delta: A time to add, too.

    Raises:
        MilvusException: An argument has another type.

    Example:
        >>> from aiomilvus import mkts_from_hybridts
        >>> mkts_from_hybridts(1000 << 18, milliseconds=500) >> 18
        1500
    """
    _expect(isinstance(hybridts, int), "hybridts", "int")
    moved = (hybridts >> LOGICAL_BITS) + _offset(milliseconds, delta)
    return (int(moved) << LOGICAL_BITS) + (hybridts & _LOGICAL)


def mkts_from_unixtime(
    epoch: float, milliseconds: float = 0.0, delta: timedelta | None = None
) -> int:
    """Return the hybrid timestamp of `epoch` (seconds), moved on by the rest.

    Args:
        epoch: Seconds since 1970.
        milliseconds: Milliseconds to add.
        delta: A time to add, too.

    Raises:
        MilvusException: An argument has another type.

    Example:
        >>> from aiomilvus import mkts_from_unixtime
        >>> mkts_from_unixtime(1.5) >> 18
        1500
    """
    _expect(isinstance(epoch, (int, float)), "epoch", "int or float")
    return int(epoch * 1000.0 + _offset(milliseconds, delta)) << LOGICAL_BITS


def mkts_from_datetime(
    d_time: datetime, milliseconds: float = 0.0, delta: timedelta | None = None
) -> int:
    """Return the hybrid timestamp of `d_time`, moved on by the rest.

    Args:
        d_time: The moment; one without a zone is of this machine's.
        milliseconds: Milliseconds to add.
        delta: A time to add, too.

    Raises:
        MilvusException: An argument has another type.

    Example:
        >>> from datetime import datetime, timezone
        >>> from aiomilvus import mkts_from_datetime
        >>> mkts_from_datetime(datetime(1970, 1, 2, tzinfo=timezone.utc)) >> 18
        86400000
    """
    _expect(isinstance(d_time, datetime), "d_time", "datetime.datetime")
    return mkts_from_unixtime(d_time.timestamp(), milliseconds, delta)


def hybridts_to_unixtime(hybridts: int) -> float:
    """Return the seconds since 1970 in `hybridts`; the counter is dropped.

    Args:
        hybridts: Milliseconds since 1970 << 18, and a counter.

    Raises:
        MilvusException: An argument has another type.

    Example:
        >>> from aiomilvus import hybridts_to_unixtime
        >>> hybridts_to_unixtime(1500 << 18)
        1.5
    """
    _expect(isinstance(hybridts, int), "hybridts", "int")
    return (hybridts >> LOGICAL_BITS) / 1000.0


def hybridts_to_datetime(hybridts: int, tz: tzinfo | None = None) -> datetime:
    """Return the moment in `hybridts`, in `tz`, or in UTC when that is None.

    Args:
        hybridts: Milliseconds since 1970 << 18, and a counter.
        tz: The zone of the answer.

    Raises:
        MilvusException: An argument has another type.

    Example:
        >>> from aiomilvus import hybridts_to_datetime
        >>> hybridts_to_datetime(86_400_000 << 18).isoformat()
        '1970-01-02T00:00:00+00:00'
    """
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
