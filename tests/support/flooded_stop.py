"""SIGTERM while many clients write and search: when the server ends, and what it has kept.

    python -m tests.support.flooded_stop GRACE CLIENTS PROCESSES

So many clients in each of so many processes are on one server, which is asked to stop and has
GRACE seconds for what is under way. Told are the seconds until its process has ended, and how many
of the inserts that it acknowledged are not there when the directory is opened again.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from aiomilvus import AsyncMilvusClient, MilvusClient, MilvusException
from tests.support.faulty import until
from tests.support.many_calls import served

APART = 1_000_000
"""From a client's first key to the next one's."""


async def flood(uri: str, first: int, done: list[int], timeout: float = 2.0) -> None:
    """Insert and search until the server answers no more; note each key that it acknowledged."""
    async with AsyncMilvusClient(uri, timeout=timeout) as client:
        for key in range(first, first + APART):
            try:
                await client.insert("c", {"id": key, "vector": [key, 1]})
                done.append(key)
                await client.search("c", [[1.0, 1.0]], limit=1)
            except MilvusException:
                return


async def _flood_from(uri: str, first: int, clients: int) -> None:
    """Be one of the processes: tell of the first acknowledged keys, and at the end of all."""
    done: list[int] = []
    floods = [
        asyncio.ensure_future(flood(uri, first + n * APART, done, 10)) for n in range(clients)
    ]
    await until(lambda: len(done) >= 5 * clients or all(each.done() for each in floods))
    sys.stdout.write("under way\n")
    sys.stdout.flush()
    await asyncio.gather(*floods)
    json.dump(done, sys.stdout)


def _keys(path: Path) -> set[int]:
    with MilvusClient(str(path)) as client:
        pages = client.query_iterator("c", output_fields=["id"], batch_size=5_000)
        found: set[int] = set()
        while page := pages.next():
            found.update(row["id"] for row in page)
        return found


def main(grace: str, clients: int, processes: int) -> None:
    """Flood a server, stop it, and tell what became of it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.db"
        with MilvusClient(str(path)) as made:
            made.create_collection("c", dimension=2)
        with served(str(path), AIOMILVUS_GRACE=grace) as (uri, server):
            command = [sys.executable, "-m", "tests.support.flooded_stop", "flood", uri]
            floods = [
                subprocess.Popen(
                    [*command, str(n * clients * APART), str(clients)],
                    stdout=subprocess.PIPE,
                    text=True,
                )
                for n in range(processes)
            ]
            for each in floods:
                assert each.stdout is not None
                assert each.stdout.readline() == "under way\n"
            began = time.monotonic()
            server.send_signal(signal.SIGTERM)
            code = server.wait()
            took = time.monotonic() - began
            done = {key for each in floods for key in json.loads(each.communicate()[0])}
        told = {"exit_code": code, "seconds": round(took, 2), "acknowledged": len(done)}
        told |= {"lost": len(done - _keys(path)), "load": os.getloadavg()[0]}
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    if sys.argv[1] == "flood":
        asyncio.run(_flood_from(sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
    else:
        main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
