"""Exact search of a view, whatever index it has: for iterators and for explaining recall."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.engine.index.registry import exact_search_of
from aiomilvus.engine.query.searchers import Target, searcher_of
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from aiomilvus.engine.contracts import Searcher, SegmentView


def exact_searcher(target: Target, view: SegmentView) -> Searcher:
    """Return what searches the view exactly; inverted indexes are exact already."""
    if target.field.dtype is DataType.SPARSE_FLOAT_VECTOR:
        return searcher_of(target, view)
    column = view.segment.column(target.field)
    if len(column) != view.num_rows:
        column = column.slice(0, view.num_rows)
    return exact_search_of(target.spec, target.field, column)
