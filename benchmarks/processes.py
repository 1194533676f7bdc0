"""Several processes on one directory: what following costs, and what a second process brings.

    python -m benchmarks processes [--rows 20000] [--dim 128] [--seconds 2] [--engines aiomilvus,…]

For each engine that is installed: searches for ten of the nearest, one at a time, and single
inserts, in the process that filled the directory and in another one, the least of several short
runs that they take in turn, so that whatever else the machine does meets both alike; searches a
second of one and of two processes; and whether each process sees at once what the other one wrote.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING

from benchmarks.sharers import SHARERS, Sharer, unit_vectors

if TYPE_CHECKING:
    from collections.abc import Callable


WHATS = ("search", "filtered", "insert")
_WARM = 20
_ROUNDS = 5
_LONGEST = 100
_PRODUCTS = "OPENBLAS_NUM_THREADS"
"""One thread for numpy's products: two processes measure what they do, not how they wait."""
_OURS, _THEIRS = 2**40, 2**41
"""Keys that one process writes and the other one looks for."""


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--dim", type=int, default=128)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--engines", default=",".join(SHARERS))
    parser.add_argument("--work", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        name, folder = given.work
        _work(name, Path(folder), given.dim)
        return
    for name in given.engines.split(","):
        try:
            with tempfile.TemporaryDirectory() as folder:
                _compare(name, Path(folder), given)
        except Exception as error:  # noqa: BLE001 - not installed, say; the others are measured
            print(f"\n{name} can't be measured here: {error!r}", flush=True)


def _compare(name: str, folder: Path, given: argparse.Namespace) -> None:
    own = SHARERS[name](folder)
    own.fill(unit_vectors(given.rows, given.dim, 1))
    print(f"\n**{name}**\n\n| µs | in the first process | in a second one |\n|---|---|---|")
    other = Other(name, folder, given)
    for what in WHATS:
        mine = partial(_told, partial(_measured, own, what, given.dim, given.seconds / _ROUNDS, 0))
        theirs = partial(other.do, f"{what} {given.seconds / _ROUNDS}")
        runs = [(mine(), theirs()) for _ in range(_ROUNDS)]
        print(f"| {what} | {' | '.join(map(_least, zip(*runs, strict=True)))} |", flush=True)
    fresh = [_told(partial(_sees, own, other)), _told(partial(_is_seen, own, other, given.dim))]
    print(f"\nThe second process' write is seen: {fresh[0]}; the first one's: {fresh[1]}\n")
    other.end()
    print("| searches a second | one process | two processes |\n|---|---|---|")
    for what in WHATS[:2]:
        print(f"| {what} | {' | '.join(_scaled(name, folder, given, what))} |", flush=True)


def _least(runs: tuple[str, ...]) -> str:
    """Return the least of several figures, or what a run told instead of one."""
    return min(runs, key=lambda told: float(told) if _is_figure(told) else -1.0)


def _is_figure(told: str) -> bool:
    return told.replace(".", "").isdigit()


def _scaled(name: str, folder: Path, given: argparse.Namespace, what: str) -> tuple[str, str]:
    """Return how often a second one process, and two at once, search."""
    others = [Other(name, folder, given) for _ in range(2)]
    work = f"{what} {given.seconds}"
    alone = others[0].do(work)
    for each in others:
        each.ask(work)
    both = [each.answer() for each in others]
    for each in others:
        each.end()
    try:
        one, two = 1e6 / float(alone), sum(1e6 / float(each) for each in both)
    except ValueError:
        return alone, next((each for each in both if not _is_figure(each)), "")
    return f"{one:,.0f}", f"{two:,.0f} ({two / one:.2f}×)"


def _measured(engine: Sharer, what: str, dim: int, seconds: float, first: int) -> str:
    """Return the microseconds that a thing takes, one after the other.

    Args:
        engine: What does it.
        what: One of `WHATS`.
        dim: Dimensions.
        seconds: How long to do it.
        first: Added to the keys of inserts, so that two processes have keys of their own.
    """
    # What is inserted is near no query: rows that are equally near take another way.
    vectors = unit_vectors(1000, dim, 2 if what != "insert" else 5 + bool(first))
    is_filtered = what == "filtered"
    if what != "insert":
        engine.warm_up(vectors[0])
        for vector in vectors[:_WARM]:
            engine.search(vector, filtered=is_filtered)
    count, keys = 0, (time.time_ns() >> 10) + first
    began = time.perf_counter()
    while time.perf_counter() < began + seconds:
        vector = vectors[count % len(vectors)]
        if what == "insert":
            engine.insert(keys + count, vector)
        else:
            engine.search(vector, filtered=is_filtered)
        count += 1
    return f"{1e6 * (time.perf_counter() - began) / count:.1f}"


def _told(work: Callable[[], object]) -> str:
    """Return what some work returns, or the error that it ends in."""
    try:
        return str(work())
    except Exception as error:  # noqa: BLE001 - what a peer can't do is part of the table
        return " ".join(f"{type(error).__name__}: {error}".split())[:_LONGEST]


def _sees(own: Sharer, other: Other) -> bool | str:
    wrote = other.do(f"write {_THEIRS}")
    return own.has(_THEIRS) if wrote == "None" else wrote


def _is_seen(own: Sharer, other: Other, dim: int) -> str:
    own.insert(_OURS, unit_vectors(1, dim, 3)[0])
    return other.do(f"has {_OURS}")


class Other:
    """A process beside this one that has the directory open, or says why it has not."""

    def __init__(self, name: str, folder: Path, given: argparse.Namespace) -> None:
        command = [sys.executable, "-m", "benchmarks.processes", "--work", name, str(folder)]
        command += ["--dim", str(given.dim)]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, text=True, env={_PRODUCTS: "1", **os.environ}
        )
        self.answer()

    def ask(self, what: str) -> None:
        stream = piped(self._process.stdin)
        stream.write(what + "\n")
        stream.flush()

    def answer(self) -> str:
        for line in piped(self._process.stdout):
            if line.startswith("{"):
                return str(json.loads(line)["told"])
        return "the process has ended"

    def do(self, what: str) -> str:
        if self._process.poll() is not None:
            return "the process has ended"
        self.ask(what)
        return self.answer()

    def end(self) -> None:
        self._process.communicate()


def piped(stream: IO[str] | None) -> IO[str]:
    """Return a pipe of a process, which was started with one."""
    if stream is None:
        message = "a process was started without pipes"
        raise RuntimeError(message)
    return stream


def _work(name: str, folder: Path, dim: int) -> None:
    """Do what the first process asks for, a line at a time."""
    opened: list[Sharer] = []
    failure = _told(lambda: opened.append(SHARERS[name](folder)))
    _tell(failure)
    vector = unit_vectors(1, dim, 4)[0]
    for line in sys.stdin:
        what, *rest = line.split()
        if not opened:
            _tell(failure)
        elif what == "has":
            _tell(_told(partial(opened[0].has, int(rest[0]))))
        elif what == "write":
            _tell(_told(partial(opened[0].insert, int(rest[0]), vector)))
        else:
            seconds = float(rest[0])
            _tell(_told(partial(_measured, opened[0], what, dim, seconds, 1 << 50)))


def _tell(told: str) -> None:
    print(json.dumps({"told": told}), flush=True)


if __name__ == "__main__":
    main()
