"""SIGTERM while many clients write and search: it ends in time, and keeps what it acknowledged."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from aiomilvus import MilvusClient
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


@pytest.mark.parametrize("workers", [1, 2])
def test_what_never_ends_holds_a_server_no_longer_than_its_grace(
    tmp_path: Path, workers: int, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "sitecustomize.py").write_text(NEVER_ENDS)  # in each of the server's processes
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {"PYTHONPATH": path, "AIOMILVUS_GRACE": "1"}
    folder = str(tmp_path / "a.db")
    with served(folder, "--workers", str(workers), **environment) as (_, server):
        server.send_signal(signal.SIGTERM)
        try:
            assert server.wait(30) == 1
        finally:
            server.kill()
    assert "is killed" not in capfd.readouterr().err  # a worker, by its parent
