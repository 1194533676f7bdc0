"""Graphs get codes in the background, and find the same before, after and without them."""

from __future__ import annotations

import functools
import gc
import time
import weakref

import numpy as np
import pytest

from aiomilvus.engine.catalog.records import IndexSpec
from aiomilvus.engine.index.contract import BuildBudget
from aiomilvus.engine.index.dense import acceleration, faiss_index, kernel_access
from aiomilvus.engine.index.dense.faiss_index import FaissIndex
from aiomilvus.engine.index.registry import build_index, check_index, exact_index, open_index
from aiomilvus.model.columns import VectorColumn
from aiomilvus.model.schema import Field
from aiomilvus.model.types import DataType

pytestmark = pytest.mark.timeout(180)  # the first run on a machine compiles

ROWS, DIM, K = 3000, 48, 10
FIELD = Field(name="v", dtype=DataType.FLOAT_VECTOR, dim=DIM)


@functools.cache
def vectors(rows: int = ROWS, offset: float = 0.0) -> VectorColumn:
    random = np.random.default_rng(1)
    centres = random.standard_normal((40, DIM))
    points = centres[random.integers(0, 40, rows)] + 0.5 * random.standard_normal((rows, DIM))
    return VectorColumn((points + offset).astype(np.float32))


def crowds(width: float) -> VectorColumn:
    """Return rows that lie `width` around few places."""
    random = np.random.default_rng(8)
    places = random.standard_normal((40, DIM))[random.integers(0, 40, ROWS)]
    return VectorColumn((places + width * random.standard_normal((ROWS, DIM))).astype(np.float32))


@functools.cache
def rows_and_queries(offset: float = 0.0) -> tuple[VectorColumn, VectorColumn]:
    whole = vectors(ROWS + 20, offset)
    return whole.slice(0, ROWS), whole.slice(ROWS, ROWS + 20)


def spec_of(metric: str, kind: str) -> IndexSpec:
    given = {"index_type": kind, "metric_type": metric, "M": "16", "efConstruction": "100"}
    return IndexSpec(id=1, name="v", field="v", params=check_index(FIELD, given))


def graph_over(column: VectorColumn, metric: str, kind: str = "HNSW"):
    index = build_index(spec_of(metric, kind), FIELD, column, BuildBudget(2))
    assert isinstance(index, FaissIndex)
    return index


@functools.cache
def stored(metric: str, kind: str = "HNSW"):
    """Return what is stored of an index over the rows of `rows_and_queries`."""
    return graph_over(rows_and_queries()[0], metric, kind).to_arrays()


def reopened(metric: str, kind: str = "HNSW", *, without: str = "nothing"):
    """Return that index as it is opened, without the arrays whose names begin with `without`."""
    arrays, meta = stored(metric, kind)
    kept = {name: a.copy() for name, a in arrays.items() if not name.startswith(without)}
    return open_index(spec_of(metric, kind), FIELD, rows_and_queries()[0], kept, meta)


def recall(index, column, metric, queries, mask=None):
    found = index.search(queries, K, {"ef": 80}, mask)
    wanted = exact_index(FIELD, column, metric).search(queries, K, {}, mask)
    same = found.rows == wanted.rows
    np.testing.assert_allclose(found.scores[same], wanted.scores[same], rtol=1e-3, atol=1e-4)
    pairs = zip(found.rows.tolist(), wanted.rows.tolist(), strict=True)
    return sum(len((set(a) & set(b)) - {-1}) for a, b in pairs) / int((wanted.rows >= 0).sum())


def masks(column: VectorColumn, queries: VectorColumn):
    """Return filters of all sorts: few, many, near the queries, and far from them."""
    random = np.random.default_rng(1)
    likeness = column.values @ queries.values.mean(0)
    for share in (0.002, 0.02, 0.2, 0.5, 0.95):
        yield random.random(len(column)) < share
        yield likeness >= np.quantile(likeness, 1 - share)
        yield likeness <= np.quantile(likeness, share)


@pytest.mark.parametrize("reopen", [False, True])
@pytest.mark.parametrize("metric", ["L2", "IP", "COSINE"])
def test_recall_holds_under_any_filter_with_and_without_codes(metric, reopen):
    column, queries = rows_and_queries()
    index = reopened(metric) if reopen else graph_over(column, metric)
    for is_coded in (False, True):
        if is_coded:
            pytest.importorskip("numba")
            assert index.accelerate()
            assert "codes" in index.kind
        assert recall(index, column, metric, queries) >= 0.95
        for mask in masks(column, queries):
            assert recall(index, column, metric, queries, mask) >= 0.95


