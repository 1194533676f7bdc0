"""The engine against a list of rows: whatever is done, both hold the same."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from aiomilvus.engine.database import Database
from aiomilvus.engine.maintenance import worker
from aiomilvus.engine.write import direct
from aiomilvus.model.operations.collections import CreateCollection, TruncateCollection
from aiomilvus.model.operations.data import Delete, Insert, Query, Upsert
from aiomilvus.model.operations.indexes import CreateIndex
from aiomilvus.model.operations.loading import LoadCollection, ReleasePartitions
from aiomilvus.model.operations.maintenance import Compact, Flush
from aiomilvus.model.operations.partitions import CreatePartition, DropPartition
from aiomilvus.model.schema import DEFAULT_PARTITION
from aiomilvus.model.types import DataType
from tests.support.batches import batch, key_values, keys, schema
from tests.support.contents import Contents, contents_of
from tests.support.examples import examples

NAME = "c"
MEMORY = Path("/dev/shm")  # noqa: S108 - a file system in memory, where there is one
PARTITIONS = ["", DEFAULT_PARTITION, "p1", "p2"]


class Row(NamedTuple):
    key: int | str
    tag: float
    partition: str


class Engine(RuleBasedStateMachine):
    """Writes of every kind, between sealing, merging and reopening."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
        self.database = Database(self.folder / "db")
        self.rows: list[Row] = []
        self.shown: dict[int | str, Row] = {}
        self.partitions = [DEFAULT_PARTITION]
        self.tag = 0.0
        self.text = False

    @initialize(text=st.booleans())
    def create(self, text: bool) -> None:
        self.text = text
        made = schema(key=DataType.VARCHAR if text else DataType.INT64)
        self.database.execute(CreateCollection(collection=NAME, schema=made))
        params = {"index_type": "FLAT", "metric_type": "L2"}
        self.database.execute(CreateIndex(collection=NAME, field="v", params=params))
        self.database.execute(LoadCollection(collection=NAME))

    def keys_of(self, numbers: list[int]) -> list[int | str]:
        return [f"k{number}" if self.text else number for number in numbers]

    def partition(self, at: int) -> str:
        return self.partitions[at % len(self.partitions)]

    def add(self, chosen: list[int | str], partition: str) -> None:
        added = [Row(key, self.tag, partition) for key in chosen]
        self.rows += added
        self.shown.update({row.key: row for row in added})

    def keep(self, rows: list[Row]) -> None:
        """Only these rows are left; what they had replaced does not come back."""
        self.rows = rows
        kept = set(rows)
        self.shown = {key: row for key, row in self.shown.items() if row in kept}

    @rule(numbers=st.lists(st.integers(0, 12), min_size=1, max_size=8), at=st.integers(0, 5))
    def insert(self, numbers: list[int], at: int) -> None:
        self.tag += 1
        chosen, partition = self.keys_of(numbers), self.partition(at)
        rows = batch(chosen, self.tag)
        result = self.database.execute(Insert(collection=NAME, batch=rows, partition=partition))
        assert result.insert_count == len(chosen)
        assert result.ids is not None
        assert key_values(result.ids) == chosen
        self.add(chosen, partition)

    @rule(first=st.integers(100, 500), at=st.integers(0, 5))
    def insert_many(self, first: int, at: int) -> None:
        self.tag += 1
        chosen, partition = self.keys_of(list(range(first, first + 40))), self.partition(at)
        rows = batch(chosen, self.tag)
        self.database.execute(Insert(collection=NAME, batch=rows, partition=partition))
        self.add(chosen, partition)

    @rule(
        numbers=st.lists(st.integers(0, 12), min_size=1, max_size=8, unique=True),
        at=st.integers(0, 5),
    )
    def upsert(self, numbers: list[int], at: int) -> None:
        self.tag += 1
        chosen, partition = self.keys_of(numbers), self.partition(at)
        rows = batch(chosen, self.tag)
        result = self.database.execute(Upsert(collection=NAME, batch=rows, partition=partition))
        assert result.upsert_count == len(chosen)
        self.keep([r for r in self.rows if r.key not in chosen or r.partition != partition])
        self.add(chosen, partition)

    @rule(numbers=st.lists(st.integers(0, 14), min_size=1, max_size=6))
    def delete(self, numbers: list[int]) -> None:
        chosen = self.keys_of(numbers)
        self.database.execute(Delete(collection=NAME, ids=keys(chosen)))
        self.keep([row for row in self.rows if row.key not in chosen])

    @rule(number=st.integers(0, 12))
    def delete_by_filter(self, number: int) -> None:
        bound = f'"k{number}"' if self.text else str(number)
        self.database.execute(Delete(collection=NAME, filter=f"id <= {bound}"))
        (limit,) = self.keys_of([number])
        gone = [key for key in self.shown if key <= limit]  # type: ignore[operator]
        self.keep([row for row in self.rows if row.key not in gone])

    @precondition(lambda self: len(self.partitions) < len(PARTITIONS) - 1)
    @rule()
    def create_partition(self) -> None:
        name = next(p for p in PARTITIONS[2:] if p not in self.partitions)
        self.database.execute(CreatePartition(collection=NAME, partition=name))
        self.partitions.append(name)

    @rule()
    def truncate(self) -> None:
        self.database.execute(TruncateCollection(collection=NAME))
        self.keep([])

    @precondition(lambda self: len(self.partitions) > 1)
    @rule()
    def drop_partition(self) -> None:
        name = self.partitions.pop()
        self.database.execute(ReleasePartitions(collection=NAME, partitions=(name,)))
        self.database.execute(DropPartition(collection=NAME, partition=name))
        self.rows = [row for row in self.rows if row.partition != name]
        self.shown = {row.key: row for row in self.rows}

    @rule()
    def flush(self) -> None:
        self.database.execute(Flush(collection=NAME))

    @rule()
    def compact(self) -> None:
        self.database.execute(Compact(collection=NAME))
        self.database.wait_idle()

    @rule()
    def reopen(self) -> None:
        self.database.close()
        self.database = Database(self.folder / "db")

    @invariant()
    def both_hold_the_same_rows(self) -> None:
        if not self.database.names.collections_in(""):
            return
        newest = {key: row.tag for key, row in self.shown.items()}
        copies: dict[int | str, int] = {}
        for row in self.rows:
            copies[row.key] = copies.get(row.key, 0) + 1
        assert contents_of(self.database.snapshot("", NAME)) == Contents(newest, copies)

    @invariant()
    def queries_tell_the_same(self) -> None:
        if not self.database.names.collections_in(""):
            return
        counted = self.database.execute(Query(collection=NAME, output_fields=("count(*)",)))
        assert counted.count == len(self.rows)
        wanted = self.keys_of([3, 7, 20])
        found = self.database.execute(Query(collection=NAME, ids=keys(wanted)))
        assert sorted(key_values(found.batch["id"])) == sorted(
            key for key in self.shown if key in wanted
        )

    @invariant()
    def a_partition_alone_shows_its_newest_rows(self) -> None:
        if not self.database.names.collections_in(""):
            return
        for name in self.partitions:
            everything = 'id != ""' if self.text else "id >= 0"
            asked = Query(collection=NAME, filter=everything, partitions=(name,))
            batch = self.database.execute(asked).batch
            tags = batch["v"].arrays()["values"][:, 0].tolist()
            shown = dict(zip(key_values(batch["id"]), tags, strict=True))
            own = [row for row in self.rows if row.partition == name]
            assert shown == {row.key: row.tag for row in own}
            assert len(tags) == len(shown)

    def teardown(self) -> None:
        self.database.close()
        shutil.rmtree(self.folder)


def test_the_engine_holds_what_a_list_of_rows_holds(monkeypatch):
    monkeypatch.setattr(direct, "ROWS", 30)
    monkeypatch.setattr(worker, "SEAL_ROWS", 60)
    run_state_machine_as_test(
        Engine, settings=settings(max_examples=examples(40), stateful_step_count=25)
    )
