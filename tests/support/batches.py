"""Small schemas and batches for tests of the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from aiomilvus.model.batch import ColumnBatch
from aiomilvus.model.columns import BytesColumn, Column, FixedColumn, VectorColumn
from aiomilvus.model.schema import Field, Schema
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Sequence

DIM = 4


def schema(*more: Field, key: DataType = DataType.INT64, auto_id: bool = False) -> Schema:
    """A key `id`, a vector `v` of 4 dimensions, and `more` fields, numbered from 100."""
    fields = [
        Field(
            name="id",
            dtype=key,
            is_primary=True,
            auto_id=auto_id,
            max_length=64 if key.is_string else 0,
        ),
        Field(name="v", dtype=DataType.FLOAT_VECTOR, dim=DIM),
        *more,
    ]
    numbered = [
        msgspec.structs.replace(field, id=number) for number, field in enumerate(fields, 100)
    ]
    return Schema(fields=tuple(numbered))


def keys(values: Sequence[int | str]) -> Column:
    """A column of primary keys, ints or strings."""
    if any(isinstance(value, str) for value in values):
        return BytesColumn.of([str(value).encode() for value in values])
    return FixedColumn(np.array(values, np.int64))


def batch(ids: Sequence[int | str], tag: float = 0.0, **more: Column) -> ColumnBatch:
    """Rows with these keys; the vector of row i is [tag, i, 0, 1]."""
    vectors = np.zeros((len(ids), DIM), np.float32)
    vectors[:, 0] = tag
    vectors[:, 1] = np.arange(len(ids))
    vectors[:, 3] = 1
    columns: dict[str, Column] = {"id": keys(ids), "v": VectorColumn(vectors), **more}
    return ColumnBatch(len(ids), columns)


def key_values(column: Column) -> list[Any]:
    """The keys of a column as Python values."""
    if isinstance(column, BytesColumn):
        return [raw.decode() for raw in column]
    assert isinstance(column, FixedColumn)
    values: list[Any] = column.values.tolist()
    return values
