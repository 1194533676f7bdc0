"""What the server's doors cost: a search by REST and by gRPC, a scrape, the console's first screen.

    python -m benchmarks doors [--rows N] [--searches N] [--seconds S] [--collections N]
                               [--workers N]

One server runs in a process of its own, with one worker unless ``--workers`` says otherwise, on
generated rows with an HNSW index.

* Processor time of the server for one search, by gRPC and by REST, one after the other on one
  connection: from the system's count of the process, so that what else runs on the machine
  matters little. The two take turns, in rounds; the ratio is of the medians.
* `/metrics`: processor time of a scrape while nothing else is asked, and, while searches by gRPC
  keep the server busy, how long a scrape takes and what the searches beside it take, with and
  without scrapes. Then the processor time of a scrape with many collections, each of which has a
  sealed segment and deleted rows, as they lie and just after each has changed.
* The console's first screen: the page, all files that it names, and the answers that its first
  screen is made of, one after the other on one connection; and, where Chromium is installed, from
  the navigation to the frame that shows it, with an empty cache.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from aiomilvus import AsyncMilvusClient, MilvusClient
from benchmarks.first_screen import first_screens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

DIM = 384
ROUNDS = 5
SCRAPES = 50
UNDER_WAY = 8
"""Searches that are under way at once, so that the server always has one to do."""
_TICK = os.sysconf("SC_CLK_TCK")
_SERVE = [sys.executable, "-u", "-m", "aiomilvus", "serve"]
_FIRST_SCREEN: tuple[tuple[str, dict[str, str]], ...] = (
    ("/v2/vectordb/databases/list", {}),
    ("/v2/vectordb/collections/list", {}),
    ("/aiomilvus/v1/status", {}),
)


class Server(NamedTuple):
    """A server in another process."""

    pid: int
    grpc: str
    http: str

    def seconds(self) -> float:
        """Return the processor time that it and its workers have taken."""
        workers = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return sum(_seconds_of(pid) for pid in (str(self.pid), *workers))


def _seconds_of(pid: str) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


@contextmanager
def serving(path: Path, workers: int = 1) -> Iterator[Server]:
    """Run a server."""
    command = [*_SERVE, str(path), "--port", "0", "--workers", str(workers)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None:
            raise RuntimeError("the server has no output")
        lines = [process.stdout.readline(), process.stdout.readline()]
        try:
            grpc, http_address = [line.split()[-1].rpartition("/")[2] for line in lines]
            yield Server(process.pid, grpc, http_address)
        finally:
            process.terminate()
            process.wait(60)


class Rest:
    """One connection to the HTTP door."""

    def __init__(self, address: str) -> None:
        self._connection = http.client.HTTPConnection(address)

    def get(self, path: str) -> bytes:
        """Return a page or file."""
        self._connection.request("GET", path)
        return self._read(path)

    def post(self, path: str, body: object) -> bytes:
        """Return the answer to a request of the REST API."""
        headers = {"Content-Type": "application/json"}
        self._connection.request("POST", path, json.dumps(body), headers)
        return self._read(path)

    def _read(self, path: str) -> bytes:
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {content[:200]!r}")
        return content


def fill(server: Server, rows: int) -> NDArray[np.float32]:
    """Make the collection, built and loaded; return the queries."""
    rng = np.random.default_rng(7)
    vectors = rng.normal(size=(rows, DIM)).astype(np.float32)
    with MilvusClient(f"http://{server.grpc}", timeout=600) as client:
        client.create_collection("bench", dimension=DIM, metric_type="COSINE")
        for start in range(0, rows, 2000):
            part = vectors[start : start + 2000]
            ids = range(start, start + len(part))
            client.insert("bench", [{"id": n, "vector": v} for n, v in zip(ids, part, strict=True)])
        client.flush("bench")
        while client.describe_index("bench", "vector")["state"] != "Finished":  # type: ignore[index]
            time.sleep(0.1)
    return rng.normal(size=(256, DIM)).astype(np.float32)


def cost(server: Server, search: Callable[[int], object], count: int) -> float:
    """Return the microseconds of the server's processor time for one call."""
    for number in range(50):
        search(number)
    before = server.seconds()
    for number in range(count):
        search(number)
    return (server.seconds() - before) / count * 1e6


def searches(server: Server, queries: NDArray[np.float32], count: int) -> None:
    """Compare the doors."""
    rest = Rest(server.http)
    lists = queries.tolist()
    body = {"collectionName": "bench", "annsField": "vector", "limit": 10}
    told: dict[str, list[float]] = {"gRPC": [], "REST": []}
    with MilvusClient(f"http://{server.grpc}") as client:
        doors: dict[str, Callable[[int], object]] = {
            "gRPC": lambda n: client.search("bench", queries[n % 256 : n % 256 + 1], limit=10),
            "REST": lambda n: rest.post(
                "/v2/vectordb/entities/search", {**body, "data": [lists[n % 256]]}
            ),
        }
        for _ in range(ROUNDS):
            for name, search in doors.items():
                told[name].append(cost(server, search, count))
    medians = {name: statistics.median(values) for name, values in told.items()}
    print(f"processor time of the server for one search ({ROUNDS} rounds of {count}):")
    for name, values in told.items():
        print(f"  {name}: {medians[name]:.0f} µs ({min(values):.0f} … {max(values):.0f})")
    print(f"  REST / gRPC: {medians['REST'] / medians['gRPC']:.2f}")


