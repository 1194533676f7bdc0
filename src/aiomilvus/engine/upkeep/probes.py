"""Filters that one row of a column is known to pass: what an index is compared with a scan by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from aiomilvus.engine.index.scalar.json_path_index import path_of
from aiomilvus.expr import predicate as p
from aiomilvus.model.columns import BytesColumn, FixedColumn, ListColumn
from aiomilvus.model.geometry import wkt_of
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiomilvus.engine.catalog.records import IndexSpec
    from aiomilvus.model.columns import Column
    from aiomilvus.model.schema import Field

_PART = 3
"""Characters of a part of a text."""


def probes(spec: IndexSpec, field: Field, column: Column, row: int) -> Iterator[p.Leaf]:
    """Yield leaves that the value of a row is TRUE for; none for a null."""
    if column.is_null(row):
        return
    if isinstance(column, FixedColumn):
        yield from _of_value(p.Column(field.name, field.dtype), column.values[row].item())
    elif isinstance(column, ListColumn):
        yield from _of_array(field, column, row)
    elif isinstance(column, BytesColumn):
        yield from _of_bytes(spec, field, column.raw(row))


def _of_bytes(spec: IndexSpec, field: Field, raw: bytes) -> Iterator[p.Leaf]:
    if field.dtype is DataType.JSON:
        path = path_of(field, spec.params.get("json_path", ""))
        value = _at(msgspec.json.decode(raw), path)
        yield from _of_json(p.JsonPath(field.name, path), value)
    elif field.dtype is DataType.GEOMETRY:
        for text in wkt_of([raw]):
            if text is not None:
                yield p.Spatial(field.name, "intersects", text)
    else:
        yield from _of_value(p.Column(field.name, field.dtype), raw.decode())


def _at(value: object, path: tuple[str, ...]) -> object:
    for key in path:
        if not isinstance(value, dict) or key not in value:
            return None
        value = value[key]
    return value


def _of_json(operand: p.JsonPath, value: object) -> Iterator[p.Leaf]:
    if isinstance(value, list):
        for each in value[:1]:
            if isinstance(each, (bool, int, float, str)):
                yield p.Contains(operand, (each,), every=False)
    elif isinstance(value, (bool, int, float, str)):
        yield from _of_value(operand, value)


def _of_value(operand: p.Column | p.JsonPath, value: bool | float | str) -> Iterator[p.Leaf]:
    yield p.Compare(operand, "==", value)
    yield p.In(operand, (value,))
    if isinstance(value, str):
        if value:
            yield p.Match(operand, p.MatchKind.PREFIX, value[:_PART])
            yield p.Match(operand, p.MatchKind.INFIX, value[-_PART:], value[-_PART:])
    elif not isinstance(value, bool):
        yield p.Compare(operand, "<=", value)


def _of_array(field: Field, column: ListColumn, row: int) -> Iterator[p.Leaf]:
    first, last = int(column.offsets[row]), int(column.offsets[row + 1])
    if first == last or field.dtype is not DataType.ARRAY:
        return
    child = column.child
    value: p.Value | None = None
    if isinstance(child, FixedColumn):
        value = child.values[first].item()
    elif isinstance(child, BytesColumn):
        value = child.raw(first).decode()
    if value is not None and not child.is_null(first):
        operand = p.Column(field.name, field.dtype, field.element_type)
        yield p.Contains(operand, (value,), every=False)
