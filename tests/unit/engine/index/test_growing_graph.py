"""Graphs over growing rows score by the vectors' own lengths, whatever they are served as."""

from __future__ import annotations

import numpy as np
import pytest

from aiomilvus.engine.index.dense import growing_graph
from aiomilvus.engine.index.dense.faiss_index import FaissIndex
from aiomilvus.engine.index.dense.growing_graph import GrowingGraph, Grown
from aiomilvus.model.columns import VectorColumn

ROWS, DIM = 3000, 16


@pytest.fixture
def vectors() -> np.ndarray:
    rng = np.random.default_rng(4)
    lengths = rng.uniform(0.1, 9.0, (ROWS, 1))
    return (rng.normal(size=(ROWS, DIM)) * lengths).astype(np.float32)


@pytest.mark.parametrize("has_kernels", [False, True])
@pytest.mark.parametrize("metric", ["COSINE", "IP", "L2"])
def test_filtered_hits_have_the_scores_of_their_vectors(
    vectors: np.ndarray, metric: str, has_kernels: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growing_graph, "are_loaded", lambda: has_kernels)
    # Codes that were refused leave a graph whose hits are decided by the vectors.
    monkeypatch.setattr(FaissIndex, "accelerate", lambda *_: False)
    graph = GrowingGraph(metric)
    published: list[Grown] = []
    while graph.is_behind(ROWS):
        graph.extend(lambda: VectorColumn(vectors), lambda: True, published.append)
    served = published[-1].graph
    assert served is not None
    query = vectors[:1] / np.linalg.norm(vectors[:1]) if metric == "COSINE" else vectors[:1]
    mask = np.arange(len(vectors)) % 50 == 0
    found = served.search(VectorColumn(query), 10, {}, mask[: served.num_rows])
    rows = found.rows[0]
    assert mask[rows].all()
    expected = {
        "L2": ((vectors[rows] - query) ** 2).sum(1),
        "IP": vectors[rows] @ query[0],
        "COSINE": vectors[rows] @ query[0] / np.linalg.norm(vectors[rows], axis=1),
    }[metric]
    np.testing.assert_allclose(found.scores[0], expected, rtol=1e-4, atol=1e-4)