async def _busy(
    server: Server, queries: NDArray[np.float32], seconds: float, *, scraped: bool
) -> tuple[list[float], list[float]]:
    """Return how long searches took, and the scrapes beside them, in milliseconds."""
    rest, took, scrapes = Rest(server.http), list[float](), list[float]()
    async with AsyncMilvusClient(f"http://{server.grpc}") as client:
        await client.search("bench", queries[:1], limit=10)
        end = time.perf_counter() + seconds

        async def ask(first: int) -> None:
            number = first
            while (began := time.perf_counter()) < end:
                await client.search("bench", queries[number % 256 : number % 256 + 1], limit=10)
                took.append((time.perf_counter() - began) * 1e3)
                number += UNDER_WAY

        async def scrape() -> None:
            while scraped and time.perf_counter() < end:
                began = time.perf_counter()
                await asyncio.to_thread(rest.get, "/metrics")
                scrapes.append((time.perf_counter() - began) * 1e3)
                await asyncio.sleep(0.05)

        await asyncio.gather(scrape(), *(ask(number) for number in range(UNDER_WAY)))
    return took, scrapes


def _spread(values: list[float]) -> str:
    cuts = statistics.quantiles(values, n=100)
    return f"median {cuts[49]:.2f} ms, 99th {cuts[98]:.2f} ms, longest {max(values):.2f} ms"


def metrics(server: Server, queries: NDArray[np.float32], seconds: float) -> None:
    """Measure scrapes."""
    rest = Rest(server.http)
    alone = cost(server, lambda _: rest.get("/metrics"), SCRAPES) / 1e3
    print(f"a scrape of /metrics takes {alone:.2f} ms of the server's processor time")
    without, _ = asyncio.run(_busy(server, queries, seconds, scraped=False))
    beside, scrapes = asyncio.run(_busy(server, queries, seconds, scraped=True))
    print(f"  searches without scrapes: {_spread(without)}")
    print(f"  searches with scrapes:    {_spread(beside)}")
    print(f"  scrapes under that load:  {_spread(scrapes)}")


def many_collections(server: Server, count: int) -> None:
    """Measure scrapes that tell of many collections."""
    rest = Rest(server.http)
    with MilvusClient(f"http://{server.grpc}", timeout=600) as client:
        for number in range(count):
            name = f"many_{number}"
            client.create_collection(name, dimension=2)
            client.insert(name, [{"id": n, "vector": [n, 1.0]} for n in range(20)])
            client.flush(name)
            client.delete(name, ids=[0, 1])
        before = server.seconds()
        size = len(rest.get("/metrics"))
        first = (server.seconds() - before) * 1e3
    alone = cost(server, lambda _: rest.get("/metrics"), SCRAPES) / 1e3
    print(f"a scrape that tells of {count} collections, {size / 1e3:.0f} kB:")
    print(f"  {alone:.2f} ms of the server's processor time, {first:.0f} ms when all have changed")


def console(server: Server) -> None:
    """Measure what the first screen is made of."""
    took, size, files = [], 0, 0
    for _ in range(ROUNDS):
        rest = Rest(server.http)
        began = time.perf_counter()
        page = rest.get("/console/").decode()
        names = [f"/console/{name}" for name in re.findall(r'(?:src|href)="([^"#:]+)"', page)]
        contents = [rest.get(name) for name in names]
        contents += [rest.post(path, body) for path, body in _FIRST_SCREEN]
        took.append((time.perf_counter() - began) * 1e3)
        size, files = len(page) + sum(map(len, contents)), len(names)
    first, later = took[0], statistics.median(took[1:])
    print(f"the console's first screen, {files} files, {size / 1e3:.0f} kB:")
    print(f"  {first:.0f} ms at first, {later:.0f} ms later")
    shown = first_screens(server.http)
    if shown is None:
        print("  there is no Chromium here to show it")
    else:
        median = statistics.median(shown[1:])
        print(f"  shown by Chromium after {median:.0f} ms, {shown[0]:.0f} ms just after its start")


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="What the server's doors cost.")
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--searches", type=int, default=2_000)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--collections", type=int, default=300)
    parser.add_argument("--workers", type=int, default=1)
    args = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as scratch,
        serving(Path(scratch) / "db", args.workers) as server,
    ):
        console(server)
        queries = fill(server, args.rows)
        searches(server, queries, args.searches)
        metrics(server, queries, args.seconds)
        many_collections(server, args.collections)


if __name__ == "__main__":
    main()
