"""Two-stage search for embedding lists against comparing everything."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiomilvus.engine.catalog.records import IndexSpec
from aiomilvus.engine.index.contract import BuildBudget
from aiomilvus.engine.index.registry import build_index, check_index, exact_search_of, open_index
from aiomilvus.model.columns import ListColumn, VectorColumn
from aiomilvus.model.schema import Field
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from aiomilvus.engine.index.contract import VectorIndex

DIM = 16
FIELD = Field(
    name="s[v]",
    dtype=DataType.ARRAY_OF_VECTOR,
    element_type=DataType.FLOAT_VECTOR,
    dim=DIM,
    max_capacity=64,
    struct="s",
)


def lists_of(vectors: np.ndarray, lengths: np.ndarray) -> ListColumn:
    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return ListColumn(offsets, VectorColumn(vectors[: offsets[-1]]))


def spec_of(kind: str, metric: str) -> IndexSpec:
    params = check_index(FIELD, {"index_type": kind, "metric_type": metric})
    return IndexSpec(id=1, name="i", field=FIELD.name, params=params)


@pytest.mark.parametrize("kind", ["HNSW", "IVF_FLAT", "AUTOINDEX"])
@pytest.mark.parametrize("metric", ["MAX_SIM_COSINE", "MAX_SIM_IP", "MAX_SIM_L2"])
def test_candidates_by_an_index_hold_the_best_lists(kind: str, metric: str) -> None:
    random = np.random.default_rng(7)
    lengths = random.integers(0, 12, 1500)
    # Vectors lie around topics, and a list's around few, as those of real texts do.
    topics = random.standard_normal((60, DIM)).astype(np.float32)
    near = np.repeat(random.integers(0, 60, 1500), lengths)
    vectors = topics[near] + 0.5 * random.standard_normal((len(near), DIM)).astype(np.float32)
    stored = lists_of(vectors.astype(np.float32), lengths)
    asked = topics[np.repeat(np.arange(20), 4)] + 0.5 * random.standard_normal((80, DIM))
    queries = lists_of(asked.astype(np.float32), np.full(20, 4))
    spec = spec_of(kind, metric)
    built = build_index(spec, FIELD, stored, BuildBudget(1))
    assert built is not None
    arrays, meta = built.to_arrays()
    opened = cast("VectorIndex", open_index(spec, FIELD, stored, arrays, meta))
    mask = random.random(1500) < 0.7
    exact = exact_search_of(spec, FIELD, stored)
    for allowed in (None, mask):
        wanted = exact.search(queries, 10, {}, allowed)
        found = opened.search(queries, 10, {}, allowed)
        pairs = zip(wanted.rows, found.rows, strict=True)
        recall = np.mean([len(set(a) & set(b)) / 10 for a, b in pairs])
        assert recall >= 0.95
        assert allowed is None or allowed[found.rows[found.rows >= 0]].all()


@given(
    lengths=st.lists(st.integers(0, 4), min_size=1, max_size=12),
    asked=st.integers(1, 3),
    metric=st.sampled_from(["MAX_SIM", "MAX_SIM_IP", "MAX_SIM_L2"]),
    seed=st.integers(0, 99),
)
def test_scores_are_sums_of_the_closest(
    lengths: list[int], asked: int, metric: str, seed: int
) -> None:
    random = np.random.default_rng(seed)
    vectors = random.standard_normal((sum(lengths) + 1, DIM)).astype(np.float32)
    query = random.standard_normal((asked, DIM)).astype(np.float32)
    stored = lists_of(vectors, np.array(lengths))
    spec = spec_of("FLAT", metric)
    queries = lists_of(query, np.array([asked]))
    found = exact_search_of(spec, FIELD, stored).search(queries, len(lengths), {}, None)
    scores = {}
    for row, (start, stop) in enumerate(zip(stored.offsets, stored.offsets[1:], strict=False)):
        if stop > start:
            scores[row] = score(query, vectors[start:stop], metric)
    sign = 1 if metric == "MAX_SIM_L2" else -1
    given_rows = [row for row in found.rows[0].tolist() if row >= 0]
    assert sorted(given_rows) == sorted(scores)
    assert given_rows == sorted(scores, key=lambda row: sign * scores[row])
    wanted = [scores[row] for row in given_rows]
    assert found.scores[0][: len(wanted)] == pytest.approx(wanted, rel=1e-4, abs=1e-4)


def length(vector: np.ndarray) -> float:
    return float(np.linalg.norm(vector))


def score(query: np.ndarray, stored: np.ndarray, metric: str) -> float:
    total = 0.0
    for one in query.astype(np.float64):
        if metric == "MAX_SIM_L2":
            total += min(float(((one - other) ** 2).sum()) for other in stored)
            continue
        scale = 1.0 if metric == "MAX_SIM_IP" else length(one)
        total += max(
            float(one @ other) / (scale * (length(other) if metric == "MAX_SIM" else 1.0))
            for other in stored
        )
    return total
