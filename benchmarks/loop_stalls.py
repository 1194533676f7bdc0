"""How long the embedded engine holds the event loop: the longest gap between two turns of a ticker.

    python -m benchmarks.loop_stalls [--rows 5000] [--dim 768]

A ticker sleeps 1 ms again and again while one operation runs; a gap beyond that millisecond is
time in which no other task could run. Linux tells how much of a gap the loop's thread was ready
but had no processor, because other threads and programs had them all; the rest is what Python
kept from the loop: its own work, or another thread's hold on the interpreter. The first row
shows what the machine does with nothing under way. What is done for the first time in a process
loads a library; "again" is without.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus import AsyncMilvusClient

if TYPE_CHECKING:
    from collections.abc import Awaitable

TICK = 0.001


class Queued:
    """How long this thread has waited for a processor; 0 where the system does not tell."""

    def __init__(self) -> None:
        self._file = -1
        if sys.platform == "linux":
            name = f"/proc/self/task/{threading.get_native_id()}/schedstat"
            self._file = os.open(name, os.O_RDONLY)

    def seconds(self) -> float:
        """Return the whole time so far."""
        if self._file < 0:
            return 0.0
        return int(os.pread(self._file, 100, 0).split()[1]) / 1e9


async def longest_gap(work: Awaitable[Any]) -> tuple[float, float, float]:
    """Return the longest stall, the longest without waiting for a processor, and the whole, ms."""
    task = asyncio.ensure_future(work)
    queued = Queued()
    longest = held = 0.0
    started = last = time.perf_counter()
    waited = queued.seconds()
    while not task.done():
        await asyncio.sleep(TICK)
        now, waits = time.perf_counter(), queued.seconds()
        gap = now - last - TICK
        longest = max(longest, gap)
        held = max(held, gap - (waits - waited))
        last, waited = now, waits
    await task
    return longest * 1e3, held * 1e3, (time.perf_counter() - started) * 1e3


async def measure(rows: int, dim: int) -> None:
    """Print the table."""
    rng = np.random.default_rng(0)
    data = [
        {"id": i, "vector": vector, "text": f"row {i}"}
        for i, vector in enumerate(rng.random((rows, dim), np.float32))
    ]
    lists = [{**row, "id": row["id"] + rows, "vector": row["vector"].tolist()} for row in data]
    print("| operation | longest stall, ms | with a processor, ms | whole, ms |\n|---|---|---|---|")

    async def show(name: str, work: Awaitable[Any]) -> None:
        stall, held, whole = await longest_gap(work)
        print(f"| {name} | {stall:.1f} | {held:.1f} | {whole:.0f} |")

    with tempfile.TemporaryDirectory() as folder:
        async with AsyncMilvusClient(str(Path(folder) / "stalls.db")) as client:
            await client.create_collection("c", dimension=dim)
            await show("nothing", asyncio.sleep(0.5))
            await show(f"insert {rows} x {dim}, numpy rows", client.insert("c", data))
            write = f"insert {rows} x {dim}, lists of floats"
            await show(write, client.insert("c", lists))
            for row in lists:
                row["id"] += rows
            await show(f"{write}, again", client.insert("c", lists))
            lists.clear()  # else Python's collector would look at each of the floats
            await show("flush", client.flush("c"))
            index = client.prepare_index_params("vector", index_type="HNSW", metric_type="COSINE")
            await client.release_collection("c")
            await client.drop_index("c", "vector")
            await show("build an HNSW index", client.create_index("c", index))
            await client.load_collection("c")
            everything = client.query("c", filter="id >= 0", output_fields=["*"])
            await show("read everything", everything)
            queries = list(rng.random((100, dim), np.float32))
            search = "search 100 vectors at once"
            await show(search, client.search("c", queries, limit=100))
            await show(f"{search}, again", client.search("c", queries, limit=100))
            for number, name in ((9, ""), (8, ", again")):
                text = f'text like "%{number}%"'
                count = client.query("c", filter=text, output_fields=["count(*)"])
                await show(f"count with a text filter{name}", count)


def main() -> None:
    """Measure with the sizes given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000)
    parser.add_argument("--dim", type=int, default=768)
    given = parser.parse_args()
    asyncio.run(measure(given.rows, given.dim))


if __name__ == "__main__":
    main()
