"""Ingest, index and search ten million vectors of 96 dimensions, with bounded memory.

    python -m benchmarks.ten_million [--rows 10000000] [--index IVF_SQ8] [--memory 2.0]

The vectors are generated in blocks, in clusters, each block from its own seed, so that none need
be kept: neither by the script, nor by the engine, which maps them from its files. Exact answers
for some queries come from a second pass over the same blocks. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import resource
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus import AsyncMilvusClient, DataType
from benchmarks.worker import size_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

DIM = 96
BLOCK = 100_000
CLUSTERS = 20_000
K = 10


class Data:
    """Vectors around random centres: as clustered as embeddings are, and cheap to make again."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self._centres = np.random.default_rng(1).standard_normal((CLUSTERS, DIM), np.float32)

    def block(self, first: int) -> NDArray[np.float32]:
        """Return the vectors of the rows from `first` on, one block of them."""
        count = min(BLOCK, self.rows - first)
        return self._around(np.random.default_rng(1000 + first), count)

    def queries(self, count: int) -> NDArray[np.float32]:
        """Return vectors of the same kind that are not among the rows."""
        return self._around(np.random.default_rng(2), count)

    def _around(self, rng: np.random.Generator, count: int) -> NDArray[np.float32]:
        noise = rng.standard_normal((count, DIM), np.float32)
        return self._centres[rng.integers(0, CLUSTERS, count)] + 0.6 * noise


def exact(data: Data, queries: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the numbers of each query's nearest rows, by comparing it with all of them."""
    best = np.full((len(queries), K), np.inf, np.float32)
    numbers = np.full((len(queries), K), -1, np.int64)
    for first in range(0, data.rows, BLOCK):
        block = data.block(first)
        squares = np.einsum("ij,ij->i", block, block)
        scores = squares[None, :] - 2.0 * (queries @ block.T)
        near = np.argpartition(scores, K, axis=1)[:, :K]
        both = np.concatenate([best, np.take_along_axis(scores, near, 1)], axis=1)
        owners = np.concatenate([numbers, near + first], axis=1)
        order = np.argsort(both, axis=1)[:, :K]
        best = np.take_along_axis(both, order, 1)
        numbers = np.take_along_axis(owners, order, 1)
    return numbers


class Memory(threading.Thread):
    """Samples the process' memory: what it has for itself, and what of files it has mapped."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.own = 0.0
        self._over = threading.Event()

    def run(self) -> None:
        """Sample until told to stop."""
        page = os.sysconf("SC_PAGE_SIZE")
        while not self._over.wait(0.05):
            _, resident, shared, *_ = Path("/proc/self/statm").read_text().split()
            self.own = max(self.own, (int(resident) - int(shared)) * page / 2**30)

    def stop(self) -> None:
        """End the sampling."""
        self._over.set()
        self.join()


async def ingest(client: AsyncMilvusClient, data: Data) -> None:
    """Create the collection and insert all rows, block by block."""
    schema = client.create_schema(auto_id=False)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=DIM)
    await client.create_collection("big", schema=schema)
    for first in range(0, data.rows, BLOCK):
        block = data.block(first)
        ids = np.arange(first, first + len(block))
        await client.insert("big", {"id": ids, "vector": block})


async def build(client: AsyncMilvusClient, given: argparse.Namespace) -> None:
    """Merge the segments, index them, and return when that is done."""
    job = await client.compact("big")
    while await client.get_compaction_state(job) != "Completed":  # noqa: ASYNC110 - no event
        await asyncio.sleep(0.5)
    params = client.prepare_index_params(
        "vector", index_type=given.index, metric_type="L2", params={"nlist": given.nlist}
    )
    await client.create_index("big", params)
    while True:
        state = await client.describe_index("big", "vector")
        if state is None or not int(state["pending_index_rows"]):
            break
        await asyncio.sleep(0.5)
    await client.load_collection("big")


async def searches(
    client: AsyncMilvusClient, queries: NDArray[np.float32], nprobe: int
) -> tuple[NDArray[np.int64], float]:
    """Search one by one; return the hits and the searches a second."""
    found = np.full((len(queries), K), -1, np.int64)
    for query in queries[:20]:
        await client.search("big", data=[query], limit=K, search_params={"nprobe": nprobe})
    began = time.perf_counter()
    for at, query in enumerate(queries):
        hits = await client.search("big", data=[query], limit=K, search_params={"nprobe": nprobe})
        found[at] = [hit["id"] for hit in hits[0]]
    return found, len(queries) / (time.perf_counter() - began)


async def measure(given: argparse.Namespace, folder: Path) -> list[tuple[str, str]]:
    """Do all of it and return the table's rows."""
    data = Data(given.rows)
    queries = data.queries(given.queries)
    memory = Memory()
    memory.start()
    table: list[tuple[str, str]] = []

    def note(what: str, figure: str) -> None:
        table.append((what, figure))
        print(f"{what}: {figure}", file=sys.stderr, flush=True)

    options: dict[str, Any] = {"memory": int(given.memory * 2**30)}
    path = str(folder / "big.db")
    async with AsyncMilvusClient(path, **options) as client:
        began = time.perf_counter()
        await ingest(client, data)
        seconds = time.perf_counter() - began
        note("ingest, rows/s (generating them included)", f"{data.rows / seconds:,.0f}")
        began = time.perf_counter()
        await build(client, given)
        note(f"merge and {given.index}, s", f"{time.perf_counter() - began:,.0f}")
        note("segments", str(len(await client.list_persistent_segments("big"))))
    note("files, GB", f"{size_of(folder) / 1024:.2f}")
    began = time.perf_counter()
    async with AsyncMilvusClient(path, **options) as client:
        await client.search("big", data=queries[:1], limit=K)
        note("open to the first answer, s", f"{time.perf_counter() - began:.3f}")
        runs = [await searches(client, queries, nprobe) for nprobe in given.nprobe]
        note("own memory at most, GB", f"{memory.own:.2f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    note("resident at most, mapped files included, GB", f"{peak:.2f}")
    memory.stop()
    truth = exact(data, queries)
    for nprobe, (found, rate) in zip(given.nprobe, runs, strict=True):
        hits = sum(len(np.intersect1d(a, b)) for a, b in zip(found, truth, strict=True))
        note(f"searches/s and recall@{K}, nprobe {nprobe}", f"{rate:,.0f}, {hits / truth.size:.3f}")
    return table


def main() -> None:
    """Measure with the sizes given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--index", default="IVF_SQ8")
    parser.add_argument("--nlist", type=int, default=2048, help="lists of each segment")
    parser.add_argument("--nprobe", type=int, nargs="+", default=[16, 32, 64])
    parser.add_argument("--queries", type=int, default=500)
    parser.add_argument("--memory", type=float, default=2.0, help="the engine's limit, GB")
    parser.add_argument("--folder", type=Path, help="where to put the database for the while")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(dir=given.folder))
    try:
        table = asyncio.run(measure(given, folder))
    finally:
        shutil.rmtree(folder)
    raw = given.rows * DIM * 4 / 2**30
    print(f"{given.rows:,} x {DIM} ({raw:.2f} GB), memory={given.memory} GB, ", end="")
    print(f"{os.cpu_count()} cores, {platform.machine()}\n\n| what | measured |\n|---|---|")
    for what, figure in table:
        print(f"| {what} | {figure} |")


if __name__ == "__main__":
    main()
