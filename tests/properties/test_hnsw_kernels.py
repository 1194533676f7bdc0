"""The compiled kernels against the same in plain Python, on small graphs of all sorts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

pytest.importorskip("numba")

from aiomilvus.engine.index.dense import kernel_access
from aiomilvus.engine.index.dense.coded_column import subset_depth
from aiomilvus.engine.index.dense.faiss_library import Threads, faiss_library
from aiomilvus.engine.index.dense.quantized_graph import (
    QuantizedGraph,
    least_depth,
    least_hits,
    rescoring_depth,
)
from aiomilvus.engine.index.dense.selection import selection_of
from tests.support import hnsw_oracle as oracle
from tests.support.examples import examples

pytestmark = pytest.mark.timeout(300)  # the first run on a machine compiles


def graph_over(vectors, metric, bits):
    faiss = faiss_library()
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-30)
    measure = faiss.METRIC_L2 if metric == "L2" else faiss.METRIC_INNER_PRODUCT
    index = faiss.IndexHNSWFlat(vectors.shape[1], 4, measure)
    with Threads(1):
        index.add(unit if metric == "COSINE" else vectors)
    kernels = kernel_access.kernels()
    assert kernels is not None
    return QuantizedGraph(kernels, index, vectors, metric, bits)


def wanted_of(graph, k, ef, depth):
    largest = float(graph._most)
    return oracle.Wanted(graph._is_distance, graph.bits, largest, k, ef, depth)


def assert_same(graph, query, found, row, best):
    """Rows of the same exact scores, in order: which of several equal ones does not matter."""
    wanted = wanted_of(graph, len(best), len(best), len(best))
    rows = found.rows[row][found.rows[row] >= 0].tolist()
    assert len(set(rows)) == len(rows) == len(best)
    scores = oracle.rescored(graph._store, query, wanted, best)[1]
    ours = oracle.rescored(graph._store, query, wanted, rows)[1]
    np.testing.assert_allclose(ours, scores, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found.scores[row][: len(best)], ours, rtol=1e-4, atol=1e-5)


CASES = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 10_000),
        "count": st.integers(1, 150),
        "dim": st.sampled_from([1, 2, 7, 31, 33, 64, 70, 130]),
        "metric": st.sampled_from(["L2", "IP", "COSINE"]),
        "bits": st.sampled_from([4, 8]),
        "offset": st.sampled_from([0.0, 30.0]),
    }
)


def made(case):
    random = np.random.default_rng(case["seed"])
    shape = (case["count"], case["dim"])
    vectors = (random.standard_normal(shape) + case["offset"]).astype(np.float32)
    queries = (random.standard_normal((2, case["dim"])) + case["offset"]).astype(np.float32)
    if case["metric"] == "COSINE":
        queries /= np.linalg.norm(queries, axis=1, keepdims=True)
    return random, graph_over(vectors, case["metric"], case["bits"]), queries


@settings(max_examples=examples(60))
@given(case=CASES, k=st.integers(1, 12), ef=st.integers(1, 40))
def test_a_walk_finds_what_the_textbook_finds(case, k, ef):
    _, graph, queries = made(case)
    found = graph.search(queries, k, max(ef, k))
    kept = max(ef, least_depth(k))
    wanted = wanted_of(graph, k, kept, rescoring_depth(k, kept))
    for row, query in enumerate(queries):
        score = oracle.scores_by_code(graph._store, query, wanted)
        rows = oracle.walked(graph._graph, score, kept)
        top, _ = oracle.rescored(graph._store, query, wanted, rows)
        assert_same(graph, query, found, row, top)


@settings(max_examples=examples(60))
@given(
    case=CASES,
    k=st.integers(1, 8),
    ef=st.integers(1, 60),
    share=st.sampled_from([0.1, 0.5, 0.9]),
)
def test_a_filtered_walk_goes_as_far_as_one_without_or_until_it_has_enough_hits(case, k, ef, share):
    random, graph, queries = made(case)
    selection = selection_of(random.random(case["count"]) < share)
    graph.budget = lambda *_: 1_000_000
    found = graph.search(queries, k, max(ef, k), selection)
    kept = max(ef, least_depth(k))
    wanted = wanted_of(graph, k, kept, rescoring_depth(k, kept))
    for row, query in enumerate(queries):
        score = oracle.scores_by_code(graph._store, query, wanted)
        rows = oracle.walked(
            graph._graph, score, kept, lambda at: selection.mask[at], least_hits(k, kept)
        )
        top, _ = oracle.rescored(graph._store, query, wanted, rows)
        assert_same(graph, query, found, row, top)


@settings(max_examples=examples(40))
@given(
    case=CASES,
    k=st.integers(1, 8),
    share=st.sampled_from([0.1, 0.5, 0.9]),
    budget=st.sampled_from([0, 1]),
)
def test_without_a_budget_and_with_a_spent_one_allowed_rows_are_scanned(case, k, share, budget):
    assume(not budget or case["count"] > 40)  # fewer rows are met before it is looked at
    random, graph, queries = made(case)
    selection = selection_of(random.random(case["count"]) < share)
    graph.budget = lambda *_: budget
    found = graph.search(queries, k, k, selection)
    wanted = wanted_of(graph, k, subset_depth(k), subset_depth(k))
    for row, query in enumerate(queries):
        score = oracle.scores_by_code(graph._store, query, wanted)
        rows = oracle.scanned(score, selection.rows.tolist(), wanted.ef)
        top, _ = oracle.rescored(graph._store, query, wanted, rows)
        assert_same(graph, query, found, row, top)


@settings(max_examples=examples(40))
@given(case=CASES, k=st.integers(1, 8), share=st.sampled_from([0.2, 1.0]))
def test_listed_rows_are_scanned_by_code_then_by_vector(case, k, share):
    random, graph, queries = made(case)
    rows = np.flatnonzero(random.random(case["count"]) < share)
    found = graph.search_subset(queries, k, rows)
    wanted = wanted_of(graph, k, subset_depth(k), subset_depth(k))
    for row, query in enumerate(queries):
        score = oracle.scores_by_code(graph._store, query, wanted)
        best = oracle.scanned(score, rows.tolist(), wanted.ef)
        top, _ = oracle.rescored(graph._store, query, wanted, best)
        assert_same(graph, query, found, row, top)


@given(k=st.integers(1, 300), ef=st.integers(1, 1000))
def test_the_rescoring_depth_grows_with_ef_up_to_all(k, ef):
    kept = max(ef, least_depth(k))
    depth = rescoring_depth(k, kept)
    assert k <= depth <= kept
    assert depth <= rescoring_depth(k, kept + 1)
    assert depth == kept or kept < 256
