"""Embedding lists: rows ranked by how well their lists match a list of query vectors.

In two stages: an index over all elements names candidates, rows that have some of the nearest
elements of any query vector; these rows' lists are then compared exactly. Where there is no
such index, or few rows are allowed, all of them are compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from aiomilvus.engine.index import costs
from aiomilvus.engine.index.contract import Found, SearchPlan
from aiomilvus.engine.index.dense.exact import best_of
from aiomilvus.engine.index.dense.vectors import LARGER_IS_CLOSER
from aiomilvus.engine.index.lists.elements import Elements
from aiomilvus.engine.index.lists.metrics import element_metric, list_scores
from aiomilvus.errors import ParamError
from aiomilvus.model.columns import ListColumn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from aiomilvus.engine.index.contract import Allowed, VectorIndex
    from aiomilvus.model.columns import Column

    Bools = NDArray[np.bool_]
    Rows = NDArray[np.int64]

RATIO = "retrieval_ann_ratio"
"""Milvus' name for how many candidates are asked for, as a multiple of k."""
_RATIO = 6.0
_LEAST = 64
"""So many elements at least are asked for, for each query vector."""
_NOT_WORTH = 4
"""A quarter of all elements as candidates is not worth a first stage."""


class EmbeddingListIndex:
    """Search for lists by lists. Implements `VectorIndex`.

    Args:
        lists: The stored lists, counted from 0.
        metric: One of the MAX_SIM metrics.
        inner: An index over all elements, by the metric of elements; None to compare all.
    """

    def __init__(self, lists: ListColumn, metric: str, inner: VectorIndex | None) -> None:
        self.metric = metric
        self.kind = "exact scan of lists" if inner is None else f"{inner.kind}, then exact lists"
        self.num_rows = len(lists)
        self._lists = lists
        self._inner = inner
        self._elements = Elements(lists.offsets)
        self._filled: Bools = np.diff(lists.offsets) > 0
        self._element_metric = element_metric(metric)

    def plan(
        self,
        queries: Column | None,  # noqa: ARG002 - contract
        k: int,
        params: Mapping[str, Any],
        allowed: Allowed,
        *,
        in_range: bool = False,  # noqa: ARG002 - contract
    ) -> SearchPlan:
        """Return whether the index over the elements names candidates first.

        It does not where it would have to name a good part of all elements, or where no more
        than `k` rows may be hits. When it names too few rows it is asked for more elements, and
        in the end all allowed rows are compared.
        """
        ratio = _ratio(params)
        total = int(self._elements.offsets[-1])
        wanted = max(int(k * ratio), _LEAST)  # elements, for each query vector
        filled = allowed if isinstance(allowed, int) else self._count(allowed)
        width = int(self._lists.child.arrays()["values"].shape[1])
        compared = total * filled // max(self.num_rows, 1)
        if self._inner is None or filled <= k or wanted * _NOT_WORTH >= total:
            return SearchPlan("exact", "lists", costs.scan(compared, width))
        inner = {name: value for name, value in params.items() if name != RATIO}
        elements = self._count_elements(allowed)
        first = self._inner.plan(None, wanted, _ef_params(inner, wanted), elements)
        rows = min(wanted, filled)
        lists = costs.scan(total * rows // max(self.num_rows, 1), width)
        return SearchPlan(
            "index",
            f"elements by {first.compares}, then lists",
            first.microseconds + lists,
            first.ef,
            wanted,
        )

    def _count_elements(self, allowed: Allowed) -> int:
        total = int(self._elements.offsets[-1])
        if allowed is None:
            return total
        if isinstance(allowed, int):
            return total * allowed // max(self.num_rows, 1)
        return int(np.diff(self._elements.offsets)[allowed].sum())

    def _count(self, mask: Bools | None) -> int:
        return int(np.count_nonzero(self._filled if mask is None else self._filled & mask))

    def search(
        self, queries: Column, k: int, params: Mapping[str, Any], mask: Bools | None
    ) -> Found:
        """Return the `k` best allowed rows for each query; rows without elements are none.

        Args:
            queries: A ListColumn: each query is a list of vectors.
            k: How many.
            params: The inner index' parameters, and ``retrieval_ann_ratio``.
            mask: bool (n,), which rows may be hits; None for all.
        """
        plan = self.plan(queries, k, params, mask)
        allowed = self._filled if mask is None else self._filled & mask
        scores = np.zeros((len(queries), k), np.float32)
        numbers = np.full((len(queries), k), -1, np.int64)
        for at in range(len(queries)):
            query = _list_of(queries, at)
            rows = self._candidates(query, k, plan, params, allowed)
            given = list_scores(query, self._lists, rows, self._element_metric)
            larger = self._element_metric in LARGER_IS_CLOSER
            found = best_of(given[None, :], rows, k, larger=larger)
            scores[at], numbers[at] = found.scores[0], found.rows[0]
        return Found(scores, numbers)

    def _candidates(
        self, query: Column, k: int, plan: SearchPlan, params: Mapping[str, Any], allowed: Bools
    ) -> Rows:
        """Return the rows to compare exactly."""
        everything = np.flatnonzero(allowed)
        if self._inner is None or plan.strategy == "exact":
            return everything
        ratio = _ratio(params)
        inner = {name: value for name, value in params.items() if name != RATIO}
        mask = self._elements.mask(allowed, None)
        total = int(self._elements.offsets[-1])
        wanted = plan.candidates
        while wanted * _NOT_WORTH < total:
            found = self._inner.search(query, wanted, _ef_params(inner, wanted), mask)
            elements = np.unique(found.rows[found.rows >= 0])
            rows = np.unique(self._elements.rows_of(elements)[0])
            if len(rows) >= min(int(k * max(ratio / 2, 1.0)), len(everything)):
                return rows
            wanted *= 4
        return everything

    def range_search(
        self,
        queries: Column,  # noqa: ARG002 - contract
        radius: float,  # noqa: ARG002 - contract
        range_filter: float | None,  # noqa: ARG002 - contract
        params: Mapping[str, Any],  # noqa: ARG002 - contract
        mask: Bools | None,  # noqa: ARG002 - contract
    ) -> NoReturn:
        """Refuse, as Milvus does: a sum of similarities has no range."""
        raise ParamError(
            message="range search is not supported for embedding list search: invalid parameter"
        )

    def to_arrays(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return the inner index' arrays and description; nothing without one."""
        return ({}, {"family": "exact"}) if self._inner is None else self._inner.to_arrays()


def _list_of(queries: Column, at: int) -> Column:
    if not isinstance(queries, ListColumn):
        raise ParamError(
            message="an index with a MAX_SIM metric needs embedding lists to search with, got "
            f"{queries.kind} queries: invalid parameter"
        )
    query = queries.item(at)
    if not len(query):
        raise ParamError(message=f"embedding list {at} of the query is empty: invalid parameter")
    return query


def _ef_params(params: dict[str, Any], k: int) -> dict[str, Any]:
    """Return the parameters with enough ef for `k` elements, where an ef is given."""
    return {
        name: max(int(value), k) if name in ("ef", "search_list") else value
        for name, value in params.items()
    }


def _ratio(params: Mapping[str, Any]) -> float:
    given = params.get(RATIO)
    if given is None:
        return _RATIO
    try:
        ratio = float(given)
    except (TypeError, ValueError):
        ratio = 0.0
    if not 0.0 < ratio < 1e6:
        raise ParamError(
            message=f"param '{RATIO}' ({given}) should be a number greater than 0"
            ": invalid parameter"
        )
    return ratio
