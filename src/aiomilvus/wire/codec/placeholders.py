"""PlaceholderGroup ↔ the queries of a search: vectors, texts, lists of vectors."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np
from google.protobuf.message import DecodeError

from aiomilvus.errors import ParamError
from aiomilvus.model.batch import vector_width
from aiomilvus.model.columns import (
    VECTOR_DTYPES,
    BytesColumn,
    Column,
    ListColumn,
    SparseColumn,
    VectorColumn,
)
from aiomilvus.model.types import DataType
from aiomilvus.wire import arrays
from aiomilvus.wire.codec.scalars import check_utf8
from aiomilvus.wire.codec.vectors import as_vector_dtype
from aiomilvus.wire.proto import messages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiomilvus.model.schema import Field

_TAG = "$0"
_TEXT = int(DataType.VARCHAR)
_LIST = 200
"""Added to a vector type's number for lists of such vectors."""

_FROM_FLOATS = frozenset({DataType.FLOAT16_VECTOR, DataType.BFLOAT16_VECTOR})


def write_queries(dtype: DataType, queries: Column) -> bytes:
    """Return queries as `SearchRequest.placeholder_group`.

    Args:
        dtype: `Field.vector_type` of the field that is searched.
        queries: As in `Search.data`.
    """
    kind = int(dtype)
    if isinstance(queries, BytesColumn):
        kind, values = _TEXT, list(queries)
    elif isinstance(queries, SparseColumn):
        values = arrays.write_sparse_rows(queries.indptr, queries.indices, queries.values)
    elif isinstance(queries, VectorColumn):
        values = [arrays.write_vectors(row) for row in queries.values]
    elif isinstance(queries, ListColumn):
        kind += _LIST
        values = [_flat(queries.item(row)) for row in range(len(queries))]
    else:
        raise TypeError(f"queries are in a {queries.kind} column")
    group = messages.PlaceholderGroup()
    group.placeholders.add(tag=_TAG, type=kind, values=values)
    return group.SerializeToString()


def _flat(column: Column) -> bytes:
    if not isinstance(column, VectorColumn):
        raise TypeError(f"lists of a {column.kind} column are no queries")
    return arrays.write_vectors(column.values)


def read_queries(group: bytes, field: Field) -> Column:
    """Return the queries of a search in `field`.

    Raises:
        ParamError: No queries, queries of another type or dimension, or bytes that are none.
    """
    try:
        placeholders = messages.PlaceholderGroup.FromString(group).placeholders
    except DecodeError:
        raise ParamError(message="the placeholder group can't be parsed") from None
    if not placeholders or not placeholders[0].values:
        raise ParamError(
            message="nq [0] is invalid, nq (number of search vector per search request) "
            "should be in range [1, 16384], but got 0"
        )
    kind, values = placeholders[0].type, placeholders[0].values
    if kind == _TEXT:
        texts = BytesColumn.of(values)
        check_utf8(texts, field.name)
        return texts
    dtype = field.vector_type
    is_list = kind > _LIST
    sent = kind - _LIST if is_list else kind
    if sent != dtype and not (sent == DataType.FLOAT_VECTOR and dtype in _FROM_FLOATS):
        raise ParamError(
            message=f"vector type must be the same, field {field.name} - type "
            f"{dtype.spelling}, search info type {_type_name(kind)}"
        )
    if dtype is DataType.SPARSE_FLOAT_VECTOR:
        return SparseColumn(*arrays.read_sparse_rows(values))
    return _read_dense(values, DataType(sent), field, is_list=is_list)


def _type_name(kind: int) -> str:
    try:
        return messages.PlaceholderType(kind).name
    except ValueError:
        return str(kind)


def _read_dense(values: Sequence[bytes], sent: DataType, field: Field, *, is_list: bool) -> Column:
    dtype = VECTOR_DTYPES[sent]
    width = vector_width(sent, field.dim)
    size = width * dtype.itemsize
    for value in values:
        is_whole = value and len(value) % max(size, 1) == 0 if is_list else len(value) == size
        if not is_whole:
            raise ParamError(
                message=f"vector dimension mismatch, expected vector size(byte) {size}, "
                f"actual {len(value)}."
            )
    rows = arrays.read_vectors(b"".join(values), width, dtype)
    if sent is not field.vector_type:
        rows = as_vector_dtype(rows, field.vector_type)
    if not is_list:
        return VectorColumn(rows)
    bounds = accumulate((len(value) // size for value in values), initial=0)
    return ListColumn(np.fromiter(bounds, np.int64, len(values) + 1), VectorColumn(rows))
