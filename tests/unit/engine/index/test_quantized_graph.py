from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
import pytest

pytest.importorskip("numba")

from aiomilvus.engine.index import costs
from aiomilvus.engine.index.contract import Found
from aiomilvus.engine.index.dense import kernel_access
from aiomilvus.engine.index.dense.faiss_library import faiss_library
from aiomilvus.engine.index.dense.quantized_graph import QuantizedGraph
from aiomilvus.engine.index.dense.selection import selection_of

pytestmark = pytest.mark.timeout(180)  # the first run on a machine compiles

faiss = faiss_library()
ROWS, DIM, K = 4000, 40, 10
VECTORS = np.random.default_rng(3).normal(size=(ROWS, DIM)).astype(np.float32)
VECTORS[:, 0] *= 4
VECTORS[7] = 0
QUERIES = np.random.default_rng(4).normal(size=(60, DIM)).astype(np.float32)
QUERIES /= np.linalg.norm(QUERIES, axis=1, keepdims=True)
UNIT = VECTORS / np.maximum(np.linalg.norm(VECTORS, axis=1, keepdims=True), 1e-30)
EXACT = {
    "IP": QUERIES @ UNIT.T,
    "COSINE": QUERIES @ UNIT.T,
    "L2": ((QUERIES[:, None, :] - VECTORS) ** 2).sum(2),
}


@cache
def index_over(measure):
    index = faiss.IndexHNSWFlat(DIM, 16, measure)
    index.hnsw.efConstruction = 200
    index.add(VECTORS if measure == faiss.METRIC_L2 else UNIT)
    return index


def graph_over(metric, bits):
    index = index_over(faiss.METRIC_L2 if metric == "L2" else faiss.METRIC_INNER_PRODUCT)
    kernels = kernel_access.kernels()
    assert kernels is not None
    return index, QuantizedGraph(kernels, index, UNIT if metric == "IP" else VECTORS, metric, bits)


@pytest.fixture(scope="module", params=[4, 8])
def bits(request):
    return request.param


@pytest.fixture(scope="module", params=["IP", "COSINE", "L2"])
def both(request, bits):
    return request.param, *graph_over(request.param, bits)


@pytest.fixture
def searched(both):
    metric, _, graph = both
    return metric, graph


def recall(metric, found, mask=None):
    order = EXACT[metric] if metric == "L2" else -EXACT[metric]
    if mask is not None:
        order = np.where(mask, order, np.inf)
    best = np.argsort(order, axis=1)[:, :K]
    hits = sum(len(np.intersect1d(a, b)) for a, b in zip(found.rows, best, strict=True))
    return hits / best.size


def assert_exact(metric, found):
    wanted = np.take_along_axis(EXACT[metric], found.rows, axis=1)
    np.testing.assert_allclose(found.scores, wanted, rtol=1e-4, atol=1e-5)
    steps = np.diff(found.scores, axis=1)
    assert (steps >= 0).all() if metric == "L2" else (steps <= 0).all()


def test_hits_are_the_nearest_with_exact_scores(searched):
    metric, graph = searched
    found = graph.search(QUERIES, K, 100)
    assert recall(metric, found) >= 0.95
    assert_exact(metric, found)


@pytest.mark.parametrize("ef", [10, 20, 60])
def test_an_effort_finds_what_it_finds_in_faiss(both, ef):
    metric, index, graph = both
    params = faiss.SearchParametersHNSW(efSearch=ef)
    scores, rows = index.search(QUERIES, K, params=params)
    assert (
        recall(metric, graph.search(QUERIES, K, ef)) >= recall(metric, Found(scores, rows)) - 0.02
    )


