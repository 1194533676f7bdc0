"""Searches of many queries, so many at a time that memory stays bounded.

What a search works with is several times as large as what it finds, and nobody can stop an index
in the middle of its work. So many queries are carried out in blocks, and between two of these is
asked whether anyone still waits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.engine.query.candidates import Candidates
from aiomilvus.model.read_limits import end_if_abandoned

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HITS = 1 << 20
"""Hits that are worked on at a time: some 150 MB."""
MICROSECONDS = 100_000.0
"""How long a block may take by the estimate, which is low on a busy machine."""


def queries_at_a_time(hits: int, microseconds: float = 0.0) -> int:
    """Return how many queries to carry out at a time.

    Args:
        hits: How many of each query are worked on.
        microseconds: How long one query takes, 0 where the search itself can be stopped.
    """
    most = HITS // max(hits, 1)
    if microseconds > 0:
        most = min(most, int(MICROSECONDS / microseconds))
    return max(most, 1)


def blocks(queries: int, step: int) -> Iterator[tuple[int, int]]:
    """Yield the bounds of blocks of queries, as long as somebody waits for what is found.

    Raises:
        Abandoned: Nobody does.
    """
    for first in range(0, queries, step):
        end_if_abandoned()
        yield first, min(first + step, queries)


def joined(parts: Sequence[Candidates]) -> Candidates:
    """Return the hits of all queries, given those of one block after the other; one at least."""
    if len(parts) == 1:
        return parts[0]
    counts = [np.diff(part.offsets) for part in parts]
    offsets = np.zeros(sum(map(len, counts)) + 1, np.int64)
    np.cumsum(np.concatenate(counts), out=offsets[1:])
    elements = [part.elements for part in parts if part.elements is not None]
    return Candidates(
        offsets,
        np.concatenate([part.scores for part in parts]),
        np.concatenate([part.owners for part in parts]),
        np.concatenate([part.rows for part in parts]),
        np.concatenate(elements) if elements else None,
    )
