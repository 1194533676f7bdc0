"""An HNSW graph in faiss' form, of float32 rows, by comparing leaves of rows as a whole.

Adding rows one by one, as faiss does, searches the graph for each: most of the time is waiting for
memory. Here each level's rows are divided into overlapping leaves; all distances within a leaf are
one product of matrices; every row keeps links to some of the nearest rows in each of its leaves,
then the best of all of them, then links go both ways. What comes out is as faiss makes it: the same
levels, the same rule of which links are worth keeping.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from aiomilvus.engine.index.graph_build.kernel_access import kernels
from aiomilvus.engine.index.graph_build.partitioning import TOGETHER, Leaf, Partition

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import SimpleNamespace

    from numpy.typing import NDArray

    from aiomilvus.engine.index.contract import BuildBudget

    Rows = NDArray[np.int32]
    Vectors = NDArray[np.float32]

_ADDED_A_SECOND = 5_000
"""Rows that faiss adds in a second at most: what compiling the kernels may take at most."""
_SAMPLED = 16
"""Rows from all over a leaf that a row may be linked to, too."""
_SPARSER = 8
_SEED = 3_407
"""One row in so many, drawn at random, has links among those: between rows next to one another and
those of the level above, one in M."""
_ADDED = 6
"""Links of other rows than the nearest that a row takes over at most, the nearest first."""
_EF_OF_A_LEAF = 18
_FEWEST_LEAVES, _MOST_LEAVES = 4, 24
_LEAST_WIDTH = 8
_MOST_SOURCES = 8
"""Rows linked to a row that are looked at, in degrees."""
_BATCH = 8
_BLOCK = 1 << 12
_LINKED, _CHOSEN = 0.8, 0.9
"""How much of a level's work is done once its rows are linked, and once links are chosen."""


class Shape(NamedTuple):
    """How a level is built.

    Attributes:
        degree: Neighbours of a row at most.
        leaves: Leaves that each row is in.
        width: Links that a row keeps of each leaf.
        looked_at: Nearest rows in a leaf that links are chosen among.
    """

    degree: int
    leaves: int
    width: int
    looked_at: int


