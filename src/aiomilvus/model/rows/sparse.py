"""Sparse vectors as compressed sparse rows.

Accepted per row: a scipy sparse matrix or array with one row, a dict from index to value, or
a list of (index, value) pairs; or all rows at once as one scipy sparse matrix.
"""

from __future__ import annotations

from itertools import chain
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
    if isinstance(row, dict):
        count = len(row)
        try:
            indices = np.fromiter(map(int, row), np.int64, count)
            return indices, np.fromiter(row.values(), np.float64, count)
        except (TypeError, ValueError, OverflowError):
            raise wrong_kind(field, number, row) from None
    if is_scipy_sparse(row):
        return _scipy_row(field, number, row)
    try:
        pairs = [(int(index), float(value)) for index, value in row]
    except (TypeError, ValueError):
        raise wrong_kind(field, number, row) from None
    flat = np.fromiter(chain.from_iterable(pairs), np.float64, 2 * len(pairs))
    return flat[::2].astype(np.int64), flat[1::2]


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
    flat = np.concatenate(indices).astype(np.int64, copy=False)
    outside = (flat < 0) | (flat > LARGEST_INDEX)
    if outside.any():
        first = int(outside.argmax())
        row = int(np.searchsorted(indptr, first, side="right")) - 1
        raise ParamError(
            message="sparse vector index must be positive and less than 2^32-1: "
            f"{flat[first]} (row {row}, field {field.name})"
        )
    values = np.concatenate(data).astype(np.float32, copy=False)
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
