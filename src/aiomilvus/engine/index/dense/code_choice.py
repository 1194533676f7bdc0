"""Which codes serve a graph: the cheapest whose walk finds what faiss' own walk finds.

Codes are judged on the data itself, per graph, when they are derived. Queries that are stored rows
would tell nothing: a row's own code is trivially the nearest. So the queries are made of rows but
are none: rows moved by as far as a neighbour is away, points between two rows, and points
from elsewhere, with the mean and spread of each dimension. At several ef, the hits of both walks
are scored by the vectors; what is as close as the k-th best of both together counts as found.
Some hundred queries tell a thousandth only where most of them agree, so a standard error is added
to what is lost: walks that differ much from faiss' have to find more, or have wider codes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from aiomilvus.engine.index.dense.faiss_library import Threads, faiss_library
from aiomilvus.engine.index.dense.vectors import normalized

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Rows = NDArray[np.int64]

STRETCHES = (1.0, 1.1, 1.2)
"""Factors on ef to try. A walk over codes costs less than half of faiss' own, so that a little
more of it is cheaper than wider codes."""
_EFS = (24, 64, 256)
_K = 10
_KINDS = 3
_EACH = 128
"""Queries of each kind."""
_SAMPLED = 2048
_WIDENED = 1 << 19
"""Numbers of vectors that are float64 at once."""
_BETWEEN = 0.4
"""Where between two rows a query lies: half way, both would be equally near."""
_COPY = 1e-12
"""Rows whose squared distance is less of their squared length are copies of each other."""
_SHORTFALL = 0.001
"""How much less of all hits may be found, a standard error included, as below."""
_SHORTFALL_AT_AN_EF = 0.002
_SHORTFALL_OF_A_KIND = 0.003
"""The same at one ef, and of one kind of queries: chance weighs more where there are fewer."""
_SAME = 1e-6
"""Scores that differ by less differ by float32's rounding."""


class CodeChoice(NamedTuple):
    """What was found to serve a graph.

    Attributes:
        bits: Of a code's numbers, 4 or 8; 0 where no codes serve.
        stretch: Factor on ef; 0 where codes serve scans alone.
        rows: How many rows there were.
    """

    bits: int
    stretch: float
    rows: int


class _Scored(NamedTuple):
    """Rows of each query, int64 (nq, m), -1 for none; and their scores, float64 (nq, m)."""

    rows: Rows
    scores: NDArray[np.float64]


