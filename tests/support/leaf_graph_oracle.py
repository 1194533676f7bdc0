"""What the kernels that build graphs do, in plain numpy: the oracle of their tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Ints = NDArray[np.int32]


def squared_distances(vectors: Floats) -> NDArray[np.float64]:
    """Return the squared distances among all rows."""
    wide = vectors.astype(np.float64)
    found: NDArray[np.float64] = ((wide[:, None] - wide[None, :]) ** 2).sum(axis=2)
    return found


def nearest_of(distances: NDArray[np.float64], candidates: Sequence[int], count: int) -> list[int]:
    """Return the nearest candidates, the smaller number first where two are as near."""
    return sorted(set(candidates), key=lambda each: (distances[each], each))[:count]


def diversified(
    distances: NDArray[np.float64], row: int, candidates: Sequence[int], most: int
) -> list[int]:
    """Return candidates, nearest first, that no kept one is nearer to than the row is."""
    kept: list[int] = []
    for each in candidates:
        if len(kept) == most:
            break
        if all(distances[one, each] >= distances[row, each] for one in kept):
            kept.append(each)
    return kept


def linked(vectors: Floats, members: Ints, width: int, looked_at: int) -> list[list[int]]:
    """Return the rows that each member of a leaf is linked to."""
    distances = squared_distances(vectors)
    places = range(len(members))
    lists = []
    for row in places:
        near = nearest_of(distances[row], [each for each in places if each != row], looked_at)
        lists.append([int(members[at]) for at in diversified(distances, row, near, width)])
    return lists


def joined(vectors: Floats, lists: Sequence[Sequence[int]], degree: int) -> list[list[int]]:
    """Return each row's links once they go both ways."""
    distances = squared_distances(vectors)
    found = []
    for row, mine in enumerate(lists):
        back = [other for other, links in enumerate(lists) if row in links]
        near = nearest_of(distances[row], [*mine, *back], len(lists))
        fits = len(near) <= degree
        found.append(near if fits else diversified(distances, row, near, degree))
    return found
