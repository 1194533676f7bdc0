"""Relating geometries: what the geometry predicates of filters compute.

A relation is GEOS'; ``dwithin`` measures metres on
a sphere, taking x for the longitude and y for the latitude, in degrees, as Milvus does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from aiomilvus.model.geometry import shapely

if TYPE_CHECKING:
    from aiomilvus.expr.predicate import Spatial
    from aiomilvus.model.columns import BytesColumn

Geometries = NDArray[Any]
"""Shapes, None where there is none."""

_EARTH_RADIUS = 6_371_000.0
_METRES_PER_DEGREE = 111_320.0


def check_wkt(wkt: str, *, only_point: bool) -> None:
    """Check that `wkt` is a geometry, or a point.

    Raises:
        ValueError: It is not.
    """
    library = shapely()
    try:
        geometry = library.from_wkt(wkt)
    except library.errors.ShapelyError as error:
        reason = str(error).strip()
        raise ValueError(f"invalid WKT {wkt!r}: {reason}") from None
    if only_point and geometry.geom_type != "Point":
        raise ValueError(f"only supports POINT geometry: {wkt}")


def geometries(column: BytesColumn) -> Geometries:
    """Return the column's WKB values as geometries; None for a null or empty value."""
    values = np.empty(len(column), object)
    values[:] = [value or None for value in column]
    decoded: Geometries = shapely().from_wkb(values)
    return decoded


def related(shapes: Geometries, predicate: Spatial) -> NDArray[np.bool_]:
    """Return for which of `shapes` the relation holds; False for None."""
    library = shapely()
    if predicate.relation == "isvalid":
        valid: NDArray[np.bool_] = library.is_valid(shapes)
        return valid
    other = library.from_wkt(predicate.wkt)
    if predicate.relation == "dwithin":
        return _metres(shapes, other) <= predicate.distance
    library.prepare(shapes)
    # GEOS flags a shape that crosses itself as an invalid operation, and answers all the same.
    with np.errstate(invalid="ignore"):
        holds: NDArray[np.bool_] = getattr(library, predicate.relation)(shapes, other)
    return holds


def _metres(shapes: Geometries, point: Any) -> NDArray[np.float64]:
    """Return the distance of each shape from a point; NaN for None."""
    library = shapely()
    latitude = np.radians(library.get_y(point))
    # Milvus' approximation for all but points: degrees, scaled for the point's latitude.
    scale = _METRES_PER_DEGREE * np.sqrt((1.0 + np.cos(latitude) ** 2) / 2.0)
    metres: NDArray[np.float64] = library.distance(shapes, point) * scale
    is_point = library.get_type_id(shapes) == 0
    if is_point.any():
        points = shapes[is_point]
        metres[is_point] = _great_circle(
            np.radians(library.get_x(points)),
            np.radians(library.get_y(points)),
            np.radians(library.get_x(point)),
            latitude,
        )
    return metres


def _great_circle(x: Any, y: Any, x0: Any, y0: Any) -> NDArray[np.float64]:
    half = np.sin((y - y0) / 2) ** 2 + np.cos(y) * np.cos(y0) * np.sin((x - x0) / 2) ** 2
    metres: NDArray[np.float64] = (
        2 * _EARTH_RADIUS * np.arctan2(np.sqrt(half), np.sqrt(np.maximum(1.0 - half, 0.0)))
    )
    return metres
