"""Sparse vectors as compressed sparse rows.

Accepted per row: a scipy sparse matrix or array with one row, a dict from index to value, or
a list of (index, value) pairs; or all rows at once as one scipy sparse matrix. Indices are whole
numbers, values real ones; either may be written as text, as other clients take them.
"""

from __future__ import annotations

import numbers
from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.errors import ParamError
from aiomilvus.model.columns import SparseColumn
from aiomilvus.model.rows.errors import wrong_kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aiomilvus.model.schema import Field

LARGEST_INDEX = 2**32 - 2


def is_scipy_sparse(value: object) -> bool:
    """Tell whether this is one of scipy's sparse containers, without importing scipy."""
    return hasattr(value, "tocsr") and hasattr(value, "nnz")


def sparse_column(field: Field, values: Any) -> SparseColumn:
    """Return the column of a sparse vector field.

    Raises:
        DataNotMatchException: A row is no sparse vector.
        ParamError: An index is negative or too large, or stands twice in a vector.
    """
    if is_scipy_sparse(values):
        matrix = values.tocsr()
        lengths = np.diff(matrix.indptr).astype(np.int64)
        return _column(field, lengths, [matrix.indices], [matrix.data], None)
    rows = list(values)
    valid = None
    if any(row is None for row in rows):
        valid = np.fromiter((row is not None for row in rows), np.bool_, len(rows))
    indices: list[NDArray[Any]] = []
    data: list[NDArray[Any]] = []
    lengths = np.zeros(len(rows), np.int64)
    for number, row in enumerate(rows):
        if row is None:
            continue
        row_indices, row_data = _row(field, number, row)
        lengths[number] = len(row_indices)
        indices.append(row_indices)
        data.append(row_data)
    return _column(field, lengths, indices, data, valid)


def _row(field: Field, number: int, row: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    if is_scipy_sparse(row):
        return _scipy_row(field, number, row)
    try:
        pairs = list(row.items() if isinstance(row, dict) else row)
        indices = _whole_numbers(field, number, [index for index, _ in pairs])
        values = _real_numbers([value for _, value in pairs])
    except (TypeError, ValueError, OverflowError):
        raise wrong_kind(field, number, row) from None
    return indices, values


def _whole_numbers(field: Field, number: int, given: list[object]) -> NDArray[np.int64]:
    indices = [index if type(index) is int else _whole(index) for index in given]
    try:
        return np.fromiter(indices, np.int64, len(indices))
    except OverflowError:
        wide = next(index for index in indices if not 0 <= index <= LARGEST_INDEX)
        raise _outside(field, number, wide) from None


def _whole(index: object) -> int:
    if not isinstance(index, (numbers.Integral, str)):
        raise TypeError(f"{index!r} is no index")
    return int(index)


def _outside(field: Field, number: int, index: int) -> ParamError:
    return ParamError(
        message="sparse vector index must be positive and less than 2^32-1: "
        f"{index} (row {number}, field {field.name})"
    )


def _real_numbers(given: list[object]) -> NDArray[np.float64]:
    values = (value if type(value) is float else _real(value) for value in given)
    return np.fromiter(values, np.float64, len(given))


def _real(value: object) -> float:
    if not isinstance(value, (numbers.Real, str)):
        raise TypeError(f"{value!r} is no real number")
    return float(value)


def _scipy_row(field: Field, number: int, row: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    shape = row.shape
    if len(shape) == 2 and shape[0] != 1:
        raise ParamError(
            message="invalid input for sparse float vector: expect 1 row, got a matrix of shape "
            f"{shape} (row {number}, field {field.name})"
        )
    if row.format == "csr":
        return row.indices, row.data
    in_order = row.tocoo()
    return (in_order.coords[0] if len(shape) == 1 else in_order.col), in_order.data


def _column(
    field: Field,
    lengths: NDArray[np.int64],
    indices: list[NDArray[Any]],
    data: list[NDArray[Any]],
    valid: NDArray[np.bool_] | None,
) -> SparseColumn:
    indptr = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=indptr[1:])
    if not indptr[-1]:
        return SparseColumn(indptr, np.empty(0, np.uint32), np.empty(0, np.float32), valid)
    given = np.concatenate(data)
    if given.dtype.kind not in "biuf":
        raise wrong_kind(field, 0, given)
    flat = np.concatenate(indices).astype(np.int64, copy=False)
    outside = (flat < 0) | (flat > LARGEST_INDEX)
    if outside.any():
        first = int(outside.argmax())
        row = int(np.searchsorted(indptr, first, side="right")) - 1
        raise _outside(field, row, int(flat[first]))
    with np.errstate(over="ignore"):  # the engine refuses the infinity, naming row and field
        values = given.astype(np.float32, copy=False)
    flat, values = _sorted(indptr, flat, values)
    return SparseColumn(indptr, flat.astype(np.uint32), values, valid)


def _sorted(
    indptr: NDArray[np.int64], flat: NDArray[np.int64], values: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Bring each row's indices into order; refuse one that stands twice."""
    steps = np.diff(flat)
    starts = indptr[1:-1]
    inner = np.ones(len(steps), np.bool_)
    inner[starts[(starts > 0) & (starts < len(flat))] - 1] = False
    if (steps[inner] > 0).all():
        return flat, values
    rows = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
    order = np.lexsort((flat, rows))
    flat, values = flat[order], values[order]
    doubled = (np.diff(flat) == 0) & (np.diff(rows) == 0)
    if doubled.any():
        at = int(doubled.argmax())
        raise ParamError(message=f"sparse vector index {flat[at]} stands twice in row {rows[at]}")
    return flat, values
