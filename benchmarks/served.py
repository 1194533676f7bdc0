"""Servers of one and of two workers under the same load: what a second worker brings.

    python -m benchmarks served [--rows 20000] [--dim 128] [--queries 100] [--seconds 4]

Eight client processes with a connection each search as fast as they are answered, with many query
vectors in a call, so that the clients take little of the cores that the workers are to have. The
system gives each connection to one worker. Told are searches (of one vector) a second, and
the processor time of server and clients for each: on two cores these add up to two seconds a
second, which bounds what a second worker can bring beside clients on the same machine.

What it brings where clients have other cores is worked out from that. One worker is measured once
more with a core of its own, the clients on the others: there it answers as often as its processor
time for each search lets it, which the share of that core that it took confirms. Two workers with a
core each answer 2 / t searches, with the processor time t that two workers took for each, if
connections are spread evenly and memory gives what both ask for: a bound, not a measurement.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from aiomilvus import MilvusClient
from benchmarks.doors import serving
from benchmarks.processes import piped
from benchmarks.sharers import NAME, Aiomilvus, K, unit_vectors

if TYPE_CHECKING:
    from numpy.typing import NDArray

CLIENTS = 8
WARM = 2.0
"""Seconds of searches before those that are measured: kernels are loaded, codes read."""
ROUNDS = 3


class Load(NamedTuple):
    """What clients found: searches a second, and microseconds of processor time for each."""

    rate: float
    server: float
    clients: float


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--dim", type=int, default=128)
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--client", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.client:
        _search(given.client, given.dim, given.queries, given.seconds)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        own = Aiomilvus(folder)
        own.fill(unit_vectors(given.rows, given.dim, 1))
        own.client.close()
        print("| workers | searches/s | µs of the server | µs of the clients |\n|---|--:|--:|--:|")
        loads: dict[int, list[Load]] = {1: [], 2: []}
        for _ in range(ROUNDS):
            for workers, found in loads.items():
                found.append(_loaded(folder / "shared.db", workers, given))
                _tell(str(workers), found[-1])
        apart = [_apart(folder / "shared.db", given) for _ in range(ROUNDS)]
    one, two = (float(np.median([each.rate for each in found])) for found in loads.values())
    print(f"\nTwo workers answer {two / one:.2f} × the searches of one (medians of {ROUNDS})")
    _tell_implied(apart, loads[2])


def _tell(workers: str, load: Load) -> None:
    told = f"{load.rate:,.0f} | {load.server:.0f} | {load.clients:.0f}"
    print(f"| {workers} | {told} |", flush=True)


def _apart(path: Path, given: argparse.Namespace) -> Load:
    """Load a server of one worker that has a core of its own, with the clients on the others."""
    cores = os.sched_getaffinity(0)
    own = {min(cores)}
    try:
        load = _loaded(path, 1, given, own, cores - own or own)
    finally:
        os.sched_setaffinity(0, cores)
    _tell("1, on a core of its own", load)
    return load


def _tell_implied(apart: list[Load], both: list[Load]) -> None:
    """Print what two workers answer where clients take nothing of their cores."""
    rate, alone = (float(np.median([each[k] for each in apart])) for k in range(2))
    shared = float(np.median([each.server for each in both]))
    print(
        f"One worker on a core of its own answers {rate:,.0f} a second and is busy "
        f"{rate * alone / 1e4:.0f} % of the time. By the processor time of two, {shared:.0f} µs a "
        f"search, two cores of their own give up to {2e6 / shared:,.0f} a second, "
        f"{2 * alone / shared:.2f} × as many as one core gives one worker."
    )


def _loaded(
    path: Path,
    workers: int,
    given: argparse.Namespace,
    servers: set[int] | None = None,
    others: set[int] | None = None,
) -> Load:
    """Let clients search a server, and return what they found together.

    Args:
        path: The directory to serve.
        workers: How many processes serve it.
        given: The command line.
        servers: The cores that the server may use, None for all.
        others: The cores that the clients may use, None for all.
    """
    if servers:
        os.sched_setaffinity(0, servers)  # whoever is started has the same
    command = [sys.executable, "-m", "benchmarks.served", "--dim", str(given.dim)]
    command += ["--queries", str(given.queries), "--seconds", str(given.seconds)]
    with serving(path, workers) as server, ExitStack() as stack:
        if others:
            os.sched_setaffinity(0, others)
        clients = [
            stack.enter_context(
                subprocess.Popen(
                    [*command, "--client", f"http://{server.grpc}"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for _ in range(CLIENTS)
        ]
        for each in clients:
            piped(each.stdout).readline()
        before = server.seconds()
        for each in clients:
            piped(each.stdin).write("go\n")
            piped(each.stdin).flush()
        told = [each.communicate()[0].split() for each in clients]
        spent = server.seconds() - before
    searches = sum(int(count) for count, _, _ in told)
    seconds = float(np.mean([float(each) for _, each, _ in told]))
    processor = sum(float(each) for _, _, each in told)
    return Load(searches / seconds, 1e6 * spent / searches, 1e6 * processor / searches)


def _search(uri: str, dim: int, queries: int, seconds: float) -> None:
    """Search as fast as the server answers; print searches, seconds and processor time."""
    vectors = unit_vectors(queries, dim, os.getpid())
    client = MilvusClient(uri)
    _searches(client, vectors, WARM)
    print("ready", flush=True)
    sys.stdin.readline()
    began, processor = time.perf_counter(), time.process_time()
    count = _searches(client, vectors, seconds)
    print(count, time.perf_counter() - began, time.process_time() - processor, flush=True)
    client.close()


def _searches(client: MilvusClient, vectors: NDArray[np.float32], seconds: float) -> int:
    count, end = 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        client.search(NAME, vectors, limit=K)
        count += len(vectors)
    return count


if __name__ == "__main__":
    main()
