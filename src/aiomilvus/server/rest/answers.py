"""Columns → rows of a response.

Numbers of 32 bits are handed on as numpy's, because the JSON encoder then writes as few digits
as tell them apart: 0.1, not 0.10000000149011612.
"""

from __future__ import annotations

import base64
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from aiomilvus.client.results.values import values_of
from aiomilvus.model.columns import BytesColumn, FixedColumn, SparseColumn, VectorColumn
from aiomilvus.model.schema import DYNAMIC_FIELD
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from aiomilvus.model.batch import ColumnBatch
    from aiomilvus.model.columns import Column
    from aiomilvus.model.results import Bucket, BucketHit, QueryResult, SearchResult
    from aiomilvus.model.schema import Field, Schema

Row = dict[str, Any]
_BLOCK = 4096
"""Rows that are made at a time."""
_ARRAYS = {
    DataType.BOOL: "BoolData",
    DataType.INT8: "IntData",
    DataType.INT16: "IntData",
    DataType.INT32: "IntData",
    DataType.INT64: "LongData",
    DataType.FLOAT: "FloatData",
    DataType.DOUBLE: "DoubleData",
    DataType.VARCHAR: "StringData",
}


def whole(value: Any, *, numbers: bool) -> Any:
    """Return an Int64 value: a number, or text for those whose JSON has only 53 bits of them."""
    is_number = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    return value if numbers or not is_number else str(value)


def keys(column: Column, *, numbers: bool) -> list[Any]:
    """Return primary keys."""
    if isinstance(column, BytesColumn):
        return [key.decode() for key in column]
    values = _fixed(column).values.tolist()
    return values if numbers else [str(value) for value in values]


def _fixed(column: Column) -> FixedColumn:
    if not isinstance(column, FixedColumn):
        raise TypeError(f"keys are in a {column.kind} column")
    return column


def query_rows(found: QueryResult, *, numbers: bool) -> list[Row]:
    """Return the rows of a query.

    Where its filter is about elements, each that passed has a row of its own, with its ``offset``.
    """
    if found.count is not None:
        return [{"count(*)": whole(found.count, numbers=numbers)}]
    rows = _rows(found.batch, found.schema, found.output_fields, numbers=numbers)
    if found.elements is None:
        return rows
    ends, offsets = found.elements.offsets.tolist(), found.elements.indices.tolist()
    return [
        {**row, "offset": offset}
        for row, start, stop in zip(rows, ends, ends[1:], strict=False)
        for offset in offsets[start:stop]
    ]


def query_blocks(found: QueryResult, *, numbers: bool) -> Iterator[list[Row]]:
    """Yield the rows of a query, some at a time: many take ten times the room of their columns."""
    if found.count is not None:
        yield query_rows(found, numbers=numbers)
        return
    for first in range(0, found.batch.num_rows, _BLOCK):
        last = min(first + _BLOCK, found.batch.num_rows)
        elements = found.elements
        if elements is not None:
            elements = elements._replace(offsets=elements.offsets[first : last + 1])
        batch = found.batch.slice(first, last)
        part = msgspec.structs.replace(found, batch=batch, elements=elements)
        yield query_rows(part, numbers=numbers)


def hit_blocks(found: SearchResult, *, numbers: bool) -> Iterator[list[Row]]:
    """Yield the hits of all queries, one after the other, some queries' at a time."""
    first, queries = 0, len(found.offsets) - 1
    while first < queries:
        enough = int(found.offsets[first]) + _BLOCK
        last = max(int(np.searchsorted(found.offsets, enough, "right")) - 1, first + 1)
        yield hit_rows(found.part(first, last), numbers=numbers)
        first = last


def hit_rows(found: SearchResult, *, numbers: bool) -> list[Row]:
    """Return the hits of all queries, one after the other."""
    ids = keys(found.ids, numbers=numbers)
    if found.batch is None or not found.batch.columns:
        rows: list[Row] = [{} for _ in ids]
    else:
        rows = _rows(found.batch, found.schema, found.output_fields, numbers=numbers)
    for row, key, score in zip(rows, ids, found.scores, strict=True):
        row[found.primary_name] = key
        row["distance"] = score
    if found.element_indices is not None:
        for row, offset in zip(rows, found.element_indices.tolist(), strict=True):
            row["offset"] = offset
    return rows


def _rows(batch: ColumnBatch, schema: Schema, asked: Sequence[str], *, numbers: bool) -> list[Row]:
    names: list[str] = []
    lists: list[Iterable[Any]] = []
    structs: dict[str, dict[str, list[Any]]] = {}
    dynamic: list[Any] | None = None
    for name, column in batch.columns.items():
        field = schema.by_name[name]
        if field.is_dynamic:
            dynamic = values_of(column, DataType.JSON)
        elif field.struct:
            values = _elements(column, field, numbers=numbers)
            structs.setdefault(field.struct, {})[name[len(field.struct) + 1 : -1]] = values
        else:
            names.append(name)
            lists.append(_values(column, field, schema, numbers=numbers))
    for struct, columns in structs.items():
        names.append(struct)
        lists.append(_struct_rows(columns))
    rows = [dict(zip(names, each, strict=True)) for each in zip(*lists, strict=True)]
    rows = rows if lists else [{} for _ in range(batch.num_rows)]
    if dynamic is not None:
        _spread(rows, dynamic, {*names, *batch.columns}, asked)
    return rows


