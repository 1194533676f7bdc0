"""Dense and binary vectors as one C-contiguous matrix.

Accepted per row: a numpy array, a list or tuple of numbers, or (for half-width, 8-bit and
binary vectors) the raw bytes; or all rows at once as a matrix. Arrays of ml_dtypes.bfloat16
are recognised by their dtype's name.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.errors import MilvusException, ParamError
from aiomilvus.model.batch import vector_width
from aiomilvus.model.columns import VECTOR_DTYPES, VectorColumn
from aiomilvus.model.rows.errors import wrong_kind, wrong_length
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aiomilvus.model.schema import Field

_BFLOAT16 = "bfloat16"


_PIECE = 1 << 14
"""Numbers read from lists at once: well under a millisecond's work."""


def vector_column(field: Field, values: Any) -> VectorColumn:
    """Return the column of a dense or binary vector field.

    Args:
        field: Tells the type and the dimension.
        values: A matrix with one row per vector, or a sequence of vectors; None is null.

    Raises:
        DataNotMatchException: A value is no vector of the field's kind.
        ParamError: A vector has the wrong number of dimensions, or an element is out of range.
    """
    if isinstance(values, np.ndarray) and values.ndim == 2:
        return VectorColumn(_matrix(field, values, values))
    rows = list(values)
    if type(None) not in set(map(type, rows)):
        return VectorColumn(_stack(field, rows))
    valid = np.fromiter((row is not None for row in rows), np.bool_, len(rows))
    present = _stack(field, [row for row in rows if row is not None])
    matrix = np.zeros((len(rows), present.shape[1]), present.dtype)
    matrix[valid] = present
    return VectorColumn(matrix, valid)


