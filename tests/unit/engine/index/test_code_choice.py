"""Codes are taken only where a walk over them finds what faiss' walk over the vectors finds."""

from functools import cache

import numpy as np
import pytest

pytest.importorskip("numba")

from aiomilvus.engine.catalog.records import IndexSpec
from aiomilvus.engine.index.contract import UNLIMITED, Found
from aiomilvus.engine.index.dense.building import build_faiss
from aiomilvus.engine.index.dense.code_choice import Trial
from aiomilvus.engine.index.dense.exact import exact_search
from aiomilvus.engine.index.dense.faiss_index import FaissIndex
from aiomilvus.engine.index.dense.faiss_library import Threads, faiss_library
from aiomilvus.engine.index.dense.recall_trial import Wanted
from aiomilvus.engine.index.dense.vectors import normalized
from aiomilvus.engine.index.registry import build_index
from aiomilvus.model.columns import VectorColumn
from aiomilvus.model.schema import Field
from aiomilvus.model.types import DataType

pytestmark = pytest.mark.timeout(180)  # the first run on a machine compiles

K, ASKED, ROWS = 10, 600, 3_500
EFS = (44, 64, 128, 512)
SHORTFALL, SAME = 0.002, 1e-5
faiss = faiss_library()


def split(rows):
    return rows[ASKED:], rows[:ASKED]


def heavy_tails(random):
    lengths = np.exp(1.5 * random.standard_normal((ROWS, 1)))
    return split(random.standard_normal((ROWS, 64)) * lengths)


def tight_clusters(random):
    centres = 10 * random.standard_normal((100, 96))
    return split(
        centres[random.integers(100, size=ROWS)] + 0.3 * random.standard_normal((ROWS, 96))
    )


def without_structure(random):
    return split(random.standard_normal((ROWS, 128)))


def few_directions(random):
    flat = random.standard_normal((ROWS, 12)) @ random.standard_normal((12, 256))
    return flat[ASKED:], 3 * random.standard_normal((ASKED, 256))


def counts(random):
    return split(random.poisson(0.08, (ROWS, 128)) + 0.01 * random.standard_normal((ROWS, 128)))


def two_dimensions(random):
    return split(random.standard_normal((ROWS, 2)))


SHAPES = [
    (heavy_tails, "L2"),
    (tight_clusters, "L2"),
    (without_structure, "IP"),
    (few_directions, "L2"),
    (counts, "COSINE"),
    (two_dimensions, "L2"),
]


@cache
def built(shape, metric, seed):
    rows, queries = (each.astype(np.float32) for each in shape(np.random.default_rng(seed)))
    if metric == "IP":
        rows = normalized(rows)
    field = Field(name="vector", id=1, dtype=DataType.FLOAT_VECTOR, dim=rows.shape[1])
    params = {"index_type": "HNSW", "metric_type": metric, "M": "16", "efConstruction": "200"}
    spec = IndexSpec(id=1, name="vector", field="vector", params=params)
    with Threads(1):
        index = build_index(spec, field, VectorColumn(rows), UNLIMITED)
    assert isinstance(index, FaissIndex)
    index.accelerate()
    return rows, queries, index


def shares(scores, rows, limits, metric):
    """Return each query's share of hits that are as near as the tenth nearest row."""
    sign = 1.0 if metric == "L2" else -1.0
    return ((rows >= 0) & (sign * scores <= limits)).mean(axis=1)


def by_faiss(index, rows, queries, metric, ef):
    """Return what faiss finds in the same graph over float32 vectors."""
    graph, exact = index._index, faiss.IndexFlat(rows.shape[1], index._index.metric_type)
    exact.add(normalized(rows) if metric == "COSINE" else rows)
    asked = normalized(queries) if metric == "COSINE" else queries
    before, graph.storage = graph.storage, exact
    try:
        return graph.search(asked, K, params=faiss.SearchParametersHNSW(efSearch=ef))
    finally:
        graph.storage = before


