"""Writes so large that they become a segment at once: right from the first search on."""

from __future__ import annotations

import math
import re
import threading
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from aiomilvus import DataType, MilvusClient
from aiomilvus.engine.index.registry import build_index
from aiomilvus.engine.maintenance import index_builds, job_queue
from aiomilvus.engine.opening import open_database
from aiomilvus.engine.write import direct

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from aiomilvus.engine.index.contract import BuildBudget

ROWS = 5_000
DIM = 8
WAIT = 240
"""Seconds after which what is waited for hangs, whatever else the machine does."""


class Gate:
    """Lets builds of indexes begin, but not end until it is opened."""

    def __init__(self, real: Any) -> None:
        self._real = real
        self.begun = threading.Event()
        self.open = threading.Event()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.begun.set()
        assert self.open.wait(WAIT)
        return self._real(*args, **kwargs)


class UntilClosed:
    """Lets builds of indexes go on only once the database is closing."""

    def __init__(self, real: Any) -> None:
        self._real = real
        self.begun = threading.Event()

    def __call__(self, spec: Any, field: Any, column: Any, budget: BuildBudget) -> Any:
        self.begun.set()
        while budget.keep_going(math.inf):
            time.sleep(0.005)
        return self._real(spec, field, column, budget)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    gate = Gate(build_index)
    monkeypatch.setattr(index_builds, "build_index", gate)
    yield gate
    gate.open.set()


def made(client: MilvusClient, *, partition_key: bool = False) -> None:
    schema = client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("kind", DataType.INT64, is_partition_key=partition_key)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=DIM)
    client.create_collection("c", schema=schema)
    params = client.prepare_index_params()
    params.add_index("v", index_type="HNSW", metric_type="L2", M=8, efConstruction=40)
    client.create_index("c", params)
    client.load_collection("c")


def vectors(rows: int, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal((rows, DIM), np.float32)


def columns(data: NDArray[np.float32], first: int = 0) -> dict[str, Any]:
    ids = np.arange(first, first + len(data))
    return {"id": ids, "kind": ids % 7, "v": data}


def nearest(data: NDArray[np.float32], query: NDArray[np.float32], allowed: Any) -> list[int]:
    distances = np.where(allowed, ((data - query) ** 2).sum(axis=1), np.inf)
    return np.argsort(distances)[:10].tolist()  # type: ignore[no-any-return]


def found(client: MilvusClient, query: NDArray[np.float32], text: str = "") -> list[int]:
    return [hit["id"] for hit in client.search("c", [query], limit=10, filter=text)[0]]


def strategies(client: MilvusClient) -> list[str]:
    (request,) = client.explain("c", data=[np.zeros(DIM, np.float32)], limit=10).requests
    return [segment.strategy for segment in request.segments]


def until_idle(path: Path) -> None:
    database = open_database(path)
    database.local.wait_idle(WAIT)
    database.close()


def test_a_bulk_write_is_searched_exactly_until_its_index_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gate: Gate
):
    monkeypatch.setattr(direct, "ROWS", ROWS)
    data, queries = vectors(ROWS), vectors(5, seed=1)
    path = tmp_path / "bulk.db"
    with MilvusClient(str(path)) as client:
        made(client)
        client.insert("c", columns(data))
        assert len(client.list_persistent_segments("c")) == 1, "it was logged"
        assert gate.begun.wait(WAIT), "nobody began to build the index"
        state = client.describe_index("c", "v") or {}
        assert (state["state"], state["pending_index_rows"]) == ("InProgress", ROWS)
        assert strategies(client) == ["exact"]
        ids = np.arange(ROWS)
        client.delete("c", ids=list(range(0, ROWS, 3)))
        for query in queries:
            assert found(client, query) == nearest(data, query, ids % 3 != 0)
            allowed = (ids % 3 != 0) & (ids % 7 == 2)
            assert found(client, query, "kind == 2") == nearest(data, query, allowed)
        client.insert("c", columns(data[:1] + 100, first=ROWS))
        assert found(client, data[0] + 100)[0] == ROWS
        gate.open.set()
        until_idle(path)
        client.flush("c")
        until_idle(path)
        assert set(strategies(client)) == {"index"}
        state = client.describe_index("c", "v") or {}
        assert (state["state"], state["pending_index_rows"]) == ("Finished", 0)
        hits = sum(
            len({*found(client, query)} & {*nearest(data, query, ids % 3 != 0)})
            for query in queries
        )
        assert hits >= 45


