"""Growing segments: rows in memory, safe in the log, until they are sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.engine.caches import SegmentCache
from aiomilvus.engine.segment.buffers import ColumnBuffer
from aiomilvus.engine.segment.default_columns import filled_column
from aiomilvus.engine.segment.derived_columns import younger_column
from aiomilvus.engine.segment.key_index import key_list
from aiomilvus.engine.segment.times import GrowingTimes, RowTimes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aiomilvus.engine.index.contract import ScalarIndex, VectorIndex
    from aiomilvus.model.batch import ColumnBatch
    from aiomilvus.model.columns import Column
    from aiomilvus.model.schema import Field, Schema


class GrowingSegment:
    """Rows of one partition, appended by the collection's writer, read by anyone.

    Implements `segment.contract.Segment`. Readers see a prefix; `find` may return rows behind it,
    and then `older` leads to the row that the key had before.
    """

    sealed = False

    def __init__(self, segment_id: int, partition_id: int, schema: Schema) -> None:
        self.id = segment_id
        self.partition_id = partition_id
        self.num_rows = 0
        self.nbytes = 0
        self.cache = SegmentCache()
        self._primary = schema.primary
        self._buffers = {field.id: ColumnBuffer.of(field) for field in schema.fields}
        self._filled_by: tuple[Schema, list[tuple[str, ColumnBuffer]]] | None = None
        self._latest: dict[int | bytes, int] = {}
        self._older: dict[int, int] = {}
        self._times = GrowingTimes()

    def append(self, schema: Schema, batch: ColumnBatch, timestamp: int = 0) -> list[int]:
        """Add the rows of `batch`, one column for each field, written at `timestamp`.

        Returns:
            The rows of this batch whose key a later row of it has too.
        """
        first = self.num_rows
        columns = batch.columns
        for name, buffer in self._buffers_of(schema):
            buffer.append(columns[name], batch.num_rows)
        latest, older = self._latest, self._older
        doubled: list[int] = []
        for row, key in enumerate(key_list(columns[self._primary.name]), first):
            before = latest.get(key)
            if before is not None:
                older[row] = before
                if before >= first:
                    doubled.append(before)
            latest[key] = row
        end = first + batch.num_rows
        self._times.append(timestamp, end)
        self.num_rows = end
        self.nbytes += batch.nbytes
        return doubled

    def _buffers_of(self, schema: Schema) -> list[tuple[str, ColumnBuffer]]:
        """Return the buffers of a schema's fields, by name; of a younger field it is made now."""
        known = self._filled_by
        if known is not None and known[0] is schema:
            return known[1]
        found = []
        for field in schema.fields:
            buffer = self._buffers.get(field.id)
            if buffer is None:
                buffer = self.adopt(field, filled_column(field, self.num_rows))
            found.append((field.name, buffer))
        self._filled_by = (schema, found)
        return found

    def adopt(self, field: Field, column: Column) -> ColumnBuffer:
        """Take a column for the rows that there are; readers find all of it or nothing."""
        buffer = ColumnBuffer.of(field)
        buffer.append(column)
        self._buffers[field.id] = buffer
        self._filled_by = None
        self.cache.filled.pop(field.id, None)
        return buffer

    def derived(self, schema: Schema) -> list[tuple[Field, Column]]:
        """Return the outputs of functions of `schema` that are younger than the rows."""
        return [
            (field, younger_column(schema, field, self.num_rows, self.column))
            for field in schema.fields
            if field.is_function_output and field.id not in self._buffers
        ]

    def times(self) -> RowTimes:
        """Return when the rows were written."""
        return self._times.known()

    def column(self, field: Field) -> Column:
        """Return the column; rows from before the field existed hold its default, or null."""
        buffer = self._buffers.get(field.id)
        rows = self.num_rows
        if buffer is None:
            return self._filled(field, rows)
        have = buffer.rows
        if have >= rows:
            return buffer.column(rows)
        column = buffer.column(have)
        return type(column).concat([column, filled_column(field, rows - have)])

    def _filled(self, field: Field, rows: int) -> Column:
        """Return the column of a field that no row has; all readers get the same one."""
        column = self.cache.filled.get(field.id)
        if column is None or len(column) < rows:
            column = self.cache.filled[field.id] = filled_column(field, rows)
        return column if len(column) == rows else column.slice(0, rows)

    def find(self, keys: Column) -> NDArray[np.int64]:
        """Return each key's newest row, -1 where there is none."""
        latest = self._latest
        return np.array([latest.get(key, -1) for key in key_list(keys)], np.int64)

    def lacks(self, keys: Column) -> bool:
        """Return whether it has none of `keys`."""
        return self._latest.keys().isdisjoint(key_list(keys))

    def find_all(self, keys: Column) -> NDArray[np.int64]:
        """Return every row that has one of `keys`, rising."""
        rows: set[int] = set()
        for key in key_list(keys):
            row = self._latest.get(key, -1)
            while row >= 0 and row not in rows:
                rows.add(row)
                row = self._older.get(row, -1)
        return np.array(sorted(rows), np.int64)

    def older(self, row: int) -> int:
        """Return the row that held the key of `row` before, -1 if there was none."""
        return self._older.get(row, -1)

    def vector_index(self, index_id: int) -> VectorIndex | None:  # noqa: ARG002 - contract
        """Return None: what searches growing rows is kept in the cache, see `engine.caches`."""
        return None

    def scalar_index(self, index_id: int) -> ScalarIndex | None:  # noqa: ARG002 - contract
        """Return None: filters are evaluated on growing rows, which have no scalar index."""
        return None
