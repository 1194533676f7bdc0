"""Rows that are copies of others: a graph has one row of each vector, and lists of the others.

Copies are one another's nearest rows. In a graph they fill each other's lists, so that few links
lead on, and a walk that meets them keeps little else. So only the first row with a vector is
linked; a hit stands for all rows of its list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.index.contract import Found
from aiomilvus.engine.index.dense.faiss_library import FaissObject, faiss_library
from aiomilvus.errors import DataCorruptedError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aiomilvus.model.column_base import Arrays

    Bools = NDArray[np.bool_]
    Rows = NDArray[np.int64]
    _Array = NDArray[Any]

ROWS, STARTS = "copies_rows", "copies_starts"
"""Names of the stored arrays, those of `Copies`."""
WRITTEN = "written"
"""Name of the copy of a stored graph that is put under copies; it is kept, and not stored."""
_MANY = 0.02
"""The share of rows that are copies from which on a graph leaves them out."""
_COMPARED = 16
"""Numbers of a vector by which copies are looked for first."""
_BLOCK = 1 << 14


class Copies:
    """Which rows have the same vector. Safe to share by threads.

    Args:
        rows: int32 (m), all rows that are not null, those of the same vector one behind the other,
            each vector's rising, and vectors in the order of their first rows.
        starts: int32 (n + 1), where in `rows` those of each row begin that have its vector; a row
            that is no vector's first has none.
    """

    def __init__(self, rows: NDArray[np.int32], starts: NDArray[np.int32]) -> None:
        self.rows = rows
        self.starts = starts
        self.firsts: Bools = starts[1:] > starts[:-1]
        """bool (n), which rows are the first of their vector."""
        self.count = int(np.count_nonzero(self.firsts))
        """How many vectors there are."""
        lengths = np.diff(starts)
        self._first_of = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)

    @staticmethod
    def among(values: _Array, valid: Bools | None) -> Copies | None:
        """Return the copies among vectors, None where they are few.

        Args:
            values: (n, dim), of any stored type; may be mapped.
            valid: bool (n), which are not null; None for all.
        """
        rows = np.arange(len(values)) if valid is None else np.flatnonzero(valid)
        if not are_alike(values, rows):
            return None
        first_of = _first_of(values, rows)
        distinct = int(np.count_nonzero(first_of == rows))
        if len(rows) - distinct <= _MANY * len(rows):
            return None
        order = np.argsort(first_of, kind="stable")
        lengths = np.bincount(first_of, minlength=len(values))
        starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
        return Copies(rows[order].astype(np.int32), starts)

    @staticmethod
    def kept(arrays: Arrays, count: int) -> Copies | None:
        """Return the copies that `arrays` gave, None where there are none among these.

        Raises:
            DataCorruptedError: They are not of so many rows.
        """
        if STARTS not in arrays:
            return None
        rows, starts = arrays.get(ROWS), arrays[STARTS]
        fits = rows is not None and rows.dtype == starts.dtype == np.int32
        if not fits or rows is None or starts.shape != (count + 1,) or starts[-1] != len(rows):
            raise DataCorruptedError(message=f"the lists of copies are not those of {count} rows")
        return Copies(rows, starts)

    def arrays(self) -> Arrays:
        """Return what is stored."""
        return {ROWS: self.rows, STARTS: self.starts}

    def firsts_of(self, mask: Bools) -> Bools:
        """Return the first rows of the vectors that any allowed row has; bool (n), as `mask`."""
        firsts = np.zeros(len(mask), np.bool_)
        firsts[self._first_of[mask[self.rows]]] = True
        return firsts

    def spread(self, found: Found, k: int, mask: Bools | None) -> Found:
        """Return the `k` best rows, where first rows were found that stand for their copies.

        Args:
            found: Of each query, best first.
            k: How many rows; missing ones are row -1.
            mask: bool (n), which rows may be hits; None for all.
        """
        scores = np.zeros((len(found.rows), k), np.float32)
        rows = np.full((len(found.rows), k), -1, np.int64)
        for query, firsts in enumerate(found.rows):
            there = np.flatnonzero(firsts >= 0)
            begins = self.starts[firsts[there]].astype(np.int64)
            lengths = self.starts[firsts[there] + 1] - begins
            if mask is None:
                lengths = np.minimum(lengths, k)
            ends = np.cumsum(lengths)
            if mask is None:
                lengths = lengths[: int(np.searchsorted(ends, k)) + 1]
                ends = ends[: len(lengths)]
            total = int(ends[-1]) if len(ends) else 0
            places = np.repeat(begins[: len(lengths)] - (ends - lengths), lengths)
            listed = self.rows[places + np.arange(total)]
            of = np.repeat(there[: len(lengths)], lengths)
            if mask is not None:
                allowed = mask[listed]
                listed, of = listed[allowed], of[allowed]
            end = min(len(listed), k)
            rows[query, :end] = listed[:end]
            scores[query, :end] = found.scores[query, of[:end]]
        return Found(scores, rows)

    def put_under(self, index: FaissObject) -> None:
        """Make a graph over the first rows, in their order, one over all rows.

        The others are in no list and have none, so a walk never meets them.
        """
        faiss = faiss_library()
        hnsw = index.hnsw
        named = np.flatnonzero(self.firsts).astype(np.int32)
        neighbors = faiss.rev_swig_ptr(hnsw.neighbors.data(), hnsw.neighbors.size())
        for at in range(0, len(neighbors), _BLOCK):
            some = neighbors[at : at + _BLOCK]
            some[some >= 0] = named[some[some >= 0]]
        before = faiss.vector_to_array(hnsw.offsets)
        # A row without lists begins where the next one that has some does.
        after = before[np.concatenate([[0], np.cumsum(self.firsts)])]
        levels = np.zeros(len(self.firsts), np.int32)
        levels[named] = faiss.vector_to_array(hnsw.levels)
        faiss.copy_array_to_vector(after, hnsw.offsets)
        faiss.copy_array_to_vector(levels, hnsw.levels)
        hnsw.entry_point = int(named[hnsw.entry_point])
        index.ntotal = len(levels)


def _texts(values: _Array) -> _Array:
    """Return each row's bytes as one value."""
    whole = np.ascontiguousarray(values)
    return whole.view(np.dtype((np.void, whole.shape[1] * whole.itemsize)))[:, 0]


