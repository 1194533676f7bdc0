"""What a collection held at any moment is told, as long as the changes since a state are kept."""

from __future__ import annotations

import random
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pytest

from aiomilvus.engine import clock
from aiomilvus.engine.database import Database
from aiomilvus.engine.past import snapshot_at
from aiomilvus.engine.write import direct
from aiomilvus.errors import MomentNotKeptError, ParamError
from aiomilvus.model.operations.collections import (
    AlterCollectionProperties,
    CreateCollection,
    TruncateCollection,
)
from aiomilvus.model.operations.data import Insert, Query
from aiomilvus.model.operations.indexes import CreateIndex
from aiomilvus.model.operations.loading import LoadCollection
from aiomilvus.model.operations.maintenance import Flush
from aiomilvus.model.operations.partitions import CreatePartition, DropPartition
from aiomilvus.model.operations.snapshots import CreateSnapshot, DropSnapshot, RestoreSnapshot
from aiomilvus.model.results import MutationResult
from tests.support import workload
from tests.support.batches import batch, schema
from tests.support.contents import Contents, Model, contents_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = workload.NAME
KEEP = {"changes.retention.seconds": "1000"}


def at(database: Database, moment: int) -> Contents:
    """What the collection held."""
    collection = database.collection("", NAME)
    kept = database.catalog.snapshots()
    return contents_of(snapshot_at(collection, kept, database.path, moment))


def insert(database: Database, *ids: int, partition: str = "") -> int:
    """Write rows; return when."""
    batched = Insert(collection=NAME, batch=batch(ids), partition=partition)
    return database.execute(batched).timestamp


def keys(contents: Contents) -> list[int | str]:
    return sorted(contents.newest, key=str)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    made = Database(path)
    made.execute(CreateCollection(collection=NAME, schema=schema(), properties=KEEP))
    yield made
    made.close()


@pytest.mark.parametrize("has_snapshots", [False, True])
def test_each_moment_is_told_as_it_was(path: Path, has_snapshots: bool) -> None:
    chance = random.Random(8)
    database = Database(path)
    workload.create(database)
    database.execute(AlterCollectionProperties(collection=NAME, properties=KEEP))
    if has_snapshots:
        database.execute(CreateSnapshot(collection=NAME, name="s"))
    model = Model()
    moments: list[tuple[int, Contents]] = []
    for number in range(30):
        one = workload.step(4, number)
        made = database.execute(workload.operation(one))
        workload.apply(model, one)
        if isinstance(made, MutationResult):
            moments.append((made.timestamp, Model(model).contents))
        if number == 12 and has_snapshots:
            database.execute(CreateSnapshot(collection=NAME, name="later"))
        if number == 20:
            database.execute(TruncateCollection(collection=NAME))
            model.clear()
        if chance.random() < 0.15:
            database.close()
            database = Database(path)
    for moment, contents in moments:
        assert at(database, moment) == contents
    database.close()


def test_a_collection_that_keeps_changes_from_its_creation_on_is_known_from_then_on(
    database: Database,
) -> None:
    created = database.collection("", NAME).record.created
    times = [insert(database, number) for number in range(4)]
    database.execute(Flush(collection=NAME))
    assert [keys(at(database, moment)) for moment in times] == [
        [0],
        [0, 1],
        [0, 1, 2],
        [0, 1, 2, 3],
    ]
    assert keys(at(database, times[0] - 1)) == []
    moment = datetime.fromtimestamp((created >> clock.LOGICAL_BITS) / 1000, timezone.utc)
    shown = rf"is {created} \({moment:%Y-%m-%d %H:%M:%S}\.\d{{3}} UTC\)\. Changes have to be kept"
    with pytest.raises(MomentNotKeptError, match=f"the first moment that is known {shown}"):
        at(database, created - 1)


