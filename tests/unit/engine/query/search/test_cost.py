"""Estimates of what a read will take: which may run on a loop, and which need a thread."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest

from aiomilvus.client.backends.embedded.asynchronous import INLINE_SECONDS
from aiomilvus.engine.index.costs import NEVER_INLINE
from aiomilvus.engine.query.search.cost import estimate_cost
from aiomilvus.model.columns import BytesColumn, VectorColumn
from aiomilvus.model.operations.collections import ListCollections
from aiomilvus.model.operations.data import HybridSearch, Query, Search
from aiomilvus.model.ranking import Rerank, Rrf
from aiomilvus.model.schema import FunctionSpec
from aiomilvus.model.types import FunctionType
from tests.support.batches import DIM, keys
from tests.support.tables import NAME, fixed, texts

if TYPE_CHECKING:
    from tests.support.tables import Table

INLINE = INLINE_SECONDS * 1e6


def search(nq: int = 1, **asked: Any) -> Search:
    data = VectorColumn(np.ones((nq, DIM), np.float32))
    return Search(collection=NAME, data=data, field="v", **asked)


def query(**asked: Any) -> Query:
    return Query(collection=NAME, **asked)


def fill(table: Table, count: int = 1_000, first: int = 0) -> None:
    ids = list(range(first, first + count))
    table.insert(ids, price=fixed(ids, "i4"), weight=fixed(ids, "f8"), kind=texts(["a"] * count))


def cost(table: Table, operation: Query | Search | HybridSearch) -> float:
    told = estimate_cost(table.database.snapshot("", NAME), operation)
    assert table.database.estimate_seconds(operation) == pytest.approx(told / 1e6)
    return told


def test_reads_by_key_cost_by_the_key_and_are_cheap(goods: Table) -> None:
    fill(goods)
    few, many = cost(goods, query(ids=keys([1, 2]))), cost(goods, query(ids=keys(range(10_000))))
    assert few < INLINE < many


def test_queries_cost_by_the_rows_they_read(goods: Table) -> None:
    fill(goods, 200)
    before = cost(goods, query(limit=10))
    fill(goods, 50_000, first=200)
    assert before < INLINE < cost(goods, query(limit=10))
    assert cost(goods, query(output_fields=("count(*)",))) < INLINE


@pytest.mark.parametrize("kind", [query, search])
def test_a_filter_costs_until_its_mask_is_kept(goods: Table, kind: Any) -> None:
    fill(goods, 5_000)
    asked = kind(filter="price > 3")
    plain = cost(goods, kind())
    first = cost(goods, asked)
    assert first > plain
    goods.do(asked)
    assert cost(goods, asked) < first


def test_the_first_pattern_is_never_matched_on_a_loop(
    goods: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(goods, 3)
    monkeypatch.delitem(sys.modules, "re2", raising=False)
    assert cost(goods, search(filter='kind like "a_%"')) >= NEVER_INLINE
    assert cost(goods, search(filter='kind == "a"')) < NEVER_INLINE


def test_estimating_goes_on_while_other_threads_keep_masks(goods: Table) -> None:
    fill(goods, 50)
    (view,) = goods.database.snapshot("", NAME).views
    over = False

    def keep() -> None:
        masks = view.cache.masks
        number = 0
        while not over:
            number += 1
            masks[f"id > {number}", number] = np.ones(50, np.bool_)
            if len(masks) > 200:
                masks.clear()

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    thread = threading.Thread(target=keep)
    thread.start()
    try:
        for _ in range(3_000):
            estimate_cost(goods.database.snapshot("", NAME), search(filter="price > 1"))
    finally:
        over = True
        thread.join()
        sys.setswitchinterval(before)


def test_growing_rows_cost_by_their_bytes_and_their_queries(goods: Table) -> None:
    fill(goods, 100)
    small = cost(goods, search())
    assert small < INLINE
    assert cost(goods, search(nq=100)) > 10 * small
    fill(goods, 60_000, first=100)
    assert cost(goods, search()) > INLINE


def test_sealed_rows_cost_much_at_first_because_their_files_are_opened(goods: Table) -> None:
    fill(goods)
    goods.seal()
    goods.database.wait_idle()
    assert cost(goods, search()) >= NEVER_INLINE
    goods.do(search())
    assert cost(goods, search()) < INLINE
    assert cost(goods, search(params={"nonsense": "1"})) >= 0


def test_hits_and_their_fields_cost(goods: Table) -> None:
    fill(goods, 10)
    little = cost(goods, search(limit=1))
    assert cost(goods, search(limit=16_384)) > little + 500
    wide = search(limit=1_000, output_fields=("id", "v", "price"))
    assert cost(goods, wide) > cost(goods, search(limit=1_000))


def test_a_hybrid_search_costs_what_its_requests_do(goods: Table) -> None:
    fill(goods, 100)
    requests = (search(limit=3), search(limit=30))
    asked = HybridSearch(collection=NAME, requests=requests, ranker=Rrf())
    assert cost(goods, asked) == sum(cost(goods, each) for each in requests)


@pytest.mark.parametrize("extra", ["highlighter", "search_aggregation"])
def test_what_works_on_each_hit_is_never_run_on_a_loop(goods: Table, extra: str) -> None:
    fill(goods, 3)
    assert cost(goods, search(extra={extra: "{}"})) >= NEVER_INLINE


def test_what_asks_a_model_is_never_run_on_a_loop(goods: Table) -> None:
    fill(goods, 3)
    snapshot = goods.database.snapshot("", NAME)
    model = FunctionSpec(
        name="m", type=FunctionType.TEXTEMBEDDING, inputs=("kind",), outputs=("v",), params={}
    )
    schema = msgspec.structs.replace(snapshot.schema, functions=(model,))
    asked = Search(collection=NAME, data=BytesColumn.of([b"a"]), field="v")
    assert estimate_cost(msgspec.structs.replace(snapshot, schema=schema), asked) >= NEVER_INLINE
    ranker = Rerank(
        functions=(FunctionSpec(name="r", type=FunctionType.RERANK, params={"reranker": "model"}),)
    )
    assert cost(goods, search(ranker=ranker)) >= NEVER_INLINE


def test_what_will_be_refused_costs_nothing(goods: Table) -> None:
    assert goods.database.estimate_seconds(Search(collection="none", data=search().data)) == 0
    assert cost(goods, msgspec.structs.replace(search(), field="none")) == 0
    assert goods.database.estimate_seconds(ListCollections()) == 0


def test_searches_share_a_batch_only_when_they_agree(goods: Table) -> None:
    fill(goods, 3)
    key = goods.database.batch_key(search())
    assert key is not None
    assert goods.database.batch_key(search(nq=5)) == key
    for other in (
        search(limit=3),
        search(filter="price > 1"),
        search(output_fields=("id",)),
        search(params={"ef": "5"}),
        search(partitions=("_default",)),
        search(round_decimal=2),
    ):
        assert goods.database.batch_key(other) not in (None, key)
    for alone in (search(group_by=("price",)), search(filter_params={"x": 1}), query(limit=1)):
        assert goods.database.batch_key(alone) is None
    goods.insert([77], price=fixed([1], "i4"), weight=fixed([1], "f8"), kind=texts(["a"]))
    assert goods.database.batch_key(search()) != key, "a newer snapshot"
