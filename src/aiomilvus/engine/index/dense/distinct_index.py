"""A graph over one row of each vector, searched for all rows; see `copies`."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

from aiomilvus.engine.index.dense.copies import WRITTEN
from aiomilvus.engine.index.dense.faiss_index import FaissIndex

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from aiomilvus.engine.index.contract import Allowed, Found, SearchPlan, Stored
    from aiomilvus.engine.index.dense.copies import Copies
    from aiomilvus.engine.index.dense.faiss_library import FaissObject
    from aiomilvus.engine.index.dense.judged import Judged
    from aiomilvus.model.column_base import Arrays
    from aiomilvus.model.columns import Column, VectorColumn

    Bools = NDArray[np.bool_]

WITH_COPIES = 3
"""The format of such indexes: versions that know of no copies would leave them out."""
_KEPT = 16


class DistinctIndex(FaissIndex):
    """As `FaissIndex`, where the graph has the first row of each vector alone.

    Args:
        column: The segment's vectors.
        metric: ``L2``, ``IP`` or ``COSINE``.
        served: A key of `RECIPES`, of a graph.
        index: The graph, put under the copies.
        keep: Arrays to store, and what the graph points into.
        default: ``ef`` or ``nprobe`` of searches that give none.
        copies: Which rows have the same vector.
        walkable: Whether faiss can search it as it is; else storage is derived first.
        judged: What was found of its recall, where it was asked.
    """

    def __init__(
        self,
        column: VectorColumn,
        metric: str,
        served: str,
        index: FaissObject,
        keep: Arrays,
        default: int,
        *,
        copies: Copies,
        walkable: bool = True,
        judged: Judged | None = None,
    ) -> None:
        super().__init__(
            *(column, metric, served, index, keep, default),
            walkable=walkable,
            judged=judged,
            only=copies.firsts,
        )
        self._copies = copies
        self._firsts: dict[int, tuple[weakref.ref[Bools], Bools]] = {}

    @property
    def kind(self) -> str:
        """As of `FaissIndex`, and how many vectors there are."""
        return f"{super().kind}, {self._copies.count} distinct"

    def _firsts_of(self, mask: Bools | None) -> Bools | None:
        """Return the rows that the graph has of those that a mask allows; kept while it lives."""
        if mask is None:
            return self._copies.firsts if self._has_nulls else None
        found = self._firsts.get(id(mask))
        if found is not None and found[0]() is mask:
            return found[1]
        firsts, key = self._copies.firsts_of(mask), id(mask)
        if len(self._firsts) >= _KEPT:
            self._firsts.clear()
        self._firsts[key] = (weakref.ref(mask, lambda _: self._firsts.pop(key, None)), firsts)
        return firsts

    def search(
        self, queries: Column, k: int, params: Mapping[str, object], mask: Bools | None
    ) -> Found:
        """Return the `k` best allowed rows for each of the queries, as `FaissIndex.search`."""
        found = super().search(queries, k, params, self._firsts_of(mask))
        return self._copies.spread(found, k, mask)

    def plan(
        self,
        queries: Column | None,
        k: int,
        params: Mapping[str, object],
        allowed: Allowed,
        *,
        in_range: bool = False,
    ) -> SearchPlan:
        """Return how a search is done now, as `FaissIndex.plan`."""
        if isinstance(allowed, int):
            allowed = allowed * self._copies.count // max(len(self._copies.rows), 1)
        else:
            allowed = self._firsts_of(allowed)
        return super().plan(queries, k, params, allowed, in_range=in_range)

    def to_arrays(self) -> Stored:
        """Return the structure, as `FaissIndex.to_arrays`."""
        arrays, meta = super().to_arrays()
        arrays.pop(WRITTEN, None)
        return arrays, {**meta, "format": WITH_COPIES}


def searcher_over(
    column: VectorColumn,
    metric: str,
    served: str,
    index: FaissObject,
    keep: Arrays,
    default: int,
    *,
    copies: Copies | None,
    walkable: bool = True,
    judged: Judged | None = None,
) -> FaissIndex:
    """Return the index; arguments as of `FaissIndex`, and the copies where the graph has none."""
    given = (column, metric, served, index, keep, default)
    if copies is None:
        return FaissIndex(*given, walkable=walkable, judged=judged)
    return DistinctIndex(*given, copies=copies, walkable=walkable, judged=judged)