def _stack(field: Field, rows: list[Any]) -> NDArray[Any]:
    width = vector_width(field.dtype, field.dim)
    if not rows:
        return np.empty((0, width), VECTOR_DTYPES[field.dtype])
    kinds = set(map(type, rows))
    if kinds == {bytes}:
        return _from_bytes(field, rows)
    if bytes in kinds and field.dtype is not DataType.FLOAT_VECTOR:
        rows = [_unpacked(field, row, value) for row, value in enumerate(rows)]
    first = rows[0]
    try:
        # Among others' numbers they would become numbers.
        if _has_booleans(rows, kinds):
            raise _offender(field, rows)
        if isinstance(first, np.ndarray) and first.ndim == 1:
            matrix = np.concatenate(rows).reshape(len(rows), -1)
            _check_each(field, rows, matrix.shape[1])
        else:
            # In pieces, as numpy keeps the interpreter to itself while it reads lists.
            step = max(1, _PIECE // max(width, 1))
            pieces = [np.array(rows[at : at + step]) for at in range(0, len(rows), step)]
            matrix = np.concatenate(pieces)
    except (TypeError, ValueError):
        raise _offender(field, rows) from None
    return _matrix(field, matrix, rows)


def _unpacked(field: Field, row: int, value: Any) -> Any:
    """Return a vector given as bytes as the numbers that others are given as."""
    if not isinstance(value, bytes):
        return value
    dtype = VECTOR_DTYPES[field.dtype]
    if len(value) != vector_width(field.dtype, field.dim) * dtype.itemsize:
        raise _wrong_width(field, row, len(value) // dtype.itemsize)
    numbers = np.frombuffer(value, dtype)
    return from_bfloat16(numbers) if field.dtype is DataType.BFLOAT16_VECTOR else numbers


def _has_booleans(rows: list[object], kinds: set[type]) -> bool:
    """Return whether a vector is one of booleans; `kinds` are the types of the vectors."""
    if kinds == {np.ndarray}:
        return any(dtype.kind == "b" for dtype in set(map(_dtype_of, rows)))
    return any(map(_is_boolean, rows))


_dtype_of = attrgetter("dtype")


def _is_boolean(value: object) -> bool:
    """Return whether a vector is one of booleans, which no field takes."""
    if isinstance(value, np.ndarray):
        return bool(value.dtype.kind == "b")
    if isinstance(value, list | tuple) and not (value and isinstance(value[0], bool | np.bool_)):
        return False
    return np.asarray(value).dtype.kind == "b"


def _check_each(field: Field, rows: list[Any], width: int) -> None:
    """Refuse rows of differing length whose sum happens to fit."""
    if set(map(len, rows)) != {width}:
        raise _offender(field, rows)


def _from_bytes(field: Field, rows: list[Any]) -> NDArray[Any]:
    dtype = VECTOR_DTYPES[field.dtype]
    width = vector_width(field.dtype, field.dim)
    if field.dtype is DataType.FLOAT_VECTOR:
        raise wrong_kind(field, 0, rows[0])
    for row, value in enumerate(rows):
        if len(value) != width * dtype.itemsize:
            raise _wrong_width(field, row, len(value) // dtype.itemsize)
    return np.frombuffer(b"".join(rows), dtype).reshape(len(rows), width)


def _matrix(field: Field, matrix: NDArray[Any], rows: Any) -> NDArray[Any]:
    width = vector_width(field.dtype, field.dim)
    if matrix.ndim != 2 or matrix.shape[1] != width:
        raise _offender(field, list(rows))
    wanted = VECTOR_DTYPES[field.dtype]
    given = matrix.dtype
    if given == wanted and field.dtype is not DataType.BFLOAT16_VECTOR:
        return np.ascontiguousarray(matrix)
    if field.dtype is DataType.BFLOAT16_VECTOR:
        return _bfloat16(field, matrix)
    if given.name == _BFLOAT16:
        matrix = matrix.astype(np.float32)
    elif given.kind not in "iuf":
        raise _offender(field, list(rows))
    if wanted.kind in "iu":
        return _integers(field, matrix, wanted)
    with np.errstate(over="ignore"):  # the engine refuses the infinity, naming row and field
        return np.ascontiguousarray(matrix, wanted)


def _integers(field: Field, matrix: NDArray[Any], wanted: np.dtype[Any]) -> NDArray[Any]:
    info = np.iinfo(wanted)
    fits = (matrix >= info.min) & (matrix <= info.max)
    if matrix.dtype.kind == "f":
        fits &= matrix == np.rint(matrix)
    if not fits.all():
        row, column = np.argwhere(~fits)[0]
        raise ParamError(
            message=f"the {row}th element ({matrix[row, column]}) out of range: "
            f"[{info.min}, {info.max}] (field {field.name}, {field.dtype.name}, "
            f"dimension {column})"
        )
    return np.ascontiguousarray(matrix, wanted)


def _bfloat16(field: Field, matrix: NDArray[Any]) -> NDArray[np.uint16]:
    if matrix.dtype.name == _BFLOAT16:
        return np.ascontiguousarray(matrix).view(np.uint16)
    if matrix.dtype.kind not in "iuf":
        raise wrong_kind(field, 0, matrix[0])
    with np.errstate(over="ignore"):  # as above
        return to_bfloat16(np.ascontiguousarray(matrix, np.float32))


def to_bfloat16(matrix: NDArray[np.float32]) -> NDArray[np.uint16]:
    """Return the nearest bfloat16 of each value (ties to even), as raw bits."""
    bits = matrix.view(np.uint32)
    rounded = (bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))) >> np.uint32(16)
    special = (bits & np.uint32(0x7F800000)) == np.uint32(0x7F800000)
    return np.where(special, bits >> np.uint32(16), rounded).astype(np.uint16)


def from_bfloat16(bits: NDArray[np.uint16]) -> NDArray[np.float32]:
    """Return raw bfloat16 bits as float32."""
    return (bits.astype(np.uint32) << np.uint32(16)).view(np.float32)


def _offender(field: Field, rows: list[Any]) -> MilvusException:
    """Return the error for the first row that is no vector of the field's dimension."""
    width = vector_width(field.dtype, field.dim)
    for row, value in enumerate(rows):
        try:
            array = np.asarray(value)
        except ValueError:
            return wrong_kind(field, row, value)
        if array.ndim != 1 or (array.dtype.kind not in "iuf" and array.dtype.name != _BFLOAT16):
            return wrong_kind(field, row, value)
        if len(array) != width:
            return _wrong_width(field, row, len(array))
    return wrong_kind(field, 0, rows[0] if rows else None)


def _wrong_width(field: Field, row: int, width: int) -> ParamError:
    bits = 8 if field.dtype is DataType.BINARY_VECTOR else 1
    return wrong_length(field, row, width * bits)
