"""What a field's default value may be: one that a row of the field might hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from aiomilvus.engine.write.value_checks import checked
from aiomilvus.errors import DataNotMatchException, ParamError
from aiomilvus.model.moments import moment_microseconds, moment_texts
from aiomilvus.model.rows.scalars import scalar_column
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from aiomilvus.model.schema import Field, Schema

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
    try:
        checked(field, scalar_column(field, [field.default]))
    except DataNotMatchException:
        raise _refused(
            f"type ({field.dtype.spelling}) of field ({field.name}) is not equal to the type"
            f"({type(field.default).__name__}) of default_value"
        ) from None
    except ParamError as error:
        reason = error.message.removesuffix(": invalid parameter")
        raise _refused(f"invalid default_value of field {field.name}: {reason}") from None


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
