"""Exact search by matrix products: for small or growing data, few candidates, and FLAT.

Products go through numpy, whose BLAS is faster than the one in faiss on recent processors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from aiomilvus.engine.index import costs
from aiomilvus.engine.index.contract import (
    VECTORS,
    Allowed,
    Found,
    FoundInRange,
    SearchPlan,
    count_of,
    without_warnings,
)
from aiomilvus.engine.index.dense.faiss_library import faiss_library
from aiomilvus.engine.index.dense.vectors import (
    LARGER_IS_CLOSER,
    as_floats,
    normalized,
    query_floats,
)
from aiomilvus.model.read_limits import end_if_abandoned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from aiomilvus.model.columns import Column, VectorColumn

    Floats = NDArray[np.float32]
    Rows = NDArray[np.int64]
    Bools = NDArray[np.bool_]

_BLOCK = 1 << 22
"""Scores computed at once: 16 MB."""
_LONG = 1e15
"""Coordinates whose squares, summed, may be beyond float32."""
_DENSE = 0.6
"""From this share of allowed rows on, all are compared: to copy the allowed ones takes longer."""
_BLOCK_BYTES = 1 << 26
"""Vectors gathered or widened at once."""


class Scored(NamedTuple):
    """Scores of some rows: float32 (nq, n), and the rows, int64 (n,)."""

    scores: Floats
    rows: Rows


def scores_of(queries: Floats, values: NDArray[Any], metric: str) -> Floats:
    """Return Milvus' score of each query with each vector.

    Args:
        queries: float32 (nq, dim), for COSINE of length 1.
        values: (n, dim) as stored.
        metric: ``L2``, ``IP`` or ``COSINE``.

    Returns:
        float32 (nq, n).
    """
    vectors = as_floats(values)
    few = len(queries) * 4 <= vectors.shape[1]
    if metric == "L2" and (few or not np.abs(queries).max(initial=0) < _LONG):
        # The difference, unlike the expanded square, keeps small distances accurate, and one
        # query far away does not disturb the others.
        scores = np.empty((len(queries), len(vectors)), np.float32)
        for row, query in enumerate(queries):
            _squared_distances(query, vectors, scores[row])
        return scores
    if metric == "L2":
        # Squares of coordinates far from the origin would swamp the distances.
        centre = queries.mean(axis=0)
        queries, vectors = queries - centre, vectors - centre
    products: Floats = queries @ vectors.T
    if metric == "IP":
        return products
    squares = _squared_lengths(vectors)
    if metric == "COSINE":
        np.sqrt(squares, out=squares)
        squares[squares == 0.0] = 1.0
        products /= squares
        return np.clip(products, -1.0, 1.0, out=products)
    products *= -2.0
    products += squares
    products += np.einsum("ij,ij->i", queries, queries)[:, None]
    return np.maximum(products, 0.0, out=products)


def _squared_distances(query: Floats, vectors: Floats, found: Floats) -> None:
    """Write the squared distance of each vector, read once where it lies: no copy is made."""
    faiss = faiss_library()
    pointer, (count, dim) = faiss.swig_ptr, vectors.shape
    whole = np.ascontiguousarray(vectors)
    one = np.ascontiguousarray(query)
    if count:
        faiss.fvec_L2sqr_ny(pointer(found), pointer(one), pointer(whole), dim, count)


def _squared_lengths(vectors: Floats) -> Floats:
    faiss = faiss_library()
    whole = np.ascontiguousarray(vectors)
    squares = np.empty(len(whole), np.float32)
    if len(whole):
        pointer = faiss.swig_ptr
        faiss.fvec_norms_L2sqr(pointer(squares), pointer(whole), whole.shape[1], len(whole))
    return squares


def prepared(queries: Column, dim: int, metric: str) -> Floats:
    """Return the queries as `scores_of` wants them."""
    vectors = query_floats(queries, dim)
    return normalized(vectors) if metric == "COSINE" else vectors


def _blocks(
    queries: Floats, column: VectorColumn, metric: str, mask: Bools | None
) -> Iterator[Scored]:
    values, rows = column.values, None
    if column.valid is not None:
        mask = column.valid if mask is None else mask & column.valid
    if mask is not None:
        rows = np.flatnonzero(mask)
        if len(rows) == len(values):
            rows = None
    is_dense = rows is not None and len(rows) > _DENSE * len(values)
    total = len(values) if rows is None or is_dense else len(rows)
    by_memory = _BLOCK_BYTES // max(values.shape[1] * 4, 1)
    step = max(min(_BLOCK // max(len(queries), 1), by_memory), 1)
    for first in range(0, total, step):
        end_if_abandoned()
        last = min(first + step, total)
        if rows is None:
            part, numbers = values[first:last], np.arange(first, last, dtype=np.int64)
        elif is_dense and mask is not None:
            allowed = np.flatnonzero(mask[first:last])
            scores = scores_of(queries, values[first:last], metric)[:, allowed]
            yield Scored(scores, allowed + first)
            continue
        else:
            numbers = rows[first:last]
            part = values[numbers]
        yield Scored(scores_of(queries, part, metric), numbers)


def best_of(scores: Floats, rows: Rows, k: int, *, larger: bool) -> Found:
    """Return the best `k` of each query's scores, ties by ascending row, padded with row -1."""
    nq, total = scores.shape
    take = min(k, total)
    found = np.zeros((nq, k), np.float32)
    numbers = np.full((nq, k), -1, np.int64)
    for query in range(nq if take else 0):
        keys = -scores[query] if larger else scores[query]
        if take < total:
            bound = np.partition(keys, take - 1)[take - 1]
            near = np.flatnonzero(~(keys > bound))  # what is not a number stands last
        else:
            near = np.arange(total)
        order = near[np.lexsort((rows[near], keys[near]))[:take]]
        found[query, :take] = scores[query][order]
        numbers[query, :take] = rows[order]
    return Found(found, numbers)


