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
from aiomilvus.errors import ParamError
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


def spec_of(kind: str, metric: str, **more: str) -> IndexSpec:
    params = check_index(FIELD, {"index_type": kind, "metric_type": metric, **more})
    return IndexSpec(id=1, name="i", field=FIELD.name, params=params)


STRATEGIES: dict[str, dict[str, str]] = {
    "tokenann": {},
    "muvera": {"muvera_num_projections": "3", "muvera_num_repeats": "8"},
    "lemur": {
        "lemur_hidden_dim": "32",
        "lemur_num_train_samples": "1000",
        "lemur_num_epochs": "6",
        "lemur_batch_size": "64",
        "lemur_learning_rate": "0.005",
    },
}
SEARCHED = {"retrieval_ann_ratio": 12, "ef": 200, "nprobe": 64}


@pytest.mark.parametrize(
    ("strategy", "kind"),
    [
        ("tokenann", "HNSW"),
        ("tokenann", "IVF_FLAT"),
        ("tokenann", "AUTOINDEX"),
        ("muvera", "HNSW"),
        ("muvera", "IVF_FLAT"),
        ("lemur", "HNSW"),
    ],
)
@pytest.mark.parametrize("metric", ["MAX_SIM_COSINE", "MAX_SIM_IP", "MAX_SIM_L2"])
def test_candidates_by_an_index_hold_the_best_lists(kind: str, metric: str, strategy: str) -> None:
    random = np.random.default_rng(7)
    rows = 1500 if kind == "AUTOINDEX" else 600  # which needs many, to be more than comparing all
    lengths = random.integers(0, 12, rows)
    # Vectors lie around topics, and a list's around few, as those of real texts do.
    topics = random.standard_normal((60, DIM)).astype(np.float32)
    near = np.repeat(random.integers(0, 60, rows), lengths)
    vectors = topics[near] + 0.5 * random.standard_normal((len(near), DIM)).astype(np.float32)
    stored = lists_of(vectors.astype(np.float32), lengths)
    asked = topics[np.repeat(np.arange(20), 4)] + 0.5 * random.standard_normal((80, DIM))
    queries = lists_of(asked.astype(np.float32), np.full(20, 4))
    more = {} if kind == "AUTOINDEX" else {"emb_list_strategy": strategy, **STRATEGIES[strategy]}
    spec = spec_of(kind, metric, **more)
    built = build_index(spec, FIELD, stored, BuildBudget(1))
    assert built is not None
    arrays, meta = built.to_arrays()
    opened = cast("VectorIndex", open_index(spec, FIELD, stored, arrays, meta))
    mask = random.random(rows) < 0.7
    exact = exact_search_of(spec, FIELD, stored)
    for allowed in (None, mask):
        wanted = exact.search(queries, 10, {}, allowed)
        found = opened.search(queries, 10, {} if strategy == "tokenann" else SEARCHED, allowed)
        pairs = zip(wanted.rows, found.rows, strict=True)
        recall = np.mean([len(set(a) & set(b)) / 10 for a, b in pairs])
        assert recall >= 0.95
        assert allowed is None or allowed[found.rows[found.rows >= 0]].all()


@pytest.mark.parametrize("strategy", ["muvera", "lemur"])
@pytest.mark.parametrize("metric", ["MAX_SIM", "MAX_SIM_L2"])
def test_first_stage_scores_come_near_the_exact_ones(metric: str, strategy: str) -> None:
    random = np.random.default_rng(3)
    vectors = random.standard_normal((600, DIM)).astype(np.float32)
    stored = lists_of(vectors, np.full(300, 2))
    queries = lists_of(vectors[:40], np.full(20, 2))
    more = {"emb_list_strategy": strategy, **STRATEGIES[strategy]}
    built = build_index(spec_of("HNSW", metric, **more), FIELD, stored, BuildBudget(1))
    found = cast("VectorIndex", built).search(
        queries, 5, {"emb_list_rerank": "false", "ef": 300}, None
    )
    near = (found.rows == np.arange(20)[:, None]).any(axis=1)
    assert near.mean() >= 0.8, "each list is near itself"
    order = np.diff(found.scores, axis=1)
    assert (order >= 0).all() if metric == "MAX_SIM_L2" else (order <= 0).all()


def test_few_rows_need_no_encoding() -> None:
    stored = lists_of(np.ones((8, DIM), np.float32), np.full(4, 2))
    for strategy in ("muvera", "lemur"):
        spec = spec_of("IVF_SQ8", "MAX_SIM", emb_list_strategy=strategy)
        assert build_index(spec, FIELD, stored, BuildBudget(1)) is None


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"emb_list_strategy": "colbert"}, "unknown emb_list strategy: colbert"),
        ({"emb_list_strategy": "muvera", "index_type": "DISKANN"}, "one of the index types"),
        ({"emb_list_strategy": "muvera", "muvera_num_projections": "8"}, r"range \[1, 7\]"),
        ({"emb_list_strategy": "muvera", "muvera_num_repeats": "33"}, r"range \[1, 32\]"),
        ({"emb_list_strategy": "muvera", "muvera_seed": "x"}, "muvera_seed"),
        ({"emb_list_strategy": "lemur", "lemur_hidden_dim": "7"}, r"range \[8, 8192\]"),
        ({"emb_list_strategy": "lemur", "lemur_num_train_samples": "9"}, r"\[1000, 100000\]"),
        ({"emb_list_strategy": "lemur", "lemur_num_epochs": "0"}, "lemur_num_epochs"),
        ({"emb_list_strategy": "lemur", "lemur_batch_size": "5000"}, "lemur_batch_size"),
        ({"emb_list_strategy": "lemur", "lemur_learning_rate": "2"}, "lemur_learning_rate"),
        ({"emb_list_strategy": "lemur", "lemur_num_layers": "9"}, "lemur_num_layers"),
        ({"emb_list_strategy": "lemur", "lemur_seed": "-1"}, "lemur_seed"),
    ],
)
def test_parameters_of_a_strategy_are_checked(params: dict[str, str], text: str) -> None:
    given = {"index_type": "HNSW", "metric_type": "MAX_SIM", **params}
    with pytest.raises(ParamError, match=text):
        check_index(FIELD, given)


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
