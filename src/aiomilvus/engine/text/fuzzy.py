"""Terms within a few edits of another: what ``text_match_fuzzy`` looks up.

Distances are optimal string alignment over characters: insertions, deletions, substitutions and
swaps of two neighbours cost 1 each, and no place is edited twice. They are found for all terms
of a length at once, by dynamic programming over the diagonals that matter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CONTINUED, _CONTINUATION = 0xC0, 0x80


class TermsByLength:
    """The characters of many terms, as one matrix for each length. Immutable."""

    def __init__(self, offsets: NDArray[np.int64], data: NDArray[np.uint8]) -> None:
        """Take in terms.

        Args:
            offsets: int64 (terms + 1,), where each begins in `data`.
            data: Their UTF-8, end to end.
        """
        starts = np.concatenate(([0], np.cumsum((data & _CONTINUED) != _CONTINUATION)))
        self._places = starts[offsets]
        text = data.tobytes().decode().encode("utf-32-le")
        self._characters = np.frombuffer(text, np.uint32)
        self._lengths = np.diff(self._places)

    def within(self, term: str, edits: int) -> NDArray[np.int64]:
        """Return the numbers of the terms that are at most `edits` away from `term`."""
        wanted = np.frombuffer(term.encode("utf-32-le"), np.uint32)
        found = [np.empty(0, np.int64)]
        for length in range(max(len(wanted) - edits, 1), len(wanted) + edits + 1):
            numbers = np.flatnonzero(self._lengths == length)
            if not len(numbers):
                continue
            matrix = self._characters[self._places[numbers][:, None] + np.arange(length)].T
            found.append(numbers[_distances(wanted, matrix, edits) <= edits])
        return np.concatenate(found)


def _distances(
    wanted: NDArray[np.uint32], matrix: NDArray[np.uint32], edits: int
) -> NDArray[np.int8]:
    """Return distances of one term, (m,), to the columns of `matrix`, (length, n).

    Those beyond `edits` are told as edits + 1.
    """
    length, n = matrix.shape
    far = np.full(n, edits + 1, np.int8)
    before: dict[int, Any] = {}
    above = {j: np.full(n, j, np.int8) for j in range(min(edits, length) + 1)}
    for i in range(1, len(wanted) + 1):
        row: dict[int, Any] = {0: np.full(n, i, np.int8)} if i <= edits else {}
        for j in range(max(1, i - edits), min(length, i + edits) + 1):
            differs = (matrix[j - 1] != wanted[i - 1]).astype(np.int8)
            cell = above.get(j - 1, far) + differs
            np.minimum(cell, above.get(j, far) + 1, out=cell)
            np.minimum(cell, row.get(j - 1, far) + 1, out=cell)
            if i > 1 and j > 1:
                swapped = (matrix[j - 1] == wanted[i - 2]) & (matrix[j - 2] == wanted[i - 1])
                swap = np.where(swapped, before.get(j - 2, far) + 1, far)
                np.minimum(cell, swap, out=cell)
            row[j] = np.minimum(cell, far)
        before, above = above, row
    distances: NDArray[np.int8] = above.get(length, far)
    return distances
