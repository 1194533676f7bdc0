"""The tuples that the compiled kernels work on: what each array holds, its shape, type and unit.

Callers fill `QueryBatch`, `InvertedLists`, `Limits`, `Damping`, `AllowedRows`, `TopHits` and
`Room`, and hand over their fields in order (`*batch, *lists, …`): `kernel_entries.search_batch`
builds them again inside. The other tuples exist inside the kernels only. They are small because
numba counts a reference to each array of a tuple with each call: one tuple with all of a query's
arrays made short searches a tenth slower.

nq is the number of queries, q of query terms, t of terms in the index, p of postings, n of rows,
w of windows, l of long lists, r of ranks (`postings.FLOOR_RANKS`). Rows are numbered from 0; window
i holds the rows ``i << window_bits`` up to the next window's first. A *local* row is counted from
the first of its window. All arrays are C-contiguous; what is marked read-only may be mapped from a
file.

A score is Σ weight · contribution (see `scoring`), summed as float64 and rounded once to float32.
Bounds and floors are contributions, without the weight.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Doubles = NDArray[np.float64]
    Longs = NDArray[np.int64]


class QueryBatch(NamedTuple):
    """Prepared queries (`query.Query`), laid end to end. Read-only.

    Attributes:
        starts: int64 (nq + 1,), query i has the entries ``starts[i]`` … ``starts[i + 1]``.
        terms: uint32 (q,), distinct within a query.
        weights: float64 (q,), none of them 0.
    """

    starts: Longs
    terms: NDArray[np.uint32]
    weights: Doubles


class InvertedLists(NamedTuple):
    """The inverted lists of `postings.Postings`. Read-only.

    Attributes:
        terms: uint32 (t,), sorted, distinct.
        offsets: int64 (t + 1,), list i is ``offsets[i]`` … ``offsets[i + 1]`` of `rows`, `values`.
        rows: uint32 (p,), rising within a list.
        values: float32 (p,), never 0; under BM25 term frequencies.
        lengths: float32 (n,), the sum of each row's values: BM25's text length, in terms.
        slots: int32 (t,), rank among the long lists, or -1.
        window_starts: uint32 (l · (w + 1),), where each window begins, relative to the list.
    """

    terms: NDArray[np.uint32]
    offsets: Longs
    rows: NDArray[np.uint32]
    values: Floats
    lengths: Floats
    slots: NDArray[np.int32]
    window_starts: NDArray[np.uint32]


class Limits(NamedTuple):
    """What allows skipping: upper bounds of contributions, and what some reach. Read-only.

    Attributes:
        terms: float32 (t,), the most over a whole list.
        windows: float32 (l · w,), the most in each window of a long list.
        floors: float32 (t · r,), the contribution at each rank, 0 in shorter lists.
        window_bits: A window has 2 to this many rows.
        bound_factor: Factor on `terms` and `windows`; what makes the product a bound for this
            search, times ``dim_max_score_ratio``. Below the former, better rows may be missed.
        floor_rank: Column of `floors` that holds for this k and filter; -1 for none.
        floor_factor: Factor on `floors`, which keeps them from being too high.
        prunes: Whether anything may be skipped: asks for values and weights above 0.
    """

    terms: Floats
    windows: Floats
    floors: Floats
    window_bits: int
    bound_factor: float
    floor_rank: int
    floor_factor: float
    prunes: bool


class Damping(NamedTuple):
    """How values become contributions: as they are, or v / (v + base + slope · length).

    Attributes:
        is_bm25: Whether the second holds.
        base: k1 · (1 - b).
        slope: k1 · b / average length, per term of a row's length.
    """

    is_bm25: bool
    base: float
    slope: float


class AllowedRows(NamedTuple):
    """Which rows may be hits. Read-only.

    Attributes:
        mask: bool (n,), or anything where there is none.
        has_mask: Whether the mask counts; all rows are allowed otherwise.
    """

    mask: NDArray[np.bool_]
    has_mask: bool


class TopHits(NamedTuple):
    """What a search returns; written.

    Attributes:
        scores: float32 (nq, k), descending.
        rows: int64 (nq, k), ascending where scores are equal.
        sizes: int64 (nq,), how many entries of each query are hits; the others are left as is.
    """

    scores: Floats
    rows: Longs
    sizes: Longs


class Room(NamedTuple):
    """Memory that one search at a time writes to: `QueryLists`, `Spans`, `Ranking`, `Accumulator`.

    Attributes:
        numbers, cursors, weights, begins, ends, order, bounds, rests: As there, with an entry for
            each term of the longest query.
        sums: float64 (rows of a window,), all 0 between searches, too.
        touched: int64, at least a window's rows and one; where nothing may be skipped, that many
            for each term of the longest query.
    """

    numbers: Longs
    cursors: Longs
    weights: Doubles
    begins: Longs
    ends: Longs
    order: Longs
    bounds: Doubles
    rests: Doubles
    sums: Doubles
    touched: Longs


class Contributions(NamedTuple):
    """What sums read of `InvertedLists` and `Damping`, with the same names."""

    rows: NDArray[np.uint32]
    values: Floats
    lengths: Floats
    is_bm25: bool
    base: float
    slope: float


class WindowedLists(NamedTuple):
    """What entering a window reads of `InvertedLists` and `Limits`, with the same names."""

    offsets: Longs
    rows: NDArray[np.uint32]
    slots: NDArray[np.int32]
    window_starts: NDArray[np.uint32]
    terms: Floats
    windows: Floats
    bound_factor: float


class QueryLists(NamedTuple):
    """The lists of one query's terms; written.

    The arrays of this, of `Spans` and of `Ranking` have room for the query with the most terms; a
    query uses the first `n_lists` entries.

    Attributes:
        numbers: int64, each list's number in the index.
        cursors: int64, the first posting not yet passed; used for lists that are not long.
    """

    numbers: Longs
    cursors: Longs


class Spans(NamedTuple):
    """The postings of the query's lists in the current window; written.

    Attributes:
        weights: float64, each list's weight in the score: the same in all windows.
        begins: int64, the first posting in the window.
        ends: int64, the one after the last.
    """

    weights: Doubles
    begins: Longs
    ends: Longs


class Ranking(NamedTuple):
    """The query's lists by what they can add in the current window; written.

    Attributes:
        order: int64, the lists by ascending bound.
        bounds: float64, the most that each list adds to a row of the window: a score.
        rests: float64, at each place in `order` the sum of all bounds before it.
    """

    order: Longs
    bounds: Doubles
    rests: Doubles


class Accumulator(NamedTuple):
    """Scores of one window's rows as they are summed; written.

    Attributes:
        sums: float64 (rows of a window,), by local row; all 0 between windows.
        touched: int64, local rows whose sum became other than 0, in the order of that; with
            values that cancel out a row may stand there several times.
    """

    sums: Doubles
    touched: Longs


class Heap(NamedTuple):
    """The best hits so far: a binary heap with the worst at its root; written.

    Attributes:
        scores: float32 (k,).
        rows: int64 (k,). Of equal scores the higher row is worse.
    """

    scores: Floats
    rows: Longs
