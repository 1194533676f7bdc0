"""Searches of many queries are carried out in blocks, and find what they find at once."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from aiomilvus.engine.query.search import query_blocks, searches
from aiomilvus.engine.query.search.hybrid import run_hybrid
from aiomilvus.engine.query.search.searches import run_search
from aiomilvus.model.columns import VectorColumn
from aiomilvus.model.operations.data import HybridSearch, Search
from aiomilvus.model.ranking import Rrf, Weighted
from aiomilvus.model.read_limits import Abandoned, bounded
from tests.support.batches import DIM
from tests.support.tables import NAME, Table, fixed, texts
from tests.unit.engine.query.conftest import KIND, PRICE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aiomilvus.model.results import SearchResult

COUNT, QUERIES = 120, 40
VECTORS = np.random.default_rng(5).integers(-9, 9, (QUERIES, DIM)).astype(np.float32)
"""Whole numbers, whose products are exact however many are multiplied at once."""


@pytest.fixture
def stocked() -> Iterator[Table]:
    goods = Table(PRICE, KIND, metric="IP")
    for first in (0, COUNT):  # of each score some, in two segments
        ids = list(range(first, first + COUNT))
        prices, kinds = fixed([i % 7 for i in ids], "i4"), texts(["abc"[i % 3] for i in ids])
        goods.insert(ids, price=prices, kind=kinds)
        if not first:
            goods.seal()
    goods.delete([3, COUNT + 5])
    goods.database.wait_idle()
    yield goods
    goods.close()


def search(**asked: Any) -> Search:
    return Search(collection=NAME, data=VectorColumn(VECTORS), field="v", **asked)


def hybrid(**asked: Any) -> HybridSearch:
    two = (search(limit=9), search(limit=20, filter="price > 2"))
    return HybridSearch(collection=NAME, requests=two, **{"ranker": Rrf(), **asked})


def told(found: SearchResult) -> list[Any]:
    columns = [] if found.group_by is None else [*found.group_by.columns.values()]
    groups = [array.tolist() for column in columns for array in column.arrays().values()]
    return [found.offsets.tolist(), found.ids.arrays()["values"].tolist(), groups]


def in_small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query_blocks, "HITS", 400)
    monkeypatch.setattr(searches, "_FEW_QUERIES", 1)


@pytest.mark.parametrize(
    "asked",
    [
        {"limit": 7, "offset": 2},
        {"limit": 2 * COUNT, "filter": "price > 2"},
        {"radius": -90.0, "range_filter": 200.0, "limit": 50},
        {"group_by": ("price",), "limit": 3, "offset": 1},
        {"group_by": ("price",), "limit": 9, "strict_group_size": True},  # all hits are looked at
        {"group_by": ("price", "kind"), "limit": 30, "group_size": 2},
        {"group_by": ("kind",), "limit": 3, "filter": "price > 100"},
    ],
    ids=str,
)
def test_a_search_in_blocks_finds_the_same(
    stocked: Table, monkeypatch: pytest.MonkeyPatch, asked: dict[str, Any]
) -> None:
    snapshot, op = stocked.database.snapshot("", NAME), search(**asked)
    whole = run_search(snapshot, op)
    in_small_blocks(monkeypatch)
    parts = run_search(snapshot, op)
    assert told(parts) == told(whole)
    assert np.allclose(parts.scores, whole.scores, atol=1e-5)
    assert told(stocked.do(op)) == told(whole)


@pytest.mark.parametrize(
    "asked",
    [
        {"limit": 7, "offset": 2},
        {"limit": 30, "ranker": Weighted(weights=(0.3, 0.7))},
        {"limit": 2, "group_by": ("kind",), "group_size": 2},
    ],
    ids=str,
)
def test_a_hybrid_search_in_blocks_finds_the_same(
    stocked: Table, monkeypatch: pytest.MonkeyPatch, asked: dict[str, Any]
) -> None:
    snapshot, op = stocked.database.snapshot("", NAME), hybrid(**asked)
    whole = run_hybrid(snapshot, op)
    in_small_blocks(monkeypatch)
    assert told(run_hybrid(snapshot, op)) == told(whole)


@pytest.mark.parametrize(
    "run",
    [
        lambda snapshot: run_search(snapshot, search(limit=50)),
        lambda snapshot: run_search(snapshot, search(limit=3, group_by=("price",))),
        lambda snapshot: run_hybrid(snapshot, hybrid(limit=9)),
    ],
    ids=["plain", "grouped", "hybrid"],
)
def test_it_ends_when_nobody_waits_any_more(
    stocked: Table, monkeypatch: pytest.MonkeyPatch, run: Callable[[Any], object]
) -> None:
    in_small_blocks(monkeypatch)
    asked = count()
    with bounded(lambda: next(asked) >= 5, None), pytest.raises(Abandoned):
        run(stocked.database.snapshot("", NAME))
