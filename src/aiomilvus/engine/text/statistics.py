"""Corpus statistics: what BM25 must know of a whole collection.

Each segment has its own; a collection's are their sum, minus those of deleted rows. Adding
and subtracting are cheap and exact, so the sum can follow every write.
"""

from __future__ import annotations

import threading
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from aiomilvus.model.columns import SparseColumn

    Terms = NDArray[np.uint32]
    Counts = NDArray[np.int64]


_FEW = 32
"""The weights of so many terms are looked up faster than they are computed."""
_MOST_KEPT = 1 << 15
"""Terms whose weight is kept: some 4 MB."""


class CorpusStatistics:
    """Row count, total length and document frequencies of a set of rows. Immutable.

    Attributes:
        rows: Number of rows, empty texts included, nulls not.
        total_length: Number of terms in all rows, repetitions included.
    """

    __slots__ = ("_layers", "_weights", "rows", "total_length")

    def __init__(
        self,
        rows: int = 0,
        total_length: int = 0,
        layers: tuple[tuple[Terms, Counts], ...] = (),
    ) -> None:
        """Make statistics; callers use the class methods and operators instead.

        Args:
            rows: As the attribute.
            total_length: As the attribute.
            layers: Pairs of sorted distinct terms and counts; a term's document frequency
                is its sum over all layers. Largest first.
        """
        self.rows = rows
        self.total_length = total_length
        self._layers = layers
        self._weights: dict[int, float] = {}
        """What `idf` told of terms that were asked for: queries use the same words."""

    @classmethod
    def of(cls, column: SparseColumn) -> CorpusStatistics:
        """Return the statistics of rows of term frequencies, nulls left out.

        To get those of some rows only, pass ``column.take(rows)``.
        """
        rows = len(column) if column.valid is None else int(column.valid.sum())
        run = slice(column.indptr[0], column.indptr[-1])
        terms, counts = np.unique(column.indices[run], return_counts=True)
        length = int(column.values[run].sum(dtype=np.float64))
        layers = ((terms, counts.astype(np.int64)),) if len(terms) else ()
        return cls(rows, length, layers)

    @classmethod
    def merged(cls, parts: Iterable[CorpusStatistics]) -> CorpusStatistics:
        """Return the sum of all `parts`."""
        return reduce(cls.__add__, parts, cls())

    @property
    def average_length(self) -> float:
        """Terms per row; 0.0 when there is none."""
        return self.total_length / self.rows if self.rows and self.total_length else 0.0

    def document_frequencies(self, terms: Terms) -> Counts:
        """Return in how many rows each of `terms` occurs, int64, in the order given."""
        found: Counts | None = None
        for known, counts in self._layers:
            at = known.searchsorted(terms)
            in_layer = counts.take(at, mode="clip")
            in_layer *= known.take(at, mode="clip") == terms
            found = in_layer if found is None else found + in_layer
        return np.zeros(len(terms), np.int64) if found is None else found

    def idf(self, terms: Terms) -> NDArray[np.float64]:
        """Return each term's weight ln(1 + (N - n + 0.5) / (n + 0.5)), as Milvus has it.

        N is `rows`, n the term's document frequency.
        """
        if len(terms) > _FEW:
            return self._computed(terms)
        kept, asked = self._weights, terms.tolist()
        try:
            return np.array([kept[term] for term in asked], np.float64)
        except KeyError:
            weights = self._computed(terms)
        if len(kept) >= _MOST_KEPT:
            self._weights = kept = {}
        kept.update(zip(asked, weights.tolist(), strict=True))
        return weights

    def _computed(self, terms: Terms) -> NDArray[np.float64]:
        frequencies = self.document_frequencies(terms) + 0.5
        # N - n + 0.5, told from n + 0.5
        ratios: NDArray[np.float64] = (self.rows + 1 - frequencies) / frequencies
        return np.log1p(ratios, out=ratios)

    def __add__(self, other: CorpusStatistics) -> CorpusStatistics:
        return CorpusStatistics(
            self.rows + other.rows,
            self.total_length + other.total_length,
            _stacked(self._layers + other._layers),
        )

    def __sub__(self, other: CorpusStatistics) -> CorpusStatistics:
        """Return the statistics without the rows of `other`, which must be part of them."""
        negated = tuple((terms, -counts) for terms, counts in other._layers)
        return CorpusStatistics(
            self.rows - other.rows,
            self.total_length - other.total_length,
            _stacked(self._layers + negated),
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CorpusStatistics):
            return NotImplemented
        mine, theirs = self.folded(), other.folded()
        return (
            (self.rows, self.total_length) == (other.rows, other.total_length)
            and np.array_equal(mine[0], theirs[0])
            and np.array_equal(mine[1], theirs[1])
        )

    __hash__ = None  # type: ignore[assignment]  # equality compares arrays

    def folded(self) -> tuple[Terms, Counts]:
        """Return all terms with a document frequency, sorted, and the frequencies."""
        if not self._layers:
            return np.zeros(0, np.uint32), np.zeros(0, np.int64)
        return reduce(_merge, self._layers)

    def to_arrays(self) -> tuple[dict[str, NDArray[Any]], dict[str, int]]:
        """Return the arrays and the numbers that `from_arrays` takes."""
        terms, counts = self.folded()
        numbers = {"rows": self.rows, "total_length": self.total_length}
        return {"terms": terms, "counts": counts}, numbers

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, int]
    ) -> CorpusStatistics:
        """Return the statistics that `to_arrays` described; arrays may be mapped files."""
        layers = ((arrays["terms"], arrays["counts"]),) if len(arrays["terms"]) else ()
        return cls(meta["rows"], meta["total_length"], layers)


def _stacked(
    layers: tuple[tuple[Terms, Counts], ...],
) -> tuple[tuple[Terms, Counts], ...]:
    """Merge layers of like size, so that few remain and a small one costs little to add."""
    stack = sorted(layers, key=lambda layer: -len(layer[0]))
    while len(stack) > 1 and len(stack[-2][0]) <= 4 * len(stack[-1][0]):
        small, large = stack.pop(), stack.pop()
        merged = _merge(large, small)
        if len(merged[0]):
            stack.append(merged)
        stack.sort(key=lambda layer: -len(layer[0]))
    return tuple(stack)


def _merge(first: tuple[Terms, Counts], second: tuple[Terms, Counts]) -> tuple[Terms, Counts]:
    terms = np.concatenate((first[0], second[0]))
    counts = np.concatenate((first[1], second[1]))
    if not len(terms):
        return terms, counts
    order = np.argsort(terms, kind="stable")
    terms = terms[order]
    starts = np.flatnonzero(np.diff(terms, prepend=~terms[:1]))
    counts = np.add.reduceat(counts[order], starts)
    kept = counts != 0
    return terms[starts][kept], counts[kept]


class GrowingStatistics:
    """Follows the term frequencies of a segment that only grows. Safe to share by threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known = 0
        self._statistics = CorpusStatistics()

    def view_of(self, column: SparseColumn) -> CorpusStatistics:
        """Return the statistics of `column`.

        Args:
            column: All rows of the segment that the caller sees; those that earlier calls
                have seen must be the same as they were.
        """
        with self._lock:
            if len(column) > self._known:
                added = CorpusStatistics.of(column.slice(self._known, len(column)))
                self._statistics += added
                self._known = len(column)
            if len(column) == self._known:
                return self._statistics
        return CorpusStatistics.of(column)
