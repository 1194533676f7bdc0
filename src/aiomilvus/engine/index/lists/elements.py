"""Elements of arrays of vectors, searched one by one: hits are elements, not rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from aiomilvus.model.columns import ListColumn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from aiomilvus.engine.index.contract import (
        Allowed,
        Found,
        FoundInRange,
        SearchPlan,
        Stored,
        VectorIndex,
    )
    from aiomilvus.model.columns import Column

    Bools = NDArray[np.bool_]
    Rows = NDArray[np.int64]


def compacted(column: ListColumn) -> ListColumn:
    """Return the same lists over just their own elements, counted from 0; nulls are empty."""
    start, stop = int(column.offsets[0]), int(column.offsets[-1])
    if start == 0 and len(column.child) == stop:
        return column
    return ListColumn(column.offsets - start, column.child.slice(start, stop), column.valid)


class Elements(NamedTuple):
    """Which row each element belongs to.

    Attributes:
        offsets: int64 (n + 1,), row i has the elements offsets[i] … offsets[i + 1].
    """

    offsets: Rows

    def mask(self, rows: Bools | None, elements: Bools | None) -> Bools | None:
        """Return which elements are allowed: of allowed rows, and allowed themselves."""
        if rows is None:
            return elements
        spread: Bools = np.repeat(rows, np.diff(self.offsets))
        return spread if elements is None else spread & elements

    def rows_of(self, elements: Rows) -> tuple[Rows, Rows]:
        """Return each element's row, and which of the row's elements it is; -1 stays -1."""
        there = elements >= 0
        rows = np.searchsorted(self.offsets, elements, "right") - 1
        rows = np.where(there, rows, -1)
        return rows, np.where(there, elements - self.offsets[rows], -1)


class ElementIndex:
    """A searcher over the elements of lists. Implements `VectorIndex`, rows being elements.

    Args:
        lists: The stored lists, counted from 0.
        inner: An index over all the elements.
    """

    def __init__(self, lists: ListColumn, inner: VectorIndex) -> None:
        self.elements = Elements(lists.offsets)
        self.inner = inner
        self.metric = inner.metric
        self.kind = f"{inner.kind} over elements"
        self.num_rows = len(lists)

    def plan(
        self,
        queries: Column | None,
        k: int,
        params: Mapping[str, Any],
        allowed: Allowed,
        *,
        in_range: bool = False,
    ) -> SearchPlan:
        """Return the plan of the index over the elements; `allowed` is of elements."""
        return self.inner.plan(queries, k, params, allowed, in_range=in_range)

    def search(
        self, queries: Column, k: int, params: Mapping[str, Any], mask: Bools | None
    ) -> Found:
        """Return the `k` best allowed elements for each query; `mask` is over elements."""
        return self.inner.search(queries, k, params, mask)

    def range_search(
        self,
        queries: Column,
        radius: float,
        range_filter: float | None,
        params: Mapping[str, Any],
        mask: Bools | None,
    ) -> FoundInRange:
        """Return all allowed elements in the range; `mask` is over elements."""
        return self.inner.range_search(queries, radius, range_filter, params, mask)

    def to_arrays(self) -> Stored:
        """Return the inner index' arrays and description."""
        return self.inner.to_arrays()
