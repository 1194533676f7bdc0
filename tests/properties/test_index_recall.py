"""Every vector index against brute force: recall, masks, scores, and after reopening."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiomilvus.engine.catalog.records import IndexSpec
from aiomilvus.engine.index.contract import BuildBudget
from aiomilvus.engine.index.dense.vectors import narrowed
from aiomilvus.engine.index.registry import build_index, check_index, exact_index, open_index
from aiomilvus.model.columns import VectorColumn
from aiomilvus.model.schema import Field
from aiomilvus.model.types import DataType
from tests.support.examples import examples

ROWS, DIM, QUERIES = 1500, 16, 20
SEED = 11
"""Of the data that all ask which need no other: what is made of it is made once."""
TYPES = [
    "HNSW",
    "DISKANN",
    "HNSW_SQ",
    "HNSW_PQ",
    "HNSW_PRQ",
    "IVF_FLAT",
    "IVF_SQ8",
    "IVF_PQ",
    "SCANN",
    "IVF_RABITQ",
]
PARAMS = {"nlist": "16", "M": "16", "efConstruction": "100"}
DTYPES = {
    DataType.FLOAT_VECTOR: np.float32,
    DataType.FLOAT16_VECTOR: np.float16,
    DataType.BFLOAT16_VECTOR: np.uint16,
    DataType.INT8_VECTOR: np.int8,
}


@cache
def clustered(seed: int = SEED, dtype: DataType = DataType.FLOAT_VECTOR) -> VectorColumn:
    random = np.random.default_rng(seed)
    centres = random.standard_normal((25, DIM))
    points = centres[random.integers(0, 25, ROWS)] + 0.5 * random.standard_normal((ROWS, DIM))
    scale = 25 if dtype is DataType.INT8_VECTOR else 1
    if dtype is DataType.BFLOAT16_VECTOR:
        return VectorColumn(narrowed(points.astype(np.float32), np.dtype(np.uint16)))
    return VectorColumn((points * scale).astype(DTYPES[dtype]))


@cache
def built_once(params: tuple[tuple[str, str], ...]):
    spec = IndexSpec(id=1, name="v", field="v", params=dict(params))
    field = Field(name="v", dtype=DataType.FLOAT_VECTOR, dim=DIM)
    return build_index(spec, field, clustered(), BuildBudget(2))


def built(
    kind: str,
    metric: str,
    field: Field,
    column: VectorColumn,
    *,
    reopen: bool,
    params: dict[str, str] = PARAMS,
):
    params = check_index(field, {**params, "index_type": kind, "metric_type": metric})
    spec = IndexSpec(id=1, name="v", field="v", params=params)
    if column is clustered():
        index = built_once(tuple(params.items()))
    else:
        index = build_index(spec, field, column, BuildBudget(2))
    assert index is not None
    if not reopen:
        return index
    arrays, meta = index.to_arrays()
    return open_index(spec, field, column, {n: a.copy() for n, a in arrays.items()}, meta)


def recall_of(index, exact, queries, k, mask, params):
    found = index.search(queries, k, params, mask)
    wanted = exact.search(queries, k, {}, mask)
    if mask is not None:
        assert mask[found.rows[found.rows >= 0]].all()
    same = (found.rows == wanted.rows) & (wanted.rows >= 0)
    np.testing.assert_allclose(found.scores[same], wanted.scores[same], rtol=2e-2, atol=2e-2)
    hits = sum(
        len((set(a) & set(b)) - {-1})
        for a, b in zip(found.rows.tolist(), wanted.rows.tolist(), strict=True)
    )
    there = int((wanted.rows >= 0).sum())
    if not there:
        assert (found.rows < 0).all()
        return 1.0
    return hits / there


@pytest.mark.parametrize("metric", ["L2", "IP", "COSINE"])
@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("reopen", [False, True])
def test_recall_holds_under_any_mask_and_after_reopening(kind, metric, reopen):
    column = clustered()
    field = Field(name="v", dtype=DataType.FLOAT_VECTOR, dim=DIM)
    index = built(kind, metric, field, column, reopen=reopen)
    exact = exact_index(field, column, metric)
    queries = column.slice(0, QUERIES)
    effort = {"ef": "100", "nprobe": "16", "search_list": "100"}
    assert recall_of(index, exact, queries, 10, None, effort) >= 0.95
    for share in (0.002, 0.05, 0.5):
        mask = np.random.default_rng(SEED + 1).random(ROWS) < share
        assert recall_of(index, exact, queries, 10, mask, effort) >= 0.95
        assert recall_of(index, exact, queries.slice(0, 4), 10, mask, effort) >= 0.9


@pytest.mark.parametrize("metric", ["L2", "IP", "COSINE"])
@pytest.mark.parametrize(
    ("kind", "dtype"),
    [
        (kind, dtype)
        for kind in ("HNSW", "DISKANN", "IVF_FLAT")
        for dtype in list(DTYPES)[1:]
        if (kind, dtype) != ("DISKANN", DataType.INT8_VECTOR)  # refused, as by Milvus
    ],
)
def test_narrow_vectors_are_found_in_their_own_width(kind, dtype, metric):
    column = clustered(3, dtype)
    field = Field(name="v", dtype=dtype, dim=DIM)
    index = built(kind, metric, field, column, reopen=True)
    exact = exact_index(field, column, metric)
    assert recall_of(index, exact, column.slice(0, QUERIES), 10, None, {"nprobe": 16}) >= 0.95


@pytest.mark.parametrize("metric", ["L2", "IP", "COSINE"])
@pytest.mark.parametrize("kind", TYPES)
def test_ranges_are_found_by_the_index(kind, metric):
    column = clustered()
    field = Field(name="v", dtype=DataType.FLOAT_VECTOR, dim=DIM)
    index = built(kind, metric, field, column, reopen=True)
    exact = exact_index(field, column, metric)
    query = column.slice(3, 4)
    mask = np.random.default_rng(2).random(ROWS) < 0.5
    nearest = exact.search(query, 60, {}, mask).scores[0]
    effort = {"nprobe": 16}
    for radius, bound in ((nearest[20], None), (nearest[40], nearest[10]), (nearest[59], None)):
        limits = (float(radius), None if bound is None else float(bound))
        found = index.range_search(query, *limits, effort, mask)
        wanted = exact.range_search(query, *limits, {}, mask)
        assert mask[found.rows].all()
        both = np.intersect1d(found.rows, wanted.rows)
        assert len(both) >= 0.9 * len(wanted.rows)
        assert len(both) >= 0.9 * len(found.rows)


@pytest.mark.parametrize("share", [0.05, 0.5])
@pytest.mark.parametrize("kind", TYPES)
def test_filters_far_from_and_near_to_the_query_cost_no_recall(kind, share):
    column = clustered()
    field = Field(name="v", dtype=DataType.FLOAT_VECTOR, dim=DIM)
    index = built(kind, "L2", field, column, reopen=True)
    exact = exact_index(field, column, "L2")
    query = column.slice(5, 6)
    apart = ((column.values - query.values) ** 2).sum(axis=1)
    far = apart >= np.quantile(apart, 1 - share)
    near = apart <= np.quantile(apart, share)
    for mask in (far, near):
        assert recall_of(index, exact, query, 10, mask, {"nprobe": 16}) >= 0.9


def test_a_graph_over_plain_vectors_stores_none_of_them():
    column = clustered(5)
    field = Field(name="v", dtype=DataType.FLOAT_VECTOR, dim=DIM)
    arrays, _ = built("HNSW", "L2", field, column, reopen=False).to_arrays()
    links_alone = ROWS * (2 * 16 + 16) * 4
    assert set(arrays) == {"structure"}
    assert arrays["structure"].nbytes < links_alone + ROWS * 16 + 4096


def test_null_vectors_are_never_hits():
    column = clustered()
    valid = np.arange(ROWS) % 2 == 0
    column = VectorColumn(column.values * valid[:, None], valid)
    field = Field(name="v", dtype=DataType.FLOAT_VECTOR, dim=DIM, nullable=True)
    for kind in ("HNSW", "IVF_FLAT"):
        found = built(kind, "L2", field, column, reopen=False).search(
            VectorColumn(np.zeros((3, DIM), np.float32)), 50, {}, None
        )
        assert (found.rows >= 0).all()
        assert valid[found.rows].all()


def test_more_hits_than_rows_are_padded():
    column = clustered(8).slice(0, 30)
    field = Field(name="v", dtype=DataType.FLOAT_VECTOR, dim=DIM)
    for kind in ("HNSW", "IVF_FLAT"):
        found = built(kind, "L2", field, column, reopen=False).search(
            column.slice(0, 1), 100, {"nprobe": 16}, None
        )
        assert sorted(found.rows[0, :30].tolist()) == list(range(30))
        assert (found.rows[0, 30:] == -1).all()


@pytest.mark.parametrize("metric", ["HAMMING", "JACCARD"])
def test_binary_lists_agree_with_comparing_all_when_all_are_probed(metric):
    bits = np.random.default_rng(0).random((ROWS, 64)) < 0.4
    column = VectorColumn(np.packbits(bits, axis=1))
    field = Field(name="v", dtype=DataType.BINARY_VECTOR, dim=64)
    index = built("BIN_IVF_FLAT", metric, field, column, reopen=True)
    exact = exact_index(field, column, metric)
    queries = column.slice(0, QUERIES)
    few = np.random.default_rng(1).random(ROWS) < 0.01
    assert recall_of(index, exact, queries, 10, None, {"nprobe": 16}) == 1.0
    assert recall_of(index, exact, queries, 10, few, {}) == 1.0


@given(
    seed=st.integers(0, 1000),
    metric=st.sampled_from(["L2", "IP", "COSINE"]),
    queries=st.integers(1, 6),
)
@settings(max_examples=examples(20), deadline=None)
def test_exact_search_gives_milvus_numbers(seed, metric, queries):
    random = np.random.default_rng(seed)
    values = random.standard_normal((40, 4)).astype(np.float32)
    asked = random.standard_normal((queries, 4)).astype(np.float32)
    field = Field(name="v", dtype=DataType.FLOAT_VECTOR, dim=4)
    found = exact_index(field, VectorColumn(values), metric).search(
        VectorColumn(asked), 40, {}, None
    )
    for query, vector in enumerate(asked.astype(np.float64)):
        wide = values.astype(np.float64)
        apart = ((wide - vector) ** 2).sum(axis=1)
        scores = apart if metric == "L2" else wide @ vector
        if metric == "COSINE":
            scores /= np.linalg.norm(wide, axis=1) * np.linalg.norm(vector)
        order = np.argsort(scores if metric == "L2" else -scores)
        np.testing.assert_allclose(found.scores[query], scores[order], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("HNSW_PRQ", {}),
        ("HNSW_SQ", {"sq_type": "SQ4U"}),
        ("HNSW_PQ", {}),
        ("SCANN", {"nlist": "4"}),
    ],
    ids=["HNSW_PRQ", "HNSW_SQ of 4 bits", "HNSW_PQ", "SCANN"],
)
def test_codes_too_short_to_tell_neighbours_apart_find_them_by_more_candidates(
    kind: str, given: dict[str, str]
) -> None:
    random = np.random.default_rng(3)
    centres = random.standard_normal((4, 64))
    points = centres[random.integers(0, 4, 3020)] + 0.6 * random.standard_normal((3020, 64))
    rows, queries = (VectorColumn(p.astype(np.float32)) for p in (points[:3000], points[3000:]))
    field = Field(name="v", dtype=DataType.FLOAT_VECTOR, dim=64)
    quick = {"M": "16", "efConstruction": "60", **given}
    index = built(kind, "L2", field, rows, reopen=False, params=quick)
    exact = exact_index(field, rows, "L2")
    assert recall_of(index, exact, queries, 10, None, {}) >= 0.95
    mask = random.random(3000) < 0.9
    assert recall_of(index, exact, queries, 10, mask, {}) >= 0.95


@pytest.mark.parametrize("kind", TYPES)
def test_a_query_of_zeros_finds_as_many_rows_as_any_other(kind: str) -> None:
    rows = clustered()
    field = Field(name="v", dtype=DataType.FLOAT_VECTOR, dim=DIM)
    index = built(kind, "IP", field, rows, reopen=False)
    found = index.search(VectorColumn(np.zeros((1, DIM), np.float32)), 5, {}, None)
    assert (found.rows >= 0).all()
    assert (found.scores == 0).all()
