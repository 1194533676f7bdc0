"""Which field of ScalarField or VectorField holds which data type, and where nulls go.

A nullable column travels with ``valid_data``, one boolean per row. Its values travel *compact*
(only those present) in every request and in vectors, and *full* (any value in a null's place)
in the scalars of a reply. Some servers send vectors full as well, so readers accept both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.errors import ParamError
from aiomilvus.model.columns import (
    BytesColumn,
    Column,
    FixedColumn,
    ListColumn,
    SparseColumn,
    VectorColumn,
)
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from numpy.typing import NDArray

SCALARS: dict[DataType, str] = {
    DataType.BOOL: "bool_data",
    DataType.INT8: "int_data",
    DataType.INT16: "int_data",
    DataType.INT32: "int_data",
    DataType.INT64: "long_data",
    DataType.FLOAT: "float_data",
    DataType.DOUBLE: "double_data",
    DataType.STRING: "string_data",
    DataType.VARCHAR: "string_data",
    DataType.TEXT: "string_data",
    DataType.ARRAY: "array_data",
    DataType.JSON: "json_data",
    DataType.GEOMETRY: "geometry_wkt_data",
    DataType.TIMESTAMPTZ: "string_data",
}
VECTORS: dict[DataType, str] = {
    DataType.BINARY_VECTOR: "binary_vector",
    DataType.FLOAT_VECTOR: "float_vector",
    DataType.FLOAT16_VECTOR: "float16_vector",
    DataType.BFLOAT16_VECTOR: "bfloat16_vector",
    DataType.SPARSE_FLOAT_VECTOR: "sparse_float_vector",
    DataType.INT8_VECTOR: "int8_vector",
    DataType.ARRAY_OF_VECTOR: "vector_array",
}


def mismatch(name: str, expected: str, found: str | None) -> ParamError:
    """Return the error for a column whose values lie in another slot than its type's."""
    return ParamError(
        message=f"field '{name}' is illegal, array type mismatch: "
        f"invalid parameter[expected=need {expected}][actual=got {found or 'nil'}]"
    )


def present(column: Column) -> Column:
    """Return the column without its nulls, and without a validity array."""
    if column.valid is None:
        return column
    taken = column.take(np.flatnonzero(column.valid))
    taken.valid = None
    return taken


def place(column: Column, valid: NDArray[np.bool_] | None, num_rows: int, name: str) -> Column:
    """Return the column with every value in its row, given compact or full values.

    Args:
        column: The values that came, without validity.
        valid: Which of the `num_rows` rows have a value; None if all.
        num_rows: Rows that there must be.
        name: Field name, for the error.

    Raises:
        ParamError: The numbers of values, of booleans and of rows do not agree.
    """
    if valid is not None and len(valid) != num_rows:
        raise ParamError(
            message=f"the length of valid_data of field({name}) is wrong: "
            f"invalid parameter[expected={num_rows}][actual={len(valid)}]"
        )
    if valid is None or valid.all():
        expected = num_rows
    else:
        expected = int(valid.sum())
        if len(column) == num_rows:
            column = column.take(np.flatnonzero(valid))
    if len(column) != expected:
        raise ParamError(
            message=f"the num_rows ({len(column)}) of field ({name}) "
            f"is not equal to passed num_rows ({expected})"
        )
    return column if valid is None or expected == num_rows else _spread(column, valid)


def _spread(column: Column, valid: NDArray[np.bool_]) -> Column:
    """Return the column with its values in the valid rows, and nulls between them."""
    if isinstance(column, FixedColumn):
        return FixedColumn(_with_gaps(column.values, valid), valid)
    if isinstance(column, VectorColumn):
        return VectorColumn(_with_gaps(column.values, valid), valid)
    if isinstance(column, BytesColumn):
        return BytesColumn(_offsets_with_gaps(column.offsets, valid), column.data, valid)
    if isinstance(column, ListColumn):
        return ListColumn(_offsets_with_gaps(column.offsets, valid), column.child, valid)
    if isinstance(column, SparseColumn):
        indptr = _offsets_with_gaps(column.indptr, valid)
        return SparseColumn(indptr, column.indices, column.values, valid)
    raise TypeError(type(column))


def _with_gaps(values: NDArray[np.generic], valid: NDArray[np.bool_]) -> NDArray[np.generic]:
    spread = np.zeros((len(valid), *values.shape[1:]), values.dtype)
    spread[valid] = values
    return spread


def _offsets_with_gaps(offsets: NDArray[np.int64], valid: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return offsets in which the rows that are not valid are empty runs."""
    spread = np.zeros(len(valid) + 1, np.int64)
    spread[1:][valid] = np.diff(offsets)
    spread[0] = offsets[0]
    np.cumsum(spread, out=spread)
    return spread