def _spread(rows: list[Row], dynamic: list[Any], known: set[str], asked: Sequence[str]) -> None:
    """Lay the keys of the dynamic field beside the fields: those asked for, or all others."""
    wanted = [] if DYNAMIC_FIELD in asked else [name for name in asked if name not in known]
    for row, extra in zip(rows, dynamic, strict=True):
        for name in wanted or extra or ():
            if extra and name in extra and name not in row:
                row[name] = extra[name]


def _values(column: Column, field: Field, schema: Schema, *, numbers: bool) -> Iterable[Any]:
    values = _present(column, field, schema, numbers=numbers)
    if column.valid is None:
        return values
    there = column.valid.tolist()
    return [value if ok else None for value, ok in zip(values, there, strict=True)]


def _present(column: Column, field: Field, schema: Schema, *, numbers: bool) -> Iterable[Any]:
    """Return the values; of nulls anything."""
    dtype = field.dtype
    if isinstance(column, FixedColumn) and dtype is not DataType.TIMESTAMPTZ:
        if dtype is DataType.FLOAT:
            return list(column.values)
        listed = column.values.tolist()
        return [str(value) for value in listed] if _as_text(dtype, numbers) else listed
    if isinstance(column, VectorColumn):
        return _dense(column.values, dtype)
    if isinstance(column, SparseColumn):
        return _sparse(column)
    if isinstance(column, BytesColumn) and dtype is DataType.JSON:
        return [raw.decode() for raw in column]
    plain = values_of(column, dtype, field.element_type, schema.time_zone or "UTC")
    if dtype is DataType.ARRAY:
        name = _ARRAYS.get(field.element_type, "StringData")
        return [{"Data": {name: {"data": value}}} for value in plain]
    return plain


def _as_text(dtype: DataType, numbers: bool) -> bool:
    return dtype is DataType.INT64 and not numbers


def _dense(matrix: Any, dtype: DataType) -> Iterable[Any]:
    if dtype is DataType.FLOAT_VECTOR:
        return list(np.ascontiguousarray(matrix))
    return [base64.b64encode(row.tobytes()).decode() for row in matrix]


def _sparse(column: SparseColumn) -> list[Any]:
    bounds = column.indptr.tolist()
    return [
        dict(zip(map(str, column.indices[a:b].tolist()), column.values[a:b], strict=True))
        for a, b in pairwise(bounds)
    ]


def _elements(column: Column, field: Field, *, numbers: bool) -> list[Any]:
    """Return each row's list of elements of a sub-field."""
    listed = values_of(column, field.dtype, field.element_type)
    element = field.element_type
    if element.is_vector and element is not DataType.FLOAT_VECTOR:
        return [
            None if row is None else [base64.b64encode(each).decode() for each in row]
            for row in listed
        ]
    if element is DataType.INT64 and not numbers:
        return [None if row is None else [str(each) for each in row] for row in listed]
    return listed


def _struct_rows(columns: dict[str, list[Any]]) -> list[Any]:
    names = list(columns)
    return [
        None
        if runs[0] is None
        else [dict(zip(names, each, strict=True)) for each in zip(*runs, strict=True)]
        for runs in zip(*columns.values(), strict=True)
    ]


def bucket_rows(buckets: Iterable[Bucket], primary: str, *, numbers: bool) -> list[Row]:
    """Return the buckets of a search aggregation."""
    return [_bucket(bucket, primary, numbers=numbers) for bucket in buckets]


def _bucket(bucket: Bucket, primary: str, *, numbers: bool) -> Row:
    return {
        "key": [
            {
                "fieldName": name,
                "fieldId": whole(number, numbers=numbers),
                "value": whole(value, numbers=numbers),
            }
            for name, number, value in bucket.key
        ],
        "count": whole(bucket.count, numbers=numbers),
        "metrics": {k: whole(value, numbers=numbers) for k, value in bucket.metrics.items()},
        "hits": [_bucket_hit(hit, primary, numbers=numbers) for hit in bucket.hits],
        "subGroups": bucket_rows(bucket.buckets, primary, numbers=numbers),
    }


def _bucket_hit(hit: BucketHit, primary: str, *, numbers: bool) -> Row:
    fields = {name: whole(value, numbers=numbers) for name, value in hit.fields.items()}
    return {
        **fields,
        primary: whole(hit.key, numbers=numbers),
        "distance": np.float32(hit.score),
    }
