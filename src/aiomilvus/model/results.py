"""What operations answer: columnar, immutable, without any client-side dressing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from aiomilvus.model.types import CompactionState, CompactionTaskState

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from aiomilvus.model.batch import ColumnBatch
    from aiomilvus.model.columns import Column
    from aiomilvus.model.schema import Schema


class MutationResult(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of an insert, upsert or delete.

    Attributes:
        ids: Primary keys of the rows written (insert, upsert), in the batch's order.
        timestamp: Hybrid timestamp of the write; reads guaranteed at it see the write.
    """

    insert_count: int = 0
    upsert_count: int = 0
    delete_count: int = 0
    ids: Column | None = None
    timestamp: int = 0
    cost: int = 0


class RowElements(NamedTuple):
    """Which elements of rows passed a filter about elements.

    Attributes:
        offsets: int64 (rows + 1,); those of row i are indices[offsets[i]:offsets[i + 1]].
        indices: int64, places within the row's array, rising within each row.
    """

    offsets: NDArray[np.int64]
    indices: NDArray[np.int64]


class QueryResult(msgspec.Struct, frozen=True, kw_only=True):
    """Rows read.

    Attributes:
        batch: The requested columns; the dynamic field as its JSON column ``$meta``.
        schema: Tells how to read the columns.
        output_fields: Names as they were asked for (dynamic keys included), resolved: ``*``
            expanded.
        count: Set for ``count(*)``; `batch` is then empty.
        elements: Of a filter with ``element_filter``, which elements of each row passed it.
        snapshot: Number of the snapshot the rows are from (for iterators).
    """

    batch: ColumnBatch
    schema: Schema
    output_fields: tuple[str, ...] = ()
    count: int | None = None
    elements: RowElements | None = None
    snapshot: int = 0
    timestamp: int = 0
    cost: int = 0


class BucketHit(msgspec.Struct, frozen=True, kw_only=True):
    """One hit in a bucket of a search aggregation; `fields` by name, nulls left out."""

    key: int | str
    score: float
    fields: dict[str, Any] = {}
    field_ids: dict[str, int] = {}


class Bucket(msgspec.Struct, frozen=True, kw_only=True):
    """One bucket of a search aggregation.

    Attributes:
        key: Field name, field number and value (None for null) of each field of the level.
        count: Hits in the bucket.
        metrics: Alias to value; None where there was nothing to compute from.
        hits: The top hits, best first.
        buckets: The next level's.
    """

    key: tuple[tuple[str, int, Any], ...]
    count: int
    metrics: dict[str, Any] = {}
    hits: tuple[BucketHit, ...] = ()
    buckets: tuple[Bucket, ...] = ()


class SearchResult(msgspec.Struct, frozen=True, kw_only=True):
    """Hits of all queries, laid end to end.

    Attributes:
        offsets: int64 (nq + 1,); hits of query i are offsets[i] … offsets[i + 1].
        ids: Primary keys (FixedColumn int64 or BytesColumn), all hits.
        scores: float32 (hits,), Milvus' numbers and signs.
        batch: Output fields of the hits, or None when none were asked for.
        group_by: Values of the group-by fields of each hit, or None.
        recalls: Estimated recall per query, when known.
        highlights: Per hit, field name to fragments, or None.
        buckets: Aggregation buckets per query, or None.
        iterator: Token and last bound for the next page of a search iterator.
    """

    offsets: NDArray[np.int64]
    ids: Column
    scores: NDArray[np.float32]
    schema: Schema
    primary_name: str
    output_fields: tuple[str, ...] = ()
    batch: ColumnBatch | None = None
    group_by: ColumnBatch | None = None
    element_indices: NDArray[np.int64] | None = None
    recalls: tuple[float, ...] = ()
    highlights: tuple[dict[str, Any], ...] | None = None
    buckets: tuple[tuple[Bucket, ...], ...] | None = None
    iterator: IteratorPage | None = None
    snapshot: int = 0
    timestamp: int = 0
    cost: int = 0
    all_search_count: int = 0

    def part(self, first: int, last: int) -> SearchResult:
        """Return what queries `first` … `last` - 1 found, and their share of the cost."""
        start, stop = int(self.offsets[first]), int(self.offsets[last])
        hits = slice(start, stop)
        queries = len(self.offsets) - 1
        return SearchResult(
            offsets=self.offsets[first : last + 1] - start,
            ids=self.ids.slice(start, stop),
            scores=self.scores[hits],
            schema=self.schema,
            primary_name=self.primary_name,
            output_fields=self.output_fields,
            batch=None if self.batch is None else self.batch.slice(start, stop),
            group_by=None if self.group_by is None else self.group_by.slice(start, stop),
            element_indices=None if self.element_indices is None else self.element_indices[hits],
            recalls=self.recalls[first:last],
            highlights=None if self.highlights is None else self.highlights[hits],
            buckets=None if self.buckets is None else self.buckets[first:last],
            snapshot=self.snapshot,
            timestamp=self.timestamp,
            cost=self.cost * (last - first) // queries,
            all_search_count=self.all_search_count * (last - first) // queries,
        )


