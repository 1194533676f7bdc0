"""The inverted lists of one immutable set of rows, and the bounds that allow skipping.

Rows are numbered 0 … n-1 as in the column the lists were built from. For each term its
postings are sorted by row. Rows are also cut into windows of equal size: long lists know where
each window starts in them and how much a posting of that window can add at most.

Everything is a plain array, so an index can be stored in and mapped from any container.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from aiomilvus.engine.index.sparse.kernel_arguments import InvertedLists
from aiomilvus.engine.index.sparse.scoring import Saturation
from aiomilvus.expr.interrupting import never_interrupt
from aiomilvus.model.runs import gather_runs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from aiomilvus.model.columns import SparseColumn

FLOOR_RANKS = (10, 100, 1000)
"""For k up to these, the k-th largest contribution of each list is known; the kernels count on 3.
"""

_WINDOWS_WANTED = 64
_LEAST_WINDOW_BITS = 10
_MOST_WINDOW_BITS = 16
_POSTINGS_PER_WINDOW = 2
_REUSABLE_DRIFT = 1.25


class Bounds(NamedTuple):
    """How much postings contribute: the most, and what a number of them reach at least.

    Attributes:
        saturation: The BM25 parameters the bounds hold for, None under IP.
        terms: float32 (terms,), the most over the whole list.
        windows: float32 (long lists · windows,), the most in each window of a long list.
        floors: float32 (terms · ranks,), contribution at each of `FLOOR_RANKS`, or 0.
    """

    saturation: Saturation | None
    terms: NDArray[np.float32]
    windows: NDArray[np.float32]
    floors: NDArray[np.float32]

    def factors_for(self, saturation: Saturation | None) -> tuple[float, float] | None:
        """Return what makes the bounds hold for `saturation`; None if they are no use.

        Returns:
            One factor for the upper bounds, one for the floors.
        """
        own = self.saturation
        if saturation is None or own is None:
            return (1.0, 1.0) if saturation is own else None
        if saturation[:2] != own[:2] or not own.average_length:
            return None
        # A contribution grows with the average length, at most in proportion to it.
        drift = saturation.average_length / own.average_length
        if not 1 / _REUSABLE_DRIFT <= drift <= _REUSABLE_DRIFT:
            return None
        return max(1.0, drift), min(1.0, drift)


class Postings:
    """Inverted lists. Immutable.

    Attributes:
        n_rows: Number of rows, empty ones included.
        window_bits: A window has 2 to this many rows.
        terms: uint32 (t,), sorted, distinct.
        offsets: int64 (t + 1,), list i is offsets[i] … offsets[i+1] of `rows`, `values`.
        rows: uint32 (p,), values: float32 (p,).
        lengths: float32 (n_rows,), sum of each row's values: BM25's text length.
        slots: int32 (t,), rank among the long lists, or -1.
        window_starts: uint32 (long lists · (windows + 1),), relative to the list.
        bounds: For the metric the index was built for.
        lists: The arrays the kernels walk through.
        has_negative: Whether any value is below zero, so that nothing may be skipped.
    """

    def __init__(self, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> None:
        self.terms: NDArray[np.uint32] = arrays["terms"]
        self.offsets: NDArray[np.int64] = arrays["offsets"]
        self.rows: NDArray[np.uint32] = arrays["rows"]
        self.values: NDArray[np.float32] = arrays["values"]
        self.lengths: NDArray[np.float32] = arrays["lengths"]
        self.slots: NDArray[np.int32] = arrays["slots"]
        self.window_starts: NDArray[np.uint32] = arrays["window_starts"]
        saturation = meta["saturation"]
        self.bounds = Bounds(
            None if saturation is None else Saturation(*saturation),
            arrays["term_bounds"],
            arrays["window_bounds"],
            arrays["floors"],
        )
        self.n_rows = len(self.lengths)
        self.window_bits = int(meta["window_bits"])
        self.has_negative = bool(meta["has_negative"])
        self.lists = InvertedLists(**{name: arrays[name] for name in InvertedLists._fields})

    @property
    def n_windows(self) -> int:
        """Number of windows that the rows are cut into."""
        return (self.n_rows + (1 << self.window_bits) - 1) >> self.window_bits

    @cached_property
    def usual_length(self) -> float:
        """The mean length of the lists of a text's words: as long as their words are frequent."""
        lengths = np.diff(self.offsets).astype(np.float64)
        return float((lengths**2).sum() / max(lengths.sum(), 1.0))

    @cached_property
    def longest(self) -> int:
        """The length of the longest list."""
        return int(np.diff(self.offsets).max(initial=0))

    def count(self, terms: NDArray[np.uint32]) -> int:
        """Return how many postings the lists of `terms` have in all."""
        numbers = self.find(terms)
        numbers = numbers[numbers >= 0]
        return int((self.offsets[numbers + 1] - self.offsets[numbers]).sum())

    def to_arrays(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return the arrays and the JSON-able meta data that the constructor takes."""
        saturation = self.bounds.saturation
        meta = {
            "has_negative": self.has_negative,
            "saturation": None if saturation is None else list(saturation),
            "window_bits": self.window_bits,
        }
        arrays: dict[str, NDArray[Any]] = {
            "terms": self.terms,
            "offsets": self.offsets,
            "rows": self.rows,
            "values": self.values,
            "lengths": self.lengths,
            "slots": self.slots,
            "window_starts": self.window_starts,
            "term_bounds": self.bounds.terms,
            "window_bounds": self.bounds.windows,
            "floors": self.bounds.floors,
        }
        return arrays, meta

    def find(self, terms: NDArray[np.uint32]) -> NDArray[np.int64]:
        """Return the list number of each of `terms`, -1 where there is none."""
        if not len(self.terms):
            return np.full(len(terms), -1, np.int64)
        at = np.minimum(np.searchsorted(self.terms, terms), len(self.terms) - 1)
        return np.where(self.terms[at] == terms, at, -1)

    def bounds_for(self, saturation: Saturation | None) -> Bounds:
        """Compute bounds for other BM25 parameters than the index was built for."""
        contributions: NDArray[np.floating] = self.values
        if saturation is not None:
            contributions = saturation.apply(self.values, self.lengths[self.rows])
        return _bounds(self, contributions, saturation)


def build_postings(
    column: SparseColumn,
    k1_b: tuple[float, float] | None = None,
    drop_ratio: float = 0.0,
    check: Callable[[], object] = never_interrupt,
) -> Postings:
    """Invert the rows of `column`.

    Args:
        column: Sparse rows; zeros and null rows leave no postings.
        k1_b: BM25's parameters if bounds are for BM25; None for IP.
        drop_ratio: Share of the values, smallest magnitude first, to leave out.
        check: Called between the steps; what it raises ends the work.
    """
    check()
    first, last = int(column.indptr[0]), int(column.indptr[-1])
    indices, values = column.indices[first:last], column.values[first:last]
    n_rows = len(column)
    row_of = np.repeat(np.arange(n_rows, dtype=np.uint32), np.diff(column.indptr))
    lengths = np.bincount(row_of, values, n_rows).astype(np.float32)
    check()
    kept = _kept(values, drop_ratio)
    if kept is not None:
        indices, values, row_of = indices[kept], values[kept], row_of[kept]
    check()
    order = _order_by_term(indices)
    check()
    sorted_terms = indices[order]
    starts = np.flatnonzero(np.diff(sorted_terms, prepend=~sorted_terms[:1]))
    offsets = np.append(starts, len(order)).astype(np.int64)
    average = float(lengths.sum(dtype=np.float64) / n_rows) if n_rows else 0.0
    saturation = None if k1_b is None else Saturation(*k1_b, average)
    window_bits = _window_bits(n_rows)
    empty = np.zeros(0, np.float32)
    arrays: dict[str, NDArray[Any]] = {
        "terms": sorted_terms[starts],
        "offsets": offsets,
        "rows": row_of[order],
        "values": np.ascontiguousarray(values[order], np.float32),
        "lengths": lengths,
        "slots": _slots(np.diff(offsets), (n_rows >> window_bits) + 1),
        "window_starts": np.zeros(0, np.uint32),
        "term_bounds": empty,
        "window_bounds": empty,
        "floors": empty,
    }
    meta = {
        "saturation": None,
        "has_negative": bool((values < 0).any()),
        "window_bits": window_bits,
    }
    check()
    arrays["window_starts"] = _window_starts(Postings(arrays, meta))
    postings = Postings(arrays, meta)
    check()
    postings.bounds = postings.bounds_for(saturation)
    return postings


def _kept(values: NDArray[np.float32], drop_ratio: float) -> NDArray[np.bool_] | None:
    kept = values != 0
    dropped = int(drop_ratio * len(values))
    if dropped:
        sizes = np.abs(values)
        kept &= sizes >= np.partition(sizes, dropped)[dropped]
    return None if kept.all() else kept


def _order_by_term(indices: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Return the stable sorting order of `indices`."""
    if len(indices) >= 1 << 32:
        return np.argsort(indices, kind="stable")
    # Sorting packed (term, place) integers is vectorised, a stable argsort is not.
    packed = indices.astype(np.uint64) << np.uint64(32)
    packed |= np.arange(len(indices), dtype=np.uint64)
    packed.sort()
    return (packed & np.uint64(0xFFFFFFFF)).astype(np.int64)


def _window_bits(n_rows: int) -> int:
    wanted = (n_rows // _WINDOWS_WANTED).bit_length()
    return min(max(wanted, _LEAST_WINDOW_BITS), _MOST_WINDOW_BITS)


def _slots(list_lengths: NDArray[np.int64], windows: int) -> NDArray[np.int32]:
    is_long = list_lengths >= _POSTINGS_PER_WINDOW * windows
    ranks = np.cumsum(is_long, dtype=np.int32) - 1
    return np.where(is_long, ranks, -1).astype(np.int32)


def _long_postings(postings: Postings) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Return which postings are in long lists, and of each of these its window's cell."""
    lengths = np.diff(postings.offsets)
    slot_of = np.repeat(postings.slots, lengths)
    is_long = slot_of >= 0
    cells = slot_of[is_long].astype(np.int64) * postings.n_windows
    cells += postings.rows[is_long] >> postings.window_bits
    return is_long, cells


def _window_starts(postings: Postings) -> NDArray[np.uint32]:
    n_long = int(postings.slots.max(initial=-1)) + 1
    _, cells = _long_postings(postings)
    counts = np.bincount(cells, minlength=n_long * postings.n_windows)
    starts = np.zeros((n_long, postings.n_windows + 1), np.uint32)
    np.cumsum(counts.reshape(n_long, postings.n_windows), axis=1, out=starts[:, 1:])
    return starts.ravel()


def _bounds(
    postings: Postings, contributions: NDArray[np.floating], saturation: Saturation | None
) -> Bounds:
    n_long = int(postings.slots.max(initial=-1)) + 1
    windows = np.zeros(n_long * postings.n_windows, np.float32)
    if not len(contributions):
        empty = np.zeros(0, np.float32)
        return Bounds(saturation, empty, windows, empty)
    terms = np.maximum.reduceat(contributions, postings.offsets[:-1])
    is_long, cells = _long_postings(postings)
    if len(cells):
        starts = np.flatnonzero(np.diff(cells, prepend=-1))
        windows[cells[starts]] = np.maximum.reduceat(contributions[is_long], starts)
    floors = _floors(postings.offsets, contributions)
    return Bounds(saturation, terms.astype(np.float32), windows, floors)


def _floors(offsets: NDArray[np.int64], contributions: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return the contribution at each of `FLOOR_RANKS` of each list, 0 in shorter lists."""
    lengths = np.diff(offsets)
    floors = np.zeros((len(lengths), len(FLOOR_RANKS)), np.float32)
    (long,) = np.nonzero(lengths >= FLOOR_RANKS[0])
    if not len(long) or contributions.min() < 0:
        return floors.ravel()
    at = gather_runs(offsets, long)[1]
    # Floats that aren't negative sort as their bits do; packed with the list, in one go.
    packed = np.repeat(np.arange(len(long), dtype=np.uint64) << np.uint64(32), lengths[long])
    packed |= contributions[at].astype(np.float32).view(np.uint32)
    packed.sort()
    ordered = (packed & np.uint64(0xFFFFFFFF)).astype(np.uint32).view(np.float32)
    ends = np.cumsum(lengths[long])
    for column, rank in enumerate(FLOOR_RANKS):
        enough = lengths[long] >= rank
        floors[long[enough], column] = ordered[ends[enough] - rank]
    return floors.ravel()
