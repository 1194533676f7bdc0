"""Arrow's arrays → columns, without a copy where the layouts agree.

The types are Milvus': a field reads a column of exactly its type, and nothing is converted but
texts and moments. Vectors are lists of their numbers, of fixed or of any length, or their bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from aiomilvus.engine.external.arrow import compute, library
from aiomilvus.errors import ExternalSourceError
from aiomilvus.model.arrow_names import ARROW_NAMES
from aiomilvus.model.columns import (
    FIXED_DTYPES,
    VECTOR_DTYPES,
    BytesColumn,
    Column,
    FixedColumn,
    ListColumn,
    VectorColumn,
)
from aiomilvus.model.geometry import InvalidGeometryError, wkb_of
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from aiomilvus.engine.external.arrow import ArrowArray, ArrowSchema, ArrowType, Chunks
    from aiomilvus.model.schema import Field

    Bools = NDArray[np.bool_]

_TEXTS = (DataType.VARCHAR, DataType.TEXT, DataType.JSON, DataType.GEOMETRY)
_NUMBERS = {
    DataType.FLOAT_VECTOR: "float",
    DataType.FLOAT16_VECTOR: "halffloat",
    DataType.INT8_VECTOR: "int8",
}
"""Elements of vectors that are lists of numbers; all may be bytes."""
TYPES = frozenset({*ARROW_NAMES, *_TEXTS, *VECTOR_DTYPES, DataType.TIMESTAMPTZ, DataType.ARRAY})
"""Types of fields that may read a column."""


def check_columns(path: Path, schema: ArrowSchema, fields: Sequence[Field]) -> None:
    """Raise ExternalSourceError unless a file has the columns that fields read.

    Args:
        path: Names the file, or the table, for errors.
        schema: Its columns.
        fields: Those that read one.
    """
    for field in fields:
        number = schema.get_field_index(field.external_field)
        if number < 0:
            names = ", ".join(schema.names[:20])
            message = f"{path} has no column {field.external_field!r}, which field {field.name}"
            raise ExternalSourceError(message=f"{message} reads; it has {names}")
        kind = schema.types[number]
        wanted = mismatch(field, kind)
        if wanted:
            message = f"{path}: column {field.external_field!r} is of type {kind}, but field"
            what = f"{field.name} ({field.dtype.spelling}) reads {wanted}"
            raise ExternalSourceError(message=f"{message} {what}")


def mismatch(field: Field, kind: ArrowType) -> str:
    """Return which types of columns a field may read, "" if `kind` is one of them."""
    lib = library()
    if lib.types.is_dictionary(kind):
        kind = kind.value_type
    if field.dtype.is_vector:
        return _vector_mismatch(field, kind)
    if field.dtype is DataType.ARRAY:
        inner = msgspec.structs.replace(field, dtype=field.element_type)
        if not _is_list(kind):
            return f"list<{ARROW_NAMES.get(field.element_type, 'string')}>"
        wanted = mismatch(inner, kind.value_type)
        return f"list<{wanted}>" if wanted else ""
    if field.dtype is DataType.TIMESTAMPTZ:
        fits = lib.types.is_timestamp(kind) or lib.types.is_int64(kind)
        return "" if fits else "timestamp or int64"
    if field.dtype in _TEXTS:
        return "" if _is_text(kind) else "string or binary"
    wanted = ARROW_NAMES[field.dtype]
    return "" if str(kind) == wanted else wanted


def _is_text(kind: ArrowType) -> bool:
    t = library().types
    return any(
        (t.is_string(kind), t.is_large_string(kind), t.is_binary(kind), t.is_large_binary(kind))
    )


def _is_list(kind: ArrowType) -> bool:
    t = library().types
    return bool(t.is_list(kind) or t.is_large_list(kind) or t.is_fixed_size_list(kind))


def _vector_mismatch(field: Field, kind: ArrowType) -> str:
    t, width = library().types, _width(field)
    count = dict.fromkeys(_NUMBERS.values(), field.dim) | {"uint8": width}
    number = _NUMBERS.get(field.dtype)
    if _is_list(kind):
        element = str(kind.value_type)
        is_sized = t.is_fixed_size_list(kind)
        if element in (number, "uint8") and not (is_sized and kind.list_size != count[element]):
            return ""
    elif t.is_fixed_size_binary(kind):
        if kind.byte_width == width:
            return ""
    elif t.is_binary(kind) or t.is_large_binary(kind):
        return ""
    numbers = f"lists of {field.dim} {number} numbers, or " if number else ""
    return f"{numbers}{width} bytes a vector"


def _width(field: Field) -> int:
    """Return the bytes of one vector."""
    return field.dim // 8 if field.dtype is DataType.BINARY_VECTOR else field.dim * _item(field)


def _item(field: Field) -> int:
    return VECTOR_DTYPES[field.dtype].itemsize


def joined(field: Field, read: Chunks, where: str) -> Column:
    """Return what was read of a file as one column.

    Args:
        field: Tells the type.
        read: One array, or several.
        where: Names file and column, for errors.

    Raises:
        ExternalSourceError: A value is none of the field's.
    """
    chunks = [column_of(field, chunk, where) for chunk in read.chunks]
    return chunks[0] if len(chunks) == 1 else type(chunks[0]).concat(chunks)


def column_of(field: Field, array: ArrowArray, where: str) -> Column:
    """Return an array, of a type that `mismatch` accepts, as a column.

    Args:
        field: Tells the type.
        array: The values.
        where: Names file and column, for errors.

    Raises:
        ExternalSourceError: A value is none of the field's: a vector of another length, a number
            of one that is not finite, a text that is no JSON…
    """
    if library().types.is_dictionary(array.type):
        array = array.dictionary_decode()
    try:
        if field.dtype.is_vector:
            return _vectors(field, array, where)
        if field.dtype is DataType.ARRAY:
            return _lists(field, array, where)
        return _scalars(field, array, where)
    except library().ArrowInvalid as error:
        raise ExternalSourceError(message=f"{where}: {error}") from error


def _valid(array: ArrowArray) -> Bools | None:
    if not array.null_count:
        return None
    return array.is_valid().to_numpy(zero_copy_only=False).astype(np.bool_, copy=False)


def _scalars(field: Field, array: ArrowArray, where: str) -> Column:
    lib = library()
    if field.dtype in _TEXTS:
        return _texts(field, array, where)
    if field.dtype is DataType.TIMESTAMPTZ and lib.types.is_timestamp(array.type):
        array = array.cast(lib.timestamp("us", array.type.tz), safe=False).view(lib.int64())
    filled = array.fill_null(False if field.dtype is DataType.BOOL else 0)
    values = filled.to_numpy(zero_copy_only=False)
    return FixedColumn(values.astype(FIXED_DTYPES[field.dtype], copy=False), _valid(array))


def _texts(field: Field, array: ArrowArray, where: str) -> BytesColumn:
    lib = library()
    kind = array.type
    is_bytes = lib.types.is_binary(kind) or lib.types.is_large_binary(kind)
    if field.dtype is not DataType.GEOMETRY or not is_bytes:
        # Files are not looked through when they are read, so columns of strings may hold anything;
        # this refuses what is no UTF-8.
        array = array.cast(lib.large_binary()).cast(lib.large_string())
    column = _bytes(array)
    if field.dtype is DataType.JSON:
        _check_documents(column, where)
    elif field.dtype is DataType.GEOMETRY and not is_bytes:
        column = _geometries(array, where)
    return column


def _bytes(array: ArrowArray) -> BytesColumn:
    """Return the bytes of texts or binary values; those of a null are none."""
    lib = library()
    large = array.cast(lib.large_binary())
    _, offsets, data = large.buffers()
    starts = np.zeros(1, np.int64) if offsets is None else np.frombuffer(offsets, np.int64)
    ends = starts[large.offset : large.offset + len(large) + 1]
    content = np.empty(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)
    return BytesColumn(ends, content, _valid(array))


def _check_documents(column: BytesColumn, where: str) -> None:
    for row, raw in enumerate(column):
        if column.is_null(row):
            continue
        try:
            msgspec.json.decode(raw, type=msgspec.Raw)
        except msgspec.DecodeError as error:
            message = f"{where}, row {row}: it is no JSON text: {error}"
            raise ExternalSourceError(message=message) from None


def _geometries(array: ArrowArray, where: str) -> BytesColumn:
    try:
        return BytesColumn.of(wkb_of(array.to_pylist()))
    except InvalidGeometryError as error:
        raise ExternalSourceError(message=f"{where}: {error}") from error


def _lists(field: Field, array: ArrowArray, where: str) -> ListColumn:
    lib = library()
    valid = _valid(array)
    lengths = array.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
    offsets = np.zeros(len(array) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    flat = array.flatten()  # leaves out what a null may have
    if flat.null_count:
        raise ExternalSourceError(message=f"{where}: an array has a null among its elements")
    inner = msgspec.structs.replace(field, dtype=field.element_type)
    if lib.types.is_dictionary(flat.type):
        flat = flat.dictionary_decode()
    return ListColumn(offsets, _scalars(inner, flat, where), valid)


def _vectors(field: Field, array: ArrowArray, where: str) -> VectorColumn:
    present = array.drop_null()
    dtype, width = VECTOR_DTYPES[field.dtype], _width(field)
    if _is_list(array.type):
        flat = array.flatten()
        if flat.null_count:
            raise ExternalSourceError(message=f"{where}: a vector has a null among its numbers")
        count = width if str(flat.type) == "uint8" else field.dim
        _check_lengths(present.value_lengths(), count, where)
        numbers = flat.to_numpy(zero_copy_only=False)
    else:
        if not library().types.is_fixed_size_binary(array.type):
            _check_lengths(_byte_lengths(present), width, where)
        numbers = _whole(present, width)
    elements = width // dtype.itemsize
    values: NDArray[np.generic] = (
        np.ascontiguousarray(numbers).view(dtype).reshape(len(present), elements)
    )
    if field.dtype in (DataType.FLOAT_VECTOR, DataType.FLOAT16_VECTOR):
        _check_finite(values, where)
    valid = _valid(array)
    if valid is not None:
        spread = np.zeros((len(array), elements), dtype)
        spread[valid] = values
        values = spread
    return VectorColumn(values, valid)


def _byte_lengths(array: ArrowArray) -> ArrowArray:
    lengths: ArrowArray = compute().binary_length(array)
    return lengths


def _whole(array: ArrowArray, width: int) -> NDArray[np.uint8]:
    """Return the bytes of values without nulls, end to end."""
    if not library().types.is_fixed_size_binary(array.type):
        column = _bytes(array)
        return column.data[column.offsets[0] : column.offsets[-1]]
    data = array.buffers()[1]
    content = np.empty(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)
    return content[array.offset * width : (array.offset + len(array)) * width]


def _check_lengths(lengths: ArrowArray, wanted: int, where: str) -> None:
    found = lengths.to_numpy(zero_copy_only=False)
    wrong = found[found != wanted]
    if len(wrong):
        message = f"{where}: a vector has {wrong[0]} elements, but should have {wanted}"
        raise ExternalSourceError(message=message)


def _check_finite(values: NDArray[np.generic], where: str) -> None:
    step = 1 << 16
    for at in range(0, len(values), step):
        if not np.isfinite(values[at : at + step]).all():
            raise ExternalSourceError(message=f"{where}: a vector has a number that is not finite")
