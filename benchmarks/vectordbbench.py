"""What VectorDBBench 2 asks of a server, of ours and of the real Milvus 2.3.5.

    python -m benchmarks.vectordbbench [--rows 100000] [--dim 128] [--milvus PYTHON]

Both get the same made-up vectors, by pymilvus, in the order of that benchmark: rows are written,
flushed, indexed (HNSW, M 16, efConstruction 100) and compacted to one size, and all is polled for
that it polls for. Then clients in processes of their own search for 10 hits with ef 80, one at a
time, first one client and then eight. `--milvus` names an interpreter that has the package
`milvus` (the extra `bench-server`); without it, Milvus is left out.
"""

from __future__ import annotations

import argparse
import multiprocessing
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np
from pymilvus import MilvusClient

from benchmarks.server import MILVUS, SERVE, running
from tests.interop.scenarios.vectordbbench_story import LIMIT, NAME, tell

CLIENTS = (1, 8)
SEARCH = {"params": {"ef": 80}}


def searches(uri: str, dim: int, seconds: float, seed: int) -> int:
    """Search one at a time, and return how many searches there were in so many seconds."""
    client = MilvusClient(uri)
    queries = np.random.default_rng(seed).random((1000, dim), np.float32).tolist()
    client.search(NAME, queries[:1], limit=LIMIT, search_params=SEARCH)
    count, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        client.search(NAME, [queries[count % 1000]], limit=LIMIT, search_params=SEARCH)
        count += 1
    client.close()
    return count


def rates(uri: str, dim: int, seconds: float, told: list[float]) -> None:
    """Append to `told` the searches a second of each number of clients."""
    spawned = multiprocessing.get_context("spawn")
    for clients in CLIENTS:
        with ProcessPoolExecutor(clients, mp_context=spawned) as pool:
            done = pool.map(partial(searches, uri, dim, seconds), range(clients))
            told.append(sum(done) / seconds)


def measure(name: str, uri: str, given: argparse.Namespace, *, is_old: bool) -> None:
    """Tell the story of one server and print its row."""
    told: list[float] = []
    then = partial(rates, dim=given.dim, seconds=given.seconds, told=told)
    story = tell(uri, given.rows, given.dim, 3600, is_old=is_old, then=then)
    loading, optimizing = (f"{each:.1f}" for each in story.seconds)
    found = " | ".join(f"{each:,.0f}" for each in told)
    print(f"| {name} | {loading} | {optimizing} | {found} | {story.recall[0]:.3f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--dim", type=int, default=128)
    parser.add_argument("--seconds", type=float, default=10.0, help="for each number of clients")
    parser.add_argument("--milvus", help="interpreter that has the package milvus")
    given = parser.parse_args()
    counts = " | ".join(f"{each} client{'s' * (each > 1)}/s" for each in CLIENTS)
    print(f"| server | writing, s | flush to compacted, s | {counts} | recall |")
    print("|---|---|---|" + "---|" * (len(CLIENTS) + 1))
    with tempfile.TemporaryDirectory() as scratch:
        with running([*SERVE, f"{scratch}/ours.db", "--port", "0"]) as uri:
            measure("`aiomilvus serve`", uri, given, is_old=False)
        if given.milvus:
            with running([given.milvus, "-c", MILVUS, f"{scratch}/milvus"]) as uri:
                measure("Milvus 2.3.5", uri, given, is_old=True)


if __name__ == "__main__":
    main()
