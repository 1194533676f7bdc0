"""The sparse index of a sealed segment: build, search, store, open.

Immutable and safe to search from many threads. Growing segments use `growing`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.index import costs
from aiomilvus.engine.index.contract import UNLIMITED, SearchPlan, count_of
from aiomilvus.engine.index.sparse.exact import score_all, score_rows
from aiomilvus.engine.index.sparse.hits import Hits, best
from aiomilvus.engine.index.sparse.kernel_access import kernels_if_ready
from aiomilvus.engine.index.sparse.kernel_arguments import (
    AllowedRows,
    Damping,
    Limits,
    QueryBatch,
    TopHits,
)
from aiomilvus.engine.index.sparse.kernel_caller import KernelCaller
from aiomilvus.engine.index.sparse.postings import FLOOR_RANKS, Bounds, Postings, build_postings
from aiomilvus.engine.index.sparse.query import NO_QUERY
from aiomilvus.engine.index.sparse.searcher import POSTINGS, SparseSearcher, mean_terms
from aiomilvus.engine.index.sparse.single_caller import (
    ALL_ROWS,
    MOST_TERMS,
    Settings,
    SingleCaller,
)
from aiomilvus.engine.index.sparse.sparse_params import BuildParams
from aiomilvus.errors import DataCorruptedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import SimpleNamespace

    from numpy.typing import NDArray

    from aiomilvus.engine.index.contract import Allowed, BuildBudget
    from aiomilvus.engine.index.sparse.query import Query
    from aiomilvus.engine.index.sparse.scoring import Saturation
    from aiomilvus.model.columns import SparseColumn

_FORMAT = 1
_AS_THEY_ARE = Damping(is_bm25=False, base=0.0, slope=0.0)
# Floors were rounded to float32, perhaps upwards. A search that scales bounds scales floors as
# well: the rows that reach a floor must stay above it, or every window would be skipped.
_FLOOR_SLACK = 1.0 - 1e-6


_Asked = tuple[int, "Saturation | None", float]
"""What `Settings` depend on: k, saturation and bound ratio."""


class SparseIndex(SparseSearcher):
    """An inverted index over the rows of one sealed segment."""

    def __init__(self, postings: Postings, params: BuildParams, metric: str) -> None:
        super().__init__(metric)
        self._postings = postings
        self._params = params
        self._recent_bounds = postings.bounds
        self._idle: list[KernelCaller] = []
        self._idle_singles: list[SingleCaller] = []
        self._usual: tuple[_Asked, Settings] | None = None
        """The settings of the last search for one query without a filter."""

    @classmethod
    def build(
        cls,
        column: SparseColumn,
        metric: str = "IP",
        params: BuildParams | None = None,
        budget: BuildBudget = UNLIMITED,
    ) -> SparseIndex:
        """Index the rows of `column`; row i of the column is row i of the index.

        Args:
            column: Sparse vectors; under BM25, term frequencies. Nulls are never hits.
            metric: ``IP`` or ``BM25``.
            params: As `sparse_params.build_params` reads them.
            budget: What it may use.

        Raises:
            BuildStoppedError: The work was given up.
        """
        params = BuildParams() if params is None else params
        k1_b = (params.k1, params.b) if metric == "BM25" else None
        made = build_postings(column, k1_b, params.drop_ratio, budget.check_wanted)
        return cls(made, params, metric)

    def to_arrays(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return the arrays and the JSON-able meta data that `from_arrays` takes."""
        arrays, meta = self._postings.to_arrays()
        return arrays, {
            **meta,
            "format": _FORMAT,
            "params": list(self._params),
            "metric": self.metric,
        }

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]
    ) -> SparseIndex:
        """Open an index; arrays may be read-only and mapped from a file.

        Raises:
            DataCorruptedError: The meta data is of another format.
        """
        if meta.get("format") != _FORMAT:
            raise DataCorruptedError(
                message=f"sparse index format {meta.get('format')!r}, expected {_FORMAT}"
            )
        plain = {name: np.asarray(array) for name, array in arrays.items()}
        return cls(Postings(plain, meta), BuildParams(*meta["params"]), meta["metric"])

    @property
    def num_rows(self) -> int:
        """Number of rows, those without a vector included."""
        return self._postings.n_rows

    @property
    def kind(self) -> str:
        """What serves searches, for people to read."""
        return f"inverted index, {self._params.algorithm}"

    @property
    def params(self) -> BuildParams:
        """The parameters the index was built with."""
        return self._params

    @property
    def n_postings(self) -> int:
        """Number of values indexed."""
        return len(self._postings.rows)

    def plan_prepared(self, terms: float, allowed: Allowed) -> SearchPlan:
        """Return ``exact`` where the allowed rows are looked up one by one, else ``index``."""
        passing = count_of(allowed)
        if passing is not None and self._is_large:
            lookups = passing * costs.POSTINGS_LOOKUP * terms
            if lookups < self.n_postings:
                return SearchPlan("exact", POSTINGS, self._cost(passing))
        return SearchPlan("index", POSTINGS, self._cost_of(terms))

    def _cost_of(self, terms: float) -> float:
        """Return what a search with so many terms takes."""
        if not self._is_large or kernels_if_ready() is None:
            return self._cost(None)
        rate = costs.POSTINGS_PASSED if self._may_prune else costs.POSTINGS_SUMMED
        return costs.SPARSE_CALL + terms * self._postings.usual_length / rate

    def microseconds(self, terms: NDArray[np.uint32], queries: int) -> float:
        """Return what a search for `queries` queries with these `terms` in all takes, roughly.

        Args:
            terms: uint32 (q,), in any order.
            queries: How many.
        """
        if self._kernels() is None:
            return queries * self._cost(None)
        postings = len(terms) * self._postings.longest
        if postings > costs.POSTINGS_BRIEF:  # it pays to look at each
            postings = self._postings.count(terms)
        rate = costs.POSTINGS_PASSED if self._may_prune else costs.POSTINGS_SUMMED
        return queries * costs.SPARSE_CALL + postings / rate

    @property
    def _may_prune(self) -> bool:
        return not self._postings.has_negative and self._params.algorithm != "TAAT_NAIVE"

    @property
    def _is_large(self) -> bool:
        return self.n_postings >= costs.POSTINGS_SCANNED

    def search_prepared(
        self,
        queries: Sequence[Query],
        k: int,
        saturation: Saturation | None,
        *,
        mask: NDArray[np.bool_] | None = None,
        bound_ratio: float = 1.0,
    ) -> list[Hits]:
        """As `SparseSearcher` says."""
        if mask is not None:
            plan = self.plan_prepared(mean_terms(queries), mask)
            if plan.strategy == "exact":
                return self._search_few(queries, k, saturation, np.flatnonzero(mask))
        kernels = self._kernels()
        if len(queries) == 1 and mask is None and kernels is not None:
            query = queries[0]
            if query.is_positive and self._may_prune and 0 < len(query.terms) <= MOST_TERMS:
                return [self._search_one(kernels, query, (k, saturation, bound_ratio))]
        if kernels is None:
            return self._search_exact(queries, k, saturation, mask)
        return self._search_compiled(
            kernels, queries, k, saturation, mask=mask, bound_ratio=bound_ratio
        )

    def scores(
        self,
        query: Query,
        saturation: Saturation | None,
        mask: NDArray[np.bool_] | None = None,
    ) -> Hits:
        """As `SparseSearcher` says."""
        return score_all(self._postings, query.terms, query.weights, saturation, mask)

    def _search_exact(
        self,
        queries: Sequence[Query],
        k: int,
        saturation: Saturation | None,
        mask: NDArray[np.bool_] | None,
    ) -> list[Hits]:
        return [best(self.scores(query, saturation, mask), k) for query in queries]

    def _search_few(
        self,
        queries: Sequence[Query],
        k: int,
        saturation: Saturation | None,
        rows: NDArray[np.int64],
    ) -> list[Hits]:
        """Search when a filter leaves few `rows`: look these up, walk through nothing."""
        return [
            best(score_rows(self._postings, q.terms, q.weights, saturation, rows), k)
            for q in queries
        ]

    def _search_compiled(
        self,
        kernels: SimpleNamespace,
        queries: Sequence[Query],
        k: int,
        saturation: Saturation | None,
        *,
        mask: NDArray[np.bool_] | None,
        bound_ratio: float,
    ) -> list[Hits]:
        postings = self._postings
        k = min(k, postings.n_rows)
        top = TopHits(
            np.empty((len(queries), k), np.float32),
            np.empty((len(queries), k), np.int64),
            np.empty(len(queries), np.int64),
        )
        allowed = ALL_ROWS if mask is None else AllowedRows(mask, has_mask=True)
        limits = self._limits(queries, k, saturation, mask, bound_ratio)
        batch = _laid_end_to_end(queries)
        caller = self._caller(kernels)
        caller.search(batch, limits, _damping(saturation), allowed, top)
        self._idle.append(caller)
        return [
            Hits(top.rows[query, :size], top.scores[query, :size])
            for query, size in enumerate(top.sizes.tolist())
        ]

    def _search_one(self, kernels: SimpleNamespace, query: Query, asked: _Asked) -> Hits:
        """Search for one query with weights above 0, without a filter."""
        usual = self._usual
        if usual is None or usual[0] != asked:
            usual = self._usual = asked, self._settings(query, *asked)
        try:
            caller = self._idle_singles.pop()  # no other thread has it; it is given back
        except IndexError:
            caller = SingleCaller(kernels, self._postings.lists, usual[1])
        hits = caller.search(query, usual[1])
        self._idle_singles.append(caller)
        return hits

    def _settings(
        self, query: Query, k: int, saturation: Saturation | None, bound_ratio: float
    ) -> Settings:
        k = min(k, self._postings.n_rows)
        limits = self._limits([query], k, saturation, None, bound_ratio)
        return Settings(k, limits, _damping(saturation))

    def _kernels(self) -> SimpleNamespace | None:
        """Return the compiled kernels where they are ready and worth a call."""
        return kernels_if_ready() if self._is_large else None

    def _caller(self, kernels: SimpleNamespace) -> KernelCaller:
        """Return what no other thread uses; whoever takes it gives it back."""
        try:
            return self._idle.pop()
        except IndexError:
            return KernelCaller(kernels, self._postings.lists, self._postings.window_bits)

    def _limits(
        self,
        queries: Sequence[Query],
        k: int,
        saturation: Saturation | None,
        mask: NDArray[np.bool_] | None,
        bound_ratio: float,
    ) -> Limits:
        """Return what allows the kernels to skip postings in this search."""
        postings = self._postings
        bounds, (bound_factor, floor_factor) = self._bounds_for(saturation)
        excluded = 0 if mask is None else len(mask) - int(np.count_nonzero(mask))
        return Limits(
            bounds.terms,
            bounds.windows,
            bounds.floors,
            window_bits=postings.window_bits,
            bound_factor=bound_factor * bound_ratio,
            floor_rank=_floor_rank(k, excluded),
            floor_factor=floor_factor * bound_ratio * _FLOOR_SLACK,
            prunes=self._may_prune and all(query.is_positive for query in queries),
        )

    def _bounds_for(self, saturation: Saturation | None) -> tuple[Bounds, tuple[float, float]]:
        """Return bounds that hold for `saturation`, and the factors to apply to them."""
        for bounds in (self._recent_bounds, self._postings.bounds):
            factors = bounds.factors_for(saturation)
            if factors is not None:
                return bounds, factors
        # Two threads may both compute them; either result is right.
        self._recent_bounds = self._postings.bounds_for(saturation)
        return self._recent_bounds, (1.0, 1.0)


def _damping(saturation: Saturation | None) -> Damping:
    if saturation is None:
        return _AS_THEY_ARE
    return Damping(is_bm25=True, base=saturation.base, slope=saturation.slope)


def _floor_rank(k: int, excluded: int) -> int:
    """Return which of `FLOOR_RANKS` to use when a filter excludes some rows; -1 for none."""
    for column, rank in enumerate(FLOOR_RANKS):
        if k + excluded <= rank:
            return column
    return -1


def _laid_end_to_end(queries: Sequence[Query]) -> QueryBatch:
    starts = np.zeros(len(queries) + 1, np.int64)
    if len(queries) == 1:
        starts[1] = len(queries[0].terms)
        return QueryBatch(starts, *queries[0][:2])
    if not queries:
        return QueryBatch(starts, *NO_QUERY[:2])
    np.cumsum([len(query.terms) for query in queries], out=starts[1:])
    terms = np.concatenate([query.terms for query in queries])
    return QueryBatch(starts, terms, np.concatenate([query.weights for query in queries]))
