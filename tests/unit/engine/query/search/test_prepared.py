"""Searches that differ in their vectors alone are planned once a snapshot."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from aiomilvus.engine.query.search.prepared import prepare, prepared_before
from aiomilvus.engine.query.search.prepared_search import PreparedSearch
from aiomilvus.engine.query.search.searches import run_search
from aiomilvus.errors import ParamError
from aiomilvus.model.columns import VectorColumn
from aiomilvus.model.operations.data import Search
from tests.support.batches import DIM
from tests.support.tables import NAME, fixed, texts

if TYPE_CHECKING:
    from tests.support.tables import Table

COUNT = 200


def vectors_of(seed: int, count: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, DIM))


def search(vectors: Any = None, **asked: Any) -> Search:
    data = vectors_of(5, 1) if vectors is None else np.asarray(vectors)
    return Search(collection=NAME, data=VectorColumn(data.astype(np.float32)), field="v", **asked)


def found_by(table: Table, vector: Any) -> list[Any]:
    ids = table.do(search(vector, limit=1)).ids
    return list(ids.arrays()["values"])


@pytest.fixture
def stocked(goods: Table) -> Table:
    for first in (0, COUNT):  # of each score two, in two segments
        ids = list(range(first, first + COUNT))
        prices, kinds = fixed([i % 7 for i in ids], "i4"), texts(["ab"[i % 2] for i in ids])
        goods.insert(ids, price=prices, weight=fixed(ids, "f8"), kind=kinds)
        if not first:
            goods.seal()
    goods.delete([3, COUNT + 5])
    goods.database.wait_idle()  # merging would publish another snapshot
    return goods


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"offset": 7, "limit": 5},
        {"limit": 2 * COUNT},
        {"filter": 'price > 2 and kind == "a"', "output_fields": ("price", "kind")},
        {"filter": "price > 100"},
        {"radius": 1e4, "range_filter": 1.0, "limit": 50},
        {"partitions": ("_default",), "round_decimal": 2},
        {"ignore_growing": True, "params": {"ef": 50}},
    ],
)
def test_the_next_search_finds_what_it_finds_alone(stocked: Table, asked: dict[str, Any]) -> None:
    snapshot = stocked.database.snapshot("", NAME)
    stocked.do(search(**asked))
    for vectors in (vectors_of(6, 1), vectors_of(7, 3), np.ones((2, DIM))):
        op = search(vectors, **asked)
        assert prepared_before(snapshot, op) is not None
        found, wanted = stocked.do(op), run_search(snapshot, op)
        assert found.offsets.tolist() == wanted.offsets.tolist()
        assert np.array_equal(found.ids.values, wanted.ids.arrays()["values"])
        assert found.scores.tolist() == wanted.scores.tolist()
        assert found.output_fields == wanted.output_fields
        if wanted.batch is not None:
            for name, column in wanted.batch.columns.items():
                for part, values in column.arrays().items():
                    assert np.array_equal(found.batch.columns[name].arrays()[part], values)


def test_what_was_written_meanwhile_is_found(stocked: Table) -> None:
    stocked.do(search())
    vector = np.full((1, DIM), 9.5)
    stocked.insert([9_999], 9.5, price=fixed([1], "i4"), weight=fixed([1], "f8"), kind=texts("a"))
    assert found_by(stocked, vector) == [9_999]
    stocked.delete([9_999])
    assert found_by(stocked, vector) != [9_999]


def test_parameters_of_another_type_are_another_search(stocked: Table) -> None:
    snapshot = stocked.database.snapshot("", NAME)
    stocked.do(search(params={"ef": 1}))
    assert prepared_before(snapshot, search(params={"ef": 1})) is not None
    assert prepared_before(snapshot, search(params={"ef": True})) is None
    assert prepared_before(snapshot, search(params={"ef": "1"})) is None


def test_a_sample_is_drawn_anew(stocked: Table) -> None:
    op = search(np.zeros((1, DIM)), filter="random_sample(0.1)", limit=COUNT)
    drawn = {tuple(stocked.do(op).ids.values.tolist()) for _ in range(5)}
    assert len(drawn) > 1
    assert prepared_before(stocked.database.snapshot("", NAME), op) is None


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_the_next_vector_is_looked_at_too(stocked: Table, odd: float) -> None:
    stocked.do(search())
    vectors = np.zeros((2, DIM))
    vectors[1, 2] = odd
    with pytest.raises(ParamError, match="query vector 1 is not a number or infinity: field v"):
        stocked.do(search(vectors))


def test_vectors_whose_squares_are_beyond_float32_are_searched_for(stocked: Table) -> None:
    stocked.do(search())
    assert len(stocked.do(search(np.full((1, DIM), 1e30))).ids) == 10


def test_too_many_queries_are_refused_later_too(stocked: Table) -> None:
    stocked.do(search())
    with pytest.raises(ParamError, match=r"nq \[16385\] is invalid"):
        stocked.do(search(np.zeros((16_385, DIM))))


def test_what_asks_for_more_is_not_prepared(stocked: Table) -> None:
    snapshot = stocked.database.snapshot("", NAME)
    for asked in ({"group_by": ("price",)}, {"filter": "price > {x}", "filter_params": {"x": 1}}):
        assert prepare(snapshot, search(**asked)) is None


def test_a_snapshot_keeps_few_and_goes_without_the_collector(stocked: Table) -> None:
    snapshot = stocked.database.snapshot("", NAME)
    for limit in range(1, 60):
        prepare(snapshot, search(limit=limit))
    kept = snapshot.cache.prepared
    assert 0 < len(kept) <= 16
    reached: list[Any] = [next(iter(kept.values()))]
    for _ in range(3):
        reached += gc.get_referents(*reached)
    assert any(isinstance(each, PreparedSearch) for each in reached)
    assert not any(each is snapshot for each in reached)
