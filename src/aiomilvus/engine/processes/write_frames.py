"""Writes of entities and what becomes of them, as bytes: names, numbers, and columns' buffers.

They are what followers send all the time. As MessagePack they take a fraction of the time of a
pickle, and can make nothing but what is declared here; `messages` pickles all the rest.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from aiomilvus.engine.storage.frames import dtype_name
from aiomilvus.errors import ParamError
from aiomilvus.model.batch import ColumnBatch
from aiomilvus.model.columns import (
    BytesColumn,
    FixedColumn,
    ListColumn,
    SparseColumn,
    VectorColumn,
    own_data,
)
from aiomilvus.model.operations.data import Delete, FieldOp, Insert, Upsert
from aiomilvus.model.results import MutationResult

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from aiomilvus.model.columns import Column
    from aiomilvus.model.operations.base import Operation

PLAIN = "biuf"
"""Kinds of numpy's types whose bytes are all there is to tell."""
_CHILD = "child."
_OF_LISTS = "list."
_LAYOUTS: dict[str, Callable[..., Column]] = {
    each.kind: each for each in (FixedColumn, BytesColumn, VectorColumn, SparseColumn)
}


class _Array(msgspec.Struct, array_like=True, frozen=True):
    """An array: numpy's name of its type, its bytes in C's order, and its shape."""

    dtype: str
    data: bytes
    shape: tuple[int, ...]


class _Column(msgspec.Struct, array_like=True, frozen=True):
    """A column: its `kind`, for lists ``list.`` and that of the elements; and its `arrays`."""

    kind: str
    arrays: dict[str, _Array]


class _Rows(msgspec.Struct, array_like=True, frozen=True, tag="rows"):
    """A call that inserts or upserts rows."""

    request: str
    again: bool
    db: str
    collection: str
    partition: str
    namespace: str | None
    schema_version: int
    schema_timestamp: int
    num_rows: int
    columns: dict[str, _Column]
    upsert: bool = False
    partial: bool = False
    field_ops: tuple[tuple[str, str], ...] = ()


class _Deletion(msgspec.Struct, array_like=True, frozen=True, tag="deletion"):
    """A call that deletes rows by their keys, or by a filter without parameters."""

    request: str
    again: bool
    db: str
    collection: str
    partition: str
    namespace: str | None
    filter: str
    ids: _Column | None


class _Result(msgspec.Struct, array_like=True, frozen=True, tag="result"):
    """What became of a write."""

    insert_count: int
    upsert_count: int
    delete_count: int
    timestamp: int
    cost: int
    ids: _Column | None


Frame = _Rows | _Deletion | _Result


class SentWrite(NamedTuple):
    """A write as it arrives; the fields are those of a `Call`."""

    request: str
    operation: Operation[object]
    again: bool


class NoFrameError(Exception):
    """An operation or a result has no frame: it is to be pickled."""


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Frame)


def call_frame(request: str, operation: Operation[object], *, again: bool) -> Frame:
    """Return the frame of a forwarded write.

    Raises:
        NoFrameError: It is no write of entities, or has values that frames don't know.
    """
    if isinstance(operation, Insert | Upsert):
        return _rows_frame(request, operation, again=again)
    if not isinstance(operation, Delete) or operation.filter_params:
        raise NoFrameError
    return _Deletion(
        request,
        again,
        operation.db,
        operation.collection,
        operation.partition,
        operation.namespace,
        operation.filter,
        None if operation.ids is None else _told(operation.ids),
    )


def _rows_frame(request: str, operation: Insert | Upsert, *, again: bool) -> _Rows:
    batch = operation.batch
    frame = _Rows(
        request,
        again,
        operation.db,
        operation.collection,
        operation.partition,
        operation.namespace,
        operation.schema_version,
        operation.schema_timestamp,
        batch.num_rows,
        {name: _told(column) for name, column in batch.columns.items()},
    )
    if isinstance(operation, Insert):
        return frame
    ops = tuple((each.field, each.op) for each in operation.field_ops)
    return msgspec.structs.replace(frame, upsert=True, partial=operation.partial, field_ops=ops)


def result_frame(result: MutationResult) -> Frame:
    """Return the frame of what became of a write.

    Raises:
        NoFrameError: It has values that frames don't know.
    """
    return _Result(
        result.insert_count,
        result.upsert_count,
        result.delete_count,
        result.timestamp,
        result.cost,
        None if result.ids is None else _told(result.ids),
    )


