"""Hybrid search over requests that read different partitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from aiomilvus.engine.database import Database
from aiomilvus.model.columns import FixedColumn, VectorColumn
from aiomilvus.model.operations.collections import CreateCollection
from aiomilvus.model.operations.data import HybridSearch, Insert, Search
from aiomilvus.model.operations.indexes import CreateIndex
from aiomilvus.model.operations.loading import LoadCollection
from aiomilvus.model.operations.partitions import CreatePartition
from aiomilvus.model.ranking import Rrf
from tests.support.batches import batch, schema

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("partitions", "found"),
    [
        ((("a",), ("b",)), {1, 2, 101, 102, 103}),
        ((("b",), ("a", "b")), {1, 2, 101, 102, 103}),
        ((("b",), ("b",)), {101, 102, 103}),
    ],
)
def test_each_request_finds_the_entities_of_its_own_partitions(
    tmp_path: Path, partitions: tuple[tuple[str, ...], tuple[str, ...]], found: set[int]
):
    database = Database(tmp_path / "db")
    database.execute(CreateCollection(collection="c", schema=schema()))
    for name in "ab":
        database.execute(CreatePartition(collection="c", partition=name))
    params = {"index_type": "FLAT", "metric_type": "L2"}
    database.execute(CreateIndex(collection="c", field="v", name="v", params=params))
    database.execute(LoadCollection(collection="c"))
    database.execute(Insert(collection="c", partition="a", batch=batch([1, 2], 1)))
    database.execute(Insert(collection="c", partition="b", batch=batch([101, 102, 103], 5)))
    zero = VectorColumn(np.zeros((1, 4), np.float32))
    requests = tuple(
        Search(collection="c", field="v", data=zero, limit=10, partitions=names)
        for names in partitions
    )
    hits = database.execute(HybridSearch(collection="c", requests=requests, ranker=Rrf(), limit=10))
    database.close()
    assert isinstance(hits.ids, FixedColumn)
    assert sorted(hits.ids.values.tolist()) == sorted(found)
