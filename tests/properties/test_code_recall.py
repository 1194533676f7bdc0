"""On any data, a walk over codes finds as much at an ef as faiss finds in the same graph."""

from __future__ import annotations

import os

import numpy as np
import pytest

pytest.importorskip("numba")

from aiomilvus.engine.catalog.records import IndexSpec
from aiomilvus.engine.index.contract import BuildBudget
from aiomilvus.engine.index.dense.code_choice import made_queries
from aiomilvus.engine.index.dense.faiss_index import FaissIndex
from aiomilvus.engine.index.dense.vectors import narrowed
from aiomilvus.engine.index.registry import build_index, check_index, exact_index
from aiomilvus.model.columns import VectorColumn
from aiomilvus.model.schema import Field
from aiomilvus.model.types import DataType

pytestmark = pytest.mark.timeout(300)  # the first run on a machine compiles

ROWS, QUERIES, K = 4000, 120, 10
EFS = (10, 16, 44, 64, 128, 512)


def clusters(random, rows, *, places=300, dim=64, width=0.1):
    centres = np.random.default_rng(1).standard_normal((places, dim))
    return centres[random.integers(0, places, rows)] + width * random.standard_normal((rows, dim))


def copies(random, rows, times=10):
    points = clusters(np.random.default_rng(2), ROWS // times, width=0.5)
    return points[random.integers(0, len(points), rows)]


def heavy_tails(random, rows):
    return random.standard_normal((rows, 48)) * np.exp(random.standard_normal((rows, 1)))


def spread(dim):
    return lambda random, rows: random.standard_normal((rows, dim))


def few_directions(random, rows):
    directions = np.random.default_rng(3).standard_normal((12, 400))
    noise = 0.3 * random.standard_normal((rows, 400))
    return random.standard_normal((rows, 12)) @ directions + noise


SHAPES = {
    "tight clusters": (clusters, clusters),
    "very tight clusters": (
        lambda random, rows: clusters(random, rows, width=0.02),
        lambda random, rows: clusters(random, rows, width=0.02),
    ),
    "copies": (copies, lambda random, rows: clusters(random, rows, width=0.5)),
    "heavy tails": (heavy_tails, heavy_tails),
    "2 dimensions": (spread(2), spread(2)),
    "5 dimensions": (spread(5), spread(5)),
    "96 dimensions": (spread(96), spread(96)),
    "few directions": (few_directions, few_directions),
    "queries from elsewhere": (
        lambda random, rows: clusters(random, rows, width=0.5),
        lambda random, rows: 0.7 * random.standard_normal((rows, 64)) + 0.5,
    ),
}

METRICS = ("L2", "IP", "COSINE")
CASES = [
    (shape, metric)
    for at, shape in enumerate(SHAPES)
    for turn, metric in enumerate(METRICS)
    if os.environ.get("SHAPES") == "all" or at % len(METRICS) == turn
]
"""Each shape by one of the metrics; ``SHAPES=all``: by each."""


def graph_over(column, metric, dtype=DataType.FLOAT_VECTOR):
    field = Field(name="v", dtype=dtype, dim=int(column.values.shape[1]))
    given = {"index_type": "HNSW", "metric_type": metric, "M": "16", "efConstruction": "100"}
    spec = IndexSpec(id=1, name="v", field="v", params=check_index(field, given))
    index = build_index(spec, field, column, BuildBudget(1))
    assert isinstance(index, FaissIndex)
    return index, exact_index(field, column, metric)


def recall_of(index, queries, wanted, ef):
    """Return how many hits are at least as near as the k-th nearest row."""
    scores = index.search(queries, K, {"ef": ef}, None).scores
    last = wanted.scores[:, -1:]
    slack = 1e-4 * (np.abs(last) + np.abs(wanted.scores[:, :1]))
    near = scores <= last + slack if index.metric == "L2" else scores >= last - slack
    return near.mean()


@pytest.mark.parametrize(("shape", "metric"), CASES)
def test_codes_find_at_any_ef_what_faiss_finds(shape, metric):
    rows, asked = SHAPES[shape]
    random = np.random.default_rng(7)
    column = VectorColumn(rows(random, ROWS).astype(np.float32))
    queries = VectorColumn(asked(random, QUERIES).astype(np.float32))
    index, exact = graph_over(column, metric)
    wanted = exact.search(queries, K, {}, None)
    before = np.array([recall_of(index, queries, wanted, ef) for ef in EFS])
    index.accelerate()
    after = np.array([recall_of(index, queries, wanted, ef) for ef in EFS])
    assert (after - before).mean() >= -0.002
    assert (after - before).min() >= -0.008, "more than chance explains"


@pytest.mark.parametrize("dtype", [DataType.FLOAT16_VECTOR, DataType.BFLOAT16_VECTOR, "int8"])
@pytest.mark.parametrize("metric", ["L2", "COSINE"])
def test_narrow_vectors_are_found_like_wide_ones(dtype, metric):
    random = np.random.default_rng(8)
    rows, asked = (20 * clusters(random, count, width=0.5) for count in (ROWS, QUERIES))
    to = {"int8": np.int8, DataType.FLOAT16_VECTOR: np.float16}.get(dtype)
    given = [
        narrowed(part.astype(np.float32), np.dtype(np.uint16)) if to is None else part.astype(to)
        for part in (rows, asked)
    ]
    kind = DataType.INT8_VECTOR if dtype == "int8" else dtype
    column, queries = map(VectorColumn, given)
    index, exact = graph_over(column, metric, kind)
    wanted = exact.search(queries, K, {}, None)
    assert recall_of(index, queries, wanted, 64) >= 0.98


def test_codes_are_refused_that_lose_what_a_larger_ef_would_find():
    random = np.random.default_rng(9)
    # Copies, moved by less than a step of any code: only the vectors themselves tell them apart.
    points = np.repeat(50 * random.standard_normal((40, 32)), 100, axis=0)
    rows = (points + 1e-3 * random.standard_normal(points.shape)).astype(np.float32)
    index, _ = graph_over(VectorColumn(rows), "L2")
    assert not index.accelerate()
    assert index.code_choice.bits == 0


def test_the_queries_that_judge_codes_are_no_rows():
    random = np.random.default_rng(10)
    rows = clusters(random, 500, width=0.1).astype(np.float32)
    queries = made_queries(np.repeat(rows, 4, axis=0), 20)
    assert queries.shape == (60, 64)
    apart = ((queries[:, None, :] - rows) ** 2).sum(2).min(axis=1)
    near = ((rows[:, None, :] - rows) ** 2).sum(2)
    np.fill_diagonal(near, np.inf)
    assert apart.min() >= 0.1 * near.min(axis=1).min()