class Trial:
    """Queries for one graph, and what faiss finds for them.

    Args:
        index: A faiss HNSW index with storage.
        vectors: float32 (n, dim), what the hits are scored by; may be mapped.
        metric: ``L2``, ``IP`` or ``COSINE``.
    """

    def __init__(self, index: Any, vectors: Floats, metric: str) -> None:
        self._vectors = vectors
        self._metric = metric
        self._k = min(_K, len(vectors))
        self._queries = made_queries(vectors, _EACH)
        if metric == "COSINE":
            self._queries = normalized(self._queries)
        with Threads(1):
            walked = [self._walked(index, ef) for ef in _EFS]
        self._reference = [_Scored(rows, self._scores(rows)) for rows in walked]

    def passes(self, search: Callable[[Floats, int, int], Rows]) -> bool:
        """Return whether a walk finds as much as faiss does, at every ef and of every kind.

        Args:
            search: Takes queries, k and ef; returns rows, int64 (nq, k), -1 for none.
        """
        lost = np.empty((len(_EFS), _KINDS, _EACH))
        for at, (ef, reference) in enumerate(zip(_EFS, self._reference, strict=True)):
            rows = search(self._queries, self._k, ef)
            fewer = self._fewer(reference, _Scored(rows, self._scores(rows)))
            lost[at] = fewer.reshape(_KINDS, _EACH) / self._k
            if _surely_lost(lost[at].ravel()) > _SHORTFALL_AT_AN_EF:
                return False  # before the larger ef are asked, which take most of the time
        at_all = lost.mean(axis=0)  # the same queries are asked at each ef
        return bool(
            _surely_lost(at_all.ravel()) <= _SHORTFALL
            and _surely_lost(at_all).max() <= _SHORTFALL_OF_A_KIND
        )

    def _fewer(self, reference: _Scored, found: _Scored) -> NDArray[np.int64]:
        """Return by how many of the `k` best each query's `found` falls short of the reference."""
        rows = np.concatenate([reference.rows, found.rows], axis=1)
        scores = np.concatenate([reference.scores, found.scores], axis=1)
        order = np.argsort(rows, axis=1)
        rows = np.take_along_axis(rows, order, axis=1)
        scores = np.take_along_axis(scores, order, axis=1)
        scores[:, 1:][rows[:, 1:] == rows[:, :-1]] = -np.inf  # a row that both found
        best = np.sort(scores, axis=1)[:, -self._k :]
        scale = np.where(np.isfinite(best), np.abs(best), 0.0).max(axis=1)
        last = (best[:, 0] - _SAME * scale)[:, np.newaxis]
        theirs = np.count_nonzero(reference.scores >= last, axis=1)
        ours = np.count_nonzero(found.scores >= last, axis=1)
        fewer: NDArray[np.int64] = np.minimum(theirs, self._k) - ours
        return fewer

    def _walked(self, index: Any, ef: int) -> Rows:
        """Return all rows that faiss keeps at an ef: its storage may be rounded."""
        params = faiss_library().SearchParametersHNSW(efSearch=ef)
        rows: Rows = index.search(self._queries, min(ef, len(self._vectors)), params=params)[1]
        return rows

    def _scores(self, rows: Rows) -> NDArray[np.float64]:
        """Return float64 scores of each query's rows by their vectors; larger is closer."""
        scores = np.empty(rows.shape)
        step = max(_WIDENED // (rows.shape[1] * self._vectors.shape[1]), 1)
        for start in range(0, len(rows), step):
            part = slice(start, start + step)
            scores[part] = self._scored(self._queries[part, np.newaxis], rows[part])
        scores[rows < 0] = -np.inf
        return scores

    def _scored(self, wanted: Floats, rows: Rows) -> NDArray[np.float64]:
        """Return the scores of rows (nq, m) for queries (nq, 1, dim), of any score for row -1."""
        vectors = self._vectors[rows].astype(np.float64)
        scores: NDArray[np.float64]
        if self._metric == "L2":
            vectors -= wanted
            scores = -np.einsum("qij,qij->qi", vectors, vectors)
            return scores
        scores = np.einsum("qij,qkj->qi", vectors, wanted.astype(np.float64))
        if self._metric == "COSINE":
            lengths = np.sqrt(np.einsum("qij,qij->qi", vectors, vectors))
            scores /= np.where(lengths > 0, lengths, 1)
        return scores


def _surely_lost(lost: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of what queries lost, along the last axis, and one standard error more."""
    error = lost.std(axis=-1) / np.sqrt(lost.shape[-1])
    more: NDArray[np.float64] = lost.mean(axis=-1) + error
    return more


def made_queries(vectors: Floats, each: int) -> Floats:
    """Return queries that are made of rows but are no rows, `each` of every kind, in this order.

    Rows moved by the distance of a neighbour; points between two rows; points from elsewhere.

    Args:
        vectors: float32 (n, dim), at least one.
        each: Queries of each kind.
    """
    random = np.random.default_rng(len(vectors))
    sample = np.ascontiguousarray(vectors[:: max(len(vectors) // _SAMPLED, 1)])
    some = sample[random.integers(0, len(sample), each)]
    noise = random.standard_normal(some.shape)
    noise *= (_apart(some, sample) / np.maximum(np.linalg.norm(noise, axis=1), 1e-9))[:, np.newaxis]
    ends = sample[random.integers(0, len(sample), (2, each))].astype(np.float64)
    wide = sample.astype(np.float64)
    elsewhere = wide.mean(axis=0) + wide.std(axis=0) * random.standard_normal(some.shape)
    queries = np.concatenate([some + noise, ends[0] + _BETWEEN * (ends[1] - ends[0]), elsewhere])
    return np.ascontiguousarray(queries, np.float32)


def _apart(some: Floats, sample: Floats) -> NDArray[np.float64]:
    """Return how far each row is from the nearest one that is no copy of it."""
    centre = sample.mean(axis=0, dtype=np.float64)
    few, many = some - centre, sample - centre
    squares = np.einsum("ij,ij->i", few, few)[:, np.newaxis]
    apart = squares - 2 * few @ many.T + np.einsum("ij,ij->i", many, many)
    apart[apart <= _COPY * squares] = np.inf
    nearest = apart.min(axis=1)
    return np.sqrt(np.where(np.isfinite(nearest), nearest, 0.0))