def best_by_vectors(
    queries: Floats, values: NDArray[Any], candidates: Rows, k: int, metric: str
) -> Found:
    """Return the `k` best of each query's candidates by their vectors.

    Args:
        queries: float32 (nq, dim), for COSINE of length 1.
        values: (n, dim) as stored.
        candidates: int64 (nq, m), -1 for none.
        k: How many; missing ones are row -1.
        metric: ``L2``, ``IP`` or ``COSINE``.
    """
    scores = np.zeros((len(queries), k), np.float32)
    rows = np.full((len(queries), k), -1, np.int64)
    larger = metric in LARGER_IS_CLOSER
    for query, near in enumerate(candidates):
        near = near[near >= 0]
        exact = scores_of(queries[query : query + 1], values[near], metric)[0]
        # Candidates are few: sorting them takes less than finding out which to sort.
        best = np.lexsort((near, -exact if larger else exact))[:k]
        scores[query, : len(best)], rows[query, : len(best)] = exact[best], near[best]
    return Found(scores, rows)


def exact_search(
    queries: Column, column: VectorColumn, k: int, metric: str, mask: Bools | None
) -> Found:
    """Return the `k` nearest allowed rows of `column` for each query; nulls are never hits.

    Args:
        queries: A VectorColumn of nq rows.
        column: The stored vectors.
        k: How many; missing ones are row -1.
        metric: ``L2``, ``IP`` or ``COSINE``.
        mask: bool (n,), which rows may be hits; None for all.
    """
    vectors = prepared(queries, column.values.shape[1], metric)
    larger = metric in LARGER_IS_CLOSER
    kept = Found(np.zeros((len(vectors), 0), np.float32), np.zeros((len(vectors), 0), np.int64))
    parts = [
        best_of(part.scores, part.rows, min(k, len(part.rows)), larger=larger)
        for part in _blocks(vectors, column, metric, mask)
    ]
    if len(parts) == 1 and parts[0].rows.shape[1] == k:
        return parts[0]
    scores = np.concatenate([kept.scores, *(part.scores for part in parts)], axis=1)
    rows = np.concatenate([kept.rows, *(part.rows for part in parts)], axis=1)
    return _merged(scores, rows, k, larger=larger)


def repaired(
    found: Found,
    short: Rows,
    queries: Column,
    column: VectorColumn,
    metric: str,
    mask: Bools | None,
) -> Found:
    """Return `found`, with the hits of exact searches for the queries of these numbers."""
    if len(short):
        with without_warnings():
            again = exact_search(queries.take(short), column, found.rows.shape[1], metric, mask)
        found.scores[short] = again.scores
        found.rows[short] = again.rows
    return found


def _merged(scores: Floats, rows: Rows, k: int, *, larger: bool) -> Found:
    found = np.zeros((len(scores), k), np.float32)
    numbers = np.full((len(scores), k), -1, np.int64)
    take = min(k, scores.shape[1])
    if take:
        order = np.lexsort((rows, -scores if larger else scores), axis=1)[:, :take]
        found[:, :take] = np.take_along_axis(scores, order, 1)
        numbers[:, :take] = np.take_along_axis(rows, order, 1)
    return Found(found, numbers)


def within(
    scores: Floats, radius: float, range_filter: float | None, *, larger: bool
) -> NDArray[np.bool_]:
    """Return which scores are in Milvus' range: the radius open, the filter closed."""
    if larger:
        inside = scores > radius
        return inside if range_filter is None else inside & (scores <= range_filter)
    inside = scores < radius
    return inside if range_filter is None else inside & (scores >= range_filter)


