"""Whichever write, sync, rename, removal or commit fails: what was acknowledged is found again."""

import os
import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from aiomilvus.engine.database import Database
from aiomilvus.engine.maintenance import worker
from aiomilvus.engine.segment.contract import Segment
from aiomilvus.engine.write import direct
from aiomilvus.errors import DataCorruptedError, MilvusException
from aiomilvus.model.operations.collections import TruncateCollection
from aiomilvus.model.operations.loading import GetLoadState
from aiomilvus.model.schema import Schema
from aiomilvus.model.types import LoadState
from tests.support import workload
from tests.support.contents import Contents, Model, contents_of
from tests.support.disk import FailingDisk, crash
from tests.support.workload import NAME, Step

PARTS = 4
"""Tests that the operations are divided among, so that processes can share them."""
EVERY = {"all": 1, "few": 30}.get(os.environ.get("FAILURES", ""), 5)
"""One failure strikes each of so many operations, a dead disk others; ``FAILURES=all``: all."""
STRIKES = 120 // EVERY
"""Places at most that an interrupt strikes at, evenly spread."""
SCRIPT = [
    Step("create", [], 0),
    Step("insert", [1, 2, 3, 2], 1),
    Step("upsert", [3, 4], 2),
    Step("delete", [1], 3),
    Step("bulk", list(range(1_000, 1_200)), 4),
    Step("flush", [], 5),
    Step("insert", [2, 5, 1_001], 6),
    Step("delete", [4, 1_000], 7),
    Step("flush", [], 8),
    Step("upsert", [2, 1_002, 9], 9),
    Step("compact", [], 10),
    Step("insert", [10], 11),
    Step("truncate", [], 12),
    Step("insert", [1, 20], 13),
    Step("flush", [], 14),
    Step("delete", [20], 15),
]


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(direct, "ROWS", 150)
    monkeypatch.setattr(worker, "SEAL_ROWS", 700)


def carry_out(database: Database, step: Step) -> None:
    if step.kind == "create":
        workload.create(database)
    elif step.kind == "truncate":
        database.execute(TruncateCollection(collection=NAME))
    else:
        database.execute(workload.operation(step))
    database.wait_idle()


def after(step: Step, before: Contents) -> Contents:
    model = Model()
    model.newest.update(before.newest)
    model.copies.update(before.copies)
    if step.kind == "truncate":
        model.clear()
    else:
        workload.apply(model, step)
    return model.contents


def found_in(database: Database) -> Contents:
    if not database.names.collections_in(""):
        return Contents({}, {})
    return contents_of(database.snapshot("", NAME))


def is_loaded(database: Database) -> bool:
    if not database.names.collections_in(""):
        return False
    return database.execute(GetLoadState(collection=NAME)).state is LoadState.Loaded


def attempt(path: Path, disk: FailingDisk) -> list[Contents]:
    """Run the script; return what the collection may hold then.

    A step that was refused did nothing or everything, and the process and the disk must agree
    about acknowledged steps only: the reopened database may know better about the refused one.
    """
    may_hold = [Contents({}, {})]
    try:
        database = Database(path, files=disk)
    except (MilvusException, KeyboardInterrupt):
        return may_hold
    try:
        for step in SCRIPT:
            try:
                carry_out(database, step)
            except (MilvusException, KeyboardInterrupt):
                may_hold += [after(step, contents) for contents in may_hold]
            else:
                may_hold = [after(step, contents) for contents in may_hold]
            assert found_in(database) in may_hold, f"in the process, after {step.kind}"
    finally:
        with suppress(KeyboardInterrupt):
            database.close()
    return may_hold


def rehearsed(path: Path) -> int:
    disk = FailingDisk()
    assert attempt(path, disk) == [Contents({1: 13.0}, {1: 1})]
    assert list(path.glob("collection-*/segment-*/i*.amv")), "no index was built"
    return len(disk.operations)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("once", [True, False], ids=["one failure", "dead from then on"])
def test_whichever_operation_fails_the_acknowledged_writes_are_found(
    fast_path: Path, once: bool, part: int
):
    count = rehearsed(fast_path / "rehearsal")
    assert count > 100
    first = 1 if once else EVERY
    for number in range(first, count + 1, EVERY)[part::PARTS]:
        path = fast_path / "db"
        disk = FailingDisk(number, once=once)
        may_hold = attempt(path, disk)
        check(path, may_hold, f"{disk.operations[number - 1]} {number} of {count}")
        shutil.rmtree(path)


