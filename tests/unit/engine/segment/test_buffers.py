"""Growing columns: views of a prefix never change, whatever is appended."""

import gc
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiomilvus.engine.segment.buffers import ColumnBuffer, GrowingArray
from aiomilvus.model.columns import FixedColumn
from aiomilvus.model.schema import Field
from aiomilvus.model.types import DataType
from tests.support.columns import ELEMENTS, SCALARS, VECTORS, columns, facts

KINDS = [
    *((dtype, DataType.NONE) for dtype in [*SCALARS, *VECTORS]),
    *((DataType.ARRAY, element) for element in ELEMENTS),
    (DataType.ARRAY_OF_VECTOR, DataType.FLOAT_VECTOR),
]


def test_an_array_keeps_its_values_while_it_doubles():
    array = GrowingArray(np.dtype(np.int64))
    views = []
    for start in range(0, 2_000, 100):
        array.append(np.arange(start, start + 100))
        views.append(array.view())
    for number, view in enumerate(views, 1):
        assert view.tolist() == list(range(number * 100))


def test_appending_seldom_moves_the_values():
    array = GrowingArray(np.dtype(np.int8))
    homes = set()
    for _ in range(10_000):
        array.append(np.zeros(1, np.int8))
        homes.add(array.view().ctypes.data)
    assert len(homes) < 20


@pytest.mark.parametrize(("dtype", "element"), KINDS)
@given(data=st.data())
def test_a_buffer_gives_back_what_was_appended(dtype, element, data):
    field, column = data.draw(columns(dtype, element))
    buffer = ColumnBuffer.of(field)
    cut = data.draw(st.integers(0, len(column)))
    first, second = column.slice(0, cut), column.slice(cut, len(column))
    buffer.append(first)
    before = buffer.column(cut)
    shown = facts(before)
    buffer.append(second)
    assert facts(buffer.column(len(column))) == facts(column)
    assert facts(before) == shown == facts(first)
    assert facts(buffer.column(cut)) == shown


@pytest.mark.parametrize(
    ("dtype", "element"), [*((dtype, DataType.NONE) for dtype in [*SCALARS, *VECTORS]), KINDS[-1]]
)
def test_a_buffer_goes_without_the_collector(dtype, element):
    field = Field(name="f", dtype=dtype, element_type=element, dim=8, max_length=9, max_capacity=3)
    buffer = ColumnBuffer.of(field)
    gc.disable()
    try:
        gone = weakref.ref(buffer)
        del buffer
        assert gone() is None
    finally:
        gc.enable()


def test_a_reader_meets_no_mask_that_is_still_empty(monkeypatch):
    buffer = ColumnBuffer(FixedColumn(np.zeros(0, np.int64)))
    buffer.append(FixedColumn(np.arange(3)))
    seen = []
    append = GrowingArray.append

    def looked_at(array, values):
        if len(values):
            seen.append(buffer.column(3).valid)
        append(array, values)

    monkeypatch.setattr(GrowingArray, "append", looked_at)
    buffer.append(FixedColumn(np.arange(1), np.zeros(1, np.bool_)))
    assert all(mask is None or len(mask) == 3 for mask in seen)
    assert len(seen) == 3
