"""Arrays as the wire carries them: packed numbers, dense vectors, sparse rows; both directions.

Three encodings, all little-endian:

* Packed fixed-width values (float, double, bool). Our protocol text declares these fields as
  `repeated bytes`, whose one element is the packed record, so numpy reads and writes it as it
  is. Protobuf also allows a packed field to be split over several records, or not to be packed
  at all; no known Milvus client or server writes that, but both are read correctly here.
* Varints (int32, int64). Protobuf's own containers are faster than numpy at these, except for
  writing many values of one width, such as generated keys.
* Raw bytes: dense vectors row after row, and sparse rows as (uint32 index, float32 value) pairs.

Nothing here knows a schema or a number of rows. Callers compare the lengths they get with the
ones they expect; a record that is not a whole number of values raises ParamError here. Arrays
that are read may share memory with the message's bytes and are read-only.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from google.protobuf.unknown_fields import UnknownFieldSet

from aiomilvus.errors import ParamError
from aiomilvus.wire.splice import enclose, join

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from google.protobuf.message import Message
    from numpy.typing import DTypeLike, NDArray

    from aiomilvus.wire.proto.messages import (
        BoolArray,
        DateArray,
        DoubleArray,
        FloatArray,
        IntArray,
        LongArray,
        TimeArray,
        TimestamptzArray,
    )

_FLOAT = np.dtype("<f4")
_DOUBLE = np.dtype("<f8")
_BOOL = np.dtype(np.uint8)
_SPARSE_ENTRY = np.dtype([("index", "<u4"), ("value", "<f4")])

_WIRE_TYPES = {_BOOL: 0, _DOUBLE: 1, _FLOAT: 5}
"""How protobuf tags a single value: varint, 64 bits, 32 bits."""

_SPLICED_FROM = 512
"""How many integers it takes for numpy to write them faster than protobuf."""
_LISTED = 1 << 16
"""How many integers are made a list of at a time."""


def read_floats(message: FloatArray) -> NDArray[np.float32]:
    """Return the message's numbers, float32 (n,)."""
    return _native(_read_packed(message, 1, message.data, _FLOAT))


def read_doubles(message: DoubleArray) -> NDArray[np.float64]:
    """Return the message's numbers, float64 (n,)."""
    return _native(_read_packed(message, 1, message.data, _DOUBLE))


def read_bools(message: BoolArray) -> NDArray[np.bool_]:
    """Return the message's booleans, (n,)."""
    return _as_bools(_read_packed(message, 1, message.data, _BOOL))


def read_float_field(message: Message, name: str) -> NDArray[np.float32]:
    """Return a packed float field that a message has beside others, such as `scores`."""
    return _native(_read_field(message, name, _FLOAT))


def read_bool_field(message: Message, name: str) -> NDArray[np.bool_]:
    """Return a packed bool field that a message has beside others, such as `valid_data`."""
    return _as_bools(_read_field(message, name, _BOOL))


def packed_floats(values: NDArray[Any]) -> list[bytes]:
    """Return what to put into a packed float field: one record, or none if there is no value."""
    return _packed(values, _FLOAT)


def packed_doubles(values: NDArray[Any]) -> list[bytes]:
    """Return what to put into a packed double field."""
    return _packed(values, _DOUBLE)


def packed_bools(values: NDArray[np.bool_]) -> list[bytes]:
    """Return what to put into a packed bool field."""
    return _packed(values, _BOOL)


def _read_field(message: Message, name: str, dtype: np.dtype[Any]) -> NDArray[Any]:
    number = message.DESCRIPTOR.fields_by_name[name].number
    return _read_packed(message, number, getattr(message, name), dtype)


def _read_packed(
    message: Message, number: int, records: Sequence[bytes], dtype: np.dtype[Any]
) -> NDArray[Any]:
    loose = _unpacked_values(message, number, dtype)
    if loose is not None:
        if records:
            raise ParamError(message=f"field {number} mixes packed and unpacked values")
        return loose
    data = records[0] if len(records) == 1 else b"".join(records)
    if len(data) % dtype.itemsize:
        raise ParamError(
            message=f"{len(data)} bytes are no whole number of values of {dtype.itemsize} bytes"
        )
    return np.frombuffer(data, dtype)


def _unpacked_values(message: Message, number: int, dtype: np.dtype[Any]) -> NDArray[Any] | None:
    """Return the values that were written one by one, or None if there are none.

    They do not fit `repeated bytes`, so protobuf put them aside as unknown.
    """
    unknown = UnknownFieldSet(message)
    if not unknown:
        return None
    fields = [unknown[i] for i in range(len(unknown))]
    loose = [field for field in fields if field.field_number == number]
    if not loose:
        return None
    if any(field.wire_type != _WIRE_TYPES[dtype] for field in loose):
        raise ParamError(message=f"field {number} holds values of another type")
    if dtype == _BOOL:
        return np.array([field.data != 0 for field in loose]).view(_BOOL)
    return np.array([field.data for field in loose], f"<u{dtype.itemsize}").view(dtype)


def _native(values: NDArray[Any]) -> NDArray[Any]:
    return values.astype(values.dtype.newbyteorder("="), copy=False)


def _as_bools(values: NDArray[np.uint8]) -> NDArray[np.bool_]:
    if values.size and values.max() > 1:
        # A bool is a varint, so longer forms exist. Nobody writes them.
        raise ParamError(message="a packed bool is neither 0 nor 1")
    return values.view(np.bool_)