def check(path: Path, may_hold: list[Contents], where: str) -> None:
    """Open the database twice; find what it may hold."""
    for reopening in ("first", "second"):
        database = Database(path)
        found = found_in(database)
        assert found in may_hold, f"{reopening} reopening, {where}"
        if is_loaded(database):
            workload.check_search(database, found.newest)
        database.close()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_wherever_ctrl_c_strikes_the_acknowledged_writes_are_found(fast_path: Path):
    count = rehearsed(fast_path / "rehearsal")
    for number in range(1, count + 1, 1 + count // STRIKES):
        path = fast_path / "db"
        disk = FailingDisk()
        disk.interrupt_at = number
        may_hold = attempt(path, disk)
        check(path, may_hold, f"after {disk.operations[number - 1]} {number} of {count}")
        shutil.rmtree(path)


def small(path: Path) -> Path:
    """A database with three acknowledged writes in its log; return the log's path."""
    database = Database(path)
    workload.create(database)
    for step in (Step("insert", [1], 1), Step("insert", [2], 2), Step("delete", [1], 3)):
        carry_out(database, step)
    crash(database)
    (log,) = path.glob("collection-*/log-*.amv")
    return log


def frames(data: bytes) -> list[int]:
    """Where each frame of a log begins."""
    starts = [16]
    while starts[-1] < len(data):
        size = int.from_bytes(data[starts[-1] : starts[-1] + 8], "little")
        starts.append(starts[-1] + 16 + size)
    assert starts[-1] == len(data)
    return starts[:-1]


def test_a_log_torn_at_any_byte_of_its_last_record_loses_that_record_only(fast_path: Path):
    log = small(fast_path / "db")
    data = log.read_bytes()
    for size in range(frames(data)[-1], len(data)):
        log.write_bytes(data[:size])
        database = Database(fast_path / "db")
        assert found_in(database) == Contents({1: 1.0, 2: 2.0}, {1: 1, 2: 1})
        crash(database)
        log.write_bytes(data)


def test_writing_goes_on_behind_a_torn_record(tmp_path: Path):
    log = small(tmp_path / "db")
    log.write_bytes(log.read_bytes()[:-5])
    for tag in (4.0, 5.0):
        database = Database(tmp_path / "db")
        carry_out(database, Step("upsert", [2], tag))
        database.close()
    database = Database(tmp_path / "db")
    assert found_in(database) == Contents({1: 1.0, 2: 5.0}, {1: 1, 2: 1})
    database.close()


def test_a_damaged_older_byte_is_refused_and_named(fast_path: Path):
    log = small(fast_path / "db")
    data = log.read_bytes()
    starts = frames(data)
    for at in range(starts[0], starts[-1], 5):
        damaged = bytearray(data)
        damaged[at] ^= 1
        log.write_bytes(damaged)
        offset = max(start for start in starts if start <= at)
        with pytest.raises(
            DataCorruptedError, match=f"{re.escape(str(log))} is damaged at offset {offset}:"
        ):
            Database(fast_path / "db")
    log.write_bytes(data)
    database = Database(fast_path / "db")
    assert found_in(database) == Contents({2: 2.0}, {2: 1})
    database.close()


Damage = Callable[[Path], None]


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-64] ^= 1
    path.write_bytes(data)


def read_all(segment: Segment, schema: Schema) -> None:
    for field in schema.fields:
        segment.column(field)
    segment.find(segment.column(schema.primary))


@pytest.mark.parametrize("name", ["f100.amv", "f101.amv", "keys.amv"])
@pytest.mark.parametrize("damage", [flip, Path.unlink], ids=["flipped", "missing"])
def test_a_damaged_segment_file_is_named_and_never_used(tmp_path: Path, name: str, damage: Damage):
    path = tmp_path / "db"
    database = Database(path)
    workload.create(database)
    carry_out(database, Step("bulk", list(range(1_000, 1_200)), 1))
    carry_out(database, Step("flush", [], 2))
    database.close()
    (file,) = path.glob(f"collection-*/segment-*/{name}")
    damage(file)
    database = Database(path)
    snapshot = database.snapshot("", NAME)
    (view,) = snapshot.views
    for _ in range(2):
        with pytest.raises(DataCorruptedError, match=name):
            read_all(view.segment, snapshot.schema)
    database.close()
