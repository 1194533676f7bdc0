"""The sparse index of a segment that still grows.

Rows are indexed in parts: what came last lies in a tail that searches scan, a full tail
becomes a small index, and indexes of like size are merged into larger ones. So appending
costs little each time, and a search looks at few parts.

Searches work on a `GrowingView`, which later appends don't change. The index follows its
column lazily: whoever wants to search asks for the view of the rows it sees.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from aiomilvus.engine.index.contract import SearchPlan, count_of
from aiomilvus.engine.index.sparse.exact import score_column
from aiomilvus.engine.index.sparse.hits import Hits, best, merged
from aiomilvus.engine.index.sparse.index import SparseIndex
from aiomilvus.engine.index.sparse.searcher import SparseSearcher
from aiomilvus.engine.index.sparse.sparse_params import BuildParams
from aiomilvus.model.columns import SparseColumn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from aiomilvus.engine.index.contract import Allowed
    from aiomilvus.engine.index.sparse.query import Query
    from aiomilvus.engine.index.sparse.scoring import Saturation

_Scalar = TypeVar("_Scalar", bound=np.generic)
_TAIL_ROWS = 2048
_TAIL_VALUES = 1 << 15
_LARGEST_PART = 1 << 16


class _Part(NamedTuple):
    """Rows first … first + len(column) - 1, indexed; the column is kept for merging."""

    first: int
    column: SparseColumn
    indexed: SparseIndex

    @property
    def span(self) -> tuple[int, int]:
        """First row and number of rows."""
        return self.first, len(self.column)


class GrowingView(SparseSearcher):
    """The rows appended before it was taken. Immutable."""

    def __init__(
        self, metric: str, parts: tuple[_Part, ...], tail: SparseColumn, tail_first: int
    ) -> None:
        super().__init__(metric)
        self._parts = parts
        self._tail = tail
        self._tail_first = tail_first

    @property
    def num_rows(self) -> int:
        """Number of rows, those without a vector included."""
        return self._tail_first + len(self._tail)

    @property
    def kind(self) -> str:
        """What serves searches, for people to read."""
        parts = f"{len(self._parts)} part{'' if len(self._parts) == 1 else 's'}"
        return f"inverted index in {parts}, {len(self._tail)} rows scanned"

    def plan_prepared(self, terms: float, allowed: Allowed) -> SearchPlan:
        """Return ``exact`` while all rows are compared, else how its largest part is searched."""
        if not self._parts:
            return SearchPlan("exact", "values", self._cost(count_of(allowed)))
        largest = max(self._parts, key=lambda part: len(part.column))
        share = len(largest.column) / max(self.num_rows, 1)
        piece: Allowed = int(allowed * share) if isinstance(allowed, int) else None
        if allowed is not None and not isinstance(allowed, int):
            piece = _piece(allowed, *largest.span)
        plan = largest.indexed.plan_prepared(terms, piece)
        return plan._replace(microseconds=self._cost(count_of(allowed)))

    def search_prepared(
        self,
        queries: Sequence[Query],
        k: int,
        saturation: Saturation | None,
        *,
        mask: NDArray[np.bool_] | None = None,
        bound_ratio: float = 1.0,
    ) -> list[Hits]:
        """As `SparseSearcher` says."""
        found: list[list[tuple[int, Hits]]] = [[] for _ in queries]
        for part in self._parts:
            hits = part.indexed.search_prepared(
                queries,
                k,
                saturation,
                mask=_piece(mask, *part.span),
                bound_ratio=bound_ratio,
            )
            for query, each in enumerate(hits):
                found[query].append((part.first, each))
        for query, wanted in enumerate(queries):
            in_tail = self._tail_scores(wanted, saturation, mask)
            found[query].append((self._tail_first, best(in_tail, k)))
        return [merged(hits_of_parts, k) for hits_of_parts in found]

    def scores(
        self,
        query: Query,
        saturation: Saturation | None,
        mask: NDArray[np.bool_] | None = None,
    ) -> Hits:
        """As `SparseSearcher` says."""
        found = [
            (part.first, part.indexed.scores(query, saturation, _piece(mask, *part.span)))
            for part in self._parts
        ]
        found.append((self._tail_first, self._tail_scores(query, saturation, mask)))
        return Hits(
            np.concatenate([hits.rows + first for first, hits in found]),
            np.concatenate([hits.scores for _, hits in found]),
        )

    def _tail_scores(
        self, query: Query, saturation: Saturation | None, mask: NDArray[np.bool_] | None
    ) -> Hits:
        tail = _piece(mask, self._tail_first, len(self._tail))
        return score_column(self._tail, query.terms, query.weights, saturation, tail)


class GrowingSparseIndex:
    """Follows a column that is only ever appended to. Safe to share by threads."""

    def __init__(self, metric: str = "IP", params: BuildParams | None = None) -> None:
        self._metric = metric
        self._params = BuildParams() if params is None else params
        self._lock = threading.Lock()
        self._parts: tuple[_Part, ...] = ()
        self._tail = _Tail()
        self._tail_first = 0

    def view_of(self, column: SparseColumn) -> GrowingView:
        """Return a searcher over the rows of `column`.

        Args:
            column: All rows of the segment that the caller sees. Rows beyond those of
                earlier calls are taken in; the others must be the same as they were.
        """
        with self._lock:
            known = self._tail_first + len(self._tail)
            if len(column) > known:
                self._append(column.slice(known, len(column)))
                known = len(column)
            tail, parts = self._tail.view(), self._parts
            tail_first = self._tail_first
        if known == len(column):
            return GrowingView(self._metric, parts, tail, tail_first)
        return _older_view(self._metric, parts, tail, tail_first, column)

    def _append(self, column: SparseColumn) -> None:
        self._tail.append(column)
        if len(self._tail) < _TAIL_ROWS and self._tail.n_values < _TAIL_VALUES:
            return
        parts = [*self._parts, self._indexed(self._tail_first, self._tail.view())]
        while len(parts) > 1 and _should_merge(parts[-2], parts[-1]):
            last, before = parts.pop(), parts.pop()
            both = SparseColumn.concat([before.column, last.column])
            parts.append(self._indexed(before.first, both))
        self._parts = tuple(parts)
        self._tail_first += len(self._tail)
        self._tail = _Tail()

    def _indexed(self, first: int, column: SparseColumn) -> _Part:
        return _Part(first, column, SparseIndex.build(column, self._metric, self._params))


class _Tail:
    """Rows in arrays that are only ever appended to, so that old views stay right."""

    __slots__ = ("_indices", "_indptr", "_rows", "_values", "n_values")

    def __init__(self) -> None:
        self._indptr: NDArray[np.int64] = np.zeros(256, np.int64)
        self._indices: NDArray[np.uint32] = np.empty(1024, np.uint32)
        self._values: NDArray[np.float32] = np.empty(1024, np.float32)
        self._rows = 0
        self.n_values = 0

    def __len__(self) -> int:
        return self._rows

    def append(self, column: SparseColumn) -> None:
        first = int(column.indptr[0])
        added = int(column.indptr[-1]) - first
        rows, values = self._rows + len(column), self.n_values + added
        self._indptr = _with_room(self._indptr, self._rows + 1, rows + 1)
        self._indices = _with_room(self._indices, self.n_values, values)
        self._values = _with_room(self._values, self.n_values, values)
        shift = self.n_values - first
        self._indptr[self._rows + 1 : rows + 1] = column.indptr[1:] + shift
        self._indices[self.n_values : values] = column.indices[first : first + added]
        self._values[self.n_values : values] = column.values[first : first + added]
        self._rows, self.n_values = rows, values

    def view(self) -> SparseColumn:
        return SparseColumn(
            self._indptr[: self._rows + 1],
            self._indices[: self.n_values],
            self._values[: self.n_values],
        )


def _older_view(
    metric: str,
    parts: tuple[_Part, ...],
    tail: SparseColumn,
    tail_first: int,
    column: SparseColumn,
) -> GrowingView:
    """Return the view of a reader that sees fewer rows than are known by now."""
    rows = len(column)
    if rows >= tail_first:
        return GrowingView(metric, parts, tail.slice(0, rows - tail_first), tail_first)
    whole = tuple(part for part in parts if sum(part.span) <= rows)
    first = sum(whole[-1].span) if whole else 0
    return GrowingView(metric, whole, column.slice(first, rows), first)


def _with_room(array: NDArray[_Scalar], used: int, wanted: int) -> NDArray[_Scalar]:
    """Return `array`, or a larger copy of its `used` entries when `wanted` don't fit."""
    if wanted <= len(array):
        return array
    larger = np.empty(max(wanted, 2 * len(array)), array.dtype)
    larger[:used] = array[:used]
    return larger


def _should_merge(before: _Part, last: _Part) -> bool:
    rows = len(before.column) + len(last.column)
    return rows <= _LARGEST_PART and len(before.column) < 2 * len(last.column)


def _piece(mask: NDArray[np.bool_] | None, first: int, rows: int) -> NDArray[np.bool_] | None:
    return None if mask is None else mask[first : first + rows]
