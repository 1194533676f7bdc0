"""Hits of several queries over several views, as parallel arrays, and what is done to them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from aiomilvus.engine.index.contract import Found, FoundInRange


class Candidates(NamedTuple):
    """Hits laid end to end, best first within each query.

    Attributes:
        offsets: int64 (nq + 1,).
        scores: float32 (hits,).
        owners: int64 (hits,), number of the view.
        rows: int64 (hits,), row in that view.
        elements: int64 (hits,), where hits are elements of structs: which of the row's.
    """

    offsets: NDArray[np.int64]
    scores: NDArray[np.float32]
    owners: NDArray[np.int64]
    rows: NDArray[np.int64]
    elements: NDArray[np.int64] | None = None

    def pick(self, order: NDArray[np.int64], offsets: NDArray[np.int64]) -> Candidates:
        """Return the hits at `order` under new offsets."""
        elements = None if self.elements is None else self.elements[order]
        return Candidates(
            offsets, self.scores[order], self.owners[order], self.rows[order], elements
        )

    def window(self, offset: int, limit: int) -> Candidates:
        """Return hits offset … offset + limit - 1 of each query."""
        if len(self.offsets) == 2:
            span = slice(offset, offset + limit)
            rows = self.rows[span]
            ends = np.array([0, len(rows)], np.int64)
            elements = None if self.elements is None else self.elements[span]
            return Candidates(ends, self.scores[span], self.owners[span], rows, elements)
        starts = np.minimum(self.offsets[:-1] + offset, self.offsets[1:])
        stops = np.minimum(starts + limit, self.offsets[1:])
        lengths = stops - starts
        offsets = np.zeros(len(self.offsets), np.int64)
        np.cumsum(lengths, out=offsets[1:])
        order = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], lengths)
        return self.pick(order, offsets)


_OFTEN = 1_024
"""Up to so many hits their offsets and owners are kept; more would be much memory."""


def ends_of(hits: int) -> NDArray[np.int64]:
    """Return the offsets of one query's hits; not to be written into."""
    return _full(hits)[0]


def _full(k: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return offsets and owners of one query's `k` hits, all of the first view."""
    return _full_often(k) if k <= _OFTEN else _made_full(k)


def _made_full(k: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    offsets = np.array([0, k], np.int64)
    owners = np.zeros(k, np.int64)
    offsets.flags.writeable = owners.flags.writeable = False
    return offsets, owners


_full_often = lru_cache(maxsize=64)(_made_full)


def single(found: Found) -> Candidates:
    """Return what one view's search found."""
    scores, rows = found
    nq, k = rows.shape
    if nq == 1 and k and rows[0, -1] >= 0:  # what is missing stands last
        offsets, owners = _full(k)
        return Candidates(offsets, scores[0], owners, rows[0])
    kept = rows >= 0
    if kept.all():
        offsets = np.arange(nq + 1, dtype=np.int64) * k
        owners = np.zeros(nq * k, np.int64)
        return Candidates(offsets, scores.reshape(-1), owners, rows.reshape(-1))
    offsets = np.zeros(len(rows) + 1, np.int64)
    np.cumsum(kept.sum(axis=1), out=offsets[1:])
    flat = rows[kept]
    return Candidates(offsets, scores[kept], np.zeros(len(flat), np.int64), flat)


def merged(parts: Sequence[Found], k: int, *, larger: bool) -> Candidates:
    """Return the `k` best hits of each query over all views, or more where the last of them ties.

    Ties come from the older view first.
    """
    if len(parts) == 1:
        return single(parts[0])
    if len(parts[0].rows) == 1 and all(part.rows.shape[1] for part in parts):
        return _merged_for_one(parts, k, larger=larger)
    scores = np.concatenate([part.scores for part in parts], axis=1)
    rows = np.concatenate([part.rows for part in parts], axis=1)
    owners = np.repeat(np.arange(len(parts)), [part.rows.shape[1] for part in parts])
    keys = np.where(rows >= 0, -scores if larger else scores, np.inf)
    order = np.argsort(keys, axis=1, kind="stable")
    if k < order.shape[1]:
        edge = np.take_along_axis(keys, order[:, k - 1 : k + 1], 1)
        if not (np.isfinite(edge[:, 0]) & (edge[:, 0] == edge[:, 1])).any():
            order = order[:, :k]
    top = np.take_along_axis(rows, order, 1)
    kept = top >= 0
    offsets = np.zeros(len(rows) + 1, np.int64)
    np.cumsum(kept.sum(axis=1), out=offsets[1:])
    best = np.take_along_axis(scores, order, 1)
    return Candidates(offsets, best[kept], owners[order][kept], top[kept])


def _merged_for_one(parts: Sequence[Found], k: int, *, larger: bool) -> Candidates:
    """Do the same for a single query, in fewer steps."""
    scores = np.concatenate([part.scores[0] for part in parts])
    rows = np.concatenate([part.rows[0] for part in parts])
    owners = np.repeat(np.arange(len(parts)), [part.rows.shape[1] for part in parts])
    keys = -scores if larger else scores.copy()
    if any(part.rows[0, -1] < 0 for part in parts):  # what is missing stands last
        keys[rows < 0] = np.inf
    order = keys.argsort(kind="stable")
    if k < len(order) and keys[order[k]] != keys[order[k - 1]]:
        order = order[:k]
    if rows[order[-1]] < 0:
        order = order[rows[order] >= 0]
    offsets = np.array([0, len(order)], np.int64)
    return Candidates(offsets, scores[order], owners[order], rows[order])


def merged_ranges(parts: Sequence[FoundInRange], *, larger: bool) -> Candidates:
    """Return all hits of each query within a range, over all views."""
    nq = len(parts[0].offsets) - 1
    query = np.concatenate([np.repeat(np.arange(nq), np.diff(part.offsets)) for part in parts])
    scores = np.concatenate([part.scores for part in parts])
    rows = np.concatenate([part.rows for part in parts])
    owners = np.repeat(np.arange(len(parts)), [len(part.rows) for part in parts])
    order = np.lexsort((-scores if larger else scores, query))
    offsets = np.zeros(nq + 1, np.int64)
    np.cumsum(np.bincount(query, minlength=nq), out=offsets[1:])
    return Candidates(offsets, scores[order], owners[order], rows[order])


def none(nq: int) -> Candidates:
    """Return no hits for `nq` queries."""
    empty = np.empty(0, np.int64)
    return Candidates(np.zeros(nq + 1, np.int64), np.empty(0, np.float32), empty, empty)
