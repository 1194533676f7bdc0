"""Columns of fields that are younger than the rows: default values, or nulls.

Whoever asks keeps them, as long as the rows: a segment keeps its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from aiomilvus.model.batch import null_column
from aiomilvus.model.columns import FIXED_DTYPES, BytesColumn, FixedColumn
from aiomilvus.model.geometry import wkb_of
from aiomilvus.model.moments import moment_microseconds
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from aiomilvus.model.columns import Column
    from aiomilvus.model.schema import Field


def filled_column(field: Field, num_rows: int) -> Column:
    """Return `num_rows` times the field's default value, or null when it has none.

    A dynamic field is filled with empty JSON objects.
    """
    value = field.default if field.has_default else None
    if field.is_dynamic:
        return _repeated(b"{}", num_rows)
    if value is None:
        return null_column(field, num_rows)
    if field.dtype is DataType.TIMESTAMPTZ and isinstance(value, str):
        value = moment_microseconds(value)
    if field.dtype in FIXED_DTYPES:
        return FixedColumn(np.full(num_rows, value, FIXED_DTYPES[field.dtype]))
    if field.dtype is DataType.JSON:
        raw = value if isinstance(value, bytes) else msgspec.json.encode(value)
    elif field.dtype is DataType.GEOMETRY:
        raw = value if isinstance(value, bytes) else wkb_of([str(value)])[0] or b""
    else:
        raw = value if isinstance(value, bytes) else str(value).encode()
    return _repeated(raw, num_rows)


def _repeated(value: bytes, num_rows: int) -> BytesColumn:
    offsets = np.arange(num_rows + 1, dtype=np.int64) * len(value)
    return BytesColumn(offsets, np.frombuffer(value * num_rows, np.uint8))
