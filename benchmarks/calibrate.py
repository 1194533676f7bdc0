"""What things cost on this machine, beside the figures that searches are planned by.

    python -m benchmarks calibrate
    python -m benchmarks calibrate --rows 100000 --dim 384

Measures the constants of `aiomilvus.engine.index.costs` that the machine decides, on random rows
and one thread, and prints each with the one in force. Those that say where one way of searching
begins to beat another follow from these and from recall: `benchmarks.index_structures` is for them.
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from aiomilvus.engine.catalog.records import IndexSpec
from aiomilvus.engine.index import costs
from aiomilvus.engine.index.binary.exact import BinaryIndex
from aiomilvus.engine.index.contract import BuildBudget
from aiomilvus.engine.index.dense.exact import ExactIndex
from aiomilvus.engine.index.dense.faiss_library import Threads
from aiomilvus.engine.index.dense.selection import selection_of
from aiomilvus.engine.index.dense.subset_scan import SubsetSearcher
from aiomilvus.engine.index.registry import build_index, check_index
from aiomilvus.engine.index.sparse.index import SparseIndex
from aiomilvus.engine.index.sparse.kernel_access import kernels
from aiomilvus.engine.index.sparse.query import queries_of
from aiomilvus.engine.index.sparse.scoring import INNER_PRODUCT
from aiomilvus.engine.index.sparse.sparse_params import BuildParams
from aiomilvus.model.columns import SparseColumn, VectorColumn
from aiomilvus.model.schema import Field
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aiomilvus.engine.index.dense.faiss_index import FaissIndex

K = 10
EFS = (64, 256)
TERMS = 16


class Figure(NamedTuple):
    """A constant's name in `costs`, and what it is here."""

    name: str
    measured: float


def microseconds(call: Callable[[], object], runs: int = 30) -> float:
    """Return the least time that a call took."""
    best = float("inf")
    for _ in range(runs):
        started = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - started)
    return best * 1e6


def line(few: tuple[int, float], many: tuple[int, float]) -> tuple[float, float]:
    """Return what nothing costs, and each more, of two amounts and their times."""
    each = (many[1] - few[1]) / (many[0] - few[0])
    return max(few[1] - few[0] * each, 0.0), each


def scans(column: VectorColumn, query: VectorColumn) -> Iterator[Figure]:
    """Measure comparing all rows of a column, and some of them in place."""
    sizes = len(column) // 10, len(column)
    timed = [
        (rows, microseconds(lambda rows=rows: search_exactly(column.slice(0, rows), query)))  # type: ignore[misc]  # bound at once
        for rows in sizes
    ]
    call, each = line(*timed)
    dim = column.values.shape[1]
    yield Figure("SCAN_CALL", call)
    yield Figure("SCAN_BYTES", dim * 4 / each)
    yield Figure("GROWING_WIDTHS", dim / each)
    subset = SubsetSearcher(column, "L2", None)
    timed = []
    for share in (0.01, 0.05):
        selection = selection_of(np.random.default_rng(1).random(len(column)) < share)
        took = microseconds(lambda s=selection: subset.search(query, query.values, K, s))  # type: ignore[misc]  # as above
        timed.append((selection.count, took))
    call, each = line(*timed)
    yield Figure("SUBSET_CALL", call)
    yield Figure("SUBSET_DIMENSION", each / dim)


def search_exactly(column: VectorColumn, query: VectorColumn) -> object:
    """Compare a query with all rows."""
    return ExactIndex(column, "L2").search(query, K, {}, None)


def built(kind: str, column: VectorColumn) -> FaissIndex:
    """Build an index of a type with its usual parameters."""
    field = Field(name="v", dtype=DataType.FLOAT_VECTOR, dim=int(column.values.shape[1]))
    params = check_index(field, {"index_type": kind, "metric_type": "L2"})
    spec = IndexSpec(id=1, name="v", field="v", params=params)
    index: Any = build_index(spec, field, column, BuildBudget(1))
    return index  # type: ignore[no-any-return]  # such types are served by faiss


def step_of(index: FaissIndex, query: VectorColumn) -> float:
    """Return what one more of ef takes."""
    timed = [
        (ef, microseconds(lambda ef=ef: index.search(query, K, {"ef": ef}, None)))  # type: ignore[misc]  # bound at once
        for ef in EFS
    ]
    return line(*timed)[1]


