"""What a value may be, and Milvus' words when it is not."""

import numpy as np
import pytest

from aiomilvus.engine.write.value_checks import checked
from aiomilvus.errors import ErrorCode, ParamError
from aiomilvus.model.columns import (
    BytesColumn,
    Column,
    FixedColumn,
    ListColumn,
    SparseColumn,
    VectorColumn,
)
from aiomilvus.model.schema import Field
from aiomilvus.model.types import DataType


def field(dtype: DataType, **more) -> Field:
    return Field(name="f", dtype=dtype, **more)


def fixed(values, dtype) -> FixedColumn:
    return FixedColumn(np.array(values, dtype))


def vectors(values, dtype=np.float32) -> VectorColumn:
    return VectorColumn(np.array(values, dtype))


def sparse(*rows: dict[int, float]) -> SparseColumn:
    indptr = np.cumsum([0, *map(len, rows)], dtype=np.int64)
    indices = np.array([index for row in rows for index in row], np.uint32)
    values = np.array([value for row in rows for value in row.values()], np.float32)
    return SparseColumn(indptr, indices, values)


def texts(*values: bytes | None) -> BytesColumn:
    return BytesColumn.of(values)


def lists(*rows: list[int]) -> ListColumn:
    offsets = np.cumsum([0, *map(len, rows)], dtype=np.int64)
    return ListColumn(offsets, fixed([v for row in rows for v in row], np.int64))


REFUSED = [
    (
        field(DataType.INT8),
        fixed([1, 200], np.int64),
        r"the 1th element (200) out of range: [-128, 127]",
    ),
    (field(DataType.INT16), fixed([-32769], np.int64), "out of range: [-32768, 32767]"),
    (field(DataType.INT64), fixed([1.5], np.float64), "needs Int64"),
    (field(DataType.BOOL), fixed([1], np.int64), "needs Bool"),
    (field(DataType.INT64), fixed([True], np.bool_), "needs Int64"),
    (
        field(DataType.DOUBLE),
        fixed([1, np.nan], np.float64),
        "value 'NaN' is not a number or infinity",
    ),
    (
        field(DataType.FLOAT),
        fixed([np.inf], np.float32),
        "value '+Inf' is not a number or infinity",
    ),
    (
        field(DataType.FLOAT),
        fixed([-np.inf], np.float32),
        "value '-Inf' is not a number or infinity",
    ),
    (
        field(DataType.VARCHAR, max_length=3),
        texts("aß".encode(), "ßß".encode()),
        "length of varchar field f exceeds max length, row number: 1, length: 4, max length: 3",
    ),
    (field(DataType.VARCHAR, max_length=9), texts(b"ok", b"\xff"), "row 1: not valid UTF-8"),
    (
        field(DataType.VARCHAR, max_length=9),
        fixed([1], np.int64),
        "layout fixed, but VarChar needs bytes",
    ),
    (field(DataType.JSON), texts(b"{}", b"{"), "row 1, is no JSON"),
    (field(DataType.JSON), texts(b'"' + b"x" * 65_536 + b'"'), "exceeds max length (65536)"),
    (
        field(DataType.JSON, is_dynamic=True),
        texts(b"[1]"),
        "row 0: the dynamic field must be a JSON object",
    ),
    (
        field(DataType.FLOAT_VECTOR, dim=2),
        vectors([[1, 2, 3]]),
        "the length(3) of float data should divide the dim(2)",
    ),
    (
        field(DataType.FLOAT_VECTOR, dim=2),
        vectors([[0, 1], [1, np.nan]]),
        "value 'NaN' is not a number or infinity: field f, row 1",
    ),
    (field(DataType.FLOAT_VECTOR, dim=2), vectors([[0, 1]], np.float64), "needs float32 vectors"),
    (
        field(DataType.FLOAT16_VECTOR, dim=2),
        vectors([[0, np.inf]], np.float16),
        "is not a number or infinity",
    ),
    (
        field(DataType.BFLOAT16_VECTOR, dim=2),
        vectors([[0, 0x7F7F], [0, 0xFF80]], np.uint16),
        "value '-Inf' is not a number or infinity: field f, row 1",
    ),
    (
        field(DataType.BINARY_VECTOR, dim=16),
        vectors([[1]], np.uint8),
        "the length(8) of binary data should divide the dim(16)",
    ),
    (
        field(DataType.SPARSE_FLOAT_VECTOR),
        sparse({1: 1}, {5: 1, 4: 2}),
        "row 1: indices of a sparse vector must be sorted and unique",
    ),
    (
        field(DataType.SPARSE_FLOAT_VECTOR),
        sparse({4: 1, 4294967295: 2}),
        "index must be less than 2^32-1",
    ),
    (field(DataType.SPARSE_FLOAT_VECTOR), sparse({4: np.nan}), "is not a number or infinity"),
    (
        field(DataType.ARRAY, element_type=DataType.INT8, max_capacity=4),
        lists([1], [1, 2, 3, 4, 5]),
        "the length (5) of 1th array exceeds max capacity (4): field f, row 1",
    ),
    (
        field(DataType.ARRAY, element_type=DataType.INT8, max_capacity=4),
        lists([1, 300]),
        "out of range: [-128, 127]",
    ),
]


@pytest.mark.parametrize(("field_", "column", "text"), REFUSED)
def test_a_value_that_does_not_fit_is_refused_in_milvus_words(
    field_: Field, column: Column, text: str
):
    with pytest.raises(ParamError) as raised:
        checked(field_, column)
    assert text in raised.value.message
    assert "f" in raised.value.message
    assert raised.value.code == ErrorCode.INVALID_PARAMETER


ACCEPTED = [
    (field(DataType.INT8), fixed([-128, 127], np.int64)),
    (field(DataType.FLOAT), fixed([3.4e38, 3.4e38], np.float32)),
    (field(DataType.DOUBLE), fixed([1.7e308, 1.7e308], np.float64)),
    (field(DataType.VARCHAR, max_length=4), texts("ßß".encode(), b"")),
    (field(DataType.JSON), texts(b"null", b"1", b'{"a": [1, "x"]}')),
    (field(DataType.FLOAT16_VECTOR, dim=2), vectors([[65504, 65504]] * 3, np.float16)),
    (field(DataType.BINARY_VECTOR, dim=16), vectors([[255, 0]], np.uint8)),
    (field(DataType.SPARSE_FLOAT_VECTOR), sparse({9: 1}, {}, {1: 1, 4294967294: 2}, {0: 1})),
    (field(DataType.ARRAY, element_type=DataType.INT64, max_capacity=2), lists([], [1, 2])),
]


@pytest.mark.parametrize(("field_", "column"), ACCEPTED)
def test_a_value_at_the_limit_is_accepted_unchanged(field_: Field, column: Column):
    result = checked(field_, column)
    assert len(result) == len(column)
    for name, array in column.arrays().items():
        if not name.startswith("child"):
            assert np.array_equal(result.arrays()[name], array)


def test_what_stands_in_a_null_slot_is_not_checked():
    column = VectorColumn(np.array([[np.nan, 0], [1, 2]], np.float32), np.array([False, True]))
    assert len(checked(field(DataType.FLOAT_VECTOR, dim=2, nullable=True), column)) == 2


def test_integers_get_the_width_of_their_field():
    result = checked(field(DataType.INT16), fixed([1, 2], np.int64))
    assert result.arrays()["values"].dtype == np.int16


def test_a_fitting_vector_column_is_not_copied():
    column = vectors([[1, 2]])
    result = checked(field(DataType.FLOAT_VECTOR, dim=2), column)
    assert np.shares_memory(result.arrays()["values"], column.values)
