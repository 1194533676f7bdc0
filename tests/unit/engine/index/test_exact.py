"""Exact search: the scores are those of the definition, whichever rows are allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from aiomilvus.engine.index.dense.exact import exact_range, exact_search
from aiomilvus.model.columns import VectorColumn

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROWS, DIM = 500, 24


def by_definition(
    queries: NDArray[np.float32], vectors: NDArray[np.float32], metric: str
) -> NDArray[np.float64]:
    one, two = queries.astype(np.float64), vectors.astype(np.float64)
    if metric == "L2":
        return np.asarray(((one[:, None] - two[None]) ** 2).sum(axis=2), np.float64)
    if metric == "COSINE":
        one /= np.linalg.norm(one, axis=1)[:, None]
        two = two / np.linalg.norm(two, axis=1)[:, None]
    return one @ two.T


@pytest.mark.parametrize("metric", ["L2", "IP", "COSINE"])
@pytest.mark.parametrize("nq", [1, 3, 40])
@pytest.mark.parametrize("share", [0.0, 0.05, 0.5, 0.9, 0.998, 1.0])
def test_hits_are_the_nearest_of_the_allowed_rows(metric: str, nq: int, share: float):
    rng = np.random.default_rng(nq)
    vectors = rng.normal(size=(ROWS, DIM)).astype(np.float32) + 3
    queries = rng.normal(size=(nq, DIM)).astype(np.float32) + 3
    vectors.flags.writeable = queries.flags.writeable = False
    mask = rng.permutation(ROWS) < share * ROWS
    scores = by_definition(queries, vectors, metric)
    keys = np.where(mask, scores if metric == "L2" else -scores, np.inf)
    found = exact_search(VectorColumn(queries), VectorColumn(vectors), 7, metric, mask)
    for query in range(nq):
        best = np.argsort(keys[query])[: min(7, mask.sum())]
        assert found.rows[query].tolist() == [*best, *[-1] * (7 - len(best))]
        assert found.scores[query, : len(best)] == pytest.approx(scores[query, best], rel=1e-4)


def test_nulls_and_rows_that_are_not_allowed_are_no_hits_of_a_range():
    rng = np.random.default_rng(5)
    vectors = rng.normal(size=(ROWS, DIM)).astype(np.float32)
    valid, mask = np.ones(ROWS, np.bool_), np.ones(ROWS, np.bool_)
    valid[:10], mask[20:30] = False, False
    queries = VectorColumn(vectors[:1].copy())
    found = exact_range(queries, VectorColumn(vectors, valid), 1e9, None, "L2", mask)
    assert sorted(found.rows.tolist()) == [*range(10, 20), *range(30, ROWS)]


def test_small_distances_far_from_the_origin_are_told_apart():
    vectors = np.full((ROWS, DIM), 1e4, np.float32)
    vectors[:, 0] += np.arange(ROWS, dtype=np.float32) / 64
    found = exact_search(VectorColumn(vectors[:1]), VectorColumn(vectors), 5, "L2", None)
    assert found.rows[0].tolist() == [0, 1, 2, 3, 4]
    assert found.scores[0].tolist() == [(n / 64) ** 2 for n in range(5)]


def test_columns_whose_rows_do_not_lie_end_to_end_are_compared_too():
    rng = np.random.default_rng(6)
    wide = rng.normal(size=(ROWS, 2 * DIM)).astype(np.float32)
    apart, whole = VectorColumn(wide[:, ::2]), VectorColumn(wide[:, ::2].copy())
    queries = VectorColumn(whole.values[:2])
    for metric in ("L2", "COSINE"):
        one = exact_search(queries, apart, 5, metric, None)
        two = exact_search(queries, whole, 5, metric, None)
        assert one.rows.tolist() == two.rows.tolist()
        np.testing.assert_allclose(one.scores, two.scores, rtol=1e-6)  # summed in another order
