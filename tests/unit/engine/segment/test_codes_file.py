"""Codes are kept by a thread of their own: not once their folder is closed, nor while it is."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.engine.database import Database
from aiomilvus.engine.segment.codes_file import CodesFile, WriteGate
from aiomilvus.engine.storage.files import FileSystem
from aiomilvus.model.operations.collections import CreateCollection, DropCollection
from tests.support.batches import schema

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

ARRAYS = {"codes": np.arange(4, dtype=np.uint8)}


class SlowDisk(FileSystem):
    """A disk on which a write begins, and ends when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.going_on = threading.Event(), threading.Event()

    def write(self, descriptor: int, data: memoryview) -> None:
        self.begun.set()
        self.going_on.wait(30)
        super().write(descriptor, data)


def test_whoever_closes_the_folder_waits_for_what_is_being_written(tmp_path: Path) -> None:
    disk, gate = SlowDisk(), WriteGate(lambda: True)
    file = CodesFile(disk, tmp_path / "c1.amv", gate)
    writing = threading.Thread(target=file.write, args=(ARRAYS, {}))
    waiting = threading.Thread(target=gate.wait)
    writing.start()
    assert disk.begun.wait(30)
    waiting.start()
    waiting.join(0.05)
    assert waiting.is_alive()
    disk.going_on.set()
    waiting.join(30)
    assert file.read() is not None
    writing.join(30)


def test_nothing_is_written_through_a_closed_gate(tmp_path: Path) -> None:
    file = CodesFile(FileSystem(), tmp_path / "c1.amv", WriteGate(lambda: False))
    assert not file.write(ARRAYS, {})
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_closes_or_drops_a_collection_waits_likewise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for end in (Database.close, lambda it: it.execute(DropCollection(collection="c"))):
        database = Database(tmp_path / "db")
        database.execute(CreateCollection(collection="c", schema=schema()))
        (collection,) = database.collections.values()
        waited: list[bool] = []
        monkeypatch.setattr(collection._gate, "wait", lambda: waited.append(True))  # noqa: B023
        end(database)
        assert waited == [True]
        database.close()
        assert not collection._gate._is_open()
        tmp_path = tmp_path / "next"
