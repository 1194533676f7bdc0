"""Candidates for dense indexes on one corpus: build time, searches a second, recall, memory.

    python -m benchmarks.index_structures --corpus ../shared/data/wordnet-minilm
    python -m benchmarks.index_structures --rows 20000 --only faiss coded
    python -m benchmarks.index_structures --part filters

Some rows are held out of the corpus and serve as a second set of queries, so that no setting is
chosen for one set. Each candidate is searched at rising effort until it reaches the recall asked
for on the corpus' own queries; faiss' HNSW is measured again beside each, and "ratio" compares
CPU time of the two in the same minute. Candidates that are not installed are left out:
`scalable-vs` (svs) and `rabitqlib` are on PyPI.
"""

from __future__ import annotations

import argparse
import importlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.index.dense.faiss_library import faiss_library, selector_of, view_codes
from aiomilvus.engine.index.dense.quantized_graph import QuantizedGraph
from aiomilvus.engine.index.dense.selection import selection_of
from benchmarks import corpus

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Rows = NDArray[np.int64]

K = 10
# The stubs of faiss know neither its wrappers nor search parameters.
faiss: Any = faiss_library()
_KEPT: list[Any] = []
"""What faiss points into, and does not keep alive."""
EFFORTS = (20, 24, 28, 32, 36, 40, 44, 48, 56, 64, 80, 100, 128, 200)
Search = Callable[["Floats"], "Rows"]
"""float32 (1, dim) to int64 (K): one search."""


@dataclass(frozen=True)
class Data:
    """Vectors, and two sets of queries with their nearest rows, int64 (q, K)."""

    vectors: Floats
    queries: Floats
    truth: Rows
    held_out: Floats
    held_out_truth: Rows


@dataclass(frozen=True)
class Candidate:
    """A built index: `at(effort)` is its search, `extra` its bytes beyond the vectors."""

    name: str
    build_seconds: float
    extra: int
    at: Callable[[int], Search]


def load(folder: Path | None, rows: int, queries: int) -> Data:
    given = corpus.load(folder, rows, queries)
    chosen = np.random.default_rng(11).permutation(len(given.vectors))[:queries]
    kept = np.ones(len(given.vectors), np.bool_)
    kept[chosen] = False
    vectors = np.ascontiguousarray(given.vectors[kept])
    held_out = np.ascontiguousarray(given.vectors[chosen])
    return Data(
        vectors, given.queries, nearest(given.queries, vectors), held_out,
        nearest(held_out, vectors),
    )  # fmt: skip


def nearest(queries: Floats, vectors: Floats, allowed: NDArray[np.bool_] | None = None) -> Rows:
    scores = queries @ vectors.T
    if allowed is not None:
        scores[:, ~allowed] = -np.inf
    best: Rows = np.argpartition(-scores, K, axis=1)[:, :K].astype(np.int64)
    return best


def recall(found: list[Rows], truth: Rows) -> float:
    return sum(len(np.intersect1d(a, b)) for a, b in zip(found, truth, strict=True)) / truth.size


def measured(search: Search, queries: Floats, runs: int) -> tuple[float, list[Rows]]:
    """Return the least CPU microseconds per search of several runs, and the hits."""
    best, found = float("inf"), []
    for _ in range(runs):
        started = time.process_time()
        found = [search(queries[i : i + 1]) for i in range(len(queries))]
        best = min(best, time.process_time() - started)
    return best / len(queries) * 1e6, found


def graph(vectors: Floats, degree: int) -> tuple[Any, float]:
    """Build faiss' HNSW on all threads over bfloat16, then let it search the float32 vectors."""
    faiss.omp_set_num_threads(2)
    half = faiss.IndexScalarQuantizer(
        vectors.shape[1], faiss.ScalarQuantizer.QT_bf16, faiss.METRIC_INNER_PRODUCT
    )
    index = faiss.IndexHNSW(half, degree)
    index.own_fields = False
    index.is_trained = True
    index.hnsw.efConstruction = 200
    started = time.perf_counter()
    for start in range(0, len(vectors), 16384):
        index.add(vectors[start : start + 16384])
    seconds = time.perf_counter() - started
    flat = faiss.IndexFlatIP(vectors.shape[1])
    view_codes(flat, vectors)
    index.storage = flat
    faiss.omp_set_num_threads(1)
    _KEPT.append((half, flat, vectors))
    return index, seconds


def at_effort(index: Any) -> Callable[[int], Search]:
    def at(effort: int) -> Search:
        params = faiss.SearchParametersHNSW(efSearch=effort)
        return lambda query: index.search(query, K, params=params)[1][0]

    return at


def graph_bytes(index: Any) -> int:
    return int(index.hnsw.neighbors.size() * 4 + index.hnsw.offsets.size() * 8)


