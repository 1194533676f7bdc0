"""What searches one vector field of one view: its index, or the rows themselves.

BM25 needs the statistics of all that is searched, so searchers are made for a snapshot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from aiomilvus.engine.index.dense.growing_graph import GrowingIndex, interim_key
from aiomilvus.engine.index.lists.metrics import is_list_metric
from aiomilvus.engine.index.registry import exact_search_of
from aiomilvus.engine.index.sparse.growing import GrowingSparseIndex
from aiomilvus.engine.index.sparse.scoring import bm25
from aiomilvus.engine.index.sparse.searcher import SCORING
from aiomilvus.engine.index.sparse.sparse_params import build_params
from aiomilvus.engine.text.schema_functions import query_column
from aiomilvus.engine.text.statistics import CorpusStatistics, GrowingStatistics
from aiomilvus.errors import IndexNotExistException, ParamError
from aiomilvus.model.columns import BytesColumn, SparseColumn
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aiomilvus.engine.catalog.records import IndexSpec
    from aiomilvus.engine.index.contract import Searcher
    from aiomilvus.engine.snapshot import SegmentView, Snapshot
    from aiomilvus.model.columns import Column, VectorColumn
    from aiomilvus.model.operations.data import Search
    from aiomilvus.model.schema import Field


class Target(NamedTuple):
    """The vector field of a search and the index on it."""

    field: Field
    spec: IndexSpec

    @property
    def finds_elements(self) -> bool:
        """Whether hits are single elements of arrays of structs, not rows."""
        is_list = self.field.dtype is DataType.ARRAY_OF_VECTOR
        return is_list and not is_list_metric(self.spec.metric)

    @property
    def finds_lists(self) -> bool:
        """Whether queries are embedding lists."""
        return is_list_metric(self.spec.metric)


def target_of(snapshot: Snapshot, name: str) -> Target:
    """Return the field that a search is about; kept with the snapshot.

    Raises:
        ParamError: There is no such vector field, or several and none is named.
        IndexNotExistException: The field has no index.
    """
    kept: Target | None = snapshot.__dict__.get("target " + name)
    if kept is not None:
        return kept
    schema = snapshot.schema
    if not name:
        if len(schema.vectors) > 1:
            message = "multiple anns_fields exist, please specify a anns_field in search_params"
            raise ParamError(message=f"{message}: invalid parameter")
        field = schema.vectors[0]
    elif name in schema.by_name:
        field = schema.by_name[name]
    else:
        message = f"failed to get field schema by name: fieldName({name}) not found"
        raise ParamError(message=f"failed to create query plan: {message}: invalid parameter")
    if field.vector_type is DataType.NONE:
        message = f"field ({field.name}) to search is not of vector data type"
        raise ParamError(message=f"failed to create query plan: {message}: invalid parameter")
    specs = [spec for spec in snapshot.indexes.values() if spec.field == field.name]
    if not specs:
        raise IndexNotExistException(message=f"index not found[collection={snapshot.name}]")
    found = snapshot.__dict__["target " + name] = Target(field, specs[0])
    return found


def searcher_of(target: Target, view: SegmentView) -> Searcher:
    """Return what searches the view: the segment's index, or a scan; kept with the view."""
    key = f"searcher {target.spec.id}"
    kept: Searcher | None = view.__dict__.get(key)
    if kept is not None:
        return kept
    built = view.segment.vector_index(target.spec.id) if view.segment.sealed else None
    index = built or _scan(target, view)
    if built is None and view.segment.sealed and target.spec.id not in _plain(view):
        return index  # the index may be built any moment
    view.__dict__[key] = index
    return index


def _plain(view: SegmentView) -> tuple[int, ...]:
    record = getattr(view.segment, "record", None)
    return () if record is None else tuple(record.plain)


def may_have_interim(target: Target, view: SegmentView) -> bool:
    """Return whether some of the rows may be in a graph until the real index is built."""
    return not view.segment.sealed or interim_key(target.spec.id) in view.segment.cache