def structures(column: VectorColumn, query: VectorColumn) -> Iterator[Figure]:
    """Measure steps in a graph by vectors and by codes, and rows in inverted lists."""
    dim, rows = int(column.values.shape[1]), len(column)
    graph = built("HNSW", column)
    coded = built("HNSW", column) if graph.is_accelerated else graph
    plain = step_of(graph, query)
    yield Figure("STEP_DIMENSION", plain / dim)
    if coded.accelerate():
        by_codes = step_of(coded, query)
        yield Figure("CODED_STEP", by_codes / plain)
        mask = np.random.default_rng(2).random(rows) < costs.FEW_ALLOWED
        plan = coded.plan(query, K, {}, mask)
        if plan.codes and plan.strategy != "index":
            took = microseconds(lambda: coded.search(query, K, {}, mask))
            yield Figure("CODED_SCAN", by_codes * int(mask.sum()) / took)
    lists = built("IVF_FLAT", column)
    probes = (4, 32)
    timed = [
        (probe, microseconds(lambda probe=probe: lists.search(query, K, {"nprobe": probe}, None)))  # type: ignore[misc]  # bound at once
        for probe in probes
    ]
    nlist = int(lists._index.nlist)  # noqa: SLF001 - how many there are in the end
    yield Figure("LIST_ROWS", plain / (line(*timed)[1] * nlist / rows))


def others(rows: int) -> Iterator[Figure]:
    """Measure scans of bits, of inverted indexes, of masks and of numbers."""
    random = np.random.default_rng(3)
    bits = VectorColumn(random.integers(0, 256, (rows, 64), np.uint8))
    binary, first = BinaryIndex(bits, "HAMMING"), bits.slice(0, 1)
    yield Figure("BITS", rows * 512 / microseconds(lambda: binary.search(first, K, {}, None)))
    words = SparseColumn(
        np.arange(rows + 1) * TERMS,
        (random.integers(0, 40, (rows, TERMS)) * TERMS + np.arange(TERMS))
        .reshape(-1)
        .astype(np.uint32),
        random.random(rows * TERMS, np.float32) + 0.1,
    )
    sparse, asked = SparseIndex.build(words), words.slice(0, 1)
    (query,) = queries_of(asked, INNER_PRODUCT)
    scanned = microseconds(lambda: sparse.scores(query, None))
    yield Figure("SPARSE_ROWS", rows / scanned)
    kernels()
    unknown = SparseColumn(np.arange(2), np.array([1 << 31], np.uint32), np.ones(1, np.float32))
    few, many = (
        microseconds(lambda part=part: sparse.search(part, K, {}, None))  # type: ignore[misc]  # bound at once
        for part in (unknown, asked)
    )
    yield Figure("SPARSE_CALL", few)
    passed = TERMS * sparse._postings.usual_length  # noqa: SLF001 - what it estimates by
    yield Figure("POSTINGS_PASSED", passed / (many - few))
    plain = SparseIndex.build(words, params=BuildParams(algorithm="TAAT_NAIVE"))
    summed = microseconds(lambda: plain.search(asked, K, {}, None))
    yield Figure("POSTINGS_SUMMED", passed / (summed - few))
    numbers = random.integers(0, 1_000, rows)
    yield Figure("ROWS_FILTERED", rows / microseconds(lambda: numbers % 7 == 3))


def measured(rows: int, dim: int) -> Iterator[Figure]:
    """Measure all figures on so many random rows."""
    values = np.random.default_rng(0).standard_normal((rows + 1, dim)).astype(np.float32)
    whole = VectorColumn(values)
    column, query = whole.slice(0, rows), whole.slice(rows, rows + 1)
    with Threads(1):
        yield from scans(column, query)
        yield from structures(column, query)
        yield from others(rows)


def main() -> None:
    """Print each figure with the one in force."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--dim", type=int, default=128)
    given = parser.parse_args()
    print(f"{'constant':<18}{'in force':>14}{'measured':>14}")
    for figure in measured(given.rows, given.dim):
        print(f"{figure.name:<18}{getattr(costs, figure.name):>14.6g}{figure.measured:>14.6g}")


if __name__ == "__main__":
    main()
