"""Values that travel as text but are stored as something else: moments and geometries.

A TIMESTAMPTZ is microseconds since 1970 UTC in the model and ISO 8601 text on the wire; a
GEOMETRY is well-known binary (WKB) in the model and well-known text (WKT) on the wire.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from aiomilvus.errors import NotSupportedError, ParamError
from aiomilvus.expr.moments import moment_microseconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def write_moments(values: NDArray[np.int64], zone: str = "UTC") -> list[bytes]:
    """Return moments as ISO 8601 text in the time zone `zone`.

    Raises:
        ParamError: The zone is unknown, or a moment is outside the years 1 to 9999.
    """
    local = _zone(zone)
    try:
        return [_moment_text(micros, local) for micros in values.tolist()]
    except OverflowError:
        raise ParamError(message="a timestamp is outside the years 1 to 9999") from None


def _moment_text(micros: int, local: tzinfo) -> bytes:
    moment = (_EPOCH + timedelta(microseconds=micros)).astimezone(local)
    text = moment.isoformat()
    if moment.microsecond:
        # As Go writes it: a fraction without trailing zeros.
        whole, fraction = text[:19], text[20:26].rstrip("0")
        text = f"{whole}.{fraction}{text[26:]}"
    return text.replace("+00:00", "Z").encode()


@lru_cache(maxsize=64)
def _zone(name: str) -> tzinfo:
    if name.upper() == "UTC":
        return timezone.utc
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ParamError(message=f"invalid timezone: {name}") from None


def read_moments(texts: Iterable[bytes], zone: str = "UTC") -> NDArray[np.int64]:
    """Return the moments that ISO 8601 texts name; one without an offset is in `zone`."""
    try:
        micros = [moment_microseconds(text.decode(), zone) for text in texts]
    except (ValueError, OverflowError) as error:  # a UnicodeDecodeError is one of these
        raise ParamError(message=str(error)) from None
    return np.array(micros, np.int64)


def write_geometries(values: Iterable[bytes]) -> list[str]:
    """Return WKB geometries as WKT; b"", which stands for a null, as ""."""
    shapely = _shapely()
    array = np.array([value or None for value in values], object)
    try:
        texts = shapely.to_wkt(shapely.from_wkb(array), rounding_precision=-1).tolist()
    except shapely.errors.GEOSException as error:
        raise ParamError(message=f"invalid geometry: {error}") from None
    return [text or "" for text in texts]


def read_geometries(texts: Sequence[str]) -> list[bytes]:
    """Return WKT geometries as WKB."""
    shapely = _shapely()
    try:
        found: list[bytes] = shapely.to_wkb(shapely.from_wkt(np.array(texts, object))).tolist()
    except (shapely.errors.GEOSException, TypeError) as error:
        raise ParamError(
            message=f"invalid Geometry data, transform to wkb failed: {error}"
        ) from None
    return found


def _shapely() -> Any:
    try:
        import shapely  # noqa: PLC0415 - optional and heavy; loaded with the first geometry
    except ImportError:
        raise NotSupportedError(
            message="geometry fields need shapely: pip install 'aiomilvus[geometry]'"
        ) from None
    return shapely
