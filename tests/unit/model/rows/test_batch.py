"""Rows → columns: values, kinds, shapes, and what is refused with row and field."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
from scipy import sparse

from aiomilvus import CollectionSchema, DataType, MilvusException
from aiomilvus.client.inputs.schema.freeze import freeze
from aiomilvus.client.results.values import values_of
from aiomilvus.model.rows.batch import batch_of
from aiomilvus.model.rows.vectors import from_bfloat16, to_bfloat16
from aiomilvus.model.schema import Field


def schema_with(dtype: DataType, **options: Any) -> Any:
    schema = CollectionSchema([], check_fields=False)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("x", dtype, **options)
    return freeze(schema)


def column_of(schema: Any, values: list[Any]) -> Any:
    return batch_of([{"id": i, "x": value} for i, value in enumerate(values)], schema)["x"]


@pytest.mark.parametrize(
    ("dtype", "options", "values"),
    [
        (DataType.BOOL, {}, [True, False]),
        (DataType.INT8, {}, [-128, 127]),
        (DataType.INT64, {}, [-(2**63), 2**63 - 1]),
        (DataType.DOUBLE, {}, [1.5, -2.25]),
        (DataType.VARCHAR, {"max_length": 9}, ["", "é日"]),
        (DataType.JSON, {}, [{"a": [1, None, "x"]}, [1]]),
        (DataType.ARRAY, {"element_type": DataType.INT32, "max_capacity": 3}, [[], [1, 2]]),
        (DataType.ARRAY, {"element_type": DataType.VARCHAR, "max_capacity": 3}, [["a"], ["b", ""]]),
        (DataType.FLOAT_VECTOR, {"dim": 2}, [[1.0, 2.0], [3.0, 4.0]]),
        (DataType.SPARSE_FLOAT_VECTOR, {}, [{1: 0.5}, {0: 1.0, 7: 2.0}, {}]),
        (DataType.BINARY_VECTOR, {"dim": 16}, [b"ab", b"cd"]),
        (DataType.INT8_VECTOR, {"dim": 2}, [b"\x01\xff", b"\x00\x80"]),
        (DataType.FLOAT16_VECTOR, {"dim": 1}, [b"\x00\x3c"]),
    ],
)
def test_values_come_back_as_they_were_given(
    dtype: DataType, options: dict[str, Any], values: list[Any]
) -> None:
    schema = schema_with(dtype, **options)
    field = schema.by_name["x"]
    assert values_of(column_of(schema, values), field.dtype, field.element_type) == values


@pytest.mark.parametrize("dtype", [DataType.INT64, DataType.VARCHAR, DataType.JSON])
def test_none_is_null_in_a_nullable_field(dtype: DataType) -> None:
    values = {DataType.INT64: 3, DataType.VARCHAR: "t", DataType.JSON: {"a": 1}}
    column = column_of(schema_with(dtype, nullable=True, max_length=9), [None, values[dtype]])
    assert values_of(column, dtype) == [None, values[dtype]]


def test_null_vectors_take_no_part() -> None:
    column = column_of(schema_with(DataType.FLOAT_VECTOR, dim=2, nullable=True), [None, [1.0, 2.0]])
    assert column.valid.tolist() == [False, True]
    assert column.values.tolist() == [[0.0, 0.0], [1.0, 2.0]]


def test_a_default_stands_in_for_what_a_row_does_not_give() -> None:
    schema = schema_with(DataType.INT64, default_value=7)
    column = batch_of([{"id": 1}, {"id": 2, "x": 3}], schema)["x"]
    assert values_of(column, DataType.INT64) == [7, 3]
    assert "x" not in batch_of([{"id": 1}], schema)


@pytest.mark.parametrize(
    "given",
    [
        {3: 1.0, 1: 2.0},
        [(3, 1.0), (1, 2.0)],
        sparse.csr_matrix(([2.0, 1.0], ([0, 0], [1, 3]))),
        sparse.csr_matrix(([2.0, 1.0], ([0, 0], [1, 3]))).tocoo(),
        sparse.csr_array(([2.0, 1.0], ([0, 0], [1, 3]))),
    ],
)
def test_sparse_vectors_come_in_many_forms_and_are_sorted(given: Any) -> None:
    column = column_of(schema_with(DataType.SPARSE_FLOAT_VECTOR), [given, given])
    assert column.indices.tolist() == [1, 3, 1, 3]
    assert column.values.tolist() == [2.0, 1.0, 2.0, 1.0]
    assert column.indptr.tolist() == [0, 2, 4]


def test_bfloat16_is_the_nearest_of_the_two_around() -> None:
    values = np.random.default_rng(1).standard_normal(1000).astype(np.float32)
    rounded = from_bfloat16(to_bfloat16(values))
    below = (values.view(np.uint32) >> 16 << 16).view(np.float32)
    above = ((values.view(np.uint32) >> 16) + np.uint32(1) << 16).view(np.float32)
    nearest = np.minimum(abs(values - below), abs(values - above))
    np.testing.assert_array_equal(abs(values - rounded), nearest)


@pytest.mark.parametrize(
    ("value", "bits"), [(1.0, 0x3F80), (1.00390625, 0x3F80), (1.01171875, 0x3F82), (-2.0, 0xC000)]
)
def test_bfloat16_breaks_ties_to_even(value: float, bits: int) -> None:
    assert to_bfloat16(np.array([value], np.float32)).tolist() == [bits]
    column = column_of(schema_with(DataType.BFLOAT16_VECTOR, dim=1), [[value]])
    assert column.values.tolist() == [[bits]]


@pytest.mark.parametrize(
    ("dtype", "options", "bad", "text"),
    [
        (DataType.INT8, {}, 128, "out of range: [-128, 127]"),
        (DataType.INT64, {}, 2**63, "out of range"),
        (DataType.INT64, {}, 1.5, "{x} field should be a int64"),
        (DataType.INT64, {}, None, "{x} field should be a int64"),
        (DataType.FLOAT, {}, "1", "{x} field should be a float"),
        (DataType.BOOL, {}, 1, "{x} field should be a bool"),
        (DataType.VARCHAR, {"max_length": 9}, 1, "{x} field should be a varchar"),
        (DataType.ARRAY, {"element_type": DataType.INT64, "max_capacity": 2}, 1, "array of int64"),
        (DataType.FLOAT_VECTOR, {"dim": 2}, [1.0], "should divide the dim(2)"),
        (DataType.FLOAT_VECTOR, {"dim": 2}, "ab", "{x} field should be a float_vector"),
        (DataType.BINARY_VECTOR, {"dim": 16}, b"a", "should divide the dim(16)"),
        (DataType.INT8_VECTOR, {"dim": 1}, [200], "out of range"),
        (DataType.SPARSE_FLOAT_VECTOR, {}, {-1: 1.0}, "less than 2^32-1"),
        (DataType.SPARSE_FLOAT_VECTOR, {}, [(1, 1.0), (1, 2.0)], "stands twice"),
        (DataType.JSON, {}, "{not json", "Invalid JSON string"),
        (DataType.JSON, {}, {1: 2}, "JSON key must be str. 1 is none (row 0)"),
        (DataType.JSON, {}, {"a": [{"b": {2: 1}}]}, "JSON key must be str."),
        (DataType.JSON, {}, {"a": [b"x"]}, "bytes is not JSON (row 0)"),
        (DataType.JSON, {}, [{"a": {1}}], "set is not JSON"),
        (DataType.JSON, {}, '"\ud800"', "Invalid JSON string"),
        (DataType.VARCHAR, {"max_length": 9}, "\ud800", "no valid Unicode text"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(
    dtype: DataType, options: dict[str, Any], bad: Any, text: str
) -> None:
    with pytest.raises(MilvusException) as caught:
        column_of(schema_with(dtype, **options), [bad])
    assert text in caught.value.message


@pytest.mark.parametrize(
    ("dtype", "raw"),
    [
        (DataType.FLOAT16_VECTOR, b"\x00\x3c\x00\xc0"),
        (DataType.BFLOAT16_VECTOR, b"\x80\x3f\x00\xc0"),
        (DataType.INT8_VECTOR, b"\x01\xfe"),
    ],
)
def test_vectors_may_be_given_as_bytes_beside_others(dtype: DataType, raw: bytes) -> None:
    schema = schema_with(dtype, dim=2)
    whole = column_of(schema, [[1, -2], [1, -2], [1, -2]])
    mixed = column_of(schema, [raw, [1, -2], np.array([1, -2])])
    assert (mixed.arrays()["values"] == whole.arrays()["values"]).all()
    with pytest.raises(MilvusException, match="row 1"):
        column_of(schema, [[1, -2], raw[1:]])


def test_what_is_given_as_the_dynamic_field_must_be_an_object() -> None:
    schema = msgspec.structs.replace(schema_with(DataType.INT64), enable_dynamic_field=True)
    dynamic = Field(name="$meta", dtype=DataType.JSON, is_dynamic=True)
    schema = msgspec.structs.replace(schema, fields=(*schema.fields, dynamic))
    given = batch_of([{"id": 1, "x": 2, "$meta": {"y": 3}, "z": 4}], schema)
    assert values_of(given["$meta"], DataType.JSON) == [{"y": 3, "z": 4}]
    with pytest.raises(MilvusException, match=r"\$meta.*row 0, given 'text'"):
        batch_of([{"id": 1, "x": 2, "$meta": "text"}], schema)


def test_unknown_keys_are_refused_without_a_dynamic_field() -> None:
    with pytest.raises(MilvusException, match="unexpected field `y`"):
        batch_of([{"id": 1, "x": 2, "y": 3}], schema_with(DataType.INT64))


@pytest.mark.parametrize(
    "dtype",
    [
        DataType.FLOAT_VECTOR,
        DataType.FLOAT16_VECTOR,
        DataType.BFLOAT16_VECTOR,
        DataType.INT8_VECTOR,
    ],
)
@pytest.mark.parametrize(
    "wrong",
    [np.array([True, False]), [True, False], (True, True), [np.True_, np.False_]],
    ids=["array", "list", "tuple", "numpy"],
)
@pytest.mark.parametrize("right", [np.array([1, 2]), [1, 2]], ids=["array", "list"])
def test_booleans_are_no_vector_alone_or_among_others(
    dtype: DataType, wrong: Any, right: Any
) -> None:
    schema = schema_with(dtype, dim=2)
    with pytest.raises(MilvusException) as alone:
        column_of(schema, [wrong])
    with pytest.raises(MilvusException) as first:
        column_of(schema, [wrong, right])
    assert str(first.value) == str(alone.value)
    with pytest.raises(type(alone.value)):
        column_of(schema, [right, wrong])
    assert len(column_of(schema, [right, [1, False]])) == 2, "numpy takes it for numbers"