def shape_of(count: int, m: int, ef_construction: int, *, lowest: bool) -> Shape:
    """Return how a level of `count` rows is built: in more leaves where faiss searches wider."""
    degree = 2 * m if lowest else m
    looked_at = max(2 * m, 3 * _LEAST_WIDTH)
    if count <= TOGETHER:
        return Shape(degree, 1, degree, looked_at)
    wanted = round(ef_construction / _EF_OF_A_LEAF / 2) * 2
    leaves = min(max(wanted, _FEWEST_LEAVES), _MOST_LEAVES)
    width = max(3 * m // 4, _LEAST_WIDTH, -(-degree // leaves))
    return Shape(degree, leaves, width, looked_at)


def fill_graph(
    index: Any,
    values: Vectors,
    scales: Vectors,
    centre: Vectors,
    m: int,
    budget: BuildBudget,
) -> bool:
    """Fill an empty graph of faiss' with all rows, if the kernels are there in time.

    Args:
        index: A ``faiss.IndexHNSW`` without rows.
        values: float32 (n, dim).
        scales: float32 (n), what each row is to be multiplied by.
        centre: float32 (dim), what is taken off them then.
        m: The graph's M.
        budget: What it may use.

    Returns:
        Whether it is filled; else nothing was done.

    Raises:
        BuildStoppedError: The work was given up.
    """
    entries = kernels(len(values) / _ADDED_A_SECOND, budget)
    if entries is None:
        return False
    import faiss  # noqa: PLC0415 - heavy; the caller loaded it

    hnsw, count = index.hnsw, len(values)
    hnsw.prepare_level_tab(count, False)
    levels = faiss.vector_to_array(hnsw.levels)
    offsets = faiss.vector_to_array(hnsw.offsets).astype(np.int64)
    begins = faiss.vector_to_array(hnsw.cum_nneighbor_per_level)
    neighbors = faiss.rev_swig_ptr(hnsw.neighbors.data(), int(offsets[-1]))
    top = int(levels.max()) - 1
    progress = Progress(budget, monotonic(), int(levels.sum()))
    above = Links(np.empty(0, np.int32), np.empty((0, m), np.int32))
    for level in range(top, -1, -1):
        rows = np.flatnonzero(levels > level).astype(np.int32)
        shape = shape_of(len(rows), m, hnsw.efConstruction, lowest=level == 0)
        part = values if len(rows) == count else np.ascontiguousarray(values[rows])
        building = Level(entries, part, scales[rows], centre, shape, progress.of(len(rows)))
        links = building.links()
        if len(rows) > TOGETHER:
            add_links(links, _sparser(building, m))
        add_links(links, above.within(rows))
        above = Links(rows, links)
        progress = progress.after(len(rows))
        for at in range(0, len(rows), _BLOCK):
            some = above.neighbors[at : at + _BLOCK]
            places = offsets[rows[at : at + _BLOCK]] + begins[level]
            named = np.where(some >= 0, rows[some], -1)
            neighbors[places[:, None] + np.arange(shape.degree)] = named
    hnsw.max_level = top
    hnsw.entry_point = int(np.flatnonzero(levels > top)[0])
    index.ntotal = count
    return True


def _sparser(level: Level, m: int) -> Links:
    """Return links among one row in `_SPARSER`, in numbers of the whole level."""
    count = len(level.values)
    chosen = np.random.default_rng(_SEED).choice(count, count // _SPARSER, replace=False)
    rows: Rows = np.sort(chosen).astype(np.int32)
    shape = shape_of(len(rows), m, _EF_OF_A_LEAF * _FEWEST_LEAVES, lowest=False)
    part = np.ascontiguousarray(level.values[rows])
    rest = level.progress.after(count)
    sparse = Level(level.entries, part, level.scales[rows], level.centre, shape, rest)
    return Links(np.arange(len(rows), dtype=np.int32), sparse.links()).named(rows)


class Progress(NamedTuple):
    """How far a graph is, in rows of its levels.

    Attributes:
        budget: What is asked whether to go on.
        started: When the graph was begun, as `time.monotonic` tells.
        total: Rows of all levels.
        before: Rows of those that are done.
        rows: Rows of the level that is being done.
    """

    budget: BuildBudget
    started: float
    total: int
    before: int = 0
    rows: int = 0

    def of(self, rows: int) -> Progress:
        """Return the same with a level of so many rows under way."""
        return self._replace(rows=rows)

    def after(self, rows: int) -> Progress:
        """Return the same with so many more rows done."""
        return self._replace(before=min(self.before + rows, self.total), rows=0)

    def check(self, done: float) -> None:
        """Return if the work is still wanted, with such a share of the level's done.

        Raises:
            BuildStoppedError: It is not.
        """
        self.budget.check(self.started, (self.before + done * self.rows) / self.total)


class Links(NamedTuple):
    """The links of a level.

    Attributes:
        rows: int32 (n), the rows on it, ascending.
        neighbors: int32 (n, degree), each one's neighbours as places in `rows`, -1 behind them.
    """

    rows: Rows
    neighbors: Rows

    def within(self, rows: Rows) -> Links:
        """Return the same links in places of `rows`, which are more."""
        return self.named(np.searchsorted(rows, self.rows).astype(np.int32))

    def named(self, names: Rows) -> Links:
        """Return the same links between rows of other names, int32 (n)."""
        if not len(names):
            return self
        return Links(names, np.where(self.neighbors >= 0, names[self.neighbors], -1))


def add_links(neighbors: Rows, above: Links) -> None:
    """Add the links of the level above, as far as a row has room.

    They lead from one cluster to others, as do, in a graph that grows row by row, those of the rows
    that were added first; the rule of which links are worth keeping would drop them.

    Args:
        neighbors: int32 (n, degree), written.
        above: What to add, in the same numbers.
    """
    for at in range(0, len(above.rows), _BLOCK):
        rows, more = above.rows[at : at + _BLOCK], above.neighbors[at : at + _BLOCK, :_ADDED]
        mine = neighbors[rows]
        known = (more[:, :, None] == mine[:, None, :]).any(axis=2)
        both = np.concatenate([mine, np.where(known, -1, more)], axis=1)
        first = np.argsort(both < 0, axis=1, kind="stable")[:, : mine.shape[1]]
        neighbors[rows] = np.take_along_axis(both, first, axis=1)


class Level:
    """The rows of one level of a graph, and their links to be.

    Args:
        entries: The compiled kernels.
        values: float32 (n, dim), C-contiguous.
        scales: float32 (n), what each row is to be multiplied by.
        centre: float32 (dim), what is taken off them then.
        shape: How it is built.
        progress: What is told how far it is.
    """

    def __init__(
        self,
        entries: SimpleNamespace,
        values: Vectors,
        scales: Vectors,
        centre: Vectors,
        shape: Shape,
        progress: Progress,
    ) -> None:
        self.entries = entries
        self.values = values
        self.scales = np.ascontiguousarray(scales)
        self.centre = centre
        self._shape = shape
        self.progress = progress
        self._threads = max(progress.budget.threads, 1)
        self._slots = np.full((len(values), shape.leaves * shape.width), -1, np.int32)

    def links(self) -> Rows:
        """Return each row's neighbours, int32 (n, degree), -1 behind them."""
        count, threads, check = len(self.values), self._threads, self.progress.check
        partition = Partition(self.entries, self._block, lambda: check(0.0))
        leaves = partition.leaves(count, self._shape.leaves)
        with ThreadPoolExecutor(threads, thread_name_prefix="aiomilvus-build") as pool:
            for at in range(0, len(leaves), _BATCH * threads):
                check(_LINKED * at / len(leaves))
                some = leaves[at : at + _BATCH * threads]
                list(pool.map(self._link, [some[first::threads] for first in range(threads)]))
            self._in_blocks(pool, self._choose, _LINKED)
            starts = np.zeros(count + 1, np.int64)
            sources = np.empty(int(np.count_nonzero(self._slots >= 0)), np.int32)
            self.entries.turn(self._slots, starts, sources)
            links = np.empty((count, self._shape.degree), np.int32)
            join = partial(self._join, starts, sources, links)
            self._in_blocks(pool, join, _CHOSEN)
        return links

    def _block(self, rows: Rows) -> Vectors:
        block = np.take(self.values, rows, axis=0)
        block *= self.scales[rows][:, None]
        block -= self.centre
        return block

    def _in_blocks(
        self, pool: ThreadPoolExecutor, work: Callable[[int, int], None], done: float
    ) -> None:
        """Do all rows, block by block."""
        count, threads = len(self.values), self._threads
        step = max(min(_BLOCK, -(-count // threads)), 1)
        firsts = range(0, count, step)
        for at in range(0, len(firsts), threads):
            self.progress.check(done + (_CHOSEN - _LINKED) * at / len(firsts))
            some = firsts[at : at + threads]
            list(pool.map(work, some, [min(first + step, count) for first in some]))

    def _link(self, leaves: list[Leaf]) -> None:
        largest = max((len(leaf.members) for leaf in leaves), default=0)
        shape = self._shape
        squares = np.empty(largest, np.float32)
        distances = np.empty(largest * largest, np.float32)
        near = np.empty(shape.looked_at + _SAMPLED, np.float32)
        nearest = np.empty(shape.looked_at + _SAMPLED, np.int32)
        kept = np.empty(shape.width, np.int32)
        for leaf in leaves:
            self.entries.link(
                *(self._block(leaf.members), leaf.members, leaf.places),
                *(shape.width, _SAMPLED),
                *(squares, distances, near, nearest, kept, self._slots),
            )

    def _choose(self, first: int, last: int) -> None:
        width = self._slots.shape[1]
        near, nearest = np.empty(width, np.float32), np.empty(width, np.int32)
        kept = np.empty(self._shape.degree, np.int32)
        self.entries.choose(
            *(self.values, self.scales, first, last, near, nearest, kept, self._slots)
        )

    def _join(
        self, starts: NDArray[np.int64], sources: Rows, links: Rows, first: int, last: int
    ) -> None:
        most = self._shape.degree * _MOST_SOURCES
        near, nearest = np.empty(most, np.float32), np.empty(most, np.int32)
        kept = np.empty(self._shape.degree, np.int32)
        self.entries.join(
            *(self.values, self.scales, self._slots, starts, sources, first, last),
            *(near, nearest, kept, links),
        )
