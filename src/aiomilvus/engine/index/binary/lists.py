"""BIN_IVF_FLAT: binary vectors in lists around centres; the nearest lists are compared.

faiss finds the centres. The lists are rows in order, so that any metric and any filter is the
exact comparison of fewer rows, and the bits stay where they are, in the segment's column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.index.binary.exact import BinaryIndex, distances, plan_of_bits, query_bits
from aiomilvus.engine.index.contract import Allowed, Found, FoundInRange, SearchPlan, count_of
from aiomilvus.engine.index.dense.clustering import find_centres
from aiomilvus.engine.index.dense.exact import best_of
from aiomilvus.engine.index.dense.faiss_library import Threads, faiss_library
from aiomilvus.errors import DataCorruptedError, ParamError
from aiomilvus.model.columns import VectorColumn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from aiomilvus.engine.index.contract import BuildBudget
    from aiomilvus.model.columns import Column

    Bools = NDArray[np.bool_]

_FORMAT = 1
_TRAINING = 39
_NPROBE = 8
_PER_LIST = 256
"""Rows for each list that centres are found for."""
_BLOCK = 1 << 14


class BinaryLists:
    """An index of one sealed segment. Implements `VectorIndex`; safe to share by threads.

    Args:
        column: The segment's bits.
        metric: ``HAMMING`` or ``JACCARD``.
        centres: uint8 (nlist, width).
        starts: int64 (nlist + 1,), where each list begins in `rows`.
        rows: Rows by list, nulls left out.
    """

    kind = "lists of bits"

    def __init__(
        self,
        column: VectorColumn,
        metric: str,
        centres: NDArray[np.uint8],
        starts: NDArray[np.int64],
        rows: NDArray[np.int64],
    ) -> None:
        self.metric = metric
        self.num_rows = len(column)
        self._column = column
        self._centres = centres
        self._starts = starts
        self._rows = rows
        self._exact = BinaryIndex(column, metric)

    def search(
        self, queries: Column, k: int, params: Mapping[str, Any], mask: Bools | None
    ) -> Found:
        """Return the `k` best allowed rows of the ``nprobe`` lists nearest to each query.

        When a filter lets no more rows pass than these lists hold, all that pass are compared.

        Raises:
            ParamError: ``nprobe`` is no number, or out of range.
        """
        plan = self.plan(queries, k, params, mask)
        if plan.strategy == "exact":
            return self._exact.search(queries, k, params, mask)
        bits = query_bits(queries, self._column.values.shape[1])
        scores = np.zeros((len(bits), k), np.float32)
        numbers = np.full((len(bits), k), -1, np.int64)
        for query, vector in enumerate(bits):
            rows = self._nearest_rows(vector, plan.ef)
            if mask is not None:
                rows = rows[mask[rows]]
                if len(rows) < k:
                    found = self._exact.search(VectorColumn(vector[None, :]), k, params, mask)
                    scores[query], numbers[query] = found.scores[0], found.rows[0]
                    continue
            apart = distances(vector, self._column.values[rows], self.metric)
            found = best_of(apart[None, :], rows, k, larger=False)
            scores[query], numbers[query] = found.scores[0], found.rows[0]
        return Found(scores, numbers)

    def plan(
        self,
        queries: Column | None,
        k: int,
        params: Mapping[str, Any],
        allowed: Allowed,
        *,
        in_range: bool = False,
    ) -> SearchPlan:
        """Return ``exact`` if all rows that may be hits are compared, else ``index``.

        In a range they always are. Where the lists have fewer than `k` allowed rows for a
        query, all are compared after all.
        """
        nprobe = min(_nprobe(params.get("nprobe", _NPROBE)), len(self._centres))
        probed = self.num_rows * nprobe // len(self._centres)
        passing = count_of(allowed)
        if in_range or (passing is not None and passing <= max(probed, k)):
            return self._exact.plan(queries, k, params, passing)
        bits = int(self._column.values.shape[1]) * 8
        return plan_of_bits("index", probed + len(self._centres), bits, nprobe)

    def _nearest_rows(self, vector: NDArray[np.uint8], nprobe: int) -> NDArray[np.int64]:
        apart = distances(vector, self._centres, self.metric)
        near = np.argsort(apart, kind="stable")[:nprobe].tolist()
        lists = [self._rows[self._starts[number] : self._starts[number + 1]] for number in near]
        return np.concatenate(lists)

    def range_search(
        self,
        queries: Column,
        radius: float,
        range_filter: float | None,
        params: Mapping[str, Any],
        mask: Bools | None,
    ) -> FoundInRange:
        """Return all allowed rows in the range, exactly."""
        return self._exact.range_search(queries, radius, range_filter, params, mask)

    def to_arrays(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return the lists, and the description that `open_lists` takes."""
        arrays: dict[str, NDArray[Any]] = {
            "centres": self._centres,
            "starts": self._starts,
            "rows": self._rows,
        }
        return arrays, {"served": "BIN_IVF_FLAT", "format": _FORMAT}


def build_lists(
    column: VectorColumn, metric: str, budget: BuildBudget, *, nlist: int
) -> BinaryLists:
    """Divide the rows into `nlist` lists, fewer when there are too few rows to train on.

    Raises:
        BuildStoppedError: The work was given up.
    """
    faiss = faiss_library()
    present = np.arange(len(column)) if column.valid is None else np.flatnonzero(column.valid)
    bits = np.ascontiguousarray(column.values[present])
    nlist = max(min(nlist, len(bits) // _TRAINING), 1)
    dim = bits.shape[1] * 8
    coarse = faiss.IndexBinaryFlat(dim)
    some = bits[:: max(len(bits) // (nlist * _PER_LIST), 1)]
    points = np.unpackbits(some, axis=1).astype(np.float32)
    lists = np.empty(len(bits), np.int64)
    with Threads(budget.threads):
        means = find_centres(points, nlist, budget.check_wanted, spherical=False)
        centres = np.packbits(means > 0.5, axis=1)
        coarse.add(centres)
        for start in range(0, len(bits), _BLOCK):
            budget.check_wanted()
            found = coarse.search(bits[start : start + _BLOCK], 1)
            lists[start : start + _BLOCK] = found[1][:, 0]
    order = np.argsort(lists, kind="stable")
    starts = np.zeros(nlist + 1, np.int64)
    np.cumsum(np.bincount(lists, minlength=nlist), out=starts[1:])
    return BinaryLists(column, metric, centres, starts, present[order].astype(np.int64))


def open_lists(
    column: VectorColumn, metric: str, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]
) -> BinaryLists:
    """Open what `BinaryLists.to_arrays` gave.

    Raises:
        DataCorruptedError: It is of another format.
    """
    if meta.get("format") != _FORMAT or meta.get("served") != "BIN_IVF_FLAT":
        raise DataCorruptedError(
            message=f"binary index format {meta.get('format')!r}, expected {_FORMAT}"
        )
    return BinaryLists(column, metric, arrays["centres"], arrays["starts"], arrays["rows"])


def _nprobe(given: object) -> int:
    try:
        value = int(given) if isinstance(given, (str, int)) else 0
    except ValueError:
        value = 0
    if not 1 <= value <= 65536:
        raise ParamError(
            message=f"param 'nprobe' ({given}) should be in range [1, 65536]: invalid parameter"
        )
    return value
