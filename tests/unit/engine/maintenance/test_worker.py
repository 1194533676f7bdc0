"""Which work is done when several kinds of it are asked for."""

from __future__ import annotations

import threading
from collections import Counter
from math import inf
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from aiomilvus import DataType, MilvusClient
from aiomilvus.engine.index.contract import BuildStoppedError
from aiomilvus.engine.index.registry import build_index
from aiomilvus.engine.maintenance import index_builds, worker
from aiomilvus.engine.maintenance.worker import Maintenance
from aiomilvus.engine.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROWS = 300


class Builds:
    """Stands before the building of indexes: those of fewer than all rows never end."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, slow: bool) -> None:
        self.begun: list[int] = []
        self.done: list[int] = []
        self.is_slow = slow
        self.under_way = threading.Event()
        self._build = build_index
        monkeypatch.setattr(index_builds, "build_index", self.build)

    def build(self, spec: Any, field: Any, column: Any, budget: Any) -> Any:
        self.begun.append(len(column))
        self.under_way.set()
        while self.is_slow and len(column) < ROWS:
            if not budget.keep_going(inf):
                raise BuildStoppedError
        built = self._build(spec, field, column, budget)
        self.done.append(len(column))
        return built


@pytest.fixture
def client(tmp_path: Path) -> Iterator[MilvusClient]:
    with MilvusClient(str(tmp_path / "x.db")) as client:
        schema = client.create_schema()
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=4)
        index = client.prepare_index_params("vector", index_type="HNSW", metric_type="L2")
        client.create_collection("c", schema=schema, index_params=index)
        client.alter_collection_properties("c", {"collection.autocompaction.enabled": "false"})
        yield client


def fill(client: MilvusClient) -> None:
    vectors = np.random.default_rng(1).random((ROWS, 4), np.float32)
    for start in range(0, ROWS, 100):
        rows = [{"id": n, "vector": vectors[n]} for n in range(start, start + 100)]
        client.insert("c", rows)
        client.flush("c")


def wait_for(client: MilvusClient, job: int) -> None:
    while client.get_compaction_state(job) != "Completed":
        pass
    while (client.describe_index("c", "vector") or {})["pending_index_rows"]:
        pass


def test_a_compaction_takes_the_place_of_indexes_that_it_would_replace(
    client: MilvusClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    builds = Builds(monkeypatch, slow=True)
    fill(client)
    assert builds.under_way.wait(30)
    wait_for(client, client.compact("c", target_size=1 << 30))
    assert builds.done == [ROWS]
    assert builds.begun == [100, ROWS]
    assert [each.num_rows for each in client.list_persistent_segments("c")] == [ROWS]
    assert client.search("c", [[0.5] * 4], limit=3)[0]


def test_a_compaction_that_merges_nothing_gives_no_index_up(
    client: MilvusClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    builds = Builds(monkeypatch, slow=False)
    client.insert("c", [{"id": n, "vector": [n, 1.0, 2.0, 3.0]} for n in range(100)])
    client.flush("c")
    wait_for(client, client.compact("c"))
    assert builds.done == [100]


def test_what_a_failed_compaction_left_is_built(
    client: MilvusClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    builds = Builds(monkeypatch, slow=True)
    fill(client)
    assert builds.under_way.wait(30)

    def refuse(*_arguments: Any) -> Any:
        builds.is_slow = False
        raise OSError("no space left")

    monkeypatch.setattr("aiomilvus.engine.maintenance.worker.compact", refuse)
    wait_for(client, client.compact("c"))
    assert sorted(builds.done) == [100, 100, 100]


def collection_with(number: int) -> Any:
    return SimpleNamespace(record=SimpleNamespace(id=number), dropped=False)


class Rounds:
    """Stands for the work on what grows: every collection is always behind, so often."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, rounds: int) -> None:
        self.done: list[int] = []
        self.may_begin = threading.Event()
        self.is_further = True
        self._rounds = rounds
        monkeypatch.setattr(worker, "behind", self.behind)
        monkeypatch.setattr(worker, "extend", self.extend)

    def behind(self, collection: Any) -> bool:
        return Counter(self.done)[collection.record.id] < self._rounds

    def extend(self, collection: Any, _keep_going: Any) -> bool:
        assert self.may_begin.wait(30)
        self.done.append(collection.record.id)
        return self.is_further


@pytest.fixture
def maintenance() -> Iterator[Maintenance]:
    made = Maintenance(Settings())
    yield made
    made.close()


def test_collections_that_grow_take_turns(
    maintenance: Maintenance, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = Rounds(monkeypatch, 3)
    for number in (1, 2):
        maintenance.grow(collection_with(number))
    rounds.may_begin.set()
    maintenance.wait_idle()
    assert rounds.done == [1, 2, 1, 2, 1, 2]


def test_what_grows_is_left_where_nothing_was_done_or_it_was_dropped(
    maintenance: Maintenance, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = Rounds(monkeypatch, 3)
    rounds.may_begin.set()
    rounds.is_further = False
    maintenance.grow(collection_with(1))
    maintenance.wait_idle()
    rounds.is_further = True
    dropped = collection_with(2)
    dropped.dropped = True
    maintenance.grow(dropped)
    maintenance.wait_idle()
    assert rounds.done == [1, 2]


def test_closing_ends_the_rounds_of_what_grows(
    maintenance: Maintenance, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = Rounds(monkeypatch, 1_000_000)
    rounds.may_begin.set()
    maintenance.grow(collection_with(1))
    while not rounds.done:
        pass
    maintenance.close()
    done = len(rounds.done)
    maintenance.wait_idle()
    assert len(rounds.done) == done
