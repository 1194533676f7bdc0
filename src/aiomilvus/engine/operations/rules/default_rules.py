"""What a field's default value may be: one that a row of the field might hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from aiomilvus.engine.write.value_checks import checked
from aiomilvus.errors import DataNotMatchException, ParamError
from aiomilvus.model.moments import moment_microseconds, moment_texts
from aiomilvus.model.rows.scalars import scalar_column
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from aiomilvus.model.schema import Field, Schema

_KINDS = {
    bool: "DataType_Bool",
    int: "DataType_Int64",
    float: "DataType_Float",
    str: "DataType_VarChar",
    bytes: "DataType_JSON",
}
"""What Milvus calls the type of a default value."""
_RANGES = {DataType.INT8: 1, DataType.INT16: 2, DataType.INT32: 4}
"""Whole numbers of fewer than 64 bits, and their bytes."""
_WITHOUT = frozenset({DataType.ARRAY, DataType.JSON, DataType.TEXT, DataType.ARRAY_OF_VECTOR})


def check_default(field: Field) -> None:
    """Raise ParamError unless the field has no default value or a fitting one."""
    if not field.has_default or field.default is None or field.is_dynamic:
        return
    told = f"type:{field.dtype.spelling}, name:{field.name}"
    if field.is_primary:
        raise _refused(f"primary field not support default_value, {told}")
    if field.dtype in _WITHOUT or field.dtype.is_vector:
        raise _refused(f"type not support default_value, {told}")
    _check_size(field)
    try:
        checked(field, scalar_column(field, [field.default]))
    except DataNotMatchException:
        raise _refused(
            f"type ({field.dtype.spelling}) of field ({field.name}) is not equal to the type"
            f"({_KINDS.get(type(field.default), type(field.default).__name__)}) of default_value"
        ) from None
    except ParamError as error:
        reason = error.message.removesuffix(": invalid parameter")
        raise _refused(f"invalid default_value of field {field.name}: {reason}") from None


def _check_size(field: Field) -> None:
    """Raise ParamError for a number or text that is too large for the field, in Milvus' words."""
    value = field.default
    if field.dtype in _RANGES and type(value) is int:
        limits = np.iinfo(f"i{_RANGES[field.dtype]}")
        low, high = limits.min, limits.max
        if not low <= value <= high:
            message = f"default value of field {field.name} out of range: invalid parameter"
            raise ParamError(message=f"{message}[{value} out of range {low} <= value <= {high}]")
    if field.dtype is DataType.VARCHAR and isinstance(value, str):
        length = len(value.encode(errors="surrogatepass"))
        if field.max_length and length > field.max_length:
            message = f"the length ({length}) of string exceeds max length ({field.max_length})"
            what = "[expected=valid length string][actual=string length exceeds max length]"
            raise ParamError(message=f"{message}: invalid parameter{what}: field {field.name}")


def with_moment(field: Field, zone: str) -> Field:
    """Return the field with its checked default moment as a text that names an offset.

    A text without one is a moment in the collection's time zone as it is now, as in Milvus; a
    number is one in microseconds since 1970 UTC.
    """
    default = field.default
    if field.dtype is not DataType.TIMESTAMPTZ or not isinstance(default, (str, int)):
        return field
    zone = zone or "UTC"
    moment = moment_microseconds(default, zone) if isinstance(default, str) else default
    (text,) = moment_texts([moment], zone)
    return msgspec.structs.replace(field, default=text)


def with_moments_in(schema: Schema, zone: str) -> Schema:
    """Return the schema with its default moments as texts in a time zone, as Milvus shows them."""
    fields = tuple(with_moment(field, zone) for field in schema.fields)
    return schema if fields == schema.fields else msgspec.structs.replace(schema, fields=fields)


def _refused(message: str) -> ParamError:
    return ParamError(message=f"{message}: invalid parameter")
