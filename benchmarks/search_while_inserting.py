"""How searches fare while rows arrive: latencies, recall, and stalls of the event loop.

    python -m benchmarks.search_while_inserting [--rows 100000] [--rate 1000] [--seconds 20]

One task inserts so many rows a second, in batches; another searches one at a time, all through
one client and one event loop; every acknowledged row must be found at once. The recall of the
searches is taken against exact answers over what was acknowledged when each began.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus import AsyncMilvusClient, DataType
from benchmarks.corpus import FOLDER, load

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.corpus import Corpus

K = 10
BATCH = 50
"""Rows of one insert."""


class Run:
    """One collection, filled and indexed, and the measurements on it."""

    def __init__(self, client: AsyncMilvusClient, corpus: Corpus, rows: int) -> None:
        self.client = client
        self.corpus = corpus
        self.acknowledged = rows
        self.over = False

    async def fill(self) -> None:
        """Insert the first rows and index them."""
        schema = self.client.create_schema(auto_id=False)
        schema.add_field("id", DataType.INT64, is_primary=True)
        dim = self.corpus.vectors.shape[1]
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dim)
        index = self.client.prepare_index_params("vector", index_type="AUTOINDEX", metric_type="IP")
        await self.client.create_collection("c", schema=schema)
        ids = np.arange(self.acknowledged)
        vectors = self.corpus.vectors[: self.acknowledged]
        await self.client.insert("c", {"id": ids, "vector": vectors})
        await self.client.flush("c")
        await self.client.create_index("c", index)
        await self.client.load_collection("c")

    async def insert(self, rate: int) -> int:
        """Insert until told to stop; return how many rows."""
        first, started = self.acknowledged, time.perf_counter()
        while not self.over and self.acknowledged + BATCH <= len(self.corpus.vectors):
            at = self.acknowledged
            rows = [
                {"id": at + i, "vector": vector}
                for i, vector in enumerate(self.corpus.vectors[at : at + BATCH])
            ]
            await self.client.insert("c", rows)
            self.acknowledged += BATCH
            due = started + (self.acknowledged - first) / rate
            await asyncio.sleep(max(due - time.perf_counter(), 0))
        return self.acknowledged - first

    async def search(self, seconds: float) -> tuple[list[float], list[tuple[int, int, list[int]]]]:
        """Search one at a time; return latencies, and (query, rows before, hits) of some."""
        latencies: list[float] = []
        answers: list[tuple[int, int, list[int]]] = []
        until = time.perf_counter() + seconds
        at = 0
        while time.perf_counter() < until:
            query = at % len(self.corpus.queries)
            before = self.acknowledged
            began = time.perf_counter()
            found = await self.client.search("c", data=[self.corpus.queries[query]], limit=K)
            latencies.append(time.perf_counter() - began)
            if at % 50 == 0:
                answers.append((query, before, [hit["id"] for hit in found[0]]))
            if at % 20 == 0:
                await asyncio.sleep(0.002)
            at += 1
        return latencies, answers

    async def see_new_rows(self) -> int:
        """Search for the newest row again and again; return how often it was not there."""
        missed = 0
        while not self.over:
            newest = self.acknowledged - 1
            found = await self.client.search("c", data=[self.corpus.vectors[newest]], limit=K)
            missed += int(newest not in [hit["id"] for hit in found[0]])
            await asyncio.sleep(0.25)
        return missed


async def tick(run: Run) -> list[float]:
    """Return how late a ticker of 1 ms was, in seconds."""
    late: list[float] = []
    while not run.over:
        began = time.perf_counter()
        await asyncio.sleep(0.001)
        late.append(time.perf_counter() - began - 0.001)
    return late


def recall(corpus: Corpus, answers: list[tuple[int, int, list[int]]]) -> float:
    """Return the recall against exact answers; rows that came during a search may be hits."""
    found = []
    for query, before, ids in answers:
        scores = corpus.vectors[:before] @ corpus.queries[query]
        known = [i for i in ids if i < before]
        truth = np.argpartition(-scores, K)[:K]
        least = scores[truth].min()
        better = K - len(known)
        inside = sum(bool(scores[i] >= least) for i in known)
        found.append(min((inside + better) / K, 1.0))
    return statistics.mean(found)


def line(name: str, latencies: list[float], extra: str) -> str:
    """Return one row of the table."""
    each: NDArray[Any] = np.array(latencies) * 1e3
    p50, p99 = np.percentile(each, [50, 99])
    return (
        f"| {name} | {len(each):,} | {p50:.3f} | {p99:.3f} | {p99 / p50:.1f} | {each.max():.1f} "
        f"| {extra} |"
    )


async def measure(corpus: Corpus, given: argparse.Namespace, folder: Path) -> list[str]:
    """Return the table's rows."""
    async with AsyncMilvusClient(str(folder / "c.db")) as client:
        run = Run(client, corpus, given.rows)
        await run.fill()
        await run.search(1)
        await asyncio.sleep(2)
        quiet, answers = await run.search(given.seconds / 4)
        lines = [line("nothing else", quiet, f"{recall(corpus, answers):.3f} | – | –")]
        others = asyncio.ensure_future(run.insert(given.rate)), asyncio.ensure_future(tick(run))
        fresh = asyncio.ensure_future(run.see_new_rows())
        busy, answers = await run.search(given.seconds)
        run.over = True
        inserted, late = await others[0], await others[1]
        worst = f"{max(late) * 1e3:.1f}"
        figures = f"{recall(corpus, answers):.3f} | {worst} | {await fresh}"
        lines.append(line(f"{inserted / given.seconds:,.0f} rows/s", busy, figures))
        after, answers = await run.search(given.seconds / 4)
        lines.append(line("afterwards", after, f"{recall(corpus, answers):.3f} | – | –"))
    return lines


def main() -> None:
    """Measure with the sizes given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=FOLDER if FOLDER.exists() else None)
    parser.add_argument("--rows", type=int, default=80_000)
    parser.add_argument("--rate", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, default=20)
    given = parser.parse_args()
    corpus = load(given.corpus, 0, 1_000)
    with tempfile.TemporaryDirectory() as folder:
        lines = asyncio.run(measure(corpus, given, Path(folder)))
    head = "| while | searches | p50, ms | p99, ms | p99/p50 | worst, ms | recall@10 "
    print(f"{head}| worst stall of the loop, ms | new rows not found |")
    print("|---|---|---|---|---|---|---|---|---|")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
