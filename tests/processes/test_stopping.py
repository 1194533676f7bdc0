"""SIGTERM while many clients write and search: it ends in time, and keeps what it acknowledged."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import msgspec
import pytest

from aiomilvus import MilvusClient
from aiomilvus.interpreter import command_of
from aiomilvus.server.settings import ServerSettings
from aiomilvus.server.worker import Told
from tests.support.faulty import until
from tests.support.flooded_stop import APART, flood
from tests.support.many_calls import served

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers share a port there")
CLIENTS = 16
NEVER_ENDS = "import threading; threading.Thread(target=threading.Event().wait).start()"
"""Holds the end of a Python process, as a call in a thread that does not return would."""


@pytest.mark.parametrize("workers", [1, 2])
async def test_sigterm_under_a_flood_ends_and_keeps_what_was_acknowledged(
    tmp_path: Path, workers: int
) -> None:
    folder = str(tmp_path / "a.db")
    with MilvusClient(folder) as made:
        made.create_collection("c", dimension=2)
    with served(folder, "--workers", str(workers), AIOMILVUS_GRACE="20") as (uri, server):
        done: list[int] = []
        calls = [asyncio.ensure_future(flood(uri, n * APART, done)) for n in range(CLIENTS)]
        await until(lambda: len(done) >= 3 * CLIENTS)
        server.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(server.wait, 30) == 0
        await asyncio.wait_for(asyncio.gather(*calls), 60)
    with MilvusClient(folder) as again:
        kept = again.query("c", "id >= 0", output_fields=["id"], limit=16_384)
    assert {row["id"] for row in kept} >= set(done)


@pytest.fixture
def held(tmp_path: Path) -> dict[str, str]:
    """An environment whose Python processes do not end by themselves."""
    (tmp_path / "sitecustomize.py").write_text(NEVER_ENDS)
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {"PYTHONPATH": path, "AIOMILVUS_GRACE": "1"}


def test_what_never_ends_holds_a_server_no_longer_than_its_grace(
    tmp_path: Path, held: dict[str, str]
) -> None:
    with served(str(tmp_path / "a.db"), "--workers", "1", **held) as (_, server):
        server.send_signal(signal.SIGTERM)
        try:
            assert server.wait(30) == 1
        finally:
            server.kill()


def test_what_never_ends_holds_a_worker_no_longer_than_its_grace(
    tmp_path: Path, held: dict[str, str]
) -> None:
    pipe = subprocess.PIPE
    command = command_of("aiomilvus.server.worker", str(tmp_path / "a.db"))
    environment = {**os.environ, **held}
    # Its parent, which would kill it, is this test.
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, env=environment) as worker:
        try:
            assert worker.stdin is not None
            assert worker.stdout is not None
            settings = ServerSettings(port=0, grace=1, workers=2)
            worker.stdin.write(msgspec.json.encode(settings) + b"\n")
            worker.stdin.flush()
            assert msgspec.json.decode(worker.stdout.readline(), type=Told) == Told()
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(30) == 1
        finally:
            worker.kill()