@pytest.mark.parametrize("share", [0.003, 0.05, 0.3, 0.9])
@pytest.mark.parametrize("correlated", [False, True])
def test_a_filter_costs_no_recall(searched, share, correlated, monkeypatch):
    metric, graph = searched
    monkeypatch.setattr(costs, "CODED_SCAN", 4.0)  # so few rows would all be scanned
    likeness = EXACT["COSINE"].mean(0) if correlated else np.random.default_rng(5).random(ROWS)
    # Rows least like the queries: where a walk towards the queries does not lead.
    mask = likeness < np.quantile(likeness, share)
    found = graph.search(QUERIES, K, 120, selection_of(mask))
    assert mask[found.rows].all()
    assert recall(metric, found, mask) >= 0.95
    assert_exact(metric, found)


@pytest.mark.parametrize("count", [80, 1000])
def test_few_rows_are_compared_as_if_exactly(searched, count):
    metric, graph = searched
    rows = np.sort(np.random.default_rng(5).choice(ROWS, count, replace=False))
    mask = np.zeros(ROWS, np.bool_)
    mask[rows] = True
    found = graph.search_subset(QUERIES, K, rows)
    assert recall(metric, found, mask) == 1.0
    assert_exact(metric, found)
    assert (graph.search_subset(QUERIES, K, rows[:4]).rows[:, 4:] == -1).all()


def test_a_walk_beyond_its_budget_ends_in_a_scan(searched, monkeypatch):
    metric, graph = searched
    mask = np.random.default_rng(5).random(ROWS) < 0.5
    monkeypatch.setattr(graph, "budget", lambda passing, ef: 1)
    found = graph.search(QUERIES, K, 60, selection_of(mask))
    # A scan by codes finds what these tell apart.
    assert recall(metric, found, mask) >= (0.96 if graph.bits == 4 else 0.99)


def test_a_walk_given_up_leaves_many_hits_to_who_compares_vectors(searched, monkeypatch):
    _, graph = searched
    mask = np.random.default_rng(5).random(ROWS) < 0.5
    monkeypatch.setattr(graph, "budget", lambda passing, ef: 1)
    monkeypatch.setattr(graph, "search_subset", None)  # keeping so many in order takes longer
    assert (graph.search(QUERIES[:3], 257, 300, selection_of(mask)).rows == -1).all()


def test_missing_hits_are_row_minus_one(searched):
    _, graph = searched
    mask = np.zeros(ROWS, np.bool_)
    assert (graph.search(QUERIES, K, 60, selection_of(mask)).rows == -1).all()
    mask = np.zeros(ROWS, np.bool_)
    mask[[5, 9]] = True
    found = graph.search(QUERIES, K, 60, selection_of(mask)).rows
    assert sorted(set(found.ravel().tolist())) == [-1, 5, 9]
    assert (found[:, 2:] == -1).all()


def test_one_by_one_in_threads_finds_what_a_batch_finds(searched):
    _, graph = searched
    together = graph.search(QUERIES, K, 60)
    with ThreadPoolExecutor(4) as pool:
        alone = list(pool.map(lambda i: graph.search(QUERIES[i : i + 1], K, 60), range(60)))
    assert np.array_equal(together.rows, np.concatenate([found.rows for found in alone]))


def test_stamps_that_run_out_start_again(searched):
    _, graph = searched
    wanted = graph.search(QUERIES, K, 60).rows
    for _ in range(2 * 256 // len(QUERIES) + 1):
        assert np.array_equal(graph.search(QUERIES, K, 60).rows, wanted)


def test_a_query_of_zeros_is_answered(searched):
    _, graph = searched
    found = graph.search(np.zeros((1, DIM), np.float32), K, 60)
    assert (found.rows >= 0).all()
    assert np.isfinite(found.scores).all()


def test_a_query_alone_finds_what_it_finds_among_others_whatever_was_asked_before(searched):
    _, graph = searched
    for k, ef in ((10, 64), (3, 64), (10, 200), (10, 64)):
        together = graph.search(QUERIES[:6], k, ef)
        alone = [graph.search(QUERIES[at : at + 1], k, ef) for at in range(6)]
        assert np.array_equal(np.concatenate([each.rows for each in alone]), together.rows)
        assert np.array_equal(np.concatenate([each.scores for each in alone]), together.scores)
