"""Positions in the logs: each leads to what comes behind it, or is told to be gone."""

from __future__ import annotations

import random
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import pytest

from aiomilvus.engine import clock
from aiomilvus.engine.database import Database
from aiomilvus.engine.maintenance.seal import rotate
from aiomilvus.engine.query.changes import walk
from aiomilvus.engine.storage.files import FileSystem
from aiomilvus.engine.write import direct
from aiomilvus.errors import DataCorruptedError, PositionGoneError, StorageError
from aiomilvus.model.changes import OLDEST, ChangePosition
from aiomilvus.model.operations.collections import (
    AlterCollectionProperties,
    CreateCollection,
    TruncateCollection,
)
from aiomilvus.model.operations.data import Delete, Insert, ReadChanges
from aiomilvus.model.operations.maintenance import Flush
from aiomilvus.model.operations.partitions import CreatePartition, DropPartition
from tests.support import workload
from tests.support.batches import batch, key_values, keys, schema
from tests.support.contents import Model, contents_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from aiomilvus.model.changes import ChangePart

NAME = workload.NAME
SECONDS = 100


class Told(NamedTuple):
    """One change."""

    kind: str
    key: int | str | None
    tag: float | None
    position: str


def told(database: Database, position: str = OLDEST) -> list[Told]:
    """All changes behind a position."""
    found: list[Told] = []
    seen = None
    while True:
        read = database.execute(ReadChanges(collection=NAME, position=position, seen=seen))
        seen = read.seen
        for part in read.parts:
            found += _of(part, read.position.collection)
        if str(read.position) == position:
            return found
        position = str(read.position)


def _of(part: ChangePart, collection: int) -> Iterator[Told]:
    number = len(part.offsets)
    listed = [None] * number if part.keys is None else key_values(part.keys)
    tags = [None] * number
    if part.rows is not None:
        tags = part.rows.batch["v"].arrays()["values"][:, 0].tolist()
    for at in range(number):
        place = (part.offsets[at], part.told[at], part.timestamps[at])
        offset, count, timestamp = map(int, place)
        position = ChangePosition(collection, part.log, offset, count, timestamp)
        yield Told(part.kind, listed[at], tags[at], str(position))


def carry_out(model: Model, change: Told) -> None:
    """Do to the model what was told."""
    if change.key is None:
        model.clear()
    elif change.tag is None:
        model.delete([change.key])
    elif change.kind == "upsert":
        model.upsert([change.key], change.tag)
    else:
        model.insert([change.key], change.tag)


def end(database: Database) -> str:
    return str(database.execute(ReadChanges(collection=NAME)).position)


def insert(database: Database, *ids: int, partition: str = "") -> None:
    database.execute(Insert(collection=NAME, batch=batch(ids), partition=partition))


def flush(database: Database) -> None:
    database.execute(Flush(collection=NAME))


def create(path: Path, seconds: int = SECONDS) -> Database:
    database = Database(path)
    given = {"changes.retention.seconds": str(seconds)}
    database.execute(CreateCollection(collection=NAME, schema=schema(), properties=given))
    return database


@contextmanager
def crashed(database: Database, path: Path, copy: Path) -> Iterator[Database]:
    """The database as it is found where its process was killed just now."""
    shutil.copytree(path, copy)
    found = Database(copy)
    try:
        yield found
    finally:
        found.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    made = create(path)
    yield made
    made.close()


def logs(path: Path) -> list[str]:
    return sorted(each.name for each in path.glob("collection-*/log-*"))


def test_what_is_told_from_any_position_is_the_rest(path: Path) -> None:
    chance = random.Random(5)
    database = Database(path)
    workload.create(database)
    given = {"changes.retention.seconds": "1000"}
    database.execute(AlterCollectionProperties(collection=NAME, properties=given))
    model = Model()
    for number in range(25):
        one = workload.step(3, number)
        database.execute(workload.operation(one))
        workload.apply(model, one)
        if chance.random() < 0.2:
            database.close()
            database = Database(path)
        if chance.random() < 0.05:
            database.execute(TruncateCollection(collection=NAME))
            model.clear()
    whole = told(database)
    again = Model()
    for change in whole:
        carry_out(again, change)
    assert again.contents == model.contents == contents_of(database.snapshot("", NAME))
    for at in chance.sample(range(len(whole)), 12):
        assert told(database, whole[at].position) == whole[at + 1 :]
    database.close()


