"""What a field is given: each argument of the type that it should have, or refused."""

from __future__ import annotations

from numbers import Integral
from typing import TYPE_CHECKING, Any

import msgspec

from aiomilvus.client.inputs.schema import messages
from aiomilvus.errors import DataTypeNotSupportException, ParamError
from aiomilvus.model.plain import plain
from aiomilvus.model.rows.errors import shorten
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from aiomilvus.errors import (
        ClusteringKeyException,
        PartitionKeyException,
        PrimaryKeyException,
    )

_FLAG_TEXTS = {
    "is_primary": messages.IS_PRIMARY_TYPE,
    "is_partition_key": messages.IS_PARTITION_KEY_TYPE,
    "is_clustering_key": messages.IS_CLUSTERING_KEY_TYPE,
}


def data_type(value: Any) -> DataType:
    """Return a data type; raise DataTypeNotSupportException where it is none."""
    try:
        dtype = DataType(value)
    except (ValueError, TypeError, RecursionError):  # its text says what it was given
        dtype = DataType.UNKNOWN
    if dtype is DataType.UNKNOWN:
        raise DataTypeNotSupportException(message=messages.FIELD_DTYPE)
    return dtype


def is_array_of_structs(dtype: object, elements: object) -> bool:
    """Return whether a field of these types is an array of structs, whatever they are."""
    if not (isinstance(dtype, Integral) and isinstance(elements, Integral)):
        return False
    return (int(dtype), int(elements)) == (DataType.ARRAY, DataType.STRUCT)


def element_type(value: Any) -> DataType | None:
    """Return the type of an array's elements; None, 0 and "" are none; ParamError for others."""
    if value is None or (isinstance(value, (int, str)) and not value):
        return None
    try:
        return DataType(value)
    except (ValueError, TypeError, RecursionError):
        message = f"element_type {shorten(value)} is no DataType: invalid parameter"
        raise ParamError(message=message) from None


def flag(
    kwargs: dict[str, Any],
    name: str,
    error: type[PrimaryKeyException | PartitionKeyException | ClusteringKeyException],
) -> bool:
    """Return whether a field has a role; raise `error` where that is no bool."""
    value = kwargs.get(name, False)
    if not isinstance(value, bool):
        raise error(message=_FLAG_TEXTS[name])
    return value


def check_truth(value: object, argument: str) -> bool:
    """Return whether a value says yes; None says no.

    Raises:
        ParamError: It is no truth value: no bool, neither 0 nor 1.
    """
    given = value if isinstance(value, (list, tuple)) else plain(value)
    if given is not None and not (isinstance(given, int) and given in (0, 1)):
        raise ParamError(
            message=f"`{argument}` value {shorten(value)} is illegal, should be a bool: "
            "invalid parameter"
        )
    return bool(given)


def type_parameter(value: Any) -> Any:
    """Return a parameter of a type as Milvus has it: dicts as JSON, "true" as True."""
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if isinstance(value, dict):
        try:
            return msgspec.json.encode(value).decode()
        except (TypeError, ValueError, OverflowError, RecursionError) as error:
            message = f"{shorten(value)} can not be written as JSON: {error}: invalid parameter"
            raise ParamError(message=message) from None
    return value