def faiss_candidates(data: Data, base: Any, seconds: float) -> list[Candidate]:
    """Return the same graph over several storages of faiss, and denser graphs."""
    made = [Candidate("faiss HNSW M 16, float32", seconds, graph_bytes(base), at_effort(base))]
    for degree in (24, 32):
        index, took = graph(data.vectors, degree)
        name = f"faiss HNSW M {degree}, float32"
        made.append(Candidate(name, took, graph_bytes(index), at_effort(index)))
    for kind in ("QT_fp16", "QT_bf16", "QT_8bit", "QT_8bit_uniform", "QT_6bit"):
        quantizer = faiss.IndexScalarQuantizer(
            data.vectors.shape[1], getattr(faiss.ScalarQuantizer, kind), faiss.METRIC_INNER_PRODUCT
        )
        quantizer.train(data.vectors[:50_000])
        quantizer.add(data.vectors)
        index = faiss.IndexHNSW(quantizer, 16)
        index.own_fields = False
        index.hnsw = base.hnsw
        index.ntotal = base.ntotal
        index.is_trained = True
        _KEPT.append(quantizer)
        extra = graph_bytes(base) + quantizer.code_size * len(data.vectors)
        made.append(Candidate(f"faiss HNSW M 16, {kind}", seconds, extra, at_effort(index)))
    return made


def coded_candidates(data: Data, base: Any, seconds: float) -> list[Candidate]:
    return [coded_candidate(data, base, seconds, bits) for bits in (8, 4)]


def coded_candidate(data: Data, base: Any, seconds: float, bits: int) -> Candidate:
    kernels = importlib.import_module("aiomilvus.engine.index.dense.kernel_access").kernels()
    started = time.perf_counter()
    coded = QuantizedGraph(kernels, base, data.vectors, "IP", bits)
    print(f"{bits}-bit codes made in {time.perf_counter() - started:.2f} s", flush=True)

    def at(effort: int) -> Search:
        return lambda query: coded.search(query, K, effort).rows[0]

    name = f"faiss HNSW M 16, {bits}-bit codes, compiled"
    return Candidate(name, seconds, coded.nbytes + graph_bytes(base), at)


def svs_candidates(data: Data, _base: Any, _seconds: float) -> list[Candidate]:
    svs = importlib.import_module("svs")
    parameters = svs.VamanaBuildParameters(alpha=0.95, graph_max_degree=32, window_size=100)
    started = time.perf_counter()
    index = svs.Vamana.build(parameters, data.vectors, svs.MIP, num_threads=2)
    seconds = time.perf_counter() - started
    index.num_threads = 1

    def at(effort: int) -> Search:
        def search(query: Floats) -> Rows:
            index.search_window_size = effort
            found: Rows = index.search(query, K)[0][0].astype(np.int64)
            return found

        return search

    extra = data.vectors.nbytes + len(data.vectors) * 33 * 4
    return [Candidate("SVS Vamana 32, float32", seconds, extra, at)]


