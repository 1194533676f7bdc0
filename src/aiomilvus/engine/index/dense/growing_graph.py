"""A graph over growing rows: built beside the writes, replaced when the rows are indexed.

`GrowingGraph` owns a faiss graph over copies of the vectors in half width, to which one thread
adds. Readers get clones: faiss can't be searched while rows are added. The rows behind a clone
are compared one by one, and so is what a clone finds, with the vectors as they are; so scores
are exact, and no row is ever missing for being new.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.index import costs
from aiomilvus.engine.index.contract import Allowed, Found, FoundInRange, SearchPlan
from aiomilvus.engine.index.dense.building import lengths_of, measure_of, suits_half
from aiomilvus.engine.index.dense.exact import ExactIndex
from aiomilvus.engine.index.dense.faiss_index import FaissIndex
from aiomilvus.engine.index.dense.faiss_library import Threads, faiss_library
from aiomilvus.engine.index.dense.kernel_access import are_loaded
from aiomilvus.engine.index.dense.vectors import LARGER_IS_CLOSER, are_unit, as_floats, normalized

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from aiomilvus.engine.index.dense.code_choice import CodeChoice
    from aiomilvus.model.columns import Column, VectorColumn

    Bools = NDArray[np.bool_]

LEAST_ROWS = 1_500
"""Fewer rows are compared one by one about as fast as a graph is searched."""
_STEP = 500
_LINKS = 16
_CONSTRUCTION = 100
_EF = 64
_PIECE = 256
_GROWTH = 2
"""After so many times the rows it is judged again which codes serve."""


def is_behind(rows: int, covered: int) -> bool:
    """Return whether enough rows are not in the graph yet for a new clone to pay."""
    return rows >= LEAST_ROWS and rows - covered >= max(_STEP, covered // 64)


class GrowingGraph:
    """The graph of one growing segment and vector field; threads extend it in turn.

    Args:
        metric: ``L2``, ``IP`` or ``COSINE``.
    """

    def __init__(self, metric: str) -> None:
        self.metric = metric
        self.covered = 0
        self._index: Any = None
        self._clone: Any = None
        self._choice: CodeChoice | None = None
        # A database that leads may begin while the one that followed before it still ends.
        self._turn = Lock()

    def extend(self, column: VectorColumn, keep_going: Callable[[], bool]) -> FaissIndex | None:
        """Add the rows of `column` that are new; return a searcher over all that are in.

        Args:
            column: The vectors as of now; those that are in already come first.
            keep_going: Asked again and again; False ends the work early.
        """
        with self._turn:
            return self._extend(column, keep_going)

    def _extend(self, column: VectorColumn, keep_going: Callable[[], bool]) -> FaissIndex | None:
        values = column.values
        if self._index is None:
            self._index = self._empty(values)
        while self.covered < len(values) and keep_going():
            block = np.ascontiguousarray(as_floats(values[self.covered : self.covered + _PIECE]))
            if self.metric == "COSINE":
                block = normalized(block)
            with Threads(1):
                self._index.add(block)
            self.covered += len(block)
        if self.covered < LEAST_ROWS:
            return None
        self._clone = faiss_library().clone_index(self._index)
        return self.searcher_over(column)

    def searcher_over(self, column: VectorColumn) -> FaissIndex | None:
        """Return a searcher over the rows that readers were last given; None for none.

        Args:
            column: The same vectors as ever, perhaps in another place.
        """
        if self._clone is None:
            return None
        prefix = column.slice(0, int(self._clone.ntotal))
        lengths: dict[str, NDArray[Any]] = {}
        if self.metric == "COSINE" and not are_unit(prefix.values):
            # Whatever the graph is served as, products are divided by them.
            lengths["lengths"] = lengths_of(prefix.values)
        served = FaissIndex(prefix, self.metric, "HNSW", self._clone, dict(lengths), _EF)
        # Without codes of its own, what the graph finds is decided by the vectors. Loading what
        # makes codes may take seconds, for which no flush is to wait.
        if are_loaded():
            known = self._choice
            if known is not None and len(prefix) > _GROWTH * known.rows:
                known = None
            is_coded = served.accelerate(known)
            self._choice = served.code_choice
            if is_coded:
                return served
        return FaissIndex(prefix, self.metric, "HNSW_SQ", self._clone, lengths, _EF)

    def _empty(self, values: NDArray[Any]) -> Any:
        faiss = faiss_library()
        dim, measure = values.shape[1], measure_of(self.metric)
        if suits_half(values):
            quantizer = faiss.ScalarQuantizer.QT_bf16
            index = faiss.IndexHNSWSQ(dim, quantizer, _LINKS, measure)
            index.is_trained = index.storage.is_trained = True
        else:
            index = faiss.IndexHNSWFlat(dim, _LINKS, measure)
        index.hnsw.efConstruction = _CONSTRUCTION
        return index


class RemappedIndex:
    """A graph's rows without those that were deleted since, under the numbers they have now.

    Args:
        served: The graph, over a prefix of the rows as they were.
        kept: int64, rising: which of all the rows are left; the i-th of them is row i now.
    """

    def __init__(self, served: FaissIndex, kept: NDArray[np.int64]) -> None:
        first = served.num_rows
        self._served = served
        self._kept = kept[: int(np.searchsorted(kept, first))]
        self._left = np.zeros(first, np.bool_)
        self._left[self._kept] = True
        self._now = np.cumsum(self._left) - 1
        self.num_rows = len(self._kept)

    @property
    def kind(self) -> str:
        """What serves it."""
        return self._served.kind

    @property
    def is_accelerated(self) -> bool:
        """As `FaissIndex.is_accelerated`."""
        return self._served.is_accelerated

    def _before(self, mask: Bools | None) -> Bools:
        """Return a mask over the rows as they were, for one over the rows as they are."""
        if mask is None:
            return self._left
        before = np.zeros(len(self._left), np.bool_)
        before[self._kept] = mask
        return before

    def plan(
        self,
        queries: Column | None,
        k: int,
        params: Mapping[str, Any],
        allowed: Allowed,
        *,
        in_range: bool = False,
    ) -> SearchPlan:
        """Return how a search is done now: as `FaissIndex.plan` with the rows that are left."""
        before = allowed if isinstance(allowed, int) else self._before(allowed)
        return self._served.plan(queries, k, params, before, in_range=in_range)

    def search(
        self, queries: Column, k: int, params: Mapping[str, Any], mask: Bools | None
    ) -> Found:
        """Return the `k` best allowed rows for each of the queries, as `FaissIndex.search`."""
        found = self._served.search(queries, k, params, self._before(mask))
        rows = np.where(found.rows >= 0, self._now[found.rows], -1)
        return Found(found.scores, rows)


class GrowingIndex:
    """Searches rows of which a prefix is in an index. Implements `Searcher`.

    Args:
        column: The vectors of all rows.
        metric: Milvus' name of the metric.
        current: Gives the index of a prefix as of now, or None while there is none.
    """

    def __init__(
        self,
        column: VectorColumn,
        metric: str,
        current: Callable[[], FaissIndex | RemappedIndex | None],
    ) -> None:
        self.metric = metric
        self.num_rows = len(column)
        self._column = column
        self._current = current
        self._parts: tuple[FaissIndex | RemappedIndex | None, ExactIndex] = (
            None,
            ExactIndex(column, metric),
        )

    @property
    def kind(self) -> str:
        """What serves it, and how many rows are compared one by one."""
        index, rest = self._now()
        return rest.kind if index is None else f"{index.kind} growing, {rest.num_rows} by scan"

    def _now(self) -> tuple[FaissIndex | RemappedIndex | None, ExactIndex]:
        """Return the index and what searches the rows behind it."""
        index = self._current()
        parts = self._parts
        if index is parts[0]:
            return parts
        if index is None or index.num_rows > self.num_rows:
            # Rows that this view does not show are in it.
            return None, ExactIndex(self._column, self.metric)
        rest = self._column.slice(index.num_rows, self.num_rows)
        parts = self._parts = (index, ExactIndex(rest, self.metric))
        return parts

    def plan(
        self,
        queries: Column | None,
        k: int,
        params: Mapping[str, Any],
        allowed: Allowed,
        *,
        in_range: bool = False,
    ) -> SearchPlan:
        """Return how a search is done now: by the graph, and the newest rows one by one."""
        index, rest = self._now()
        if index is None or in_range:
            return ExactIndex(self._column, self.metric).plan(queries, k, params, allowed)
        first = index.num_rows
        head = allowed[:first] if isinstance(allowed, np.ndarray) else allowed
        if isinstance(head, int):
            head = min(head, first)
        if isinstance(head, np.ndarray) and not head.any():
            behind = None if allowed is None or isinstance(allowed, int) else allowed[first:]
            return rest.plan(queries, k, {}, behind)
        plan = index.plan(queries, k, _ef_params(params), head)
        width = int(self._column.values.shape[1])
        scan = costs.GROWING_CALL + rest.num_rows * width / costs.GROWING_WIDTHS
        return plan._replace(microseconds=plan.microseconds + scan)

    def search(
        self, queries: Column, k: int, params: Mapping[str, Any], mask: Bools | None
    ) -> Found:
        """Return the `k` best allowed rows for each of the queries.

        Of the parameters only ``ef`` has a meaning here, and is never taken below its default.
        """
        index, rest = self._now()
        if index is None:
            return rest.search(queries, k, params, mask)
        first = index.num_rows
        head = None if mask is None else mask[:first]
        if head is None or head.any():
            found = index.search(queries, k, _ef_params(params), head)
        else:
            found = _nothing(len(queries), k)
        if not rest.num_rows:
            return found
        tail = rest.search(queries, k, {}, None if mask is None else mask[first:])
        rows = np.where(tail.rows >= 0, tail.rows + first, -1)
        return _best(found, Found(tail.scores, rows), k, larger=self.metric in LARGER_IS_CLOSER)

    def range_search(
        self,
        queries: Column,
        radius: float,
        range_filter: float | None,
        params: Mapping[str, Any],  # noqa: ARG002 - contract
        mask: Bools | None,
    ) -> FoundInRange:
        """Return all allowed rows in the range, by comparing every row."""
        whole = ExactIndex(self._column, self.metric)
        return whole.range_search(queries, radius, range_filter, {}, mask)


def _ef_params(params: Mapping[str, Any]) -> dict[str, Any]:
    given = params.get("ef") if params else None
    if given is None or not str(given).isdigit():
        return {}
    return {"ef": max(int(given), _EF)}


def _nothing(nq: int, k: int) -> Found:
    return Found(np.zeros((nq, k), np.float32), np.full((nq, k), -1, np.int64))


def _best(a: Found, b: Found, k: int, *, larger: bool) -> Found:
    """Return the best of two findings over different rows; missing rows come last."""
    rows = np.concatenate([a.rows, b.rows], axis=1)
    scores = np.concatenate([a.scores, b.scores], axis=1)
    keys = np.where(rows < 0, np.inf, -scores if larger else scores)
    order = keys.argsort(axis=1, kind="stable")[:, :k]  # the older row comes first
    if len(order) == 1:
        return Found(scores[:, order[0]], rows[:, order[0]])
    return Found(np.take_along_axis(scores, order, 1), np.take_along_axis(rows, order, 1))
