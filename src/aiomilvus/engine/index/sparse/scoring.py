"""Metrics of sparse vectors: what one posting adds to a row's score.

A score is Σ weight(term) · contribution(posting). Under IP the weight is the query's value
and the contribution the row's value. Under BM25 the weight is idf · query frequency ·
(k1 + 1), with idf from the statistics of the whole collection, and the contribution
tf / (tf + k1 · (1 - b + b · length / average length)).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from aiomilvus.engine.index.sparse.sparse_params import DEFAULT_B, DEFAULT_K1

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aiomilvus.engine.text.statistics import CorpusStatistics


class Saturation(NamedTuple):
    """How BM25 dampens a term frequency: tf / (tf + base + slope · length)."""

    k1: float
    b: float
    average_length: float

    @property
    def base(self) -> float:
        """The part that all rows share."""
        return self.k1 * (1.0 - self.b)

    @property
    def slope(self) -> float:
        """The part that grows with a row's length."""
        return self.k1 * self.b / self.average_length if self.average_length else 0.0

    def apply(
        self, frequencies: NDArray[np.float32], lengths: NDArray[np.float32]
    ) -> NDArray[np.float64]:
        """Return the contributions of postings in rows of these lengths."""
        tf = frequencies.astype(np.float64)
        damping = self.slope * lengths.astype(np.float64)
        damping += self.base
        damping += tf
        return tf / damping


class Scoring(NamedTuple):
    """A metric made concrete for one search.

    Attributes:
        saturation: BM25's, None under IP.
        statistics: The collection's, None under IP.
    """

    saturation: Saturation | None = None
    statistics: CorpusStatistics | None = None

    def weights(
        self, terms: NDArray[np.uint32], values: NDArray[np.float32]
    ) -> NDArray[np.float64]:
        """Return the weight of each query term, float64, in the order given."""
        if self.saturation is None or self.statistics is None:
            return values.astype(np.float64)
        weights: NDArray[Any] = self.statistics.idf(terms)
        weights *= values
        weights *= self.saturation.k1 + 1.0
        return weights


INNER_PRODUCT = Scoring()
"""The metric IP."""


def bm25(statistics: CorpusStatistics, k1: float = DEFAULT_K1, b: float = DEFAULT_B) -> Scoring:
    """Return the metric BM25 over a collection with these `statistics`."""
    return Scoring(Saturation(k1, b, statistics.average_length), statistics)
