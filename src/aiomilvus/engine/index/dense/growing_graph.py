"""A graph over growing rows: built beside the writes, replaced when the rows are indexed.

`GrowingGraph` owns a faiss graph over copies of the vectors in half width, to which one thread
adds, and codes of the rows, which it makes first. Readers get clones: faiss can't be searched while
rows are added. `growing_index` searches by what readers have, and compares all other rows.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from aiomilvus.engine.index.contract import Found, SearchPlan, without_warnings
from aiomilvus.engine.index.dense.faiss_index import FaissIndex
from aiomilvus.engine.index.dense.faiss_library import Threads, faiss_library
from aiomilvus.engine.index.dense.growing_codes import LEAST_ROWS as CODED_ROWS
from aiomilvus.engine.index.dense.growing_codes import STEP as CODED_STEP
from aiomilvus.engine.index.dense.growing_codes import GrowingCodes
from aiomilvus.engine.index.dense.half_width import suits_half
from aiomilvus.engine.index.dense.index_types import measure_of
from aiomilvus.engine.index.dense.kernel_access import are_loaded, kernels_if_loaded
from aiomilvus.engine.index.dense.vectors import are_unit, as_floats, lengths_of, normalized

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from aiomilvus.engine.index.contract import Allowed
    from aiomilvus.engine.index.dense.code_choice import CodeChoice
    from aiomilvus.engine.index.dense.coded_column import CodedColumn
    from aiomilvus.model.columns import Column, VectorColumn

    Bools = NDArray[np.bool_]

LEAST_ROWS = 1_500
"""Fewer rows are compared one by one about as fast as a graph is searched."""
_STEP = 500
_ROUND = 2_000
"""Rows that are added, or a quarter of those in it, before readers get a clone."""
_LINKS = 16
_CONSTRUCTION = 100
EF = 64
"""The least ef with which it is walked."""
_PIECE = 256
_GROWTH = 2
"""After so many times the rows it is judged again which codes serve."""


class Grown(NamedTuple):
    """What serves the rows of one growing segment and vector field.

    Attributes:
        graph: Over the first rows; None where there is none.
        coded: Codes of the first rows, at least those of the graph; None where there are none.
    """

    graph: FaissIndex | RemappedIndex | None = None
    coded: CodedColumn | None = None


class GrowingGraph:
    """The graph of one growing segment and vector field; threads extend it in turn.

    Args:
        metric: ``L2``, ``IP`` or ``COSINE``.
    """

    def __init__(self, metric: str) -> None:
        self.metric = metric
        self.covered = 0
        self.grown = Grown()
        """What readers were last given."""
        self._codes = GrowingCodes(metric)
        self._looked_at = 0
        self._index: Any = None
        self._clone: Any = None
        self._choice: CodeChoice | None = None
        # A database that leads may begin while the one that followed before it still ends.
        self._turn = Lock()

    def is_behind(self, rows: int) -> bool:
        """Return whether enough rows have no codes or links for `extend` to pay."""
        return self._lacks_codes(rows) or self._lacks_links(rows)

    def _lacks_codes(self, rows: int) -> bool:
        few = rows < CODED_ROWS or rows - self._looked_at < CODED_STEP
        return not few and kernels_if_loaded() is not None

    def _lacks_links(self, rows: int) -> bool:
        return rows >= LEAST_ROWS and rows - self.covered >= max(_STEP, self.covered // 64)

    def extend(
        self,
        current: Callable[[], VectorColumn],
        keep_going: Callable[[], bool],
        publish: Callable[[Grown], None],
    ) -> bool:
        """Take in rows that are new: code all of them, link some; return whether there were any.

        Args:
            current: Gives the vectors as of now; those that are in already come first.
            keep_going: Asked again and again; False ends the work early.
            publish: Takes what serves the rows, whenever that is more than before.
        """
        with self._turn:
            before = (self._looked_at, self.covered)
            column = current()
            self._code_new(column, publish)
            if self._lacks_links(len(column)):
                for _ in self._links(column, keep_going):
                    self._code_new(current(), publish)
                publish(self.grown)
            return (self._looked_at, self.covered) != before

    def _code_new(self, column: VectorColumn, publish: Callable[[Grown], None]) -> None:
        if self._lacks_codes(len(column)):
            self._code(column)
            publish(self.grown)

    def _code(self, column: VectorColumn) -> None:
        values = column.values
        self._looked_at = len(values)
        module = kernels_if_loaded()
        if module is not None and values.dtype == np.float32:
            with without_warnings():
                coded = self._codes.extended(module, values)
            self.grown = self.grown._replace(coded=coded)

    def _links(self, column: VectorColumn, keep_going: Callable[[], bool]) -> Iterator[None]:
        """Add rows to the graph, and give readers a clone; yield after each few rows."""
        values = column.values
        if self._index is None:
            self._index = self._empty(values)
        end = min(len(values), self.covered + max(_ROUND, self.covered // 4))
        while self.covered < end and keep_going():
            last = min(self.covered + _PIECE, end)
            block = np.ascontiguousarray(as_floats(values[self.covered : last]))
            if self.metric == "COSINE":
                block = normalized(block)
            with Threads(1):
                self._index.add(block)
            self.covered = last
            yield
        if self.covered >= LEAST_ROWS:
            self._clone = faiss_library().clone_index(self._index)
            self.grown = self.grown._replace(graph=self._searcher_over(column))

    def over(self, column: VectorColumn) -> Grown:
        """Return what serves the rows that readers were last given.

        Args:
            column: The same vectors as ever, in another place.
        """
        coded = self.grown.coded
        if coded is not None:
            coded = coded.over(column.slice(0, coded.num_rows).values)
        graph = None if self._clone is None else self._searcher_over(column)
        return Grown(graph, coded)

    def _searcher_over(self, column: VectorColumn) -> FaissIndex:
        prefix = column.slice(0, int(self._clone.ntotal))
        lengths: dict[str, NDArray[Any]] = {}
        if self.metric == "COSINE" and not are_unit(prefix.values):
            # Whatever the graph is served as, products are divided by them.
            lengths["lengths"] = lengths_of(prefix.values)
        served = FaissIndex(prefix, self.metric, "HNSW", self._clone, dict(lengths), EF)
        # Without codes of its own, what the graph finds is decided by the vectors. Loading what
        # makes codes may take seconds, for which no flush is to wait.
        if are_loaded():
            known = self._choice
            if known is not None and len(prefix) > _GROWTH * known.rows:
                known = None
            is_coded = served.accelerate(known)
            self._choice = served.code_choice
            if is_coded:
                return served
        return FaissIndex(prefix, self.metric, "HNSW_SQ", self._clone, lengths, EF)

    def _empty(self, values: NDArray[Any]) -> Any:
        faiss = faiss_library()
        dim, measure = values.shape[1], measure_of(self.metric)
        if suits_half(values):
            quantizer = faiss.ScalarQuantizer.QT_bf16
            index = faiss.IndexHNSWSQ(dim, quantizer, _LINKS, measure)
            index.is_trained = index.storage.is_trained = True
        else:
            index = faiss.IndexHNSWFlat(dim, _LINKS, measure)
        index.hnsw.efConstruction = _CONSTRUCTION
        return index


class RemappedIndex:
    """A graph's rows without those that were deleted since, under the numbers they have now.

    Args:
        served: The graph, over a prefix of the rows as they were.
        kept: int64, rising: which of all the rows are left; the i-th of them is row i now.
    """

    def __init__(self, served: FaissIndex, kept: NDArray[np.int64]) -> None:
        first = served.num_rows
        self._served = served
        self._kept = kept[: int(np.searchsorted(kept, first))]
        self._left = np.zeros(first, np.bool_)
        self._left[self._kept] = True
        self._now = np.cumsum(self._left) - 1
        self.num_rows = len(self._kept)

    @property
    def kind(self) -> str:
        """What serves it."""
        return self._served.kind

    @property
    def is_accelerated(self) -> bool:
        """As `FaissIndex.is_accelerated`."""
        return self._served.is_accelerated

    def _before(self, mask: Bools | None) -> Bools:
        """Return a mask over the rows as they were, for one over the rows as they are."""
        if mask is None:
            return self._left
        before = np.zeros(len(self._left), np.bool_)
        before[self._kept] = mask
        return before

    def plan(
        self,
        queries: Column | None,
        k: int,
        params: Mapping[str, Any],
        allowed: Allowed,
        *,
        in_range: bool = False,
    ) -> SearchPlan:
        """Return how a search is done now: as `FaissIndex.plan` with the rows that are left."""
        before = allowed if isinstance(allowed, int) else self._before(allowed)
        return self._served.plan(queries, k, params, before, in_range=in_range)

    def search(
        self, queries: Column, k: int, params: Mapping[str, Any], mask: Bools | None
    ) -> Found:
        """Return the `k` best allowed rows for each of the queries, as `FaissIndex.search`."""
        found = self._served.search(queries, k, params, self._before(mask))
        rows = np.where(found.rows >= 0, self._now[found.rows], -1)
        return Found(found.scores, rows)
