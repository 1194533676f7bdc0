"""Text matching over a segment that still grows.

Rows are indexed in parts, smaller ones merged into larger as they come, so that a row is
analysed a few times at most and a filter looks at few parts.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from aiomilvus.engine.text.match import TextIndex
from aiomilvus.engine.text.tokens import texts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from aiomilvus.engine.text.analyzer import Analyzer
    from aiomilvus.model.columns import BytesColumn

_LARGEST_PART = 1 << 16


class _Part(NamedTuple):
    first: int
    indexed: TextIndex

    @property
    def end(self) -> int:
        return self.first + self.indexed.n_rows


class TextView:
    """The rows of a growing segment that one reader sees. Immutable; as `TextIndex`."""

    __slots__ = ("_parts",)

    def __init__(self, parts: tuple[_Part, ...]) -> None:
        self._parts = parts

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return self._parts[-1].end if self._parts else 0

    def match(self, terms: Sequence[str], minimum_should_match: int = 1) -> NDArray[np.bool_]:
        """As `TextIndex.match`."""
        masks = [part.indexed.match(terms, minimum_should_match) for part in self._parts]
        return np.concatenate([np.zeros(0, np.bool_), *masks])

    def phrase(
        self, terms: Sequence[str], positions: Sequence[int], slop: int = 0
    ) -> NDArray[np.bool_]:
        """As `TextIndex.phrase`."""
        masks = [part.indexed.phrase(terms, positions, slop) for part in self._parts]
        return np.concatenate([np.zeros(0, np.bool_), *masks])

    def fuzzy(self, terms: Sequence[str], edits: int) -> NDArray[np.bool_]:
        """As `TextIndex.fuzzy`."""
        masks = [part.indexed.fuzzy(terms, edits) for part in self._parts]
        return np.concatenate([np.zeros(0, np.bool_), *masks])


class GrowingTextIndex:
    """Follows a VARCHAR column that is only ever appended to. Safe to share by threads."""

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._lock = threading.Lock()
        self._parts: tuple[_Part, ...] = ()

    def view_of(self, column: BytesColumn) -> TextView:
        """Return a matcher over the rows of `column`.

        Args:
            column: All rows of the segment that the caller sees. Rows beyond those of
                earlier calls are taken in; the others must be the same as they were.
        """
        with self._lock:
            known = self._parts[-1].end if self._parts else 0
            if len(column) > known:
                self._parts = self._extended(column)
            parts = self._parts
        whole = tuple(part for part in parts if part.end <= len(column))
        view = TextView(whole)
        if view.n_rows == len(column):
            return view
        return TextView((*whole, self._indexed(column, view.n_rows)))

    def _extended(self, column: BytesColumn) -> tuple[_Part, ...]:
        """Return parts that cover `column`, the last ones replaced by one where it pays."""
        parts = list(self._parts)
        first = parts[-1].end if parts else 0
        while parts:
            size, joined = parts[-1].indexed.n_rows, len(column) - parts[-1].first
            if joined > _LARGEST_PART or size >= 2 * (joined - size):
                break
            first = parts.pop().first
        return (*parts, self._indexed(column, first))

    def _indexed(self, column: BytesColumn, first: int) -> _Part:
        texts = texts_of(column.slice(first, len(column)))
        return _Part(first, TextIndex.build(self._analyzer.analyze_many(texts, positions=True)))
