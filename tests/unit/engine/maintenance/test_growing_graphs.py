"""Graphs of growing rows go on serving the rows that are sealed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest

from aiomilvus.engine.catalog.records import IndexSpec
from aiomilvus.engine.maintenance.growing_graphs import _same_rows, behind, extend
from aiomilvus.model.columns import VectorColumn
from aiomilvus.model.schema import Field
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from aiomilvus.engine.collection import Collection

VECTORS = np.random.default_rng(3).standard_normal((20_000, 4)).astype(np.float32)


@pytest.mark.parametrize(
    ("found", "kept"),
    [
        ([0, 1, 2], [0, 1, 2]),
        ([0, 2, 5], [0, 2, 5]),
        ([], []),
        ([-1, 0, 1], []),
        ([0, 3, -1, 4], [0, 3]),
        ([1, 2, 2, 3], [1, 2]),
        ([4, 1, 2], [4]),
    ],
)
def test_rows_are_the_same_as_long_as_each_key_is_found_once_in_its_place(
    found: list[int], kept: list[int]
) -> None:
    assert _same_rows(np.array(found, np.int64)).tolist() == kept


class Growing:
    """A growing segment to which rows come whenever its vectors are read."""

    def __init__(self, partition: int) -> None:
        self.partition_id = partition
        self.num_rows = 2_000
        self.cache = SimpleNamespace(graphs={}, graph_searchers={})

    def column(self, _field: Field) -> VectorColumn:
        self.num_rows = min(self.num_rows + 1_000, len(VECTORS))
        return VectorColumn(VECTORS[: self.num_rows])


def test_every_growing_segment_gets_its_turn_though_rows_keep_coming_to_the_first() -> None:
    field = Field(name="v", dtype=DataType.FLOAT_VECTOR, id=101, dim=4)
    segments = [Growing(1), Growing(2)]
    params = {"index_type": "HNSW", "metric_type": "L2"}
    spec = IndexSpec(id=7, name="v", field="v", params=params)
    made = SimpleNamespace(
        growing={each.partition_id: each for each in segments},
        specs={spec.id: spec},
        record=SimpleNamespace(schema=SimpleNamespace(by_name={"v": field})),
    )
    collection = cast("Collection", made)
    asked = iter(range(30))
    assert extend(collection, lambda: next(asked, None) is not None)
    covered = [each.cache.graphs[spec.id].covered for each in segments]
    assert covered == [2_000, 2_000]
    assert len(behind(collection)) == 2, "the rest is for another round"
    assert not extend(collection, lambda: False), "nothing is taken in when it is to end"
