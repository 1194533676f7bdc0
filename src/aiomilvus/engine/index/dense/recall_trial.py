"""How much of what is nearest was found, by scores: rows that are as near are as good."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.engine.index.dense.code_choice import made_queries
from aiomilvus.engine.index.dense.exact import best_by_vectors, exact_search
from aiomilvus.engine.index.dense.vectors import LARGER_IS_CLOSER, as_floats, normalized
from aiomilvus.model.columns import VectorColumn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aiomilvus.engine.index.contract import Found
    from aiomilvus.engine.index.dense.coded_column import CodedColumn

    Floats = NDArray[np.float32]
    Bools = NDArray[np.bool_]

K = 10
_SPARE = 6
"""Rows behind the nearest ones that may belong among them."""
_SAME = 1e-5
"""Scores that differ by less of them are equal: each is computed in its own way."""
SCAN_FINDS = 0.99
"""What a scan of codes has to find: where no codes do, the vectors are compared."""
_EACH = 48


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
        return float(self._wanted.shares(found).mean()) >= SCAN_FINDS
