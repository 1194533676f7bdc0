"""A value that is read by itself becomes the column that it would become among others."""

from typing import Any

import numpy as np
import pytest

from aiomilvus.errors import MilvusException
from aiomilvus.model.rows.batch import batch_of, field_column
from aiomilvus.model.rows.single_values import reader_of
from aiomilvus.model.schema import Field, Schema
from aiomilvus.model.types import DataType

FIELDS = [
    Field(name="f", dtype=DataType.INT64),
    Field(name="f", dtype=DataType.INT8),
    Field(name="f", dtype=DataType.BOOL),
    Field(name="f", dtype=DataType.DOUBLE),
    Field(name="f", dtype=DataType.VARCHAR, max_length=3),
    Field(name="f", dtype=DataType.TEXT),
    Field(name="f", dtype=DataType.JSON),
    Field(name="f", dtype=DataType.TIMESTAMPTZ),
    Field(name="f", dtype=DataType.FLOAT_VECTOR, dim=4),
    Field(name="f", dtype=DataType.FLOAT16_VECTOR, dim=4),
]
VALUES: list[Any] = [
    *(0, -1, 1 << 63, (1 << 63) - 1, -(1 << 63), -(1 << 63) - 1, True, 0.5, np.int64(3)),
    *("", "abc", "abcdef", "ä", "\ud800", b"abc", np.str_("abc"), None, [1, 2, 3, 4]),
    *(np.zeros(4, np.float32), np.zeros(4), np.zeros(3, np.float32), np.zeros((2, 2), np.float32)),
    np.arange(8, dtype=np.float32)[::2],
]


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.dtype.name)
def test_a_column_of_one_value_is_the_same_as_ever(field: Field) -> None:
    read = reader_of(field)
    for value in VALUES:
        column = read(value)
        if column is None:
            continue
        among_others = field_column(field, [value])
        assert type(column) is type(among_others)
        assert column.arrays().keys() == among_others.arrays().keys()
        for name, array in column.arrays().items():
            other = among_others.arrays()[name]
            assert array.dtype == other.dtype
            assert array.shape == other.shape
            assert array.flags.c_contiguous
            assert np.array_equal(array, other)


def test_the_usual_values_are_read_by_themselves() -> None:
    usual: list[tuple[Field, object]] = [
        (FIELDS[0], 7),
        (FIELDS[4], "abc"),
        (FIELDS[8], np.zeros(4, np.float32)),
    ]
    assert all(reader_of(field)(value) is not None for field, value in usual)


def test_a_vector_that_the_caller_changes_afterwards_is_stored_as_it_was() -> None:
    vector = np.ones(4, np.float32)
    schema = Schema(fields=(FIELDS[8],))
    batch = batch_of([{"f": vector}], schema)
    vector[:] = 9
    assert batch["f"].arrays()["values"].tolist() == [[1, 1, 1, 1]]


@pytest.mark.parametrize("value", [1 << 63, "text", None, [1]])
def test_one_row_is_refused_in_the_words_of_many(value: object) -> None:
    schema = Schema(fields=(FIELDS[0],))
    with pytest.raises(MilvusException) as one:
        batch_of([{"f": value}], schema)
    with pytest.raises(MilvusException) as many:
        batch_of([{"f": value}, {"f": 5}], schema)
    assert one.value.message == many.value.message
