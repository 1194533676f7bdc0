"""What every read works on: a collection at one moment (MVCC).

A snapshot never changes. A writer publishes a new one; readers keep the one they took and need
no lock. A mask is a bool array over a segment's rows.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from aiomilvus.engine.caches import RowCache, SnapshotCache, ViewCache

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from aiomilvus.engine.catalog.records import IndexSpec
    from aiomilvus.engine.segment.contract import Segment
    from aiomilvus.model.schema import Schema


class SegmentView(msgspec.Struct, frozen=True, eq=False, dict=True, weakref=True):
    """A segment as one snapshot sees it.

    Attributes:
        segment: The segment.
        num_rows: Visible prefix of it.
        deleted: Mask over num_rows with True for deleted rows, or None when none is.
        shadowed: Mask with True for rows whose key was inserted again later: count(*)
            counts them, searches and queries show only the newest. None when none is.
        shadowed_by_other_partition: Mask with True for the shadowed rows that are the newest of
            their own partition; reads of some partitions may show them. None when none is.
    """

    segment: Segment
    num_rows: int
    deleted: NDArray[np.bool_] | None = None
    shadowed: NDArray[np.bool_] | None = None
    shadowed_by_other_partition: NDArray[np.bool_] | None = None

    @cached_property
    def cache(self) -> ViewCache[SegmentView]:
        """What is derived from the view; its own, also where the view is a changed copy."""
        return ViewCache()  # made when it is asked for: most views of what grows are never read

    @property
    def row_cache(self) -> RowCache:
        """Where to keep what is derived from the rows: they lie still in a sealed segment."""
        return self.segment.cache.rows if self.segment.sealed else self.cache.rows


class Snapshot(msgspec.Struct, frozen=True, eq=False, kw_only=True, dict=True, weakref=True):
    """A collection at one moment; what every read works on.

    Attributes:
        number: Grows with each publication.
        timestamp: Hybrid timestamp (milliseconds << 18 | logical) of the last write in it.
        views: Sealed and growing segments of all partitions, oldest first.
        partitions: Partition name to id.
        loaded: Ids of the loaded partitions.
        indexes: Index name to spec.
        properties: The collection's properties.
        consistency: The collection's default consistency level.
    """

    collection_id: int
    name: str
    number: int
    timestamp: int
    schema: Schema
    views: tuple[SegmentView, ...]
    partitions: dict[str, int]
    loaded: frozenset[int]
    indexes: dict[str, IndexSpec]
    properties: dict[str, str]
    consistency: int = 2

    @cached_property
    def cache(self) -> SnapshotCache[SegmentView]:
        """What is derived from the snapshot; its own, also where it is a changed copy."""
        return SnapshotCache()
