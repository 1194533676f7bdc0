"""Our k-means finds centres as near as faiss' own, of length 1 where products are compared."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from aiomilvus.engine.index.dense.clustering import find_centres
from aiomilvus.engine.index.dense.faiss_library import faiss_library

Floats = NDArray[np.float32]


def _clustered(rng: np.random.Generator) -> Floats:
    centres = rng.normal(size=(50, 12))
    points = centres[rng.integers(0, 50, 4_000)] + 0.1 * rng.normal(size=(4_000, 12))
    return np.ascontiguousarray(points, np.float32)


def _error(points: Floats, centres: Floats) -> float:
    squares = ((points[:, None, :] - centres[None]) ** 2).sum(axis=2)
    return float(squares.min(axis=1).mean())


@pytest.mark.parametrize("count", [1, 7, 60])
def test_the_centres_are_as_near_to_the_points_as_those_of_faiss(count: int):
    faiss = faiss_library()
    points = np.random.default_rng(3).normal(size=(4_000, 12)).astype(np.float32)
    theirs = faiss.Kmeans(12, count, niter=10, seed=1234)
    theirs.train(points)
    ours = find_centres(points, count, lambda: None, spherical=False)
    assert ours.shape == (count, 12)
    assert _error(points, ours) <= 1.02 * _error(points, theirs.centroids)


def test_centres_that_products_are_compared_with_have_length_1():
    points = _clustered(np.random.default_rng(4))
    centres = find_centres(points, 20, lambda: None, spherical=True)
    assert np.linalg.norm(centres, axis=1) == pytest.approx(1.0, abs=1e-5)


def test_copies_of_few_points_get_as_many_centres_as_asked_for():
    points = np.repeat(np.eye(3, dtype=np.float32), 100, axis=0)
    centres = find_centres(points, 8, lambda: None, spherical=False)
    assert np.isfinite(centres).all()
    assert _error(points, centres) < 1e-3


def test_what_the_check_raises_ends_the_work_between_two_blocks():
    asked = iter(range(3))

    def check() -> None:
        if next(asked) == 2:
            raise TimeoutError

    with pytest.raises(TimeoutError):
        find_centres(_clustered(np.random.default_rng(5)), 5, check, spherical=False)
    assert next(asked, None) is None
