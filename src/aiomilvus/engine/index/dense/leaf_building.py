"""Which graphs are built from leaves of rows, and whether they came out well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.index.dense.copies import are_alike
from aiomilvus.engine.index.dense.faiss_library import FaissObject, faiss_library
from aiomilvus.engine.index.dense.index_types import empty_graph, measure_of
from aiomilvus.engine.index.dense.scalar_codes import centre_of, inverses_of
from aiomilvus.engine.index.dense.vectors import lengths_of, normalized
from aiomilvus.engine.index.graph_build.leaf_graph import fill_graph
from aiomilvus.engine.storage.mapped import map_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from aiomilvus.engine.index.contract import BuildBudget

FEWEST_ROWS = 10_000
_LEAST_DIM = 4
_MOST_M = 64
"""What such a graph is built for: where faiss takes long, and links do not fill the memory."""
_SAME_LENGTH = 1.01
"""Vectors whose lengths differ by no more have the same neighbours by products and by distances."""
ENOUGH_FOUND = 0.995
"""The share of rows that find themselves in a graph without unreachable parts."""
_ASKED = 1_000
_EF = 32
_SEED = 65_537


def graph_of_leaves(
    values: NDArray[Any], metric: str, params: Mapping[str, Any], budget: BuildBudget, *, unit: bool
) -> FaissObject | None:
    """Return a graph, still over no vectors; None where faiss is to build it.

    It is built of float32 rows few of which are copies, by distances, and only where these give the
    same order as the metric: products do if all vectors are of one length.

    Args:
        values: The vectors, (n, dim).
        metric: ``L2``, ``IP`` or ``COSINE``.
        params: ``M`` and ``efConstruction``.
        budget: What it may use.
        unit: Whether vectors are to be taken at length 1.

    Raises:
        BuildStoppedError: The work was given up.
    """
    suits = len(values) >= FEWEST_ROWS and values.shape[1] >= _LEAST_DIM and params["M"] <= _MOST_M
    if values.dtype != np.float32 or not suits or are_alike(values):
        return None
    lengths = None if metric == "L2" else lengths_of(values)
    if not unit:
        if lengths is not None and lengths.max() > lengths.min() * _SAME_LENGTH:
            return None
        lengths = None
    scales = np.ones(len(values), np.float32) if lengths is None else inverses_of(lengths)
    storage = faiss_library().IndexFlat(values.shape[1], measure_of(metric))
    index = empty_graph(storage, params)
    rows = np.ascontiguousarray(values)
    found = fill_graph(index, rows, scales, centre_of(rows, lengths), params["M"], budget)
    mapped = map_of(values)
    if mapped is not None:
        mapped.forget()
    return index if found else None


def share_found(index: FaissObject, values: NDArray[Any], *, unit: bool) -> float:
    """Return the share of some rows that a graph over the vectors finds when asked for them.

    Args:
        index: The graph.
        values: Its vectors, float32 (n, dim).
        unit: Whether the graph has them at length 1.
    """
    count = len(values)
    asked = np.random.default_rng(_SEED).choice(count, min(_ASKED, count), replace=False)
    queries = np.ascontiguousarray(values[asked])
    params = faiss_library().SearchParametersHNSW(efSearch=_EF)
    found = index.search(normalized(queries) if unit else queries, 1, params=params)[1][:, 0]
    same = (found == asked) | (values[found] == values[asked]).all(axis=1)
    return float((same & (found >= 0)).mean())
