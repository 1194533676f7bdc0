"""One client of a server, in a process of its own; `benchmarks.server` runs it.

    python -m benchmarks.server_client pymilvus|aiomilvus URI QUERIES [--seconds 3] [--rounds 3]

Makes each kind of call with 32 under way and prints JSON: calls a second in each round, CPU
time of this process per call, and the keys that the searches found.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from numpy.typing import NDArray

TASKS = 32
K = 10
EF = 64
QUERIES = 500
CONDITION = "lexfile == 37"
CALLS = ("search", "filtered", "get", "count")
PARAMETERS = {"params": {"ef": EF}}


async def search(client: Any, queries: NDArray[np.float32], at: int) -> list[int]:
    """Search one query and read the keys of its hits."""
    vector = queries[at % len(queries)]
    found = await client.search("bench", [vector], limit=K, search_params=PARAMETERS)
    return [hit["id"] for hit in found[0]]


async def filtered(client: Any, queries: NDArray[np.float32], at: int) -> list[int]:
    """Search among the rows that a rare condition lets pass."""
    vector = queries[at % len(queries)]
    found = await client.search(
        "bench", [vector], limit=K, filter=CONDITION, search_params=PARAMETERS
    )
    return [hit["id"] for hit in found[0]]


async def get(client: Any, _queries: object, at: int) -> list[int]:
    """Read two rows by their keys."""
    keys = [at % 5000, 5000 + at % 4999]
    rows = await client.get("bench", keys, output_fields=["gloss"])
    found = [row["id"] for row in rows if row["gloss"]]
    if sorted(found) != keys:
        raise RuntimeError(f"asked for {keys}, got {found}")
    return found


async def count(client: Any, _queries: object, _at: int) -> list[int]:
    """Count the rows that a condition lets pass."""
    rows = await client.query("bench", filter=CONDITION, output_fields=["count(*)"])
    if not rows[0]["count(*)"]:
        raise RuntimeError("the count is 0")
    return [rows[0]["count(*)"]]


async def found_by(client: Any, queries: NDArray[np.float32]) -> list[list[int]]:
    """Return the keys of each query's hits."""
    return [await search(client, queries, at) for at in range(len(queries))]


async def rate(call: Callable[[int], Awaitable[Any]], seconds: float) -> tuple[float, float]:
    """Return calls a second with 32 under way, and microseconds of CPU per call."""
    made = 0
    end = time.perf_counter() + seconds

    async def worker(first: int) -> None:
        nonlocal made
        at = first
        while time.perf_counter() < end:
            await call(at)
            at += TASKS
            made += 1

    began, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(worker(first) for first in range(TASKS)))
    passed = time.perf_counter() - began
    return made / passed, (time.process_time() - cpu) / made * 1e6


async def measure(args: argparse.Namespace, queries: NDArray[np.float32]) -> dict[str, Any]:
    """Return rates and CPU times of all kinds of calls, and what the searches found."""
    module = importlib.import_module(args.module)
    client = module.AsyncMilvusClient(args.uri)
    told: dict[str, Any] = {}
    for each in (search, filtered, get, count):
        call = partial(each, client, queries)
        await rate(call, min(0.5, args.seconds))
        rounds = [await rate(call, args.seconds) for _ in range(args.rounds)]
        told[each.__name__] = {"rates": [r for r, _ in rounds], "cpu": [c for _, c in rounds]}
    told["found"] = await found_by(client, queries)
    await client.close()
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("module", choices=["pymilvus", "aiomilvus"])
    parser.add_argument("uri")
    parser.add_argument("queries", help="file of float32 query vectors, one after the other")
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    queries = np.frombuffer(Path(args.queries).read_bytes(), np.float32).reshape(QUERIES, -1)
    print(json.dumps(asyncio.run(measure(args, queries))))


if __name__ == "__main__":
    main()
