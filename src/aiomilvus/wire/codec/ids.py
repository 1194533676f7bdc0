"""IDs ↔ a column of primary keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.model.columns import BytesColumn, Column, FixedColumn
from aiomilvus.wire import arrays
from aiomilvus.wire.codec.scalars import check_utf8

if TYPE_CHECKING:
    from aiomilvus.wire.proto import messages


def write_keys(message: messages.IDs, keys: Column) -> None:
    """Put integer or string keys into an empty message."""
    if isinstance(keys, BytesColumn):
        message.str_id.SetInParent()
        message.str_id.data.extend(keys)
    elif isinstance(keys, FixedColumn):
        message.int_id.SetInParent()
        arrays.write_integers(message.int_id, keys.values)
    else:
        raise TypeError(f"keys are in a {keys.kind} column")


def read_keys(message: messages.IDs, *, as_text: bool = False) -> Column:
    """Return the keys that a message holds.

    Args:
        message: From a request or a reply.
        as_text: Whether the primary key is a string; asked when the message is empty, and
            so does not say.

    Raises:
        ParamError: A string is not UTF-8.
    """
    filled = message.WhichOneof("id_field")
    if filled == "str_id" or (filled is None and as_text):
        keys = BytesColumn.of(message.str_id.data)
        check_utf8(keys, "ids")
        return keys
    if filled is None:
        return FixedColumn(np.empty(0, np.int64))
    return FixedColumn(arrays.read_int64(message.int_id))
