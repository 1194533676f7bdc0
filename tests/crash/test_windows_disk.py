"""On a disk that refuses what Windows refuses, the same is found, and nothing stays behind."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

import pytest

from aiomilvus.engine.database import Database
from aiomilvus.engine.maintenance import worker
from aiomilvus.engine.storage import files
from aiomilvus.engine.write import direct
from aiomilvus.model.operations.collections import DropCollection, TruncateCollection
from tests.support import workload
from tests.support.batches import schema
from tests.support.contents import Model, contents_of
from tests.support.windows_disk import WindowsDisk
from tests.support.workload import NAME, Step

if TYPE_CHECKING:
    from pathlib import Path

    from aiomilvus.engine.segment.contract import Segment
    from aiomilvus.model.columns import Column

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="asks /proc what is in use")
STEPS = 40
FIELDS = schema().fields


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(direct, "ROWS", 150)
    monkeypatch.setattr(worker, "SEAL_ROWS", 700)
    monkeypatch.setattr(files, "_READ_WHOLE", 0)  # small files are mapped, too


def files_in(path: Path) -> set[str]:
    return {str(file.relative_to(path)) for file in path.rglob("*") if file.is_file()}


def test_what_is_in_use_is_kept_and_goes_once_it_is_not(fast_path: Path):
    disk = WindowsDisk(scanner=5)
    database = Database(fast_path, files=disk)
    workload.create(database)
    model = Model()
    readers: list[Column] = []
    for number in range(1, STEPS):
        step = workload.step(3, number)
        database.execute(workload.operation(step))
        workload.apply(model, step)
        if number % 10 == 0:
            database.execute(workload.operation(Step("flush", [], 0)))
            # Columns map the files of their segment, which is merged meanwhile, and outlive it.
            readers += [
                segment.column(field) for segment in sealed_in(database) for field in FIELDS
            ]
    database.execute(workload.operation(Step("compact", [], 0)))
    database.wait_idle()
    assert contents_of(database.snapshot("", NAME)) == model.contents
    assert any(refusal.startswith("scan") for refusal in disk.refusals)
    assert any(refusal.startswith("remove") for refusal in disk.refusals)
    assert len(disk.leftovers)

    database.close()
    readers.clear()
    del database
    gc.collect()
    again = Database(fast_path, files=WindowsDisk())
    assert contents_of(again.snapshot("", NAME)) == model.contents
    again.wait_idle()
    held = {f"segment-{segment.id}" for segment in sealed_in(again)}
    folders = {path.name for path in fast_path.glob("collection-*/segment-*")}
    assert folders == held
    again.close()


def sealed_in(database: Database) -> list[Segment]:
    return [
        view.segment
        for view in database.snapshot("", NAME).views
        if getattr(view.segment, "folder", None) is not None
    ]


def test_a_dropped_collection_that_is_still_read_goes_at_the_next_opening(fast_path: Path):
    disk = WindowsDisk()
    database = Database(fast_path, files=disk)
    workload.create(database)
    for number in range(1, 12):
        database.execute(workload.operation(workload.step(5, number)))
    database.execute(TruncateCollection(collection=NAME))
    for number in range(12, 30):
        database.execute(workload.operation(workload.step(5, number)))
    database.wait_idle()
    reader = database.snapshot("", NAME)
    before = contents_of(reader)
    database.execute(DropCollection(collection=NAME))
    assert contents_of(reader) == before
    assert any(name.startswith("collection-") for name in files_in(fast_path))
    database.close()
    del reader, database
    gc.collect()
    Database(fast_path, files=WindowsDisk()).close()
    assert not list(fast_path.glob("collection-*"))