@pytest.mark.parametrize(("shape", "metric"), SHAPES)
def test_a_walk_finds_what_faiss_finds_in_the_same_graph_of_vectors(shape, metric):
    rows, queries, index = built(shape, metric, 1)
    nearest = exact_search(VectorColumn(queries), VectorColumn(rows), K, metric, None).scores
    limits = (1.0 if metric == "L2" else -1.0) * nearest
    limits = limits[:, -1:] + SAME * np.abs(limits).max(axis=1, keepdims=True)
    lost = np.empty((len(EFS), ASKED))
    for at, ef in enumerate(EFS):
        their_scores, their_rows = by_faiss(index, rows, queries, metric, ef)
        theirs = shares(their_scores, their_rows, limits, metric)
        found = index.search(VectorColumn(queries), K, {"ef": ef}, None)
        lost[at] = theirs - shares(found.scores, found.rows, limits, metric)
    chance = lost.std(axis=1) / np.sqrt(ASKED)
    assert lost.mean() <= SHORTFALL + 2 * chance.mean(), index.kind
    # Where a graph finds half of the hits, two walks in it differ by more than queries tell.
    assert (lost.mean(axis=1) <= SHORTFALL + 4 * chance).all(), (index.kind, lost.mean(axis=1))


@pytest.mark.parametrize(("fewer", "passes"), [(0, True), (1, True), (3, False)])
def test_a_loss_that_is_enough_only_by_chance_is_not_taken(fewer, passes):
    """Three hits of 3,840 are less than a thousandth, and no proof that others lose no more."""
    rows, _, index = built(few_directions, "L2", 1)

    def search(queries, k, ef):
        params = faiss.SearchParametersHNSW(efSearch=ef)
        found = index._index.search(queries, k, params=params)[1]
        found[np.arange(fewer) * len(found) // 3, -1] = -1
        return found

    assert Trial(index._index, rows, "L2").passes(search) == passes


@pytest.fixture
def scanned():
    """Return an index that compares all codes where a search gives no ef, and its data."""
    rows, queries = (each.astype(np.float32) for each in heavy_tails(np.random.default_rng(1)))
    params = {"M": 16, "efConstruction": 200}
    with Threads(1):
        index = build_faiss(
            VectorColumn(rows), "L2", "HNSW", params, UNLIMITED, default=44, is_judged=True
        )
    assert index.judged is not None
    assert index.judged.scans
    return rows, queries, index


def test_codes_that_were_chosen_for_scans_walk_as_far_as_it_takes(scanned):
    rows, queries, index = scanned
    index.accelerate()
    assert index.code_choice.stretch > 1
    found = index.search(VectorColumn(queries), K, {"ef": 64}, None)
    wanted = Wanted(VectorColumn(queries), VectorColumn(rows), "L2", None)
    theirs = wanted.shares(Found(*by_faiss(index, rows, queries, "L2", 64)))
    lost = theirs - wanted.shares(found)
    assert lost.mean() <= SHORTFALL + 2 * lost.std() / np.sqrt(ASKED)


@pytest.mark.parametrize("share", [None, 0.5])
def test_codes_that_serve_scans_alone_leave_walks_to_faiss(scanned, monkeypatch, share):
    rows, queries, index = scanned
    mask = None if share is None else np.random.default_rng(3).random(len(rows)) < share
    asked = VectorColumn(queries[:20])
    before = index.search(asked, K, {"ef": 64}, mask)
    monkeypatch.setattr(Trial, "passes", lambda *_: False)
    assert index.accelerate()
    assert index.code_choice.stretch == 0
    assert index.plan(asked, K, {"ef": 64}, mask).codes == 0
    assert index.plan(asked, K, {}, mask).codes == index.code_choice.bits
    assert index.walker(K, {"ef": 64}, None) is None
    after = index.search(asked, K, {"ef": 64}, mask)
    assert (after.rows == before.rows).all()
    wanted = Wanted(asked, VectorColumn(rows), "L2", mask)
    assert wanted.shares(index.search(asked, K, {}, mask)).mean() > 0.99
