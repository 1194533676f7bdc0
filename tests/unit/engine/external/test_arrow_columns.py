"""Every type that a field may read, in each of its forms, and what is told of others."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from aiomilvus.engine.external.arrow_columns import column_of, mismatch
from aiomilvus.errors import ExternalSourceError
from aiomilvus.model.columns import BytesColumn, FixedColumn, ListColumn, VectorColumn
from aiomilvus.model.schema import Field
from aiomilvus.model.types import DataType

FLOATS = np.array([[1.0, 2.0], [0.0, 0.0], [5.0, 6.0]], np.float32)
MASK = [False, True, False]


def field(dtype: DataType, **given: Any) -> Field:
    return Field(name="f", dtype=dtype, external_field="c", **given)


def read(dtype: DataType, array: Any, **given: Any) -> Any:
    made = field(dtype, **given)
    assert not mismatch(made, array.type)
    return column_of(made, array, "the file")


@pytest.mark.parametrize(
    ("dtype", "kind", "values"),
    [
        (DataType.BOOL, pa.bool_(), [True, None, False]),
        (DataType.INT8, pa.int8(), [-1, None, 3]),
        (DataType.INT16, pa.int16(), [-1, None, 300]),
        (DataType.INT32, pa.int32(), [-1, None, 70_000]),
        (DataType.INT64, pa.int64(), [-1, None, 1 << 60]),
        (DataType.FLOAT, pa.float32(), [0.5, None, -1.5]),
        (DataType.DOUBLE, pa.float64(), [0.1, None, -1e300]),
        (DataType.TIMESTAMPTZ, pa.int64(), [-1, None, 5]),
    ],
)
def test_numbers_are_read_with_their_nulls(dtype: DataType, kind: Any, values: list[Any]) -> None:
    for array in (pa.array(values, kind), pa.array([None, *values], kind).slice(1)):
        column = read(dtype, array)
        assert isinstance(column, FixedColumn)
        assert column.valid is not None
        assert column.valid.tolist() == [True, False, True]
        assert column.values[[0, 2]].tolist() == [values[0], values[2]]
    assert read(dtype, pa.array([values[0]], kind)).valid is None


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_moments_become_microseconds(unit: str) -> None:
    moment = dt.datetime(2024, 5, 6, 7, 8, 9, tzinfo=dt.timezone.utc)
    for zone in (None, "Asia/Tokyo"):
        array = pa.array([int(moment.timestamp())], pa.int64()).cast(pa.timestamp("s", zone))
        column = read(DataType.TIMESTAMPTZ, array.cast(pa.timestamp(unit, zone)))
        assert column.values.tolist() == [int(moment.timestamp()) * 1_000_000]


@pytest.mark.parametrize(
    "kind", [pa.string(), pa.large_string(), pa.binary(), pa.large_binary()], ids=str
)
def test_texts_are_read_from_text_and_from_bytes(kind: Any) -> None:
    array = pa.array([b"left out", "ä".encode(), None, b"", b'"x"'], pa.binary()).cast(kind)
    column = read(DataType.VARCHAR, array.slice(1))
    assert isinstance(column, BytesColumn)
    assert list(column) == ["ä".encode(), b"", b"", b'"x"']
    assert [column.is_null(row) for row in range(4)] == [False, True, False, False]
    documents = pa.array(['{"a": 1}', None, "[2]"]).cast(kind)
    assert list(read(DataType.JSON, documents)) == [b'{"a": 1}', b"", b"[2]"]


def test_dictionaries_are_read_as_what_they_stand_for() -> None:
    column = read(DataType.VARCHAR, pa.array(["a", "b", "a", None]).dictionary_encode())
    assert list(column) == [b"a", b"b", b"a", b""]


def test_lists_are_read_as_arrays() -> None:
    array = pa.array([[9], [1, 2], None, [], [3]], pa.list_(pa.int32())).slice(1)
    column = read(DataType.ARRAY, array, element_type=DataType.INT32)
    assert isinstance(column, ListColumn)
    assert column.offsets.tolist() == [0, 2, 2, 2, 3]
    assert column.child.arrays()["values"].tolist() == [1, 2, 3]
    assert column.valid is not None
    assert column.valid.tolist() == [True, False, True, True]
    words = pa.array([["a", ""], ["b"]], pa.large_list(pa.string()))
    texts = read(DataType.ARRAY, words, element_type=DataType.VARCHAR)
    assert list(texts.child) == [b"a", b"", b"b"]


def vectors(dtype: DataType) -> tuple[np.ndarray[Any, Any], list[Any]]:
    """Return three vectors of dim 2 (16 for bits), the second null, and arrays of them."""
    made: dict[DataType, np.ndarray[Any, Any]] = {
        DataType.FLOAT_VECTOR: FLOATS,
        DataType.FLOAT16_VECTOR: FLOATS.astype(np.float16),
        DataType.INT8_VECTOR: FLOATS.astype(np.int8),
        DataType.BFLOAT16_VECTOR: (FLOATS.view(np.uint32) >> 16).astype(np.uint16),
        DataType.BINARY_VECTOR: FLOATS.astype(np.uint8),
    }
    values = made[dtype]
    raw = [row.tobytes() if row.any() else None for row in values]
    width = values.itemsize * 2
    as_bytes = [None if each is None else list(each) for each in raw]
    arrays: list[Any] = [
        pa.array(raw, pa.binary(width)),
        pa.array(raw, pa.binary()),
        pa.array(as_bytes, pa.list_(pa.uint8())),
        pa.array(as_bytes, pa.list_(pa.uint8(), width)),
    ]
    numbers: dict[DataType, Any] = {
        DataType.FLOAT_VECTOR: pa.float32(),
        DataType.FLOAT16_VECTOR: pa.float16(),
        DataType.INT8_VECTOR: pa.int8(),
    }
    number = numbers.get(dtype)
    if number is not None:
        rows = [None if each is None else list(row) for each, row in zip(raw, values, strict=True)]
        arrays += [pa.array(rows, pa.list_(number)), pa.array(rows, pa.list_(number, 2))]
    return values, arrays


@pytest.mark.parametrize(
    "dtype",
    [
        DataType.FLOAT_VECTOR,
        DataType.FLOAT16_VECTOR,
        DataType.INT8_VECTOR,
        DataType.BFLOAT16_VECTOR,
        DataType.BINARY_VECTOR,
    ],
)
def test_vectors_are_read_from_numbers_and_from_bytes(dtype: DataType) -> None:
    dim = 16 if dtype is DataType.BINARY_VECTOR else 2
    values, arrays = vectors(dtype)
    for array in arrays:
        column = read(dtype, array, dim=dim)
        assert isinstance(column, VectorColumn)
        assert column.valid is not None
        assert column.valid.tolist() == [True, False, True]
        assert column.values.dtype == values.dtype
        assert np.array_equal(column.values, values)
        part = read(dtype, array.slice(2), dim=dim)
        assert part.valid is None
        assert np.array_equal(part.values, values[2:])
        for nothing in (array.slice(1, 1), array.slice(3)):  # all null, and no row at all
            none = read(dtype, nothing, dim=dim)
            assert none.values.shape == (len(nothing), values.shape[1])
            assert not none.values.any()
            assert [none.is_null(row) for row in range(len(nothing))] == [True] * len(nothing)


def test_vectors_without_nulls_are_not_copied() -> None:
    flat = pa.array(np.arange(8, dtype=np.float32))
    column = read(DataType.FLOAT_VECTOR, pa.FixedSizeListArray.from_arrays(flat, 2), dim=2)
    assert np.shares_memory(column.values, flat.to_numpy())


@pytest.mark.parametrize(
    ("dtype", "given", "array", "said"),
    [
        (DataType.FLOAT_VECTOR, {"dim": 2}, pa.array([[1.0], [1.0, 2.0]], pa.list_(pa.float32())),
         "a vector has 1 elements, but should have 2"),
        (DataType.FLOAT_VECTOR, {"dim": 2}, pa.array([[1.0, None]], pa.list_(pa.float32())),
         "a vector has a null among its numbers"),
        (DataType.FLOAT_VECTOR, {"dim": 2}, pa.array([[1.0, np.nan]], pa.list_(pa.float32())),
         "a vector has a number that is not finite"),
        (DataType.INT8_VECTOR, {"dim": 2}, pa.array([b"123"]), "a vector has 3 elements"),
        (DataType.ARRAY, {"element_type": DataType.INT8}, pa.array([[None]], pa.list_(pa.int8())),
         "an array has a null among its elements"),
        (DataType.JSON, {}, pa.array(["{}", "{"]), "row 1: it is no JSON text"),
        (DataType.VARCHAR, {}, pa.array([b"\xff"]), "the file: "),
    ],
)  # fmt: skip
def test_a_value_that_is_none_of_the_fields_is_told(
    dtype: DataType, given: dict[str, Any], array: Any, said: str
) -> None:
    with pytest.raises(ExternalSourceError, match=said):
        read(dtype, array, **given)


@pytest.mark.parametrize(
    "dtype", [DataType.VARCHAR, DataType.TEXT, DataType.JSON, DataType.GEOMETRY]
)
def test_text_that_is_no_utf8_is_refused(dtype: DataType) -> None:
    raw = pa.array([b'"\xff"'])
    text = raw.view(pa.string())
    lists = pa.ListArray.from_arrays(pa.array([0, 1], pa.int32()), text)
    for array in (text, text.dictionary_encode(), raw):
        if dtype is not DataType.GEOMETRY or array is not raw:
            with pytest.raises(ExternalSourceError, match="the file: Invalid UTF8"):
                read(dtype, array)
    with pytest.raises(ExternalSourceError, match="the file: Invalid UTF8"):
        read(DataType.ARRAY, lists, element_type=DataType.VARCHAR)


@pytest.mark.parametrize(
    ("dtype", "given", "kind", "wanted"),
    [
        (DataType.INT64, {}, pa.int32(), "int64"),
        (DataType.FLOAT, {}, pa.float64(), "float"),
        (DataType.VARCHAR, {}, pa.int64(), "string or binary"),
        (DataType.TIMESTAMPTZ, {}, pa.string(), "timestamp or int64"),
        (DataType.ARRAY, {"element_type": DataType.INT8}, pa.int8(), "list<int8>"),
        (DataType.ARRAY, {"element_type": DataType.INT8}, pa.list_(pa.int16()), "list<int8>"),
        (DataType.FLOAT_VECTOR, {"dim": 2}, pa.list_(pa.float64()),
         "lists of 2 float numbers, or 8 bytes a vector"),
        (DataType.FLOAT_VECTOR, {"dim": 2}, pa.list_(pa.float32(), 3),
         "lists of 2 float numbers, or 8 bytes a vector"),
        (DataType.BINARY_VECTOR, {"dim": 16}, pa.binary(3), "2 bytes a vector"),
    ],
)  # fmt: skip
def test_other_types_are_refused_with_those_that_fit(
    dtype: DataType, given: dict[str, Any], kind: Any, wanted: str
) -> None:
    assert mismatch(field(dtype, **given), kind) == wanted
