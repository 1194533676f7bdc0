"""How much a graph finds of its own data, and the effort that makes it enough.

A graph is asked for rows that are taken out of it: no link leads to them, and no hit may be one of
them. So they are queries like those to come, as far as these are like the data, but no stored rows.
Their nearest rows are found by comparing all. The least ef that finds enough of them is kept with
the index. Where walking at that ef costs more than comparing all codes, these are compared.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from aiomilvus.engine.index import costs
from aiomilvus.engine.index.dense.code_choice import made_queries
from aiomilvus.engine.index.dense.exact import best_by_vectors, exact_search
from aiomilvus.engine.index.dense.faiss_library import faiss_library
from aiomilvus.engine.index.dense.vectors import LARGER_IS_CLOSER, as_floats, normalized
from aiomilvus.model.columns import VectorColumn

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from aiomilvus.engine.index.contract import BuildBudget, Found
    from aiomilvus.engine.index.dense.coded_column import CodedColumn
    from aiomilvus.engine.index.dense.faiss_index import FaissIndex
    from aiomilvus.engine.index.dense.faiss_library import FaissObject

    Floats = NDArray[np.float32]
    Bools = NDArray[np.bool_]

WANTED = 0.95
"""Recall@10 that an index is to have."""
K = 10
_SPARE = 6
"""Rows behind the nearest ones that may belong among them."""
_ASKED = 256
_LEFT = 16
"""Rows of the graph for each that is taken out, at least."""
_BETWEEN = 1.4
"""Of an ef that is enough and its half that is not, this lies between."""
_SEED = 1_009
_SAME = 1e-5
"""Scores that differ by less of them are equal: each is computed in its own way."""
_MANY = 1.5
_BLOCK = 1 << 20
_SCAN_WANTED = 0.99
_EACH = 48


class Judged(msgspec.Struct, frozen=True):
    """What was found of an index.

    Attributes:
        recall: The share of the ten nearest rows that it finds.
        rows: How many rows it had then.
        ef: The least that is enough.
        scans: Whether all rows are compared, as that costs less than walking so far.
        least: The ef that would have been taken at least.
    """

    recall: float
    rows: int
    ef: int
    scans: bool
    least: int

    @property
    def for_many(self) -> float:
        """The ef for each hit, where many are asked for."""
        return _MANY * self.ef / self.least

    def kept(self) -> dict[str, object]:
        """Return what the description of an index says of it."""
        told: dict[str, object] = msgspec.to_builtins(self)
        return told

    @staticmethod
    def told(meta: Mapping[str, object]) -> Judged | None:
        """Return what the description of an index says, None for nothing."""
        try:
            return msgspec.convert(meta.get("judged"), Judged)
        except msgspec.ValidationError:
            return None


def judge(
    index: FaissIndex, graph: FaissObject, only: Bools | None, least: int, budget: BuildBudget
) -> Judged:
    """Return how much an index finds at the least ef that is enough, or that a scan of all does.

    Args:
        index: Over all its rows; nobody else searches it yet.
        graph: Its graph: changed, and put back.
        only: bool (n), which rows it has; None for all.
        least: The least ef to take.
        budget: What is asked whether to go on.

    Raises:
        BuildStoppedError: The work was given up.
    """
    column = index.column
    there = np.ones(len(column), np.bool_) if only is None else only.copy()
    if column.valid is not None:
        there &= column.valid
    rows = np.flatnonzero(there)
    rows = rows[rows != graph.hnsw.entry_point]
    asked = np.random.default_rng(_SEED).permutation(rows)[: min(_ASKED, len(rows) // _LEFT)]
    most = max(int(len(rows) / costs.CODED_SCAN), least)
    if not len(asked):
        return Judged(1.0, len(column), least, True, least)
    there[asked] = False
    queries = VectorColumn(as_floats(column.values[asked]))
    wanted = Wanted(queries, column, index.metric, there)
    vectors = np.ascontiguousarray(queries.values)
    vectors = normalized(vectors) if index.metric == "COSINE" else vectors

    def recall_at(ef: int) -> float:
        budget.check_wanted()
        plan = index.plan(None, K, {"ef": ef}, None)
        return wanted.sure_share(index.walked(vectors, K, plan.candidates, plan.ef))

    with _taken_out(graph, asked):
        ef, recall = least, recall_at(least)
        while recall < WANTED and ef < most:
            ef = min(2 * ef, most)
            recall = recall_at(ef)
        if recall >= WANTED and ef > least:
            fewer = max(round(ef / _BETWEEN), least)
            found = recall_at(fewer)
            if found >= WANTED:
                ef, recall = fewer, found
    if recall < WANTED:
        return Judged(1.0, len(column), least, True, least)
    return Judged(round(recall, 4), len(column), ef, False, least)


@contextmanager
def _taken_out(graph: FaissObject, rows: NDArray[np.int64]) -> Iterator[None]:
    """Let no link of a graph lead to some rows within the block."""
    faiss = faiss_library()
    neighbors = faiss.rev_swig_ptr(graph.hnsw.neighbors.data(), graph.hnsw.neighbors.size())
    offsets = faiss.vector_to_array(graph.hnsw.offsets)
    out = np.zeros(len(offsets), np.bool_)
    out[rows] = True  # the last stands for -1
    places = np.concatenate(
        [
            np.flatnonzero(out[neighbors[at : at + _BLOCK]]) + at
            for at in range(0, len(neighbors), _BLOCK)
        ]
    )
    before = neighbors[places]
    # A link to the row itself, which was met already, leads nowhere; -1 would end the list.
    neighbors[places] = np.searchsorted(offsets, places, side="right") - 1
    try:
        yield
    finally:
        neighbors[places] = before


class Wanted:
    """Queries, and how near their nearest rows are.

    Args:
        queries: Of as many dimensions as the column.
        column: The rows.
        metric: ``L2``, ``IP`` or ``COSINE``.
        mask: bool (n), which may be hits; None for all.
    """

    def __init__(
        self, queries: VectorColumn, column: VectorColumn, metric: str, mask: Bools | None
    ) -> None:
        near = exact_search(queries, column, K + _SPARE, metric, mask).rows
        vectors = as_floats(queries.values)
        vectors = normalized(vectors) if metric == "COSINE" else vectors
        # One by one: what many at once are scored by is rounded more than neighbours may differ.
        best = best_by_vectors(vectors, column.values, near, K, metric)
        self._sign = -1.0 if metric in LARGER_IS_CLOSER else 1.0
        scores = np.where(best.rows >= 0, self._sign * best.scores, np.inf)
        self._limits = scores[:, -1:] + _SAME * np.abs(scores).max(axis=1, keepdims=True)

    def shares(self, found: Found) -> NDArray[np.float64]:
        """Return for each query the share of its nearest rows that was found."""
        hits = (found.rows >= 0) & (self._sign * found.scores <= self._limits)
        shares: NDArray[np.float64] = hits.mean(axis=1)
        return shares

    def sure_share(self, found: Found) -> float:
        """Return the mean share, less what chance may have added to it."""
        shares = self.shares(found)
        return float(shares.mean() - shares.std() / np.sqrt(len(shares)))


class ScanTrial:
    """Whether scans over codes find what scans of the vectors find.

    Args:
        vectors: float32 (n, dim).
        metric: ``L2``, ``IP`` or ``COSINE``.
        rows: int64, those that are scanned.
    """

    def __init__(self, vectors: Floats, metric: str, rows: NDArray[np.int64]) -> None:
        queries = made_queries(vectors, _EACH)
        self._queries = normalized(queries) if metric == "COSINE" else queries
        mask = np.zeros(len(vectors), np.bool_)
        mask[rows] = True
        self._rows = rows
        self._wanted = Wanted(VectorColumn(queries), VectorColumn(vectors), metric, mask)

    def passes(self, coded: CodedColumn) -> bool:
        """Return whether enough is found by codes."""
        found = coded.search_subset(self._queries, K, self._rows)
        return float(self._wanted.shares(found).mean()) >= _SCAN_WANTED
