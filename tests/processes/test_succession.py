"""When the leader closes or dies, a follower takes its place; nothing acknowledged is lost."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

from aiomilvus import MilvusClient

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.other_process import OtherProcess

COUNT = "client.query('c', output_fields=['count(*)'])[0]['count(*)']"


def count(client: MilvusClient) -> int:
    return int(client.query("c", output_fields=["count(*)"])[0]["count(*)"])


def test_a_follower_leads_once_the_leader_was_killed(
    folder: Path, other: Callable[[], OtherProcess]
) -> None:
    leader = other()
    leader.do("client.create_collection('c', dimension=2)")
    with MilvusClient(str(folder)) as client:
        for n in range(20):
            client.insert("c", {"id": n, "vector": [n, 1]})
        os.kill(leader.process.pid, signal.SIGKILL)
        leader.process.wait()
        assert count(client) == 20
        client.insert("c", {"id": 20, "vector": [0, 1]})
        client.create_collection("d", dimension=2)
        assert count(client) == 21
        third = other()
        assert third.do(COUNT) == 21
        assert third.do("client.insert('c', {'id': 21, 'vector': [0, 1]})")["insert_count"] == 1
        assert count(client) == 22


def test_a_follower_leads_once_the_leader_has_closed(
    folder: Path, other: Callable[[], OtherProcess]
) -> None:
    leader = other()
    leader.do("client.create_collection('c', dimension=2)")
    with MilvusClient(str(folder)) as client:
        leader.do("client.close()")
        client.insert("c", {"id": 1, "vector": [0, 1]})
        assert count(client) == 1


def test_writes_go_on_while_leaders_are_killed_one_after_the_other(
    folder: Path, other: Callable[[], OtherProcess]
) -> None:
    processes = [other() for _ in range(4)]
    processes[0].do("client.create_collection('c', dimension=2)")
    written = 0
    for dying in processes[:-1]:
        for process in processes:
            if process.process.poll() is None:
                assert process.do(f"client.insert('c', {{'id': {written}, 'vector': [0, 1]}})")[
                    "ids"
                ] == [written]
                written += 1
        os.kill(dying.process.pid, signal.SIGKILL)
        dying.process.wait()
        assert processes[-1].do(COUNT) == written
    keys = processes[-1].do("[row['id'] for row in client.query('c', filter='id >= 0')]")
    assert keys == list(range(written))
