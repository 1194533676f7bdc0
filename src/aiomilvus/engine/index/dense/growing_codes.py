"""Codes of growing rows, made beside the writes: what no graph has yet is scanned by them.

A row is coded within milliseconds, long before it is in a graph, and a code is compared in a tenth
of the time of a vector. The best rows by their codes are compared by their vectors, so scores are
exact. Which codes tell the rows apart is found on the rows themselves, again whenever there are
twice as many; where none do, rows are compared by their vectors alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.engine.index.dense.code_choice import made_queries
from aiomilvus.engine.index.dense.coded_column import CodedColumn
from aiomilvus.engine.index.dense.exact import scores_of
from aiomilvus.engine.index.dense.kept_codes import CodedVectors
from aiomilvus.engine.index.dense.kernel_arguments import LANES
from aiomilvus.engine.index.dense.scalar_codes import (
    aligned,
    centre_of,
    codes_of,
    inverses_of,
    stride_of,
    widths_of,
    write,
)
from aiomilvus.engine.index.dense.vectors import LARGER_IS_CLOSER, lengths_of, normalized

if TYPE_CHECKING:
    from types import SimpleNamespace

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

LEAST_ROWS = 512
"""Fewer rows are compared by their vectors about as fast as by codes."""
STEP = 128
"""So many rows more are worth being coded."""
_GROWTH = 2
_SAMPLED = 2_048
_EACH = 16
_K = 10
_DEPTH = 24
"""So many of the rows sampled, best by their codes, are to have the `_K` best among them: about the
share that a scan of ten thousand rows compares by vectors, and less than it does of fewer."""
_SAME = 1e-5


class GrowingCodes:
    """The codes of one growing column of float32 vectors. One thread at a time extends them.

    Args:
        metric: ``L2``, ``IP`` or ``COSINE``.
    """

    def __init__(self, metric: str) -> None:
        self._metric = metric
        self._judged = 0
        self._bits = 0
        self._centre = np.empty(0, np.float32)
        self._rows = aligned(0)
        self._inverses = np.empty(0, np.float32)
        self.covered = 0
        """How many rows were looked at; all of them have codes unless none serve."""

    def extended(self, kernels: SimpleNamespace, values: Floats) -> CodedColumn | None:
        """Code the rows that are new; return all, to be scanned, or None where no codes serve.

        Args:
            kernels: What `kernel_access.kernels` returns.
            values: All rows, float32 (n, dim); those that were coded come first.
        """
        if len(values) >= _GROWTH * self._judged:
            self._start_over(kernels, values)
        coded = self._coded(kernels, values, self.covered) if self._bits else None
        self.covered = len(values)  # not before: memory may have run out
        return coded

    def _start_over(self, kernels: SimpleNamespace, values: Floats) -> None:
        bits = fitting_bits(kernels, values, self._metric)
        lengths = lengths_of(values) if self._metric == "COSINE" else None
        # All or nothing, should memory run out: rows are never written by another's width.
        self._centre, self._bits = centre_of(values, lengths), bits
        self._judged, self.covered = len(values), 0
        # What readers hold is left as it is.
        self._rows, self._inverses = aligned(0), np.empty(0, np.float32)

    def _coded(self, kernels: SimpleNamespace, values: Floats, first: int) -> CodedColumn:
        stride, _ = stride_of(values.shape[1], self._bits, LANES)
        self._make_room(len(values), stride)
        is_unit = self._metric == "COSINE"
        lengths = lengths_of(values[first:]) if is_unit else None
        codes = codes_of(self._rows[: len(values) * stride], self._centre, self._bits, LANES)
        squared = self._metric == "L2"
        write(codes, first, values[first:], lengths, self._bits, LANES, squared=squared)
        inverses = self._inverses[:0]
        if is_unit:
            self._inverses[first : len(values)] = inverses_of(lengths)
            inverses = self._inverses[: len(values)]
        made = CodedVectors(codes, inverses)
        return CodedColumn(kernels, values, self._metric, self._bits, made)

    def _make_room(self, count: int, stride: int) -> None:
        """Have room for so many rows, in new memory where there was none: readers keep the old."""
        if count * stride <= len(self._rows):
            return
        # All rows that come until it starts over fit, and untouched room costs nothing.
        room = _GROWTH * self._judged
        rows, inverses = aligned(room * stride), np.empty(room, np.float32)
        rows[: len(self._rows)] = self._rows
        inverses[: len(self._inverses)] = self._inverses
        self._rows, self._inverses = rows, inverses


def fitting_bits(kernels: SimpleNamespace, values: Floats, metric: str) -> int:
    """Return how many bits tell rows apart, the fewest that do; 0 where none do.

    Args:
        kernels: As of `GrowingCodes.extended`.
        values: float32 (n, dim), at least one row.
        metric: ``L2``, ``IP`` or ``COSINE``.
    """
    sample = np.ascontiguousarray(values[:: max(len(values) // _SAMPLED, 1)])
    queries = made_queries(sample, _EACH)
    if metric == "COSINE":
        queries = normalized(queries)
    rows, k = np.arange(len(sample)), min(_K, len(sample))
    sign = np.float32(1 if metric in LARGER_IS_CLOSER else -1)
    scores = sign * scores_of(queries, sample, metric)
    last = np.partition(scores, -k, axis=1)[:, -k]
    last -= _SAME * np.abs(last)
    for bits in widths_of(sample.shape[1], LANES):
        coded = CodedVectors.of(sample, metric, bits, LANES)
        column = CodedColumn(kernels, sample, metric, bits, coded)
        found = column.search_subset(queries, k, rows, _DEPTH)
        if (sign * found.scores >= last[:, np.newaxis]).all():
            return bits
    return 0
