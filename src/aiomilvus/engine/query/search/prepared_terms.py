"""Prepared searches for sparse vectors, and for texts by their words.

A text becomes its terms before anybody decides where the search runs: how frequent its words are is
what the search costs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from aiomilvus.engine.index import costs
from aiomilvus.engine.index.contract import without_warnings
from aiomilvus.engine.index.sparse.index import SparseIndex
from aiomilvus.engine.index.sparse.query import prepare
from aiomilvus.engine.index.sparse.scoring import INNER_PRODUCT, Scoring
from aiomilvus.engine.index.sparse.searcher import SCORING
from aiomilvus.engine.index.sparse.sparse_params import search_params
from aiomilvus.engine.query.search.cost import estimate_cost
from aiomilvus.engine.query.search.prepared_search import PreparedSearch
from aiomilvus.engine.query.search.ties import keys_rise
from aiomilvus.engine.query.search.view_searchers import searcher_of
from aiomilvus.engine.text.schema_functions import bm25_analyzer, sparse_queries
from aiomilvus.engine.write.value_checks import check_sparse
from aiomilvus.model.columns import BytesColumn, SparseColumn
from aiomilvus.model.read_limits import HIT_BYTES, check_output, end_if_abandoned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiomilvus.engine.snapshot import Snapshot
    from aiomilvus.model.columns import Column
    from aiomilvus.model.operations.data import Search
    from aiomilvus.model.prepared import Queries
    from aiomilvus.model.results import SearchResult

_SHORT = 512
"""Bytes of text that are analysed in a fraction of a millisecond, whatever the analyzer."""


class PreparedTerms(PreparedSearch):
    """As `PreparedSearch`, for sparse vectors, or texts where a BM25 function fills the field."""

    __slots__ = ("_analyzer", "_scoring", "_settings")

    def __init__(self, snapshot: Snapshot, op: Search) -> None:
        super().__init__(snapshot, op)
        scoring = self._params.get(SCORING, INNER_PRODUCT)
        self._scoring: Scoring = scoring
        self._analyzer = None
        if self._plan.target.spec.metric == "BM25":
            self._analyzer = bm25_analyzer(snapshot.schema, self.field, op.params)
        self._settings = search_params(op.params)

    def fits(self, data: Column | None) -> bool:
        """As `PreparedSearch` says."""
        return type(data) is (SparseColumn if self._analyzer is None else BytesColumn)

    def read(self, data: Column | None) -> Queries:
        """As `PreparedSearch` says."""
        if self._analyzer is None:
            vectors = SparseColumn.expect(data)
            check_sparse(self.field, vectors)
            return vectors
        frequencies = self._analyzer.frequencies
        return sparse_queries([frequencies(text.decode()) for text in BytesColumn.expect(data)])

    def ready(self, queries: Column | None) -> Queries | None:
        """As `Prepared.ready`."""
        if not self.fits(queries):
            return None
        if type(queries) is BytesColumn and len(queries.data) > _SHORT:
            return None
        return self.read(queries)

    def seconds(self, queries: Queries) -> float:
        """Return how long it will take with these queries, roughly."""
        plan, op = self._plan, self.operation
        if self._is_plain and plan.masks[0] is None and type(queries) is SparseColumn:
            searcher = searcher_of(plan.target, plan.views[0])
            if isinstance(searcher, SparseIndex):
                hits = len(queries) * op.limit * (1 + len(op.output_fields)) * costs.HIT_FIELD
                cost = searcher.microseconds(queries.indices, len(queries))
                return (costs.CALL + cost + hits) / 1e6
        again = msgspec.structs.replace(op, data=queries, params=self._params)
        return estimate_cost(self._snapshot, again) / 1e6

    def search(self, queries: Queries) -> SearchResult:
        """As `PreparedSearch` says."""
        if self._is_plain and len(queries) == 1 and type(queries) is SparseColumn:
            searcher = searcher_of(self._plan.target, self._plan.views[0])
            if isinstance(searcher, SparseIndex) and self._settings.refine == 1.0:
                found = self._search_one(queries, searcher)
                if found is not None:
                    return found
        with without_warnings():
            return self._search(queries)

    def _search_one(self, queries: SparseColumn, searcher: SparseIndex) -> SearchResult | None:
        """Return the hits of one query in one view; None where equal scores are to be sorted."""
        op, plan, k, settings = self.operation, self._plan, self._k, self._settings
        view = plan.views[0]
        end_if_abandoned()
        check_output(min(k, view.num_rows) * HIT_BYTES)
        query = prepare(queries.indices, queries.values, self._scoring, settings.drop_ratio)
        (found,) = searcher.search_prepared(
            [query],
            k + 1,
            self._scoring.saturation,
            mask=plan.masks[0],
            bound_ratio=settings.bound_ratio,
        )
        scores = found.scores.tolist()
        # Of rows with one score the searcher has put the lower first.
        if len(set(scores)) < len(scores) and not keys_rise(view, self._snapshot.schema.primary):
            return None
        return self._result(view, found.rows[op.offset : k], found.scores[op.offset : k])

    def _together(self, parts: Sequence[Queries]) -> Queries:
        return SparseColumn.concat([SparseColumn.expect(part) for part in parts])