def exact_range(
    queries: Column,
    column: VectorColumn,
    radius: float,
    range_filter: float | None,
    metric: str,
    mask: Bools | None,
) -> FoundInRange:
    """Return all allowed rows in the range, best first; arguments as `exact_search`."""
    vectors = prepared(queries, column.values.shape[1], metric)
    larger = metric in LARGER_IS_CLOSER
    found: list[list[tuple[Floats, Rows]]] = [[] for _ in vectors]
    for part in _blocks(vectors, column, metric, mask):
        inside = within(part.scores, radius, range_filter, larger=larger)
        for query, hits in enumerate(found):
            at = np.flatnonzero(inside[query])
            if len(at):
                hits.append((part.scores[query][at], part.rows[at]))
    return laid_out(found, larger=larger)


def in_range(
    found: Found, inside: Bools, radius: float, range_filter: float | None, *, larger: bool
) -> FoundInRange:
    """Return what was found inside of `radius`, without what `range_filter` leaves out."""
    if range_filter is not None:
        inside = inside & within(found.scores, radius, range_filter, larger=larger)
    offsets = np.zeros(len(inside) + 1, np.int64)
    np.cumsum(inside.sum(axis=1), out=offsets[1:])
    return FoundInRange(offsets, found.scores[inside], found.rows[inside])


def nearest_range(
    find: Callable[[int], Found],
    counts: tuple[int, int],
    radius: float,
    range_filter: float | None,
    *,
    larger: bool,
) -> FoundInRange | None:
    """Return the rows of a range out of the nearest, more and more, while all are in it.

    Args:
        find: Finds so many nearest rows of each query.
        counts: How many are asked for at first, and at most.
        radius: The range's far end.
        range_filter: Its near end.
        larger: Whether larger scores are nearer.

    Returns:
        None if the range reaches farther than the most that are asked for.
    """
    k, most = counts
    while k <= most:
        found = find(k)
        inside = (found.rows >= 0) & within(found.scores, radius, None, larger=larger)
        if not inside[:, -1].any():
            return in_range(found, inside, radius, range_filter, larger=larger)
        k *= 4
    return None


def laid_out(found: list[list[tuple[Floats, Rows]]], *, larger: bool) -> FoundInRange:
    """Return each query's hits, given in parts, best first and end to end."""
    offsets = np.zeros(len(found) + 1, np.int64)
    scores, rows = [np.zeros(0, np.float32)], [np.zeros(0, np.int64)]
    for query, parts in enumerate(found):
        if parts:
            ours = np.concatenate([part[0] for part in parts])
            numbers = np.concatenate([part[1] for part in parts])
            order = np.lexsort((numbers, -ours if larger else ours))
            scores.append(ours[order])
            rows.append(numbers[order])
        offsets[query + 1] = offsets[query] + sum(len(part[1]) for part in parts)
    return FoundInRange(offsets, np.concatenate(scores), np.concatenate(rows))


class ExactIndex:
    """FLAT: no structure, every allowed row is compared. Implements `VectorIndex`."""

    def __init__(self, column: VectorColumn, metric: str) -> None:
        self.metric = metric
        self.kind = "exact scan"
        self.num_rows = len(column)
        self._column = column

    def plan(
        self,
        queries: Column | None,  # noqa: ARG002 - contract
        k: int,  # noqa: ARG002 - contract
        params: Mapping[str, Any],  # noqa: ARG002 - contract
        allowed: Allowed,
        *,
        in_range: bool = False,  # noqa: ARG002 - contract
    ) -> SearchPlan:
        """Return that all allowed rows are compared."""
        passing = count_of(allowed)
        dim = int(self._column.values.shape[1])
        microseconds = costs.scan(self.num_rows if passing is None else passing, dim)
        return SearchPlan("exact", VECTORS, microseconds)

    def search(
        self,
        queries: Column,
        k: int,
        params: Mapping[str, Any],  # noqa: ARG002 - contract
        mask: Bools | None,
    ) -> Found:
        """Return the `k` best allowed rows for each query; there are no parameters."""
        return exact_search(queries, self._column, k, self.metric, mask)

    def range_search(
        self,
        queries: Column,
        radius: float,
        range_filter: float | None,
        params: Mapping[str, Any],  # noqa: ARG002 - contract
        mask: Bools | None,
    ) -> FoundInRange:
        """Return all allowed rows in the range."""
        return exact_range(queries, self._column, radius, range_filter, self.metric, mask)

    def to_arrays(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return nothing but the kind: the vectors are the segment's column."""
        return {}, {"family": "exact"}
