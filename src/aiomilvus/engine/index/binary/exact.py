"""Binary vectors: every allowed row is compared, bit by bit.

HAMMING counts differing bits; JACCARD is 1 - common / any; SUBSTRUCTURE and SUPERSTRUCTURE are
0 where the stored bits contain the query's, or the reverse, and such rows alone are hits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.index import costs
from aiomilvus.engine.index.contract import Allowed, Found, FoundInRange, SearchPlan, count_of
from aiomilvus.engine.index.dense.exact import best_of, laid_out, within
from aiomilvus.errors import ParamError
from aiomilvus.model.columns import VectorColumn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from aiomilvus.engine.index.contract import Strategy
    from aiomilvus.model.columns import Column

    Bits = NDArray[np.uint8]
    Bools = NDArray[np.bool_]

_ONES = np.array([value.bit_count() for value in range(256)], np.uint8)
STRUCTURES = frozenset({"SUBSTRUCTURE", "SUPERSTRUCTURE"})


def _ones(bits: Bits) -> NDArray[np.float32]:
    found: NDArray[np.float32] = _counts(bits).sum(axis=1, dtype=np.float32)
    return found


def _counts(bits: Bits) -> NDArray[np.uint8]:
    """Return the ones in each byte, or in each eight bytes at once where they are whole."""
    if not hasattr(np, "bitwise_count"):  # numpy before 2.0
        return _ONES[bits]
    if bits.shape[1] % 8 == 0 and bits.flags.c_contiguous:
        return np.bitwise_count(bits.view(np.uint64))
    return np.bitwise_count(bits)


def query_bits(queries: Column, width: int) -> Bits:
    """Return binary query vectors as uint8 (nq, width).

    Raises:
        ParamError: They are of another type or dimension.
    """
    if not isinstance(queries, VectorColumn) or queries.values.dtype != np.uint8:
        raise ParamError(
            message="a binary index needs binary vectors to search with: invalid parameter"
        )
    if queries.values.shape[1] != width:
        raise ParamError(
            message=f"vector dimension mismatch, expected vector size(byte) {width}, actual "
            f"{queries.values.shape[1]}: invalid parameter"
        )
    bits: Bits = queries.values
    return bits


def distances(query: Bits, stored: Bits, metric: str) -> NDArray[np.float32]:
    """Return the distance of one query (width,) to each row of `stored` (n, width)."""
    if metric == "HAMMING":
        return _ones(stored ^ query)
    both = stored & query
    if metric == "JACCARD":
        union = _ones(stored | query)
        share = np.divide(_ones(both), union, out=np.ones_like(union), where=union > 0)
        return np.float32(1.0) - share
    inner = query if metric == "SUBSTRUCTURE" else stored
    differs: NDArray[np.float32] = np.any(both != inner, axis=1).astype(np.float32)
    return differs


def plan_of_bits(strategy: Strategy, rows: int, bits: int, nprobe: int = 0) -> SearchPlan:
    """Return the plan of a search that compares so many rows, bit by bit."""
    microseconds = costs.SCAN_CALL + rows * max(bits, costs.SMALLEST_DIM) / costs.BITS
    return SearchPlan(strategy, "bits", microseconds, nprobe)


class BinaryIndex:
    """BIN_FLAT, and exact search over growing rows. Implements `VectorIndex`."""

    def __init__(self, column: VectorColumn, metric: str) -> None:
        self.metric = metric
        self.kind = "exact scan of bits"
        self.num_rows = len(column)
        self._column = column

    def plan(
        self,
        queries: Column | None,  # noqa: ARG002 - contract
        k: int,  # noqa: ARG002 - contract
        params: Mapping[str, Any],  # noqa: ARG002 - contract
        allowed: Allowed,
        *,
        in_range: bool = False,  # noqa: ARG002 - contract
    ) -> SearchPlan:
        """Return that all allowed rows are compared."""
        passing = count_of(allowed)
        bits = int(self._column.values.shape[1]) * 8
        return plan_of_bits("exact", self.num_rows if passing is None else passing, bits)

    def search(
        self,
        queries: Column,
        k: int,
        params: Mapping[str, Any],  # noqa: ARG002 - contract
        mask: Bools | None,
    ) -> Found:
        """Return the `k` nearest allowed rows for each query; there are no parameters."""
        bits = query_bits(queries, self._column.values.shape[1])
        rows = self._rows(mask)
        stored = self._column.values if len(rows) == self.num_rows else self._column.values[rows]
        scores = np.zeros((len(bits), k), np.float32)
        numbers = np.full((len(bits), k), -1, np.int64)
        for query, vector in enumerate(bits):
            apart = distances(vector, stored, self.metric)
            allowed = rows
            if self.metric in STRUCTURES:
                hits = np.flatnonzero(apart == 0.0)
                apart, allowed = apart[hits], rows[hits]
            found = best_of(apart[None, :], allowed, k, larger=False)
            scores[query], numbers[query] = found.scores[0], found.rows[0]
        return Found(scores, numbers)

    def range_search(
        self,
        queries: Column,
        radius: float,
        range_filter: float | None,
        params: Mapping[str, Any],  # noqa: ARG002 - contract
        mask: Bools | None,
    ) -> FoundInRange:
        """Return all allowed rows with range_filter ≤ distance < radius, best first."""
        rows = self._rows(mask)
        stored = self._column.values[rows]
        found: list[list[tuple[Any, Any]]] = []
        for vector in query_bits(queries, self._column.values.shape[1]):
            apart = distances(vector, stored, self.metric)
            at = np.flatnonzero(within(apart, radius, range_filter, larger=False))
            found.append([(apart[at], rows[at])])
        return laid_out(found, larger=False)

    def _rows(self, mask: Bools | None) -> NDArray[np.int64]:
        valid = self._column.valid
        if valid is not None:
            mask = valid if mask is None else mask & valid
        return np.arange(self.num_rows) if mask is None else np.flatnonzero(mask)

    def to_arrays(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return nothing but the kind: the vectors are the segment's column."""
        return {}, {"family": "exact"}
