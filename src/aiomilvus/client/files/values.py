"""Columns ↔ what files hold: numbers, texts, lists, and records for sparse vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from aiomilvus.client.results.values import values_of
from aiomilvus.model.columns import VectorColumn
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from aiomilvus.model.columns import Column
    from aiomilvus.model.schema import Field


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
