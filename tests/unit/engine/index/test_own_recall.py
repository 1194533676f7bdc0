"""Graphs over data with copies find all of them, and AUTOINDEX finds enough of any data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from aiomilvus.engine.index.contract import UNLIMITED
from aiomilvus.engine.index.dense.building import build_faiss, open_faiss
from aiomilvus.engine.index.dense.copies import Copies
from aiomilvus.engine.index.dense.exact import exact_search
from aiomilvus.engine.index.dense.own_recall import WANTED
from aiomilvus.engine.index.dense.recall_trial import Wanted
from aiomilvus.errors import DataCorruptedError
from aiomilvus.model.columns import VectorColumn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aiomilvus.engine.index.dense.faiss_index import FaissIndex

    Floats = NDArray[np.float32]

ROWS, DIM = 3_000, 32
PARAMS = {"M": 16, "efConstruction": 100}


def normal(*shape: int) -> Floats:
    return np.random.default_rng(shape).standard_normal(shape).astype(np.float32)


def copied(times: int) -> Floats:
    values = np.repeat(normal(ROWS // times, DIM), times, axis=0)
    return values[np.random.default_rng(times).permutation(len(values))]


def tails(count: int) -> Floats:
    lengths = np.exp(1.5 * np.random.default_rng(9).standard_normal((count, 1)))
    return (normal(count, DIM) * lengths).astype(np.float32)


def reopened(index: FaissIndex, column: VectorColumn, metric: str) -> FaissIndex:
    arrays, meta = index.to_arrays()
    for array in arrays.values():
        array.flags.writeable = False
    return open_faiss(column, metric, arrays, meta)


@pytest.mark.parametrize("metric", ["L2", "IP", "COSINE"])
@pytest.mark.parametrize("times", [10, 50])
def test_copies_cost_no_recall(times: int, metric: str) -> None:
    column, queries = VectorColumn(copied(times)), VectorColumn(normal(100, DIM))
    built = build_faiss(column, metric, "HNSW", PARAMS, UNLIMITED)
    wanted = Wanted(queries, column, metric, None)
    for index in (built, reopened(built, column, metric)):
        found = index.search(queries, 10, {"ef": 44}, None)
        assert wanted.shares(found).mean() >= WANTED
        assert all(len(set(rows)) == 10 for rows in found.rows.tolist())


def test_a_filter_chooses_among_copies() -> None:
    column, queries = VectorColumn(copied(10)), VectorColumn(normal(20, DIM))
    mask = np.random.default_rng(1).random(len(column)) < 0.5
    index = build_faiss(column, "L2", "HNSW", PARAMS, UNLIMITED)
    found = index.search(queries, 10, {"ef": 200}, mask)
    assert mask[found.rows].all()
    assert Wanted(queries, column, "L2", mask).shares(found).mean() >= WANTED


def test_more_hits_than_vectors_are_all_found_with_nulls_left_out() -> None:
    values = copied(50)
    valid = np.random.default_rng(2).random(len(values)) < 0.9
    column = VectorColumn(np.where(valid[:, None], values, 0).astype(np.float32), valid)
    index = build_faiss(column, "L2", "HNSW", PARAMS, UNLIMITED)
    rows = index.search(VectorColumn(normal(1, DIM)), len(values), {}, None).rows[0]
    assert sorted(rows[rows >= 0].tolist()) == np.flatnonzero(valid).tolist()


@pytest.mark.parametrize("share", [0.05, 0.5, 1.0])
def test_lists_have_every_row_once_beside_its_own_vector(share: float) -> None:
    values = normal(500, 3)
    chosen = np.random.default_rng(5).integers(0, 4, int(500 * share))
    values[: len(chosen)] = values[chosen]
    copies = Copies.among(values, None)
    assert copies is not None
    assert sorted(copies.rows.tolist()) == list(range(500))
    assert copies.count == len(np.unique(values, axis=0))
    for first in np.flatnonzero(copies.firsts):
        listed = copies.rows[copies.starts[first] : copies.starts[first + 1]]
        assert listed[0] == first == listed.min()
        assert (values[listed] == values[first]).all()


def test_an_index_that_was_opened_is_stored_as_it_was() -> None:
    column, queries = VectorColumn(copied(10)), VectorColumn(normal(20, DIM))
    built = build_faiss(column, "L2", "HNSW", PARAMS, UNLIMITED)
    again = reopened(reopened(built, column, "L2"), column, "L2")
    before, after = built.to_arrays(), again.to_arrays()
    assert after[0].keys() == before[0].keys()
    assert all((after[0][name] == array).all() for name, array in before[0].items())
    assert after[1] == before[1]
    found, same = (index.search(queries, 10, {}, None) for index in (built, again))
    assert (found.rows == same.rows).all()


def test_lists_of_other_rows_are_refused() -> None:
    column = VectorColumn(copied(10))
    arrays, meta = build_faiss(column, "L2", "HNSW", PARAMS, UNLIMITED).to_arrays()
    other = VectorColumn(copied(50))
    lists = build_faiss(other, "L2", "HNSW", PARAMS, UNLIMITED).to_arrays()[0]
    for wrong in (
        {"copies_starts": lists["copies_starts"][:-1]},
        {name: lists[name] for name in ("copies_rows", "copies_starts")},
    ):
        with pytest.raises(DataCorruptedError):
            open_faiss(column, "L2", {**arrays, **wrong}, meta)


def test_rows_without_copies_have_no_lists() -> None:
    assert Copies.among(normal(500, 3), None) is None


@pytest.mark.parametrize(
    ("name", "scans"), [("tails", True), ("copies", False), ("few dimensions", False)]
)
def test_an_index_takes_the_effort_that_finds_enough(name: str, *, scans: bool) -> None:
    values = {
        "tails": lambda: tails(ROWS + 100),
        "copies": lambda: copied(50),
        "few dimensions": lambda: normal(ROWS + 100, 4),
    }[name]()
    column, queries = VectorColumn(values[100:]), VectorColumn(values[:100])
    built = build_faiss(column, "L2", "HNSW", PARAMS, UNLIMITED, default=44, is_judged=True)
    assert built.judged is not None
    assert built.judged.scans is scans
    assert built.judged.recall >= WANTED
    again = reopened(built, column, "L2")
    assert again.judged == built.judged
    found = again.search(queries, 10, {}, None)
    assert Wanted(queries, column, "L2", None).shares(found).mean() >= WANTED
    assert "recall" in again.kind


def test_a_range_finds_enough_where_the_graph_does_not() -> None:
    values = tails(ROWS + 20)
    column, queries = VectorColumn(values[20:]), VectorColumn(values[:20])
    built = build_faiss(column, "L2", "HNSW", PARAMS, UNLIMITED, default=44, is_judged=True)
    for at in range(len(queries)):
        query = queries.slice(at, at + 1)
        nearest = exact_search(query, column, 30, "L2", None)
        found = built.range_search(query, float(nearest.scores[0, -1]), None, {}, None)
        assert set(nearest.rows[0, :-1].tolist()) <= set(found.rows.tolist())


@pytest.mark.parametrize("share", [0.02, 0.6, 0.999])
@pytest.mark.parametrize("dim", [4, DIM])
def test_an_index_over_nulls_asks_for_what_searches_find(dim: int, share: float) -> None:
    values = normal(3 * ROWS, dim)
    valid = np.random.default_rng(3).random(len(values)) < share
    column = VectorColumn(np.where(valid[:, None], values, 0).astype(np.float32), valid)
    built = build_faiss(column, "L2", "HNSW", PARAMS, UNLIMITED, default=44, is_judged=True)
    assert built.judged is not None
    assert built.judged.recall >= WANTED
    queries = VectorColumn(normal(50, dim))
    found = reopened(built, column, "L2").search(queries, 10, {}, None)
    assert valid[found.rows].all()
    assert Wanted(queries, column, "L2", None).shares(found).mean() >= WANTED


def test_asking_itself_leaves_the_graph_as_it_was() -> None:
    column, queries = VectorColumn(normal(ROWS, DIM)), VectorColumn(normal(50, DIM))
    plain = build_faiss(column, "L2", "HNSW", PARAMS, UNLIMITED)
    judged = build_faiss(column, "L2", "HNSW", PARAMS, UNLIMITED, default=64, is_judged=True)
    assert (plain.to_arrays()[0]["structure"] == judged.to_arrays()[0]["structure"]).all()
    exact = exact_search(queries, column, 10, "L2", None)
    found = judged.search(queries, 10, {"ef": 1_000}, None)
    assert (found.rows == exact.rows).mean() > WANTED
