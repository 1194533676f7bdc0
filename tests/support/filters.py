"""A small collection that filter tests read: its schema, and rows of dicts as a source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import msgspec
import numpy as np

from aiomilvus.expr.bind.binder import compile_filter
from aiomilvus.expr.evaluate.evaluator import evaluate
from aiomilvus.expr.source import MemorySource
from aiomilvus.model.columns import FIXED_DTYPES, BytesColumn, Column, FixedColumn, ListColumn
from aiomilvus.model.schema import DYNAMIC_FIELD, Field, Schema, StructSpec
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

T = DataType


def _fields() -> tuple[Field, ...]:
    return (
        Field(name="id", dtype=T.INT64, is_primary=True),
        Field(name="small", dtype=T.INT8, nullable=True),
        Field(name="middle", dtype=T.INT32),
        Field(name="big", dtype=T.INT64, nullable=True),
        Field(name="single", dtype=T.FLOAT, nullable=True),
        Field(name="double", dtype=T.DOUBLE, nullable=True),
        Field(name="flag", dtype=T.BOOL, nullable=True),
        Field(name="text", dtype=T.VARCHAR, nullable=True, params={"enable_match": "true"}),
        Field(name="other", dtype=T.VARCHAR),
        Field(name="meta", dtype=T.JSON, nullable=True),
        Field(name="numbers", dtype=T.ARRAY, element_type=T.INT64, nullable=True),
        Field(name="floats", dtype=T.ARRAY, element_type=T.FLOAT),
        Field(name="tags", dtype=T.ARRAY, element_type=T.VARCHAR, nullable=True),
        Field(name="moment", dtype=T.TIMESTAMPTZ, nullable=True),
        Field(name="shape", dtype=T.GEOMETRY, nullable=True),
        Field(name="vector", dtype=T.FLOAT_VECTOR, dim=2),
        Field(name="chunks[page]", dtype=T.ARRAY, element_type=T.INT32, struct="chunks"),
        Field(name="chunks[body]", dtype=T.ARRAY, element_type=T.VARCHAR, struct="chunks"),
        Field(name="chunks[vec]", dtype=T.ARRAY_OF_VECTOR, element_type=T.FLOAT_VECTOR,
              struct="chunks", dim=2),
    )  # fmt: skip


STATIC = Schema(fields=_fields(), structs=(StructSpec(name="chunks", max_capacity=8),))
"""Without a dynamic field, so that an unknown name is an error."""

SCHEMA = Schema(
    fields=(*_fields(), Field(name=DYNAMIC_FIELD, dtype=T.JSON, is_dynamic=True)),
    structs=STATIC.structs,
    enable_dynamic_field=True,
)

Row = dict[str, Any]


def source_of(rows: Sequence[Row]) -> MemorySource:
    """Return `rows` as a source; what a row leaves out is null, keys without a field dynamic."""
    columns: dict[str, Column] = {}
    for field in _fields():
        if field.dtype.is_vector or field.element_type.is_vector:
            continue
        if field.struct:
            sub = field.name.split("[")[1][:-1]
            values = [
                None if row.get(field.struct) is None else [item[sub] for item in row[field.struct]]
                for row in rows
            ]
        else:
            values = [row.get(field.name) for row in rows]
        columns[field.name] = column_of(field, values)
    known = {field.name for field in _fields()} | {"chunks"}
    dynamic = [{key: value for key, value in row.items() if key not in known} for row in rows]
    columns[DYNAMIC_FIELD] = _encoded([msgspec.json.encode(extra) for extra in dynamic])
    return MemorySource(columns, len(rows))


def column_of(field: Field, values: Sequence[Any]) -> Column:
    """Return `values`, None being null, as the column of `field`."""
    if field.dtype is T.ARRAY:
        offsets = np.cumsum([0, *(len(value or ()) for value in values)]).astype(np.int64)
        element = Field(name=field.name, dtype=field.element_type)
        child = column_of(element, [item for value in values for item in value or ()])
        return ListColumn(offsets, child, _valid(values))
    if field.dtype in FIXED_DTYPES:
        present = [0 if value is None else value for value in values]
        return FixedColumn(np.array(present, FIXED_DTYPES[field.dtype]), _valid(values))
    return _encoded([None if value is None else _bytes(field, value) for value in values])


def _bytes(field: Field, value: Any) -> bytes:
    if field.dtype is T.JSON:
        return value if isinstance(value, bytes) else msgspec.json.encode(value)
    if field.dtype is T.GEOMETRY:
        import shapely

        return cast("bytes", shapely.to_wkb(shapely.from_wkt(value)))
    return cast("str", value).encode()


def _encoded(values: list[bytes | None] | list[bytes]) -> BytesColumn:
    return BytesColumn.of(cast("list[bytes | None]", values))


def _valid(values: Sequence[Any]) -> Any:
    if all(value is not None for value in values):
        return None
    return np.array([value is not None for value in values])


def passing(
    text: str, rows: Sequence[Row], params: Mapping[str, object] | None = None
) -> list[int]:
    """Return the positions of the rows that the filter `text` lets pass."""
    predicate = compile_filter(text, SCHEMA, params)
    return np.flatnonzero(evaluate(predicate, source_of(rows))).tolist()
