"""What sealed and growing sparse indexes have in common: `index.contract.VectorIndex`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.index import costs
from aiomilvus.engine.index.contract import Allowed, Found, FoundInRange, SearchPlan, count_of
from aiomilvus.engine.index.sparse.query import queries_of
from aiomilvus.engine.index.sparse.scoring import INNER_PRODUCT, Saturation, Scoring
from aiomilvus.engine.index.sparse.sparse_params import search_params
from aiomilvus.errors import ParamError
from aiomilvus.model.columns import SparseColumn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from aiomilvus.engine.index.sparse.hits import Hits
    from aiomilvus.engine.index.sparse.query import Query
    from aiomilvus.model.columns import Column

POSTINGS = "postings"
"""What sparse searches compare, for people to read."""
SCORING = "scoring"
"""Key of the search parameters under which a caller passes a `Scoring`; BM25 needs one."""


class SparseSearcher(ABC):
    """Searches rows of sparse vectors under IP or BM25.

    Whoever asks several segments the same question prepares it once (`query.prepare`) and
    calls `search_prepared`; the other methods prepare it for themselves.

    Attributes:
        metric: ``IP`` or ``BM25``.
    """

    def __init__(self, metric: str) -> None:
        self.metric = metric

    @property
    @abstractmethod
    def num_rows(self) -> int:
        """Number of rows, those without a vector included."""

    @property
    @abstractmethod
    def kind(self) -> str:
        """What serves searches, for people to read."""

    @abstractmethod
    def plan_prepared(self, terms: float, allowed: Allowed) -> SearchPlan:
        """Return how queries are answered: what `search_prepared` does.

        Args:
            terms: How many terms a query has, on average.
            allowed: Which rows may be hits.
        """

    @abstractmethod
    def search_prepared(
        self,
        queries: Sequence[Query],
        k: int,
        saturation: Saturation | None,
        *,
        mask: NDArray[np.bool_] | None = None,
        bound_ratio: float = 1.0,
    ) -> list[Hits]:
        """Return the best `k` rows for each query, best first, ties by ascending row.

        Args:
            queries: As `query.prepare` made them.
            k: How many at most; fewer come back when fewer rows have a score.
            saturation: Of the `Scoring` the queries were prepared with.
            mask: bool (num_rows,), which rows may be hits; None for all.
            bound_ratio: As of `sparse_params.SearchParams`.
        """

    @abstractmethod
    def scores(
        self,
        query: Query,
        saturation: Saturation | None,
        mask: NDArray[np.bool_] | None = None,
    ) -> Hits:
        """Return every row that has a score, by ascending row: for iterators."""

    def plan(
        self,
        queries: Column | None,
        k: int,  # noqa: ARG002 - contract
        params: Mapping[str, Any],
        allowed: Allowed,
        *,
        in_range: bool = False,
    ) -> SearchPlan:
        """Return how a search is done now.

        A query that is not known yet, or is still a text, is taken to have a usual number of
        terms. In a range all rows with a score are listed.

        Raises:
            ParamError: As `search`.
        """
        if in_range:
            return SearchPlan("index", POSTINGS, self._cost(count_of(allowed)))
        wanted = search_params(params)
        terms: float = costs.USUAL_TERMS
        if isinstance(queries, SparseColumn) and (self.metric != "BM25" or SCORING in params):
            terms = mean_terms(list(queries_of(queries, self._scoring(params), wanted.drop_ratio)))
        return self.plan_prepared(terms, allowed)

    def _cost(self, passing: int | None) -> float:
        rows = self.num_rows if passing is None else passing
        return costs.SCAN_CALL + rows / costs.SPARSE_ROWS

    def search(
        self, queries: Column, k: int, params: Mapping[str, Any], mask: NDArray[np.bool_] | None
    ) -> Found:
        """Return the `k` best allowed rows for each of the queries.

        Args:
            queries: A `SparseColumn`; under BM25, of term frequencies.
            k: How many; missing ones are row -1 with score 0.
            params: Milvus' search parameters, and under BM25 a `Scoring` at `SCORING`.
            mask: bool (num_rows,), which rows may be hits; None for all.

        Raises:
            ParamError: A parameter is out of range.
        """
        wanted = search_params(params)
        scoring = self._scoring(params)
        prepared = list(queries_of(_sparse(queries), scoring, wanted.drop_ratio))
        refined = wanted.refine > 1.0 and wanted.drop_ratio > 0.0
        hits = self.search_prepared(
            prepared,
            ceil(k * wanted.refine) if refined else k,
            scoring.saturation,
            mask=mask,
            bound_ratio=wanted.bound_ratio,
        )
        if refined:
            whole = queries_of(_sparse(queries), scoring)
            hits = [
                self._compared_again(query, k, scoring.saturation, found)
                for query, found in zip(whole, hits, strict=True)
            ]
        scores = np.zeros((len(hits), k), np.float32)
        rows = np.full((len(hits), k), -1, np.int64)
        for query, found in enumerate(hits):
            scores[query, : len(found.rows)] = found.scores
            rows[query, : len(found.rows)] = found.rows
        return Found(scores, rows)

    def _compared_again(
        self, query: Query, k: int, saturation: Saturation | None, found: Hits
    ) -> Hits:
        """Return the best `k` of the rows found, by a whole query."""
        candidates = np.zeros(self.num_rows, np.bool_)
        candidates[found.rows] = True
        return self.search_prepared([query], k, saturation, mask=candidates)[0]

    def range_search(
        self,
        queries: Column,
        radius: float,
        range_filter: float | None,
        params: Mapping[str, Any],
        mask: NDArray[np.bool_] | None,
    ) -> FoundInRange:
        """Return all allowed rows with radius < score ≤ range_filter, best first.

        Arguments and errors are those of `search`. Rows that share no term with the query
        have no score and are never found.
        """
        wanted = search_params(params)
        scoring = self._scoring(params)
        most = np.inf if range_filter is None else range_filter
        hits = [
            self.scores(query, scoring.saturation, mask).within(radius, most)
            for query in queries_of(_sparse(queries), scoring, wanted.drop_ratio)
        ]
        offsets = np.zeros(len(hits) + 1, np.int64)
        np.cumsum(np.array([len(found.rows) for found in hits], np.int64), out=offsets[1:])
        return FoundInRange(
            offsets,
            np.concatenate([np.zeros(0, np.float32), *(found.scores for found in hits)]),
            np.concatenate([np.zeros(0, np.int64), *(found.rows for found in hits)]),
        )

    def _scoring(self, params: Mapping[str, Any]) -> Scoring:
        if self.metric != "BM25":
            return INNER_PRODUCT
        scoring = params.get(SCORING)
        if not isinstance(scoring, Scoring):
            raise ParamError(message="a BM25 search needs the collection's statistics")
        return scoring


def mean_terms(queries: Sequence[Query]) -> float:
    """Return how many terms a query has, on average."""
    return sum(len(query.terms) for query in queries) / max(len(queries), 1)


def _sparse(queries: Column) -> SparseColumn:
    if not isinstance(queries, SparseColumn):
        raise ParamError(
            message=f"a sparse index can't be searched with {queries.kind} vectors: "
            "invalid parameter"
        )
    return queries
