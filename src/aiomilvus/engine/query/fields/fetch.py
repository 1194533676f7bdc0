"""Output fields: which ones are meant, and their values at the rows found."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from aiomilvus.errors import ParamError
from aiomilvus.expr.bind.paths import json_path_called
from aiomilvus.model.batch import ColumnBatch, empty_column
from aiomilvus.model.nearest import or_nearest
from aiomilvus.model.read_limits import check_output, end_if_abandoned, is_limited
from aiomilvus.model.schema import DYNAMIC_FIELD
from aiomilvus.model.types import FunctionType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from aiomilvus.engine.snapshot import SegmentView
    from aiomilvus.model.columns import Column
    from aiomilvus.model.schema import Field, Schema

ViewRows = tuple["SegmentView", "NDArray[np.int64]", "NDArray[np.int64]"]
"""A view, rows of it, and where these rows go in the result."""


_NO_KEY = frozenset("[]()")
"""Characters of paths and aggregates, which plain dynamic keys do not have."""


class Outputs(NamedTuple):
    """What a result holds.

    Attributes:
        names: Names of fields and of dynamic keys, as results tell them.
        fields: The fields to read for them: of ``$meta["x"]`` the dynamic one, also where a field
            is called ``x``.
    """

    names: tuple[str, ...]
    fields: tuple[Field, ...]


def outputs(schema: Schema, asked: Sequence[str]) -> Outputs:
    """Return the output fields meant by `asked`: ``*`` expanded, dynamic keys kept.

    As in Milvus, ``*`` leaves out what BM25 functions fill. Where a field and a dynamic key of its
    name are both asked for, the result has the field.

    Raises:
        ParamError: A name is neither a field nor, where that is enabled, a dynamic key; or a
            BM25 function fills the field.
    """
    names: dict[str, str] = {}
    counted = _counted_terms(schema)
    for name in asked:
        if name == "*":
            names |= {each.name: each.name for each in schema.fields if each.name not in counted}
            continue
        if name in counted:
            message = f"not allowed to retrieve raw data of field {name}: invalid parameter"
            raise ParamError(message=message)
        field = schema.by_name.get(name)
        subfields = schema.fields_of(name) if field is None else ()
        if field is None and not subfields and not schema.enable_dynamic_field:
            message = f"parse output field name failed: {name}: field {name} not exist"
            message += or_nearest(name, [each.name for each in schema.fields])
            raise ParamError(message=message)
        if field is not None:
            names[name] = name
        elif subfields:
            names |= {each.name: each.name for each in subfields}
        else:
            key = _dynamic_key(schema, name) if _NO_KEY & set(name) else name
            names.setdefault(key, DYNAMIC_FIELD)
    read = dict.fromkeys(names.values())
    return Outputs(tuple(names), tuple(schema.by_name[name] for name in read))


def _counted_terms(schema: Schema) -> frozenset[str]:
    """Return the fields that hold the terms of texts for BM25."""
    bm25 = (each for each in schema.functions if each.type is FunctionType.BM25)
    return frozenset(name for each in bm25 for name in each.outputs)


def _dynamic_key(schema: Schema, name: str) -> str:
    """Return the key of ``$meta["key"]``.

    Raises:
        ParamError: The name is no key, or leads deeper than one.
    """
    path = json_path_called(schema, name)
    if path is None or path.field != DYNAMIC_FIELD or len(path.path) != 1:
        text = "not support getting subkeys of json field yet"
        raise ParamError(message=f"parse output field name failed: {name}: {text}")
    return path.path[0]


def places_of(
    views: Sequence[SegmentView], owners: NDArray[np.int64], rows: NDArray[np.int64]
) -> list[ViewRows]:
    """Return which rows of which view make up a result, and where they go.

    Args:
        views: The views searched.
        owners: int64 (n,), for each result row the number of its view.
        rows: int64 (n,), for each result row its row in that view.
    """
    if len(views) == 1:
        return [(views[0], rows, np.arange(len(rows)))]
    places = []
    for number in np.unique(owners).tolist():
        at = np.flatnonzero(owners == number)
        places.append((views[number], rows[at], at))
    return places


def gather(field: Field, places: Sequence[ViewRows]) -> Column:
    """Return a field's values at the places, in the order of the result."""
    end_if_abandoned()
    if len(places) == 1:
        view, rows, _ = places[0]
        return view.segment.column(field).take(rows)
    if not places:
        return empty_column(field)
    parts = [view.segment.column(field).take(rows) for view, rows, _ in places]
    order = np.concatenate([at for _, _, at in places])
    back = np.empty(len(order), np.int64)
    back[order] = np.arange(len(order))
    return type(parts[0]).concat(parts).take(back)


def _size(fields: Sequence[Field], places: Sequence[ViewRows]) -> int:
    """Return about how many bytes the values at the places have: as many as others have."""
    size = 0.0
    for view, rows, _ in places:
        for field in fields:
            column = view.segment.column(field)
            size += len(rows) * column.nbytes / max(len(column), 1)
    return int(size)


def fetch_from(fields: Sequence[Field], view: SegmentView, rows: NDArray[np.int64]) -> ColumnBatch:
    """Return the columns of fields at rows, int64 (n,), of one view."""
    end_if_abandoned()
    if is_limited():
        check_output(_size(fields, [(view, rows, rows)]))
    column = view.segment.column
    return ColumnBatch(len(rows), {field.name: column(field).take(rows) for field in fields})


def fetch(fields: Sequence[Field], places: Sequence[ViewRows]) -> ColumnBatch:
    """Return the columns of fields at the places."""
    if len(places) == 1:
        return fetch_from(fields, places[0][0], places[0][1])
    count = sum([len(rows) for _, rows, _ in places])
    if is_limited():
        check_output(_size(fields, places))
    columns = {field.name: gather(field, places) for field in fields}
    return ColumnBatch(count, columns)
