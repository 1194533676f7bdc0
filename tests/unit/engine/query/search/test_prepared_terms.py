"""Searches for texts and sparse vectors are planned once, and cost what their terms cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest

from aiomilvus.engine.database import Database
from aiomilvus.engine.index.sparse.index import SparseIndex
from aiomilvus.engine.query.search.prepared import prepare, prepared_before
from aiomilvus.engine.query.search.prepared_terms import PreparedTerms
from aiomilvus.engine.query.search.searches import run_search
from aiomilvus.engine.query.search.view_searchers import searcher_of, target_of
from aiomilvus.model.columns import SparseColumn, VectorColumn
from aiomilvus.model.operations.collections import CreateCollection
from aiomilvus.model.operations.data import Insert, Search
from aiomilvus.model.operations.indexes import CreateIndex
from aiomilvus.model.operations.loading import LoadCollection
from aiomilvus.model.operations.maintenance import Flush
from aiomilvus.model.schema import Field, FunctionSpec
from aiomilvus.model.types import DataType, FunctionType
from tests.support.batches import DIM, batch, schema
from tests.support.tables import NAME, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiomilvus.engine.snapshot import Snapshot

COUNT = 300


@pytest.fixture(scope="module")
def snapshot() -> Iterator[Snapshot]:
    fields = schema(
        Field(
            name="text", dtype=DataType.VARCHAR, max_length=100, params={"enable_analyzer": "true"}
        ),
        Field(name="terms", dtype=DataType.SPARSE_FLOAT_VECTOR, is_function_output=True),
    )
    function = FunctionSpec(
        id=1, name="f", type=FunctionType.BM25, inputs=("text",), outputs=("terms",)
    )
    database = Database(None)
    whole = msgspec.structs.replace(fields, functions=(function,))
    database.execute(CreateCollection(collection=NAME, schema=whole))
    for field, kind, metric in (("v", "FLAT", "L2"), ("terms", "SPARSE_INVERTED_INDEX", "BM25")):
        params = {"index_type": kind, "metric_type": metric}
        database.execute(CreateIndex(collection=NAME, field=field, name=field, params=params))
    database.execute(LoadCollection(collection=NAME))
    rows = batch(
        range(COUNT),
        text=texts([f"all {'some' * (i % 9 == 0)} w{i} w{i % 20}" for i in range(COUNT)]),
    )
    database.execute(Insert(collection=NAME, batch=rows))
    database.execute(Flush(collection=NAME))
    database.wait_idle()
    yield database.snapshot("", NAME)
    database.close()


def search(*asked: str, **more: Any) -> Search:
    return Search(collection=NAME, data=texts(asked), field="terms", **more)


def prepared(snapshot: Snapshot, op: Search) -> PreparedTerms:
    made = prepare(snapshot, op)
    assert isinstance(made, PreparedTerms)
    return made


@pytest.mark.parametrize("more", [{}, {"limit": 3, "offset": 2}, {"filter": "id > 100"}])
def test_texts_find_what_they_find_alone(snapshot: Snapshot, more: dict[str, Any]) -> None:
    prepared(snapshot, search("w1", **more))
    for asked in (["w3"], ["all w7 w7"], ["nothing"], ["w4", "some w5"]):
        op = search(*asked, **more)
        again = prepared_before(snapshot, op)
        assert again is not None
        ready = again.ready(op.data)
        assert ready is not None
        found, wanted = again.search(ready), run_search(snapshot, op)
        assert found.offsets.tolist() == wanted.offsets.tolist()
        assert found.scores.tolist() == wanted.scores.tolist()
        assert np.array_equal(found.ids.arrays()["values"], wanted.ids.arrays()["values"])


def test_several_are_run_as_one(snapshot: Snapshot) -> None:
    known = prepared(snapshot, search("w1"))
    parts = [known.read(texts(asked)) for asked in (["w3 all"], ["w4", "none"], ["w11"])]
    for part, found in zip(parts, known.search_batch(parts), strict=True):
        alone = known.search(part)
        assert found.offsets.tolist() == alone.offsets.tolist()
        assert found.scores.tolist() == alone.scores.tolist()


def test_long_texts_are_not_analysed_by_who_only_asks(snapshot: Snapshot) -> None:
    known = prepared(snapshot, search("w1"))
    assert known.ready(texts(["w1 " * 100])) is not None
    assert known.ready(texts(["w1 " * 1000])) is None
    assert len(known.read(texts(["w1 " * 1000]))) == 1


def test_what_is_of_another_kind_is_not_ready(snapshot: Snapshot) -> None:
    known = prepared(snapshot, search("w1"))
    sparse = SparseColumn(np.array([0, 1]), np.ones(1, np.uint32), np.ones(1, np.float32))
    for other in (None, sparse, VectorColumn(np.ones((1, DIM), np.float32))):
        assert known.ready(other) is None
    assert prepare(snapshot, msgspec.structs.replace(search("x"), data=sparse)) is None


def test_frequent_words_cost_more(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    known = prepared(snapshot, search("w1"))
    monkeypatch.setattr("aiomilvus.engine.index.costs.POSTINGS_SCANNED", 0)
    monkeypatch.setattr("aiomilvus.engine.index.costs.POSTINGS_BRIEF", 0)
    monkeypatch.setattr("aiomilvus.engine.index.costs.POSTINGS_PASSED", 1e-3)
    monkeypatch.setattr("aiomilvus.engine.index.sparse.index.kernels_if_ready", lambda: known)
    searcher = searcher_of(target_of(snapshot, "terms"), snapshot.views[0])
    assert isinstance(searcher, SparseIndex)
    told = [known.seconds(known.read(texts([asked]))) for asked in ("zzz", "w299", "some", "all")]
    assert told[0] < told[1] < told[2] < told[3]
    assert told[3] - told[0] == pytest.approx(COUNT * 1e-3, rel=1e-6)
