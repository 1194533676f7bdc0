"""A process waits for one that opens the directory for longer than for one that does nothing."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from aiomilvus.engine.database import Database
from aiomilvus.engine.directory import LOCK
from aiomilvus.engine.processes import patience
from aiomilvus.engine.processes.patience import Patience
from aiomilvus.engine.storage.lock import DirectoryLock, holder_of, is_being_opened
from tests.support.disk import FailingDisk

if TYPE_CHECKING:
    from pathlib import Path


class Clock:
    """Time that a test tells."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(patience, "time", made)
    return made


def test_it_is_over_after_a_while_in_which_nobody_opens_the_directory(
    tmp_path: Path, clock: Clock
) -> None:
    lock = DirectoryLock(tmp_path / LOCK)
    for waiting in (Patience(tmp_path / LOCK), Patience(None), Patience(tmp_path / "none")):
        assert not waiting.is_over()
    clock.now += patience.SECONDS + 1
    assert waiting.is_over()
    lock.release()


def test_it_lasts_while_somebody_opens_the_directory_but_not_for_ever(
    tmp_path: Path, clock: Clock
) -> None:
    lock = DirectoryLock(tmp_path / LOCK, opening=True)
    waiting = Patience(tmp_path / LOCK)
    for _ in range(3):
        clock.now += patience.SECONDS + 1
        assert not waiting.is_over()
    lock.tell()
    clock.now += patience.SECONDS - 1
    assert not waiting.is_over(), "whoever opened it has the usual time to answer"
    lock.tell(opening=True)
    clock.now += patience.OPENING_SECONDS
    assert waiting.is_over()
    lock.release()


def test_waiting_ends_when_there_is_what_was_waited_for(tmp_path: Path) -> None:
    changed = threading.Condition()
    assert Patience(tmp_path / LOCK).until(lambda: True, changed)


def test_waiting_ends_in_vain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "SECONDS", 0.0)
    monkeypatch.setattr(patience, "_LOOK_SECONDS", 0.001)
    assert not Patience(tmp_path / LOCK).until(lambda: False, threading.Condition())


class WatchedDisk(FailingDisk):
    """Tells what the lock told when the catalog was made durable."""

    told: tuple[int, bool] | None = None

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def commit(self) -> None:
        self.told = self.told or (holder_of(self._path), is_being_opened(self._path))
        super().commit()


def test_the_lock_tells_that_a_database_is_being_opened_until_it_is(tmp_path: Path) -> None:
    disk = WatchedDisk(tmp_path / LOCK)
    database = Database(tmp_path, files=disk)
    assert disk.told == (database.pid, True)
    assert (holder_of(tmp_path / LOCK), is_being_opened(tmp_path / LOCK)) == (database.pid, False)
    database.close()
