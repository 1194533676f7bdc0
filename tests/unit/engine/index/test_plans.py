"""A searcher does what its plan says, and its plan is what it does."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from aiomilvus.engine.catalog.records import IndexSpec
from aiomilvus.engine.index import costs
from aiomilvus.engine.index.contract import BuildBudget, SearchPlan
from aiomilvus.engine.index.dense import faiss_index
from aiomilvus.engine.index.dense.exact_or_index import FaissPlanner
from aiomilvus.engine.index.dense.growing_graph import Grown, RemappedIndex
from aiomilvus.engine.index.dense.growing_index import GrowingIndex
from aiomilvus.engine.index.dense.subset_scan import SubsetSearcher
from aiomilvus.engine.index.registry import build_index, check_index, exact_search_of
from aiomilvus.engine.index.sparse.growing import GrowingSparseIndex
from aiomilvus.errors import ParamError
from aiomilvus.model.columns import ListColumn, SparseColumn, VectorColumn
from aiomilvus.model.schema import Field
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.timeout(180)  # the first run on a machine compiles

ROWS, DIM, K = 1_500, 16, 10
SHARES = (0.0, 0.001, 0.01, 0.1, 0.5, 1.0)
DENSE = ("HNSW", "HNSW_SQ", "IVF_FLAT", "DISKANN")
FIELD = Field(name="v", id=3, dtype=DataType.FLOAT_VECTOR, dim=DIM)
BITS = Field(name="v", id=3, dtype=DataType.BINARY_VECTOR, dim=64)
SPARSE = Field(name="v", id=3, dtype=DataType.SPARSE_FLOAT_VECTOR)
LISTS = Field(
    name="s[v]",
    id=3,
    dtype=DataType.ARRAY_OF_VECTOR,
    element_type=DataType.FLOAT_VECTOR,
    dim=DIM,
    max_capacity=4,
    struct="s",
)


def rows(count: int = ROWS, *, nulls: bool = False) -> VectorColumn:
    values = np.random.default_rng(2).standard_normal((count, DIM)).astype(np.float32)
    column = VectorColumn(values)
    if nulls:
        column.valid = np.arange(count) % 3 > 0
    return column


def bits(count: int = ROWS) -> VectorColumn:
    return VectorColumn(np.random.default_rng(3).integers(0, 256, (count, 8), np.uint8))


def words(count: int = ROWS) -> SparseColumn:
    random = np.random.default_rng(4)
    indices = np.sort(random.integers(0, 500, (count, 4)) * 4 + np.arange(4), axis=1)
    values = random.random(4 * count, np.float32) + 0.1
    return SparseColumn(np.arange(count + 1) * 4, indices.reshape(-1).astype(np.uint32), values)


def lists() -> ListColumn:
    return ListColumn(np.arange(0, ROWS + 1, 2), rows())


def built(field: Field, kind: str, metric: str, column: Any) -> Any:
    spec = IndexSpec(
        id=1,
        name="v",
        field=field.name,
        params=check_index(field, {"index_type": kind, "metric_type": metric}),
    )
    index = build_index(spec, field, column, BuildBudget(2))
    return exact_search_of(spec, field, column) if index is None else index


def growing(column: VectorColumn) -> GrowingIndex:
    graph = built(FIELD, "HNSW", "L2", column.slice(0, 1_200))
    return GrowingIndex(column, "L2", lambda: Grown(graph))


def mask_of(count: int, share: float) -> Any:
    return np.random.default_rng(5).random(count) < share


SEARCHERS: dict[str, tuple[Callable[[], Any], Callable[[int], Any]]] = {
    **{
        kind: ((lambda kind=kind: built(FIELD, kind, "COSINE", rows())), rows)  # type: ignore[misc]  # bound at once
        for kind in DENSE
    },
    "FLAT": (lambda: built(FIELD, "FLAT", "IP", rows()), rows),
    "growing": (lambda: growing(rows()), rows),
    "nothing indexed yet": (lambda: GrowingIndex(rows(), "L2", lambda: None), rows),
    "BIN_FLAT": (lambda: built(BITS, "BIN_FLAT", "HAMMING", bits()), bits),
    "BIN_IVF_FLAT": (lambda: built(BITS, "BIN_IVF_FLAT", "HAMMING", bits()), bits),
    "MINHASH_LSH": (lambda: built(BITS, "MINHASH_LSH", "MHJACCARD", bits()), bits),
    "few signatures": (lambda: built(BITS, "MINHASH_LSH", "MHJACCARD", bits(500)), bits),
    "sparse": (lambda: built(SPARSE, "SPARSE_INVERTED_INDEX", "IP", words()), words),
    "growing sparse": (lambda: GrowingSparseIndex("IP").view_of(words()), words),
    "lists": (
        lambda: built(LISTS, "HNSW", "MAX_SIM_L2", lists()),
        lambda nq: ListColumn(np.arange(nq + 1) * 2, rows(2 * nq)),
    ),
    "elements": (lambda: built(LISTS, "HNSW", "L2", lists()), rows),
}


@pytest.mark.parametrize("name", list(SEARCHERS))
def test_every_searcher_has_a_plan_for_whatever_it_is_asked(name: str) -> None:
    make, queries = SEARCHERS[name]
    searcher = make()
    count = ROWS if name == "elements" else searcher.num_rows
    for share in SHARES:
        mask = mask_of(count, share)
        for allowed in (None, mask, int(mask.sum())):
            for asked in (None, queries(2)):
                plan = searcher.plan(asked, K, {}, allowed)
                assert isinstance(plan, SearchPlan)
                assert plan.microseconds > 0
                assert plan.compares
        found = searcher.search(queries(2), K, {}, mask)
        assert mask[found.rows[found.rows >= 0]].all()


@pytest.mark.parametrize("name", ["HNSW", "IVF_FLAT", "DISKANN", "BIN_IVF_FLAT"])
def test_a_plan_refuses_what_the_search_refuses(name: str) -> None:
    make, queries = SEARCHERS[name]
    searcher = make()
    param = {"DISKANN": "search_list", "HNSW": "ef"}.get(name, "nprobe")
    for ask in (searcher.plan, searcher.search):
        with pytest.raises(ParamError, match=param):
            ask(queries(1), K, {param: "many"}, None)


class Calls:
    """Notes which ways of searching an index takes."""

    def __init__(self, index: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.names: list[str] = []
        self._watch(monkeypatch, index._subset, "search", "exact")
        self._watch(monkeypatch, index, "_run", "index")
        self._watch(monkeypatch, faiss_index, "exact_search", "exact")
        coded = None if index._acceleration is None else index._acceleration.coded
        if coded is not None:
            self._watch(monkeypatch, coded, "search_subset", "exact")
            self._watch(monkeypatch, coded, "search", "codes or index")

    def _watch(self, monkeypatch: pytest.MonkeyPatch, where: Any, method: str, name: str) -> None:
        plain = getattr(where, method)

        def noted(*given: Any, **named: Any) -> Any:
            self.names.append(name)
            return plain(*given, **named)

        monkeypatch.setattr(where, method, noted)


@pytest.mark.parametrize("accelerated", [False, True])
@pytest.mark.parametrize("nulls", [False, True])
@pytest.mark.parametrize("kind", DENSE)
def test_a_faiss_index_searches_as_it_plans(
    kind: str, nulls: bool, accelerated: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = built(FIELD, kind, "COSINE", rows(nulls=nulls))
    coded = accelerated and index.accelerate()
    if not accelerated and index._acceleration is not None:
        index._acceleration.asked = True  # so no codes come from the background meanwhile
    calls = Calls(index, monkeypatch)
    monkeypatch.setattr(
        costs, "CHEAP_EXACT_MICROSECONDS", 22.0
    )  # so that so few rows are no reason
    params = {index.recipe.ef: 16}
    for share in (*SHARES, None):
        mask = None if share is None else mask_of(ROWS, share)
        for nq in (1, 12):
            plan = index.plan(rows(nq), K, params, mask)
            calls.names.clear()
            index.search(rows(nq), K, params, mask)
            first = calls.names[0]
            if plan.strategy == "exact":
                assert first == "exact"
            elif coded:
                assert first == "codes or index"
                passing = index._count(mask)
                walks = passing is None or index._acceleration.coded.budget(passing, plan.ef) > 0
                assert plan.strategy == ("index" if walks else "codes")
            else:
                assert (first, plan.strategy) == ("index", "index")


def test_the_rows_left_of_a_graph_are_planned_by_those_that_are_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(costs, "CHEAP_EXACT_MICROSECONDS", 22.0)
    graph = built(FIELD, "HNSW", "L2", rows())
    few = RemappedIndex(graph, np.arange(20))
    many = RemappedIndex(graph, np.arange(ROWS - 1))
    assert few.plan(None, K, {}, None).strategy == "exact"
    assert many.plan(None, K, {}, None).strategy == "index"
    assert few.plan(None, K, {}, None).microseconds < many.plan(None, K, {}, None).microseconds


def test_only_new_rows_are_compared_where_a_filter_lets_no_others_pass() -> None:
    searcher = growing(rows())
    newest = np.arange(ROWS) >= 1_200
    assert searcher.plan(None, K, {}, None).strategy == "index"
    assert searcher.plan(None, K, {}, newest).strategy == "exact"
    assert searcher.plan(None, K, {}, None, in_range=True).strategy == "exact"


def test_ranges_of_few_rows_are_compared_and_of_many_are_searched() -> None:
    few, many = built(FIELD, "HNSW", "L2", rows(500)), built(FIELD, "HNSW", "L2", rows())
    assert few.plan(None, K, {}, None, in_range=True).strategy == "exact"
    assert many.plan(None, K, {}, None, in_range=True).strategy == "index"


def test_terms_decide_whether_allowed_rows_are_looked_up() -> None:
    index = built(SPARSE, "SPARSE_INVERTED_INDEX", "IP", words())
    assert index.plan(words(1), K, {}, mask_of(ROWS, 0.01)).strategy == "exact"
    assert index.plan(words(1), K, {}, mask_of(ROWS, 0.9)).strategy == "index"


@pytest.mark.parametrize("passing", [2_000, 20_000])
def test_many_hits_of_allowed_rows_are_found_by_vectors_and_few_by_codes(passing: int) -> None:
    subset = SubsetSearcher(VectorColumn(np.zeros((100_000, 2), np.float32)), "L2", None)
    planner = FaissPlanner("HNSW", subset, 0, None, 64, 1)
    coded: Any = SimpleNamespace(
        bits=4, stretch=1.0, walk_ef=lambda _k, ef: ef, budget=lambda *_: 0
    )
    assert planner.plan(1, 256, {}, passing, coded).codes == 4
    many = planner.plan(1, 257, {}, passing, coded)
    assert (many.strategy, many.codes) == ("exact", 0)
