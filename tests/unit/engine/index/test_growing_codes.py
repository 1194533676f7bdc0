"""Rows that no graph has yet are found by their codes as if compared exactly."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

pytest.importorskip("numba")

from aiomilvus.engine.index.dense import growing_codes, kernel_access
from aiomilvus.engine.index.dense.exact import exact_search
from aiomilvus.engine.index.dense.growing_codes import GrowingCodes
from aiomilvus.engine.index.dense.growing_graph import GrowingGraph, Grown
from aiomilvus.engine.index.dense.growing_index import GrowingIndex
from aiomilvus.model.columns import VectorColumn

pytestmark = pytest.mark.timeout(180)  # the first run on a machine compiles

ROWS, DIM, K = 3_000, 40, 10
LENGTHS = np.random.default_rng(4).uniform(0.3, 3, (ROWS, 1))
VECTORS = (np.random.default_rng(5).standard_normal((ROWS, DIM)) * LENGTHS + 2).astype(np.float32)
QUERIES = VectorColumn((np.random.default_rng(6).standard_normal((8, DIM)) + 2).astype(np.float32))
METRICS = ("L2", "IP", "COSINE")


@pytest.fixture
def kernels():
    module = kernel_access.kernels()
    assert module is not None
    return module


def grown(metric, kernels, coded, linked=0):
    """What serves rows of which some are in a graph, and more have codes."""
    graph = None
    if linked:
        made: list[Grown] = []
        column = VectorColumn(VECTORS[:linked])
        GrowingGraph(metric).extend(lambda: column, lambda: True, made.append)
        graph = made[-1].graph
    return Grown(graph, GrowingCodes(metric).extended(kernels, VECTORS[:coded]))


def assert_as_exact(searcher, column, mask=None):
    found = searcher.search(QUERIES, K, {"ef": 400}, mask)
    wanted = exact_search(QUERIES, column, K, searcher.metric, mask)
    assert np.array_equal(found.rows < 0, wanted.rows < 0)
    there = found.rows >= 0
    np.testing.assert_allclose(found.scores[there], wanted.scores[there], rtol=1e-3, atol=1e-4)
    if mask is not None:
        assert mask[found.rows[there]].all()


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("linked", [0, 1_600])
def test_rows_with_links_with_codes_and_with_neither_are_all_found(
    metric, linked, kernels, monkeypatch
):
    serving = grown(metric, kernels, 2_700, linked)
    column = VectorColumn(VECTORS)
    monkeypatch.setattr("aiomilvus.engine.index.costs.CODED_SCAN", 1.0)  # so few would do without
    searcher = GrowingIndex(column, metric, lambda: serving)
    assert "-bit codes" in searcher.kind
    assert searcher.kind.endswith("300 by scan")
    assert ("growing" in searcher.kind) == bool(linked)
    assert_as_exact(searcher, column)
    for mask in (
        np.random.default_rng(7).random(ROWS) < 0.3,
        np.arange(ROWS) >= 2_700,
        (np.arange(ROWS) >= 1_600) & (np.arange(ROWS) < 2_000),
        np.arange(ROWS) < 5,
        np.zeros(ROWS, np.bool_),
    ):
        assert_as_exact(searcher, column, mask)


def test_a_view_shows_none_of_the_rows_behind_it_though_they_have_codes(kernels):
    column = VectorColumn(VECTORS[:1_000])
    serving = grown("L2", kernels, 2_700)
    searcher = GrowingIndex(column, "L2", lambda: serving)
    assert "1000 by" in searcher.kind
    assert_as_exact(searcher, column)


def test_null_vectors_with_codes_are_no_hits(kernels):
    column = VectorColumn(VECTORS, np.arange(ROWS) % 3 > 0)
    serving = grown("IP", kernels, ROWS)
    searcher = GrowingIndex(column, "IP", lambda: serving)
    assert_as_exact(searcher, column)
    found = searcher.search(QUERIES, K, {}, None)
    assert (found.rows % 3 > 0).all()


def test_a_plan_of_codes_alone_says_so_and_costs_less_than_comparing_vectors(kernels):
    column = VectorColumn(VECTORS)
    serving = grown("L2", kernels, ROWS)
    plan = GrowingIndex(column, "L2", lambda: serving).plan(QUERIES, K, {}, None)
    assert plan.strategy == "codes"
    assert plan.codes == serving.coded.bits
    nothing = np.zeros(ROWS, np.bool_)
    assert GrowingIndex(column, "L2", lambda: serving).plan(QUERIES, K, {}, nothing).strategy == (
        "exact"
    )


@pytest.mark.parametrize("linked", [0, 1_600])
def test_so_many_hits_that_codes_do_not_pay_are_found_by_the_vectors(linked, kernels, monkeypatch):
    serving = grown("L2", kernels, 2_700, linked)
    column = VectorColumn(VECTORS)
    monkeypatch.setattr("aiomilvus.engine.index.costs.CODED_SCAN", 1.0)
    monkeypatch.setattr(type(serving.coded), "search_subset", None)  # no scan of the codes
    searcher = GrowingIndex(column, "L2", lambda: serving)
    for mask in (None, np.arange(ROWS) % 3 > 0, np.arange(ROWS) >= 1_600):
        found = searcher.search(QUERIES, 257, {"ef": 1_600}, mask)
        wanted = exact_search(QUERIES, column, 257, "L2", mask)
        # A graph may miss a few.
        np.testing.assert_allclose(found.scores, wanted.scores, rtol=1e-2 if linked else 1e-4)
        plan = searcher.plan(QUERIES, 257, {"ef": 1_600}, mask)
        assert plan.strategy == ("index" if linked and (mask is None or mask[0]) else "exact")


def test_a_plan_counts_that_more_hits_take_longer_to_keep_in_order(kernels):
    serving = grown("L2", kernels, ROWS)
    searcher = GrowingIndex(VectorColumn(VECTORS), "L2", lambda: serving)
    few, many = (searcher.plan(QUERIES, k, {}, None) for k in (10, 256))
    assert few.strategy == many.strategy == "codes"
    assert many.microseconds > 2 * few.microseconds


@pytest.mark.parametrize("metric", METRICS)
def test_codes_made_in_steps_find_all_and_readers_keep_what_they_have(metric, kernels):
    codes = GrowingCodes(metric)
    held = []
    for rows in (600, 700, 1_100, 1_300, 2_900):
        column = codes.extended(kernels, VECTORS[:rows])
        assert column is not None
        assert column.num_rows == rows
        held.append((rows, column, column.coded.codes.rows.copy()))
    for rows, column, before in held:
        assert np.array_equal(column.coded.codes.rows, before)
        serving = Grown(None, column)
        view = VectorColumn(VECTORS[:rows])
        assert_as_exact(GrowingIndex(view, metric, partial(Grown, *serving)), view)


@pytest.mark.parametrize(
    ("failing", "rows"),
    [("write", 900), ("write", 2_900), ("fitting_bits", 2_900), ("centre_of", 2_900)],
)
def test_rows_whose_coding_failed_are_coded_the_next_time(failing, rows, kernels, monkeypatch):
    codes = GrowingCodes("L2")
    held = codes.extended(kernels, VECTORS[:800])
    assert held is not None
    before = held.coded.codes.rows.copy()

    def run_out(*_arguments, **_named):
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(growing_codes, failing, run_out)
        with pytest.raises(MemoryError):
            codes.extended(kernels, VECTORS[:rows])
    view = VectorColumn(VECTORS[: rows + 50])
    column = codes.extended(kernels, view.values)
    assert column is not None
    assert np.array_equal(held.coded.codes.rows, before)
    assert_as_exact(GrowingIndex(view, "L2", lambda: Grown(None, column)), view)


def test_rows_that_codes_do_not_tell_apart_have_none(kernels):
    clusters = np.ones((800, DIM), np.float32) * np.repeat((1, -1), 400)[:, np.newaxis]
    apart = 1e-5 * np.random.default_rng(7).standard_normal(clusters.shape)
    vectors = (clusters + apart).astype(np.float32)
    codes = GrowingCodes("L2")
    assert codes.extended(kernels, vectors) is None
    assert codes.covered == len(vectors)


def test_a_graph_is_published_in_steps_and_all_rows_have_codes_before_the_first(kernels):
    graph = GrowingGraph("L2")
    published: list[Grown] = []
    column = VectorColumn(VECTORS)
    while graph.is_behind(ROWS):
        graph.extend(lambda: column, lambda: True, published.append)
    first, *others = published
    assert first.graph is None
    assert first.coded is not None
    assert first.coded.num_rows == ROWS
    assert [each.graph.num_rows for each in others if each.graph] == [2_000, ROWS]


def test_rows_that_come_while_others_are_linked_have_codes_before_these_are(kernels):
    graph = GrowingGraph("L2")
    published: list[Grown] = []
    rows = iter([2_000, 2_100, 2_500, 2_900])

    def current() -> VectorColumn:
        return VectorColumn(VECTORS[: next(rows, ROWS)])

    graph.extend(current, lambda: True, published.append)
    assert [each.coded.num_rows for each in published if each.coded] == [
        *(2_000, 2_500, 2_900, 2_900)
    ]
    assert [each.graph is None for each in published] == [True, True, True, False]


def test_vectors_of_half_width_get_a_graph_without_codes_and_no_work_is_left(kernels):
    graph = GrowingGraph("L2")
    published: list[Grown] = []
    column = VectorColumn(VECTORS.astype(np.float16))
    while graph.is_behind(ROWS):
        graph.extend(lambda: column, lambda: True, published.append)
    assert published[-1].coded is None
    assert published[-1].graph is not None
