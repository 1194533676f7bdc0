"""Several processes on one directory: what following costs, and what a second process brings.

    python -m benchmarks processes [--rows 100000] [--dim 128] [--seconds 5]

Searches for ten of the nearest, one at a time, in the leader, in a follower beside it that does
nothing, and in two processes at once; single inserts in the leader and through a follower.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, Any

import numpy as np

from aiomilvus import MilvusClient

NAME = "rows"


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--dim", type=int, default=128)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--index", default="HNSW")
    parser.add_argument("--work", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        _work(given.work[0], given.work[1], given.dim, given.seconds)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "shared.db")
        with MilvusClient(path) as client:
            _fill(client, given)
            print("| | in the leader | in a follower |\n|---|---|---|")
            for what in ("search", "filtered", "insert"):
                own = _measured(client, what, given.dim, given.seconds)
                (other,) = _others(path, what, given, 1)
                print(f"| {what}, µs | {1e6 / own:,.0f} | {1e6 / other:,.0f} |", flush=True)
            print("\n| | one process | two processes |\n|---|---|---|")
            for what in ("search", "filtered"):
                (one,) = _others(path, what, given, 1)
                two = sum(_others(path, what, given, 2))
                print(
                    f"| {what}, a second | {one:,.0f} | {two:,.0f} ({two / one:.2f}×) |", flush=True
                )


def _fill(client: MilvusClient, given: argparse.Namespace) -> None:
    index = client.prepare_index_params()
    index.add_index("vector", index_type=given.index, metric_type="COSINE")
    client.create_collection(NAME, dimension=given.dim, metric_type="COSINE", index_params=index)
    random = np.random.default_rng(1)
    for first in range(0, given.rows, 10_000):
        count = min(10_000, given.rows - first)
        vectors = random.standard_normal((count, given.dim), np.float32)
        rows = [
            {"id": first + n, "vector": vector, "kind": n % 10} for n, vector in enumerate(vectors)
        ]
        client.insert(NAME, rows)
    client.flush(NAME)
    client.load_collection(NAME)


def _measured(client: MilvusClient, what: str, dim: int, seconds: float) -> float:
    """Return how often a second a thing can be done, one after the other."""
    vectors = np.random.default_rng(2).standard_normal((1000, dim), np.float32)
    options: dict[str, Any] = {"limit": 10}
    if what == "filtered":
        options["filter"] = "kind == 3"
    client.search(NAME, [vectors[0]], **options)
    count = 0
    first = time.time_ns()
    began = time.perf_counter()
    while time.perf_counter() < began + seconds:
        vector = vectors[count % len(vectors)]
        if what == "insert":
            client.insert(NAME, {"id": first + count, "vector": vector, "kind": 0})
        else:
            client.search(NAME, [vector], **options)
        count += 1
    return count / (time.perf_counter() - began)


def _others(path: str, what: str, given: argparse.Namespace, count: int) -> list[float]:
    """Return how often a second each of `count` other processes does a thing, all at once."""
    command = [sys.executable, "-m", "benchmarks.processes", "--work", path, what]
    command += ["--dim", str(given.dim), "--seconds", str(given.seconds)]
    pipe = subprocess.PIPE
    started = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(count)]
    for process in started:
        _piped(process.stdout).readline()  # it has opened the directory
    for process in started:
        _piped(process.stdin).write("go\n")
        _piped(process.stdin).flush()
    return [json.loads(process.communicate()[0]) for process in started]


def _piped(stream: IO[str] | None) -> IO[str]:
    if stream is None:
        message = "a process was started without pipes"
        raise RuntimeError(message)
    return stream


def _work(path: str, what: str, dim: int, seconds: float) -> None:
    with MilvusClient(path) as client:
        client.load_collection(NAME)
        print("ready", flush=True)
        sys.stdin.readline()
        print(json.dumps(_measured(client, what, dim, seconds)), flush=True)


if __name__ == "__main__":
    main()
