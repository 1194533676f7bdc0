"""Writing and reading entities: insert, upsert, delete, query, search, hybrid search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from aiomilvus.errors import ParamError
from aiomilvus.model.explanation import Explanation
from aiomilvus.model.operations.base import CollectionOperation
from aiomilvus.model.results import MutationResult, QueryResult, SearchResult

# msgspec never validates these annotations: operations are built by typed code and never
# decoded from JSON, so numeric types may stay names.
if TYPE_CHECKING:
    from aiomilvus.model.batch import ColumnBatch
    from aiomilvus.model.columns import Column
    from aiomilvus.model.sorting import SortKey


class Insert(CollectionOperation[MutationResult], frozen=True, kw_only=True):
    """Add rows. `partition` "" means the default one, or routing by the partition key.

    Attributes:
        schema_version: Version of the schema the batch was made with, or -1 when unknown.
        schema_timestamp: When that schema was altered last, as `describe_collection` told; 0
            when unknown.
    """

    batch: ColumnBatch
    partition: str = ""
    schema_version: int = -1
    schema_timestamp: int = 0


class FieldOp(msgspec.Struct, frozen=True, kw_only=True):
    """How a partial upsert combines an array field: ``array_append`` or ``array_remove``."""

    field: str
    op: str


class Upsert(CollectionOperation[MutationResult], frozen=True, kw_only=True):
    """Replace or add rows by primary key; with `partial`, keep the fields not given."""

    batch: ColumnBatch
    partition: str = ""
    partial: bool = False
    field_ops: tuple[FieldOp, ...] = ()
    schema_version: int = -1
    schema_timestamp: int = 0


class Delete(CollectionOperation[MutationResult], frozen=True, kw_only=True):
    """Delete rows by key (`ids`) or by `filter`; exactly one of them is given."""

    ids: Column | None = None
    filter: str = ""
    filter_params: dict[str, Any] = {}
    partition: str = ""


def checked_limit(limit: int) -> int:
    """Return how many rows a query is told to return at most.

    Raises:
        ParamError: It is negative: only a limit that is not given means all rows.
    """
    if limit < 0:
        raise ParamError(
            message=f"invalid max query result window, limit [{limit}] is invalid, should be "
            "greater than 0: invalid parameter"
        )
    return limit


class Query(CollectionOperation[QueryResult], frozen=True, kw_only=True):
    """Read rows by key or by filter.

    Attributes:
        ids: Keys to read (`get`); rows come in primary-key order as for a filter.
        output_fields: Names, ``"*"``, ``"count(*)"`` or aggregates; () means all fields.
        limit: Most rows, or -1 for no limit.
        cursor: For iterators: only keys greater than this one (int or str), in key order.
        snapshot: For iterators: timestamp of the pinned snapshot, 0 for the current one.
        iterator: Whether this is a page of an iteration: rows in key order, on `snapshot`.
        order_by: What rows are sorted by, the first key first.
        group_by: Fields to aggregate by.
    """

    ids: Column | None = None
    filter: str = ""
    filter_params: dict[str, Any] = {}
    output_fields: tuple[str, ...] = ()
    partitions: tuple[str, ...] = ()
    limit: int = -1
    offset: int = 0
    cursor: int | str | None = None
    snapshot: int = 0
    iterator: bool = False
    order_by: tuple[SortKey, ...] = ()
    group_by: tuple[str, ...] = ()
    ignore_growing: bool = False
    consistency: int | None = None
    guarantee_timestamp: int = 0
    time_zone: str = ""
    extra: dict[str, Any] = {}


class Search(CollectionOperation[SearchResult], frozen=True, kw_only=True):
    """Find the entities nearest to `nq` query vectors, texts, or stored entities.

    Attributes:
        data: Query vectors as a column of nq rows in the field's layout (VectorColumn,
            SparseColumn, ListColumn of vectors for embedding lists), or a BytesColumn of
            texts for fields that a function fills; None when `ids` are given.
        ids: Search by the vectors of these stored entities.
        field: Name of the vector field; "" when the collection has only one.
        metric: Expected metric, or "" for the index' own.
        params: Index parameters as Milvus names them (``ef``, ``nprobe``…), still loose.
        radius, range_filter: Bounds of a range search, exclusive and inclusive.
        group_by: Fields to group hits by, with `group_size` hits a group.
        iterator: Search-iterator request (batch size, token, last bound), or None.
        ranker: Rerank functions or function chains, as specs of `model.ranking`.
        extra: Rare options by Milvus' names (``hints``, ``highlighter``, aggregation).
    """

    data: Column | None = None
    ids: Column | None = None
    field: str = ""
    filter: str = ""
    filter_params: dict[str, Any] = {}
    limit: int = 10
    offset: int = 0
    output_fields: tuple[str, ...] = ()
    partitions: tuple[str, ...] = ()
    metric: str = ""
    params: dict[str, Any] = {}
    radius: float | None = None
    range_filter: float | None = None
    round_decimal: int = -1
    group_by: tuple[str, ...] = ()
    group_size: int = 1
    strict_group_size: bool = False
    order_by: tuple[SortKey, ...] = ()
    ignore_growing: bool = False
    iterator: SearchIteratorState | None = None
    snapshot: int = 0
    ranker: Any = None
    consistency: int | None = None
    guarantee_timestamp: int = 0
    time_zone: str = ""
    extra: dict[str, Any] = {}

    @property
    def nq(self) -> int:
        """Number of queries."""
        queries = self.ids if self.data is None else self.data
        return 0 if queries is None else len(queries)


class SearchIteratorState(msgspec.Struct, frozen=True, kw_only=True):
    """Where a search iterator stands (Milvus' search iterator version 2)."""

    batch_size: int
    token: str = ""
    last_bound: float | None = None


class HybridSearch(CollectionOperation[SearchResult], frozen=True, kw_only=True):
    """Several searches with the same nq, merged by a ranker.

    Attributes:
        requests: The parts; their `output_fields` and `offset` are ignored.
        ranker: A spec of `model.ranking` (RRF, weighted, a rerank function).
        group_scorer: What ranks groups: the ``max``, ``sum`` or ``avg`` of their hits' scores.
    """

    requests: tuple[Search, ...]
    ranker: Any
    group_scorer: str = "max"
    order_by: tuple[SortKey, ...] = ()
    limit: int = 10
    offset: int = 0
    output_fields: tuple[str, ...] = ()
    partitions: tuple[str, ...] = ()
    round_decimal: int = -1
    group_by: tuple[str, ...] = ()
    group_size: int = 1
    strict_group_size: bool = False
    ignore_growing: bool = False
    consistency: int | None = None
    guarantee_timestamp: int = 0
    time_zone: str = ""
    extra: dict[str, Any] = {}


class Explain(CollectionOperation[Explanation], frozen=True, kw_only=True):
    """Run a search or query and ask how it was run."""

    operation: Query | Search | HybridSearch
