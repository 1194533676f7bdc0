"""What searches one vector field of one view: its index, or the rows themselves.

BM25 needs the statistics of all that is searched, so searchers are made for a snapshot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.index.dense.growing_index import GrowingIndex
from aiomilvus.engine.index.registry import exact_search_of
from aiomilvus.engine.index.search_target import SearchTarget
from aiomilvus.engine.index.sparse.growing import GrowingSparseIndex
from aiomilvus.engine.index.sparse.scoring import bm25
from aiomilvus.engine.index.sparse.searcher import SCORING
from aiomilvus.engine.index.sparse.sparse_params import build_params
from aiomilvus.engine.text.schema_functions import query_column
from aiomilvus.engine.text.statistics import CorpusStatistics, GrowingStatistics
from aiomilvus.errors import IndexNotExistException, ParamError
from aiomilvus.model.columns import BytesColumn, SparseColumn, VectorColumn
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiomilvus.engine.index.contract import Searcher
    from aiomilvus.engine.snapshot import SegmentView, Snapshot
    from aiomilvus.model.columns import Column
    from aiomilvus.model.operations.data import Search


def target_of(snapshot: Snapshot, name: str) -> SearchTarget:
    """Return the field that a search is about; kept with the snapshot.

    Raises:
        ParamError: There is no such vector field, or several and none is named.
        IndexNotExistException: The field has no index.
    """
    kept = snapshot.cache.targets.get(name)
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
    found = snapshot.cache.targets[name] = SearchTarget(field, specs[0])
    return found


def searcher_of(target: SearchTarget, view: SegmentView) -> Searcher:
    """Return what searches the view: the segment's index, or a scan; kept with the view."""
    searchers = _searchers(view)
    kept = searchers.get(target.spec.id)
    if kept is not None:
        return kept
    built = view.segment.vector_index(target.spec.id) if view.segment.sealed else None
    index = built or _scan(target, view)
    if built is None and view.segment.sealed and target.spec.id not in _plain(view):
        return index  # the index may be built any moment
    searchers[target.spec.id] = index
    return index


def _searchers(view: SegmentView) -> dict[int, Searcher]:
    """Return where to keep a view's searchers: all views of an external segment are alike."""
    record = getattr(view.segment, "record", None)
    is_external = record is not None and record.external is not None
    return view.segment.cache.searchers if is_external else view.cache.searchers


def _plain(view: SegmentView) -> tuple[int, ...]:
    record = getattr(view.segment, "record", None)
    return () if record is None else tuple(record.plain)


def may_have_graph(target: SearchTarget, view: SegmentView) -> bool:
    """Return whether some of the rows may be in a graph until the segment's index is built."""
    return not view.segment.sealed or target.spec.id in view.segment.cache.graph_searchers


def _scan(target: SearchTarget, view: SegmentView) -> Searcher:
    column = view.segment.column(target.field)
    if len(column) != view.num_rows:
        column = column.slice(0, view.num_rows)
    if target.field.dtype is not DataType.SPARSE_FLOAT_VECTOR:
        if target.field.dtype.is_dense and may_have_graph(target, view):
            prefixes, number = view.segment.cache.graph_searchers, target.spec.id
            vectors = VectorColumn.expect(column)
            return GrowingIndex(vectors, target.spec.metric, lambda: prefixes.get(number))
        return exact_search_of(target.spec, target.field, column)
    growing = view.segment.cache.sparse.get(target.spec.id)
    if growing is None:
        made = GrowingSparseIndex(target.spec.metric, build_params(target.spec.params))
        growing = view.segment.cache.sparse.setdefault(target.spec.id, made)
    return growing.view_of(SparseColumn.expect(column))


def queries_of(
    snapshot: Snapshot, target: SearchTarget, data: Column, params: Mapping[str, Any]
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


def parameters(snapshot: Snapshot, target: SearchTarget, op: Search) -> dict[str, Any]:
    """Return the index' search parameters; under BM25 with the statistics of the collection."""
    if target.spec.metric != "BM25":
        return op.params
    params = {name: value for name, value in op.params.items() if name != "analyzer_name"}
    scoring = snapshot.cache.scorings.get(target.spec.id)
    if scoring is None:
        given = target.spec.params
        statistics = CorpusStatistics.merged([_statistics(target, view) for view in snapshot.views])
        k1, b = float(given.get("bm25_k1", 1.2)), float(given.get("bm25_b", 0.75))
        scoring = snapshot.cache.scorings[target.spec.id] = bm25(statistics, k1, b)
    return {**params, SCORING: scoring}


def _statistics(target: SearchTarget, view: SegmentView) -> CorpusStatistics:
    """Return the term statistics of the rows that are not deleted."""
    column = SparseColumn.expect(view.segment.column(target.field))
    column = column if len(column) == view.num_rows else column.slice(0, view.num_rows)
    number, cache = target.field.id, view.segment.cache
    if view.segment.sealed:
        whole = cache.statistics.get(number)
        if whole is None:
            whole = cache.statistics[number] = CorpusStatistics.of(column)
    else:
        whole = cache.growing_terms.setdefault(number, GrowingStatistics()).view_of(column)
    gone = [mask for mask in (view.deleted, view.shadowed) if mask is not None]
    if not gone:
        return whole
    rows = np.flatnonzero(np.logical_or.reduce(gone))
    return whole - CorpusStatistics.of(column.take(rows))


def exact_searcher(target: SearchTarget, view: SegmentView) -> Searcher:
    """Return what searches the view exactly; inverted indexes are exact already."""
    if target.field.dtype is DataType.SPARSE_FLOAT_VECTOR:
        return searcher_of(target, view)
    column = view.segment.column(target.field)
    if len(column) != view.num_rows:
        column = column.slice(0, view.num_rows)
    return exact_search_of(target.spec, target.field, column)
