"""The shortest way to the kernels: one query, no filter, nothing but terms and weights written.

Most searches are of one query, and have other terms than the one before, and nothing else. Such a
caller keeps the arguments of all the rest written, and memory for queries of up to `MOST_TERMS`
terms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from aiomilvus.engine.index.sparse.hits import Hits
from aiomilvus.engine.index.sparse.kernel_arguments import (
    AllowedRows,
    Damping,
    InvertedLists,
    Limits,
    QueryBatch,
    TopHits,
)
from aiomilvus.engine.index.sparse.kernel_caller import KernelCaller

if TYPE_CHECKING:
    from types import SimpleNamespace

    from aiomilvus.engine.index.sparse.query import Query

MOST_TERMS = 64
"""A query with more terms is searched for by a `KernelCaller`."""
ALL_ROWS = AllowedRows(np.zeros(1, np.bool_), has_mask=False)


class Settings(NamedTuple):
    """What a search is done with apart from its query; compared by identity.

    Attributes:
        k: How many hits.
        limits: As for the kernels; it allows skipping.
        damping: As for the kernels.
    """

    k: int
    limits: Limits
    damping: Damping


class SingleCaller:
    """Searches for one query at a time with memory of its own. Serves one thread at a time.

    Args:
        kernels: What `kernel_access.kernels` returns.
        lists: The inverted lists.
        settings: Of the first search.
    """

    def __init__(self, kernels: SimpleNamespace, lists: InvertedLists, settings: Settings) -> None:
        self._caller = KernelCaller(kernels, lists, settings.limits.window_bits)
        self._batch = QueryBatch(
            np.array([0, MOST_TERMS], np.int64),
            np.zeros(MOST_TERMS, np.uint32),
            np.ones(MOST_TERMS, np.float64),
        )
        self._use(settings)

    def _use(self, settings: Settings) -> None:
        """Write the arguments of all searches with these settings."""
        k = settings.k
        self._top = TopHits(
            np.empty((1, k), np.float32), np.empty((1, k), np.int64), np.zeros(1, np.int64)
        )
        self._batch.starts[1] = MOST_TERMS
        self._frame = self._caller.written(
            self._batch, settings.limits, settings.damping, ALL_ROWS, self._top
        )
        self._settings = settings

    def search(self, query: Query, settings: Settings) -> Hits:
        """Return the best hits of a query with at most `MOST_TERMS` terms, best first."""
        if settings is not self._settings:
            self._use(settings)
        batch, top, count = self._batch, self._top, len(query.terms)
        batch.terms[:count] = query.terms
        batch.weights[:count] = query.weights
        batch.starts[1] = count
        self._frame()
        size = top.sizes.item()
        return Hits(top.rows[0, :size].copy(), top.scores[0, :size].copy())
