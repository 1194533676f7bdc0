"""Values that are of no number's type are refused by row and field."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from aiomilvus.errors import DataNotMatchException, MilvusException, ParamError
from aiomilvus.model.columns import BytesColumn
from aiomilvus.model.rows.scalars import scalar_column
from aiomilvus.model.schema import Field
from aiomilvus.model.types import DataType

INTEGERS = [DataType.INT8, DataType.INT16, DataType.INT32, DataType.INT64]
NUMBERS = [*INTEGERS, DataType.FLOAT, DataType.DOUBLE]


@pytest.mark.parametrize("dtype", NUMBERS)
@pytest.mark.parametrize(
    "values",
    [
        [True],
        [True, False],
        [1, True],
        [None, False],
        [3, None, True],
        [1, np.bool_(1)],
        np.array([True, False]),
    ],
)
def test_a_boolean_is_no_number(dtype: DataType, values: Any) -> None:
    with pytest.raises(DataNotMatchException, match=r"\{n\} field should be a .*row \d"):
        scalar_column(Field(name="n", dtype=dtype), values)


@pytest.mark.parametrize("values", [[1], [True, 1], ["true"], [1.0], [None, 1]])
def test_a_number_is_no_boolean(values: Any) -> None:
    with pytest.raises(DataNotMatchException, match=r"\{n\} field should be a bool"):
        scalar_column(Field(name="n", dtype=DataType.BOOL), values)


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, 10**400])
def test_an_integer_out_of_range_is_named(dtype: DataType, value: int) -> None:
    for first in (1, None):
        with pytest.raises(ParamError, match="the 1th element"):
            scalar_column(Field(name="n", dtype=dtype), [first, value])


@pytest.mark.parametrize("dtype", [DataType.FLOAT, DataType.DOUBLE])
def test_an_integer_beyond_floats_is_named(dtype: DataType) -> None:
    with pytest.raises(ParamError, match="the 1th element"):
        scalar_column(Field(name="n", dtype=dtype), [1, 10**400])


@pytest.mark.parametrize(
    "texts",
    [[], [""], ["a", "", "bcd"], ["a", "ß", "日本"], [np.str_("a"), "b"], ["\0", "\x7f"]],
)
def test_texts_lie_one_after_the_other_as_utf_8(texts: list[str]) -> None:
    column = scalar_column(Field(name="t", dtype=DataType.VARCHAR, max_length=9), texts)
    assert [*BytesColumn.expect(column)] == [text.encode() for text in texts]
    assert column.arrays()["offsets"].dtype == np.int64


@pytest.mark.parametrize("odd", [1, b"a", "\ud800"])
def test_what_is_no_text_is_named_among_texts(odd: object) -> None:
    field = Field(name="t", dtype=DataType.VARCHAR, max_length=9)
    with pytest.raises(MilvusException, match=r"row 2|2th element"):
        scalar_column(field, ["a", "b", odd])