class IteratorPage(msgspec.Struct, frozen=True, kw_only=True):
    """Where the next page of a search iterator starts."""

    token: str
    last_bound: float


class CollectionInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Everything `describe_collection` tells."""

    name: str
    db: str
    id: int
    schema: Schema
    created_timestamp: int
    updated_timestamp: int
    aliases: tuple[str, ...] = ()
    properties: dict[str, str] = {}
    consistency: int = 2
    num_shards: int = 1
    num_partitions: int = 1


class PartitionInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One partition of a collection."""

    id: int
    name: str
    created_timestamp: int = 0
    loaded: bool = False


class IndexInfo(msgspec.Struct, frozen=True, kw_only=True):
    """An index and how far it is built.

    Attributes:
        params: Parameters as they were given (``index_type``, ``metric_type``, ``M``…).
        nested: Those among them that were given as one, as the JSON object that they came in.
        state: Value of `IndexState`.
        recall: The share of the ten nearest rows that an AUTOINDEX finds by its own test; None
            where it asked nothing.
    """

    id: int
    name: str
    field: str
    params: dict[str, str]
    nested: str = ""
    properties: dict[str, str] = {}
    state: int = 3
    total_rows: int = 0
    indexed_rows: int = 0
    pending_index_rows: int = 0
    fail_reason: str = ""
    recall: float | None = None


class LoadInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Load state of a collection or of some partitions; `progress` in percent."""

    state: int
    progress: int = 100


class SegmentInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One segment; `state` is a value of `SegmentState`.

    `sorted` says that it finds primary keys by bisection, as each does once its rows are on disk.
    `level` is 2, Milvus' L1: rows. Its L0 segments have deletions only; here those are kept with
    the rows they concern.
    """

    id: int
    collection_id: int
    partition_id: int
    collection_name: str
    num_rows: int
    state: int
    level: int = 2
    sorted: bool = False
    index_name: str = ""
    index_id: int = 0
    memory_bytes: int = 0


class CompactionInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A compaction job; `plans` pairs source segments with the segment they became."""

    id: int
    state: int
    executing: int = 0
    completed: int = 0
    failed: int = 0
    plans: tuple[tuple[tuple[int, ...], int], ...] = ()


class CompactionTask(msgspec.Struct, frozen=True, kw_only=True):
    """One merge that a compaction job did, or does.

    Attributes:
        job: The job's id.
        state: A `CompactionTaskState`.
        sources: The segments that are merged; () while that is not decided.
        target: The segment that they became, 0 while there is none.
    """

    job: int
    state: int
    sources: tuple[int, ...] = ()
    target: int = 0


def state_of(tasks: Sequence[CompactionTask]) -> CompactionState:
    """Return the state of compactions taken together."""
    under_way = any(task.state == CompactionTaskState.Executing for task in tasks)
    return CompactionState.Executing if under_way else CompactionState.Completed


class AliasInfo(msgspec.Struct, frozen=True, kw_only=True):
    """An alias and the collection it stands for."""

    alias: str
    collection: str
    db: str


class DatabaseInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A database."""

    id: int
    name: str
    created_timestamp: int = 0
    properties: dict[str, str] = {}


class ServerInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Who answers: version and kind of the engine or server."""

    version: str
    kind: str = "milvus"
    extra: dict[str, str] = {}
