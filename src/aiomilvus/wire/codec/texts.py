"""Values that travel as text but are stored as something else: moments and geometries.

A TIMESTAMPTZ is microseconds since 1970 UTC in the model and ISO 8601 text on the wire; a
GEOMETRY is well-known binary (WKB) in the model and well-known text (WKT) on the wire.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.errors import ParamError
from aiomilvus.model.geometry import InvalidGeometryError, wkb_of, wkt_of
from aiomilvus.model.moments import moment_microseconds, moment_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray


def write_moments(values: NDArray[np.int64], zone: str = "UTC") -> list[bytes]:
    """Return moments as ISO 8601 text in the time zone `zone`.

    Raises:
        ParamError: The zone is unknown, or a moment is outside the years 0 to 9999.
    """
    try:
        return [text.encode() for text in moment_texts(values.tolist(), zone)]
    except ValueError as error:
        raise ParamError(message=str(error)) from None


def read_moments(texts: Iterable[bytes], zone: str = "UTC") -> NDArray[np.int64]:
    """Return the moments that ISO 8601 texts name; one without an offset is in `zone`."""
    micros = []
    for text in texts:
        try:
            micros.append(moment_microseconds(text.decode(), zone))
        except (ValueError, OverflowError) as error:  # a UnicodeDecodeError is one of these
            given = text.decode(errors="replace")
            message = f"got invalid timestamptz string '{given}': {error}: invalid parameter"
            raise ParamError(message=message) from None
    return np.array(micros, np.int64)


def write_geometries(values: Iterable[bytes]) -> list[str]:
    """Return WKB geometries as WKT; b"", which stands for a null, as ""."""
    try:
        return [text or "" for text in wkt_of(list(values))]
    except ValueError as error:
        raise ParamError(message=str(error)) from None


def read_geometries(texts: Sequence[str]) -> list[bytes]:
    """Return WKT geometries as WKB."""
    try:
        return [wkb or b"" for wkb in wkb_of(texts)]
    except InvalidGeometryError as error:
        raise ParamError(
            message=f"invalid Geometry data, transform to wkb failed: {error}: row {error.at}"
        ) from None
