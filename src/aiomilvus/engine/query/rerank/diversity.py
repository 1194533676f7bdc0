"""Maximal marginal relevance: hits that are near the query, but not near each other.

Of the candidates, the next hit is each time the one with the largest

    (1 - diversity) * relevance - diversity * largest similarity to a hit that was taken before

Relevance is a candidate's score, brought to 0 (the worst candidate) … 1 (the best). Similarity is
the cosine of two candidates' vectors, or 0 where that is negative; under L2 it is 1 less their
distance, as a share of the largest that there can be among the candidates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.engine.index.dense.vectors import as_floats, normalized
from aiomilvus.engine.query.fields.fetch import gather, places_of
from aiomilvus.model.columns import VectorColumn
from aiomilvus.model.read_limits import end_if_abandoned

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aiomilvus.engine.query.candidates import Candidates
    from aiomilvus.engine.snapshot import SegmentView, Snapshot
    from aiomilvus.model.schema import Field

    Floats = NDArray[np.float32]

_OFTEN = 64
"""After so many hits it is asked whether anyone still waits for them."""


def diversified(
    snapshot: Snapshot,
    views: tuple[SegmentView, ...],
    hits: Candidates,
    field: Field,
    diversity: float,
    count: int,
    *,
    larger: bool,
) -> Candidates:
    """Return `count` hits of each query at most, in the order in which they are taken.

    They keep their scores. Ties are decided by the order of the candidates.

    Args:
        snapshot: What was searched.
        views: What the hits' owners number.
        hits: The candidates, best first within each query.
        field: The field with the vectors that are compared.
        diversity: 0 … 1, as above.
        count: How many are taken.
        larger: Whether the best score is the largest.
    """
    if not len(hits.rows):
        return hits
    column = gather(field, places_of(views, hits.owners, hits.rows))
    vectors = as_floats(VectorColumn.expect(column).values)
    there = np.ones(len(vectors), np.bool_) if column.valid is None else column.valid
    is_l2 = any(s.field == field.name and s.metric == "L2" for s in snapshot.indexes.values())
    taken: list[NDArray[np.int64]] = []
    for start, stop in zip(hits.offsets[:-1].tolist(), hits.offsets[1:].tolist(), strict=True):
        own = slice(start, stop)
        relevance = _relevance(hits.scores[own], larger=larger)
        similar = _Euclidean if is_l2 else _Cosine
        compared = similar(np.where(there[own, None], vectors[own], 0), there[own])
        taken.append(start + _taken(relevance, compared, diversity, min(count, stop - start)))
    offsets = np.concatenate([[0], np.cumsum([len(rows) for rows in taken])]).astype(np.int64)
    return hits.pick(np.concatenate(taken), offsets)


def _relevance(scores: Floats, *, larger: bool) -> Floats:
    directed = scores if larger else -scores
    if not len(directed):
        return directed
    low, high = directed.min(), directed.max()
    if not high > low:
        return np.ones_like(directed)
    scaled: Floats = (directed - low) / (high - low)
    return scaled


class _Cosine:
    """Similarities of a query's candidates, by cosine.

    Args:
        vectors: float32 (n, dim).
        there: Which of them have a vector at all; others are similar to none.
    """

    def __init__(self, vectors: Floats, there: NDArray[np.bool_]) -> None:
        self._vectors = normalized(vectors) if len(vectors) else vectors
        self._there = there

    def to(self, at: int) -> Floats:
        """Return the similarity of each candidate to one of them, 0 … 1."""
        found: Floats = np.maximum(self._vectors @ self._vectors[at], 0)
        return found


class _Euclidean(_Cosine):
    """The same by Euclidean distance."""

    def __init__(self, vectors: Floats, there: NDArray[np.bool_]) -> None:
        super().__init__(vectors[:0], there)
        self._vectors = vectors
        centre = vectors[there].mean(axis=0) if there.any() else np.zeros(vectors.shape[1])
        radius = np.sqrt(((vectors[there] - centre) ** 2).sum(axis=1)).max(initial=0.0)
        self._widest = float(2 * radius) or 1.0

    def to(self, at: int) -> Floats:
        """Return the similarity of each candidate to one of them, 0 … 1."""
        away = np.sqrt(((self._vectors - self._vectors[at]) ** 2).sum(axis=1))
        found: Floats = np.where(self._there & self._there[at], 1 - away / self._widest, 0)
        return found.astype(np.float32)


def _taken(relevance: Floats, compared: _Cosine, diversity: float, count: int) -> NDArray[np.int64]:
    """Return which candidates are taken, in their order."""
    nearest = np.zeros_like(relevance)
    left = np.ones(len(relevance), np.bool_)
    taken = np.empty(count, np.int64)
    for number in range(count):
        if number % _OFTEN == 0:
            end_if_abandoned()
        worth = (1 - diversity) * relevance - diversity * nearest
        best = int(np.where(left, worth, -np.inf).argmax())
        taken[number] = best
        left[best] = False
        nearest = np.maximum(nearest, compared.to(best))
    return taken
