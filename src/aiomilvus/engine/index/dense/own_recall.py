"""How much a graph finds of its own data, and the ef that makes it enough.

A graph is asked for rows that are taken out of it: no link leads to them, and no hit may be one of
them. So they are queries like those to come, as far as these are like the data, but no stored rows.
Their nearest rows are found by comparing all. The least ef that finds enough of them is kept with
the index. Where walking at that ef costs more than comparing all codes, these are compared.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.engine.index import costs
from aiomilvus.engine.index.dense.faiss_library import faiss_library
from aiomilvus.engine.index.dense.judged import Judged
from aiomilvus.engine.index.dense.recall_trial import SCAN_FINDS, K, Wanted
from aiomilvus.engine.index.dense.selection import selection_of
from aiomilvus.engine.index.dense.vectors import as_floats, normalized
from aiomilvus.model.columns import VectorColumn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from aiomilvus.engine.index.contract import BuildBudget
    from aiomilvus.engine.index.dense.faiss_index import FaissIndex
    from aiomilvus.engine.index.dense.faiss_library import FaissObject

    Bools = NDArray[np.bool_]

WANTED = 0.95
"""Recall@10 that an index is to have."""
_ASKED = 256
_LEFT = 16
"""Rows of the graph for each that is taken out, at least."""
_BETWEEN = 1.4
"""Of an ef that is enough and its half that is not, this lies between."""
_SEED = 1_009
_BLOCK = 1 << 20


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
        return Judged(SCAN_FINDS, len(column), least, True, least)
    there[asked] = False
    queries = VectorColumn(as_floats(column.values[asked]))
    wanted = Wanted(queries, column, index.metric, there)
    # Nulls are in the graph, and no hits: what searches do then is what is asked for.
    among = None if column.valid is None else selection_of(there)
    vectors = np.ascontiguousarray(queries.values)
    vectors = normalized(vectors) if index.metric == "COSINE" else vectors

    def recall_at(ef: int) -> float:
        budget.check_wanted()
        plan = index.plan(None, K, {"ef": ef}, None if among is None else among.count)
        if among is None:
            return wanted.sure_share(index.walked(vectors, K, plan.candidates, plan.ef))
        return wanted.sure_share(index.search_allowed(plan, queries, vectors, K, {}, among, None))

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
        return Judged(SCAN_FINDS, len(column), least, True, least)
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
