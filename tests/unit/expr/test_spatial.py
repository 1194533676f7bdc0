"""Geometry predicates, by shapely."""

from __future__ import annotations

import math

import pytest

from aiomilvus.errors import MilvusException
from aiomilvus.model.geometry import InvalidGeometryError, wkb_of
from tests.support.filters import passing

SQUARE = "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))"
ROWS: list[dict[str, object]] = [
    {"shape": "POINT (2 2)"},
    {"shape": "POINT (9 9)"},
    {"shape": None},
    {"shape": "LINESTRING (-1 2, 5 2)"},
    {"shape": "POLYGON ((4 0, 8 0, 8 4, 4 4, 4 0))"},
    {"shape": "POLYGON ((2 2, 6 2, 6 6, 2 6, 2 2))"},
    {"shape": "POLYGON ((4 4, 4 0, 0 0, 0 4, 4 4))"},
]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("st_within(shape, {square})", [0, 6]),
        ("ST_WITHIN(shape, {square})", [0, 6]),
        ("st_contains(shape, 'POINT (5 5)')", [5]),
        ("st_intersects(shape, 'POINT (2 2)')", [0, 3, 5, 6]),
        ("st_equals(shape, {square})", [6]),
        ("st_touches(shape, {square})", [4]),
        ("st_overlaps(shape, {square})", [5]),
        ("st_crosses(shape, {square})", [3]),
        ("not st_intersects(shape, {square})", [1]),
        ("shape is null", [2]),
        ("st_within(shape, {square}) and st_isvalid(shape)", [0, 6]),
    ],
)
def test_relations(text: str, wanted: list[int]) -> None:
    assert passing(text, ROWS, {"square": SQUARE}) == wanted


def test_a_polygon_that_crosses_itself_is_not_valid() -> None:
    bow_tie = "POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))"
    rows: list[dict[str, object]] = [{"shape": SQUARE}, {"shape": bow_tie}, {"shape": None}]
    assert passing("st_isvalid(shape)", rows) == [0]
    assert passing("not st_isvalid(shape)", rows) == [1]


def test_distances_are_metres_on_the_globe() -> None:
    degree = 6_371_000 * math.pi / 180
    rows: list[dict[str, object]] = [
        {"shape": "POINT (0 0)"},
        {"shape": "POINT (0 1)"},
        {"shape": "POINT (1 0)"},
        {"shape": "POINT (180 0)"},
        {"shape": None},
    ]
    text = "st_dwithin(shape, 'POINT (0 0)', {metres})"
    assert passing(text, rows, {"metres": 0}) == [0]
    assert passing(text, rows, {"metres": degree - 1}) == [0]
    assert passing(text, rows, {"metres": degree + 1}) == [0, 1, 2]
    assert passing(text, rows, {"metres": 180 * degree - 1}) == [0, 1, 2]
    assert passing(text, rows, {"metres": 180 * degree + 1}) == [0, 1, 2, 3]
    assert passing(f"not {text}", rows, {"metres": degree + 1}) == [3]


def test_the_distance_of_other_shapes_is_scaled_from_degrees() -> None:
    rows: list[dict[str, object]] = [{"shape": "LINESTRING (1 0, 1 5)"}, {"shape": "POINT (1 0)"}]
    text = "st_dwithin(shape, 'POINT (0 0)', {metres})"
    assert passing(text, rows, {"metres": 111_319}) == [1]
    assert passing(text, rows, {"metres": 111_321}) == [0, 1]


def test_a_restriction_to_some_rows_relates_only_these() -> None:
    rows = [{**row, "id": number} for number, row in enumerate(ROWS)]
    assert passing("id == 0 and st_within(shape, {square})", rows, {"square": SQUARE}) == [0]


def test_a_shape_that_cannot_be_related_has_no_relation_and_fails_no_other() -> None:
    bow_tie = "POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))"
    folded = "POLYGON ((2 2, 0 2, 3 2, 2 0, 2 2), (2 1, 1 0, 3 0, 1 0, 2 1))"
    pair = (
        "GEOMETRYCOLLECTION (POLYGON ((3 0, 2 0, 2 0, 1 1, 3 0)), POLYGON ((1 0, 2 0, 0 1, 1 0)))"
    )
    rows: list[dict[str, object]] = [
        {"shape": folded},
        {"shape": "POINT (3 0)"},
        {"shape": f"GEOMETRYCOLLECTION ({bow_tie}, POINT (3 0))"},
        {"shape": "POINT (9 9)"},
    ]
    assert passing("st_touches(shape, {pair})", rows, {"pair": pair}) == [1]
    # GEOS may crash on collections of invalid shapes.
    assert passing("st_intersects(shape, 'POINT (3 0)')", rows[1:]) == [0]
    invalid = {"shape": f"GEOMETRYCOLLECTION ({bow_tie}, POINT (3 0))"}
    assert passing("st_intersects(shape, {shape})", rows, invalid) == []


def test_nothing_empty_is_near() -> None:
    rows: list[dict[str, object]] = [
        {"shape": "POINT EMPTY"},
        {"shape": "POLYGON EMPTY"},
        {"shape": "POINT (0 0)"},
    ]
    assert passing("st_dwithin(shape, 'POINT (0 0)', 100)", rows) == [2]
    assert passing("st_dwithin(shape, 'POINT EMPTY', 100)", rows) == []


def test_curves_are_refused() -> None:
    curve = "CIRCULARSTRING (0 0, 1 1, 2 0)"
    with pytest.raises(InvalidGeometryError, match=r"Nonlinear") as refused:
        wkb_of(["POINT (0 0)", None, curve])
    assert refused.value.at == 2
    with pytest.raises(MilvusException, match="invalid WKT"):
        passing("st_within(shape, {curve})", ROWS, {"curve": curve})
