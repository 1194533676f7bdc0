"""ColumnBatch: rows as columns, on their way in (writes) or out (results)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

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
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from aiomilvus.model.schema import Field


class ColumnBatch:
    """Named columns of equal length. Immutable by convention, like its columns.

    Attributes:
        num_rows: Length of every column.
        columns: Field name to column.
    """

    __slots__ = ("columns", "num_rows")

    def __init__(self, num_rows: int, columns: dict[str, Column]) -> None:
        self.num_rows: int = num_rows
        self.columns: dict[str, Column] = columns

    def __len__(self) -> int:
        return self.num_rows

    def __getitem__(self, name: str) -> Column:
        return self.columns[name]

    def __contains__(self, name: object) -> bool:
        return name in self.columns

    @property
    def nbytes(self) -> int:
        """Bytes held by all columns."""
        return sum([column.nbytes for column in self.columns.values()])

    def take(self, rows: NDArray[np.int64]) -> ColumnBatch:
        """Return the rows numbered `rows`, in that order."""
        return ColumnBatch(len(rows), {n: c.take(rows) for n, c in self.columns.items()})

    def repeated(self, counts: NDArray[np.int64]) -> ColumnBatch:
        """Return the batch with each row as often as `counts`, int64 (num_rows,), says."""
        return self.take(np.repeat(np.arange(self.num_rows), counts))

    def slice(self, start: int, stop: int) -> ColumnBatch:
        """Return rows start … stop - 1."""
        columns = {name: column.slice(start, stop) for name, column in self.columns.items()}
        return ColumnBatch(stop - start, columns)

    def select(self, names: Sequence[str]) -> ColumnBatch:
        """Return only the columns called `names`, in that order."""
        return ColumnBatch(self.num_rows, {name: self.columns[name] for name in names})

    @classmethod
    def concat(cls, batches: Sequence[ColumnBatch]) -> ColumnBatch:
        """Return the rows of all `batches` (at least one, all with the same columns)."""
        if len(batches) == 1:
            return batches[0]
        columns = {
            name: type(column).concat([batch.columns[name] for batch in batches])
            for name, column in batches[0].columns.items()
        }
        return cls(sum(batch.num_rows for batch in batches), columns)


def empty_column(field: Field) -> Column:
    """Return a column of `field`'s layout with no rows."""
    return null_column(field, 0)


def null_column(field: Field, num_rows: int) -> Column:
    """Return `num_rows` nulls in `field`'s layout (`valid` is None when there are none)."""
    valid = np.zeros(num_rows, np.bool_) if num_rows else None
    if field.dtype in (DataType.ARRAY, DataType.ARRAY_OF_VECTOR):
        child = _blank(field.element_type, field.dim, 0, None)
        return ListColumn(np.zeros(num_rows + 1, np.int64), child, valid)
    return _blank(field.dtype, field.dim, num_rows, valid)


def _blank(dtype: DataType, dim: int, rows: int, valid: NDArray[np.bool_] | None) -> Column:
    if dtype in FIXED_DTYPES:
        return FixedColumn(np.zeros(rows, FIXED_DTYPES[dtype]), valid)
    if dtype in VECTOR_DTYPES:
        shape = (rows, vector_width(dtype, dim))
        return VectorColumn(np.zeros(shape, VECTOR_DTYPES[dtype]), valid)
    offsets = np.zeros(rows + 1, np.int64)
    if dtype is DataType.SPARSE_FLOAT_VECTOR:
        return SparseColumn(offsets, np.empty(0, np.uint32), np.empty(0, np.float32), valid)
    return BytesColumn(offsets, np.empty(0, np.uint8), valid)


def vector_width(dtype: DataType, dim: int) -> int:
    """Return how many array elements one vector of `dim` dimensions takes."""
    return dim // 8 if dtype is DataType.BINARY_VECTOR else dim


def column_from_arrays(field: Field, arrays: Mapping[str, NDArray[Any]]) -> Column:
    """Return the column of `field` that `Column.arrays` took apart.

    Args:
        field: Tells the layout.
        arrays: The arrays by name; they are not copied.
    """
    if field.dtype in (DataType.ARRAY, DataType.ARRAY_OF_VECTOR):
        inner = {k.removeprefix("child."): a for k, a in arrays.items() if k.startswith("child.")}
        child = _assemble(field.element_type, inner)
        return ListColumn(arrays["offsets"], child, arrays.get("valid"))
    return _assemble(field.dtype, arrays)


def _assemble(dtype: DataType, arrays: Mapping[str, NDArray[Any]]) -> Column:
    valid = arrays.get("valid")
    if dtype in FIXED_DTYPES:
        return FixedColumn(arrays["values"], valid)
    if dtype in VECTOR_DTYPES:
        return VectorColumn(arrays["values"], valid)
    if dtype is DataType.SPARSE_FLOAT_VECTOR:
        return SparseColumn(arrays["indptr"], arrays["indices"], arrays["values"], valid)
    return BytesColumn(arrays["offsets"], arrays["data"], valid)
