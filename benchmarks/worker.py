"""Measure one engine in a process of its own, so that its memory is its own.

    python -m benchmarks.worker ENGINE [--index HNSW|AUTOINDEX] [--ef 64] …

Prints one line of JSON with the figures; `benchmarks.compare` makes tables of them.
"""

from __future__ import annotations

import argparse
import importlib
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.corpus import Corpus, load, recall
from benchmarks.engines.base import BaseEngine, Skip

if TYPE_CHECKING:
    from collections.abc import Callable

K = 10
TASKS = 32


def rates(call: Callable[[], int], runs: int) -> dict[str, float]:
    """Run `call` (which returns how many operations it did) and return operations a second."""
    call()
    found = []
    for _ in range(runs):
        started = time.perf_counter()
        done = call()
        found.append(done / (time.perf_counter() - started))
    return {"median": statistics.median(found), "low": min(found), "high": max(found)}


def searches(engine: BaseEngine, corpus: Corpus, condition: str, runs: int) -> dict[str, Any]:
    """Measure one-at-a-time searches under a condition, and their recall."""
    truth = corpus.truth(condition, K)
    each = getattr(engine, "search_each", None)
    found: list[list[int]] = []

    def run() -> int:
        nonlocal found
        if each is not None:
            found = each(corpus.queries, K, condition)
        else:
            found = [engine.search(query, K, condition) for query in corpus.queries]
        return len(found)

    return {**rates(run, runs), "recall": recall(found, truth)}


def concurrent(engine: BaseEngine, corpus: Corpus, runs: int) -> dict[str, Any]:
    """Measure searches with 32 under way at once."""
    found: list[list[int]] = []

    def run() -> int:
        nonlocal found
        found = engine.search_many(corpus.queries, K, TASKS)
        return len(found)

    return {**rates(run, runs), "recall": recall(found, corpus.truth("", K))}


def gets(engine: BaseEngine, corpus: Corpus, runs: int) -> dict[str, float]:
    """Measure reads of two keys."""
    batches = [[i, (i * 7919) % len(corpus.vectors)] for i in range(1, 500)]
    each = getattr(engine, "get_each", None)
    if engine.get(batches[0]) != 2:
        raise Skip

    def run() -> int:
        if each is not None:
            each(batches)
        else:
            for keys in batches:
                engine.get(keys)
        return len(batches)

    return rates(run, runs)


def counts(engine: BaseEngine, corpus: Corpus, runs: int) -> dict[str, float]:
    """Measure counting the rows that a filter lets through."""
    each = getattr(engine, "count_each", None)
    expected = int(corpus.allowed("pos").sum())
    if engine.count() != expected:
        message = f"count: {engine.count()} instead of {expected}"
        raise AssertionError(message)

    def run() -> int:
        if each is not None:
            each(50)
        else:
            for _ in range(50):
                engine.count()
        return 50

    return rates(run, runs)


def start_peak() -> float:
    """Forget the peak so far (what reading the corpus took); return the megabytes in use."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return _status("VmRSS")


def peak_megabytes() -> float:
    """Return the process' largest resident set since `start_peak`."""
    return _status("VmHWM")


def _status(name: str) -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024


def size_of(folder: Path) -> float:
    """Return the megabytes of all files below a folder."""
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) / 2**20


def measure(engine: BaseEngine, corpus: Corpus, runs: int, folder: Path) -> dict[str, Any]:
    """Take every figure that the engine offers."""
    figures: dict[str, Any] = {"raw_megabytes": corpus.vectors.nbytes / 2**20}
    before = start_peak()
    started = time.perf_counter()
    engine.ingest(corpus)
    taken = time.perf_counter() - started
    figures["ingest_rows_per_second"] = len(corpus.vectors) / taken if engine.stores else None
    started = time.perf_counter()
    engine.build()
    figures["build_seconds"] = time.perf_counter() - started
    figures["peak_megabytes_over_start"] = peak_megabytes() - before
    figures["disk_megabytes"] = size_of(folder)
    steps: dict[str, Callable[[], Any]] = {
        "one": lambda: searches(engine, corpus, "", runs),
        "many": lambda: concurrent(engine, corpus, runs),
        "lexfile": lambda: searches(engine, corpus, "lexfile", runs),
        "pos": lambda: searches(engine, corpus, "pos", runs),
        "get": lambda: gets(engine, corpus, runs),
        "count": lambda: counts(engine, corpus, runs),
        "open_seconds": lambda: opening(engine, corpus),
    }
    for name, step in steps.items():
        try:
            figures[name] = step()
        except Skip:
            figures[name] = None
    return figures


def opening(engine: BaseEngine, corpus: Corpus) -> float:
    """Return the seconds from opening the existing database to a first answer."""
    started = time.perf_counter()
    engine.reopen()
    engine.search(corpus.queries[0], K, "")
    return time.perf_counter() - started


def main() -> None:
    """Measure the engine named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engine")
    parser.add_argument("--index", default="HNSW")
    parser.add_argument("--ef", type=int, default=64)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--rows", type=int, default=0)
    parser.add_argument("--queries", type=int, default=1_000)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    corpus = load(given.corpus, given.rows, given.queries)
    module = importlib.import_module(f"benchmarks.engines.{given.engine}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        engine = module.Engine(folder, index=given.index, ef=given.ef, threads=given.threads)
        figures = measure(engine, corpus, given.runs, folder)
        engine.close()
    print(json.dumps({"name": engine.name, "index": given.index, "ef": given.ef, **figures}))


if __name__ == "__main__":
    main()
