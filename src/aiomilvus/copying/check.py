"""Comparing a copied collection with its source: the number of rows, and sampled rows whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.client.results.extra_list import ExtraList
from aiomilvus.errors import MilvusException
from aiomilvus.model.columns import BytesColumn, Column, FixedColumn
from aiomilvus.model.operations.data import Query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiomilvus.client.backends.backend import AsyncBackend
    from aiomilvus.model.schema import Schema

_STRONG = 0
_TOLERANCE = 1e-6
"""Servers hand a FLOAT on as text in places."""


async def count(backend: AsyncBackend, db: str, collection: str) -> int:
    """Return the number of rows, older ones of the same key included."""
    asked = Query(db=db, collection=collection, output_fields=("count(*)",), consistency=_STRONG)
    found = await backend.execute(asked, None)
    if found.count is None:
        raise MilvusException(message=f"{collection}: the answer to count(*) has no count")
    return found.count


async def differing(
    source: AsyncBackend,
    target: AsyncBackend,
    names: tuple[str, str, str, str],
    schema: Schema,
    keys: Sequence[Any],
) -> list[Any]:
    """Return those keys whose rows are not the same on both sides."""
    from_db, from_name, to_db, to_name = names
    here = await _rows(source, from_db, from_name, schema, keys)
    there = await _rows(target, to_db, to_name, schema, keys)
    compared = [field.name for field in schema.fields if not field.is_function_output]
    return [key for key in keys if not _same(here.get(key), there.get(key), compared)]


async def _rows(
    backend: AsyncBackend, db: str, collection: str, schema: Schema, keys: Sequence[Any]
) -> dict[Any, dict[str, Any]]:
    if not keys:
        return {}
    asked = Query(
        db=db,
        collection=collection,
        ids=_column(keys),
        output_fields=("*",),
        consistency=_STRONG,
    )
    found = await backend.execute(asked, None)
    key = schema.primary.name
    return {row[key]: dict(row) for row in ExtraList(found)}


def _column(keys: Sequence[Any]) -> Column:
    if isinstance(keys[0], int):
        return FixedColumn(np.array(keys, np.int64))
    return BytesColumn.of([key.encode() for key in keys])


def _same(one: dict[str, Any] | None, other: dict[str, Any] | None, names: list[str]) -> bool:
    if one is None or other is None:
        return False
    known = set(names) - {"$meta"}
    dynamic = {*one, *other} - known
    return all(_equal(one.get(name), other.get(name)) for name in (*known, *dynamic))


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_equal(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(_equal, one, other))
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return bool(np.array_equal(np.asarray(one), np.asarray(other), equal_nan=True))
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= _TOLERANCE * max(abs(one), abs(other)) or one == other
    return bool(one == other)
