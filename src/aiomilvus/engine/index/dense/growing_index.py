"""Searches rows of which some are new: by a graph, then by codes, then by the vectors themselves.

The first rows may be in a graph, more of them have codes (`growing_graph` makes both beside the
writes), and the newest have neither. What is found is compared by the vectors as they are; so
scores are exact, and no row is ever missing for being new.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from aiomilvus.engine.index import costs
from aiomilvus.engine.index.contract import Allowed, Found, FoundInRange, SearchPlan
from aiomilvus.engine.index.dense.coded_column import CODES, keeping_cost, pays_scan
from aiomilvus.engine.index.dense.exact import ExactIndex
from aiomilvus.engine.index.dense.growing_graph import EF, Grown
from aiomilvus.engine.index.dense.vectors import LARGER_IS_CLOSER, normalized, query_floats

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from aiomilvus.engine.index.dense.coded_column import CodedColumn
    from aiomilvus.engine.index.dense.faiss_index import FaissIndex
    from aiomilvus.engine.index.dense.growing_graph import RemappedIndex
    from aiomilvus.model.columns import Column, VectorColumn

    Bools = NDArray[np.bool_]

_NOTHING = Grown()


class _Parts(NamedTuple):
    """How the rows of a view are searched: a graph, then codes, then vectors.

    Attributes:
        graph: Over the rows before `first`; None where that is 0.
        coded: Has codes of the rows from `first` to `last`; None where there are no such rows.
        rest: Over the rows from `last` on.
        tail: Over the rows from `first` on.
        first: Where the codes begin.
        last: Where they end.
        between: int64, the rows from `first` to `last`.
    """

    graph: FaissIndex | RemappedIndex | None
    coded: CodedColumn | None
    rest: ExactIndex
    tail: ExactIndex
    first: int
    last: int
    between: NDArray[np.int64]

    def shares(self, allowed: Allowed) -> tuple[Allowed, int, Allowed]:
        """Return what the graph, how many codes, and what the rest may have as hits."""
        first, last = self.first, self.last
        if isinstance(allowed, np.ndarray):
            return allowed[:first], int(np.count_nonzero(allowed[first:last])), allowed[last:]
        return allowed if allowed is None else min(allowed, first), last - first, None

    def suited(self, k: int) -> _Parts:
        """Return the same parts, without codes where scanning them does not pay for `k` hits."""
        if self.coded is None or pays_scan(k):
            return self
        return self._replace(coded=None, rest=self.tail, last=self.first)


class GrowingIndex:
    """Searches rows of which a prefix is in a graph, or has codes. Implements `Searcher`.

    Args:
        column: The vectors of all rows.
        metric: Milvus' name of the metric.
        current: Gives what serves a prefix as of now.
    """

    def __init__(
        self, column: VectorColumn, metric: str, current: Callable[[], Grown | None]
    ) -> None:
        self.metric = metric
        self.num_rows = len(column)
        self._column = column
        self._dim = int(column.values.shape[1])
        self._larger = metric in LARGER_IS_CLOSER
        self._current = current
        self._kept: tuple[Grown, _Parts] | None = None

    @property
    def kind(self) -> str:
        """What serves it, and how many rows are compared one by one."""
        graph, coded, rest, _, first, last, _ = self._now()
        if graph is None and coded is None:
            return rest.kind
        name = "" if graph is None else f"{graph.kind} growing, "
        by_codes = "" if coded is None else f"{last - first} by {coded.bits}-bit codes, "
        return f"{name}{by_codes}{rest.num_rows} by scan"

    def _now(self) -> _Parts:
        """Return what searches which rows."""
        grown = self._current() or _NOTHING
        kept = self._kept
        if kept is not None and kept[0] is grown:
            return kept[1]
        graph, coded = grown
        if graph is not None and graph.num_rows > self.num_rows:
            graph = None  # rows that this view does not show are in it
        last = 0 if coded is None else min(coded.num_rows, self.num_rows)
        if last <= costs.CODED_SCAN * EF and last > (0 if graph is None else graph.num_rows):
            graph = None  # scanning all of them takes no longer than the graph alone
        first = 0 if graph is None else graph.num_rows
        if last <= first:
            coded, last = None, first
        rest = ExactIndex(self._column.slice(last, self.num_rows), self.metric)
        tail = ExactIndex(self._column.slice(first, self.num_rows), self.metric)
        parts = _Parts(graph, coded, rest, tail, first, last, np.arange(first, last))
        self._kept = (grown, parts)
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
        parts = self._now().suited(k)
        graph, coded = parts.graph, parts.coded
        if in_range or (graph is None and coded is None):
            return ExactIndex(self._column, self.metric).plan(queries, k, params, allowed)
        head, scanned, left = parts.shares(allowed)
        step = self._dim * costs.STEP_DIMENSION * costs.CODED_STEP
        behind = costs.GROWING_CALL + scanned * step / costs.CODED_SCAN
        behind += keeping_cost(k, scanned)
        behind += parts.rest.num_rows * self._dim / costs.GROWING_WIDTHS
        if graph is not None and not (isinstance(head, np.ndarray) and not head.any()):
            plan = graph.plan(queries, k, _ef_params(params), head)
            return plan._replace(microseconds=plan.microseconds + behind)
        if coded is not None and scanned:
            return SearchPlan("codes", CODES[coded.bits], behind, codes=coded.bits)
        return parts.rest.plan(queries, k, {}, left)

    def search(
        self, queries: Column, k: int, params: Mapping[str, Any], mask: Bools | None
    ) -> Found:
        """Return the `k` best allowed rows for each of the queries.

        Of the parameters only ``ef`` has a meaning here, and is never taken below its default.
        """
        parts = self._now().suited(k)
        found: list[Found] = []
        if parts.graph is not None:
            head = None if mask is None else mask[: parts.first]
            if head is None or head.any():
                found.append(parts.graph.search(queries, k, _ef_params(params), head))
        if parts.coded is not None:
            found.append(self._scanned(parts.coded, parts, queries, k, mask))
        if parts.rest.num_rows:
            left = None if mask is None else mask[parts.last :]
            newest = parts.rest.search(queries, k, {}, left)
            rows = np.where(newest.rows >= 0, newest.rows + parts.last, -1)
            found.append(Found(newest.scores, rows))
        if not found:
            return _nothing(len(queries), k)
        best = found[0]
        for more in found[1:]:
            best = _best(best, more, k, larger=self._larger)
        return best

    def _scanned(
        self, coded: CodedColumn, parts: _Parts, queries: Column, k: int, mask: Bools | None
    ) -> Found:
        """Return the best of the rows that have codes alone."""
        vectors = query_floats(queries, self._dim)
        if self.metric == "COSINE":
            vectors = normalized(vectors)
        rows, between = parts.between, slice(parts.first, parts.last)
        if mask is not None:
            rows = rows[mask[between]]
        if self._column.valid is not None:
            rows = rows[self._column.valid[rows]]
        return coded.search_subset(vectors, k, rows)

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
    return {"ef": max(int(given), EF)}


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
