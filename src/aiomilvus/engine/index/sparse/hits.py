"""Results of sparse searches, and how hits are ranked.

Ranking is by descending score, then ascending row. Scores are summed in float64 and rounded
to float32 before they are compared, so that rows alike tie.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class Hits(NamedTuple):
    """The hits of one query, best first unless said otherwise.

    Attributes:
        rows: int64 (hits,).
        scores: float32 (hits,), never 0: a row without a score is no hit.
    """

    rows: NDArray[np.int64]
    scores: NDArray[np.float32]

    def within(self, radius: float, range_filter: float) -> Hits:
        """Return the hits with radius < score ≤ range_filter, best first."""
        inside = (self.scores > radius) & (self.scores <= range_filter)
        found = Hits(self.rows[inside], self.scores[inside])
        return best(found, len(found.rows))


NO_HITS = Hits(np.zeros(0, np.int64), np.zeros(0, np.float32))


def best(hits: Hits, k: int) -> Hits:
    """Return the best `k` of `hits`, which may come in any order."""
    rows, scores = hits
    if k < len(scores):
        # Everything as good as the k-th stays in, so that ties go to the lowest rows.
        kept = scores >= np.partition(scores, len(scores) - k)[len(scores) - k]
        rows, scores = rows[kept], scores[kept]
    order = np.lexsort((rows, -scores))[:k]
    return Hits(rows[order], scores[order])


def merged(parts: Sequence[tuple[int, Hits]], k: int) -> Hits:
    """Return the best `k` of several parts' hits; each part comes with its first row."""
    if not parts:
        return NO_HITS
    rows = np.concatenate([hits.rows + first for first, hits in parts])
    return best(Hits(rows, np.concatenate([hits.scores for _, hits in parts])), k)
