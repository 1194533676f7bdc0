"""Writing and reading entities: insert, upsert, delete, query, search, hybrid search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic

import msgspec

from aiomilvus.errors import CollectionNotExistException, MilvusException, ParamError
from aiomilvus.model.changes import ChangesRead
from aiomilvus.model.explanation import Explanation
from aiomilvus.model.operations.base import CollectionOperation, Int32, R_co
from aiomilvus.model.operations.traits import NOBODY, Kind, Traits, not_external
from aiomilvus.model.results import MutationResult, QueryResult, SearchResult
from aiomilvus.model.schema import DEFAULT_DATABASE

# msgspec never validates these annotations: operations are built by typed code and never
# decoded from JSON, so numeric types may stay names.
if TYPE_CHECKING:
    from collections.abc import Hashable

    from aiomilvus.model.batch import ColumnBatch
    from aiomilvus.model.columns import Column
    from aiomilvus.model.sorting import SortKey


class Write(CollectionOperation[MutationResult], frozen=True, kw_only=True):
    """A change of entities.

    Attributes:
        partition: Where, "" for the default partition, or routing by the partition key.
        namespace: Whose rows these are, None in a collection without namespaces.
    """

    partition: str = ""
    namespace: str | None = None


class RowWrite(Write, frozen=True, kw_only=True):
    """A write of whole rows, which can go in parts of consecutive rows.

    Attributes:
        schema_version: Version of the schema the batch was made with, or -1 when unknown.
        schema_timestamp: When that schema was altered last, as `describe_collection` told; 0
            when unknown.
    """

    batch: ColumnBatch
    schema_version: int = -1
    schema_timestamp: int = 0


class Insert(RowWrite, frozen=True, kw_only=True):
    """Add rows."""

    traits = Traits(
        Kind.WRITE, "Insert", denied="writing", batching="rows", external=not_external("insert")
    )


class FieldOp(msgspec.Struct, frozen=True, kw_only=True):
    """How a partial upsert combines an array field: ``array_append`` or ``array_remove``."""

    field: str
    op: str


class Upsert(RowWrite, frozen=True, kw_only=True):
    """Replace or add rows by primary key; with `partial`, keep the fields not given."""

    traits = Traits(
        Kind.WRITE, "Upsert", denied="writing", batching="rows", external=not_external("upsert")
    )

    partial: bool = False
    field_ops: tuple[FieldOp, ...] = ()


class Delete(Write, frozen=True, kw_only=True):
    """Delete rows by key (`ids`) or by `filter`; exactly one of them is given."""

    traits = Traits(Kind.WRITE, "Delete", denied="writing", external=not_external("delete"))

    ids: Column | None = None
    filter: str = ""
    filter_params: dict[str, Any] = {}


class Read(CollectionOperation[R_co], Generic[R_co], frozen=True, kw_only=True):
    """A question about entities: what all of them share.

    Attributes:
        output_fields: Names, or ``"*"``.
        partitions: Only these, () for all.
        namespace: Only this one's, None in a collection without namespaces.
        order_by: What rows are sorted by, the first key first.
        group_by: Fields to group or aggregate by.
        ignore_growing: Whether to leave out what is not sealed yet.
        consistency: A `ConsistencyLevel`, None for the collection's own.
        guarantee_timestamp: What was written until then has to be seen, 0 for what the level says.
        time_zone: Zone in which times are shown, "" for the collection's own.
        at: Hybrid timestamp of a moment in the past that is read; 0 for the present.
        cluster: Of a global cluster, the one that shall answer; "" for the one that is asked.
        extra: Rare options by Milvus' names.
    """

    output_fields: tuple[str, ...] = ()
    partitions: tuple[str, ...] = ()
    namespace: str | None = None
    offset: int = 0
    order_by: tuple[SortKey, ...] = ()
    group_by: tuple[str, ...] = ()
    ignore_growing: bool = False
    consistency: int | None = None
    guarantee_timestamp: int = 0
    time_zone: str = ""
    at: int = 0
    cluster: str = ""
    extra: dict[str, Any] = {}


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


class Query(Read[QueryResult], frozen=True, kw_only=True):
    """Read rows by key or by filter.

    Attributes:
        ids: Keys to read (`get`); rows come in primary-key order as for a filter.
        output_fields: Names, ``"*"``, ``"count(*)"`` or aggregates; () means all fields.
        limit: Most rows, or -1 for no limit.
        cursor: For iterators: only keys greater than this one (int or str), in key order.
        after_element: For iterators whose filter is about elements: that of the cursor's row which
            was read last; the later ones come next. -1 where the row is done.
        snapshot: For iterators: timestamp of the pinned snapshot, 0 for the current one.
        iterator: Whether this is a page of an iteration: rows in key order, on `snapshot`.
        order_by: What rows are sorted by, the first key first.
        group_by: Fields to aggregate by.
        shape: What tells a read of `ids` from others of its collection, apart from the keys; None
            where nobody knows.
    """

    traits = Traits(Kind.READ, "Query", denied="reading")

    ids: Column | None = None
    filter: str = ""
    filter_params: dict[str, Any] = {}
    limit: int = -1
    cursor: int | str | None = None
    after_element: Int32 = -1
    snapshot: int = 0
    iterator: bool = False
    shape: Hashable | None = None


class Search(Read[SearchResult], frozen=True, kw_only=True):
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
        shape: What tells the search from others of its collection, apart from its queries; None
            where nobody knows.
        extra: Rare options by Milvus' names (``hints``, ``highlighter``, aggregation).
    """

    traits = Traits(Kind.READ, "Search", denied="reading", batching="queries")

    data: Column | None = None
    ids: Column | None = None
    field: str = ""
    filter: str = ""
    filter_params: dict[str, Any] = {}
    limit: int = 10
    metric: str = ""
    params: dict[str, Any] = {}
    radius: float | None = None
    range_filter: float | None = None
    round_decimal: int = -1
    group_size: int = 1
    strict_group_size: bool = False
    iterator: SearchIteratorState | None = None
    snapshot: int = 0
    ranker: Any = None
    shape: Hashable | None = None

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


