"""Moments taken apart: with ``time_fields``, results hold years, months… instead of moments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from aiomilvus.errors import ParamError
from aiomilvus.model.batch import ColumnBatch
from aiomilvus.model.columns import FixedColumn, ListColumn
from aiomilvus.model.moments import shown_in, zone_of
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from aiomilvus.model.columns import Column
    from aiomilvus.model.schema import Field, Schema

OPTION = "time_fields"
_PARTS = ("year", "month", "day", "hour", "minute", "second", "microsecond")


def parts_asked(extra: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the parts that the option names, parted by commas or spaces; () without it.

    Raises:
        ParamError: There is no such part.
    """
    if not extra:
        return ()
    parts = tuple(part.lower() for part in re.split("[, ]+", str(extra.get(OPTION) or "")) if part)
    for part in parts:
        if part not in _PARTS:
            message = f"unsupported field for extraction: {part}, should be one of {_PARTS}"
            raise ParamError(message=f"{message}, separated by ',' or ' ': invalid parameter")
    return parts


def taken_apart(
    schema: Schema, parts: tuple[str, ...], *batches: ColumnBatch | None
) -> tuple[Schema, list[ColumnBatch | None]]:
    """Return a result's columns with an INT64 array of the parts for each moment.

    Args:
        schema: Of the collection, in the time zone whose years and days count.
        parts: What `parts_asked` gave; () leaves all as it is.
        batches: The columns, of rows and of groups; returned as they are if none holds moments.
    """
    moments = {
        name
        for batch in batches
        for name in (batch.columns if parts and batch is not None else ())
        if _is_moment(schema.by_name.get(name))
    }
    if not moments:
        return schema, list(batches)
    zone = zone_of(schema.time_zone or "UTC")
    fields = tuple(
        _as_array(field, len(parts)) if field.name in moments else field for field in schema.fields
    )
    changed = [None if each is None else _changed(each, moments, parts, zone) for each in batches]
    return msgspec.structs.replace(schema, fields=fields), changed


def _changed(
    batch: ColumnBatch, moments: set[str], parts: tuple[str, ...], zone: tzinfo
) -> ColumnBatch:
    columns = {
        name: _apart(column, parts, zone) if name in moments else column
        for name, column in batch.columns.items()
    }
    return ColumnBatch(batch.num_rows, columns)


def _is_moment(field: Field | None) -> bool:
    return field is not None and field.dtype is DataType.TIMESTAMPTZ


def _as_array(field: Field, count: int) -> Field:
    return msgspec.structs.replace(
        field,
        dtype=DataType.ARRAY,
        element_type=DataType.INT64,
        max_capacity=count,
        default=msgspec.UNSET,
    )


def _apart(column: Column, parts: tuple[str, ...], zone: tzinfo) -> ListColumn:
    values = FixedColumn.expect(column).values
    there = np.ones(len(values), np.bool_) if column.valid is None else column.valid
    found: list[int] = []
    for micros in values[there].tolist():
        year, clock = shown_in(zone, micros)
        found += [year if part == "year" else getattr(clock, part) for part in parts]
    offsets = np.zeros(len(values) + 1, np.int64)
    np.cumsum(there * len(parts), out=offsets[1:])
    return ListColumn(offsets, FixedColumn(np.array(found, np.int64)), column.valid)
