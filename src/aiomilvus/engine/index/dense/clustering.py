"""k-means that can be given up between blocks: the centres of inverted lists.

Lloyd's algorithm as faiss runs it for such lists: ten rounds from a random start, centres of
length 1 where vectors are compared by their product, and half of a large list for one that got no
vector. faiss' own can't be stopped before all rounds are done, which takes minutes for many long
centres; here it finds the nearest centres of one block after the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.engine.index.dense.faiss_library import faiss_library

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_ROUNDS = 10
_SEED = 1234
_PRODUCTS = 1 << 30
"""Multiplications between two questions whether to go on: a tenth of a second or so."""
_MOST_BLOCK_ROWS = 1 << 14
_NUDGE = 1 / 1024
"""How far the two halves of a divided list are moved apart, of each coordinate."""


def find_centres(
    points: Floats, count: int, check: Callable[[], object], *, spherical: bool
) -> Floats:
    """Return the centres of so many clusters of points.

    Args:
        points: float32 (n, dim), at least `count`.
        count: How many clusters.
        check: Called before each block of points; what it raises ends the work.
        spherical: Whether centres have length 1, and the largest product is the nearest.

    Returns:
        float32 (count, dim).
    """
    rng = np.random.default_rng(_SEED)
    centres = points[np.sort(rng.choice(len(points), count, replace=False))].astype(np.float32)
    for _ in range(_ROUNDS):
        sums, sizes = _assigned(points, _unit(centres) if spherical else centres, check, spherical)
        held = sizes > 0
        centres[held] = sums[held] / sizes[held, None]
        _divide(centres, sizes, rng)
    return _unit(centres) if spherical else centres


def _assigned(
    points: Floats, centres: Floats, check: Callable[[], object], spherical: bool
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the sum and the number of the points that are nearest to each centre."""
    faiss = faiss_library()
    count, dim = centres.shape
    index = faiss.IndexFlatIP(dim) if spherical else faiss.IndexFlatL2(dim)
    index.add(np.ascontiguousarray(centres))
    sums = np.zeros((count, dim))
    sizes = np.zeros(count, np.int64)
    step = min(max(_PRODUCTS // (count * dim), 1), _MOST_BLOCK_ROWS)
    for start in range(0, len(points), step):
        check()
        block = points[start : start + step]
        nearest = index.search(block, 1)[1][:, 0]
        order = np.argsort(nearest, kind="stable")
        lists, firsts = np.unique(nearest[order], return_index=True)
        sums[lists] += np.add.reduceat(block[order], firsts, axis=0)
        sizes += np.bincount(nearest, minlength=count)
    return sums, sizes


def _unit(centres: Floats) -> Floats:
    lengths = np.linalg.norm(centres, axis=1, keepdims=True)
    return np.ascontiguousarray(centres / np.where(lengths == 0, 1, lengths), np.float32)


def _divide(centres: Floats, sizes: NDArray[np.int64], rng: np.random.Generator) -> None:
    """Give each centre without points half of the list of one that has many, in place."""
    for empty in np.flatnonzero(sizes == 0).tolist():
        chances = np.maximum(sizes - 1, 0)
        if not chances.any():
            return
        full = int(rng.choice(len(sizes), p=chances / chances.sum()))
        nudge = np.where(np.arange(centres.shape[1]) % 2, 1 + _NUDGE, 1 - _NUDGE)
        centres[empty] = centres[full] * nudge
        centres[full] *= 2 - nudge
        sizes[empty] = sizes[full] // 2
        sizes[full] -= sizes[empty]
