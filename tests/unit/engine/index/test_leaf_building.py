"""Graphs of many rows find what faiss' own find, on any data and by any metric."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import faiss
import numpy as np
import pytest

from aiomilvus.engine.index.contract import BuildBudget
from aiomilvus.engine.index.dense import building, leaf_building
from aiomilvus.engine.index.dense.building import build_faiss
from aiomilvus.engine.index.dense.faiss_index import FaissIndex
from aiomilvus.engine.index.dense.leaf_building import graph_of_leaves, share_found
from aiomilvus.engine.index.graph_build import kernel_access
from aiomilvus.model.columns import VectorColumn

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

ROWS = 5_000
PARAMS = {"M": 8, "efConstruction": 80}
BUDGET = BuildBudget(2)


def normal(*shape: int) -> Floats:
    return np.random.default_rng(shape).standard_normal(shape).astype(np.float32)


def clusters(count: int) -> Floats:
    near = np.random.default_rng(count).integers(60, size=count)
    return 10 * normal(60, 64)[near] + 0.3 * normal(count, 64)


DATA: dict[str, Callable[[int], Floats]] = {
    "uniform": lambda count: np.random.default_rng(7).random((count, 24), np.float32),
    "clusters": clusters,
    "few dimensions": lambda count: normal(count, 4),
    "far from the origin": lambda count: normal(count, 24) + 100,
    "heavy tails": lambda count: normal(count, 24) * np.exp(1.5 * normal(count, 1)),
    "copies": lambda count: np.repeat(normal(-(-count // 4), 24), 4, axis=0)[:count],
}


@pytest.fixture(autouse=True)
def few_rows_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaf_building, "FEWEST_ROWS", ROWS)
    assert kernel_access.kernels(600, BUDGET) is not None


def recall(index: Any, values: Floats, queries: Floats, metric: str, ef: int) -> float:
    """Return the share of hits that are as near as the tenth nearest row."""
    if metric == "COSINE":
        values = values / np.linalg.norm(values, axis=1, keepdims=True)
    sign = -1.0 if metric == "L2" else 1.0
    exact = faiss.IndexFlat(values.shape[1], faiss.METRIC_L2 if metric == "L2" else 0)
    exact.add(values)
    scores, _ = exact.search(queries, 10)
    limit = scores[:, -1:] * sign
    if isinstance(index, FaissIndex):
        found = index.search(VectorColumn(queries), 10, {"ef": ef}, None).rows
    else:
        index.hnsw.efSearch = ef
        found = index.search(queries, 10)[1]
    apart = queries[:, None] - values[found]
    got = -np.square(apart).sum(2) if metric == "L2" else (queries[:, None] * values[found]).sum(2)
    return float((got >= limit - 1e-5 * np.abs(limit)).mean())


@pytest.mark.parametrize(
    ("name", "metric"),
    [*((name, "L2") for name in DATA), ("uniform", "COSINE"), ("uniform", "IP")],
)
def test_a_graph_finds_what_faiss_own_finds(name: str, metric: str) -> None:
    both = DATA[name](ROWS + 200)
    values, queries = np.ascontiguousarray(both[:ROWS]), np.ascontiguousarray(both[ROWS:])
    unit, keep = metric == "COSINE", dict[str, Any]()
    theirs = building._graph(values, metric, PARAMS, BUDGET, unit=unit)
    building._put_over_vectors(theirs, values, metric, keep, unit=unit)
    ours = build_faiss(VectorColumn(values), metric, "HNSW", PARAMS, BUDGET)
    for ef in (24, 64):
        wanted = recall(theirs, values, queries, metric, ef)
        assert recall(ours, values, queries, metric, ef) >= wanted - 0.01


@pytest.mark.parametrize(
    ("shares", "taken"),
    [([0.999], "leaves"), ([0.9, 0.95], "faiss"), ([0.9, 0.8], "leaves"), ([0.9, 0.9], "leaves")],
    ids=["leaves are good enough", "faiss is better", "leaves are better", "both are as good"],
)
def test_the_graph_in_which_more_rows_find_themselves_is_kept(
    shares: list[float], taken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def share(index: Any, values: Floats, *, unit: bool) -> float:
        asked.append(index)
        return shares[len(asked) - 1]

    monkeypatch.setattr(building, "share_found", share)
    built = build_faiss(VectorColumn(normal(ROWS, 8)), "L2", "HNSW", PARAMS, BUDGET)
    assert len(asked) == len(shares)
    assert built._index is asked[0 if taken == "leaves" else 1]


def test_rows_that_no_link_leads_to_are_not_found() -> None:
    values = clusters(ROWS)
    index = graph_of_leaves(values, "L2", PARAMS, BUDGET, unit=False)
    assert index is not None
    building._put_over_vectors(index, values, "L2", {}, unit=False)
    before = share_found(index, values, unit=False)
    lost = np.arange(ROWS) % 4 == 1
    links = faiss.vector_to_array(index.hnsw.neighbors)
    links[(links >= 0) & lost[links]] = -1
    faiss.copy_array_to_vector(links, index.hnsw.neighbors)
    assert share_found(index, values, unit=False) < before - 0.15


@pytest.mark.parametrize(
    ("values", "metric", "params", "unit"),
    [
        (normal(ROWS - 1, 8), "L2", PARAMS, False),
        (normal(ROWS, 3), "L2", PARAMS, False),
        (normal(ROWS, 8).astype(np.float16), "L2", PARAMS, False),
        (normal(ROWS, 8), "IP", PARAMS, False),
        (np.repeat(normal(ROWS // 2, 8), 2, axis=0), "L2", PARAMS, False),
        (normal(ROWS, 8), "L2", {"M": 65, "efConstruction": 80}, False),
    ],
    ids=["few rows", "few dimensions", "float16", "products of any length", "copies", "many links"],
)
def test_faiss_builds_what_leaves_do_not_suit(
    values: Floats, metric: str, params: dict[str, int], unit: bool
) -> None:
    assert graph_of_leaves(values, metric, params, BUDGET, unit=unit) is None


def test_vectors_of_one_length_are_built_by_products_too() -> None:
    values = normal(ROWS, 8)
    values /= np.linalg.norm(values, axis=1, keepdims=True)
    for metric in ("IP", "COSINE"):
        index = graph_of_leaves(values, metric, PARAMS, BUDGET, unit=False)
        assert index is not None
        assert index.ntotal == ROWS
