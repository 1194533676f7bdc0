"""Timestamps rise, and rows age, whatever the machine's clock does."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from aiomilvus.engine import clock as clocks
from aiomilvus.engine.clock import LOGICAL_BITS, Clock
from aiomilvus.engine.database import Database
from aiomilvus.model.operations.collections import CreateCollection
from aiomilvus.model.operations.data import Insert
from aiomilvus.model.operations.maintenance import Flush
from tests.support.batches import batch, schema
from tests.support.contents import contents_of

if TYPE_CHECKING:
    from pathlib import Path

YEAR = 365 * 24 * 3600


class Wall:
    """The machine's clock, as the test sets it."""

    def __init__(self) -> None:
        self.seconds = float(int(time.time()))


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    wall = Wall()

    class Time:
        @staticmethod
        def time() -> float:
            return wall.seconds

        @staticmethod
        def time_ns() -> int:
            return int(wall.seconds * 1000) * 1_000_000

    monkeypatch.setattr(clocks, "time", Time)
    return wall


def test_timestamps_rise_while_the_clock_jumps_to_and_fro(wall: Wall):
    clock, last = Clock(), 0
    for step in (0, 1, -1, YEAR, -YEAR, 3_000 * YEAR, -3_000 * YEAR, 0, 0):
        wall.seconds += step
        for _ in range(3):
            stamp = clock.next(5)
            assert last < stamp < 1 << 63
            last = stamp + 4


@pytest.mark.parametrize("years", [1_050, 1_100, 100_000])
def test_a_database_written_to_beyond_the_year_3084_can_be_opened_then_and_later(
    tmp_path: Path, wall: Wall, years: int
):
    wall.seconds += years * YEAR
    for number in range(3):
        database = Database(tmp_path / "db")
        if not number:
            database.execute(CreateCollection(collection="c", schema=schema()))
        database.execute(Insert(collection="c", batch=batch([number], 1)))
        database.execute(Flush(collection="c"))
        database.execute(Insert(collection="c", batch=batch([100 + number], 1)))
        database.close()
        if number == 1:
            wall.seconds -= years * YEAR
    database = Database(tmp_path / "db")
    assert len(contents_of(database.snapshot("", "c")).newest) == 6
    database.close()


@pytest.mark.parametrize("reopen", [False, True])
def test_rows_expire_after_a_jump_of_the_clock_was_set_right(
    tmp_path: Path, wall: Wall, reopen: bool
):
    properties = {"collection.ttl.seconds": "100"}
    database = Database(tmp_path / "db")
    database.execute(CreateCollection(collection="c", schema=schema(), properties=properties))

    def keys() -> set[int | str]:
        return set(contents_of(database.snapshot("", "c")).newest)

    database.execute(Insert(collection="c", batch=batch([1], 1)))
    wall.seconds += YEAR
    database.execute(Insert(collection="c", batch=batch([2], 1)))
    wall.seconds -= YEAR
    if reopen:
        database.close()
        database = Database(tmp_path / "db")
    database.execute(Insert(collection="c", batch=batch([3], 1)))
    assert keys() == {1, 2, 3}
    wall.seconds += 50
    database.execute(Insert(collection="c", batch=batch([4], 1)))
    assert keys() == {1, 2, 3, 4}
    wall.seconds += 55
    assert keys() == {4}
    wall.seconds += 50
    assert keys() == set()
    database.close()


def test_now_is_the_wall_while_the_clock_is_right(wall: Wall):
    clock = Clock()
    for _ in range(3):
        wall.seconds += 10
        assert clock.next() >> LOGICAL_BITS == int(wall.seconds * 1000)
        assert clock.now().ahead == 0
