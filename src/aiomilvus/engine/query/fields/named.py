"""Values that hits and rows are grouped or sorted by: of fields, or where paths lead in JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from aiomilvus.engine.query.fields.fetch import gather
from aiomilvus.engine.query.fields.ordering import ranks, sorted_rows, sorting_field
from aiomilvus.engine.query.filtering.view_source import SegmentSource
from aiomilvus.errors import FieldNotFoundError, ParamError
from aiomilvus.expr.bind.paths import json_path_called
from aiomilvus.expr.json_paths import JsonValues, Kind
from aiomilvus.model.columns import BytesColumn, FixedColumn
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from aiomilvus.engine.query.fields.fetch import ViewRows
    from aiomilvus.engine.snapshot import Snapshot
    from aiomilvus.expr.predicate import JsonPath
    from aiomilvus.model.columns import Column
    from aiomilvus.model.schema import Schema
    from aiomilvus.model.sorting import SortKey

    Rows = NDArray[np.int64]

_NUMBERS = (Kind.INTEGER, Kind.DOUBLE)


def check_sorted_by(schema: Schema, name: str) -> None:
    """Raise ParamError unless rows can be sorted by `name`: a scalar field or a JSON path."""
    if not _is_path(schema, name):
        sorting_field(schema, name)


def check_grouped_by(schema: Schema, names: Sequence[str]) -> None:
    """Raise ParamError unless hits can be grouped by `names`: scalar fields, or one JSON path."""
    for name in names:
        if _is_path(schema, name):
            if len(names) > 1:
                message = (
                    "group_by with json path is not supported for multi-field group_by, field:"
                )
                raise ParamError(message=f"{message}{name}: invalid parameter")
            continue
        field = schema.by_name.get(name)
        if field is None:
            message = f"groupBy field not found in schema: field not found[field={name}]"
            raise FieldNotFoundError(message=message)
        kind = field.dtype
        if not (
            kind.is_integer or kind.is_short_text or kind in (DataType.BOOL, DataType.TIMESTAMPTZ)
        ):
            message = f"unsupported data type {kind.name} for group by operator: field {name}"
            raise ParamError(message=f"{message}: invalid parameter")


def grouping_values(snapshot: Snapshot, name: str, places: Sequence[ViewRows]) -> Column:
    """Return what rows are grouped by; of a path the values' JSON, null where there is none."""
    path = _path(snapshot.schema, name)
    if path is None:
        return gather(snapshot.schema.by_name[name], places)
    found = _values(snapshot, path, places)
    there = found.kinds > Kind.NULL
    texts = [msgspec.json.encode(value) for value in _listed(found)]
    column = BytesColumn.of(texts)
    column.valid = None if there.all() else there
    return column


def sorting_values(snapshot: Snapshot, name: str, places: Sequence[ViewRows]) -> Column:
    """Return what rows are sorted by.

    Where a path leads to, Booleans come before numbers, and these before texts; arrays, objects
    and what is missing are nulls.
    """
    path = _path(snapshot.schema, name)
    if path is None:
        return gather(sorting_field(snapshot.schema, name), places)
    found = _values(snapshot, path, places)
    number = found.are(*_NUMBERS)
    kinds = np.where(number, int(Kind.INTEGER), found.kinds)
    # Integers of more digits than a double has are told apart by their own values.
    parts = (ranks(found.strings), found.integers, found.doubles, kinds)
    order = np.lexsort(parts)
    place = np.zeros(len(order), np.int64)
    if len(order) > 1:
        new = np.logical_or.reduce([part[order][1:] != part[order][:-1] for part in parts])
        place[order[1:]] = np.cumsum(new)
    valid = found.are(Kind.BOOL, Kind.STRING) | number
    return FixedColumn(place, None if valid.all() else valid)


def order_by(snapshot: Snapshot, keys: Sequence[SortKey], places: Sequence[ViewRows]) -> Rows:
    """Return the stable order of the rows at `places` by `keys`, the first key first.

    Raises:
        ParamError: There is no such field or path, or its values have no order.
    """
    columns = (sorting_values(snapshot, key.field, places) for key in keys)
    return sorted_rows(keys, columns)


def _is_path(schema: Schema, name: str) -> bool:
    return _path(schema, name) is not None


def _path(schema: Schema, name: str) -> JsonPath | None:
    """Return where a name leads that is no field's; None for fields and unknown names."""
    return None if name in schema.by_name else json_path_called(schema, name)


def _values(snapshot: Snapshot, path: JsonPath, places: Sequence[ViewRows]) -> JsonValues:
    """Return what the path leads to at the places, in the order of the result."""
    if not places:
        return JsonValues.of([])
    parts = [
        SegmentSource(snapshot, view).json_path(path.field, path.path).take(rows)
        for view, rows, _ in places
    ]
    order = np.concatenate([at for _, _, at in places])
    back = np.empty(len(order), np.int64)
    back[order] = np.arange(len(order))
    return JsonValues.concat(parts).take(back)


def _listed(found: JsonValues) -> list[object]:
    """Return the values as Python's; None where there is none."""
    objects = found.objects
    columns: dict[int, list[object]] = {
        Kind.BOOL: [bool(each) for each in found.integers],
        Kind.INTEGER: found.integers.tolist(),
        Kind.DOUBLE: found.doubles.tolist(),
        Kind.STRING: [each.decode() for each in found.strings],
        Kind.ARRAY: [] if objects is None else objects.tolist(),
    }
    columns[Kind.OBJECT] = columns[Kind.ARRAY]
    return [
        columns[kind][row] if kind > Kind.NULL else None
        for row, kind in enumerate(found.kinds.tolist())
    ]
