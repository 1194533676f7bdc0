"""Columns: the one representation of values between the client's door and the disk.

A column is immutable by convention: nobody writes into its arrays after it was made, and
`take` and `slice` may share memory with it. Layouts follow Arrow, so that a column can be
handed to Arrow kernels, written to a file and mapped from it, or put on the wire, without
touching single values. `valid` is a bool array with True for present, or None when every
value is present; a null's slot holds zeros (or an empty run).

============================  =======================================================
FixedColumn                   BOOL … DOUBLE, TIMESTAMPTZ (int64 µs): ``values`` (n,)
BytesColumn                   VARCHAR, TEXT, JSON (UTF-8 JSON text), GEOMETRY (WKB):
                              ``offsets`` int64 (n+1,), ``data`` uint8
ListColumn                    ARRAY and struct sub-fields: ``offsets`` int64 (n+1,),
                              ``child`` any column (vectors too)
VectorColumn                  dense and binary vectors: ``values`` (n, width)
SparseColumn                  SPARSE_FLOAT_VECTOR, CSR: ``indptr`` int64 (n+1,),
                              ``indices`` uint32 sorted in each row, ``values`` float32
============================  =======================================================

The dtype of dense vectors is float32, float16, int8, uint16 (BFLOAT16_VECTOR, raw bits) or
uint8 (BINARY_VECTOR, dim / 8 bytes, most significant bit first).
"""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from aiomilvus.model.column_base import (
    Column,
    concat_offsets,
    concat_valid,
    nbytes_of,
    slice_valid,
    take_valid,
    with_valid,
)
from aiomilvus.model.runs import gather_runs, take_runs
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence, Sized

    from numpy.typing import NDArray

    from aiomilvus.model.column_base import Arrays

    Bools = NDArray[np.bool_]
    Rows = NDArray[np.int64]

__all__ = [
    "FIXED_DTYPES",
    "VECTOR_DTYPES",
    "BytesColumn",
    "Column",
    "FewBytes",
    "FixedColumn",
    "ListColumn",
    "SparseColumn",
    "VectorColumn",
    "own_data",
]

_FEW = 32
"""So few texts are faster taken one by one."""

FIXED_DTYPES: dict[DataType, np.dtype[Any]] = {
    DataType.BOOL: np.dtype(np.bool_),
    DataType.INT8: np.dtype(np.int8),
    DataType.INT16: np.dtype(np.int16),
    DataType.INT32: np.dtype(np.int32),
    DataType.INT64: np.dtype(np.int64),
    DataType.TIMESTAMPTZ: np.dtype(np.int64),
    DataType.FLOAT: np.dtype(np.float32),
    DataType.DOUBLE: np.dtype(np.float64),
}
VECTOR_DTYPES: dict[DataType, np.dtype[Any]] = {
    DataType.FLOAT_VECTOR: np.dtype(np.float32),
    DataType.FLOAT16_VECTOR: np.dtype(np.float16),
    DataType.BFLOAT16_VECTOR: np.dtype(np.uint16),
    DataType.INT8_VECTOR: np.dtype(np.int8),
    DataType.BINARY_VECTOR: np.dtype(np.uint8),
}


class FixedColumn(Column):
    """Values of a fixed width: booleans, integers, floats."""

    kind = "fixed"
    __slots__ = ("values",)

    def __init__(self, values: NDArray[Any], valid: Bools | None = None) -> None:
        self.values = values
        self.valid = valid

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: Rows) -> FixedColumn:
        return FixedColumn(self.values[rows], take_valid(self.valid, rows))

    def slice(self, start: int, stop: int) -> FixedColumn:
        valid = self.valid
        return FixedColumn(self.values[start:stop], None if valid is None else valid[start:stop])

    def arrays(self) -> Arrays:
        return with_valid({"values": self.values}, self.valid)

    @property
    def nbytes(self) -> int:
        return self.values.nbytes + nbytes_of(self.valid)

    @classmethod
    def concat(cls, columns: Sequence[FixedColumn]) -> FixedColumn:
        return cls(np.concatenate([c.values for c in columns]), concat_valid(columns))


