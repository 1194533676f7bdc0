"""What graphs find in data of many shapes, real and hostile, beside faiss' own graph.

    python -m benchmarks shapes --corpus ../shared/data/wordnet-minilm
    python -m benchmarks shapes --rows 20000 --only "heavy tails" "10 copies"

For each data set there is a line: recall@10 of HNSW (M 16, efConstruction 200) at several ef, ours
and after a stroke that of `faiss.IndexHNSWFlat` at the same ef; then what AUTOINDEX finds when
nothing is said, what it thinks that it finds, its µs a search, and how many times as long faiss'
graph takes at the least ef that finds .95 (none where ef 512 does not). What faiss' graph finds is
the mean of three, with other levels: of one data set, they differ by up to .01. A hit counts if it
is as near as the tenth nearest row. Searches come one at a time, in one thread; times are of
processors.

Real data are a corpus, where one is given, the names of Unicode's characters and the lines of
Python's library as trigrams, and scikit-learn's digits, where that is installed. Missed is what
finds less than faiss by over .002, less than .95 of data with copies, or by AUTOINDEX.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from aiomilvus.engine.catalog.records import IndexSpec
from aiomilvus.engine.index.contract import UNLIMITED
from aiomilvus.engine.index.dense.faiss_index import FaissIndex
from aiomilvus.engine.index.dense.faiss_library import faiss_library
from aiomilvus.engine.index.dense.kernel_access import kernels
from aiomilvus.engine.index.dense.vectors import LARGER_IS_CLOSER, as_floats, normalized
from aiomilvus.engine.index.graph_build.kernel_access import kernels as build_kernels
from aiomilvus.engine.index.registry import build_index, check_index, exact_index
from aiomilvus.model.columns import VectorColumn
from aiomilvus.model.schema import Field
from aiomilvus.model.types import DataType
from benchmarks import corpus
from benchmarks.packaged_data import packaged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from aiomilvus.engine.index.contract import VectorIndex

    Floats = NDArray[np.float32]

faiss = faiss_library()
K = 10
EFS = (44, 64, 128, 512)
LADDER = (16, 24, 32, 40, 44, 52, 64, 80, 96, 128, 192, 256, 384, 512)
M, EF_CONSTRUCTION = 16, 200
SEEDS = (12_345, 1, 2)
SHORTFALL = 0.002
ENOUGH = 0.95
SAME = 1e-5
BYTE = 8


class Shape(NamedTuple):
    """Rows and queries, as columns have them."""

    name: str
    dtype: DataType
    metric: str
    rows: NDArray[Any]
    queries: NDArray[Any]
    has_copies: bool = False

    @property
    def field(self) -> Field:
        """The field that has such rows."""
        width = self.rows.shape[1] * (BYTE if self.dtype is DataType.BINARY_VECTOR else 1)
        return Field(name="vector", id=1, dtype=self.dtype, dim=width)


def made(rows: int, asked: int) -> Iterator[Shape]:
    """Yield made data, most of it unkind to graphs."""
    random = np.random.default_rng(1)
    count = rows + asked

    def normal(*shape: int) -> Floats:
        return random.standard_normal(shape).astype(np.float32)

    def split(name: str, whole: NDArray[Any], dtype: DataType = DataType.FLOAT_VECTOR) -> Shape:
        metric = "HAMMING" if dtype is DataType.BINARY_VECTOR else "L2"
        return Shape(name, dtype, metric, whole[asked:], whole[:asked])

    for times in (10, 50):
        copies = np.repeat(normal(rows // times, 64), times, axis=0)
        shuffled = copies[random.permutation(len(copies))]
        yield Shape(
            f"{times} copies of each", DataType.FLOAT_VECTOR, "L2", shuffled, normal(asked, 64),
            has_copies=True,
        )  # fmt: skip
    repeated = normal(rows, 64)
    repeated[random.random(rows) < 0.1] = repeated[0]
    repeated = repeated[random.permutation(rows)]
    yield Shape(
        "a tenth is one vector", DataType.FLOAT_VECTOR, "COSINE", repeated, normal(asked, 64),
        has_copies=True,
    )  # fmt: skip
    centres, directions = 10 * normal(300, 128), normal(12, 256)
    yield split(
        "tight clusters", centres[random.integers(300, size=count)] + 0.3 * normal(count, 128)
    )
    yield split("heavy tails", normal(count, 64) * np.exp(1.5 * normal(count, 1)))
    flat = normal(count, 12) @ directions + 0.1 * normal(count, 256)
    yield Shape(
        "queries from elsewhere", DataType.FLOAT_VECTOR, "L2", flat[asked:], 3 * normal(asked, 256)
    )
    yield split("2 dimensions", normal(count, 2))
    wide = normal(count, 24) @ normal(24, 1_536) + normal(count, 1_536)
    yield split("1,536 dimensions", wide)
    middle = normal(count, 16) @ normal(16, 96) + 0.5 * normal(count, 96)
    yield split("float16", middle.astype(np.float16), DataType.FLOAT16_VECTOR)
    bits = (middle.view(np.uint32) >> 16).astype(np.uint16)
    yield split("bfloat16", bits, DataType.BFLOAT16_VECTOR)
    yield split("int8", np.clip(8 * middle, -127, 127).astype(np.int8), DataType.INT8_VECTOR)
    yield split("binary", np.packbits(middle > 0, axis=1), DataType.BINARY_VECTOR)


def real(folder: Path | None, rows: int, asked: int) -> Iterator[Shape]:
    """Yield data that somebody had a use for."""
    if folder is not None:
        given = corpus.load(folder, rows, asked)
        yield Shape(given.name, DataType.FLOAT_VECTOR, "IP", given.vectors, given.queries)
    for name, vectors in packaged(rows + asked):
        few = min(asked, len(vectors) // 10)
        yield Shape(
            name, DataType.FLOAT_VECTOR, "COSINE", np.ascontiguousarray(vectors[few:]),
            vectors[:few],
        )  # fmt: skip


class Truth:
    """How near the nearest rows of each query are."""

    def __init__(self, shape: Shape) -> None:
        exact = exact_index(shape.field, VectorColumn(shape.rows), shape.metric)
        # One by one: scored together, they are rounded more than neighbours in a cluster differ.
        each = [VectorColumn(shape.queries[at : at + 1]) for at in range(len(shape.queries))]
        scores = np.concatenate([exact.search(query, K, {}, None).scores for query in each])
        self._sign = -1.0 if shape.metric in LARGER_IS_CLOSER else 1.0
        limits = self._sign * scores
        self._limits = limits[:, -1:] + SAME * np.abs(limits).max(axis=1, keepdims=True)

    def recall(self, scores: NDArray[np.float32], rows: NDArray[np.int64]) -> float:
        """Return the share of the nearest rows that was found."""
        return float(((rows >= 0) & (self._sign * scores <= self._limits)).mean())


def ours(shape: Shape, kind: str) -> VectorIndex:
    """Return the index of a segment with such rows, with codes if it takes any."""
    given = {"index_type": kind, "metric_type": shape.metric}
    if kind == "HNSW":
        given |= {"M": str(M), "efConstruction": str(EF_CONSTRUCTION)}
    params = check_index(shape.field, given)
    spec = IndexSpec(id=1, name="vector", field="vector", params=params)
    column = VectorColumn(shape.rows)
    index = build_index(spec, shape.field, column, UNLIMITED)
    if isinstance(index, FaissIndex):
        index.accelerate()
    if index is None:
        return exact_index(shape.field, column, shape.metric)
    return index  # type: ignore[return-value]  # a vector field has no scalar index


def searched(index: VectorIndex, shape: Shape, truth: Truth, ef: int | None) -> tuple[float, float]:
    """Return recall, and the µs of processors that a search took."""
    queries = [VectorColumn(shape.queries[at : at + 1]) for at in range(len(shape.queries))]
    params = {} if ef is None else {"ef": ef}
    index.search(queries[0], K, params, None)
    started = time.process_time()
    found = [index.search(query, K, params, None) for query in queries]
    took = time.process_time() - started
    scores = np.concatenate([each.scores for each in found])
    rows = np.concatenate([each.rows for each in found])
    return truth.recall(scores, rows), took / len(queries) * 1e6


def faiss_graphs(shape: Shape) -> tuple[list[Any], Floats]:
    """Return graphs of faiss over the same rows as float32, and the queries for them."""
    rows, queries = as_floats(shape.rows), as_floats(shape.queries)
    if shape.metric == "COSINE":
        rows, queries = normalized(rows), normalized(queries)
    measure = faiss.METRIC_L2 if shape.metric == "L2" else faiss.METRIC_INNER_PRODUCT
    graphs = [faiss.IndexHNSWFlat(rows.shape[1], M, measure) for _ in SEEDS]
    for graph, seed in zip(graphs, SEEDS, strict=True):
        graph.hnsw.efConstruction = EF_CONSTRUCTION
        graph.hnsw.rng = faiss.RandomGenerator(seed)
        graph.add(np.ascontiguousarray(rows))
    return graphs, np.ascontiguousarray(queries)


def walked(index: Any, queries: Floats, truth: Truth, ef: int) -> tuple[float, float]:
    """Return recall of faiss' graph, and the µs of processors that a search took."""
    params = faiss.SearchParametersHNSW(efSearch=ef)
    started = time.process_time()
    found = [index.search(query[None], K, params=params) for query in queries]
    took = time.process_time() - started
    scores = np.concatenate([each[0] for each in found])
    rows = np.concatenate([each[1] for each in found])
    return truth.recall(scores, rows), took / len(queries) * 1e6


