"""Sorting rows by primary key or by named fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.engine.query.fetch import gather
from aiomilvus.errors import ParamError
from aiomilvus.model.columns import BytesColumn, FixedColumn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from aiomilvus.engine.query.fetch import Place
    from aiomilvus.model.columns import Column
    from aiomilvus.model.schema import Schema


def ranks(column: Column) -> NDArray[np.int64]:
    """Return each value's rank among the distinct values, int64; nulls rank last.

    Raises:
        ParamError: Values of this kind have no order.
    """
    if isinstance(column, FixedColumn):
        found = np.unique(column.values, return_inverse=True)[1].astype(np.int64)
    elif isinstance(column, BytesColumn):
        listed = list(column)
        place = {value: at for at, value in enumerate(sorted(set(listed)))}
        found = np.array([place[value] for value in listed], np.int64)
    else:
        raise ParamError(message="only scalar fields can be sorted by: invalid parameter")
    if column.valid is not None:
        found = np.where(column.valid, found, len(found))
    return found


def order_by(
    schema: Schema, keys: Sequence[tuple[str, bool]], places: Sequence[Place]
) -> NDArray[np.int64]:
    """Return the stable order of the rows at `places` by (field, descending) pairs."""
    sorts = []
    for name, descending in keys:
        field = schema.by_name.get(name)
        if field is None or field.vector_type:
            raise ParamError(message=f"order by field {name} not exist or not sortable")
        found = ranks(gather(field, places))
        sorts.append(-found if descending else found)
    return np.lexsort(sorts[::-1])
