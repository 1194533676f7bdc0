"""``aiomilvus serve --workers``: several processes answer on one port, on one directory."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from aiomilvus import MilvusClient, MilvusException
from aiomilvus.cli import serve as cli_serve
from aiomilvus.errors import ConnectionConfigException, DatabaseNotOpenedError, StorageError
from aiomilvus.server import serve, workers
from aiomilvus.server.configuration import configured
from aiomilvus.server.running import Server
from aiomilvus.server.settings import ServerSettings
from aiomilvus.server.workers import Workers, server_of
from tests.support.faulty import until

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="SO_REUSEPORT spreads there")


def count(client: MilvusClient) -> int:
    return int(client.query("c", output_fields=["count(*)"])[0]["count(*)"])


class Served:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        command = [sys.executable, "-m", "aiomilvus", "serve", str(folder), "--port", "0"]
        self.process = subprocess.Popen(
            [*command, "--http-port", "0", "--workers", "2"], stdout=subprocess.PIPE, text=True
        )
        self.uri, self.http_uri = self._told(), self._told()

    def _told(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, line
        return found[0]

    def inserts(self) -> float:
        """Return how many inserts `/metrics` tells of, at whichever worker is asked."""
        text = httpx.get(f"{self.http_uri}/metrics").text
        counts = re.findall(r"^aiomilvus_calls_total\{.*Insert.*\} (\S+)$", text, re.MULTILINE)
        return sum(map(float, counts))

    @property
    def counts(self) -> set[str]:
        """Names of the files where workers count their calls."""
        (worker, *_) = self.workers
        variables = Path(f"/proc/{worker}/environ").read_text().split("\0")
        (folder,) = (each for each in variables if each.startswith("PROMETHEUS_MULTIPROC_DIR="))
        return {path.name for path in Path(folder.partition("=")[2]).glob("*.db")}

    @property
    def leader(self) -> int:
        return int(json.loads((self.folder / "leader.json").read_bytes())["pid"])

    @property
    def workers(self) -> set[int]:
        number = self.process.pid
        children = Path(f"/proc/{number}/task/{number}/children").read_text("ascii")
        return {int(pid) for pid in children.split()}


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    server = Served(tmp_path / "served.db")
    yield server
    if server.process.poll() is None:
        server.process.terminate()
    server.process.wait(60)
    assert server.process.stdout is not None
    server.process.stdout.close()


def test_every_worker_answers_with_what_any_was_told(served: Served) -> None:
    clients = [MilvusClient(served.uri) for _ in range(6)]
    clients[0].create_collection("c", dimension=2)
    for number, client in enumerate(clients, 1):
        client.insert("c", {"id": number, "vector": [number, 1]})
        assert [count(each) for each in clients] == [number] * len(clients)
    with MilvusClient(str(served.folder)) as beside:
        assert count(beside) == len(clients)
        beside.insert("c", {"id": 100, "vector": [1, 1]})
    assert count(clients[-1]) == len(clients) + 1
    # A new connection each time, so that now one worker answers and now the other.
    assert {served.inserts() for _ in range(6)} == {len(clients)}
    for client in clients:
        client.close()


def test_a_worker_that_dies_is_replaced_and_all_end_when_told_to(served: Served) -> None:
    with MilvusClient(served.uri) as client:
        client.create_collection("c", dimension=2)
        client.insert("c", {"id": 1, "vector": [1, 1]})
    before, dead = served.workers, served.leader
    assert len(before) == 2
    given = os.environ.get("OPENBLAS_NUM_THREADS", str(max(1, workers._cores() // 2)))
    for pid in before:  # they share the cores
        variables = Path(f"/proc/{pid}/environ").read_text().split("\0")
        assert f"OPENBLAS_NUM_THREADS={given}" in variables
    os.kill(dead, signal.SIGKILL)
    while len(served.workers - {dead}) < 2 or served.leader == dead:
        pass
    written = False
    while not written:
        with MilvusClient(served.uri) as client:
            try:
                client.insert("c", {"id": 2, "vector": [1, 1]})
                written = True
            except MilvusException:  # the connection went to the one that begins
                continue
    with MilvusClient(served.uri) as client:
        assert count(client) == 2
    last = served.workers
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(60) == 0
    for pid in last:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_the_counts_of_workers_that_died_are_kept_in_one_file(served: Served) -> None:
    with MilvusClient(served.uri) as client:
        client.create_collection("c", dimension=2)
        client.insert("c", {"id": 1, "vector": [1, 1]})
    for _ in range(2):
        before = served.workers
        os.kill(served.leader, signal.SIGKILL)
        while len(served.workers - before) < 1 or served.leader not in served.workers:
            pass
        until_answered(served)
    assert served.inserts() == 1
    names = served.counts
    assert {"counter_ended.db", "histogram_ended.db"} <= names
    numbers = {name.rpartition("_")[2].removesuffix(".db") for name in names}
    assert numbers <= {"ended", *map(str, served.workers)}


def until_answered(served: Served) -> None:
    """Return when a worker answers: the connection may have gone to one that begins."""
    while True:
        try:
            served.inserts()
        except httpx.HTTPError:
            continue
        return


class Begun:
    """What stands for a worker that has begun, or that has ended by itself since."""

    returncode = None

    def __init__(self, pid: int, *, ends: bool) -> None:
        self.pid = pid
        self._ended = asyncio.Event()
        if ends:
            self._ended.set()

    async def wait(self) -> int:
        await self._ended.wait()
        return -9

    def terminate(self) -> None:
        self._ended.set()

    kill = terminate


def supervised(
    monkeypatch: pytest.MonkeyPatch, folder: Path, outcomes: list[Any]
) -> tuple[Workers, list[Any]]:
    """Return a server whose workers begin as told, and what was not yet told."""
    left = list(outcomes)
    made = Workers(str(folder / "a.db"), ServerSettings(workers=2, port=0))

    async def begun(_: Workers) -> Any:
        outcome = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(outcome, Exception):
            raise outcome
        made._running.add(outcome)
        made._answering.add(outcome)
        return outcome

    monkeypatch.setattr(Workers, "_begun", begun)
    monkeypatch.setattr(workers, "_FIRST_PAUSE", 0.0)
    return made, left


async def test_a_worker_is_replaced_whatever_kept_another_from_beginning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stays: Any
    last: Any
    stays, dies, last = (Begun(n, ends=n == 2) for n in (1, 2, 3))
    faults = [ValueError("no JSON"), OSError("no room"), RuntimeError("no pipes")]
    made, left = supervised(monkeypatch, tmp_path, [stays, dies, *faults, last])
    async with made:
        await until(lambda: last in made._running)
        assert made._running == {stays, last}
    for fault in faults:
        assert f"failed with {type(fault).__name__}" in caplog.text
        assert str(fault) in caplog.text
    assert left == [last]


async def test_a_server_ends_when_no_worker_answers_and_none_can_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = [Begun(n, ends=True) for n in (1, 2)]
    made, _ = supervised(monkeypatch, tmp_path, [*both, ValueError("no JSON")])
    with pytest.raises(StorageError, match=r"no worker of .* in 8 tries: ValueError: no JSON"):
        await cli_serve._run(made, str(tmp_path), as_json=False)


async def test_any_failure_of_a_further_worker_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = [StorageError(message="can't be shared"), ValueError("no JSON")]
    made, _ = supervised(monkeypatch, tmp_path, failures)
    made._insists = False
    with pytest.raises(ValueError, match="no JSON"):
        await made._others(2)


def test_what_several_workers_can_t_do_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConnectionConfigException, match="import jobs"):
        Workers(str(tmp_path), ServerSettings(workers=2, import_dir=str(tmp_path)))
    with pytest.raises(ConnectionConfigException, match="one process' own"):
        Workers(":memory:", ServerSettings(workers=2))
    with pytest.raises(ConnectionConfigException, match="from 1 to"):
        ServerSettings(workers=0).check()
    with pytest.raises(ConnectionConfigException, match="in one process"):
        serve(tmp_path / "a.db", workers=2)


@pytest.mark.parametrize(
    ("quota", "count"), [("max 100000", 4), ("150000 100000", 2), ("50000 100000", 1), ("", 4)]
)
def test_there_is_a_worker_for_each_core_unless_told_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quota: str, count: int
) -> None:
    (tmp_path / "cpu.max").write_text(quota)
    monkeypatch.setattr(workers, "_QUOTA", tmp_path / "cpu.max")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 4, 5})
    undecided = configured({"port": 0}, {}, workers=0)
    made = server_of(str(tmp_path / "a.db"), undecided)
    assert made._settings.workers == count
    assert isinstance(made, Workers if count > 1 else Server)
    assert isinstance(server_of(":memory:", undecided), Server)
    for given in ({"workers": 1}, {"import_dir": str(tmp_path)}):
        assert isinstance(server_of(str(tmp_path), configured(given, {}, workers=0)), Server)
    asked = server_of(str(tmp_path), configured({}, {"AIOMILVUS_WORKERS": "3"}, workers=0))
    assert asked._settings.workers == 3


async def test_one_worker_answers_where_no_other_can_begin_and_none_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin, begun = Workers._begun, []

    async def first_alone(self: Workers) -> Process:
        begun.append(1)
        if len(begun) % 2 == 0:
            raise StorageError(message="it can't be shared")
        return await begin(self)

    monkeypatch.setattr(Workers, "_begun", first_alone)
    settings = ServerSettings(workers=2, port=0)
    async with Workers(str(tmp_path / "a.db"), settings, insists=False) as alone:
        with MilvusClient(alone.uri) as client:
            assert client.list_collections() == []
    with pytest.raises(StorageError, match="can't be shared"):
        await Workers(str(tmp_path / "a.db"), settings).start()


async def test_what_keeps_workers_from_beginning_is_told(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("no directory")
    workers = Workers(str(file), ServerSettings(workers=2, port=0))
    with pytest.raises(DatabaseNotOpenedError, match="a worker could not begin"):
        await workers.start()
