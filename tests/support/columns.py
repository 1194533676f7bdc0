"""Hypothesis strategies for fields with columns, and how to compare columns."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from aiomilvus.model.batch import vector_width
from aiomilvus.model.columns import (
    FIXED_DTYPES,
    VECTOR_DTYPES,
    BytesColumn,
    Column,
    FixedColumn,
    ListColumn,
    SparseColumn,
    VectorColumn,
)
from aiomilvus.model.schema import Field
from aiomilvus.model.types import DataType

SCALARS = [
    DataType.BOOL,
    DataType.INT8,
    DataType.INT16,
    DataType.INT32,
    DataType.INT64,
    DataType.FLOAT,
    DataType.DOUBLE,
    DataType.VARCHAR,
    DataType.TEXT,
    DataType.JSON,
    DataType.TIMESTAMPTZ,
]
VECTORS = [*VECTOR_DTYPES, DataType.SPARSE_FLOAT_VECTOR]
ELEMENTS = [
    DataType.BOOL,
    DataType.INT8,
    DataType.INT32,
    DataType.INT64,
    DataType.FLOAT,
    DataType.DOUBLE,
    DataType.VARCHAR,
]
# Within the years 1 to 9999, where ISO 8601 has text for them.
MOMENTS = st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999)
TEXTS = st.text(max_size=8).map(str.encode)
JSONS = st.sampled_from(
    [b"null", b"{}", b'{"a":[1,2.5,"x"]}', '"Grüße"'.encode(), b"[]", b"-1e300"]
)


@st.composite
def plain(draw: st.DrawFn, dtype: DataType, dim: int, rows: int) -> Column:
    """A column of `rows` values, none of them null."""
    if dtype is DataType.SPARSE_FLOAT_VECTOR:
        return draw(sparse(rows))
    if dtype in VECTOR_DTYPES:
        shape = (rows, vector_width(dtype, dim))
        if dtype is DataType.FLOAT16_VECTOR:  # drawn as floats, most are filtered out
            return VectorColumn(draw(hnp.arrays(np.uint16, shape)).view(np.float16))
        return VectorColumn(draw(hnp.arrays(VECTOR_DTYPES[dtype], shape)))
    if dtype is DataType.TIMESTAMPTZ:
        moments = draw(st.lists(MOMENTS, min_size=rows, max_size=rows))
        return FixedColumn(np.array(moments, np.int64))
    if dtype in FIXED_DTYPES:
        return FixedColumn(draw(hnp.arrays(FIXED_DTYPES[dtype], rows)))
    value = JSONS if dtype is DataType.JSON else TEXTS
    return BytesColumn.of(draw(st.lists(value, min_size=rows, max_size=rows)))


@st.composite
def sparse(draw: st.DrawFn, rows: int) -> SparseColumn:
    vectors = [sorted(draw(st.sets(st.integers(0, 2**32 - 2), max_size=4))) for _ in range(rows)]
    indices = np.array([index for row in vectors for index in row], np.uint32)
    values = draw(hnp.arrays(np.float32, len(indices)))
    return SparseColumn(offsets_of([len(row) for row in vectors]), indices, values)


def offsets_of(lengths: list[int]) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64)


@st.composite
def columns(
    draw: st.DrawFn, dtype: DataType, element: DataType = DataType.NONE, max_rows: int = 6
) -> tuple[Field, Column]:
    """A field of the type, and a column that fits it, perhaps with nulls and cut from another."""
    dim = draw(st.sampled_from([8, 16])) if dtype.is_vector or element.is_vector else 0
    rows = draw(st.integers(0, max_rows))
    nullable = draw(st.booleans())
    column: Column
    if element is DataType.NONE:
        column = draw(plain(dtype, dim, rows))
    else:
        lengths = draw(st.lists(st.integers(0, 3), min_size=rows, max_size=rows))
        child = draw(plain(element, dim, sum(lengths)))
        column = ListColumn(offsets_of(lengths), child)
    if nullable:
        column = with_nulls(column, draw(hnp.arrays(np.bool_, rows)))
    start = draw(st.integers(0, rows))
    field = Field(
        id=draw(st.integers(0, 200)),
        name=draw(st.sampled_from(["f", "Feld_ü"])),
        dtype=dtype,
        element_type=element,
        dim=dim,
        nullable=nullable,
    )
    return field, column.slice(start, draw(st.integers(start, rows)))


def with_nulls(column: Column, valid: np.ndarray[Any, np.dtype[np.bool_]]) -> Column:
    """The column with nulls where `valid` is False, their slots zeroed as the model has it."""
    if isinstance(column, (FixedColumn, VectorColumn)):
        values = column.values.copy()
        values[~valid] = 0
        return type(column)(values, valid)
    if isinstance(column, BytesColumn):
        pairs = zip(column, valid, strict=True)
        spread = BytesColumn.of([value if is_valid else b"" for value, is_valid in pairs])
        return BytesColumn(spread.offsets, spread.data, valid)
    bounds = column.offsets if isinstance(column, ListColumn) else column.indptr  # type: ignore[attr-defined]
    lengths = np.where(valid, np.diff(bounds), 0).tolist()
    kept = column.take(np.flatnonzero(valid))
    if isinstance(kept, ListColumn):
        return ListColumn(offsets_of(lengths), kept.child, valid)
    assert isinstance(kept, SparseColumn)
    return SparseColumn(offsets_of(lengths), kept.indices, kept.values, valid)


def facts(column: Column) -> dict[str, Any]:
    """What makes two columns equal: values bit by bit, offsets from 0, nulls if there are any."""
    found: dict[str, Any] = {"kind": column.kind, "rows": len(column)}
    if column.valid is not None and not column.valid.all():
        found["valid"] = column.valid.tolist()
    if isinstance(column, (FixedColumn, VectorColumn)):
        found["values"] = (column.values.dtype.str, column.values.shape, column.values.tobytes())
    elif isinstance(column, BytesColumn):
        found["values"] = list(column)
    elif isinstance(column, ListColumn):
        run = column.child.slice(int(column.offsets[0]), int(column.offsets[-1]))
        found["lengths"] = np.diff(column.offsets).tolist()
        found["values"] = facts(run)
    elif isinstance(column, SparseColumn):
        found["values"] = [
            (indices.tolist(), values.tobytes())
            for indices, values in (column.row(i) for i in range(len(column)))
        ]
    return found