def rabitq_candidates(data: Data, _base: Any, _seconds: float) -> list[Candidate]:
    rabitqlib = importlib.import_module("rabitqlib")
    index = rabitqlib.SymqgIndex(data.vectors.shape[1], 32, "ip", 8)
    started = time.perf_counter()
    index.build(data.vectors, 200, num_threads=2)
    seconds = time.perf_counter() - started

    def at(effort: int) -> Search:
        return lambda query: index.search(query, K, effort)[0][0].astype(np.int64)

    dim = data.vectors.shape[1]
    extra = len(data.vectors) * (dim + 32 * (dim // 8 + 12))
    return [Candidate("SymphonyQG 32, 8 bit", seconds, extra, at)]


FAMILIES: dict[str, tuple[str, Callable[[Data, Any, float], list[Candidate]]]] = {
    "faiss": ("faiss", faiss_candidates),
    "coded": ("numba", coded_candidates),
    "svs": ("svs", svs_candidates),
    "rabitq": ("rabitqlib", rabitq_candidates),
}


def lowest_effort(candidate: Candidate, data: Data, wanted: float) -> int | None:
    for effort in EFFORTS:
        search = candidate.at(effort)
        found = [search(data.queries[i : i + 1]) for i in range(len(data.queries))]
        if recall(found, data.truth) >= wanted:
            return effort
    return None


def compare(data: Data, only: list[str], wanted: float, runs: int) -> None:
    base, seconds = graph(data.vectors, 16)
    baseline = Candidate("", seconds, 0, at_effort(base))
    effort = lowest_effort(baseline, data, wanted) or EFFORTS[-1]
    beside = baseline.at(effort)
    print("| structure | build, s | effort | recall | held out | µs | ratio | extra |")
    print("|---|---|---|---|---|---|---|---|")
    for family in only:
        module, make = FAMILIES[family]
        if find_spec(module) is None:
            continue
        for candidate in make(data, base, seconds):
            row(candidate, data, wanted, runs, beside)


def row(candidate: Candidate, data: Data, wanted: float, runs: int, beside: Search) -> None:
    effort = lowest_effort(candidate, data, wanted)
    if effort is None:
        print(f"| {candidate.name} | {candidate.build_seconds:.0f} | below recall | | | | | |")
        return
    search = candidate.at(effort)
    micros, base = float("inf"), float("inf")
    found: list[Rows] = []
    for _ in range(runs):  # interleaved, since other work on the machine comes and goes
        base = min(base, measured(beside, data.queries, 1)[0])
        took, found = measured(search, data.queries, 1)
        micros = min(micros, took)
    _, others = measured(search, data.held_out, 1)
    print(
        f"| {candidate.name} | {candidate.build_seconds:.0f} | {effort} "
        f"| {recall(found, data.truth):.4f} | {recall(others, data.held_out_truth):.4f} "
        f"| {micros:.0f} | {base / micros:.2f} | {candidate.extra / data.vectors.nbytes:.2f} |",
        flush=True,
    )


def masks(data: Data) -> dict[str, NDArray[np.bool_]]:
    """Return filters that have nothing to do with the queries, and such that have."""
    rng = np.random.default_rng(5)
    near = data.vectors @ data.vectors[7]
    far = data.vectors @ data.queries.mean(0)
    made = {
        f"{share:.1%} at random": rng.random(len(near)) < share
        for share in (0.003, 0.01, 0.05, 0.1, 0.3, 0.7, 0.95)
    }
    for share in (0.05, 0.3):
        made[f"{share:.0%} around one row"] = near > np.quantile(near, 1 - share)
        made[f"{share:.0%} far from the queries"] = far < np.quantile(far, share)
    return made


def filters(data: Data, runs: int) -> None:
    base, _ = graph(data.vectors, 16)
    kernels = importlib.import_module("aiomilvus.engine.index.dense.kernel_access").kernels()
    coded = QuantizedGraph(kernels, base, data.vectors, "IP", bits=4)
    queries = data.queries[:200]
    names = ("product", "subset", "flat", "ef 64", "ef 256", "coded 64")
    print("µs and recall@10 under filters\n")
    print("| rows | " + " | ".join(names) + " |\n" + "|---" * (len(names) + 1) + "|")
    for name, mask in masks(data).items():
        truth = nearest(queries, data.vectors, mask)
        cells = []
        for search in filtered(data, base, coded, mask):
            micros, found = measured(search, queries, runs)
            cells.append(f"{micros:.0f} / {recall(found, truth):.3f}")
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def filtered(data: Data, base: Any, coded: QuantizedGraph, mask: NDArray[np.bool_]) -> list[Search]:
    """Return ways to search the rows of a mask, in the order of the table's columns."""
    rows = np.flatnonzero(mask)
    selector, bits = selector_of(mask)
    _KEPT.append((selector, bits))
    flat = faiss.downcast_index(base.storage)
    flat_params = faiss.SearchParameters(sel=selector)

    def best(scores: Floats) -> Rows:
        taken: Rows = rows[np.argpartition(-scores, K)[:K]]
        return taken

    selection = selection_of(mask)

    def subset(query: Floats) -> Rows:
        scores = np.empty((1, len(rows)), np.float32)
        flat.compute_distance_subset(
            1, faiss.swig_ptr(query), len(rows), faiss.swig_ptr(scores), faiss.swig_ptr(rows)
        )
        return best(scores[0])

    def selected(effort: int) -> Search:
        params = faiss.SearchParametersHNSW(efSearch=effort, sel=selector)
        return lambda query: base.search(query, K, params=params)[1][0]

    return [
        lambda query: best(data.vectors[rows] @ query[0]),
        subset,
        lambda query: flat.search(query, K, params=flat_params)[1][0],
        selected(64),
        selected(256),
        lambda query: coded.search(query, K, 64, selection).rows[0],
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--corpus", type=Path, default=None, help="folder; generated if absent")
    parser.add_argument("--rows", type=int, default=0, help="use so many rows only")
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--recall", type=float, default=0.95)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", nargs="*", choices=list(FAMILIES), default=list(FAMILIES))
    parser.add_argument("--part", choices=["structures", "filters"], default="structures")
    given = parser.parse_args()
    data = load(given.corpus, given.rows, given.queries)
    print(f"{len(data.vectors)} x {data.vectors.shape[1]}, inner product\n")
    if given.part == "filters":
        filters(data, given.runs)
    else:
        compare(data, given.only, given.recall, given.runs)


if __name__ == "__main__":
    main()
