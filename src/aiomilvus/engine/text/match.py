"""The index behind ``text_match`` and its kin: which rows contain which terms, and where.

Immutable, built from one segment's analysed texts, stored as plain arrays. Terms are kept as
strings, not as the hashes that BM25 uses: a filter must not be wrong on a collision.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.text.fuzzy import TermsByLength
from aiomilvus.errors import DataCorruptedError
from aiomilvus.model.columns import BytesColumn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from aiomilvus.engine.text.tokens import TokenBatch

_FORMAT = 1
# Positions are kept apart by row in one number; a phrase may reach below position 0.
_ROW_SHIFT = np.int64(32)
_ORIGIN = np.int64(1 << 31)


class TextIndex:
    """Inverted lists with positions over the texts of a segment. Safe to share by threads.

    Rows are numbered as in the batch it was built from; empty and null texts match nothing.
    """

    def __init__(self, arrays: Mapping[str, NDArray[Any]], n_rows: int) -> None:
        self._terms = _SortedTerms(arrays["term_offsets"], arrays["term_data"])
        self._arrays = dict(arrays)
        self._list_offsets: NDArray[np.int64] = arrays["list_offsets"]
        self._rows: NDArray[np.uint32] = arrays["rows"]
        self._position_offsets: NDArray[np.int64] = arrays["position_offsets"]
        self._positions: NDArray[np.int32] = arrays["positions"]
        self.n_rows = n_rows

    @classmethod
    def build(cls, batch: TokenBatch) -> TextIndex:
        """Index analysed texts; the batch must have positions."""
        if batch.positions is None:
            raise ValueError("a text index is built from a batch with positions")
        known = batch.vocabulary.terms
        numbers, inverse = np.unique(batch.term_ids, return_inverse=True)
        encoded = [known[number].encode() for number in numbers.tolist()]
        order = sorted(range(len(encoded)), key=encoded.__getitem__)
        ranks = np.empty(len(order), np.uint64)
        ranks[order] = np.arange(len(order), dtype=np.uint64)
        rows = np.repeat(np.arange(len(batch), dtype=np.uint64), np.diff(batch.offsets))
        # Ranks and rows have 32 bits each; equal ones stay in the order of the text.
        keys = (ranks[inverse] << np.uint64(32)) | rows
        sorting = np.argsort(keys, kind="stable")
        keys = keys[sorting]
        starts = np.flatnonzero(np.diff(keys, prepend=~keys[:1]))
        keys_of_lists = (keys[starts] >> np.uint64(32)).astype(np.int64)
        terms = BytesColumn.of([encoded[place] for place in order])
        arrays: dict[str, NDArray[Any]] = {
            "term_offsets": terms.offsets,
            "term_data": terms.data,
            "list_offsets": np.searchsorted(keys_of_lists, np.arange(len(order) + 1)),
            "rows": keys[starts].astype(np.uint32),
            "position_offsets": np.append(starts, len(keys)).astype(np.int64),
            "positions": batch.positions[sorting],
        }
        return cls(arrays, len(batch))

    def to_arrays(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return the arrays and the JSON-able meta data that `from_arrays` takes."""
        return dict(self._arrays), {"format": _FORMAT, "n_rows": self.n_rows}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> TextIndex:
        """Open an index; arrays may be read-only and mapped from a file.

        Raises:
            DataCorruptedError: The meta data is of another format.
        """
        if meta.get("format") != _FORMAT:
            raise DataCorruptedError(
                message=f"text index format {meta.get('format')!r}, expected {_FORMAT}"
            )
        return cls(arrays, meta["n_rows"])

    def match(self, terms: Sequence[str], minimum_should_match: int = 1) -> NDArray[np.bool_]:
        """Return the rows that contain at least so many of `terms`.

        Args:
            terms: An analysed query; a term given twice counts twice.
            minimum_should_match: At least 1.

        Returns:
            bool (n_rows,).
        """
        counts = Counter(terms)
        if minimum_should_match <= 1:
            mask = np.zeros(self.n_rows, np.bool_)
            for term in counts:
                mask[self._rows_of(term)] = True
            return mask
        matched = np.zeros(self.n_rows, np.uint32)
        for term, count in counts.items():
            matched[self._rows_of(term)] += np.uint32(count)
        return matched >= minimum_should_match

    def phrase(
        self, terms: Sequence[str], positions: Sequence[int], slop: int = 0
    ) -> NDArray[np.bool_]:
        """Return the rows that contain `terms` as a phrase.

        Args:
            terms: An analysed query.
            positions: Where each term stood in the query.
            slop: How far terms may be out of place, all together: the terms' shifts from
                the query's places may differ by this much. To swap two neighbours takes 2.

        Returns:
            bool (n_rows,).
        """
        mask = np.zeros(self.n_rows, np.bool_)
        lists = [self._list_of(term) for term in terms]
        if not lists or None in lists:
            return mask
        places = [
            self._shifted(number, position)
            for number, position in zip(lists, positions, strict=True)
            if number is not None
        ]
        # A phrase is found at every start from which each term is at most `slop` away.
        starts = places[0] if slop == 0 else np.unique(np.concatenate(places))
        for keys in places:
            at = np.minimum(np.searchsorted(keys, starts), len(keys) - 1)
            reach = keys[at]
            starts = starts[(reach >= starts) & (reach <= starts + slop)]
        rows = np.unique(starts >> _ROW_SHIFT)
        if slop and len(set(terms)) < len(terms):
            rows = np.array(
                [row for row in rows.tolist() if self._is_spread(row, terms, positions, slop)],
                np.int64,
            )
        mask[rows] = True
        return mask

    def fuzzy(self, terms: Sequence[str], edits: int) -> NDArray[np.bool_]:
        """Return the rows that contain a term at most `edits` away from one of `terms`.

        Args:
            terms: An analysed query.
            edits: At least 0; see `engine.text.fuzzy` for what counts as one.

        Returns:
            bool (n_rows,).
        """
        if not edits:
            return self.match(terms)
        mask = np.zeros(self.n_rows, np.bool_)
        for term in set(terms):
            for number in self._by_length.within(term, edits).tolist():
                mask[self._rows[self._list_offsets[number] : self._list_offsets[number + 1]]] = True
        return mask

    @cached_property
    def _by_length(self) -> TermsByLength:
        return TermsByLength(self._arrays["term_offsets"], self._arrays["term_data"])

    def _list_of(self, term: str) -> int | None:
        number = bisect_left(self._terms, term.encode())
        found = number < len(self._terms) and self._terms[number] == term.encode()
        return number if found else None

    def _rows_of(self, term: str) -> NDArray[np.uint32]:
        number = self._list_of(term)
        if number is None:
            return self._rows[:0]
        return self._rows[self._list_offsets[number] : self._list_offsets[number + 1]]

    def _shifted(self, number: int, position: int) -> NDArray[np.int64]:
        """Return, sorted, row and shift of each occurrence, in one number each."""
        span = slice(self._list_offsets[number], self._list_offsets[number + 1])
        first, last = self._position_offsets[span.start], self._position_offsets[span.stop]
        counts = np.diff(self._position_offsets[span.start : span.stop + 1])
        keys = np.repeat(self._rows[span].astype(np.int64) << _ROW_SHIFT, counts)
        keys += self._positions[first:last]
        keys += _ORIGIN - position
        keys.sort()
        return keys

    def _is_spread(
        self, row: int, terms: Sequence[str], positions: Sequence[int], slop: int
    ) -> bool:
        """Return whether a repeated term finds different places for its repetitions."""
        choices = []
        for term, position in zip(terms, positions, strict=True):
            number = self._list_of(term)
            if number is None:
                return False
            choices.append((position, self._positions_in(number, row)))
        starts = {place - position for position, places in choices for place in places}
        return any(_assign(choices, start, start + slop, frozenset()) for start in starts)

    def _positions_in(self, number: int, row: int) -> list[int]:
        span = slice(self._list_offsets[number], self._list_offsets[number + 1])
        at = span.start + np.searchsorted(self._rows[span], np.uint32(row))
        found = slice(self._position_offsets[at], self._position_offsets[at + 1])
        places: list[int] = self._positions[found].tolist()
        return places


class _SortedTerms:
    """Sorted byte strings in mapped arrays, indexable for bisection."""

    __slots__ = ("_data", "_offsets")

    def __init__(self, offsets: NDArray[np.int64], data: NDArray[np.uint8]) -> None:
        self._offsets = offsets
        self._data = data

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def __getitem__(self, number: int) -> bytes:
        return self._data[self._offsets[number] : self._offsets[number + 1]].tobytes()


def _assign(
    choices: Sequence[tuple[int, list[int]]], low: int, high: int, taken: frozenset[int]
) -> bool:
    """Return whether every term finds a free place with a shift within low … high."""
    if not choices:
        return True
    position, places = choices[0]
    return any(
        _assign(choices[1:], low, high, taken | {place})
        for place in places
        if low <= place - position <= high and place not in taken
    )