def _packed(values: NDArray[Any], dtype: np.dtype[Any]) -> list[bytes]:
    return [values.astype(dtype, copy=False).tobytes()] if values.size else []


def read_int32(message: IntArray | DateArray) -> NDArray[np.int32]:
    """Return the message's numbers, int32 (n,)."""
    return np.array(message.data, np.int32)


def read_int64(message: LongArray | TimestamptzArray | TimeArray) -> NDArray[np.int64]:
    """Return the message's numbers, int64 (n,)."""
    return np.array(message.data, np.int64)


def write_integers(
    message: IntArray | DateArray | LongArray | TimestamptzArray | TimeArray,
    values: NDArray[Any],
) -> None:
    """Append integers to the message's `data`. They must fit the field."""
    if len(values) >= _SPLICED_FROM:
        packed = _uniform_varints(values)
        if packed is not None:
            message.MergeFromString(join(enclose(1, [packed])))
            return
    for first in range(0, len(values), _LISTED):  # a list has five times the room of an array
        message.data.extend(values[first : first + _LISTED].tolist())


def _uniform_varints(values: NDArray[Any]) -> bytes | None:
    """Return the values as varints, or None if these are not all of one length."""
    unsigned = values.astype(np.int64, copy=False).view(np.uint64)  # as protobuf sees negatives
    width = _varint_width(int(unsigned.max()))
    if _varint_width(int(unsigned.min())) != width:
        return None
    groups = np.empty((unsigned.size, width), np.uint8)
    for position in range(width):
        groups[:, position] = unsigned >> np.uint64(7 * position)
    groups[:, :-1] |= 0x80
    groups[:, -1] &= 0x7F
    return groups.tobytes()


def _varint_width(value: int) -> int:
    return max(1, -(-value.bit_length() // 7))


def read_vectors(data: bytes, width: int, dtype: DTypeLike) -> NDArray[Any]:
    """Return dense vectors that lie row after row.

    Args:
        data: The rows' bytes.
        width: Numbers per row, or bytes per row for binary vectors. At least 1.
        dtype: float32, float16, int8, uint16 (bfloat16's raw bits) or uint8 (binary).

    Returns:
        Array of (n, width), sharing memory with `data`.

    Raises:
        ParamError: `data` does not hold whole rows.
    """
    stored = np.dtype(dtype).newbyteorder("<")
    if width < 1 or len(data) % (width * stored.itemsize):
        raise ParamError(
            message=f"the length({len(data) // stored.itemsize}) of vector data "
            f"should divide the dim({width})"
        )
    return _native(np.frombuffer(data, stored).reshape(-1, width))


def write_vectors(vectors: NDArray[Any]) -> bytes:
    """Return the bytes of dense vectors, row after row."""
    return vectors.astype(vectors.dtype.newbyteorder("<"), copy=False).tobytes()


def read_sparse_rows(
    rows: Iterable[bytes],
) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.float32]]:
    """Return sparse rows in compressed form. Whether indices ascend is not checked.

    Args:
        rows: For each row its (uint32 index, float32 value) pairs.

    Returns:
        `indptr` (n + 1,), `indices` and `values`, as in scipy.sparse.csr_array.

    Raises:
        ParamError: A row is not a whole number of pairs.
    """
    rows = list(rows)
    lengths = np.fromiter(map(len, rows), np.int64, len(rows))
    entry = _SPARSE_ENTRY.itemsize
    if (lengths % entry).any():
        broken = int(np.flatnonzero(lengths % entry)[0])
        raise ParamError(
            message=f"invalid data length in sparse float vector: {lengths[broken]} bytes "
            f"in row {broken}, not a multiple of {entry}"
        )
    indptr = np.zeros(len(rows) + 1, np.int64)
    np.cumsum(lengths // entry, out=indptr[1:])
    entries = np.frombuffer(b"".join(rows), _SPARSE_ENTRY)
    return indptr, entries["index"].astype(np.uint32), entries["value"].astype(np.float32)


def write_sparse_rows(
    indptr: NDArray[np.int64], indices: NDArray[np.uint32], values: NDArray[np.float32]
) -> list[bytes]:
    """Return each row's (uint32 index, float32 value) pairs; `indptr` may start anywhere."""
    first, last = int(indptr[0]), int(indptr[-1])
    entries = np.empty(last - first, _SPARSE_ENTRY)
    entries["index"] = indices[first:last]
    entries["value"] = values[first:last]
    data = entries.tobytes()
    bounds = ((indptr - first) * _SPARSE_ENTRY.itemsize).tolist()
    return [data[start:stop] for start, stop in pairwise(bounds)]


def buffer(values: NDArray[Any]) -> memoryview:
    """Return the array's numbers as bytes, little-endian and row after row, without a copy."""
    stored = np.ascontiguousarray(values, values.dtype.newbyteorder("<"))
    return stored.reshape(-1).view(np.uint8).data


def bfloat16_bits(values: NDArray[np.float32]) -> NDArray[np.uint16]:
    """Return the bits of the bfloat16 numbers nearest to float32 ones; ties go to even."""
    bits = values.astype(np.float32, copy=False).view(np.uint32)
    rounded = (bits + np.uint32(0x7FFF) + (bits >> np.uint32(16) & np.uint32(1))) >> np.uint32(16)
    # Rounding could carry a NaN's payload into the sign: keep its upper half, and make it quiet.
    quiet = bits >> np.uint32(16) | np.uint32(0x40)
    return np.where(np.isnan(values), quiet, rounded).astype(np.uint16)
