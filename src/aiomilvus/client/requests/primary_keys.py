"""Primary keys as an application gives them → a column."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.errors import ParamError
from aiomilvus.model.columns import FixedColumn
from aiomilvus.model.rows.batch import field_column
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from aiomilvus.model.columns import Column
    from aiomilvus.model.schema import Field, Schema

_INTEGERS = {int}
_INTEGER = re.compile(r"-?[0-9]{1,19}")


def as_list(ids: Any, argument: str = "ids") -> list[Any]:
    """Return one key or several as a list.

    Raises:
        TypeError: It holds something that is no int and no str.
    """
    if isinstance(ids, np.ndarray):
        ids = ids.tolist()
    keys = list(ids) if isinstance(ids, (list, tuple, set, frozenset)) else [ids]
    for key in keys:
        if not isinstance(key, (int, str, np.integer)) or isinstance(key, bool):
            raise TypeError(
                f"wrong type of argument {argument}, expect list, int or str, got "
                f"'{type(key).__name__}'"
            )
    return keys


def column_of(primary: Field, ids: object) -> Column:
    """Return one key or several as a column of the primary key's layout, as `key_column` does.

    Raises:
        TypeError: It holds something that is no int and no str.
        ParamError: A text stands for no int.
    """
    integers = _integers(primary, ids) if type(ids) is list else None
    return _column(primary, as_list(ids)) if integers is None else integers


def key_column(schema: Schema, keys: list[Any]) -> Column:
    """Return the keys as a column of the primary key's layout.

    An int for a key that is a text stands for its digits, and a text of digits for an int: the
    filter that pymilvus makes of keys does not tell them apart.

    Raises:
        ParamError: A text stands for no int.
    """
    integers = _integers(schema.primary, keys)
    return _column(schema.primary, keys) if integers is None else integers


def _integers(primary: Field, keys: list[object]) -> Column | None:
    """Return the column of keys that are plain ints for a key that is one, None for others."""
    if primary.dtype is DataType.INT64 and set(map(type, keys)) == _INTEGERS:
        with suppress(OverflowError):  # told elsewhere, with the field's name
            return FixedColumn(np.array(keys, np.int64))
    return None


def _column(primary: Field, keys: list[Any]) -> Column:
    wanted = str if primary.dtype is DataType.VARCHAR else (int, np.integer)
    if not all(isinstance(key, wanted) for key in keys):
        keys = [key if isinstance(key, wanted) else _other(primary, key) for key in keys]
    return field_column(primary, keys)


def _other(primary: Field, key: object) -> int | str:
    """Return a key of the other type as one of the primary key's."""
    if primary.dtype is DataType.VARCHAR:
        return str(key)
    if isinstance(key, str) and _INTEGER.fullmatch(key):
        return int(key)
    raise ParamError(
        message=f"primary key {key!r} should be of type {primary.dtype.name} (field {primary.name})"
    )