def put(frame: Frame, whole: bytearray) -> None:
    """Append a frame's bytes.

    Raises:
        NoFrameError: It has a number, a name or an array that MessagePack has no form for.
    """
    begin = len(whole)
    try:
        _encoder.encode_into(frame, whole, begin)
    except (TypeError, ValueError, OverflowError) as error:
        del whole[begin:]
        raise NoFrameError from error


def taken(content: bytes | memoryview) -> SentWrite | MutationResult:
    """Return what the bytes of a frame tell.

    Raises:
        ParamError: They are none.
    """
    try:
        frame = _decoder.decode(content)
        if isinstance(frame, _Rows):
            return SentWrite(frame.request, _row_write(frame), frame.again)
        ids = None if frame.ids is None else _column(frame.ids)
        if isinstance(frame, _Deletion):
            return SentWrite(frame.request, _deletion(frame, ids), frame.again)
    except (msgspec.MsgspecError, ValueError, TypeError, KeyError) as error:
        message = f"a write of another process can't be read: {error!r}"
        raise ParamError(message=message) from error
    return MutationResult(
        insert_count=frame.insert_count,
        upsert_count=frame.upsert_count,
        delete_count=frame.delete_count,
        timestamp=frame.timestamp,
        cost=frame.cost,
        ids=ids,
    )


def _row_write(frame: _Rows) -> Insert | Upsert:
    columns = {name: _column(told) for name, told in frame.columns.items()}
    batch = ColumnBatch(frame.num_rows, columns)
    if not frame.upsert:
        return Insert(
            db=frame.db,
            collection=frame.collection,
            partition=frame.partition,
            namespace=frame.namespace,
            batch=batch,
            schema_version=frame.schema_version,
            schema_timestamp=frame.schema_timestamp,
        )
    return Upsert(
        db=frame.db,
        collection=frame.collection,
        partition=frame.partition,
        namespace=frame.namespace,
        batch=batch,
        schema_version=frame.schema_version,
        schema_timestamp=frame.schema_timestamp,
        partial=frame.partial,
        field_ops=tuple(FieldOp(field=field, op=op) for field, op in frame.field_ops),
    )


def _deletion(frame: _Deletion, ids: Column | None) -> Delete:
    return Delete(
        db=frame.db,
        collection=frame.collection,
        partition=frame.partition,
        namespace=frame.namespace,
        filter=frame.filter,
        ids=ids,
    )


def _told(column: Column) -> _Column:
    """Return the arrays of a column's own data as bytes.

    Raises:
        NoFrameError: An array has values that are more than their bytes.
    """
    kind, own = column.kind, own_data(column)
    if kind == ListColumn.kind:
        child = ListColumn.expect(own).child.kind
        if child == kind:
            raise NoFrameError
        kind = _OF_LISTS + child
    arrays = {}
    for name, array in own.arrays().items():
        if array.dtype.kind not in PLAIN:
            raise NoFrameError
        arrays[name] = _Array(dtype_name(array.dtype), array.tobytes(), array.shape)
    return _Column(kind, arrays)


def _column(told: _Column) -> Column:
    """Return the column that `_told` took apart."""
    arrays = {name: _array(each) for name, each in told.arrays.items()}
    if not told.kind.startswith(_OF_LISTS):
        return _LAYOUTS[told.kind](**arrays)
    inner = {
        name.removeprefix(_CHILD): arrays.pop(name)
        for name in told.arrays
        if name.startswith(_CHILD)
    }
    make: Callable[..., Column] = ListColumn
    return make(child=_LAYOUTS[told.kind.removeprefix(_OF_LISTS)](**inner), **arrays)


def _array(told: _Array) -> NDArray[np.generic]:
    dtype, data, shape = _dtype(told.dtype), told.data, told.shape
    if len(data) != math.prod(shape) * dtype.itemsize:
        message = f"{len(data)} bytes are no array {dtype}{shape}"
        raise ValueError(message)
    if not data:
        return np.zeros(shape, dtype)
    array: NDArray[np.generic] = np.frombuffer(data, dtype)
    return array if len(shape) == 1 else array.reshape(shape)


@cache
def _dtype(name: str) -> np.dtype[np.generic]:
    """Return numpy's type of this name.

    Raises:
        ValueError: Its values are more than their bytes.
    """
    dtype = np.dtype(name)
    if dtype.kind not in PLAIN:
        message = f"{dtype} is no type of a column"
        raise ValueError(message)
    return dtype
