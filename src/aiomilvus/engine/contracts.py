"""The engine's inner contracts: what a segment, an index and a snapshot promise each other.

The storage side (`segment`, `write`, `maintenance`, `database`) makes segments and publishes
snapshots; the reading side (`query`, `index`) sees only what stands here. Nothing here does
work of its own.

Row numbers are positions in one segment, int64 from 0. A mask is a bool array over a
segment's rows with True for rows that may be returned.
"""

from __future__ import annotations

from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from aiomilvus.engine.segment.times import RowTimes
    from aiomilvus.model.columns import Column
    from aiomilvus.model.schema import Field, Schema


class IndexSpec(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """An index as the catalog keeps it.

    Attributes:
        id: Never reused within a collection.
        name: Unique within the collection; the field's name by default.
        field: The indexed field.
        params: As given, checked: ``index_type``, ``metric_type``, ``M``, … all strings.
        properties: ``mmap.enabled`` and the like.
    """

    id: int
    name: str
    field: str
    params: dict[str, str]
    properties: dict[str, str] = {}

    @property
    def index_type(self) -> str:
        """Milvus' name of the index type."""
        return self.params.get("index_type", "AUTOINDEX")

    @property
    def metric(self) -> str:
        """Milvus' name of the metric; "" for scalar indexes."""
        return self.params.get("metric_type", "")


class BuildStoppedError(Exception):
    """A build was given up, as the database closes; the next one begins anew."""


class Means(NamedTuple):
    """What building an index may use.

    Attributes:
        threads: Threads at most.
        go_on: Asked again and again, with the seconds that the rest will take, roughly; False
            gives the work up.
    """

    threads: int
    go_on: Callable[[float], bool] = lambda _: True

    def check(self, started: float, done: float) -> None:
        """Return if the work is still wanted.

        Args:
            started: When it began, as `time.monotonic` tells.
            done: Which share of it is done.

        Raises:
            BuildStoppedError: It is not.
        """
        took = monotonic() - started
        if not self.go_on(took / done - took if done else inf):
            raise BuildStoppedError


class Found(NamedTuple):
    """Nearest rows of each query, best first.

    Attributes:
        scores: float32 (nq, k), Milvus' numbers and signs (L2 squared, IP, cosine…).
        rows: int64 (nq, k); -1 where fewer than k rows were found.
    """

    scores: NDArray[np.float32]
    rows: NDArray[np.int64]


class FoundInRange(NamedTuple):
    """All rows within a range, per query, best first.

    Attributes:
        offsets: int64 (nq + 1,).
        scores: float32 (hits,).
        rows: int64 (hits,).
    """

    offsets: NDArray[np.int64]
    scores: NDArray[np.float32]
    rows: NDArray[np.int64]


class Searcher(Protocol):
    """Something that finds the nearest of some rows' vectors.

    Safe to search from several threads at once; releases the GIL for the heavy part.
    """

    @property
    def metric(self) -> str:
        """Milvus' name of the metric."""

    @property
    def kind(self) -> str:
        """What really serves it, for `describe_index` and `explain` ("faiss HNSW float32")."""

    @property
    def num_rows(self) -> int:
        """How many rows there are."""

    def search(
        self, queries: Column, k: int, params: Mapping[str, Any], mask: NDArray[np.bool_] | None
    ) -> Found:
        """Return the `k` best allowed rows for each of the queries."""

    def range_search(
        self,
        queries: Column,
        radius: float,
        range_filter: float | None,
        params: Mapping[str, Any],
        mask: NDArray[np.bool_] | None,
    ) -> FoundInRange:
        """Return all allowed rows in the range (L2: [range_filter, radius), IP: (radius, …])."""


class VectorIndex(Searcher, Protocol):
    """A searcher over one vector column of one immutable segment, which can be stored."""

    def to_arrays(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return arrays (to be stored, then memory-mapped) and a JSON-able description."""


class ScalarIndex(Protocol):
    """A structure over one scalar column of one immutable segment that answers predicates."""

    kind: str
    num_rows: int

    def lookup(self, leaf: Any) -> NDArray[np.bool_] | None:
        """Return the mask of rows for which the bound leaf predicate is true.

        None means that this index can't answer the predicate, or no faster than a scan; the
        caller evaluates it.
        """

    def count(self, leaf: Any) -> int | None:
        """Return for how many rows the bound leaf predicate is true, None as `lookup`."""

    def known(self, leaf: Any) -> NDArray[np.bool_] | None:  # noqa: ARG002 - for JSON paths
        """Return where a leaf on a JSON path that `lookup` answers is true or false.

        None means that the index does not keep that.
        """
        return None

    def to_arrays(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return arrays (to be stored, then memory-mapped) and a JSON-able description."""


class Segment(Protocol):
    """Rows of one partition. Sealed ones are immutable; a growing one only ever appends."""

    id: int
    partition_id: int
    sealed: bool
    num_rows: int
    """For a growing segment: the rows there are now; a view sees a prefix of them."""
    cache: dict[Any, Any]
    """Derived data (shredded JSON paths, packed selectors), dropped with the segment."""

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


class SegmentView(msgspec.Struct, frozen=True, dict=True):
    """A segment as one snapshot sees it.

    Attributes:
        segment: The segment.
        num_rows: Visible prefix of it.
        deleted: Mask over num_rows with True for deleted rows, or None when none is.
        shadowed: Mask with True for rows whose key was inserted again later: count(*)
            counts them, searches and queries show only the newest. None when none is.
        elsewhere: Mask with True for the shadowed rows that are the newest of their own
            partition; reads of some partitions may show them. None when none is.
    """

    segment: Segment
    num_rows: int
    deleted: NDArray[np.bool_] | None = None
    shadowed: NDArray[np.bool_] | None = None
    elsewhere: NDArray[np.bool_] | None = None


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, dict=True):
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
