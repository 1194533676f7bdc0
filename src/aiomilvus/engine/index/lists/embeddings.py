"""Embedding lists: rows ranked by how well their lists match a list of query vectors.

In two stages: an index over all elements names candidates, rows that have some of the nearest
elements of any query vector; these rows' lists are then compared exactly. Where there is no
such index, or few rows are allowed, all of them are compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

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

    from aiomilvus.engine.index.contract import Allowed, Stored, VectorIndex
    from aiomilvus.model.columns import Column

    Bools = NDArray[np.bool_]
    Rows = NDArray[np.int64]

RATIO = "retrieval_ann_ratio"
"""Milvus' name for how many candidates are asked for, as a multiple of k."""
RERANK = "emb_list_rerank"
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
        self._lists_width = int(lists.child.arrays()["values"].shape[1])

    def plan(
        self,
        queries: Column | None,  # noqa: ARG002 - contract
        k: int,
        params: Mapping[str, object],
        allowed: Allowed,
        *,
        in_range: bool = False,  # noqa: ARG002 - contract
    ) -> SearchPlan:
        """Return whether the index over the elements names candidates first.

        It does not where it would have to name a good part of all elements, or where no more
        than `k` rows may be hits. When it names too few rows it is asked for more elements, and
        in the end all allowed rows are compared.
        """
        total = int(self._elements.offsets[-1])
        wanted = candidate_count(k, params)  # elements, for each query vector
        filled = allowed if isinstance(allowed, int) else self._count(allowed)
        width = self._lists_width
        compared = total * filled // max(self.num_rows, 1)
        if self._inner is None or filled <= k or wanted * _NOT_WORTH >= total:
            return SearchPlan("exact", "lists", costs.scan(compared, width))
        elements = self._count_elements(allowed)
        first = self._inner.plan(None, wanted, params_of_inner(params, wanted), elements)
        rows = min(wanted, filled)
        lists = costs.scan(self._mean_length(rows), width)
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

    def _mean_length(self, rows: int) -> int:
        """Return how many elements so many rows have, on average."""
        return int(self._elements.offsets[-1]) * rows // max(self.num_rows, 1)

    def _count(self, mask: Bools | None) -> int:
        return int(np.count_nonzero(self._filled if mask is None else self._filled & mask))

    def search(
        self, queries: Column, k: int, params: Mapping[str, object], mask: Bools | None
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
            query = list_of(queries, at)
            rows = self._candidates(query, k, plan, params, allowed)
            given = list_scores(query, self._lists, rows, self._element_metric)
            larger = self._element_metric in LARGER_IS_CLOSER
            found = best_of(given[None, :], rows, k, larger=larger)
            scores[at], numbers[at] = found.scores[0], found.rows[0]
        return Found(scores, numbers)

    def _candidates(
        self, query: Column, k: int, plan: SearchPlan, params: Mapping[str, object], allowed: Bools
    ) -> Rows:
        """Return the rows to compare exactly."""
        everything = np.flatnonzero(allowed)
        if self._inner is None or plan.strategy == "exact":
            return everything
        ratio = _ratio(params)
        mask = self._elements.mask(allowed, None)
        total = int(self._elements.offsets[-1])
        wanted = plan.candidates
        while wanted * _NOT_WORTH < total:
            found = self._inner.search(query, wanted, params_of_inner(params, wanted), mask)
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
        params: Mapping[str, object],  # noqa: ARG002 - contract
        mask: Bools | None,  # noqa: ARG002 - contract
    ) -> NoReturn:
        """Refuse, as Milvus does: a sum of similarities has no range."""
        raise ParamError(
            message="range search is not supported for embedding list search: invalid parameter"
        )

    def to_arrays(self) -> Stored:
        """Return the inner index' arrays and description; nothing without one."""
        return ({}, {"family": "exact"}) if self._inner is None else self._inner.to_arrays()


def list_of(queries: Column, at: int) -> Column:
    """Return one query: its vectors.

    Raises:
        ParamError: Queries are no lists, or this one is empty.
    """
    if not isinstance(queries, ListColumn):
        raise ParamError(
            message="an index with a MAX_SIM metric needs embedding lists to search with, got "
            f"{queries.kind} queries: invalid parameter"
        )
    query = queries.item(at)
    if not len(query):
        raise ParamError(message=f"embedding list {at} of the query is empty: invalid parameter")
    return query


def params_of_inner(params: Mapping[str, object], wanted: int) -> dict[str, object]:
    """Return the parameters of a first stage; an ef that is given is at least what is wanted."""
    return {
        name: max(int(str(value)), wanted) if name in ("ef", "search_list") else value
        for name, value in params.items()
        if name not in (RATIO, RERANK)
    }


def candidate_count(k: int, params: Mapping[str, object]) -> int:
    """Return how many elements, or rows, a first stage is asked for.

    Raises:
        ParamError: ``retrieval_ann_ratio`` is no number above 0.
    """
    return max(int(k * _ratio(params)), _LEAST)


def _ratio(params: Mapping[str, object]) -> float:
    given = params.get(RATIO)
    if given is None:
        return _RATIO
    try:
        ratio = float(str(given))
    except (TypeError, ValueError):
        ratio = 0.0
    if not 0.0 < ratio < 1e6:
        raise ParamError(
            message=f"param '{RATIO}' ({given}) should be a number greater than 0"
            ": invalid parameter"
        )
    return ratio