@pytest.mark.parametrize("key", [DataType.INT64, DataType.VARCHAR], ids=["numbers", "text"])
def test_a_key_that_two_partitions_of_a_bulk_write_have_is_shown_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: DataType
):
    monkeypatch.setattr(direct, "ROWS", 100)
    with MilvusClient(str(tmp_path / "bulk.db")) as client:
        schema = client.create_schema()
        schema.add_field("id", key, is_primary=True, max_length=8)
        schema.add_field("kind", DataType.INT64, is_partition_key=True)
        schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
        client.create_collection("c", schema=schema)
        params = client.prepare_index_params()
        params.add_index("v", index_type="FLAT", metric_type="L2")
        client.create_index("c", params)
        client.load_collection("c")
        kind = str if key is DataType.VARCHAR else int
        rows = [{"id": kind(n % 100), "kind": n // 100, "v": [n, 0]} for n in range(200)]
        client.insert("c", rows)
        assert client.query("c", output_fields=["count(*)"]) == [{"count(*)": 200}]
        quoted = "'5'" if kind is str else "5"
        shown = client.query("c", filter=f"id == {quoted}", output_fields=["kind"])
        assert [row["kind"] for row in shown] == [1]
        assert len(client.search("c", [[5.0, 0.0]], limit=200)[0]) == 100


def served(client: MilvusClient) -> list[str]:
    (request,) = client.explain("c", data=[np.zeros(DIM, np.float32)], limit=10).requests
    return [segment.index for segment in request.segments]


def rows_of_segments(client: MilvusClient) -> list[int]:
    return [segment.num_rows for segment in client.list_persistent_segments("c")]


@pytest.mark.parametrize("indexed", ["before", "after"])
def test_bulk_writes_are_merged_into_one_segment_in_the_background(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gate: Gate, indexed: str
):
    monkeypatch.setattr(direct, "ROWS", 100)
    path = tmp_path / "bulk.db"
    gate.open.set()
    with MilvusClient(str(path)) as client:
        made(client)
        if indexed == "after":
            client.release_collection("c")
            client.drop_index("c", "v")
            client.alter_collection_properties("c", {"collection.autocompaction.enabled": "false"})
        data = vectors(900)
        if indexed == "before":
            gate.open.clear()
        for first in range(0, 900, 100):
            client.insert("c", columns(data[first : first + 100], first))
        if indexed == "after":
            assert rows_of_segments(client) == [100] * 9
            client.drop_collection_properties("c", ["collection.autocompaction.enabled"])
            params = client.prepare_index_params()
            params.add_index("v", index_type="HNSW", metric_type="L2", M=8, efConstruction=40)
            client.create_index("c", params)
            client.load_collection("c")
        gate.open.set()
        until_idle(path)
        assert rows_of_segments(client) == [900]
        assert strategies(client) == ["index"]
        query = vectors(1, seed=1)[0]
        assert found(client, query) == nearest(data, query, allowed=True)


def test_a_merge_is_searched_by_the_indexes_of_its_sources_until_it_has_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gate: Gate
):
    monkeypatch.setattr(direct, "ROWS", 100)
    path = tmp_path / "bulk.db"
    with MilvusClient(str(path)) as client:
        made(client)
        client.alter_collection_properties("c", {"collection.autocompaction.enabled": "false"})
        data, query = vectors(200), vectors(1, seed=1)[0]
        gate.open.set()
        client.insert("c", columns(data[:100]))
        client.insert("c", columns(data[100:], first=100))
        until_idle(path)
        gate.open.clear()
        gate.begun.clear()
        client.compact("c")
        assert gate.begun.wait(WAIT), "nobody began to build the merged segment's index"
        assert strategies(client) == ["index", "index"]
        assert rows_of_segments(client) == [100, 100]
        left = np.arange(200) % 5 != 0
        client.delete("c", ids=np.flatnonzero(~left).tolist())
        gate.open.set()
        until_idle(path)
        assert rows_of_segments(client) == [200]
        assert re.fullmatch("faiss HNSW float32(, .-bit codes)?", served(client)[0])
        assert found(client, query) == nearest(data, query, left)
    with MilvusClient(str(path)) as client:
        assert re.fullmatch("faiss HNSW float32(, .-bit codes)?", served(client)[0])
        assert found(client, query) == nearest(data, query, left)


@pytest.mark.parametrize("sources", [1, 2])
def test_closing_gives_up_a_build_that_has_long_to_go_and_opening_begins_it_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sources: int
):
    monkeypatch.setattr(direct, "ROWS", 100)
    path = tmp_path / "bulk.db"
    data, query = vectors(200), vectors(1, seed=1)[0]
    with MilvusClient(str(path)) as client:
        made(client)
        client.alter_collection_properties("c", {"collection.autocompaction.enabled": "false"})
        for part in np.split(np.arange(200), sources):
            client.insert("c", columns(data[part], int(part[0])))
        until_idle(path)
        waiting = UntilClosed(build_index)
        monkeypatch.setattr(index_builds, "build_index", waiting)
        client.insert("c", columns(data[:100] + 100, first=200))
        if sources == 2:
            client.compact("c")
        assert waiting.begun.wait(WAIT)
    kept = {each.name for each in path.glob("collection-*/segment-*")}
    with MilvusClient(str(path)) as client:
        assert len(kept) == len(rows_of_segments(client)) == sources + 1, "files were left"
        assert found(client, data[0] + 100)[0] == 200
        assert waiting.begun.wait(WAIT)
        monkeypatch.setattr(index_builds, "build_index", build_index)
    with MilvusClient(str(path)) as client:
        until_idle(path)
        assert (client.describe_index("c", "v") or {})["pending_index_rows"] == 0
        assert found(client, query) == nearest(data, query, allowed=True)


