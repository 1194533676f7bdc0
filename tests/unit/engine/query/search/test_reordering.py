"""Hits sorted by fields: over all pages, and by whole groups."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from aiomilvus.engine.query.search.search_batch import batch_key
from aiomilvus.errors import ParamError
from aiomilvus.model.columns import VectorColumn
from aiomilvus.model.operations.data import HybridSearch, Search
from aiomilvus.model.ranking import Rrf
from aiomilvus.model.sorting import SortKey
from tests.support.tables import NAME, fixed, texts, values

PRICES = [3, 1, None, 2, 1, 9]


@pytest.fixture
def stocked(goods):
    """Row n is the nth nearest to zero; the last one is beyond what the searches ask for."""
    kinds = ["a", "b", "a", "b", "a", "c"]
    weights = fixed([0.0] * 3, "f8")
    for start in (0, 3):
        part = slice(start, start + 3)
        goods.insert(
            list(range(start, start + 3)),
            float(start),
            price=fixed(PRICES[part], "i4"),
            kind=texts(kinds[part]),
            weight=weights,
        )
        goods.seal()
    return goods


def search(table, queries=1, **asked):
    data = VectorColumn(np.zeros((queries, 4), np.float32))
    return table.do(Search(collection=NAME, data=data, **asked))


def test_the_best_hits_are_sorted_before_they_are_cut_into_pages(stocked):
    order = (SortKey("price"),)
    whole = values(search(stocked, limit=5, order_by=order).ids)
    assert whole == [1, 4, 3, 0, 2]
    page = search(stocked, limit=2, offset=3, order_by=order)
    assert values(page.ids) == [0, 2]
    assert page.scores.tolist() == [1.0, 5.0]
    assert values(search(stocked, limit=5, order_by=(SortKey("price", descending=True),)).ids) == [
        2,
        0,
        3,
        1,
        4,
    ]


def test_each_query_has_an_order_of_its_own(stocked):
    found = search(stocked, queries=2, limit=3, order_by=(SortKey("price"),))
    assert values(found.ids) == [1, 0, 2] * 2


def test_groups_are_sorted_by_their_best_hit_and_stay_together(stocked):
    found = search(stocked, limit=3, group_by=("kind",), group_size=2, order_by=(SortKey("price"),))
    assert values(found.ids) == [1, 3, 0, 2, 5]
    assert values(found.group_by["kind"]) == ["b", "b", "a", "a", "c"]


def test_hybrid_searches_sort_what_they_merged(stocked):
    data = VectorColumn(np.zeros((1, 4), np.float32))
    parts = tuple(Search(collection=NAME, field="v", data=data, limit=5) for _ in range(2))
    asked: dict[str, Any] = {"collection": NAME, "requests": parts, "ranker": Rrf()}
    order = (SortKey("price"),)
    assert values(stocked.do(HybridSearch(**asked, limit=5, order_by=order)).ids) == [1, 4, 3, 0, 2]
    page = HybridSearch(**asked, limit=2, offset=2, order_by=order)
    # The best four hits are sorted, then cut.
    assert values(stocked.do(page).ids) == [0, 2]


def test_what_has_no_order_is_refused(stocked):
    with pytest.raises(ParamError, match="has type FloatVector which is not sortable"):
        search(stocked, limit=2, order_by=(SortKey("v"),))


def test_sorted_searches_are_not_run_as_one(stocked):
    snapshot = stocked.database.snapshot("", NAME)
    data = VectorColumn(np.zeros((1, 4), np.float32))
    assert batch_key(snapshot, Search(collection=NAME, data=data)) is not None
    ordered = Search(collection=NAME, data=data, order_by=(SortKey("price"),))
    assert batch_key(snapshot, ordered) is None
