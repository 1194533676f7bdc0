"""Tests, made once per field, that tell of most columns that all their values fit.

They look at layouts, lengths and whether any value is out of the ordinary; single values are looked
at by `value_checks` alone, which is asked about what does not pass, and says what is wrong with it.
So a test may refuse what fits, and never passes what does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.model.batch import vector_width
from aiomilvus.model.columns import (
    FIXED_DTYPES,
    VECTOR_DTYPES,
    BytesColumn,
    FixedColumn,
    VectorColumn,
)
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from aiomilvus.model.columns import Column
    from aiomilvus.model.schema import Field

    Test = Callable[[Column], bool]

MOST_NUMBERS = 1 << 16
"""Of so many numbers at most a mask is made, of a byte each, to see whether all are finite."""
_TEXTS = (DataType.VARCHAR, DataType.STRING)


def quick_check_of(field: Field) -> Test:
    """Return the test of a field's columns: whether they have its exact layout and fit it."""
    dtype = field.dtype
    if dtype in FIXED_DTYPES and dtype is not DataType.TIMESTAMPTZ:
        return _fixed(FIXED_DTYPES[dtype])
    if dtype in VECTOR_DTYPES and dtype is not DataType.BFLOAT16_VECTOR:
        return _vectors(VECTOR_DTYPES[dtype], vector_width(dtype, field.dim))
    if dtype in _TEXTS and field.max_length:
        return _texts(field.max_length)
    return _none


def all_finite(values: NDArray[np.generic]) -> bool:
    """Return whether no value is NaN or an infinity."""
    # A byte is looked for several times as fast as numpy sums up a mask of a few.
    return 0 not in np.isfinite(values).tobytes()


def _none(_: Column) -> bool:
    return False


def _fixed(wanted: np.dtype[np.generic]) -> Test:
    is_float = wanted.kind == "f"

    def test(column: Column) -> bool:
        if not isinstance(column, FixedColumn) or column.valid is not None:
            return False
        values = column.values
        if values.dtype is not wanted:
            return False
        return not is_float or (values.size <= MOST_NUMBERS and all_finite(values))

    return test


def _vectors(wanted: np.dtype[np.generic], width: int) -> Test:
    is_float = wanted.kind == "f"

    def test(column: Column) -> bool:
        if not isinstance(column, VectorColumn) or column.valid is not None:
            return False
        values = column.values
        if values.dtype is not wanted or values.shape != (len(values), width):
            return False
        if not values.flags.c_contiguous:
            return False
        return not is_float or (values.size <= MOST_NUMBERS and all_finite(values))

    return test


def _texts(limit: int) -> Test:
    def test(column: Column) -> bool:
        if not isinstance(column, BytesColumn) or column.valid is not None:
            return False
        offsets = column.offsets
        first, last = offsets.item(0), offsets.item(-1)
        # No character but ASCII, and all texts together are no longer than one may be, or each.
        if not column.data[first:last].tobytes().isascii():
            return False
        return last - first <= limit or (offsets[1:] - offsets[:-1]).max().item() <= limit

    return test
