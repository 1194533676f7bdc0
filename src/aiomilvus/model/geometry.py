"""The door to shapely, which comes with the extra ``geometry``: WKT ↔ WKB."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from aiomilvus.errors import NotSupportedError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType


_INFINITE = float("inf")
_DECIMALS = 30
"""Decimals to round to: more than any double that is not written with an exponent has."""


class InvalidGeometryError(ValueError):
    """A text is no geometry; `at` numbers it."""

    def __init__(self, at: int, reason: str) -> None:
        super().__init__(reason)
        self.at = at


@cache
def shapely() -> ModuleType:
    """Return shapely, imported at the first call.

    Raises:
        NotSupportedError: It is not installed.
    """
    try:
        import shapely as module  # noqa: PLC0415 - heavy and optional; loaded with the first use
    except ImportError:
        raise NotSupportedError(
            message="geometries need shapely: pip install 'aiomilvus[geometry]'"
        ) from None
    return module


def wkb_of(texts: Sequence[str | None]) -> list[bytes | None]:
    """Return well-known texts (WKT) as well-known binary (WKB); None stays None.

    Raises:
        InvalidGeometryError: A text is no geometry.
        NotSupportedError: shapely is not installed.
    """
    library = shapely()
    try:
        # "ignore" makes None of what is no geometry, which tells the row.
        shapes = library.from_wkt(list(texts), on_invalid="ignore")
    except NotImplementedError:  # a curve, which GEOS knows and shapely does not
        shapes = [_shape(library, text) for text in texts]
    for at, (text, shape) in enumerate(zip(texts, shapes, strict=True)):
        if text is not None and shape is None:
            raise InvalidGeometryError(at, _reason(library, text))
    check_finite(shapes)
    found: list[bytes | None] = library.to_wkb(shapes).tolist()
    return found


def _shape(library: ModuleType, text: str | None) -> Any:
    try:
        return library.from_wkt(text, on_invalid="ignore")
    except NotImplementedError:
        return None


def _reason(library: ModuleType, text: str) -> str:
    try:
        library.from_wkt(text)
    except (library.errors.ShapelyError, NotImplementedError) as error:
        return str(error).strip()
    return "no geometry"


def wkt_of(values: Sequence[bytes | None]) -> list[str | None]:
    """Return WKB geometries as WKT that reads as the same numbers; None and b"" become None.

    Raises:
        ValueError: Bytes are no geometry.
        NotSupportedError: shapely is not installed.
    """
    shapes = _shapes(values)
    found: list[str | None] = shapely().to_wkt(shapes, rounding_precision=_DECIMALS).tolist()
    return found


def check_wkb(values: Sequence[bytes | None]) -> None:
    """Check that WKB may be stored: geometries of finite coordinates, None or b"".

    Raises:
        ValueError: Bytes are no geometry, or one of infinite coordinates.
        NotSupportedError: shapely is not installed.
    """
    check_finite(_shapes(values))


def _shapes(values: Sequence[bytes | None]) -> Any:
    library = shapely()
    try:
        return library.from_wkb([value or None for value in values])
    except (library.errors.ShapelyError, NotImplementedError) as error:
        raise ValueError(f"invalid geometry: {error}") from None


def check_finite(shapes: object) -> None:
    """Raise InvalidGeometryError unless x and y are finite, and z and m not infinite if given."""
    library = shapely()
    options = {"include_m": True} if hasattr(library, "has_m") else {}  # since 2.1
    coordinates, owners = library.get_coordinates(
        shapes, include_z=True, return_index=True, **options
    )
    sizes = abs(coordinates)
    outside = ~(sizes[:, :2] < _INFINITE).all(axis=1) | (sizes[:, 2:] == _INFINITE).any(axis=1)
    if outside.any():
        raise InvalidGeometryError(int(owners[outside][0]), "coordinates must be finite numbers")