@pytest.mark.parametrize("rows", [1, 300])
def test_what_was_there_when_changes_began_to_be_kept_is_known_by_a_snapshot_alone(
    path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr(direct, "ROWS", 200)  # of two batches, one is written past the log
    database = Database(path)
    database.execute(CreateCollection(collection=NAME, schema=schema()))
    insert(database, *range(rows))
    database.execute(AlterCollectionProperties(collection=NAME, properties=KEEP))
    before = insert(database, 1_000)
    database.execute(CreateSnapshot(collection=NAME, name="s"))
    after = insert(database, 1_001)
    insert(database, 1_002)
    assert len(keys(at(database, after))) == rows + 2
    with pytest.raises(MomentNotKeptError, match="the first moment that is known"):
        at(database, before - 1)
    database.execute(RestoreSnapshot(collection=NAME, name="s", target="again"))
    again = database.collection("", "again")
    assert again.record.is_recorded
    database.execute(Insert(collection="again", batch=batch([1])))
    with pytest.raises(MomentNotKeptError, match="no earlier moment is known"):
        snapshot_at(again, [], database.path, again.record.created)
    database.close()


def test_what_has_not_come_yet_is_no_moment(database: Database) -> None:
    ahead = insert(database, 1) + (3_600_000 << clock.LOGICAL_BITS)
    with pytest.raises(ParamError, match=rf"value {ahead} \(2.*UTC\) is .*has not come yet"):
        at(database, ahead)


def test_what_is_written_in_a_moment_after_a_first_read_of_it_is_told_by_the_next_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock._wall_ms()
    monkeypatch.setattr(clock, "_wall_ms", lambda: now)
    moment = insert(database, 1) + 100
    database.execute(
        CreateIndex(collection=NAME, field="v", params={"index_type": "FLAT", "metric_type": "L2"})
    )
    database.execute(LoadCollection(collection=NAME))
    read = Query(collection=NAME, filter="id >= 0", output_fields=("id",), at=moment)
    assert database.execute(read).batch.num_rows == 1
    assert insert(database, 2) < moment
    assert database.execute(read).batch.num_rows == 2


def test_without_kept_changes_only_the_present_is_known(path: Path) -> None:
    database = Database(path)
    database.execute(CreateCollection(collection=NAME, schema=schema()))
    first, second = insert(database, 1), insert(database, 2)
    assert keys(at(database, second)) == [1, 2]
    with pytest.raises(MomentNotKeptError, match=r"changes\.retention\.seconds"):
        at(database, first)
    database.close()


def test_moments_go_with_the_logs_and_the_snapshots_that_tell_of_them(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock._wall_ms()
    times: list[int] = []
    between = 0
    for number in range(4):
        monkeypatch.setattr(clock, "_wall_ms", lambda to=now + 800_000 * number: to)
        times.append(insert(database, number))
        database.execute(Flush(collection=NAME))
        if number == 1:
            database.execute(CreateSnapshot(collection=NAME, name="s"))
            between = insert(database, 10)
    assert keys(at(database, between)) == [0, 1, 10]
    assert keys(at(database, times[2])) == [0, 1, 10, 2]
    with pytest.raises(MomentNotKeptError):
        at(database, times[0])
    database.execute(DropSnapshot(collection=NAME, name="s"))
    with pytest.raises(MomentNotKeptError):
        at(database, times[2])


def test_partitions_that_were_dropped_since_are_there_and_dropping_is_not_told_back(
    database: Database,
) -> None:
    database.execute(CreatePartition(collection=NAME, partition="p"))
    before = insert(database, 1, partition="p")
    database.execute(DropPartition(collection=NAME, partition="p"))
    after = insert(database, 2)
    insert(database, 3)
    with pytest.raises(MomentNotKeptError, match="partition p was dropped before"):
        at(database, after)
    collection = database.collection("", NAME)
    past = snapshot_at(collection, [], database.path, before)
    assert keys(contents_of(past)) == [1]
    assert "p" in past.partitions
