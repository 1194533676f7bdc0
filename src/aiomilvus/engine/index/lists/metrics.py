"""The MAX_SIM metrics: how two lists of vectors are compared.

Late interaction (Khattab and Zaharia, ColBERT, 2020): each query vector is compared with its
closest vector of the stored list, and what is found is summed up. For L2, HAMMING and JACCARD
the closest is the one at the least distance, and smaller sums are better.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.index.binary.exact import distances, query_bits
from aiomilvus.engine.index.dense.exact import prepared, scores_of
from aiomilvus.engine.index.dense.vectors import LARGER_IS_CLOSER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from aiomilvus.model.columns import Column, ListColumn

    Rows = NDArray[np.int64]

PREFIX = "MAX_SIM"
_BLOCK = 1 << 22
"""Similarities computed at once: 16 MB."""


def is_list_metric(metric: str) -> bool:
    """Return whether the metric compares lists of vectors."""
    return metric.startswith(PREFIX)


def element_metric(metric: str) -> str:
    """Return how single vectors are compared: COSINE for MAX_SIM, L2 for MAX_SIM_L2."""
    if metric == PREFIX:
        return "COSINE"
    return metric.removeprefix(f"{PREFIX}_")


def list_scores(query: Column, lists: ListColumn, rows: Rows, metric: str) -> NDArray[np.float32]:
    """Return the score of one list of query vectors with some stored lists.

    Args:
        query: The query's vectors, at least one.
        lists: The stored lists, counted from 0.
        rows: int64 (m,), which of them; none may be empty.
        metric: Of the elements: ``COSINE``, ``IP``, ``L2``, ``HAMMING`` or ``JACCARD``.

    Returns:
        float32 (m,).
    """
    scores = np.empty(len(rows), np.float32)
    values = lists.child.arrays()["values"]
    similar = _comparer(query, values.shape[1], metric)
    closest = np.maximum if metric in LARGER_IS_CLOSER else np.minimum
    for first, last in _blocks(lists, rows, len(query)):
        chosen = lists.take(rows[first:last])
        found = similar(chosen.child.arrays()["values"])
        best = closest.reduceat(found, chosen.offsets[:-1], axis=1)
        scores[first:last] = best.sum(axis=0, dtype=np.float32)
    return scores


def _comparer(query: Column, width: int, metric: str) -> Any:
    """Return a function from stored vectors (n, width) to float32 (query vectors, n)."""
    if metric not in ("HAMMING", "JACCARD"):
        vectors = prepared(query, width, metric)
        return lambda values: scores_of(vectors, values, metric)
    bits = query_bits(query, width)
    return lambda values: np.stack([distances(each, values, metric) for each in bits])


def _blocks(lists: ListColumn, rows: Rows, vectors: int) -> Iterator[tuple[int, int]]:
    """Yield bounds of runs of `rows` whose elements make up about one block of similarities."""
    ends = np.cumsum(lists.offsets[rows + 1] - lists.offsets[rows])
    most = max(_BLOCK // max(vectors, 1), 1)
    first = 0
    while first < len(rows):
        before = int(ends[first - 1]) if first else 0
        last = max(int(np.searchsorted(ends, before + most, "right")), first + 1)
        yield first, last
        first = last