@pytest.mark.timeout(180)  # the first run on a machine compiles
def test_a_merge_of_segments_that_are_searched_by_codes_has_codes_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    pytest.importorskip("numba")
    monkeypatch.setattr(direct, "ROWS", 500)
    path = tmp_path / "bulk.db"
    with MilvusClient(str(path)) as client:
        made(client)
        client.alter_collection_properties("c", {"collection.autocompaction.enabled": "false"})
        for first in (0, 500):
            client.insert("c", columns(vectors(500, first), first))
        database = open_database(path)
        database.local.wait_idle(WAIT)
        segments = list(database.local.collection("", "c").sealed.values())
        assert all(each.vector_index(1).accelerate() for each in segments)  # type: ignore[union-attr]  # it was built
        client.compact("c")
        database.local.wait_idle(WAIT)
        database.close()
        assert rows_of_segments(client) == [1000]
        assert served(client)[0].endswith("-bit codes")


def test_a_build_that_found_no_memory_is_told_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gate: Gate
):
    monkeypatch.setattr(direct, "ROWS", 100)
    monkeypatch.setattr(job_queue, "FIRST_PAUSE", 0.01)
    tries: list[int] = []

    def build_with_little(*args: Any) -> Any:
        tries.append(1)
        if len(tries) == 1:
            raise MemoryError
        return gate(*args)

    monkeypatch.setattr(index_builds, "build_index", build_with_little)
    path = tmp_path / "bulk.db"
    with MilvusClient(str(path)) as client:
        made(client)
        client.insert("c", columns(vectors(100)))
        assert gate.begun.wait(WAIT), "it was not tried again"
        state = client.describe_index("c", "v") or {}
        assert state["state"] == "Failed"
        gate.open.set()
        until_idle(path)
        state = client.describe_index("c", "v") or {}
        assert (state["state"], state["indexed_rows"]) == ("Finished", 100)
