"""Leaders that stop, differ, or left something behind; and what they tell of themselves."""

from __future__ import annotations

import json
import os
import shutil
import signal
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from aiomilvus import MilvusClient, StorageError
from aiomilvus.cli.main import main
from aiomilvus.engine import catching_up
from aiomilvus.engine.processes import link
from aiomilvus.engine.write.commit import apply

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.other_process import OtherProcess

COUNT = "client.query('c', output_fields=['count(*)'])[0]['count(*)']"


def count(client: MilvusClient) -> int:
    return int(client.query("c", output_fields=["count(*)"])[0]["count(*)"])


@pytest.fixture
def leader(other: Callable[[], OtherProcess]) -> OtherProcess:
    process = other()
    process.do("client.create_collection('c', dimension=2)")
    process.do("client.insert('c', {'id': 0, 'vector': [0, 1]})")
    return process


def test_a_stopped_leader_is_told_of_and_goes_on_later(
    folder: Path, leader: OtherProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    with MilvusClient(str(folder)) as client:
        monkeypatch.setattr(link, "SILENCE_SECONDS", 0.2)
        monkeypatch.setattr(link, "CONNECT_SECONDS", 0.2)
        os.kill(leader.process.pid, signal.SIGSTOP)
        with pytest.raises(StorageError, match=f"process {leader.process.pid}, which leads"):
            client.insert("c", {"id": 1, "vector": [0, 1]})
        assert count(client) == 1
        asked = CliRunner().invoke(main, ["info", str(folder)])
        assert "followed by   unknown: the leader does not answer\n" in asked.output
        os.kill(leader.process.pid, signal.SIGCONT)
        monkeypatch.undo()
        client.insert("c", {"id": 2, "vector": [0, 1]})
        assert client.get("c", [2])


def test_a_leader_of_another_version_is_refused_by_name(folder: Path, leader: OtherProcess) -> None:
    file = folder / "leader.json"
    told = json.loads(file.read_bytes())
    file.write_text(json.dumps({**told, "version": "0.0.1"}))
    with pytest.raises(StorageError, match=r"by aiomilvus 0\.0\.1 .*, and this is"):
        MilvusClient(str(folder))
    file.write_text(json.dumps({**told, "machine": "another"}))
    with pytest.raises(StorageError, match="on another machine"):
        MilvusClient(str(folder))
    file.write_text(json.dumps(told))
    with MilvusClient(str(folder)) as client:
        assert count(client) == 1


def test_the_board_of_a_copied_directory_is_not_believed(
    folder: Path, leader: OtherProcess, tmp_path: Path
) -> None:
    board = (folder / "board.amv").read_bytes()
    leader.do("client.insert('c', {'id': 1, 'vector': [0, 1]})")
    copy = tmp_path / "copy.db"
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("leader.sock"))
    (copy / "board.amv").write_bytes(board)  # as old as a loss of power may leave it
    with MilvusClient(str(copy), mode="r") as client:
        assert count(client) == 2


def test_an_iterator_goes_on_when_its_process_takes_the_lead(
    folder: Path, leader: OtherProcess
) -> None:
    with MilvusClient(str(folder)) as client:
        client.insert("c", [{"id": n, "vector": [n, 1]} for n in range(1, 20)])
        iterator = client.query_iterator("c", batch_size=5, output_fields=["id"])
        found = [row["id"] for row in iterator.next()]
        os.kill(leader.process.pid, signal.SIGKILL)
        client.insert("c", {"id": 50, "vector": [0, 1]})
        client.delete("c", ids=[19])
        found += [row["id"] for page in iter(iterator.next, []) for row in page]
        assert found == list(range(20))


def test_rows_are_not_applied_twice_when_catching_up_is_cut_short(
    folder: Path, leader: OtherProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    with MilvusClient(str(folder)) as client:
        assert count(client) == 1
        for n in range(1, 4):
            leader.do(f"client.insert('c', {{'id': {n}, 'vector': [0, 1]}})")
        applied: list[int] = []

        def cut_short(*given: Any) -> None:
            applied.append(1)
            if len(applied) == 3:
                raise MemoryError
            apply(*given)

        monkeypatch.setattr(catching_up, "apply", cut_short)
        with pytest.raises(MemoryError):
            count(client)
        assert count(client) == 4
        assert len(client.query("c", filter="id >= 0")) == 4


def test_a_property_of_the_database_reaches_followers(folder: Path, leader: OtherProcess) -> None:
    with MilvusClient(str(folder)) as client:
        assert count(client) == 1
        leader.do("client.alter_database_properties('default', {'collection.ttl.seconds': 1})")
        while leader.do(COUNT):
            pass
        assert count(client) == 0


def test_a_client_tells_who_leads(folder: Path, leader: OtherProcess) -> None:
    follows = f"follows process {leader.process.pid}"
    with MilvusClient(str(folder)) as client, MilvusClient(str(folder), mode="r") as reader:
        assert repr(client).endswith(f", {follows}>")
        assert repr(reader).endswith(f", {follows}>")
        explained = client.explain("c", data=[[1, 0]], limit=1)
        assert explained.process == f"process {os.getpid()}, which {follows}"
        assert explained.process in str(explained)
        assert follows in str(client.get_server_version(detail=True))
        asked = CliRunner().invoke(main, ["info", str(folder)])
        assert f"led by        process {leader.process.pid}\n" in asked.output
        assert f"followed by   process {os.getpid()}\n" in asked.output
        told = json.loads(CliRunner().invoke(main, ["info", str(folder), "--json"]).output)
        assert told["followed_by"] == [os.getpid()], "a reader sends nothing, and is not listed"
        assert leader.do("repr(client)").endswith(f", leads process {os.getpid()}>")
        os.kill(leader.process.pid, signal.SIGKILL)
        client.insert("c", {"id": 1, "vector": [0, 1]})
        assert repr(client).endswith(", leads>")
        assert client.explain("c", data=[[1, 0]], limit=1).process.endswith(", which leads")
