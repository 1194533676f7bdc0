"""Sorting rows by primary key or by named fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.engine.segment.byte_strings import behind, equal, first_words, text_order
from aiomilvus.engine.segment.key_index import sort_order
from aiomilvus.errors import ParamError
from aiomilvus.expr.texts import equal_to
from aiomilvus.model.columns import BytesColumn, FixedColumn
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from aiomilvus.model.columns import Column
    from aiomilvus.model.schema import Field, Schema
    from aiomilvus.model.sorting import SortKey

    Rows = NDArray[np.int64]

_FEW = 32
_NUMBERS = (DataType.BOOL, DataType.FLOAT, DataType.DOUBLE)


def ranks(column: Column) -> Rows:
    """Return each value's rank among the distinct values, int64; nulls rank last.

    Raises:
        ParamError: Values of this kind have no order.
    """
    if isinstance(column, FixedColumn):
        found = np.unique(column.values, return_inverse=True)[1].astype(np.int64)
    elif isinstance(column, BytesColumn):
        found = _text_ranks(column)
    else:
        raise ParamError(message="only scalar fields can be sorted by: invalid parameter")
    if column.valid is not None:
        found = np.where(column.valid, found, len(found))
    return found


def _text_ranks(column: BytesColumn) -> Rows:
    order = text_order(column)
    found = np.zeros(len(order), np.int64)
    if len(order):
        new = ~equal(column.take(order[1:]), column.take(order[:-1]))
        found[order[1:]] = np.cumsum(new)
    return found


def first_keys(keys: Column, count: int) -> Rows:
    """Return the positions of the `count` first of distinct primary keys, in their order."""
    if len(keys) <= _FEW:
        return sort_order(keys)[:count]
    if isinstance(keys, FixedColumn):
        values = keys.values
        if bool((values[1:] >= values[:-1]).all()):
            return np.arange(min(count, len(values)))
    else:
        values = first_words(BytesColumn.expect(keys))
    if count >= len(values) or count == 0:
        return sort_order(keys)[:count]
    limit = np.partition(values, count - 1)[count - 1]
    near = np.flatnonzero(values <= limit)
    return near[sort_order(keys.take(near))[:count]]


def keys_behind(keys: Column, cursor: int | str, *, inclusive: bool = False) -> NDArray[np.bool_]:
    """Return which keys are greater than `cursor`, or with `inclusive` the same.

    Raises:
        ParamError: The cursor is not of the keys' type.
    """
    if isinstance(keys, FixedColumn) and isinstance(cursor, int):
        return keys.values >= cursor if inclusive else keys.values > cursor
    if isinstance(keys, BytesColumn) and isinstance(cursor, str):
        later = behind(keys, cursor.encode())
        return later | equal_to(keys, cursor.encode()) if inclusive else later
    raise ParamError(message=f"cursor {cursor!r} is not of the primary key's type")


def sorting_field(schema: Schema, name: str) -> Field:
    """Return the field called `name`.

    Raises:
        ParamError: There is no such field, or its values have no order.
    """
    field = schema.by_name.get(name)
    if field is None:
        message = f"order_by field '{name}' does not exist in collection schema"
        raise ParamError(message=f"{message}: invalid parameter")
    kind = field.dtype
    is_moment = kind is DataType.TIMESTAMPTZ
    if not (kind.is_integer or kind.is_short_text or kind in _NUMBERS or is_moment):
        message = f"order_by field '{name}' has type {kind.spelling} which is not sortable"
        raise ParamError(message=f"{message}: invalid parameter")
    return field


def sorted_rows(keys: Sequence[SortKey], columns: Iterable[Column]) -> Rows:
    """Return the stable order of rows by `keys`, whose values are `columns`.

    Nulls come last, or first where the order is descending, as in Milvus; a key may say
    otherwise.
    """
    sorts: list[NDArray[np.generic]] = []
    for key, column in zip(keys, columns, strict=True):
        if column.valid is not None and key.nulls_first is not None:
            sorts.append(column.valid if key.nulls_first else ~column.valid)
        sorts.append(-ranks(column) if key.descending else ranks(column))
    return np.lexsort(sorts[::-1])
