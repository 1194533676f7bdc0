"""Sparse search with and without pruning, over growing collections of learned-sparse-like rows.

    python -m benchmarks.sparse
    python -m benchmarks.sparse --rows 25000 100000 --runs 5

Rows have 60 terms on average out of 30,000, as frequent as words are, and queries have 12; rare
terms weigh up to five times as much as frequent ones, as learned weights do. Pruned and unpruned
searches use the same compiled code; "numpy" is what answers until that is loaded. "Postings" are
those in the lists of a query's terms: what an unpruned search walks through.
"""

from __future__ import annotations

import argparse
import statistics as stats
import time
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.engine.index.sparse import kernel_access
from aiomilvus.engine.index.sparse.growing import GrowingSparseIndex
from aiomilvus.engine.index.sparse.hits import best
from aiomilvus.engine.index.sparse.index import SparseIndex
from aiomilvus.engine.index.sparse.query import queries_of
from aiomilvus.engine.index.sparse.scoring import INNER_PRODUCT
from aiomilvus.engine.index.sparse.sparse_params import build_params
from aiomilvus.model.columns import SparseColumn

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.engine.index.sparse.query import Query
    from aiomilvus.engine.index.sparse.searcher import SparseSearcher

TERMS = 30_000


def generate(rng: np.random.Generator, rows: int, mean_terms: int) -> SparseColumn:
    """Return random rows; a term's probability falls with its rank like that of words."""
    lengths = rng.integers(mean_terms // 2, mean_terms * 3 // 2, rows)
    ranks = (TERMS ** rng.random(int(lengths.sum()) * 2) - 1).astype(np.uint64)
    row_of = np.repeat(np.arange(rows, dtype=np.uint64), lengths * 2)
    keys = np.unique((row_of << np.uint64(32)) | ranks)
    # Duplicates were drawn and dropped; thin out at random to the lengths asked for.
    keys = keys[rng.random(len(keys)) < lengths.sum() / len(keys)]
    edges = np.arange(rows + 1, dtype=np.uint64) << np.uint64(32)
    indptr = np.searchsorted(keys, edges).astype(np.int64)
    terms = keys.astype(np.uint32)
    values = rng.lognormal(-0.5, 0.6, len(keys)) * (0.2 + 0.8 * np.log1p(terms) / np.log(TERMS))
    return SparseColumn(indptr, terms, values.astype(np.float32))


def median_seconds(search: Callable[[Query], object], queries: list[Query], runs: int) -> float:
    """Return the median seconds per query, after one round to warm up."""
    seconds = []
    for _ in range(runs + 1):
        started = time.perf_counter()
        for query in queries:
            search(query)
        seconds.append((time.perf_counter() - started) / len(queries))
    return stats.median(seconds[1:])


def search(index: SparseSearcher, k: int, query: Query) -> None:
    """Search for one query, as the engine does."""
    index.search_prepared([query], k, None)


def postings_of(column: SparseColumn, queries: list[Query]) -> float:
    """Return the mean number of postings in the lists of a query's terms."""
    counts = np.bincount(column.indices, minlength=TERMS + 1)
    return float(np.mean([counts[query.terms].sum() for query in queries]))


def line(rows: int, k: int, runs: int) -> str:
    """Measure one size of collection; return a row of the table."""
    rng = np.random.default_rng(rows)
    column = generate(rng, rows, 60)
    queries = list(queries_of(generate(rng, 200, 12), INNER_PRODUCT))
    started = time.perf_counter()
    pruned = SparseIndex.build(column)
    built = time.perf_counter() - started
    naive = SparseIndex.build(column, params=build_params({"inverted_index_algo": "TAAT_NAIVE"}))
    growing = GrowingSparseIndex()
    for seen in range(0, rows, 500):
        growing.view_of(column.slice(0, seen))
    searchers: list[SparseSearcher] = [pruned, naive, growing.view_of(column)]
    times = [median_seconds(partial(search, index, k), queries, runs) * 1e6 for index in searchers]
    plain = median_seconds(lambda q: best(pruned.scores(q, None), k), queries[:50], runs) * 1e6
    walked = postings_of(column, queries)
    return (
        f"| {rows:,} | {walked:,.0f} | {times[0]:,.0f} | {times[1]:,.0f} | "
        f"{times[1] / times[0]:.1f} | {plain:,.0f} | {times[2]:,.0f} | {rows / built:,.0f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rows", type=int, nargs="+", default=[25_000, 50_000, 100_000, 200_000])
    parser.add_argument("--k", type=int, default=10)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    if kernel_access.kernels() is None:
        parser.error("numba is not installed: there is nothing to compare")
    print(f"\nMicroseconds per query, k = {given.k}, one at a time, one thread\n")
    print(
        "| rows | postings | pruned | unpruned | ratio | numpy | growing in steps of 500 "
        "| rows indexed/s |"
    )
    print("|--:|--:|--:|--:|--:|--:|--:|--:|")
    for rows in given.rows:
        print(line(rows, given.k, given.runs), flush=True)


if __name__ == "__main__":
    main()
