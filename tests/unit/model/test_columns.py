"""Columns against plain Python lists: every layout, nulls, empty runs, shared memory."""

from __future__ import annotations

from copy import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiomilvus.model.batch import ColumnBatch, column_from_arrays, null_column
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

KINDS = ["fixed", "bytes", "list", "vector", "sparse"]
FIELDS = {
    "fixed": Field(name="f", dtype=DataType.INT64),
    "bytes": Field(name="f", dtype=DataType.VARCHAR, max_length=50),
    "list": Field(name="f", dtype=DataType.ARRAY, element_type=DataType.VARCHAR),
    "vector": Field(name="f", dtype=DataType.FLOAT_VECTOR, dim=3),
    "sparse": Field(name="f", dtype=DataType.SPARSE_FLOAT_VECTOR),
}


def make(kind: str, seed: int, rows: int, *, nulls: bool) -> Column:
    rng = np.random.default_rng(seed)
    valid = rng.random(rows) < 0.7 if nulls else None
    present = np.ones(rows, np.bool_) if valid is None else valid
    lengths = np.where(present, rng.integers(0, 4, rows), 0)
    offsets = np.zeros(rows + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    total = int(offsets[-1])
    if kind == "fixed":
        return FixedColumn(np.where(present, rng.integers(-9, 9, rows), 0), valid)
    if kind == "vector":
        values = rng.random((rows, 3), np.float32) * present[:, None]
        return VectorColumn(values.astype(np.float32), valid)
    if kind == "bytes":
        return BytesColumn(offsets, rng.integers(97, 122, total).astype(np.uint8), valid)
    if kind == "list":
        words = BytesColumn.of([b"w" * int(n) for n in rng.integers(0, 3, total)])
        return ListColumn(offsets, words, valid)
    indices = rng.integers(0, 99, total).astype(np.uint32)
    return SparseColumn(offsets, indices, rng.random(total, np.float32), valid)


def listed(column: Column) -> list[object]:
    def value(row: int) -> object:
        if column.is_null(row):
            return None
        if isinstance(column, BytesColumn):
            return column.raw(row)
        if isinstance(column, ListColumn):
            return listed(column.item(row))
        if isinstance(column, SparseColumn):
            return tuple(part.tolist() for part in column.row(row))
        assert isinstance(column, FixedColumn | VectorColumn)
        return column.values[row].tolist()

    return [value(row) for row in range(len(column))]


@given(st.sampled_from(KINDS), st.integers(0, 9999), st.integers(0, 12), st.booleans(), st.data())
def test_take_slice_and_concat_act_like_lists(
    kind: str, seed: int, rows: int, nulls: bool, data: st.DataObject
) -> None:
    column = make(kind, seed, rows, nulls=nulls)
    plain = listed(column)
    start = data.draw(st.integers(0, rows))
    stop = data.draw(st.integers(start, rows))
    part = column.slice(start, stop)
    assert listed(part) == plain[start:stop]
    picks = data.draw(st.lists(st.integers(0, stop - start - 1))) if stop > start else []
    assert listed(part.take(np.array(picks, np.int64))) == [plain[start + i] for i in picks]
    other = make(kind, seed + 1, rows, nulls=not nulls)
    assert listed(type(column).concat([part, other])) == plain[start:stop] + listed(other)


@given(st.sampled_from(KINDS), st.integers(0, 9999), st.integers(0, 12), st.booleans())
def test_a_column_is_rebuilt_from_its_arrays(kind: str, seed: int, rows: int, nulls: bool) -> None:
    column = make(kind, seed, rows, nulls=nulls)
    again = column_from_arrays(FIELDS[kind], column.arrays())
    assert type(again) is type(column)
    assert listed(again) == listed(column)
    assert again.nbytes == column.nbytes


@pytest.mark.parametrize("kind", KINDS)
def test_null_columns_hold_only_nulls_in_the_layout_of_the_field(kind: str) -> None:
    column = null_column(FIELDS[kind], 3)
    assert column.kind == kind
    assert listed(column) == [None, None, None]
    joined = type(column).concat([column, make(kind, 1, 2, nulls=False)])
    assert listed(joined)[:3] == [None, None, None]
    assert null_column(FIELDS[kind], 0).valid is None


def test_bytes_columns_iterate_over_slices_without_the_rest() -> None:
    column = BytesColumn.of([b"one", None, b"", b"four"]).slice(1, 4)
    assert list(column) == [b"", b"", b"four"]
    assert column.is_null(0)
    assert not column.is_null(1)


@given(
    st.lists(st.one_of(st.none(), st.text("aß\U0001f600", max_size=9)), min_size=1, max_size=40),
    st.data(),
)
def test_values_that_are_taken_are_those_at_the_rows_however_few(
    values: list[str | None], data: st.DataObject
) -> None:
    rows = data.draw(st.lists(st.integers(0, len(values) - 1), max_size=40))
    column = BytesColumn.of([None if value is None else value.encode() for value in values])
    wanted = [values[row] or "" for row in rows]
    taken = column.take(np.array(rows, np.int64))
    assert len(taken) == len(rows)
    assert taken.texts() == [raw.decode() for raw in taken] == wanted
    assert [taken.is_null(row) for row in range(len(rows))] == [values[row] is None for row in rows]
    assert taken.nbytes == sum(array.nbytes for array in taken.arrays().values())
    assert copy(taken).texts() == wanted
    back = np.arange(len(rows))[::-1]
    assert taken.take(back).texts() == wanted[::-1]
    assert taken.slice(min(1, len(rows)), len(rows)).texts() == wanted[1:]
    assert type(taken).concat([taken, column]).texts() == [*wanted, *[v or "" for v in values]]


def test_batches_take_select_and_concat_all_columns_alike() -> None:
    batch = ColumnBatch(
        3, {"n": FixedColumn(np.array([1, 2, 3])), "t": BytesColumn.of([b"a", b"b", b"c"])}
    )
    picked = batch.take(np.array([2, 0])).select(["t"])
    assert len(picked) == 2
    assert list(picked.columns) == ["t"]
    assert listed(picked["t"]) == [b"c", b"a"]
    doubled = ColumnBatch.concat([batch, batch.slice(1, 2)])
    assert listed(doubled["n"]) == [1, 2, 3, 2]
    assert "n" in doubled
    assert doubled.nbytes > batch.nbytes


@pytest.mark.parametrize("kind", KINDS)
def test_a_column_of_another_layout_than_expected_is_refused_by_name(kind):
    column = make(kind, 1, 3, nulls=False)
    assert type(column).expect(column) is column
    other = FixedColumn if kind == "bytes" else BytesColumn
    with pytest.raises(TypeError, match=f"{type(column).__name__} where {other.__name__} belongs"):
        other.expect(column)
