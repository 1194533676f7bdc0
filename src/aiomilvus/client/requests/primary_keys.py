"""Primary keys as an application gives them → a column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.errors import ParamError
from aiomilvus.model.rows.batch import field_column
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from aiomilvus.model.columns import Column
    from aiomilvus.model.schema import Schema


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


def key_column(schema: Schema, keys: list[Any]) -> Column:
    """Return the keys as a column of the primary key's layout.

    Raises:
        ParamError: A key is not of the primary key's type.
    """
    primary = schema.primary
    wanted = str if primary.dtype is DataType.VARCHAR else (int, np.integer)
    for key in keys:
        if not isinstance(key, wanted):
            raise ParamError(
                message=f"primary key {key!r} should be of type {primary.dtype.name} "
                f"(field {primary.name})"
            )
    return field_column(primary, keys)
