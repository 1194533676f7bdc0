"""What the compiled kernels of `engine.index.sparse` compute, in plain Python: to read, not fast.

It makes the same decisions in the same order, so that scores agree to the last bit, and also where
scaled bounds let better rows be missed. Where postings lie it finds by their rows alone, which
checks the starts of windows; rows are summed in a dictionary, which checks the reused buffer.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from aiomilvus.engine.index.sparse.kernel_arguments import (
    AllowedRows,
    Damping,
    InvertedLists,
    Limits,
    QueryBatch,
    TopHits,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

SLACK = 1.0 + 1e-6
RANKS = 3


class Arguments(NamedTuple):
    """What the entry is called with."""

    batch: QueryBatch
    lists: InvertedLists
    limits: Limits
    damping: Damping
    allowed: AllowedRows
    top: TopHits

    @classmethod
    def of(cls, flat: Sequence[Any]) -> Arguments:
        """Build the tuples from their fields, one after the other."""
        fields = iter(flat)
        given = cls(
            QueryBatch(*islice(fields, len(QueryBatch._fields))),
            InvertedLists(*islice(fields, len(InvertedLists._fields))),
            Limits(*islice(fields, len(Limits._fields))),
            Damping(*islice(fields, len(Damping._fields))),
            AllowedRows(*islice(fields, len(AllowedRows._fields))),
            TopHits(*islice(fields, len(TopHits._fields))),
        )
        assert not list(fields)
        return given


class Term(NamedTuple):
    """One term of a query that the index has."""

    number: int
    weight: float


class Window(NamedTuple):
    """Rows from `first` to before `last`, and per term its postings and what they add at most."""

    first: int
    last: int
    postings: list[list[int]]
    bounds: list[float]


def contribution(given: Arguments, at: int) -> float:
    """Return what one posting adds, before its weight."""
    value = float(given.lists.values[at])
    if not given.damping.is_bm25:
        return value
    length = float(given.lists.lengths[given.lists.rows[at]])
    return value / (value + given.damping.base + given.damping.slope * length)


def terms_of(given: Arguments, query: int) -> list[Term]:
    """Return the terms of a query that the index has."""
    numbers = {int(term): number for number, term in enumerate(given.lists.terms)}
    span = range(given.batch.starts[query], given.batch.starts[query + 1])
    return [
        Term(numbers[int(given.batch.terms[at])], float(given.batch.weights[at]))
        for at in span
        if int(given.batch.terms[at]) in numbers
    ]


def floor_score(given: Arguments, terms: list[Term]) -> float:
    """Return a score that at least k rows reach; 0 if none is known."""
    limits = given.limits
    if not limits.prunes or limits.floor_rank < 0:
        return 0.0
    column = limits.floors.reshape(-1, RANKS)[:, limits.floor_rank]
    return max(term.weight * float(column[term.number]) for term in terms) * limits.floor_factor


def window_of(given: Arguments, terms: list[Term], number: int) -> Window:
    """Return which postings are in a window, and bounds of what they add."""
    lists, limits = given.lists, given.limits
    size = 1 << limits.window_bits
    first, last = number * size, min((number + 1) * size, len(lists.lengths))
    windows = -(-len(lists.lengths) // size)
    postings, bounds = [], []
    for term in terms:
        span = range(lists.offsets[term.number], lists.offsets[term.number + 1])
        inside = [at for at in span if first <= lists.rows[at] < last]
        slot = lists.slots[term.number]
        most = limits.terms[term.number] if slot < 0 else limits.windows[slot * windows + number]
        postings.append(inside)
        bounds.append(float(most) * term.weight * limits.bound_factor if inside else 0.0)
    return Window(first, last, postings, bounds)


def optional_of(window: Window, order: list[int], threshold: float) -> int:
    """Return how many terms, lowest bounds first, can't make a hit by themselves."""
    rest = 0.0
    for place, term in enumerate(order):
        rest += window.bounds[term]
        if rest * SLACK >= threshold:
            return place
    return len(order)


def sums_of(
    given: Arguments, terms: list[Term], window: Window, order: list[int], threshold: float
) -> dict[int, float]:
    """Return the scores of a window's rows that can be hits: required terms, then optional ones."""
    optional = optional_of(window, order, threshold) if given.limits.prunes else 0
    sums: dict[int, float] = {}
    for term in order[optional:]:
        for at in window.postings[term]:
            row = int(given.lists.rows[at])
            sums[row] = sums.get(row, 0.0) + terms[term].weight * contribution(given, at)
    for place in reversed(range(optional)):
        term = order[place]
        rest = float(sum(window.bounds[each] for each in order[:place])) + window.bounds[term]
        sums = {row: score for row, score in sums.items() if (score + rest) * SLACK >= threshold}
        for at in window.postings[term]:
            row = int(given.lists.rows[at])
            if row in sums:
                sums[row] += terms[term].weight * contribution(given, at)
    return sums


def searched(given: Arguments, query: int) -> list[tuple[int, float]]:
    """Return the rows and scores of one query's hits, best first."""
    k, prunes, terms = given.top.rows.shape[1], given.limits.prunes, terms_of(given, query)
    if not terms or not k:
        return []
    floor = threshold = floor_score(given, terms)
    order = list(range(len(terms)))
    hits: list[tuple[int, float]] = []
    for number in range(-(-len(given.lists.lengths) // (1 << given.limits.window_bits))):
        window = window_of(given, terms, number)
        total = float(sum(window.bounds))
        if prunes and (total == 0.0 or total * SLACK < threshold):
            continue
        if given.allowed.has_mask and not given.allowed.mask[window.first : window.last].any():
            continue
        order.sort(key=window.bounds.__getitem__)
        for row, total in sums_of(given, terms, window, order, threshold).items():
            score = float(np.float32(total))
            if score and (not given.allowed.has_mask or given.allowed.mask[row]):
                hits.append((row, score))
        hits = sorted(hits, key=lambda hit: (-hit[1], hit[0]))[:k]
        if prunes and len(hits) == k:
            threshold = max(floor, hits[-1][1])
    return hits
