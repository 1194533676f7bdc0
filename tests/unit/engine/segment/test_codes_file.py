"""Codes are kept and read by a thread of their own, but not once their folder is closed."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest

from aiomilvus.engine.database import Database
from aiomilvus.engine.segment.codes_file import CodesFile, FolderGate
from aiomilvus.engine.storage.files import FileSystem
from aiomilvus.model.operations.collections import CreateCollection, DropCollection
from tests.support.batches import schema

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

ARRAYS = {"codes": np.arange(4, dtype=np.uint8)}


class SlowDisk(FileSystem):
    """A disk on which a write or a read begins, and ends when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.going_on = threading.Event(), threading.Event()

    def write(self, descriptor: int, data: memoryview) -> None:
        self.begun.set()
        self.going_on.wait(30)
        super().write(descriptor, data)

    def map(self, path: Path) -> NDArray[np.uint8]:
        self.begun.set()
        self.going_on.wait(30)
        return super().map(path)


def writing(file: CodesFile) -> None:
    assert file.write(ARRAYS, {})


def reading(file: CodesFile) -> None:
    assert file.read() is not None


@pytest.mark.parametrize("use", [writing, reading])
def test_whoever_closes_the_folder_waits_for_what_is_being_written_or_read(
    tmp_path: Path, use: Callable[[CodesFile], None]
) -> None:
    disk, gate = SlowDisk(), FolderGate(lambda: True, lambda: True)
    writing(CodesFile(FileSystem(), tmp_path / "c1.amv", gate))
    file = CodesFile(disk, tmp_path / "c1.amv", gate)
    using = threading.Thread(target=use, args=(file,))
    waiting = threading.Thread(target=gate.wait)
    using.start()
    assert disk.begun.wait(30)
    waiting.start()
    waiting.join(0.05)
    assert waiting.is_alive()
    disk.going_on.set()
    waiting.join(30)
    using.join(30)
    assert file.read() is not None


def test_nothing_is_written_where_another_process_writes(tmp_path: Path) -> None:
    file = CodesFile(FileSystem(), tmp_path / "c1.amv", FolderGate(lambda: True, lambda: False))
    assert not file.write(ARRAYS, {})
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_read_or_written_through_a_closed_gate(tmp_path: Path) -> None:
    is_open = [True]
    gate = FolderGate(lambda: is_open[0], lambda: True)
    file = CodesFile(FileSystem(), tmp_path / "c1.amv", gate)
    assert file.write(ARRAYS, {})
    assert file.read() is not None
    is_open[0] = False
    assert file.read() is None
    assert not CodesFile(FileSystem(), tmp_path / "c2.amv", gate).write(ARRAYS, {})
    assert [path.name for path in tmp_path.iterdir()] == ["c1.amv"]


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
