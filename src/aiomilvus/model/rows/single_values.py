"""Readers, made once per field, of a single value of the type that the field usually gets.

What a row costs that comes alone hardly depends on its values: finding out what they are, for any
that there may be, takes longest. A reader takes one kind alone and returns None for all others; the
readers of whole columns take those, and say what is wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.model.columns import FIXED_DTYPES, BytesColumn, FixedColumn, VectorColumn
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.model.columns import Column
    from aiomilvus.model.schema import Field

    Reader = Callable[[object], Column | None]

_LONG = FIXED_DTYPES[DataType.INT64]
_FIRST, _LAST = np.iinfo(_LONG).min, np.iinfo(_LONG).max
_FLOAT = np.dtype(np.float32)
_BYTE = np.dtype(np.uint8)
_TEXTS = (DataType.VARCHAR, DataType.STRING, DataType.TEXT)


def reader_of(field: Field) -> Reader:
    """Return what makes a column of one value of a field, or returns None for it."""
    if field.dtype is DataType.INT64:
        return _long
    if field.dtype in _TEXTS:
        return _text
    if field.dtype is DataType.FLOAT_VECTOR:
        return _vector_reader(field.dim)
    return _none


def _none(_: object) -> None:
    return None


def _long(value: object) -> Column | None:
    if type(value) is not int or not _FIRST <= value <= _LAST:
        return None
    return FixedColumn(np.array((value,), _LONG))


def _text(value: object) -> Column | None:
    if type(value) is not str or not value.isascii():
        return None
    data = np.frombuffer(value.encode(), _BYTE)
    return BytesColumn(np.array((0, len(data)), _LONG), data)


def _vector_reader(dim: int) -> Reader:
    shape = (dim,)

    def read(value: object) -> Column | None:
        if type(value) is not np.ndarray or value.dtype is not _FLOAT or value.shape != shape:
            return None
        return VectorColumn(value[None].copy())

    return read
