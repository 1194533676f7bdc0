"""Columns → Python values, and batches → rows, one by one or all at once."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import msgspec

from aiomilvus.model.geometry import wkt_of
from aiomilvus.model.moments import moment_texts
from aiomilvus.model.schema import DYNAMIC_FIELD
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from aiomilvus.model.batch import ColumnBatch
    from aiomilvus.model.columns import (
        BytesColumn,
        Column,
        FixedColumn,
        ListColumn,
        SparseColumn,
        VectorColumn,
    )
    from aiomilvus.model.schema import Schema

_decode = msgspec.json.Decoder().decode


def values_of(
    column: Column, dtype: DataType, element: DataType = DataType.NONE, zone: str = "UTC"
) -> list[Any]:
    """Return all values of a column as Python objects; None for null.

    Numbers become int, float and bool; text str; JSON plain data; geometry WKT; moments ISO
    8601 text. FLOAT_VECTOR becomes a list of floats, other dense vectors their bytes,
    sparse vectors a dict from index to value, arrays lists.

    Args:
        column: The column.
        dtype: The field's type.
        element: Type of the elements, for arrays.
        zone: Time zone to show moments in.
    """
    if dtype is DataType.TIMESTAMPTZ:
        return _moments(column, zone)
    values = _READERS[column.kind](column, dtype, element)
    if column.valid is None:
        return values
    present = column.valid.tolist()
    return [value if there else None for value, there in zip(values, present, strict=True)]


def _moments(column: Column, zone: str) -> list[Any]:
    micros = column.arrays()["values"].tolist()
    if column.valid is None:
        return list(moment_texts(micros, zone))
    texts = iter(moment_texts(column.arrays()["values"][column.valid].tolist(), zone))
    return [next(texts) if there else None for there in column.valid.tolist()]


def _fixed(column: FixedColumn, _dtype: DataType, _element: DataType) -> list[Any]:
    values: list[object] = column.values.tolist()
    return values


def _vectors(column: VectorColumn, dtype: DataType, _element: DataType) -> list[Any]:
    if dtype is DataType.FLOAT_VECTOR:
        vectors: list[object] = column.values.tolist()
        return vectors
    return [row.tobytes() for row in column.values]


def _lists(column: ListColumn, _dtype: DataType, element: DataType) -> list[Any]:
    base = int(column.offsets[0])
    flat = values_of(column.child.slice(base, int(column.offsets[-1])), element)
    return [flat[a - base : b - base] for a, b in pairwise(column.offsets.tolist())]


def _bytes(column: BytesColumn, dtype: DataType, _element: DataType) -> list[Any]:
    if dtype is DataType.JSON:
        return [_decode(raw) if raw else None for raw in column]
    if dtype is DataType.GEOMETRY:
        return list(wkt_of(list(column)))
    return column.texts()


def _sparse(column: SparseColumn, _dtype: DataType, _element: DataType) -> list[Any]:
    start, stop = int(column.indptr[0]), int(column.indptr[-1])
    indices = column.indices[start:stop].tolist()
    values = column.values[start:stop].tolist()
    bounds = (column.indptr - start).tolist()
    return [dict(zip(indices[a:b], values[a:b], strict=True)) for a, b in pairwise(bounds)]


# By the layout's name rather than its class: the classes would load numpy with every import.
_READERS: dict[str, Callable[[Any, DataType, DataType], list[Any]]] = {
    "fixed": _fixed,
    "bytes": _bytes,
    "vector": _vectors,
    "sparse": _sparse,
    "list": _lists,
}


def values_per_row(batch: ColumnBatch, schema: Schema) -> int:
    """Return about how many Python values a row takes, at least 1: how long it takes to make."""
    rows = max(batch.num_rows, 1)
    total = rows
    for name, column in batch.columns.items():
        if column.kind == "vector":
            is_list = schema.by_name[name].dtype is DataType.FLOAT_VECTOR
            total += column.nbytes // 4 if is_list else rows
        elif column.kind == "fixed":
            total += rows
        else:
            total += rows + column.nbytes // 16
    return total // rows


def dynamic_keys(batch: ColumnBatch, schema: Schema, output_fields: tuple[str, ...]) -> list[str]:
    """Return the names asked for that are keys of the dynamic field; none where all of it is."""
    if DYNAMIC_FIELD not in batch.columns or DYNAMIC_FIELD in output_fields:
        return []
    known = batch.columns.keys() | {struct.name for struct in schema.structs}
    return [name for name in output_fields if name not in known]


class RowReader:
    """Reads a batch as rows: one dict per row, dynamic keys flattened in.

    Args:
        batch: The columns.
        schema: Tells their types.
        output_fields: Names that were asked for; of the dynamic field only its `dynamic_keys`
            among them are shown, or all where there are none. A field hides the key of its name.
        wrap_bytes: Whether byte vectors come in a list of one, as a query's answer has them.
    """

    __slots__ = ("_batch", "_keys", "_schema", "_wrap")

    def __init__(
        self,
        batch: ColumnBatch,
        schema: Schema,
        output_fields: tuple[str, ...],
        *,
        wrap_bytes: bool = False,
    ) -> None:
        self._batch = batch
        self._schema = schema
        self._wrap = wrap_bytes
        self._keys = dynamic_keys(batch, schema, output_fields)

    def row(self, number: int) -> dict[str, Any]:
        """Return row `number`."""
        return self._rows(self._batch.slice(number, number + 1))[0]

    def rows(self) -> list[dict[str, Any]]:
        """Return all rows."""
        return self._rows(self._batch)

    def rows_between(self, start: int, stop: int) -> list[dict[str, Any]]:
        """Return rows start … stop - 1."""
        whole = self._batch
        is_whole = start == 0 and stop == whole.num_rows
        return self._rows(whole if is_whole else whole.slice(start, stop))

    def _rows(self, batch: ColumnBatch) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = [{} for _ in range(batch.num_rows)]
        structs: dict[str, dict[str, list[Any]]] = {}
        dynamic: list[Any] | None = None
        by_name, zone = self._schema.by_name, self._schema.time_zone or "UTC"
        for name, column in batch.columns.items():
            field = by_name[name]
            values = values_of(column, field.dtype, field.element_type, zone)
            if field.is_dynamic:
                dynamic = values
            elif field.struct:
                structs.setdefault(field.struct, {})[name[len(field.struct) + 1 : -1]] = values
            else:
                _put(rows, name, self._wrapped(values, field.dtype))
        for struct, columns in structs.items():
            _put(rows, struct, _struct_values(columns))
        if dynamic is not None:
            self._flatten(rows, dynamic)
        return rows

    def _wrapped(self, values: list[Any], dtype: DataType) -> list[Any]:
        if self._wrap and values and isinstance(values[0], bytes) and dtype.is_vector:
            return [None if value is None else [value] for value in values]
        return values

    def _flatten(self, rows: list[dict[str, Any]], dynamic: list[Any]) -> None:
        for row, extra in zip(rows, dynamic, strict=True):
            for key in self._keys or extra or ():
                if extra and key in extra and key not in row:
                    row[key] = extra[key]


def _put(rows: list[dict[str, Any]], name: str, values: Iterable[object]) -> None:
    """Give each row its value of a field: column by column takes a third of row by row."""
    for row, value in zip(rows, values, strict=True):
        row[name] = value


def _struct_values(columns: dict[str, list[Any]]) -> list[Any]:
    names = list(columns)
    rows: list[Any] = []
    for runs in zip(*columns.values(), strict=True):
        if runs[0] is None:
            rows.append(None)
            continue
        elements = zip(*runs, strict=True)
        rows.append([dict(zip(names, element, strict=True)) for element in elements])
    return rows
