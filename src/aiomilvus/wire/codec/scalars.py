"""ScalarField ↔ columns of plain values. Nulls and arrays are the callers' business."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.errors import ParamError
from aiomilvus.model.columns import FIXED_DTYPES, BytesColumn, Column, FixedColumn
from aiomilvus.model.types import DataType
from aiomilvus.wire import arrays
from aiomilvus.wire.codec import slots, texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from aiomilvus.wire.proto import messages

_NARROW = frozenset({DataType.INT8, DataType.INT16})


def write_scalars(
    message: messages.ScalarField, dtype: DataType, column: Column, zone: str = "UTC"
) -> None:
    """Put the values of a column into an empty message."""
    if isinstance(column, BytesColumn):
        _write_bytes(message, dtype, column)
    elif isinstance(column, FixedColumn):
        _write_fixed(message, dtype, column.values, zone)
    else:
        raise TypeError(f"{dtype.name} values are in a {column.kind} column")


def _write_bytes(message: messages.ScalarField, dtype: DataType, column: BytesColumn) -> None:
    if dtype is DataType.JSON:
        message.json_data.SetInParent()
        message.json_data.data.extend(column)
    elif dtype is DataType.GEOMETRY:
        message.geometry_wkt_data.SetInParent()
        message.geometry_wkt_data.data.extend(texts.write_geometries(column))
    else:
        message.string_data.SetInParent()
        message.string_data.data.extend(column)


def _write_fixed(
    message: messages.ScalarField, dtype: DataType, values: NDArray[Any], zone: str
) -> None:
    # SetInParent names the type even when there is no value; Milvus asks for that.
    getattr(message, slots.SCALARS[dtype]).SetInParent()
    if dtype is DataType.BOOL:
        message.bool_data.data.extend(arrays.packed_bools(values))
    elif dtype is DataType.FLOAT:
        message.float_data.data.extend(arrays.packed_floats(values))
    elif dtype is DataType.DOUBLE:
        message.double_data.data.extend(arrays.packed_doubles(values))
    elif dtype is DataType.TIMESTAMPTZ:
        message.string_data.data.extend(texts.write_moments(values, zone))
    elif dtype is DataType.INT64:
        arrays.write_integers(message.long_data, values)
    else:
        arrays.write_integers(message.int_data, values)


def read_scalars(
    message: messages.ScalarField, dtype: DataType, name: str, zone: str = "UTC"
) -> Column:
    """Return the values of a message, as many as there are, none of them null.

    Args:
        message: A column of a request or reply.
        dtype: The field's type; not ARRAY.
        name: The field's name, for errors.
        zone: Time zone of moments that name no offset.

    Raises:
        ParamError: The values are of another type, out of range, or not UTF-8.
    """
    slot = _slot(message, dtype, name)
    if dtype in FIXED_DTYPES:
        return FixedColumn(read_fixed(message, dtype, slot, zone))
    column = BytesColumn.of(read_bytes(message, dtype, slot))
    if dtype.is_string:
        check_utf8(column, name)
    return column


def written(message: messages.ScalarField, valid: NDArray[np.bool_]) -> messages.ScalarField:
    """Return the message without what stands for nulls among texts that are to be parsed."""
    filled = message.WhichOneof("data")
    if filled not in ("string_data", "geometry_wkt_data") or valid.all():
        return message
    values = getattr(message, filled).data
    if len(values) != len(valid):
        return message
    kept = type(message)()
    getattr(kept, filled).data.extend(
        value for value, is_valid in zip(values, valid, strict=True) if is_valid
    )
    return kept


def _slot(message: messages.ScalarField, dtype: DataType, name: str) -> str:
    """Return the slot that is filled, if it may hold the type; the type's own if none is."""
    own = slots.SCALARS[dtype]
    filled = message.WhichOneof("data")
    if filled in (None, own):
        return own
    if (dtype, filled) in _ALSO_READ:
        return filled
    raise slots.mismatch(name, own, filled)


# Other forms of a type that some client or server writes.
_ALSO_READ = frozenset(
    {
        (DataType.TIMESTAMPTZ, "timestamptz_data"),
        (DataType.GEOMETRY, "geometry_data"),
        (DataType.GEOMETRY, "string_data"),
    }
)


def read_fixed(
    message: messages.ScalarField, dtype: DataType, slot: str, zone: str = "UTC"
) -> NDArray[Any]:
    """Return the numbers or booleans that lie in `slot`, in the type's dtype."""
    if slot == "bool_data":
        return arrays.read_bools(message.bool_data)
    if slot == "float_data":
        return arrays.read_floats(message.float_data)
    if slot == "double_data":
        return arrays.read_doubles(message.double_data)
    if slot == "long_data":
        return arrays.read_int64(message.long_data)
    if slot == "timestamptz_data":
        return arrays.read_int64(message.timestamptz_data)
    if slot == "string_data":
        return texts.read_moments(message.string_data.data, zone)
    return _narrowed(arrays.read_int32(message.int_data), dtype)


def _narrowed(values: NDArray[np.int32], dtype: DataType) -> NDArray[Any]:
    if dtype in _NARROW and values.size:
        limits = np.iinfo(FIXED_DTYPES[dtype])
        outside = np.flatnonzero((values < limits.min) | (values > limits.max))
        if outside.size:
            at = int(outside[0])
            raise ParamError(
                message=f"the {at}th element ({values[at]}) out of range: "
                f"[{limits.min}, {limits.max}]: invalid parameter"
                "[expected=integer doesn't overflow][actual=out of range]"
            )
    return values.astype(FIXED_DTYPES[dtype], copy=False)


def read_bytes(message: messages.ScalarField, dtype: DataType, slot: str) -> Sequence[bytes]:
    """Return the texts, JSON texts or WKB geometries that lie in `slot`."""
    if slot == "json_data":
        return message.json_data.data
    if slot == "geometry_data":
        return message.geometry_data.data
    if slot == "geometry_wkt_data":
        return texts.read_geometries(message.geometry_wkt_data.data)
    if dtype is DataType.GEOMETRY:
        known = [text.decode(errors="replace") for text in message.string_data.data]
        return texts.read_geometries(known)
    return message.string_data.data


def check_utf8(column: BytesColumn, name: str) -> None:
    """Refuse a column in which any value is not UTF-8."""
    data = column.data[column.offsets[0] : column.offsets[-1]]
    starts = column.offsets[:-1][np.diff(column.offsets) > 0]
    try:
        data.tobytes().decode()
        # All of it is valid. So is each value, unless one starts in the middle of a character.
        valid = not (column.data[starts] & 0xC0 == 0x80).any()
    except UnicodeDecodeError:
        valid = False
    if not valid:
        raise ParamError(message=f"field '{name}' holds a string that is not valid UTF-8")