def are_alike(values: _Array, rows: Rows | None = None) -> bool:
    """Return whether many rows agree in some of their numbers with others, as copies do.

    Args:
        values: (n, dim), of any stored type.
        rows: int64, which to look at; None for all.
    """
    texts = _texts(_some_numbers(values, rows))
    return len(texts) - len(np.unique(texts)) > _MANY * len(texts)


def _some_numbers(values: _Array, rows: Rows | None) -> _Array:
    some = values[:, :: -(-values.shape[1] // _COMPARED)]
    return some if rows is None or len(rows) == len(values) else some[rows]


def _first_of(values: _Array, rows: Rows) -> Rows:
    """Return for each of some rows the first one that has its vector.

    Rows are grouped by some of their numbers, then compared with the first one of their group;
    those that differ from it are grouped by all numbers.
    """
    first_of = _grouped(_some_numbers(values, rows), rows)
    differs = np.zeros(len(rows), np.bool_)
    for at in range(0, len(rows), _BLOCK):
        part = slice(at, at + _BLOCK)
        differs[part] = _texts(values[rows[part]]) != _texts(values[first_of[part]])
    if differs.any():
        first_of[differs] = _grouped(values[rows[differs]], rows[differs])
    return first_of


def _grouped(values: _Array, rows: Rows) -> Rows:
    """Return for each row the first one whose values are the same."""
    _, firsts, group = np.unique(_texts(values), return_index=True, return_inverse=True)
    grouped: Rows = rows[firsts[group]]
    return grouped
