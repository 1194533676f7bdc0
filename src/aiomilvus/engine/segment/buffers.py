"""Columns that grow: arrays with room to spare, and the column layouts made of them.

One writer appends; any number of readers hold views of a prefix. Appending never changes what a
view shows: it writes behind the view's end, or into a new, larger array.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.model.batch import empty_column
from aiomilvus.model.columns import (
    BytesColumn,
    Column,
    FixedColumn,
    ListColumn,
    SparseColumn,
    VectorColumn,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from aiomilvus.model.schema import Field

_FIRST = 256
_LARGE = 4 << 20


class GrowingArray:
    """An array that multiplies its room when it is full."""

    def __init__(self, dtype: np.dtype[Any], width: tuple[int, ...] = ()) -> None:
        self._room: NDArray[Any] = np.empty((0, *width), dtype)
        self.size = 0

    def append(self, values: NDArray[Any]) -> None:
        """Add `values` at the end."""
        size = self.size + len(values)
        if size > len(self._room):
            room = np.empty((self._roomier(size), *self._room.shape[1:]), self._room.dtype)
            room[: self.size] = self._room[: self.size]
            self._room = room
        self._room[self.size : size] = values
        self.size = size

    def append_one(self, value: int) -> None:
        """Add a number at the end."""
        size = self.size
        if size == len(self._room):
            self.append(np.array([value], self._room.dtype))
        else:
            self._room[size] = value
            self.size = size + 1

    def _roomier(self, size: int) -> int:
        # Untouched room costs addresses, not memory, so large arrays take it generously: what
        # is copied stays a small part of what is stored.
        factor = 2 if self._room.nbytes < _LARGE else 8
        return max(size, factor * len(self._room), _FIRST)

    def view(self, size: int | None = None) -> NDArray[Any]:
        """Return the first `size` values, all by default."""
        return self._room[: self.size if size is None else size]


class ColumnBuffer:
    """A growing column in the layout of the first column appended to it.

    Attributes:
        rows: How many values it has.
    """

    def __init__(self, like: Column) -> None:
        self._kind = type(like)
        self._arrays = {
            name: GrowingArray(array.dtype, array.shape[1:])
            for name, array in like.arrays().items()
            if name != "valid" and not name.startswith("child.")
        }
        self._child = ColumnBuffer(like.child) if isinstance(like, ListColumn) else None
        self._valid: GrowingArray | None = None
        self.rows = 0
        self._end = 0
        """Where the next run begins, in layouts with runs."""
        for name in ("offsets", "indptr"):
            if name in self._arrays:
                self._arrays[name].append(np.zeros(1, np.int64))
        self._add = self._adder(like)

    def _adder(self, like: Column) -> Callable[[ColumnBuffer, Any], None]:
        """Return what adds the values of a column of this layout: each row comes here.

        It is no method of this buffer: with a cycle of references, only a garbage collection would
        free the memory of a dropped collection.
        """
        if isinstance(like, (FixedColumn, VectorColumn)):
            values = self._arrays["values"]
            return lambda _, column: values.append(column.values)
        if isinstance(like, SparseColumn):
            return ColumnBuffer._add_sparse
        if isinstance(like, BytesColumn):
            return ColumnBuffer._add_bytes
        return ColumnBuffer._add_lists

    @classmethod
    def of(cls, field: Field) -> ColumnBuffer:
        """Return an empty buffer in the layout of `field`."""
        return cls(empty_column(field))

    def append(self, column: Column, rows: int | None = None) -> None:
        """Add the values of `column`, which has this buffer's layout, and `rows` of them."""
        if column.valid is not None or self._valid is not None:
            self._append_valid(column)
        self._add(self, column)
        self.rows += len(column) if rows is None else rows

    def _add_sparse(self, column: SparseColumn) -> None:
        run = self._append_runs("indptr", column.indptr)
        self._arrays["indices"].append(column.indices[run])
        self._arrays["values"].append(column.values[run])

    def _add_bytes(self, column: BytesColumn) -> None:
        run = self._append_runs("offsets", column.offsets)
        self._arrays["data"].append(column.data[run])

    def _add_lists(self, column: ListColumn) -> None:
        run = self._append_runs("offsets", column.offsets)
        if self._child is not None:
            self._child.append(column.child.slice(run.start, run.stop))

    def _append_runs(self, name: str, offsets: NDArray[np.int64]) -> slice:
        first, last = offsets.item(0), offsets.item(-1)
        if len(offsets) == 2:
            self._arrays[name].append_one(self._end + last - first)
        else:
            self._arrays[name].append(offsets[1:] + (self._end - first))
        self._end += last - first
        return slice(first, last)

    def _append_valid(self, column: Column) -> None:
        if self._valid is None:
            if column.valid is None:
                return
            valid = GrowingArray(np.dtype(np.bool_))
            valid.append(np.ones(self.rows, np.bool_))
            self._valid = valid  # whole from the beginning: others read meanwhile
        ones = np.ones(len(column), np.bool_)
        self._valid.append(ones if column.valid is None else column.valid)

    def column(self, rows: int) -> Column:
        """Return the first `rows` values; they stay as they are while more is appended."""
        valid = None if self._valid is None else self._valid.view(rows)
        if self._kind is FixedColumn:
            return FixedColumn(self._arrays["values"].view(rows), valid)
        if self._kind is VectorColumn:
            return VectorColumn(self._arrays["values"].view(rows), valid)
        if self._kind is SparseColumn:
            indptr = self._arrays["indptr"].view(rows + 1)
            stop = int(indptr[-1])
            indices, values = self._arrays["indices"].view(stop), self._arrays["values"].view(stop)
            return SparseColumn(indptr, indices, values, valid)
        offsets = self._arrays["offsets"].view(rows + 1)
        stop = int(offsets[-1])
        if self._child is not None:
            return ListColumn(offsets, self._child.column(stop), valid)
        return BytesColumn(offsets, self._arrays["data"].view(stop), valid)
