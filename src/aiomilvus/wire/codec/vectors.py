"""VectorField ↔ columns of vectors: dense, binary and sparse. Nulls are the callers' business."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.errors import ParamError
from aiomilvus.model.batch import vector_width
from aiomilvus.model.columns import VECTOR_DTYPES, Column, SparseColumn, VectorColumn
from aiomilvus.model.types import DataType
from aiomilvus.wire import arrays
from aiomilvus.wire.codec import slots
from aiomilvus.wire.proto import messages
from aiomilvus.wire.splice import Piece, enclose

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HALF_WIDTH = frozenset({DataType.FLOAT16_VECTOR, DataType.BFLOAT16_VECTOR})
_LARGEST_DIMENSION = 1 << 20
"""Beyond what any Milvus allows (32,768, or 8 times as many bits); keeps sizes sane."""

_NUMBERS = {
    DataType.FLOAT_VECTOR: 2,
    DataType.BINARY_VECTOR: 3,
    DataType.FLOAT16_VECTOR: 4,
    DataType.BFLOAT16_VECTOR: 5,
    DataType.INT8_VECTOR: 7,
}
"""Field numbers in VectorField."""


def write_vectors(dtype: DataType, dim: int, column: Column) -> list[Piece]:
    """Return the content of a VectorField."""
    if isinstance(column, SparseColumn):
        return [_sparse_message(column).SerializeToString()]
    if not isinstance(column, VectorColumn):
        raise TypeError(f"{dtype.name} values are in a {column.kind} column")
    content: list[Piece] = [arrays.buffer(column.values)] if column.values.size else []
    if dtype is DataType.FLOAT_VECTOR and content:
        content = enclose(1, content)
    return [
        messages.VectorField(dim=dim).SerializeToString(),
        *enclose(_NUMBERS[dtype], content),
    ]


def _sparse_message(column: SparseColumn) -> messages.VectorField:
    message = messages.VectorField()
    first, last = int(column.indptr[0]), int(column.indptr[-1])
    rows = message.sparse_float_vector
    rows.SetInParent()
    if last > first:
        rows.dim = int(column.indices[first:last].max()) + 1
    rows.contents.extend(arrays.write_sparse_rows(column.indptr, column.indices, column.values))
    return message


def read_vectors(message: messages.VectorField, dtype: DataType, dim: int, name: str) -> Column:
    """Return the vectors of a message, as many as there are, none of them null.

    Args:
        message: A column of a request or reply.
        dtype: The vector type, not ARRAY_OF_VECTOR.
        dim: The dimension by the schema; 0 takes the message's.
        name: The field's name, for errors.

    Raises:
        ParamError: Another vector type, another dimension, or bytes that are no whole rows.
    """
    filled = message.WhichOneof("data")
    if dtype is DataType.SPARSE_FLOAT_VECTOR:
        if filled not in (None, "sparse_float_vector"):
            raise slots.mismatch(name, "sparse float vector", filled)
        return SparseColumn(*arrays.read_sparse_rows(message.sparse_float_vector.contents))
    if dtype is DataType.FLOAT_VECTOR and filled == "float_vector" and 0 < dim != message.dim:
        _check_divides(len(arrays.read_floats(message.float_vector)), dim)
    width = vector_width(dtype, dimension(dim, message.dim if filled else 0, name))
    if filled is None:
        return VectorColumn(np.zeros((0, width), VECTOR_DTYPES[dtype]))
    return VectorColumn(_read_dense(message, dtype, width, filled, name))


def dimension(declared: int, sent: int, name: str) -> int:
    """Return the dimension to read vectors with.

    Args:
        declared: By the schema, or 0 where that is not known.
        sent: By the message, or 0 where it does not say.
        name: The field's name, for errors.

    Raises:
        ParamError: The two differ, or the one sent is absurd.
    """
    if not 0 <= sent <= _LARGEST_DIMENSION:
        raise ParamError(message=f"invalid dimension: {sent} of field {name}")
    if declared and sent not in (0, declared):
        raise ParamError(
            message=f"the dim ({sent}) of field data({name}) "
            f"is not equal to schema dim ({declared})"
        )
    return declared or sent


def _check_divides(length: int, dim: int) -> None:
    """Raise ParamError unless so many numbers are whole vectors."""
    if dim < 1 or length % dim:
        message = f"the length({length}) of float data should divide the dim({dim})"
        raise ParamError(message=message)


def _read_dense(
    message: messages.VectorField, dtype: DataType, width: int, filled: str, name: str
) -> NDArray[Any]:
    if filled == "float_vector" and dtype in _HALF_WIDTH | {DataType.FLOAT_VECTOR}:
        flat = arrays.read_floats(message.float_vector)
        _check_divides(len(flat), width)
        return as_vector_dtype(flat.reshape(-1, width), dtype)
    if filled != slots.VECTORS[dtype]:
        raise slots.mismatch(name, dtype.name.lower().replace("_", " "), filled)
    data: bytes = getattr(message, filled)
    return arrays.read_vectors(data, width, VECTOR_DTYPES[dtype])


def as_vector_dtype(vectors: NDArray[np.float32], dtype: DataType) -> NDArray[Any]:
    """Return float32 vectors in the dtype of a FLOAT, FLOAT16 or BFLOAT16 vector field."""
    if dtype is DataType.FLOAT16_VECTOR:
        with np.errstate(over="ignore"):  # beyond float16 is infinite, which the engine refuses
            return vectors.astype(np.float16)
    if dtype is DataType.BFLOAT16_VECTOR:
        return arrays.bfloat16_bits(vectors)
    return vectors