def _scan(target: Target, view: SegmentView) -> Searcher:
    column = view.segment.column(target.field)
    if len(column) != view.num_rows:
        column = column.slice(0, view.num_rows)
    if target.field.dtype is not DataType.SPARSE_FLOAT_VECTOR:
        if target.field.dtype.is_dense and may_have_interim(target, view):
            cache, interim = view.segment.cache, interim_key(target.spec.id)
            vectors = cast("VectorColumn", column)
            return GrowingIndex(vectors, target.spec.metric, lambda: cache.get(interim))
        return exact_search_of(target.spec, target.field, column)
    key = ("sparse", target.spec.id)
    growing = view.segment.cache.get(key)
    if growing is None:
        made = GrowingSparseIndex(target.spec.metric, build_params(target.spec.params))
        growing = view.segment.cache.setdefault(key, made)
    return cast("GrowingSparseIndex", growing).view_of(cast("SparseColumn", column))


def queries_of(
    snapshot: Snapshot, target: Target, data: Column, params: Mapping[str, Any]
) -> Column:
    """Return the query vectors in the field's layout; texts go through the field's function.

    Args:
        snapshot: What is searched.
        target: The field.
        data: Vectors or texts.
        params: Search parameters; ``analyzer_name`` says by which of a field's analyzers.

    Raises:
        ParamError: Texts were given for a field that no function fills, or the reverse.
        ModelError: The model that embeds texts failed.
    """
    if not isinstance(data, BytesColumn):
        if target.spec.metric == "BM25":
            message = "please provide varchar/text for BM25 Function based search"
            raise ParamError(message=f"{message}: invalid parameter")
        return data
    function = next((f for f in snapshot.schema.functions if target.field.name in f.outputs), None)
    if function is None:
        message = f"field {target.field.name} needs vectors; a function would be needed for texts"
        raise ParamError(message=f"{message}: invalid parameter")
    return query_column(snapshot.schema, function, [text.decode() for text in data], params)


def parameters(
    snapshot: Snapshot, target: Target, views: Sequence[SegmentView], op: Search
) -> dict[str, Any]:
    """Return the index' search parameters; under BM25 with the statistics of the collection."""
    if target.spec.metric != "BM25":
        return op.params
    params = {name: value for name, value in op.params.items() if name != "analyzer_name"}
    key = f"bm25 {target.spec.id} {len(views)}"
    scoring = snapshot.__dict__.get(key)
    if scoring is None:
        given = target.spec.params
        statistics = CorpusStatistics.merged([_statistics(target, view) for view in snapshot.views])
        k1, b = float(given.get("bm25_k1", 1.2)), float(given.get("bm25_b", 0.75))
        scoring = snapshot.__dict__[key] = bm25(statistics, k1, b)
    return {**params, SCORING: scoring}


def _statistics(target: Target, view: SegmentView) -> CorpusStatistics:
    """Return the term statistics of the rows that are not deleted."""
    column = cast("SparseColumn", view.segment.column(target.field))
    column = column if len(column) == view.num_rows else column.slice(0, view.num_rows)
    key = ("statistics", target.field.id)
    cache = view.segment.cache
    if view.segment.sealed:
        whole = cache.get(key)
        if whole is None:
            whole = cache[key] = CorpusStatistics.of(column)
    else:
        whole = cache.setdefault(key, GrowingStatistics()).view_of(column)
    gone = [mask for mask in (view.deleted, view.shadowed) if mask is not None]
    if not gone:
        return cast("CorpusStatistics", whole)
    rows = np.flatnonzero(np.logical_or.reduce(gone))
    return cast("CorpusStatistics", whole) - CorpusStatistics.of(column.take(rows))


def exact_searcher(target: Target, view: SegmentView) -> Searcher:
    """Return what searches the view exactly; inverted indexes are exact already."""
    if target.field.dtype is DataType.SPARSE_FLOAT_VECTOR:
        return searcher_of(target, view)
    column = view.segment.column(target.field)
    if len(column) != view.num_rows:
        column = column.slice(0, view.num_rows)
    return exact_search_of(target.spec, target.field, column)
