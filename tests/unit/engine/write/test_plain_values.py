"""What the quick test of a field lets pass is what the full check returns as it is."""

import numpy as np
import pytest

from aiomilvus.engine.write.plain_values import MOST_NUMBERS, quick_check_of
from aiomilvus.engine.write.value_checks import checked
from aiomilvus.errors import ParamError
from aiomilvus.model.columns import (
    FIXED_DTYPES,
    VECTOR_DTYPES,
    BytesColumn,
    Column,
    FixedColumn,
    VectorColumn,
)
from aiomilvus.model.schema import Field
from aiomilvus.model.types import DataType


def _fixed(dtype: DataType) -> Field:
    return Field(name="f", dtype=dtype)


def _vector(dtype: DataType) -> Field:
    return Field(name="f", dtype=dtype, dim=16)


def _text(limit: int = 5) -> Field:
    return Field(name="f", dtype=DataType.VARCHAR, max_length=limit)


FIELDS = [
    *map(_fixed, FIXED_DTYPES),
    *map(_vector, VECTOR_DTYPES),
    _text(),
    *(Field(name="f", dtype=kind) for kind in (DataType.JSON, DataType.TEXT, DataType.GEOMETRY)),
]
ODD = (0, 1, -1, 70_000, 1 << 40, np.nan, np.inf, -np.inf)
DTYPES = ("?", "i1", "u1", "i4", "i8", "u8", "f2", "f4", "f8", "u2")


def _columns() -> list[Column]:
    """Columns of all layouts, with values of which every field refuses some."""
    made: list[Column] = []
    with np.errstate(all="ignore"):
        for dtype in DTYPES:
            for odd in ODD:
                values = np.array([1, odd]).astype(dtype)
                made.append(FixedColumn(values))
                made.append(FixedColumn(values, np.array([True, False])))
                for width in (2, 16):
                    matrix = np.zeros((2, width), dtype)
                    matrix[1, 1] = values[1]
                    made.append(VectorColumn(matrix))
                    made.append(VectorColumn(np.asfortranarray(matrix)))
    for raw in (b"", b"abc", b"abcdef", "ä".encode(), b"\xff", b"{}"):
        made.append(BytesColumn.of([raw]))
        made.append(BytesColumn.of([b"12", raw, b"3"]).slice(1, 3))
        made.append(BytesColumn.of([raw, None]))
        made.append(BytesColumn.of([b"abcde", raw, b"abcde"]))
        made.append(BytesColumn.of([b"abcde", raw, b"12", b"abcdef"]).slice(1, 3))
    return made


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.dtype.name)
def test_what_passes_is_what_the_full_check_returns(field: Field) -> None:
    fits = quick_check_of(field)
    for column in _columns():
        if not fits(column):
            continue
        full = checked(field, column)
        assert full.valid is None
        for name, array in full.arrays().items():
            given = column.arrays()[name]
            assert array.dtype == given.dtype
            assert array.flags.c_contiguous == given.flags.c_contiguous
            assert np.array_equal(array, given)


PLAIN: list[tuple[Field, Column]] = [
    (_fixed(DataType.INT64), FixedColumn(np.array([5, -5]))),
    (_fixed(DataType.BOOL), FixedColumn(np.array([True]))),
    (_fixed(DataType.FLOAT), FixedColumn(np.array([0.5, 3e38], np.float32))),
    (_fixed(DataType.DOUBLE), FixedColumn(np.array([1e300, 1e308]))),
    (_vector(DataType.FLOAT_VECTOR), VectorColumn(np.full((3, 16), 3e38, np.float32))),
    (_vector(DataType.INT8_VECTOR), VectorColumn(np.zeros((3, 16), np.int8))),
    (_vector(DataType.BINARY_VECTOR), VectorColumn(np.zeros((3, 2), np.uint8))),
    (_text(), BytesColumn.of([b"ab", b"", b"cde"])),
    (_text(), BytesColumn.of([b"abcde", b"", b"abcde"])),
]


@pytest.mark.parametrize(("field", "column"), PLAIN, ids=[str(n) for n in range(len(PLAIN))])
def test_usual_values_pass(field: Field, column: Column) -> None:
    assert quick_check_of(field)(column)


def test_many_numbers_are_left_to_the_full_check() -> None:
    field = _fixed(DataType.DOUBLE)
    assert not quick_check_of(field)(FixedColumn(np.zeros(MOST_NUMBERS + 1)))


def test_a_value_that_is_out_of_the_ordinary_is_refused_as_ever() -> None:
    with pytest.raises(ParamError, match="length of varchar field f exceeds max length"):
        checked(_text(), BytesColumn.of([b"abcdef"]))
    assert not quick_check_of(_text())(BytesColumn.of([b"abcdef"]))
