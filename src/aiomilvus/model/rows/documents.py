"""JSON values of one row as text. What JSON has no word for is refused, never turned into text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from aiomilvus.errors import DataNotMatchException
from aiomilvus.model.plain import for_json
from aiomilvus.model.rows.errors import shorten, wrong_kind
from aiomilvus.model.rows.missing import mark_types

if TYPE_CHECKING:
    from collections.abc import Collection

    from aiomilvus.model.schema import Field

_LEAVES = frozenset({str, int, float, bool, type(None)})
_REFUSED = (bytes, bytearray, memoryview, set, frozenset)
"""What the encoder would take, as texts in base64 and as lists, but no client of Milvus does."""


def _plain(value: object) -> object:
    """Turn what msgspec does not know into plain data, pandas' marks into null."""
    return None if type(value) in mark_types() else for_json(value)


_JSON = msgspec.json.Encoder(enc_hook=_plain)


def json_bytes(field: Field, value: Any, row: int) -> bytes:
    """Return a JSON value's text; a str is taken as JSON text, as Milvus' clients do.

    Args:
        field: Where it goes.
        value: Made of dicts, lists and plain values; numbers that are not finite become null.
        row: Its number, for errors.

    Raises:
        DataNotMatchException: A key is no str, or something in it is not JSON.
    """
    if isinstance(value, (str, bytes)):
        raw = value.encode(errors="surrogatepass") if isinstance(value, str) else value
        try:
            msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise DataNotMatchException(
                message=f"Invalid JSON string: {shorten(value)} (row {row}, field {field.name}); "
                "to store a text as a JSON value, encode it as JSON first"
            ) from None
        return raw
    try:
        _check(value)
        return _JSON.encode(value)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise DataNotMatchException(
            message=f"{{{field.name}}} field should be a json, but {shorten(value)} can not be "
            f"written as JSON: {error} (row {row})"
        ) from None


def dynamic_bytes(
    field: Field, whole: dict[str, object] | str | bytes | None, keys: dict[str, object], row: int
) -> bytes:
    """Return the text of a row's dynamic field.

    Args:
        field: The dynamic field.
        whole: What the row gave under the field's own name: an object or its JSON text, as
            tables and exported files have it, or None.
        keys: The row's keys that no field names, which come before those of `whole`.
        row: Its number, for errors.

    Raises:
        DataNotMatchException: `whole` is no object, or something in it is not JSON.
    """
    if whole is None:
        return json_bytes(field, keys, row)
    if not isinstance(whole, (str, bytes)):
        if not isinstance(whole, dict):
            raise wrong_kind(field, row, whole)
        return json_bytes(field, {**whole, **keys}, row)
    try:
        raw = json_bytes(field, whole, row)
    except DataNotMatchException:
        raise wrong_kind(field, row, whole) from None
    read = msgspec.json.decode(raw)
    if read is None:
        return json_bytes(field, keys, row)
    if not isinstance(read, dict):
        raise wrong_kind(field, row, whole)
    return json_bytes(field, {**read, **keys}, row) if keys else raw


def _check(value: Any) -> None:
    """Raise TypeError for a key that is no text, and for what only looks like JSON once encoded."""
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise TypeError(f"JSON key must be str. {shorten(key)} is none")
        _check_all(value.values())
    elif isinstance(value, (list, tuple)):
        _check_all(value)
    elif isinstance(value, _REFUSED):
        raise TypeError(f"{type(value).__name__} is not JSON")


def _check_all(values: Collection[Any]) -> None:
    if not _LEAVES.issuperset(map(type, values)):
        for value in values:
            _check(value)
