"""What a partition that can't be dropped leaves as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aiomilvus.engine.database import Database
from aiomilvus.errors import ParamError
from aiomilvus.model.operations.loading import ReleaseCollection
from aiomilvus.model.operations.partitions import DropPartition
from tests.support import workload
from tests.support.workload import NAME, Step

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("loaded", [False, True])
@pytest.mark.parametrize("partition", ["_default", "none"])
def test_a_partition_that_is_not_dropped_seals_nothing(
    tmp_path: Path, partition: str, *, loaded: bool
) -> None:
    database = Database(tmp_path / "db")
    workload.create(database)
    database.execute(workload.operation(Step("insert", [1, 2], 1.0)))
    if not loaded:
        database.execute(ReleaseCollection(collection=NAME))
    collection = database.collection("", NAME)
    before = [view.segment.id for view in collection.snapshot.views]
    drop = DropPartition(collection=NAME, partition=partition)
    if partition == "none":
        database.execute(drop)
    else:
        with pytest.raises(ParamError, match="please release" if loaded else "default partition"):
            database.execute(drop)
    assert [view.segment.id for view in collection.snapshot.views] == before
    database.close()