def measure(shape: Shape) -> list[str]:
    """Print the line of a data set; return what was missed."""
    truth, missed, cells = Truth(shape), [], []
    fastest: float | None = None
    if shape.dtype is not DataType.BINARY_VECTOR:
        index = ours(shape, "HNSW")
        graphs, queries = faiss_graphs(shape)
        for ef in EFS:
            found = searched(index, shape, truth, ef)[0]
            their = sum(walked(graph, queries, truth, ef)[0] for graph in graphs) / len(graphs)
            cells.append(f"{found:.3f} / {their:.3f}")
            least = max(their - SHORTFALL, ENOUGH if shape.has_copies else 0.0)
            if found < least:
                missed.append(f"{shape.name}: HNSW at ef {ef} finds {found:.4f}, not {least:.4f}")
        at_each = (walked(graphs[0], queries, truth, ef) for ef in LADDER)
        fastest = next((took for found, took in at_each if found >= ENOUGH), None)
    else:
        cells = ["–"] * len(EFS)
    auto = ours(shape, "AUTOINDEX")
    found, took = searched(auto, shape, truth, None)
    if found < ENOUGH:
        missed.append(f"{shape.name}: AUTOINDEX finds {found:.4f}")
    told = auto.judged if isinstance(auto, FaissIndex) else None
    way = auto.plan(VectorColumn(shape.queries[:1]), K, {}, None)
    own = "–" if told is None else f"{told.recall:.3f}"
    ratio = "–" if fastest is None else f"{fastest / took:.2f}"
    size = f"{len(shape.rows):,} × {shape.field.dim}"
    effort = f"{way.strategy} {way.ef or ''}".strip()
    cells += [f"{found:.3f}", own, effort, f"{took:.0f}", ratio]
    print(f"| {shape.name} | {size} | " + " | ".join(cells) + " |", flush=True)
    return missed


def main() -> None:
    """Measure all data sets, or those named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path, help="a folder with a real corpus")
    parser.add_argument("--rows", type=int, default=6_000, help="of each data set, at most")
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--only", nargs="*", default=[], help="parts of names")
    given = parser.parse_args()
    faiss.omp_set_num_threads(1)
    if build_kernels(600.0, UNLIMITED) is None or kernels() is None:
        print("without kernels\n")
    columns = ["data", "rows", *(f"ef {ef}" for ef in EFS)]
    columns += ["AUTOINDEX", "says", "by", "µs", "× faiss"]
    print("| " + " | ".join(columns) + " |\n" + "|---" * len(columns) + "|")
    missed: list[str] = []
    parts: list[Callable[[], Iterator[Shape]]] = [
        lambda: real(given.corpus, given.rows, given.queries),
        lambda: made(given.rows, given.queries),
    ]
    for part in parts:
        for shape in part():
            if not given.only or any(name in shape.name for name in given.only):
                missed += measure(shape)
    print("\n" + ("\n".join(f"missed: {each}" for each in missed) or "nothing missed"))


if __name__ == "__main__":
    main()
