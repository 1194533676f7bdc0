"""Geometry predicates: ``st_contains(field, 'POLYGON(…)')`` and its kin."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast, get_args

from aiomilvus.expr.bind.calls import arguments, constant, string
from aiomilvus.expr.bind.values import fault
from aiomilvus.expr.geometry import check_wkt
from aiomilvus.expr.predicate import Bound, Spatial, SpatialRelation
from aiomilvus.expr.tree import Call, Name
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.expr.bind.scope import Scope


def _relation(relation: SpatialRelation, scope: Scope, node: Call) -> Bound:
    arguments(node, 2, 2)
    field = _geometry_field(scope, node, "spatial")
    return Spatial(field, relation, _wkt(scope, node, only_point=False))


def _is_valid(scope: Scope, node: Call) -> Bound:
    arguments(node, 1, 1)
    return Spatial(_geometry_field(scope, node, "STIsValid"), "isvalid")


def _within_distance(scope: Scope, node: Call) -> Bound:
    arguments(node, 3, 3)
    field = _geometry_field(scope, node, "ST_DWITHIN")
    wkt = _wkt(scope, node, only_point=True)
    given = node.arguments[2]
    complaint = "distance parameter must be a constant numeric value, got: "
    distance = constant(scope, given, complaint).value
    if isinstance(distance, bool) or not isinstance(distance, (int, float)):
        cause = "distance parameter must be a numeric value (int or float), got: "
        raise fault(given, cause + scope.source(given))
    if distance < 0:
        raise fault(given, f"distance parameter must be non-negative, got: {float(distance):f}")
    return Spatial(field, "dwithin", wkt, float(distance))


def _geometry_field(scope: Scope, node: Call, function: str) -> str:
    target = node.arguments[0]
    field = scope.field(target, target.name) if isinstance(target, Name) else None
    if field is None or field.dtype is not DataType.GEOMETRY or scope.element is not None:
        cause = f"{function} operation are only supported on geometry fields now, got: "
        raise fault(target, cause + scope.source(node))
    scope.columns.add(field.name)
    return field.name


def _wkt(scope: Scope, node: Call, *, only_point: bool) -> str:
    wkt = string(scope, node.arguments[1], "WKT string")
    try:
        check_wkt(wkt, only_point=only_point)
    except ValueError as error:
        raise fault(node.arguments[1], str(error)) from None
    return wkt


SPATIAL: dict[str, Callable[[Scope, Call], Bound]] = {
    f"st_{relation}": partial(_relation, cast("SpatialRelation", relation))
    for relation in get_args(SpatialRelation)
    if relation not in ("dwithin", "isvalid")
}
SPATIAL["st_dwithin"] = _within_distance
SPATIAL["st_isvalid"] = _is_valid
