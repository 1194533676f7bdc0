"""Boosts: scores of a view's hits changed where a filter holds, before views are merged."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.index.contract import Found, FoundInRange
from aiomilvus.engine.query.filtering.scope import allowed, bound
from aiomilvus.model.columns import BytesColumn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from aiomilvus.engine.query.rerank.rank_functions import Boosts, RandomScore
    from aiomilvus.engine.snapshot import SegmentView, Snapshot

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


def boosted(
    snapshot: Snapshot,
    view: SegmentView,
    found: Found,
    boosts: Boosts,
    params: Mapping[str, Any],
    *,
    larger: bool,
) -> Found:
    """Return the hits of one view with boosted scores, sorted again within each query.

    Args:
        snapshot: What is searched.
        view: Where the hits are.
        found: The hits; rows of -1 are none.
        boosts: What to do.
        params: Values for placeholders in the boosts' filters.
        larger: Whether larger scores are closer.
    """
    there = found.rows >= 0
    scores = found.scores.copy()
    rows = found.rows[there]
    scores[there] = _scored(snapshot, view, rows, scores[there], boosts, params, larger=larger)
    keys = np.where(there, -scores if larger else scores, np.inf)
    order = np.argsort(keys, axis=1, kind="stable")
    return Found(
        np.take_along_axis(scores, order, axis=1), np.take_along_axis(found.rows, order, axis=1)
    )


def boosted_range(
    snapshot: Snapshot,
    view: SegmentView,
    found: FoundInRange,
    boosts: Boosts,
    params: Mapping[str, Any],
    *,
    larger: bool,
) -> FoundInRange:
    """Return the hits of a range search with boosted scores, in their old order."""
    scores = _scored(snapshot, view, found.rows, found.scores, boosts, params, larger=larger)
    return FoundInRange(found.offsets, scores, found.rows)


def _scored(
    snapshot: Snapshot,
    view: SegmentView,
    rows: NDArray[np.int64],
    scores: NDArray[np.float32],
    boosts: Boosts,
    params: Mapping[str, Any],
    *,
    larger: bool,
) -> NDArray[np.float32]:
    combined = np.zeros(len(rows), np.float64)
    matched = np.zeros(len(rows), np.bool_)
    for boost in boosts.boosts:
        given = bound(snapshot, boost.filter, params) if boost.filter else None
        mask = None if given is None else allowed(snapshot, view, given)
        here = np.ones(len(rows), np.bool_) if mask is None else mask[rows]
        values = np.full(len(rows), boost.weight)
        if boost.random is not None:
            values *= random_scores(snapshot, view, rows, boost.random)
        again = here & matched
        if boosts.function_mode == "sum":
            combined[again] += values[again]
        else:
            combined[again] *= values[again]
        first = here & ~matched
        combined[first] = values[first]
        matched |= here
    changed = scores.astype(np.float64)
    if boosts.boost_mode == "sum":
        # A boost brings closer what it is added to: distances become smaller.
        changed[matched] += combined[matched] if larger else -combined[matched]
    else:
        changed[matched] *= combined[matched]
    return changed.astype(np.float32)


def random_scores(
    snapshot: Snapshot, view: SegmentView, rows: NDArray[np.int64], random: RandomScore
) -> NDArray[np.float64]:
    """Return a number of [0, 1) for each row: the same for the same seed and value.

    The hash is SplitMix64's finaliser (Steele, Lea, Flood 2014); a Milvus server draws other
    numbers from the same seed.
    """
    schema = snapshot.schema
    field = schema.by_name[random.field] if random.field else schema.primary
    column = view.segment.column(field).take(rows)
    if isinstance(column, BytesColumn):
        digests = b"".join(hashlib.blake2b(value, digest_size=8).digest() for value in column)
        hashes = np.frombuffer(digests, "<u8").astype(np.uint64)
    else:
        hashes = np.asarray(getattr(column, "values", ()), np.int64).view(np.uint64)
    seed = np.uint64(random.seed % 2**64)
    with np.errstate(over="ignore"):
        hashes = hashes + (seed + np.uint64(1)) * _GOLDEN
        hashes = (hashes ^ (hashes >> np.uint64(30))) * _MIX[0]
        hashes = (hashes ^ (hashes >> np.uint64(27))) * _MIX[1]
        hashes = hashes ^ (hashes >> np.uint64(31))
    numbers: NDArray[np.float64] = (hashes >> np.uint64(11)).astype(np.float64) / 2.0**53
    return numbers
