"""Building several indexes: what one of them meets holds up no other one."""

from __future__ import annotations

import errno
import threading
from typing import TYPE_CHECKING, Any

import pytest

from aiomilvus.engine.database import Database
from aiomilvus.engine.index.contract import BuildBudget
from aiomilvus.engine.maintenance import index_builds, job_queue
from aiomilvus.engine.storage import container
from aiomilvus.model.operations.collections import CreateCollection
from aiomilvus.model.operations.data import Insert
from aiomilvus.model.operations.indexes import CreateIndex, DescribeIndexes
from aiomilvus.model.operations.maintenance import Flush
from aiomilvus.model.schema import Field
from aiomilvus.model.types import DataType, IndexState
from tests.support.batches import batch, keys, schema

if TYPE_CHECKING:
    from pathlib import Path

NAME = "c"
SCALARS = ("a", "b")


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(job_queue, "FIRST_PAUSE", 1000.0)
    database = Database(tmp_path / "db")
    more = [Field(name=name, dtype=DataType.INT64) for name in SCALARS]
    database.execute(CreateCollection(collection=NAME, schema=schema(*more)))
    numbers = list(range(50))
    rows = batch(numbers, 1.0, **{name: keys(numbers) for name in SCALARS})
    database.execute(Insert(collection=NAME, batch=rows))
    database.execute(Flush(collection=NAME))
    database.wait_idle()
    yield database
    database.close()


def states(database: Database) -> dict[str, tuple[int, str]]:
    described = database.execute(DescribeIndexes(collection=NAME))
    return {each.name: (each.state, each.fail_reason) for each in described}


def test_every_index_that_the_disk_refuses_is_told_of_and_the_others_are_built(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    real = container.write_container

    def full(files: Any, path: Path, *rest: Any) -> None:
        if path.name in ("i1.amv", "i2.amv"):
            raise OSError(errno.ENOSPC, f"no room for {path.name}")
        real(files, path, *rest)

    monkeypatch.setattr(index_builds, "write_container", full)
    for name in SCALARS:
        params = {"index_type": "INVERTED"}
        database.execute(CreateIndex(collection=NAME, field=name, params=params))
    params = {"index_type": "HNSW", "metric_type": "L2", "M": "4", "efConstruction": "8"}
    database.execute(CreateIndex(collection=NAME, field="v", params=params))
    database.wait_idle()
    found = states(database)
    for number, name in enumerate(SCALARS, 1):
        state, reason = found[name]
        assert state is IndexState.Failed
        assert f"no room for i{number}.amv" in reason
    assert found["v"] == (IndexState.Finished, "")


def test_closing_gives_up_an_index_that_has_more_than_a_second_to_go(database: Database):
    maintenance = database.maintenance
    started, ended = threading.Event(), threading.Event()
    budget = maintenance._budget

    def build() -> None:
        started.set()
        try:
            while budget.keep_going(1.5):
                ended.wait(0.001)
        finally:
            ended.set()

    maintenance._ask("build", database.collection("", NAME), build)
    assert started.wait(30)
    assert isinstance(budget, BuildBudget)
    database.close()
    assert ended.is_set()
