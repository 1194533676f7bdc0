"""A change that is cut short in memory, by Ctrl-C or for want of memory, spoils nothing later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aiomilvus.engine.collection import Collection
from aiomilvus.engine.database import Database
from aiomilvus.engine.segment.growing import GrowingSegment
from aiomilvus.engine.write.masks import MaskTable
from aiomilvus.errors import WritesPoisonedError
from aiomilvus.model.operations.collections import DropCollection, TruncateCollection
from aiomilvus.model.operations.maintenance import Flush
from aiomilvus.model.operations.partitions import CreatePartition
from tests.support import workload
from tests.support.contents import Contents, contents_of
from tests.support.workload import NAME, Step

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BEFORE = Contents({1: 1.0, 2: 1.0}, {1: 1, 2: 1})
AFTER = Contents({1: 2.0, 2: 1.0, 3: 2.0}, {1: 1, 2: 1, 3: 1})


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = Database(tmp_path / "db")
    workload.create(database)
    database.execute(workload.operation(Step("insert", [1, 2], 1.0)))
    return database


def contents(database: Database) -> Contents:
    return contents_of(database.snapshot("", NAME))


def cut_short(monkeypatch: pytest.MonkeyPatch, kind: type, name: str, error: type) -> None:
    """Let a method do its work and then end in `error`, once."""
    real: Callable[..., object] = getattr(kind, name)

    def interrupted(*args: object, **kwargs: object) -> object:
        monkeypatch.setattr(kind, name, real)
        real(*args, **kwargs)
        raise error

    monkeypatch.setattr(kind, name, interrupted)


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
@pytest.mark.parametrize(
    ("kind", "name"), [(GrowingSegment, "append"), (MaskTable, "delete"), (Collection, "publish")]
)
def test_a_logged_write_cut_short_in_memory_stops_all_others_until_reopened(
    database: Database, monkeypatch: pytest.MonkeyPatch, kind: type, name: str, error: type
):
    write = workload.operation(Step("upsert", [1, 3], 2.0))
    cut_short(monkeypatch, kind, name, error)
    with pytest.raises(error):
        database.execute(write)
    seen = AFTER if kind is Collection else BEFORE
    assert contents(database) == seen
    for operation in (
        write,
        workload.operation(Step("delete", [1], 3.0)),
        Flush(collection=NAME),
        TruncateCollection(collection=NAME),
        DropCollection(collection=NAME),
        CreatePartition(collection=NAME, partition="p"),
    ):
        with pytest.raises(WritesPoisonedError, match=f"opened again.*{error.__name__}"):
            database.execute(operation)
        assert contents(database) == seen
    assert database.path is not None
    database.close()
    for _ in range(2):
        database = Database(database.path)
        assert contents(database) == AFTER
        database.execute(write)
        assert contents(database) == AFTER
        database.close()


def test_a_database_in_memory_is_spared_half_a_write_too(monkeypatch: pytest.MonkeyPatch):
    database = Database(None)
    workload.create(database)
    database.execute(workload.operation(Step("insert", [1, 2], 1.0)))
    cut_short(monkeypatch, GrowingSegment, "append", KeyboardInterrupt)
    write = workload.operation(Step("upsert", [1, 3], 2.0))
    with pytest.raises(KeyboardInterrupt):
        database.execute(write)
    with pytest.raises(WritesPoisonedError, match="KeyboardInterrupt"):
        database.execute(write)
    assert contents(database) == BEFORE
    database.close()


def test_sealing_cut_short_behind_its_commit_seals_nothing_twice(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    cut_short(monkeypatch, Collection, "add_sealed", KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        database.execute(Flush(collection=NAME))
    with pytest.raises(WritesPoisonedError, match="KeyboardInterrupt"):
        database.execute(Flush(collection=NAME))
    assert database.path is not None
    database.close()
    database = Database(database.path)
    assert contents(database) == BEFORE
    assert len(database.collection("", NAME).sealed) == 1
    database.close()
