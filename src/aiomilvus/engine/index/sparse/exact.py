"""Sparse scores without any skipping, in plain numpy.

Serves range searches and iteration, filters that leave few rows, and searches while the
compiled kernels are not there. Tests use it as the oracle's neighbour, not as the oracle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.engine.index.sparse.hits import NO_HITS, Hits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aiomilvus.engine.index.sparse.postings import Postings
    from aiomilvus.engine.index.sparse.scoring import Saturation
    from aiomilvus.model.columns import SparseColumn

_DENSE_SHARE = 8
_TABLE_MASK = np.uint32(0xFFFF)


def score_all(
    postings: Postings,
    terms: NDArray[np.uint32],
    weights: NDArray[np.float64],
    saturation: Saturation | None,
    mask: NDArray[np.bool_] | None = None,
) -> Hits:
    """Return the score of every row that has one, by ascending row.

    Args:
        postings: The lists to score.
        terms: uint32 (q,), distinct.
        weights: float64 (q,), see `scoring`.
        saturation: BM25's, None under IP.
        mask: bool (n_rows,), which rows may be hits; None for all.
    """
    numbers = postings.find(terms)
    known = numbers >= 0
    spans = [slice(postings.offsets[n], postings.offsets[n + 1]) for n in numbers[known].tolist()]
    if not spans:
        return NO_HITS
    rows = np.concatenate([postings.rows[span] for span in spans])
    values = np.concatenate([postings.values[span] for span in spans])
    lengths = np.fromiter((s.stop - s.start for s in spans), np.int64, len(spans))
    scores = np.repeat(weights[known], lengths)
    if saturation is None:
        scores *= values
    else:
        scores *= saturation.apply(values, postings.lengths[rows])
    return _allowed(sum_by_row(rows, scores, postings.n_rows), mask)


def score_rows(
    postings: Postings,
    terms: NDArray[np.uint32],
    weights: NDArray[np.float64],
    saturation: Saturation | None,
    rows: NDArray[np.int64],
) -> Hits:
    """Return the scores of `rows` (sorted) only; cheap when they are few."""
    scores = np.zeros(len(rows), np.float64)
    wanted = rows.astype(np.uint32)
    for number, weight in zip(postings.find(terms).tolist(), weights.tolist(), strict=True):
        if number < 0:
            continue
        span = slice(postings.offsets[number], postings.offsets[number + 1])
        listed = postings.rows[span]
        at = np.minimum(np.searchsorted(listed, wanted), len(listed) - 1)
        found = np.flatnonzero(listed[at] == wanted)
        values = postings.values[span][at[found]]
        if saturation is None:
            scores[found] += weight * values
        else:
            lengths = postings.lengths[wanted[found]]
            scores[found] += weight * saturation.apply(values, lengths)
    rounded = scores.astype(np.float32)
    hit = np.flatnonzero(rounded)
    return Hits(rows[hit], rounded[hit])


def score_column(
    column: SparseColumn,
    terms: NDArray[np.uint32],
    weights: NDArray[np.float64],
    saturation: Saturation | None,
    mask: NDArray[np.bool_] | None = None,
) -> Hits:
    """Return the scores of rows that have no index yet, by ascending row.

    Args:
        column: The rows; scanned whole.
        terms: uint32 (q,), sorted, distinct.
        weights: float64 (q,).
        saturation: BM25's, None under IP.
        mask: bool (rows,), which rows may be hits; None for all.
    """
    first, last = int(column.indptr[0]), int(column.indptr[-1])
    indices = column.indices[first:last]
    if not len(terms) or not len(indices):
        return NO_HITS
    found = _occurrences(terms, indices)
    at = np.searchsorted(terms, indices[found])
    rows = np.searchsorted(column.indptr, found + first, side="right") - 1
    values = column.values[first:last]
    scores = weights[at]
    if saturation is None:
        scores *= values[found]
    else:
        touched, inverse = np.unique(rows, return_inverse=True)
        lengths = _lengths_of(column, touched)[inverse]
        scores *= saturation.apply(values[found], lengths)
    return _allowed(sum_by_row(rows, scores, len(column)), mask)


def sum_by_row(rows: NDArray[np.integer], scores: NDArray[np.float64], n_rows: int) -> Hits:
    """Add up the scores that fall on one row; rows that end at 0 are no hits."""
    if len(rows) * _DENSE_SHARE >= n_rows:
        sums = np.bincount(rows, scores, n_rows).astype(np.float32)
        hit = np.flatnonzero(sums)
        return Hits(hit, sums[hit])
    distinct, inverse = np.unique(rows, return_inverse=True)
    sums = np.bincount(inverse, scores, len(distinct)).astype(np.float32)
    hit = np.flatnonzero(sums)
    return Hits(distinct[hit].astype(np.int64), sums[hit])


def _occurrences(terms: NDArray[np.uint32], indices: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Return where any of `terms` stands in `indices`."""
    # Almost nothing gets past a look at 16 bits, which is far cheaper than a search each.
    table = np.zeros(_TABLE_MASK + 1, np.bool_)
    table[terms & _TABLE_MASK] = True
    likely = np.flatnonzero(table[indices & _TABLE_MASK])
    at = np.minimum(np.searchsorted(terms, indices[likely]), len(terms) - 1)
    found: NDArray[np.int64] = likely[terms[at] == indices[likely]]
    return found


def _lengths_of(column: SparseColumn, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    chosen = column.take(rows)
    row_of = np.repeat(np.arange(len(rows)), np.diff(chosen.indptr))
    return np.bincount(row_of, chosen.values, len(rows)).astype(np.float32)


def _allowed(hits: Hits, mask: NDArray[np.bool_] | None) -> Hits:
    if mask is None:
        return hits
    kept = mask[hits.rows]
    return Hits(hits.rows[kept], hits.scores[kept])
