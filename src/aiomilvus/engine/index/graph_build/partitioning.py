"""Dividing rows into overlapping leaves of rows that lie near one another.

Ball carving, as PiPNN does (arXiv 2602.21247): rows drawn at random lead, each row goes to the
leaders nearest to it, and what is still too large is divided again. Near the border of one leaf, a
row finds its neighbours in another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import SimpleNamespace

    from numpy.typing import NDArray

    Rows = NDArray[np.int32]
    Vectors = NDArray[np.float32]

LARGEST = 1000
"""Rows of a leaf at most: the distances among them, 4 MB, stay in a cache."""
TOGETHER = 2 * LARGEST
"""Rows that are a leaf of their own, and are not divided."""
_FILL = 0.6
"""How full leaves are on average."""
_IN_ONE_STEP = 100_000
"""Rows that are divided in one step; more are first divided into parts of this size."""
_BLOCK = 64
_SEED = 20_211


class Leaf(NamedTuple):
    """Rows that are compared with one another.

    Attributes:
        members: int32, the rows.
        places: int32, which of its leaves this is to each of them, from 0.
    """

    members: Rows
    places: Rows


class Partition:
    """Rows in leaves, each row in so many of them.

    Args:
        kernels: The compiled entries.
        vectors: Returns the vectors of rows, float32 (rows, dim), less their centre.
        check: Raises if the work is no longer wanted.
    """

    def __init__(
        self,
        kernels: SimpleNamespace,
        vectors: Callable[[Rows], Vectors],
        check: Callable[[], None],
    ) -> None:
        self._kernels = kernels
        self._vectors = vectors
        self._check = check
        self._random = np.random.default_rng(_SEED)

    def leaves(self, count: int, fan: int) -> list[Leaf]:
        """Return leaves of rows 0 to `count` - 1, each row in `fan` of them, or in fewer.

        Rows that are so few that they are compared all with all are in one leaf.
        """
        rows = np.arange(count, dtype=np.int32)
        if count <= TOGETHER:
            return [Leaf(rows, np.zeros(count, np.int32))]
        made: list[Leaf] = []
        whole = Leaf(rows, np.zeros(count, np.int32))
        if count <= _IN_ONE_STEP * 3 // 2 or fan < 4:
            self._divide(whole, fan, LARGEST, made)
            return made
        parts: list[Leaf] = []
        self._divide(whole, 2, _IN_ONE_STEP, parts)
        for part in parts:
            half = Leaf(part.members, part.places * (fan // 2))
            if len(part.members) <= TOGETHER:
                made.append(half)
            else:
                self._divide(half, fan // 2, LARGEST, made)
        return made

    def _divide(self, whole: Leaf, fan: int, largest: int, made: list[Leaf]) -> None:
        """Append parts of a leaf to `made`, each of its rows in `fan` of them."""
        pending = [(whole, fan)]
        while pending:
            leaf, times = pending.pop()
            for part in self._parts(leaf, times, largest):
                if len(part.members) <= largest:
                    made.append(part)
                else:
                    pending.append((part, 1))

    def _parts(self, leaf: Leaf, fan: int, largest: int) -> list[Leaf]:
        count = len(leaf.members)
        leaders = max(-(-count * fan // int(largest * _FILL)), fan + 1)
        nearest = self._nearest(leaf.members, leaders, fan)
        order = np.argsort(nearest.reshape(-1), kind="stable")
        ends = np.cumsum(np.bincount(nearest.reshape(-1), minlength=leaders))
        if int(np.diff(ends, prepend=0).max()) > count * 9 // 10:  # copies of few rows
            order, ends = _evenly(count, fan, leaders)
        # Entry e of the flattened lists is rank e % fan of row e // fan.
        members = leaf.members[order // fan]
        places = leaf.places[order // fan] + (order % fan).astype(np.int32)
        return [
            Leaf(members[start:end], places[start:end])
            for start, end in zip([0, *ends[:-1]], ends, strict=True)
            if end > start
        ]

    def _nearest(self, rows: Rows, leaders: int, fan: int) -> Rows:
        chosen = np.sort(self._random.choice(rows, leaders, replace=False))
        leading = self._vectors(chosen)
        halves = np.einsum("ij,ij->i", leading, leading) / np.float32(2)
        products = np.empty(_BLOCK * leaders, np.float32)
        near = np.empty(fan, np.float32)
        nearest = np.empty((len(rows), fan), np.int32)
        for at in range(0, len(rows), _BLOCK):
            if at % (_BLOCK * _BLOCK) == 0:
                self._check()
            block = self._vectors(rows[at : at + _BLOCK])
            self._kernels.assign(block, leading, halves, products, near, nearest[at : at + _BLOCK])
        return nearest


def _evenly(count: int, fan: int, parts: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return an order, and the ends of its parts, that divide rows evenly, whatever is near."""
    order = np.argsort(np.arange(count * fan) % fan, kind="stable")
    ends = np.linspace(0, count * fan, parts + 1).astype(np.int64)[1:]
    return order, ends
