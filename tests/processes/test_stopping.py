"""SIGTERM while many clients write and search: it ends in time, and keeps what it acknowledged."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from aiomilvus import AsyncMilvusClient, MilvusClient, MilvusException
from tests.support.faulty import until

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers share a port there")
CLIENTS = 16


async def flood(uri: str, first: int, done: list[int]) -> None:
    """Insert and search until the server answers no more; note each key that it acknowledged."""
    async with AsyncMilvusClient(uri, timeout=2) as client:
        for key in range(first, first + 1_000_000):
            try:
                await client.insert("c", {"id": key, "vector": [key, 1]})
                done.append(key)
                await client.search("c", [[1.0, 1.0]], limit=1)
            except MilvusException:
                return


def serving(folder: str, workers: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "aiomilvus", "serve", folder, "--port", "0", "--no-http"]
    return subprocess.Popen(
        [*command, "--workers", str(workers)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "AIOMILVUS_GRACE": "2"},
    )


@pytest.mark.parametrize("workers", [1, 2])
async def test_sigterm_under_a_flood_ends_and_keeps_what_was_acknowledged(
    tmp_path: Path, workers: int
) -> None:
    folder = str(tmp_path / "a.db")
    with MilvusClient(folder) as made:
        made.create_collection("c", dimension=2)
    server = serving(folder, workers)
    try:
        assert server.stdout is not None
        found = re.search(r"http://\S+", await asyncio.to_thread(server.stdout.readline))
        assert found
        done: list[int] = []
        calls = [asyncio.ensure_future(flood(found[0], n * 10**6, done)) for n in range(CLIENTS)]
        await until(lambda: len(done) >= 3 * CLIENTS)
        server.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(server.wait, 30) == 0
        await asyncio.wait_for(asyncio.gather(*calls), 60)
    finally:
        if server.poll() is None:
            server.kill()
        server.wait()
        if server.stdout is not None:
            server.stdout.close()
    with MilvusClient(folder) as again:
        kept = again.query("c", "id >= 0", output_fields=["id"], limit=16_384)
    assert {row["id"] for row in kept} >= set(done)
