"""Relating geometries: what the geometry predicates of filters compute.

A relation is GEOS'; ``dwithin`` measures metres on a sphere, taking x for the longitude and y for
the latitude, in degrees, as Milvus does. A shape that GEOS can't relate, as some invalid ones, has
no relation to anything.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from aiomilvus.model.geometry import InvalidGeometryError, check_finite, shapely

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.expr.predicate import Spatial
    from aiomilvus.model.columns import BytesColumn

Geometries = NDArray[Any]
"""Shapes, None where there is none."""

_EARTH_RADIUS = 6_371_000.0
_METRES_PER_DEGREE = 111_320.0
_TURNED = {"contains": "within", "within": "contains"}
"""Relations that have another name from the other side; the rest are the same from both."""
_COLLECTION = 7
"""The type of a geometry collection."""


def check_wkt(wkt: str, *, only_point: bool) -> None:
    """Check that `wkt` is a geometry, or a point.

    Raises:
        ValueError: It is not.
    """
    library = shapely()
    try:
        geometry = library.from_wkt(wkt)
        check_finite(geometry)
    except (library.errors.ShapelyError, NotImplementedError, InvalidGeometryError) as error:
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
        return _valid(shapes)
    other = library.from_wkt(predicate.wkt)
    if predicate.relation == "dwithin":
        return _metres(shapes, other) <= predicate.distance
    is_valid = bool(_valid(np.array([other], object))[0])
    if library.get_type_id(other) != _COLLECTION:
        if is_valid:
            library.prepare(other)
    elif not is_valid:
        return np.zeros(len(shapes), np.bool_)
    relation = getattr(library, _TURNED.get(predicate.relation, predicate.relation))
    # GEOS flags a shape that crosses itself as an invalid operation, and answers anyway.
    with np.errstate(invalid="ignore", over="ignore"):
        return _tested(partial(relation, other), _relatable(shapes))


def _relatable(shapes: Geometries) -> Geometries:
    """Return the shapes, None in place of collections of invalid ones: GEOS may crash on them."""
    collections = np.flatnonzero(shapely().get_type_id(shapes) == _COLLECTION)
    bad = collections[~_valid(shapes[collections])]
    if not len(bad):
        return shapes
    kept = shapes.copy()
    kept[bad] = None
    return kept


def _valid(shapes: Geometries) -> NDArray[np.bool_]:
    return _tested(shapely().is_valid, shapes)


def _tested(
    test: Callable[[Geometries], NDArray[np.bool_]], shapes: Geometries
) -> NDArray[np.bool_]:
    """Return which of `shapes` pass; those that GEOS can't test do not."""
    try:
        return test(shapes)
    except shapely().errors.ShapelyError:
        if len(shapes) == 1:
            return np.zeros(1, np.bool_)
        half = len(shapes) // 2
        return np.concatenate([_tested(test, shapes[:half]), _tested(test, shapes[half:])])


def _metres(shapes: Geometries, point: Any) -> NDArray[np.float64]:
    """Return the distance of each shape from a point; NaN for None and what is empty."""
    library = shapely()
    if library.is_empty(point):
        return np.full(len(shapes), np.nan)
    latitude = np.radians(library.get_y(point))
    # Milvus' approximation for all but points: degrees, scaled for the point's latitude.
    scale = _METRES_PER_DEGREE * np.sqrt((1.0 + np.cos(latitude) ** 2) / 2.0)
    metres: NDArray[np.float64] = library.distance(shapes, point) * scale
    is_point = (library.get_type_id(shapes) == 0) & ~library.is_empty(shapes)
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