class HybridSearch(Read[SearchResult], frozen=True, kw_only=True):
    """Several searches with the same nq, merged by a ranker.

    Attributes:
        requests: The parts; their `output_fields` and `offset` are ignored.
        ranker: A spec of `model.ranking` (RRF, weighted, a rerank function).
        group_scorer: What ranks groups: the ``max``, ``sum`` or ``avg`` of their hits' scores.
    """

    traits = Traits(Kind.READ, "Search", denied="reading")

    requests: tuple[Search, ...]
    ranker: Any
    group_scorer: str = "max"
    limit: int = 10
    round_decimal: int = -1
    group_size: int = 1
    strict_group_size: bool = False


class Explain(CollectionOperation[Explanation], frozen=True, kw_only=True):
    """Run a search or query and ask how it was run."""

    traits = Traits(Kind.READ, NOBODY, denied="reading", remote=False)

    operation: Query | Search | HybridSearch


class ReadChanges(CollectionOperation[ChangesRead], frozen=True, kw_only=True):
    """Read committed changes of entities, behind a position.

    Attributes:
        position: Where to begin: a `ChangePosition` as text, `OLDEST`, or "" for the present end.
        filter: Which rows are told. A row written by an upsert that does not pass is told as the
            deletion of its key.
        output_fields: Names, or ``"*"``; () means all fields.
        time_zone: Zone in which times are shown, "" for the collection's own.
        seen: What the answer before this one has `seen`.
    """

    traits = Traits(Kind.READ, "Query", denied="reading", external=not_external("watch"))

    position: str = ""
    filter: str = ""
    filter_params: dict[str, object] = {}
    output_fields: tuple[str, ...] = ()
    time_zone: str = ""
    seen: tuple[int, int, int] | None = None


NO_SCHEMA = (CollectionNotExistException, ParamError)
"""What looking up a schema raises: there is no such collection, or its name breaks the rules."""


def nothing_to_search(error: MilvusException, db: str, collection: str) -> MilvusException:
    """Return the error for a search whose collection's schema could not be looked up.

    Milvus looks at no rules of names there, and says it in other words than `describe_collection`.
    """
    if isinstance(error, CollectionNotExistException):
        text = error.message.replace("can't find collection", "collection not found", 1)
    else:
        text = f"collection not found[database={db or DEFAULT_DATABASE}][collection={collection}]"
    return CollectionNotExistException(message=text)
