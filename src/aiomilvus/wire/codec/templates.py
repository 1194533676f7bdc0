"""TemplateValue ↔ the values that stand for the {placeholders} of a filter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from aiomilvus.errors import ParamError
from aiomilvus.model.json_text import decode_json
from aiomilvus.model.plain import plain
from aiomilvus.wire import arrays

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.protobuf.internal.containers import MessageMap

    from aiomilvus.wire.proto.messages import TemplateArrayValue, TemplateValue


def write_templates(templates: MessageMap[str, TemplateValue], values: Mapping[str, Any]) -> None:
    """Put values into an empty map: booleans, numbers, strings, bytes, and lists of these.

    Raises:
        ParamError: A value is of another type, or an integer beyond 64 bits.
    """
    for name, value in values.items():
        try:
            _write_value(templates[name], plain(value))
        except (TypeError, ValueError, OverflowError) as error:
            raise ParamError(message=f"value of filter parameter {name!r}: {error}") from None


def _write_value(message: TemplateValue, value: object) -> None:
    if isinstance(value, bool):
        message.bool_val = value
    elif isinstance(value, int):
        message.int64_val = value
    elif isinstance(value, float):
        message.float_val = value
    elif isinstance(value, str):
        message.string_val = value
    elif isinstance(value, bytes):
        message.bytes_val = value
    elif isinstance(value, list):
        message.array_val.SetInParent()
        _write_list(message.array_val, value)
    else:
        raise TypeError(f"type {type(value).__name__} is not supported")


def _write_list(message: TemplateArrayValue, values: list[Any]) -> None:
    if not values:
        return
    kinds = {type(value) for value in values}
    kind: object = kinds.pop() if len(kinds) == 1 else None
    if kind is bool:
        message.bool_data.data.extend(arrays.packed_bools(np.array(values, np.bool_)))
    elif kind is int:
        message.long_data.data.extend(values)
    elif kind is float:
        message.double_data.data.extend(arrays.packed_doubles(np.array(values)))
    elif kind is str:
        message.string_data.data.extend(value.encode() for value in values)
    elif kind is list:
        for value in values:
            _write_list(message.array_data.data.add(), value)
    else:
        message.json_data.data.extend(msgspec.json.encode(value) for value in values)


def read_templates(templates: Mapping[str, TemplateValue]) -> dict[str, Any]:
    """Return the values of a map.

    Raises:
        ParamError: A value is missing, a string is not UTF-8, or an element is not JSON.
    """
    return {name: _read_value(name, message) for name, message in templates.items()}


def _read_value(name: str, message: TemplateValue) -> Any:
    filled = message.WhichOneof("val")
    if filled is None:
        raise ParamError(message=f"filter parameter {name!r} has no value")
    if filled != "array_val":
        return getattr(message, filled)
    try:
        return _read_list(message.array_val)
    except ValueError as error:  # UnicodeDecodeError and msgspec.DecodeError are such
        raise ParamError(message=f"value of filter parameter {name!r}: {error}") from None


def _read_list(message: TemplateArrayValue) -> list[Any]:
    filled = message.WhichOneof("data")
    values: list[Any] = []
    if filled == "bool_data":
        values = arrays.read_bools(message.bool_data).tolist()
    elif filled == "long_data":
        values = list(message.long_data.data)
    elif filled == "double_data":
        values = arrays.read_doubles(message.double_data).tolist()
    elif filled == "string_data":
        values = [text.decode() for text in message.string_data.data]
    elif filled == "array_data":
        values = [_read_list(inner) for inner in message.array_data.data]
    elif filled == "json_data":
        values = [
            decode_json(text, "a value of the filter's templates")
            for text in message.json_data.data
        ]
    return values
