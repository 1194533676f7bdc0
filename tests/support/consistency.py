"""Several processes read and write one directory at random; what they saw is checked.

``python -m tests.support.consistency --processes 8 --reads 100000`` lets them run, and
``--successions 200`` lets their leader be killed at random meanwhile: every other time only when
all the others have the directory open, else whatever they do just then. Whether any of them
followed is asked of the leader before it is killed, since nobody can take over at once where all
are still starting. Each write puts one value into two registers, and each read looks at both, so
half a write would show. Each process also inserts rows with keys of its own, of which each must be
there once.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from tests.support.history import NEVER, Event, violations

ROOT = Path(__file__).resolve().parent.parent.parent
PAIRS = 4
MANY = 1 << 32
"""Keys of rows, and values, that one process has for itself."""


class Outcome(NamedTuple):
    """What a run found.

    Attributes:
        reads: Reads made.
        writes: Writes acknowledged.
        stale: What no order of reads and writes explains, and reads of half a write.
        lost: Rows that were acknowledged, but are not there.
        twice: Rows that are there more than once.
        takeovers: Seconds from each kill of a leader that was followed until another process led.
        restarts: The same where nobody followed: what passed until one that was starting led.
    """

    reads: int
    writes: int
    stale: list[str]
    lost: list[int]
    twice: list[int]
    takeovers: list[float]
    restarts: list[float]


def run(
    folder: Path, *, processes: int, reads: int, successions: int = 0, seed: int = 1
) -> Outcome:
    """Let processes work on a new directory until so many reads and successions were made."""
    from aiomilvus import MilvusClient

    folder.mkdir(parents=True)
    path = folder / "shared.db"
    client = MilvusClient(str(path))
    client.create_collection("registers", dimension=2, auto_id=False)
    client.create_collection("rows", dimension=2, auto_id=False)
    pairs = [{"id": n, "vector": [0, 1], "value": 0} for n in range(2 * PAIRS)]
    client.insert("registers", pairs)
    workers = _Workers(folder, path, seed)
    for _ in range(processes):
        workers.start()
    takeovers: list[float] = []
    restarts: list[float] = []
    chance = random.Random(seed)
    each = reads // (successions + 1)
    try:
        workers.wait_until_open()
        client.close()  # one of them leads from now on
        for turn in range(successions):
            workers.wait_for_reads(each * (turn + 1), chance.uniform(0.05, 0.2))
            if turn % 2 == 0:
                workers.wait_until_open()
            is_followed, seconds = workers.replace_leader(path)
            (takeovers if is_followed else restarts).append(seconds)
        workers.wait_for_reads(reads)
    finally:
        workers.stop()
    with MilvusClient(str(path)) as last:
        return _judge(folder, last)._replace(takeovers=takeovers, restarts=restarts)


class _Workers:
    def __init__(self, folder: Path, path: Path, seed: int) -> None:
        self._folder = folder
        self._path = path
        self._seed = seed
        self._started = 0
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._histories: dict[int, Path] = {}
        paths = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
        self._environment = {**os.environ, "PYTHONPATH": paths}

    def start(self) -> None:
        number = self._started = self._started + 1
        history = self._folder / f"history-{number}"
        command = [sys.executable, "-m", "tests.support.consistency", "--work"]
        command += [str(self._path), str(history), str(number), str(self._seed)]
        process = subprocess.Popen(command, cwd=ROOT, env=self._environment)
        self._running[process.pid] = process
        self._histories[process.pid] = history

    def wait_until_open(self) -> None:
        """Wait until each process that runs has the directory open."""
        while not all(self._histories[pid].exists() for pid in self._running):
            self._check()
            time.sleep(0.01)

    def wait_for_reads(self, count: int, at_least: float = 0.0) -> None:
        time.sleep(at_least)
        while _reads_so_far(self._folder) < count:
            self._check()
            time.sleep(0.05)

    def _check(self) -> None:
        for process in self._running.values():
            if process.poll() is not None:
                message = f"a process ended by itself, with {process.returncode}"
                raise RuntimeError(message)

    def replace_leader(self, path: Path) -> tuple[bool, float]:
        """Kill who leads, and start another process.

        Returns:
            Whether any process followed it, and how many seconds passed until another one led.
        """
        from aiomilvus.engine.processes.link import followers

        pid = _leader(path)
        while pid not in self._running:
            self._check()
            pid = _leader(path)
        process = self._running.pop(pid)
        is_followed = bool(followers(path))
        process.kill()
        began = time.monotonic()
        process.wait()
        if not is_followed:
            self.start()  # it may be the one that leads
        while _leader(path) == pid:
            time.sleep(0.001)
        seconds = time.monotonic() - began
        if is_followed:
            self.start()
        return is_followed, seconds

    def stop(self) -> None:
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            process.wait()


def _leader(path: Path) -> int:
    try:
        return int(json.loads((path / "leader.json").read_bytes())["pid"])
    except (OSError, ValueError):
        return 0


def _reads_so_far(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.glob("count-*"))


def _judge(folder: Path, client: Any) -> Outcome:
    events: list[Event] = []
    half: list[str] = []
    acknowledged: set[int] = set()
    asked: set[int] = set()
    reads = writes = 0
    for file in folder.glob("history-*"):
        lines = [line for line in file.read_text().splitlines() if line.endswith("]")]
        told = {(each[0], each[1]): each for each in map(json.loads, lines)}
        for (kind, _), each in told.items():
            if kind == "read":
                reads += 1
                _, _, pair, values, begin, end = each
                if values[0] != values[1]:
                    half.append(f"pair {pair} was read as {values}")
                events.append(Event("read", pair, values[0], begin, end))
            elif kind == "write":
                _, value, pair, begin = each
                end = told.get(("written", value), [0, 0, NEVER])[2]
                writes += end != NEVER
                events.append(Event("write", pair, value, begin, end))
            elif kind == "insert":
                asked.add(each[1])
            elif kind == "inserted":
                acknowledged.add(each[1])
    found = [row["id"] for row in client.query("rows", filter="id >= 0", output_fields=["id"])]
    total = client.query("rows", output_fields=["count(*)"])[0]["count(*)"]
    there = set(found)
    twice = [n for n in there if _copies(client, n) > 1] if total != len(there) else []
    return Outcome(
        reads=reads,
        writes=writes + len(acknowledged),
        stale=violations(events) + half + [f"row {n} came from nowhere" for n in there - asked],
        lost=sorted(acknowledged - there),
        twice=twice,
        takeovers=[],
        restarts=[],
    )


def _copies(client: Any, key: int) -> int:
    found = client.query("rows", filter=f"id == {key}", output_fields=["count(*)"])
    return int(found[0]["count(*)"])


def work(path: str, history: str, number: int, seed: int) -> None:
    """Read and write at random, until this process is ended, and write down what happened."""
    from aiomilvus import MilvusClient

    chance = random.Random(f"{seed} {number}")
    client = MilvusClient(path)
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    log = os.open(history, flags, 0o600)
    counter = os.open(history.replace("history-", "count-"), flags, 0o600)
    now = time.monotonic_ns

    def tell(*event: object) -> None:
        os.write(log, json.dumps(event).encode() + b"\n")

    for turn in range(1, MANY):
        pair, draw = chance.randrange(PAIRS), chance.random()
        value = number * MANY + turn
        if draw < 0.05:
            tell("insert", value)
            client.insert("rows", {"id": value, "vector": [0, 1]})
            tell("inserted", value)
        elif draw < 0.15:
            rows = [{"id": 2 * pair + k, "vector": [0, 1], "value": value} for k in range(2)]
            tell("write", value, pair, now())
            client.upsert("registers", rows)
            tell("written", value, now())
        else:
            begin = now()
            found = client.get("registers", [2 * pair, 2 * pair + 1], output_fields=["value"])
            tell("read", turn, pair, [row["value"] for row in found], begin, now())
            os.write(counter, b".")


def main() -> None:
    """Run what the command line asks for, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", nargs=4, help=argparse.SUPPRESS)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--reads", type=int, default=100_000)
    parser.add_argument("--successions", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    if given.work:
        path, history, number, seed = given.work
        work(path, history, int(number), int(seed))
        return
    folder = Path(tempfile.mkdtemp(prefix="consistency-"))
    try:
        outcome = run(
            folder / "run",
            processes=given.processes,
            reads=given.reads,
            successions=given.successions,
            seed=given.seed,
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    lines = [
        f"{outcome.reads} reads, {outcome.writes} writes by {given.processes} processes",
        f"{len(outcome.stale)} stale, {len(outcome.lost)} lost, {len(outcome.twice)} twice",
        *outcome.stale[:20],
    ]
    for seconds, what in (
        (outcome.takeovers, "successions"),
        (outcome.restarts, "deaths while nobody followed, until a process that was starting led"),
    ):
        if seconds:
            told = f"median {statistics.median(seconds):.2f} s, longest {max(seconds):.2f} s"
            lines.append(f"{len(seconds)} {what}: {told}")
    sys.stdout.write("\n".join(lines) + "\n")
    if outcome.stale or outcome.lost or outcome.twice:
        sys.exit(1)


if __name__ == "__main__":
    main()