def test_codes_come_after_many_searches_and_go_with_the_index(monkeypatch):
    pytest.importorskip("numba")
    monkeypatch.setattr(kernel_access, "_background", kernel_access._Background())
    monkeypatch.setattr(kernel_access, "PATIENCE", 5)
    column = vectors()
    index = graph_over(column, "IP")
    for _ in range(4):
        index.search(column.slice(0, 1), K, {}, None)
    assert "codes" not in index.kind
    assert kernel_access._background._loading is None
    deadline = time.monotonic() + 120
    while "codes" not in index.kind and time.monotonic() < deadline:
        index.search(column.slice(0, 1), K, {}, None)
        time.sleep(0.01)
    assert "codes" in index.kind
    ended = weakref.ref(index._acceleration.coded)
    del index
    kernel_access._background.submit(gc.collect).result()
    assert ended() is None


@pytest.mark.parametrize("metric", ["L2", "COSINE"])
def test_without_numba_faiss_serves_alone(monkeypatch, metric):
    monkeypatch.setattr(acceleration, "kernels", lambda: None)
    column, queries = rows_and_queries()
    index = reopened(metric)
    assert recall(index, column, metric, queries) >= 0.95
    assert not index.accelerate()
    assert recall(index, column, metric, queries) >= 0.95
    for mask in masks(column, queries):
        assert recall(index, column, metric, queries, mask) >= 0.95


@pytest.mark.parametrize(
    ("width", "kind"), [(2.0, ", 4-bit codes"), (0.1, ", 8-bit codes"), (0.001, "float32")]
)
def test_codes_are_as_fine_as_it_takes_to_tell_rows_apart(width, kind):
    pytest.importorskip("numba")
    column = crowds(width)
    index = graph_over(column, "L2")
    index.accelerate()
    assert index.kind.endswith(kind)


def test_data_far_from_the_origin_is_told_apart():
    pytest.importorskip("numba")
    column, queries = rows_and_queries(offset=1000.0)
    index = graph_over(column, "L2")
    assert index.accelerate()
    assert recall(index, column, "L2", queries) >= 0.95


def test_codes_that_cannot_tell_vectors_apart_are_not_used():
    pytest.importorskip("numba")
    random = np.random.default_rng(8)
    points = np.repeat(random.standard_normal((50, DIM)), 100, axis=0) * 100
    column = VectorColumn((points + 1e-3 * random.standard_normal(points.shape)).astype(np.float32))
    index = graph_over(column, "L2")
    assert not index.accelerate()
    assert "codes" not in index.kind
    assert recall(index, column, "L2", column.slice(0, 20)) >= 0.9


def test_a_graph_stores_no_vectors_whatever_the_metric():
    column, _ = rows_and_queries()
    for metric in ("L2", "IP", "COSINE"):
        arrays, _ = stored(metric)
        assert sum(array.nbytes for array in arrays.values()) < column.values.nbytes * 1.1
        assert set(arrays) <= {"structure", "lengths", "unit_codes", "unit_ranges"}


def refuse_scans(monkeypatch):
    def refuse(*_args):
        raise AssertionError("the rows were compared one by one")

    monkeypatch.setattr(faiss_index, "exact_search", refuse)


@pytest.mark.parametrize("kind", ["HNSW", "DISKANN"])
@pytest.mark.parametrize("reopen", [False, True])
def test_the_first_search_walks_the_graph_whatever_the_lengths(monkeypatch, kind, reopen):
    column, queries = rows_and_queries()
    index = reopened("COSINE", kind) if reopen else graph_over(column, "COSINE", kind)
    refuse_scans(monkeypatch)
    assert index.plan(None, K, {}, None).strategy == "index"
    params = {"ef": 80, "search_list": 80}
    found = index.search(queries, K, params, None)
    assert "codes" not in index.kind
    wanted = exact_index(FIELD, column, "COSINE").search(queries, K, {}, None)
    np.testing.assert_allclose(found.scores, wanted.scores, rtol=0, atol=0.02)
    assert (found.rows == wanted.rows).mean() >= 0.95


def test_an_index_stored_without_unit_vectors_is_scanned_until_they_are_derived(monkeypatch):
    _, queries = rows_and_queries()
    index = reopened("COSINE", "DISKANN", without="unit")
    assert isinstance(index, FaissIndex)
    assert index.plan(None, K, {}, None).strategy == "exact"
    first = index.search(queries, K, {}, None)
    kernel_access._background.submit(gc.collect).result()  # what runs after the deriving
    assert index.plan(None, K, {}, None).strategy == "index"
    refuse_scans(monkeypatch)
    later = index.search(queries, K, {"search_list": 80}, None)
    assert (first.rows == later.rows).mean() >= 0.95