class BytesColumn(Column):
    """Values of varying length: text, JSON text, WKB."""

    kind = "bytes"
    __slots__ = ("data", "offsets")

    def __init__(self, offsets: Rows, data: NDArray[np.uint8], valid: Bools | None = None) -> None:
        self.offsets = offsets
        self.data = data
        self.valid = valid

    @classmethod
    def of(cls, values: Sequence[bytes | None]) -> BytesColumn:
        """Return a column of `values`; None is null."""
        if len(values) == 1 and values[0] is not None:  # a row that is written by itself
            data = np.frombuffer(values[0], np.uint8)
            return BytesColumn(np.array((0, len(data)), np.int64), data)
        has_nulls = type(None) in set(map(type, values))
        present = cast("Sequence[bytes]", values)
        if has_nulls:
            present = [b"" if value is None else value for value in values]
        column = cls.laid_out(present, b"".join(present))
        if has_nulls:
            column.valid = np.fromiter((v is not None for v in values), np.bool_, len(values))
        return column

    @staticmethod
    def laid_out(values: Sequence[Sized], whole: bytes) -> BytesColumn:
        """Return a column of values as long as `values`, which follow each other in `whole`."""
        offsets = np.zeros(len(values) + 1, np.int64)
        np.fromiter(map(len, values), np.int64, len(values)).cumsum(out=offsets[1:])
        return BytesColumn(offsets, np.frombuffer(whole, np.uint8))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def raw(self, row: int) -> bytes:
        """Return the bytes at `row`; b"" for a null."""
        return self.data[self.offsets[row] : self.offsets[row + 1]].tobytes()

    def __iter__(self) -> Iterator[bytes]:
        """Yield each value's bytes; b"" for a null."""
        base = int(self.offsets[0])
        whole = self.data[base : self.offsets[-1]].tobytes()
        bounds = (self.offsets - base).tolist()
        return (whole[start:stop] for start, stop in pairwise(bounds))

    def texts(self) -> list[str]:
        """Return values that are texts; those of ASCII alone are decoded in one step."""
        bounds = self.offsets.tolist()
        base = bounds[0]
        whole = self.data[base : bounds[-1]].tobytes()
        if base:
            bounds = [bound - base for bound in bounds]
        if whole.isascii():
            text = whole.decode()
            return [text[start:stop] for start, stop in pairwise(bounds)]
        return [whole[start:stop].decode() for start, stop in pairwise(bounds)]

    def take(self, rows: Rows) -> BytesColumn:
        if len(rows) <= _FEW:
            return self._take_few(rows)
        offsets, (data,) = take_runs(self.offsets, rows, [self.data])
        return BytesColumn(offsets, data, take_valid(self.valid, rows))

    def _take_few(self, rows: Rows) -> BytesColumn:
        """Return the values one by one: much of what many rows need pays for many only."""
        whole, ends = self.data.data, self.offsets.data
        parts = [bytes(whole[ends[row] : ends[row + 1]]) for row in rows.tolist()]
        return FewBytes(parts, take_valid(self.valid, rows))

    def slice(self, start: int, stop: int) -> BytesColumn:
        valid = slice_valid(self.valid, start, stop)
        return BytesColumn(self.offsets[start : stop + 1], self.data, valid)

    def arrays(self) -> Arrays:
        arrays: Arrays = {"offsets": self.offsets, "data": self.data}
        return with_valid(arrays, self.valid)

    @property
    def nbytes(self) -> int:
        return self.offsets.nbytes + self.data.nbytes + nbytes_of(self.valid)

    @classmethod
    def concat(cls, columns: Sequence[BytesColumn]) -> BytesColumn:
        data = np.concatenate([c.data[c.offsets[0] : c.offsets[-1]] for c in columns])
        return BytesColumn(
            concat_offsets([c.offsets for c in columns]), data, concat_valid(columns)
        )


class FewBytes(BytesColumn):
    """Values that were taken one by one; laid end to end when that is asked for.

    Attributes:
        parts: The bytes of each; b"" for a null.
    """

    __slots__ = ("parts",)

    def __init__(self, parts: list[bytes], valid: Bools | None) -> None:
        self.parts = parts
        self.valid = valid

    def __getattr__(self, name: str) -> object:
        """Make `offsets` and `data`, which are missing until they are asked for first."""
        if name not in BytesColumn.__slots__:
            raise AttributeError(name)
        self.offsets = np.array([0, *accumulate(map(len, self.parts))], np.int64)
        self.data = np.frombuffer(b"".join(self.parts), np.uint8)
        return getattr(self, name)

    def __len__(self) -> int:
        return len(self.parts)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.parts)

    def texts(self) -> list[str]:
        return [part.decode() for part in self.parts]

    @property
    def nbytes(self) -> int:
        return 8 * len(self.parts) + 8 + sum(map(len, self.parts)) + nbytes_of(self.valid)


