"""Columns ↔ what files hold: numbers, texts, lists, and records for sparse vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from aiomilvus.client.results.arrow import arrow
from aiomilvus.client.results.values import values_of
from aiomilvus.model.columns import VectorColumn
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    import pyarrow as pa

    from aiomilvus.model.columns import Column
    from aiomilvus.model.schema import Field

_SIXTEEN_BITS = (DataType.FLOAT16_VECTOR, DataType.BFLOAT16_VECTOR)


def file_values(field: Field, column: Column, zone: str) -> list[object]:
    """Return a column's values as files have them, None for null.

    Dense vectors are lists of numbers (of bytes where they are bits), sparse ones
    ``{"indices": […], "values": […]}``, moments and geometries texts. A text in a JSON field is
    JSON text, in quotation marks, as `insert` takes it.

    Args:
        field: Tells the type.
        column: The values.
        zone: Time zone to write moments in.
    """
    values: list[object]
    if isinstance(column, VectorColumn):
        values = list(_numbers(field, column).tolist())
        if column.valid is not None:
            present = column.valid.tolist()
            values = [v if there else None for v, there in zip(values, present, strict=True)]
        return values
    values = values_of(column, field.dtype, field.element_type, zone)
    if field.dtype is DataType.SPARSE_FLOAT_VECTOR:
        values = [
            {"indices": list(v), "values": list(v.values())} if isinstance(v, dict) else None
            for v in values
        ]
    elif field.dtype is DataType.JSON:
        values = [msgspec.json.encode(v).decode() if isinstance(v, str) else v for v in values]
    return values


def _numbers(
    field: Field, column: VectorColumn
) -> np.ndarray[tuple[int, ...], np.dtype[np.generic]]:
    """Return vectors as numbers that a file can hold exactly."""
    if field.dtype is DataType.BFLOAT16_VECTOR:
        return (column.values.astype(np.uint32) << 16).view(np.float32)
    if field.dtype is DataType.FLOAT16_VECTOR:
        return column.values.astype(np.float32)
    return column.values


def table_values(field: Field | None, values: list[object], kind: pa.DataType) -> list[object]:
    """Return the values of a column of Parquet or CSV as rows take them; None is no field's.

    Vectors of 16-bit numbers may be lists of bytes, two for a number and the lower first, as
    pymilvus' bulk writer has them in Parquet; else they are lists of numbers.
    """
    if field is None:
        return values
    if field.dtype in _SIXTEEN_BITS and _is_bytes(kind):
        return [bytes(value) if isinstance(value, list) else None for value in values]
    return [row_value(field, value) for value in values]


def _is_bytes(kind: pa.DataType) -> bool:
    element = getattr(kind, "value_type", None)  # of lists alone
    return element is not None and bool(arrow().types.is_uint8(element))


def row_value(field: Field, value: object) -> object:
    """Return a value of a file as rows take it."""
    if isinstance(value, str) and (field.dtype.is_vector or field.dtype is DataType.ARRAY):
        value = msgspec.json.decode(value)
    if field.dtype is DataType.SPARSE_FLOAT_VECTOR and isinstance(value, dict):
        if value.keys() == {"indices", "values"}:
            return dict(zip(value["indices"], value["values"], strict=True))
        return value
    if field.dtype is DataType.BINARY_VECTOR and isinstance(value, list):
        return bytes(value)
    return value
