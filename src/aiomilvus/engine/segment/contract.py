"""What a segment promises to whoever reads it.

Row numbers are positions in one segment, int64 from 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from aiomilvus.engine.caches import SegmentCache
    from aiomilvus.engine.index.contract import ScalarIndex, VectorIndex
    from aiomilvus.engine.segment.times import RowTimes
    from aiomilvus.model.columns import Column
    from aiomilvus.model.schema import Field


class Segment(Protocol):
    """Rows of one partition. Sealed ones are immutable; a growing one only ever appends."""

    id: int
    partition_id: int
    sealed: bool
    num_rows: int
    """For a growing segment: the rows there are now; a view sees a prefix of them."""
    cache: SegmentCache
    """What is derived from the rows, dropped with the segment."""

    def column(self, field: Field) -> Column:
        """Return the whole column (memory-mapped where sealed).

        A field that is younger than the segment is all default values, all null, or computed
        from other fields when a function fills it.
        """

    def times(self) -> RowTimes:
        """Return when the rows were written."""

    def find(self, keys: Column) -> NDArray[np.int64]:
        """Return the newest row of each primary key, -1 where absent (deleted rows count).

        In a growing segment that may be a row behind a view's end: then follow `older`.
        """

    def find_all(self, keys: Column) -> NDArray[np.int64]:
        """Return every row that has one of `keys`, rising; deleted and replaced rows too."""

    def older(self, row: int) -> int:
        """Return the row that held the key of `row` before, in this segment, or -1."""

    def vector_index(self, index_id: int) -> VectorIndex | None:
        """Return the built index of that id, None while it is not built for this segment."""

    def scalar_index(self, index_id: int) -> ScalarIndex | None:
        """Return the built scalar index of that id, None while it is not built."""
