"""How long graphs take to build, and what searches of them find: ours, and faiss' own.

    python -m benchmarks graph_build --corpus ../shared/data/wordnet-minilm
    python -m benchmarks graph_build --rows 12000

A corpus is built once by each builder; without one, so are made data of several shapes, most of
them unkind to graphs. "index" is what a segment gets; "half" is faiss' graph over bfloat16 copies,
which a segment gets where the first does not suit; "faiss" is `IndexHNSWFlat`, called directly. All
have M 16 and efConstruction 200, by L2. Recall@10 counts hits as near as the tenth nearest row;
behind it is how many rows a search compares.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.index.contract import UNLIMITED, BuildBudget
from aiomilvus.engine.index.dense import building
from aiomilvus.engine.index.dense.faiss_library import faiss_library
from aiomilvus.engine.index.graph_build.kernel_access import kernels
from aiomilvus.model.columns import VectorColumn
from benchmarks.corpus import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Builder = Callable[[Floats, int], tuple[Any, object]]

faiss = faiss_library()
M, EF_CONSTRUCTION = 16, 200
PARAMS = {"M": M, "efConstruction": EF_CONSTRUCTION}
EFS = (16, 44, 64, 128, 512)
K = 10
QUERIES = 300


def by_index(values: Floats, threads: int) -> tuple[Any, object]:
    """Return the graph of a segment's index, and what keeps its vectors alive."""
    index = building.build_faiss(
        VectorColumn(values), "L2", "HNSW", PARAMS, BuildBudget(threads), default=64
    )
    return index._index, index  # noqa: SLF001 - what it searches


def by_half(values: Floats, threads: int) -> tuple[Any, object]:
    """Return the graph that faiss builds over narrow copies."""
    kept: dict[str, NDArray[Any]] = {}
    graph = building._graph(values, "L2", PARAMS, BuildBudget(threads), unit=False)  # noqa: SLF001
    building._put_over_vectors(graph, values, "L2", kept, unit=False)  # noqa: SLF001
    return graph, kept


def by_faiss(values: Floats, _: int) -> tuple[Any, object]:
    """Return faiss' own graph."""
    index = faiss.IndexHNSWFlat(values.shape[1], M)
    index.hnsw.efConstruction = EF_CONSTRUCTION
    index.add(values)
    return index, None


BUILDERS: dict[str, Builder] = {"index": by_index, "half": by_half, "faiss": by_faiss}


def made(rows: int) -> Iterator[tuple[str, Floats, Floats]]:
    """Yield names, rows and queries of made data."""
    random = np.random.default_rng(1)

    def normal(*shape: int) -> Floats:
        return random.standard_normal(shape).astype(np.float32)

    def split(name: str, whole: Floats) -> tuple[str, Floats, Floats]:
        return name, np.ascontiguousarray(whole[QUERIES:]), np.ascontiguousarray(whole[:QUERIES])

    count = rows + QUERIES
    centres, directions = 10 * normal(300, 128), normal(12, 256)
    near = centres[random.integers(300, size=count)] + 0.3 * normal(count, 128)
    flat = normal(count, 12) @ directions + 0.1 * normal(count, 256)
    for times in (2, 10, 50):
        copies = np.repeat(normal(rows // times, 64), times, axis=0)
        yield (
            f"{times} copies of each",
            copies[random.permutation(len(copies))],
            normal(QUERIES, 64),
        )
    yield split("300 clusters far apart", near)
    yield split("lengths of heavy tails", normal(count, 64) * np.exp(1.5 * normal(count, 1)))
    yield split("4 dimensions", normal(count, 4))
    yield split("16 dimensions", normal(count, 16))
    yield split("96 dimensions", normal(count, 96))
    yield split("far from the origin", normal(count, 48) + 100)
    yield split("near 12 of 256 dimensions", flat)
    yield "queries from elsewhere", flat[QUERIES:], 3 * normal(QUERIES, 256)
    yield split("few whole numbers", random.integers(0, 3, (count, 16)).astype(np.float32))


def measure(name: str, values: Floats, queries: Floats, threads: int) -> None:
    """Print a line for each builder."""
    exact = faiss.IndexFlatL2(values.shape[1])
    exact.add(values)
    limit = exact.search(queries, K)[0][:, -1:] * (1 + 1e-5) + 1e-5
    print(f"\n{name}: {len(values):,} x {values.shape[1]}")
    for builder, build in BUILDERS.items():
        wall, cpu = time.perf_counter(), time.process_time()
        graph, _kept = build(values, threads)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        told = []
        for ef in EFS:
            graph.hnsw.efSearch = ef
            faiss.cvar.hnsw_stats.reset()
            scores, rows = graph.search(queries, K)
            found = float(((scores <= limit) & (rows >= 0)).mean())
            told.append(f"{ef}: {found:.4f} {faiss.cvar.hnsw_stats.ndis // len(queries):5d}")
        print(f"  {builder:6} {wall:6.1f} s, {cpu:6.1f} s of processors | {' | '.join(told)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--rows", type=int, default=0, help="0: all of a corpus, 12,000 made ones")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    faiss.omp_set_num_threads(options.threads)
    if kernels(600.0, UNLIMITED) is None:
        print("no kernels here: a segment gets the graph of faiss")
    if options.corpus:
        corpus = load(options.corpus, options.rows, 1_000)
        measure(corpus.name, corpus.vectors, corpus.queries, options.threads)
        return
    for name, values, queries in made(options.rows or 12_000):
        measure(name, values, queries, options.threads)


if __name__ == "__main__":
    main()