def test_logs_are_read_in_steps_of_any_size(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(8):
        insert(database, *range(number, 2 * number + 1))
        if number % 3 == 2:
            flush(database)
    whole = told(database)
    assert [each.key for each in whole] == [k for n in range(8) for k in range(n, 2 * n + 1)]
    for size in (0, 16, 300, 700, 5_000):
        monkeypatch.setattr(walk, "MOST_BYTES", size)
        assert told(database) == whole
        assert told(database, whole[10].position) == whole[11:]


def test_batches_that_would_be_written_past_the_log_are_told(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = 500
    monkeypatch.setattr(direct, "ROWS", count)
    insert(database, *range(count))
    flush(database)
    whole = told(database)
    assert [each.key for each in whole] == list(range(count))
    assert told(database, whole[-9].position) == whole[-8:]


def test_dropped_partitions_and_truncations_stand_between_the_writes(database: Database) -> None:
    for name in ("a", "b"):
        database.execute(CreatePartition(collection=NAME, partition=name))
        insert(database, 1, partition=name)
    database.execute(DropPartition(collection=NAME, partition="a"))
    database.execute(DropPartition(collection=NAME, partition="b"))
    before = end(database)
    database.execute(TruncateCollection(collection=NAME))
    database.execute(TruncateCollection(collection=NAME))
    insert(database, 2, 3)
    flush(database)
    database.execute(TruncateCollection(collection=NAME))
    whole = told(database)
    assert [each.kind for each in whole] == [
        *("insert", "insert", "drop_partition", "drop_partition", "truncate", "truncate"),
        *("insert", "insert", "truncate"),
    ]
    for at, each in enumerate(whole, 1):
        assert told(database, each.position) == whole[at:]
    assert told(database, before) == whole[4:]


def test_logs_go_when_all_they_tell_is_older_than_what_is_kept(
    database: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock._wall_ms()
    positions = []
    for number in range(6):
        monkeypatch.setattr(clock, "_wall_ms", lambda to=now + 40_000 * number: to)
        insert(database, number)
        positions.append(told(database)[-1].position)
        flush(database)
    # The oldest that stays may hold what is younger than 100 s: the next one's first is.
    assert [each.key for each in told(database)] == [2, 3, 4, 5]
    assert logs(path) == [f"log-{number:08d}.amv" for number in range(3, 8)]
    assert [each.key for each in told(database, positions[3])] == [4, 5]
    with pytest.raises(PositionGoneError, match=r"removed.*100 s.*position='oldest'"):
        told(database, positions[0])


def test_without_the_property_no_log_is_kept(path: Path) -> None:
    database = create(path, 0)
    insert(database, 1)
    flush(database)
    assert logs(path) == ["log-00000002.amv"]
    database.close()


def test_logs_that_are_kept_outlast_a_start(database: Database, path: Path) -> None:
    for number in range(3):
        insert(database, number)
        flush(database)
    database.close()
    again = Database(path)
    assert [each.key for each in told(again)] == [0, 1, 2]
    again.execute(AlterCollectionProperties(collection=NAME, drop=("changes.retention.seconds",)))
    again.close()
    Database(path).close()
    assert len(logs(path)) == 1


def test_a_log_that_was_begun_stays_so_through_a_crash(
    database: Database, path: Path, tmp_path: Path
) -> None:
    insert(database, 1)
    rotate(database.collection("", NAME))
    begun = end(database)
    with crashed(database, path, tmp_path / "copy") as found:
        assert told(found, begun) == []
        insert(found, 2)
        assert [each.key for each in told(found, begun)] == [2]
        assert [each.key for each in told(found)] == [1, 2]


def test_positions_of_what_a_restored_directory_never_had_are_gone(
    database: Database, path: Path, tmp_path: Path
) -> None:
    insert(database, 1)
    kept = told(database)[-1].position
    with crashed(database, path, tmp_path / "copy") as found:
        insert(database, 2)
        gone = told(database)[-1].position
        for position in (gone, end(database)):
            with pytest.raises(PositionGoneError, match="later state"):
                told(found, position)
        insert(found, 3)
        insert(found, *range(4, 60))
        insert(found, 60)
        for _ in range(2):
            with pytest.raises(PositionGoneError, match="is not the one it was"):
                told(found, gone)
            flush(found)
        assert [each.key for each in told(found, kept)] == list(range(3, 61))


def test_positions_that_no_change_has_are_gone(database: Database) -> None:
    insert(database, 1, 2)
    position = ChangePosition.parse(told(database)[-1].position)
    for other in (
        position._replace(told=3),
        position._replace(timestamp=position.timestamp + 1),
        position._replace(offset=position.offset + 16),
        position._replace(log=7),
        position._replace(collection=1),
        position._replace(log=0),
    ):
        with pytest.raises(PositionGoneError):
            told(database, str(other))


def test_damage_is_told_to_whoever_watches_and_keeps_nobody_else(
    database: Database, path: Path
) -> None:
    insert(database, 1)
    insert(database, 2)
    first = told(database)[0].position
    flush(database)
    insert(database, 3)
    database.close()
    (log,) = path.glob("collection-*/log-00000001.amv")
    data = bytearray(log.read_bytes())
    data[-40] ^= 1
    log.write_bytes(data)
    again = Database(path)
    for position in (OLDEST, first):
        with pytest.raises(DataCorruptedError, match=r"log-00000001\.amv is damaged at offset"):
            told(again, position)
    flush(again)
    insert(again, 4)
    assert sorted(contents_of(again.snapshot("", NAME)).newest) == [1, 2, 3, 4]
    again.close()


class SyncFails(FileSystem):
    """A disk that writes but can't bring anything to the medium."""

    fails = False

    def sync(self, descriptor: int) -> None:
        if self.fails:
            raise OSError(5, "Input/output error")
        super().sync(descriptor)


def test_nothing_is_told_that_may_not_be_on_the_disk(
    database: Database, path: Path, tmp_path: Path
) -> None:
    insert(database, 1)
    copy = tmp_path / "copy"
    shutil.copytree(path, copy)
    disk = SyncFails()
    found = Database(copy, files=disk)
    disk.fails = True
    with pytest.raises(StorageError, match="nothing was written"):
        told(found)
    disk.fails = False
    assert [each.key for each in told(found)] == [1]
    found.close()


def test_deletions_by_filter_tell_the_keys(database: Database) -> None:
    insert(database, 1, 2, 3)
    database.execute(Delete(collection=NAME, filter="id > 1"))
    database.execute(Delete(collection=NAME, ids=keys([1, 9])))
    assert [(each.kind, each.key) for each in told(database)[3:]] == [
        ("delete", 2),
        ("delete", 3),
        ("delete", 1),
        ("delete", 9),
    ]
