"""RTREE: geometries by their bounding boxes, to prune what a spatial predicate is tried on.

A packed R-tree of two levels: boxes are sorted in tiles by Sort-Tile-Recursive (Leutenegger,
Lopez and Edgington, 1997), and every run of 64 has a box of its own. All of it is arrays, so
it is mapped, not rebuilt, when a segment is opened. Candidates are tried with shapely.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.index.contract import ScalarIndex
from aiomilvus.errors import DataCorruptedError
from aiomilvus.expr import predicate as p
from aiomilvus.expr.geometry import geometries, related
from aiomilvus.expr.interrupting import never_interrupt
from aiomilvus.model.geometry import shapely

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from aiomilvus.model.columns import BytesColumn

    Boxes = NDArray[np.float64]
    """(n, 4): least x, least y, greatest x, greatest y."""

FORMAT = 1
_BLOCK = 1 << 16
"""Geometries that are parsed between two questions whether to go on."""
_RUN = 64
_METRES_PER_DEGREE = 111_194.0
"""Of a great circle on Milvus' sphere, rounded down."""
_LEAST_SCALE = 78_700.0
"""What a degree counts at the poles where `expr.geometry` approximates, rounded down."""


class BoxIndex(ScalarIndex):
    """Bounding boxes in tiles. Implements `ScalarIndex`.

    Args:
        column: The geometries, WKB.
        boxes: float64 (m, 4), of the rows that have one, in tile order.
        rows: Row of each box.
        runs: float64 (ceil(m / 64), 4), box of each run of 64 boxes.
    """

    kind = "packed R-tree of bounding boxes"

    def __init__(self, column: BytesColumn, boxes: Boxes, rows: NDArray[Any], runs: Boxes) -> None:
        self.num_rows = len(column)
        self._column = column
        self._boxes = boxes
        self._rows = rows
        self._runs = runs

    def lookup(self, leaf: Any) -> NDArray[np.bool_] | None:
        """Return where a spatial predicate holds, None when boxes can't tell."""
        box = self._box_of(leaf)
        if box is None:
            return None
        rows = self._touching(box)
        mask = np.zeros(self.num_rows, np.bool_)
        if len(rows):
            mask[rows] = related(geometries(self._column.take(rows)), leaf)
        return mask

    def count(self, leaf: Any) -> int | None:  # noqa: ARG002 - no leaf is counted
        """Return None: the predicate has to be tried to know."""
        return None

    def _touching(self, box: Boxes) -> NDArray[np.int64]:
        """Return the rows whose boxes share a point with `box`, ascending."""
        near = np.flatnonzero(_touch(self._runs, box))
        places = (near[:, None] * _RUN + np.arange(_RUN)).reshape(-1)
        places = places[places < len(self._boxes)]
        found = self._rows[places[_touch(self._boxes[places], box)]]
        return np.sort(found).astype(np.int64)

    def _box_of(self, leaf: Any) -> Boxes | None:
        """Return the box outside of which the predicate holds nowhere, None for no such box."""
        if not isinstance(leaf, p.Spatial) or leaf.relation == "isvalid":
            return None
        box: Boxes = np.array(shapely().from_wkt(leaf.wkt).bounds, np.float64)
        if len(box) != 4 or np.isnan(box).any():
            return None
        return self._within(box, leaf.distance) if leaf.relation == "dwithin" else box

    def _within(self, point: Boxes, metres: float) -> Boxes | None:
        """Return the box around all that may be so near to a point."""
        x, y = float(point[0]), float(point[1])
        up = max(metres / _METRES_PER_DEGREE, metres / _LEAST_SCALE) * 1.001
        if abs(y) + up >= 89.0:
            return None
        reach = math.sin(math.radians(up)) / math.cos(math.radians(y))
        aside = max(math.degrees(math.asin(min(reach, 1.0))), up) * 1.001
        around = np.array([x - aside, y - up, x + aside, y + up])
        everything = np.vstack([self._runs, around])
        # Across the date line a box is no longer one box.
        return None if np.abs(everything[:, ::2]).max() > 180.0 else around

    def to_arrays(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return the arrays and the description that `open_boxes` takes."""
        return {"boxes": self._boxes, "rows": self._rows, "runs": self._runs}, {"format": FORMAT}


def _touch(boxes: Boxes, box: Boxes) -> NDArray[np.bool_]:
    touching: NDArray[np.bool_] = (
        (boxes[:, 0] <= box[2])
        & (boxes[:, 2] >= box[0])
        & (boxes[:, 1] <= box[3])
        & (boxes[:, 3] >= box[1])
    )
    return touching


def build_boxes(column: BytesColumn, check: Callable[[], object] = never_interrupt) -> BoxIndex:
    """Index a column of geometries; nulls and empty shapes have no box.

    `check` is called now and then; what it raises ends the work.

    Raises:
        NotSupportedError: shapely is not installed.
    """
    bounds: Boxes = np.empty((len(column), 4))
    for start in range(0, len(column), _BLOCK):
        check()
        block = column.slice(start, min(start + _BLOCK, len(column)))
        bounds[start : start + _BLOCK] = shapely().bounds(geometries(block))
    rows = np.flatnonzero(~np.isnan(bounds).any(axis=1))
    boxes = bounds[rows]
    order = _tiles(boxes)
    boxes = np.ascontiguousarray(boxes[order])
    firsts = np.arange(0, len(boxes), _RUN)
    runs = np.empty((len(firsts), 4))
    for side, extreme in enumerate((np.minimum, np.minimum, np.maximum, np.maximum)):
        if len(firsts):
            runs[:, side] = extreme.reduceat(boxes[:, side], firsts)
    small = np.uint32 if len(column) < 2**32 else np.int64
    return BoxIndex(column, boxes, rows[order].astype(small), runs)


def _tiles(boxes: Boxes) -> NDArray[np.int64]:
    """Return the order of the boxes by vertical strip, and by height within each."""
    across, up = boxes[:, 0] + boxes[:, 2], boxes[:, 1] + boxes[:, 3]
    strips = max(math.isqrt(-(-len(boxes) // _RUN)), 1)
    strip = np.empty(len(boxes), np.int64)
    strip[np.argsort(across, kind="stable")] = np.arange(len(boxes)) * strips // max(len(boxes), 1)
    return np.lexsort((up, strip))


def open_boxes(
    column: BytesColumn, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]
) -> BoxIndex:
    """Open what `BoxIndex.to_arrays` gave.

    Raises:
        DataCorruptedError: It is of another format.
    """
    if meta.get("format") != FORMAT:
        raise DataCorruptedError(
            message=f"geometry index format {meta.get('format')!r}, expected {FORMAT}"
        )
    return BoxIndex(column, arrays["boxes"], arrays["rows"], arrays["runs"])
