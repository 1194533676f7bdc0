"""Rows of a body → columns.

JSON has no bytes and few numbers, so values come in several forms: numbers as text, binary and
half-precision vectors as base64, sparse ones by index or as two lists.
"""

from __future__ import annotations

import base64
import binascii
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from aiomilvus.errors import MilvusException, ParamError
from aiomilvus.model.rows.batch import batch_of
from aiomilvus.model.schema import DYNAMIC_FIELD
from aiomilvus.model.types import DataType
from aiomilvus.server.rest.body import as_truth
from aiomilvus.server.rest.failures import bad_rows
from aiomilvus.server.rest.numbers import parse_float, parse_int

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.model.batch import ColumnBatch
    from aiomilvus.model.schema import Field, Schema

    Read = Callable[[Any], Any]

Row = dict[str, Any]
_HALVES = (DataType.FLOAT16_VECTOR, DataType.BFLOAT16_VECTOR)
_LARGEST_FLOAT = float(np.finfo(np.float32).max)


def batch_from_json(
    rows: list[Any], schema: Schema, *, upsert: bool = False, partial: bool = False
) -> ColumnBatch:
    """Return the rows of a body as columns.

    Raises:
        MilvusException: 1804, a row does not fit the schema.
    """
    readers = _readers(schema)
    try:
        read = [_row(row, number, readers, schema) for number, row in enumerate(rows)]
        return batch_of(read, schema, upsert=upsert, partial=partial)
    except (MilvusException, TypeError, ValueError, OverflowError) as error:
        why = error.message if isinstance(error, MilvusException) else str(error)
        raise bad_rows(why) from None


def _readers(schema: Schema) -> dict[str, Read]:
    """Return what reads the values of each field that has forms of its own in JSON."""
    found: dict[str, Read] = {}
    for field in schema.fields:
        read = _reader(field)
        if read is not None and not field.struct and not field.is_dynamic:
            found[field.name] = read
    for struct in schema.structs:
        start = len(struct.name) + 1
        inner = {f.name[start:-1]: _sub_reader(f) for f in schema.fields_of(struct.name)}
        found[struct.name] = _Struct(struct.name, inner)
    return found


def _row(row: Any, number: int, readers: dict[str, Read], schema: Schema) -> Row:
    if not isinstance(row, dict):
        raise TypeError(f"row {number} is no object")
    if DYNAMIC_FIELD in row:
        raise ParamError(message=f"use of the key {DYNAMIC_FIELD} is not allowed")
    read: Row = {}
    name = ""
    try:
        for name, value in row.items():
            reader = readers.get(name)
            if reader is None and name not in schema.by_name:
                if schema.dynamic is None:
                    raise _unknown(name)
                if value is None:
                    continue
            read[name] = value if reader is None or value is None else reader(value)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{error} (row {number}, field {name})") from None
    return read


def _unknown(name: str) -> ParamError:
    return ParamError(
        message=f"has pass more field without dynamic schema, please check it: {name}"
    )


def _reader(field: Field) -> Read | None:
    """Return what reads the values of a field; None when they are as JSON has them."""
    dtype = field.dtype
    if dtype.is_integer:
        return _whole
    if dtype in (DataType.FLOAT, DataType.DOUBLE):
        return _single if dtype is DataType.FLOAT else _real
    if dtype is DataType.BOOL:
        return _truth
    if dtype.is_string:
        return _text
    if dtype is DataType.BINARY_VECTOR:
        return _binary
    if dtype in _HALVES:
        return _half
    return _sparse if dtype is DataType.SPARSE_FLOAT_VECTOR else None


def _sub_reader(field: Field) -> Read | None:
    """Return what reads one element of a struct's sub-field."""
    element = field.element_type
    if element is DataType.BINARY_VECTOR:
        return _binary
    return _half if element in _HALVES else None


class _Struct:
    """Reads an array of structs."""

    def __init__(self, name: str, inner: dict[str, Read | None]) -> None:
        self._name = name
        self._inner = inner

    def __call__(self, value: Any) -> Any:
        if not isinstance(value, list):
            raise TypeError(f"struct array field {self._name} should be a list of objects")
        return [self._element(number, each) for number, each in enumerate(value)]

    def _element(self, number: int, given: Any) -> Row:
        if not isinstance(given, dict):
            raise TypeError(f"struct array field {self._name} element #{number} is no object")
        for name in self._inner:
            if name not in given:
                raise ValueError(
                    f"struct array field {self._name} element #{number} missing sub-field {name}"
                )
        unknown = given.keys() - self._inner.keys()
        if unknown:
            raise ValueError(
                f"struct array field {self._name} element #{number} has the unknown sub-field "
                f"{min(unknown)}"
            )
        return {
            name: value if (read := self._inner[name]) is None else read(value)
            for name, value in given.items()
        }


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return parse_int(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _real(value: Any) -> Any:
    return parse_float(value) if isinstance(value, str) else value


def _single(value: object) -> object:
    number = _real(value)
    if isinstance(number, (int, float)) and _LARGEST_FLOAT < abs(number) < math.inf:
        raise ValueError(f"{value} is beyond the range of 32 bits")
    return number


def _truth(value: Any) -> Any:
    truth = value if isinstance(value, bool) else as_truth(value)
    return value if truth is None else truth


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _binary(value: Any) -> Any:
    return _unpacked(value) if isinstance(value, str) else bytes(value)


def _half(value: Any) -> Any:
    return _unpacked(value) if isinstance(value, str) else value


def _unpacked(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError(
            f"a vector should be a list or base64 text, but is {text[:40]!r}"
        ) from None


def _sparse(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value.keys() != {"indices", "values"}:
        return value
    indices, values = value["indices"], value["values"]
    if not isinstance(indices, list) or not isinstance(values, list):
        raise TypeError("indices and values of a sparse vector should be lists")
    if len(indices) != len(values):
        raise ValueError(f"{len(indices)} indices of a sparse vector, but {len(values)} values")
    return dict(zip(indices, values, strict=True))


def queries_from_json(field: Field, data: list[Any]) -> list[Any]:
    """Return the query vectors of a body in the forms that rows of this field have.

    Raises:
        TypeError: There are texts among them, and the field's vectors have no form as text.
        ValueError: A vector does not fit the field.
    """
    kind = field.vector_type
    if kind not in (DataType.BINARY_VECTOR, *_HALVES) and any(isinstance(q, str) for q in data):
        raise TypeError(f"field {field.name} needs vectors: no function makes them of texts")
    if kind is DataType.SPARSE_FLOAT_VECTOR:
        return [_sparse(each) for each in data]
    if kind is DataType.BINARY_VECTOR:
        return [_binary(each) for each in data]
    return [_half(each) for each in data] if kind in _HALVES else data
