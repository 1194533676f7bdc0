"""Sparse queries made ready: terms and weights, computed once for all segments."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from aiomilvus.engine.index.sparse.scoring import Scoring
    from aiomilvus.model.columns import SparseColumn


class Query(NamedTuple):
    """Terms and what they weigh.

    Attributes:
        terms: uint32 (q,), sorted, distinct.
        weights: float64 (q,), none of them 0.
        is_positive: Whether all weights are above 0, so that postings may be skipped.
    """

    terms: NDArray[np.uint32]
    weights: NDArray[np.float64]
    is_positive: bool


_FEW = 32
"""The smallest of so many weights is found faster in a list."""
NO_QUERY = Query(np.zeros(0, np.uint32), np.zeros(0, np.float64), is_positive=True)
"""A query without terms."""


def prepare(
    terms: NDArray[np.uint32],
    values: NDArray[np.float32],
    scoring: Scoring,
    drop_ratio: float = 0.0,
) -> Query:
    """Return the weights of one query vector.

    Args:
        terms: uint32 (q,), sorted, distinct.
        values: float32 (q,); under BM25, the query's term frequencies.
        scoring: The metric.
        drop_ratio: Share of the values, smallest magnitude first, to ignore.
    """
    dropped = int(drop_ratio * len(values))
    if dropped:
        sizes = np.abs(values)
        kept = sizes >= np.partition(sizes, dropped)[dropped]
        terms, values = terms[kept], values[kept]
    weights = scoring.weights(terms, values)
    smallest = weights.min(initial=1.0) if len(weights) > _FEW else min(weights.tolist(), default=1)
    if smallest > 0.0:
        return Query(terms, weights, is_positive=True)
    kept = weights != 0.0
    weights = weights[kept]
    return Query(terms[kept], weights, is_positive=bool((weights > 0.0).all()))


def queries_of(column: SparseColumn, scoring: Scoring, drop_ratio: float = 0.0) -> Iterator[Query]:
    """Yield each row of `column` as a prepared query."""
    for row in range(len(column)):
        yield prepare(*column.row(row), scoring, drop_ratio)
