"""What AUTOINDEX is for dense vectors: a scan of few rows, a graph that asks itself for more.

The graph is asked, when it is built, for rows that were taken out of it; `dense.own_recall` says
which ef it is walked at from then on, or that its codes are scanned instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.engine.index.dense.building import build_faiss

if TYPE_CHECKING:
    from aiomilvus.engine.index.contract import BuildBudget, VectorIndex
    from aiomilvus.model.columns import VectorColumn

SCANNED = 4096
"""Up to this many rows are scanned: a product costs about as much as a graph."""
_GRAPH = {"M": 16, "efConstruction": 200}
_LEAST_EF = 44
"""Least ef of a walk: recall@10 ≥ 0.95 with room (docs/decisions/0007)."""


def build_auto(column: VectorColumn, metric: str, budget: BuildBudget) -> VectorIndex:
    """Build the graph of a segment with more than `SCANNED` rows.

    Args:
        column: The vectors.
        metric: How they are compared.
        budget: What it may use.

    Returns:
        The index, which `describe_index` tells the recall of.

    Raises:
        BuildStoppedError: The work was given up.
    """
    return build_faiss(column, metric, "HNSW", _GRAPH, budget, default=_LEAST_EF, is_judged=True)
