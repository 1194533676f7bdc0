"""What the compiled kernels of `engine.index.dense` compute, in plain Python: to be read, not fast.

The walk is the textbook's, with candidates and results apart (Malkov and Yashunin, algorithm 2),
so that it checks the single array in which the kernel keeps both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from aiomilvus.engine.index.dense.kernel_arguments import Graph, Store

LANES = 32


class Wanted(NamedTuple):
    """How a search is done: as the entries take it."""

    squared: bool
    bits: int
    largest: float
    k: int
    ef: int
    depth: int


def decoded(store: Store, bits: int, dim: int) -> np.ndarray:
    """Return the whole numbers of all rows, float64 (n, dim): 4-bit ones as -7.5 … 7.5."""
    rows = store.codes.reshape(-1, store.stride)[:, : store.head]
    if bits == 8:
        return rows.view(np.int8)[:, :dim].astype(np.float64)
    blocks = rows.view(np.uint8).reshape(len(rows), -1, LANES)
    numbers = np.concatenate([blocks & 15, blocks >> 4], axis=2)
    return numbers.reshape(len(rows), -1)[:, :dim] - 7.5


def scores_by_code(store: Store, query: np.ndarray, wanted: Wanted) -> np.ndarray:
    """Return the score of every row by its code, larger is closer."""
    dim = len(query)
    shifted = query - store.centre if len(store.centre) else query
    most = np.float32(np.abs(shifted).max(initial=0))
    if most == 0:
        numbers, step = np.zeros(dim), np.float32(0)
    else:
        numbers = np.rint(shifted * np.float32(np.float32(wanted.largest) / most)).astype(float)
        step = np.float32(most / wanted.largest * (2 if wanted.squared else 1))
    heads = store.heads.reshape(-1, store.stride // 4)[:, store.head // 4 :]
    products = 2 * decoded(store, wanted.bits, dim) @ numbers
    return step * heads[:, 0].astype(float) * products + heads[:, 1]


def neighbours(graph: Graph, row: int, level: int) -> list[int]:
    """Return the rows that a row is linked to on a level."""
    start = graph.offsets[row]
    listed = graph.neighbors[start + graph.levels[level] : start + graph.levels[level + 1]]
    return [int(other) for other in listed if other >= 0]


def descended(graph: Graph, score: np.ndarray) -> int:
    """Return where a greedy walk over the upper levels ends."""
    row = graph.entry
    for level in range(graph.top, 0, -1):
        while True:
            best = max(neighbours(graph, row, level), key=lambda at: score[at], default=row)
            if score[best] <= score[row]:
                break
            row = best
    return row


def walked(
    graph: Graph,
    score: np.ndarray,
    ef: int,
    is_hit: Callable[[int], bool] = lambda _: True,
    least: int = 0,
) -> list[int]:
    """Return the hits that a walk over the lowest level finds, best first.

    It goes on until it has expanded all that is among the best `ef` rows found, or among as many
    more as have `least` hits. Rows that are no hits lead on like all others, but do not count.
    """
    start = descended(graph, score)
    found, candidates = [start], [start]
    while candidates:
        row = max(candidates, key=lambda at: score[at])
        candidates.remove(row)
        if row not in _within(found, ef, is_hit, least):
            break
        for other in neighbours(graph, row, 0):
            if other not in found:
                found.append(other)
                found.sort(key=lambda at: -score[at])
                candidates.append(other)
    return [row for row in _within(found, ef, is_hit, least) if is_hit(row)]


def _within(found: list[int], ef: int, is_hit: Callable[[int], bool], least: int) -> list[int]:
    """Return the first `ef` rows, or as many more as it takes for `least` hits among them."""
    hits = [at for at, row in enumerate(found, 1) if is_hit(row)]
    if not least:
        return found[:ef]
    return found[: max(ef, hits[least - 1])] if len(hits) >= least else found


def scanned(score: np.ndarray, rows: Iterable[int], ef: int) -> list[int]:
    """Return the best `ef` of some rows by their codes, best first."""
    return sorted(rows, key=lambda at: -score[at])[:ef]


def rescored(
    store: Store, query: np.ndarray, wanted: Wanted, rows: list[int]
) -> tuple[list[int], list[float]]:
    """Return the best `k` of the first `depth` rows by their vectors, and Milvus' scores."""
    exact = {}
    for row in rows[: wanted.depth]:
        vector = store.vectors[row].astype(float)
        if wanted.squared:
            exact[row] = float(((vector - query) ** 2).sum())
        else:
            factor = float(store.inverses[row]) if len(store.inverses) else 1.0
            exact[row] = float(vector @ query) * factor
    best = sorted(exact, key=lambda at: exact[at] if wanted.squared else -exact[at])[: wanted.k]
    return best, [exact[row] for row in best]
