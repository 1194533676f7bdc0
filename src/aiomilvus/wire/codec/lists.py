"""ArrayArray and VectorArray ↔ list columns: each row is a message of its own."""

from __future__ import annotations

from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.errors import ParamError
from aiomilvus.model.batch import vector_width
from aiomilvus.model.columns import (
    FIXED_DTYPES,
    VECTOR_DTYPES,
    BytesColumn,
    Column,
    FixedColumn,
    ListColumn,
    VectorColumn,
)
from aiomilvus.model.types import DataType
from aiomilvus.wire import arrays
from aiomilvus.wire.codec import scalars, slots, vectors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from aiomilvus.wire.proto import messages

_ELEMENTS = frozenset(FIXED_DTYPES) - {DataType.TIMESTAMPTZ} | {
    DataType.VARCHAR,
    DataType.STRING,
    DataType.TEXT,
}


def write_arrays(message: messages.ArrayArray, element: DataType, column: ListColumn) -> None:
    """Put the rows of an ARRAY column into an empty message."""
    _check_element(element)
    message.element_type = element
    slot = slots.SCALARS[element]
    run = _runs(element, column)
    for start, stop in pairwise((column.offsets - column.offsets[0]).tolist()):
        values = getattr(message.data.add(), slot)
        values.SetInParent()  # an empty array has a type, too
        values.data.extend(run(start, stop))


def _runs(element: DataType, column: ListColumn) -> Callable[[int, int], Sequence[Any]]:
    """Return a function from the bounds of a row to what goes into the row's `data`."""
    child = column.child.slice(int(column.offsets[0]), int(column.offsets[-1]))
    if isinstance(child, BytesColumn):
        texts = list(child)
        return lambda start, stop: texts[start:stop]
    if not isinstance(child, FixedColumn):
        raise TypeError(f"{element.name} elements are in a {child.kind} column")
    if element.is_integer:
        numbers = child.values.tolist()
        return lambda start, stop: numbers[start:stop]
    width = child.values.itemsize
    packed = bytes(arrays.buffer(child.values))
    return lambda start, stop: [packed[start * width : stop * width]] if stop > start else []


def read_arrays(message: messages.ArrayArray, element: DataType, name: str) -> ListColumn:
    """Return the rows of an ARRAY column, none of them null.

    Raises:
        ParamError: A row holds another type than `element`, or values out of range.
    """
    _check_element(element)
    slot = slots.SCALARS[element]
    for row in message.data:
        if row.WhichOneof("data") not in (None, slot):
            raise slots.mismatch(name, f"{element.name} array", row.WhichOneof("data"))
    rows: list[Any]
    child: Column
    if element.is_string:
        rows = [row.string_data.data for row in message.data]
        child = BytesColumn.of(list(chain.from_iterable(rows)))
        scalars.check_utf8(child, name)
    else:
        rows = [scalars.read_fixed(row, element, slot) for row in message.data]
        empty = np.empty(0, FIXED_DTYPES[element])
        child = FixedColumn(np.concatenate(rows) if rows else empty)
    return ListColumn(_offsets(rows), child)


def _check_element(element: DataType) -> None:
    if element not in _ELEMENTS:
        raise ParamError(message=f"array element type: {element.name} is not supported")


def _offsets(rows: Sequence[Any]) -> NDArray[np.int64]:
    offsets = np.zeros(len(rows) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, rows), np.int64, len(rows)), out=offsets[1:])
    return offsets


def write_vector_arrays(
    message: messages.VectorArray, element: DataType, dim: int, column: ListColumn
) -> None:
    """Put the rows of an ARRAY_OF_VECTOR column into an empty message."""
    message.element_type = element
    message.dim = dim
    child = column.child.slice(int(column.offsets[0]), int(column.offsets[-1]))
    if not isinstance(child, VectorColumn):
        raise TypeError(f"{element.name} elements are in a {child.kind} column")
    row_bytes = child.values.shape[1] * child.values.itemsize
    data = bytes(arrays.buffer(child.values))
    for start, stop in pairwise((column.offsets - column.offsets[0]).tolist()):
        row = message.data.add(dim=dim)
        run = data[start * row_bytes : stop * row_bytes]
        if element is not DataType.FLOAT_VECTOR:
            setattr(row, slots.VECTORS[element], run)
            continue
        row.float_vector.SetInParent()
        if run:
            row.float_vector.data.append(run)


def read_vector_arrays(
    message: messages.VectorArray, element: DataType, dim: int, name: str
) -> ListColumn:
    """Return the rows of an ARRAY_OF_VECTOR column, none of them null.

    Raises:
        ParamError: A row holds vectors of another type or dimension.
    """
    if element not in VECTOR_DTYPES:
        raise ParamError(message=f"array element type: {element.name} is not supported")
    first = message.data[0].dim if message.data else 0
    dim = vectors.dimension(dim, message.dim or first, name)
    rows = []
    for row in message.data:
        read = vectors.read_vectors(row, element, dim, name)
        assert isinstance(read, VectorColumn)  # noqa: S101 - for mypy: a dense type was asked for
        rows.append(read.values)
    empty = np.empty((0, vector_width(element, dim)), VECTOR_DTYPES[element])
    return ListColumn(_offsets(rows), VectorColumn(np.concatenate([empty, *rows])))
