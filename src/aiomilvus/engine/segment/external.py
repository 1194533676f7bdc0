"""The columns of a segment whose rows are in somebody else's file.

They are read when they are first asked for, decoded, and kept in memory until too much is kept;
then the segment that was read first lets go of its columns, and of the indexes that are open over
them, which reads them again when it is asked. Files are not mapped: their writer may shorten them,
and touching a page that is gone would end the process.
"""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.engine.external.formats import read_column
from aiomilvus.model.columns import FixedColumn

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from aiomilvus.engine.external.rows import ExternalRows
    from aiomilvus.model.columns import Column
    from aiomilvus.model.schema import Field

    Rows = NDArray[np.int64]

_ROW_BITS = 32


def virtual_keys(segment: int, num_rows: int) -> FixedColumn:
    """Return the primary keys of a segment's rows: the segment's number << 32 | row."""
    return FixedColumn((segment << _ROW_BITS) + np.arange(num_rows, dtype=np.int64))


class VirtualKeys:
    """Finds rows by virtual key, which tells segment and row.

    Args:
        segment: The segment's number.
        num_rows: Its rows.
    """

    def __init__(self, segment: int, num_rows: int) -> None:
        self._first = segment << _ROW_BITS
        self._num_rows = num_rows

    def find(self, keys: Column) -> Rows:
        """Return each key's row, int64 (m,); -1 where there is none."""
        rows: Rows = FixedColumn.expect(keys).values - self._first
        return np.where((rows >= 0) & (rows < self._num_rows), rows, -1)

    def find_all(self, keys: Column) -> Rows:
        """Return every row that has one of `keys`, rising, int64."""
        rows = self.find(keys)
        return np.unique(rows[rows >= 0])


class ExternalColumns:
    """Reads the columns of one segment; shared by all objects for it. Safe to use from any thread.

    Args:
        rows: Where they are.
        forget: Lets go of the columns that were read, from whatever thread another one is read in.
    """

    def __init__(self, rows: ExternalRows, forget: Callable[[], None]) -> None:
        self._rows = rows
        self.forget = forget

    def has(self, field: Field) -> bool:
        """Return whether a field is one of the file's columns."""
        return field.id in self._rows.fields

    def read(self, field: Field) -> Column:
        """Return the column of a field; others may be let go for it.

        Raises:
            ExternalSourceError: The file is not the one that the refresh found, or can't be read.
        """
        column = read_column(self._rows, field)
        KEPT.note(self, column.nbytes)
        return column


class KeptColumns:
    """How much of external files the process keeps in memory. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: list[tuple[weakref.ref[ExternalColumns], int]] = []
        self.most = 0
        """Bytes that may be kept, beside the column that was read last."""

    @property
    def nbytes(self) -> int:
        """Bytes that are kept."""
        return sum(size for known, size in list(self._kept) if known() is not None)

    def allow(self, most: int) -> None:
        """Let at least so many bytes be kept."""
        self.most = max(self.most, most)

    def note(self, columns: ExternalColumns, size: int) -> None:
        """Note that a column was read; let the segments that were read first go, if it is too much.

        The segment itself stays, and so may more than is allowed.
        """
        gone: list[ExternalColumns] = []
        with self._lock:
            self._kept = [each for each in self._kept if each[0]() is not None]
            self._kept.append((weakref.ref(columns), size))
            while sum(nbytes for _, nbytes in self._kept) > self.most:
                first = next((k() for k, _ in self._kept if k() is not columns), None)
                if first is None:
                    break
                gone.append(first)
                self._kept = [each for each in self._kept if each[0]() is not first]
        for each in gone:  # not with the lock, which other readers wait for
            each.forget()


KEPT = KeptColumns()