class ListColumn(Column):
    """Runs of another column's values: arrays, struct sub-fields, embedding lists."""

    kind = "list"
    __slots__ = ("child", "offsets")

    def __init__(self, offsets: Rows, child: Column, valid: Bools | None = None) -> None:
        self.offsets = offsets
        self.child = child
        self.valid = valid

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def item(self, row: int) -> Column:
        """Return the run at `row`."""
        return self.child.slice(int(self.offsets[row]), int(self.offsets[row + 1]))

    def take(self, rows: Rows) -> ListColumn:
        child, valid = self.child, take_valid(self.valid, rows)
        if isinstance(child, FixedColumn) and child.valid is None:
            offsets, (values,) = take_runs(self.offsets, rows, [child.values])
            return ListColumn(offsets, FixedColumn(values), valid)
        offsets, positions = gather_runs(self.offsets, rows)
        return ListColumn(offsets, child.take(positions), valid)

    def slice(self, start: int, stop: int) -> ListColumn:
        valid = slice_valid(self.valid, start, stop)
        return ListColumn(self.offsets[start : stop + 1], self.child, valid)

    def arrays(self) -> Arrays:
        arrays: Arrays = {"offsets": self.offsets}
        arrays.update({f"child.{name}": a for name, a in self.child.arrays().items()})
        return with_valid(arrays, self.valid)

    @classmethod
    def concat(cls, columns: Sequence[ListColumn]) -> ListColumn:
        runs = [c.child.slice(int(c.offsets[0]), int(c.offsets[-1])) for c in columns]
        child = type(runs[0]).concat(runs)
        return cls(concat_offsets([c.offsets for c in columns]), child, concat_valid(columns))


class VectorColumn(Column):
    """Dense or binary vectors, one C-contiguous row each."""

    kind = "vector"
    __slots__ = ("values",)

    def __init__(self, values: NDArray[Any], valid: Bools | None = None) -> None:
        self.values = values
        self.valid = valid

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: Rows) -> VectorColumn:
        return VectorColumn(self.values[rows], take_valid(self.valid, rows))

    def slice(self, start: int, stop: int) -> VectorColumn:
        return VectorColumn(self.values[start:stop], slice_valid(self.valid, start, stop))

    def arrays(self) -> Arrays:
        return with_valid({"values": self.values}, self.valid)

    @property
    def nbytes(self) -> int:
        return self.values.nbytes + nbytes_of(self.valid)

    @classmethod
    def concat(cls, columns: Sequence[VectorColumn]) -> VectorColumn:
        return cls(np.concatenate([c.values for c in columns]), concat_valid(columns))


class SparseColumn(Column):
    """Sparse vectors as compressed sparse rows."""

    kind = "sparse"
    __slots__ = ("indices", "indptr", "values")

    def __init__(
        self,
        indptr: Rows,
        indices: NDArray[np.uint32],
        values: NDArray[np.float32],
        valid: Bools | None = None,
    ) -> None:
        self.indptr = indptr
        self.indices = indices
        self.values = values
        self.valid = valid

    def __len__(self) -> int:
        return len(self.indptr) - 1

    def row(self, row: int) -> tuple[NDArray[np.uint32], NDArray[np.float32]]:
        """Return the indices and the values of the vector at `row`."""
        run = slice(self.indptr[row], self.indptr[row + 1])
        return self.indices[run], self.values[run]

    def take(self, rows: Rows) -> SparseColumn:
        indptr, (indices, values) = take_runs(self.indptr, rows, [self.indices, self.values])
        return SparseColumn(indptr, indices, values, take_valid(self.valid, rows))

    def slice(self, start: int, stop: int) -> SparseColumn:
        valid = slice_valid(self.valid, start, stop)
        return SparseColumn(self.indptr[start : stop + 1], self.indices, self.values, valid)

    def arrays(self) -> Arrays:
        arrays: Arrays = {
            "indptr": self.indptr,
            "indices": self.indices,
            "values": self.values,
        }
        return with_valid(arrays, self.valid)

    @classmethod
    def concat(cls, columns: Sequence[SparseColumn]) -> SparseColumn:
        runs = [slice(c.indptr[0], c.indptr[-1]) for c in columns]
        indices = np.concatenate([c.indices[r] for c, r in zip(columns, runs, strict=True)])
        values = np.concatenate([c.values[r] for c, r in zip(columns, runs, strict=True)])
        indptr = concat_offsets([c.indptr for c in columns])
        return cls(indptr, indices, values, concat_valid(columns))


def own_data(column: Column) -> Column:
    """Return the column with nothing but its own data; a slice may share its neighbours'."""
    if type(column) in (FixedColumn, VectorColumn):
        return column
    if isinstance(column, BytesColumn) and not column.offsets.item(0):
        end = column.offsets.item(-1)
        whole = end == len(column.data)
        return column if whole else BytesColumn(column.offsets, column.data[:end], column.valid)
    return type(column).concat([column])
