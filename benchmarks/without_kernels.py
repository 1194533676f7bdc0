"""What a search costs where nothing can be compiled, beside faiss' own HNSW called directly.

    python -m benchmarks without_kernels --corpus ../shared/data/wordnet-minilm
    python -m benchmarks without_kernels --rows 20000 --kernels

Both answer the same queries, one at a time, with M 16, efConstruction 200 and the same ef: ours by
`await client.search`, faiss by a call. Rounds of both take turns in one process. Told is processor
time, with that of all threads, so that what else the machine does matters little: µs a search, the
median of the rounds and their range, recall@10, and the median of the rounds' ratios. `--kernels`
compiles them first, as a database does by itself.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from aiomilvus.engine.index.dense.kernel_access import KERNELS
from aiomilvus.engine.index.kernels.loader import state
from benchmarks.corpus import load, recall
from benchmarks.engines import faiss_raw, ourselves

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.corpus import Corpus

    Search = Callable[[], list[list[int]]]

K = 10
WAYS = ("faiss HNSW", "aiomilvus HNSW")


def processor_time(search: Search, queries: int) -> tuple[float, list[list[int]]]:
    """Return the µs of processors that a search takes, and what was found."""
    began = time.process_time()
    found = search()
    return (time.process_time() - began) / queries * 1e6, found


def compare(searches: dict[str, Search], corpus: Corpus, rounds: int) -> None:
    """Print a row for each way to search, and the ratio."""
    truth, taken = corpus.truth("", K), {name: [0.0] for name in searches}
    found = {name: search() for name, search in searches.items()}
    for _ in range(rounds):
        for name, search in searches.items():
            micros, found[name] = processor_time(search, len(corpus.queries))
            taken[name].append(micros)
    print("| | µs a search | recall@10 |\n|---|---|---|")
    for name in searches:
        figures = taken[name][1:]
        spread = f"{statistics.median(figures):.0f} ({min(figures):.0f}–{max(figures):.0f})"
        print(f"| {name} | {spread} | {recall(found[name], truth):.3f} |")
    pairs = zip(*(taken[name][1:] for name in WAYS), strict=True)
    ratio = statistics.median(raw / ours for raw, ours in pairs)
    print(f"\nSearches for the same processor time, ours ÷ faiss': {ratio:.2f}")


def main() -> None:
    """Build both graphs and compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--rows", type=int, default=0, help="0: all of a corpus, 100,000 made ones")
    parser.add_argument("--queries", type=int, default=500)
    parser.add_argument("--ef", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1, help="of the builds")
    parser.add_argument("--kernels", action="store_true", help="with kernels after all")
    given = parser.parse_args()
    if given.kernels:
        subprocess.run([sys.executable, "-m", "aiomilvus", "kernels"], check=True)
    else:
        os.environ["NUMBA_DISABLE_JIT"] = "1"  # which the engine respects
    print(f"kernels: {state(KERNELS)}")
    corpus = load(given.corpus, given.rows, given.queries)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        raw = faiss_raw.Engine(place, index="HNSW", ef=given.ef, threads=given.threads)
        ours = ourselves.Engine(place, index="HNSW", ef=given.ef, threads=given.threads)
        for engine in (raw, ours):
            engine.ingest(corpus)
            engine.build()
        ours.reopen()  # ends the work that was begun beside the load
        searches: dict[str, Search] = {
            WAYS[0]: lambda: [raw.search(query, K, "") for query in corpus.queries],
            WAYS[1]: lambda: ours.search_each(corpus.queries, K, ""),
        }
        rows, width = corpus.vectors.shape
        print(f"{corpus.name}: {rows:,} × {width}, ef {given.ef}\n")
        compare(searches, corpus, given.rounds)
        ours.close()


if __name__ == "__main__":
    main()
