"""A prepared search of one query over codes takes few steps, and finds what the others find."""

from __future__ import annotations

import warnings
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from aiomilvus.engine.database import Database
from aiomilvus.engine.index.dense import kernel_access
from aiomilvus.engine.index.dense.distinct_index import DistinctIndex
from aiomilvus.engine.index.dense.faiss_index import FaissIndex
from aiomilvus.engine.index.dense.quantized_graph import QuantizedGraph
from aiomilvus.engine.query.search.searches import run_search
from aiomilvus.errors import ParamError
from aiomilvus.model.batch import ColumnBatch
from aiomilvus.model.columns import FixedColumn, VectorColumn
from aiomilvus.model.operations.collections import CreateCollection
from aiomilvus.model.operations.data import Insert, Search
from aiomilvus.model.operations.indexes import CreateIndex
from aiomilvus.model.operations.loading import LoadCollection
from aiomilvus.model.operations.maintenance import Flush
from aiomilvus.model.schema import Field, Schema
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

pytestmark = pytest.mark.timeout(180)  # the first run on a machine compiles

ROWS, DIM = 1500, 16
POINTS = np.random.default_rng(3).standard_normal((ROWS, DIM)).astype(np.float32)
POINTS[100:120] = POINTS[:20]  # so few twins, whose keys are the larger, that a graph has all rows
TWINS = POINTS.copy()
TWINS[1::3] = TWINS[::3]  # and here it has one of two


@pytest.fixture(
    scope="module",
    params=[(metric, few) for metric in ("L2", "IP", "COSINE") for few in (True, False)],
    ids=lambda given: f"{given[0]} {'few twins' if given[1] else 'twins'}",
)
def coded(request: pytest.FixtureRequest) -> Iterator[Database]:
    metric, few = request.param
    database, index = indexed(metric, POINTS if few else TWINS)
    assert isinstance(index, DistinctIndex) is not few
    assert index.accelerate()
    yield database
    database.close()


def indexed(
    metric: str, points: NDArray[np.float32], kind: str = "HNSW"
) -> tuple[Database, FaissIndex]:
    """Return a database with a graph over points, which has no codes yet."""
    if kernel_access.kernels() is None:
        pytest.skip("numba is not installed")
    database = Database(None)
    fields = (
        Field(name="id", dtype=DataType.INT64, is_primary=True),
        Field(name="v", dtype=DataType.FLOAT_VECTOR, dim=points.shape[1]),
    )
    database.execute(CreateCollection(collection="c", schema=Schema(fields=fields)))
    params = {"index_type": kind, "metric_type": metric}
    database.execute(CreateIndex(collection="c", field="v", name="v", params=params))
    database.execute(LoadCollection(collection="c"))
    keys = FixedColumn(np.arange(len(points))[::-1].copy())
    batch = ColumnBatch(len(points), {"id": keys, "v": VectorColumn(points)})
    database.execute(Insert(collection="c", batch=batch))
    database.execute(Flush(collection="c"))
    database.wait_idle()
    (view,) = database.snapshot("", "c").views
    (spec,) = database.snapshot("", "c").indexes.values()
    index = view.segment.vector_index(spec.id)
    assert isinstance(index, FaissIndex)
    return database, index


def search(vector: Any, **asked: Any) -> Search:
    data = VectorColumn(np.asarray([vector], np.float32))
    return Search(collection="c", data=data, field="v", **{"params": {"ef": 200}, **asked})


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"offset": 3, "limit": 4, "output_fields": ("v",)},
        {"filter": "id > 700"},
        {"filter": "id in [3, 4, 5]"},
        {"filter": "id < 0"},
        {"round_decimal": 1},
        {"limit": 190},
    ],
)
def test_it_finds_what_is_found_without_preparation(coded: Database, asked: Any) -> None:
    other = np.random.default_rng(4).standard_normal(DIM)
    for vector in (POINTS[0], other, np.zeros(DIM), np.full(DIM, 1e25)):
        op = search(vector, **asked)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = coded.execute(op)
        with np.errstate(all="ignore"):
            wanted = run_search(coded.snapshot("", "c"), op)
        assert found.offsets.tolist() == wanted.offsets.tolist()
        assert found.ids.arrays()["values"].tolist() == wanted.ids.arrays()["values"].tolist()
        assert np.array_equal(found.scores, wanted.scores, equal_nan=True)
        if wanted.batch is not None and found.batch is not None:
            for name, column in wanted.batch.columns.items():
                values = found.batch.columns[name].arrays()["values"]
                assert np.array_equal(values, column.arrays()["values"])


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("filter", ["", "id > 700", "id in [3, 4, 5]"])
def test_numbers_that_are_none_are_refused(coded: Database, odd: float, filter: str) -> None:
    vector = np.ones(DIM)
    for place in (0, DIM - 1):
        vector[place] = odd
        with pytest.raises(ParamError, match="query vector 0 is not a number or infinity: field v"):
            coded.execute(search(vector, filter=filter))


def test_a_search_that_was_prepared_before_there_were_codes_uses_them_once_they_come() -> None:
    database, index = indexed("IP", POINTS)
    with closing(database):
        op = search(POINTS[5], shape="same")
        before = database.execute(op)
        kept = database.kept_search("", "c", "same")
        assert kept is not None
        assert index.accelerate()
        walked = []
        walk = QuantizedGraph._walk

        def noted(*args: Any) -> Any:
            walked.append(args)
            return walk(*args)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(QuantizedGraph, "_walk", noted)
            after = [kept.search(VectorColumn(POINTS[5:6])) for _ in range(2)]
        assert len(walked) == 2
        for found in after:
            assert found.ids.arrays()["values"].tolist() == before.ids.arrays()["values"].tolist()
            assert np.allclose(found.scores, before.scores, rtol=1e-5)


def test_a_repeated_search_compares_all_codes_where_the_graph_finds_too_little() -> None:
    random = np.random.default_rng(9)
    lengths = np.exp(1.5 * random.standard_normal((5_100, 1)))
    values = (random.standard_normal((5_100, 32)) * lengths).astype(np.float32)
    database, index = indexed("L2", values[100:], "AUTOINDEX")
    with closing(database):
        assert index.judged is not None
        assert index.judged.scans
        assert index.accelerate()
        snapshot = database.snapshot("", "c")
        for query in values[:100]:
            op = search(query, shape="same", params={})
            found, wanted = database.execute(op), run_search(snapshot, op)
            assert found.ids.arrays()["values"].tolist() == wanted.ids.arrays()["values"].tolist()
            kept = database.kept_search("", "c", "same")
            assert kept is not None
            again = kept.search(VectorColumn(query[None]))
            assert again.ids.arrays()["values"].tolist() == wanted.ids.arrays()["values"].tolist()
