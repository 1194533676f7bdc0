"""A follower keeps the rows that it has read, whatever its leader does with the rest."""

from __future__ import annotations

import os
import signal
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from aiomilvus import MilvusClient
from aiomilvus.engine import shared_database
from aiomilvus.engine.opening import open_database
from aiomilvus.engine.serving import Lead

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from aiomilvus.engine.database import Database
    from aiomilvus.engine.segment.growing import GrowingSegment
    from tests.support.other_process import OtherProcess

COUNT = "client.query('c', output_fields=['count(*)'])[0]['count(*)']"


def count(client: MilvusClient) -> int:
    return int(client.query("c", output_fields=["count(*)"])[0]["count(*)"])


def rows(first: int, number: int, value: int = 0) -> str:
    return str([{"id": n, "vector": [n, 1], "value": value} for n in range(first, first + number)])


def growing(folder: Path) -> list[GrowingSegment]:
    """Return what holds the rows of the one collection that are in no files."""
    with closing(open_database(folder)) as database:
        (collection,) = database.local.collections.values()
        return [*collection.frozen, *collection.growing.values()]


@pytest.fixture
def leader(other: Callable[[], OtherProcess]) -> OtherProcess:
    process = other()
    process.do("client.create_collection('c', dimension=2)")
    return process


@pytest.fixture
def client(leader: OtherProcess, folder: Path) -> Iterator[MilvusClient]:
    with MilvusClient(str(folder)) as following:
        yield following


def test_a_follower_that_leads_goes_on_with_the_rows_that_it_has(
    client: MilvusClient, leader: OtherProcess, folder: Path
) -> None:
    leader.do(f"client.insert('c', {rows(0, 10)})")
    assert count(client) == 10
    before = growing(folder)
    leader.do(f"client.insert('c', {rows(10, 1)})")  # it did not look at this one yet
    os.kill(leader.process.pid, signal.SIGKILL)
    leader.process.wait()
    client.insert("c", {"id": 11, "vector": [0, 1]})
    assert count(client) == 12
    assert growing(folder) == before
    assert before[0].num_rows == 12


def test_rows_are_there_once_when_it_leads_at_the_second_attempt(
    client: MilvusClient, leader: OtherProcess, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leader.do(f"client.insert('c', {rows(0, 10)})")
    assert count(client) == 10
    leader.do(f"client.insert('c', {rows(10, 5)})")
    attempts: list[int] = []

    def lead(path: Path, database: Database) -> Lead:
        attempts.append(1)
        if len(attempts) == 1:
            raise OSError("not now")
        return Lead(path, database)

    monkeypatch.setattr(shared_database, "Lead", lead)
    monkeypatch.setattr(shared_database, "_PAUSE_AFTER_FAILURE", 0.01)
    os.kill(leader.process.pid, signal.SIGKILL)
    leader.process.wait()
    client.insert("c", {"id": 15, "vector": [0, 1]})
    assert len(attempts) == 2
    assert count(client) == 16
    found = client.query("c", filter="id >= 0", output_fields=["id"])
    assert [row["id"] for row in found] == list(range(16))


def test_what_a_new_leader_wrote_on_top_is_there_when_the_directory_is_opened_again(
    client: MilvusClient, leader: OtherProcess, folder: Path
) -> None:
    leader.do(f"client.insert('c', {rows(0, 10)})")
    assert count(client) == 10
    leader.do("client.close()")
    client.insert("c", {"id": 10, "vector": [0, 1]})
    client.flush("c")
    client.insert("c", {"id": 11, "vector": [0, 1]})
    client.delete("c", ids=[3])
    client.close()
    with MilvusClient(str(folder)) as again:
        keys = [row["id"] for row in again.query("c", filter="id >= 0", output_fields=["id"])]
    assert keys == [0, 1, 2, *range(4, 12)]


def test_a_follower_that_did_not_look_since_a_flush_leads_with_all_rows(
    client: MilvusClient, leader: OtherProcess
) -> None:
    leader.do(f"client.insert('c', {rows(0, 10)})")
    assert count(client) == 10
    leader.do("client.flush('c')")
    leader.do(f"client.insert('c', {rows(5, 10, 1)})")
    leader.do("client.delete('c', ids=[14])")
    os.kill(leader.process.pid, signal.SIGKILL)
    leader.process.wait()
    client.insert("c", {"id": 20, "vector": [0, 1], "value": 1})
    found = client.query("c", filter="value == 1", output_fields=["id"])
    assert [row["id"] for row in found] == [*range(5, 14), 20]


def test_rows_that_grow_are_kept_while_segments_beside_them_are_merged(
    client: MilvusClient, leader: OtherProcess, folder: Path
) -> None:
    for first in (0, 10, 20):
        leader.do(f"client.insert('c', {rows(first, 10)})")
        leader.do("client.flush('c')")
    # Keys of two segments come again, and one of a third goes: the log alone tells.
    leader.do(f"client.insert('c', {rows(5, 10, 1)})")
    leader.do("client.delete('c', ids=[25])")
    assert count(client) == leader.do(COUNT)
    before = growing(folder)
    job = leader.do("client.compact('c')")
    while leader.do(f"client.get_compaction_state({job})") != "Completed":
        pass
    assert count(client) == leader.do(COUNT)
    assert growing(folder) == before
    found = client.query("c", filter="value == 1", output_fields=["id"])
    assert [row["id"] for row in found] == list(range(5, 15))
    assert client.query("c", filter="id == 25") == []
    keys = client.query("c", filter="id >= 0", output_fields=["id"])
    assert sorted(row["id"] for row in keys) == [n for n in range(30) if n != 25]


def test_followers_keep_their_rows_when_another_one_leads(
    client: MilvusClient, leader: OtherProcess, folder: Path, other: Callable[[], OtherProcess]
) -> None:
    leader.do(f"client.insert('c', {rows(0, 10)})")
    third = other()
    assert third.do(COUNT) == count(client) == 10
    before = growing(folder)
    # This process can't take the lead while the lock's place is taken by a role of its own.
    with closing(open_database(folder)) as database, database._role:
        os.kill(leader.process.pid, signal.SIGKILL)
        leader.process.wait()
        assert third.do(f"client.insert('c', {rows(10, 1)})")["insert_count"] == 1
    assert count(client) == 11
    assert growing(folder) == before


def test_a_follower_searches_what_grows_by_a_graph_also_once_it_is_sealed(
    client: MilvusClient, leader: OtherProcess, folder: Path
) -> None:
    module = "__import__('aiomilvus.engine.maintenance.index_builds', fromlist=['build'])"
    leader.do(f"setattr({module}, 'build_index', None)")  # no index is ever built
    made = "[{'id': n, 'vector': [n % 40, n / 40]} for n in range(2000)]"
    leader.do(f"client.insert('c', {made})")
    assert count(client) == 2000
    with closing(open_database(folder)) as database:
        database.local.wait_idle()
    query: dict[str, Any] = {"data": [[3.0, 7.0]], "limit": 1}
    before = client.search("c", **query)
    assert "HNSW" in str(client.explain("c", **query))
    leader.do("client.delete('c', ids=[1990])")
    leader.do("client.flush('c')")
    assert client.search("c", **query) == before
    assert growing(folder) == []
    assert "growing" in str(client.explain("c", **query))
