"""Columns without their neighbours: what may be written to a file as it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.model.columns import FixedColumn, VectorColumn

if TYPE_CHECKING:
    from aiomilvus.model.columns import Column


def own_data(column: Column) -> Column:
    """Return the column with nothing but its own data; a slice may share its neighbours'."""
    if isinstance(column, FixedColumn | VectorColumn):
        return column
    return type(column).concat([column])
