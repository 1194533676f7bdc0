"""Approximate search of one sealed segment by faiss; `index_types` says which structures there are.

Graphs over float32 vectors are walked over codes once these are derived (`quantized_graph`); until
then, and without numba, faiss walks them. Filtered searches compare the allowed rows where these
are few, walk among them where the compiled kernels do, and else ask the structure first how many
rows near the query pass: that tells more than how many pass at all.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from aiomilvus.engine.index import costs
from aiomilvus.engine.index.contract import (
    Allowed,
    Found,
    FoundInRange,
    SearchPlan,
    without_warnings,
)
from aiomilvus.engine.index.dense.acceleration import Acceleration
from aiomilvus.engine.index.dense.exact import (
    best_by_vectors,
    exact_range,
    exact_search,
    nearest_range,
    repaired,
)
from aiomilvus.engine.index.dense.exact_or_index import FaissPlanner
from aiomilvus.engine.index.dense.faiss_library import faiss_library, to_bytes
from aiomilvus.engine.index.dense.index_types import RECIPES, search_parameters, widening
from aiomilvus.engine.index.dense.search_params import query_bits, whole_param
from aiomilvus.engine.index.dense.selection import Selection, selection_of
from aiomilvus.engine.index.dense.subset_scan import SubsetSearcher
from aiomilvus.engine.index.dense.unit_storage import CODES as UNIT_CODES
from aiomilvus.engine.index.dense.vectors import LARGER_IS_CLOSER, normalized, query_floats

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from aiomilvus.engine.index.dense.code_choice import CodeChoice
    from aiomilvus.engine.index.dense.judged import Judged
    from aiomilvus.engine.index.dense.kept_codes import Keeper
    from aiomilvus.engine.index.dense.quantized_graph import QuantizedGraph
    from aiomilvus.model.column_base import Arrays
    from aiomilvus.model.columns import Column, VectorColumn

    Bools = NDArray[np.bool_]
    Walk = Callable[[VectorColumn], Found]
    Floats = NDArray[np.float32]

FORMAT = 2
STRUCTURE = "structure"
"""Name of the array with what faiss writes."""
_KEPT = 64
_FIRST_RANGE, _WHOLE = 64, 16


class FaissIndex:
    """An approximate index of one sealed segment. Implements `VectorIndex`; safe to share.

    Args:
        column: The segment's vectors.
        metric: ``L2``, ``IP`` or ``COSINE``.
        served: A key of `RECIPES`.
        index: The faiss index.
        keep: Arrays to store, and what the faiss index points into.
        default: ``ef`` or ``nprobe`` of searches that give none.
        walkable: Whether faiss can search it as it is; else storage is derived first.
        judged: What was found of its recall, where it was asked.
        only: bool (n), the rows that it has where it leaves some out; None where it has all.
    """

    def __init__(
        self,
        column: VectorColumn,
        metric: str,
        served: str,
        index: Any,
        keep: dict[str, NDArray[Any]],
        default: int,
        *,
        walkable: bool = True,
        judged: Judged | None = None,
        only: Bools | None = None,
    ) -> None:
        self.metric = metric
        self.judged, self._only = judged, only
        self.num_rows = len(column)
        self.default = default
        self.recipe = RECIPES[served]
        self._keep, self._index, self._served = keep, index, served
        self.column = column
        self._pointer = faiss_library().swig_ptr
        self._ef_params, self._is_graph = self.recipe.ef, self.recipe.is_graph
        self._search_c = index.search_c
        self._parameters: dict[tuple[int, int], Any] = {}
        self._dim = int(column.values.shape[1])
        # faiss rounds queries to bfloat16 as well; and vectors at length 1 are bytes.
        rounds = column.values.dtype == np.uint16 or UNIT_CODES in keep or not walkable
        self._widen = max(widening(self.recipe, index, self._dim), 2 if rounds else 1)
        self._has_nulls = column.valid is not None
        self._subset = SubsetSearcher(column, metric, keep.get("lengths"))
        self._acceleration: Acceleration | None = None
        if (self.recipe.is_coded or not walkable) and column.values.dtype == np.float32:
            coded, scanned = self.recipe.is_coded, judged is not None and judged.scans
            rows = self._rows if scanned else None
            self._acceleration = Acceleration(
                index, column, metric, keep, walkable=walkable, is_coded=coded, scanned=rows
            )
        lists = 0 if self._is_graph else int(index.nlist)
        self._planner = FaissPlanner(
            served, self._subset, lists, self._acceleration, default, self._widen, judged
        )

    @property
    def kind(self) -> str:
        """What serves it: library, index type, the vectors' type, and codes once there are."""
        coded = None if self._acceleration is None else self._acceleration.coded
        codes = "" if coded is None else f", {coded.bits}-bit codes"
        name = f"faiss {self._served} {self.column.values.dtype}{codes}"
        return name if self.judged is None else f"{name}, recall {self.judged.recall:.3f}"

    @property
    def is_accelerated(self) -> bool:
        """Whether what it searches faster by was made already, or is in the making."""
        return self._acceleration is not None and self._acceleration.asked

    @property
    def code_choice(self) -> CodeChoice | None:
        """Which codes serve it; None until that is known, and where there are none to choose."""
        return None if self._acceleration is None else self._acceleration.choice

    def keep_codes(self, keeper: Keeper) -> None:
        """Let codes be read from there, or written to there once they are derived."""
        if self._acceleration is not None:
            self._acceleration.keeper = keeper

    def accelerate(self, known: CodeChoice | None = None) -> bool:
        """Derive now what comes in the background else, as `Acceleration`; return if it's codes."""
        if self._acceleration is None:
            return False
        self._acceleration.derive(known)
        return self._acceleration.coded is not None

    def search(
        self, queries: Column, k: int, params: Mapping[str, Any], mask: Bools | None
    ) -> Found:
        """Return the `k` best allowed rows for each of the queries.

        Args:
            queries: A VectorColumn of nq rows.
            k: How many; missing ones are row -1.
            params: The type's ef (``ef``, ``nprobe``, ``search_list``), and ``refine_k``
                or ``reorder_k`` where it compares codes. A graph's ef is at least `k`.
            mask: bool (num_rows,), which rows may be hits, not written into; None for all.

        Raises:
            ParamError: A parameter is no number or out of range.
        """
        vectors = query_floats(queries, self._dim)
        if self.metric == "COSINE":
            vectors = normalized(vectors)
        acceleration = self._acceleration
        coded = None if acceleration is None else acceleration.coded or acceleration.ask()
        selection = None if mask is None and not self._has_nulls else self._selection(mask)
        passing = None if selection is None else selection.count
        plan = self._planner.plan(len(vectors), k, params, passing, coded)
        if selection is not None:
            return self.search_allowed(plan, queries, vectors, k, params, selection, coded)
        if plan.strategy == "exact":
            return exact_search(queries, self.column, k, self.metric, self._only)
        if plan.strategy == "codes" and coded is not None:
            found = coded.search_subset(vectors, k, self._rows)
        elif coded is not None and plan.codes:
            found = coded.search(vectors, k, plan.ef)
        else:
            bits = query_bits(params) if self._served == "IVF_RABITQ" else 0
            found = self.walked(vectors, k, plan.candidates, plan.ef, bits)
        if (found.rows[-1, -1] if len(found.rows) == 1 else found.rows[:, -1].min(initial=0)) < 0:
            return self._repaired(queries, k, None, found)
        return found

    def walker(self, k: int, params: Mapping[str, object], mask: Bools | None) -> Walk | None:
        """Return what does `search` for one query, planned once; None where it walks no codes.

        Raises:
            ParamError: A parameter is no number or out of range.
        """
        coded = None if self._acceleration is None else self._acceleration.coded
        if coded is None or self._only is not None:
            return None  # what is found of some rows stands for others, too
        if mask is not None or self._has_nulls:
            return lambda queries: self.search(queries, k, params, mask)
        plan = self._planner.plan(1, k, params, None, coded)
        if plan.strategy != "index" or not plan.codes:
            return None
        find = coded.walker(k, plan.ef)

        def walk(queries: VectorColumn) -> Found:
            found = find(queries.values)
            return found if found.rows[0, -1] >= 0 else self._repaired(queries, k, None, found)

        return walk

    def plan(
        self,
        queries: Column | None,
        k: int,
        params: Mapping[str, Any],
        allowed: Allowed,
        *,
        in_range: bool = False,
    ) -> SearchPlan:
        """Return how a search is done now, as `SearchPlan`; arguments as of `search`.

        Searches in a range ask for the nearest rows, for more and more of them while all are in
        the range, and compare all rows in the end.
        """
        if in_range:
            if self.num_rows < _FIRST_RANGE * _WHOLE:
                return self._planner.exact(self._count(allowed))
            k, params = _FIRST_RANGE, self._wide(params, _FIRST_RANGE)
        coded = None if self._acceleration is None else self._acceleration.coded
        nq = 1 if queries is None else len(queries)
        return self._planner.plan(nq, k, params, self._count(allowed), coded)

    def _selection(self, mask: Bools | None) -> Selection:
        """Return the rows that a mask allows and that are not null."""
        valid = self.column.valid
        if valid is not None:
            mask = valid if mask is None else mask & valid
        return selection_of(cast("Bools", mask))

    def _count(self, allowed: Allowed) -> int | None:
        """Return how many rows `_selection` has, None where it is not made."""
        if isinstance(allowed, int) or (allowed is None and not self._has_nulls):
            return allowed
        return self._selection(allowed).count

    @cached_property
    def _rows(self) -> NDArray[np.int64]:
        """All rows that it has."""
        return np.arange(self.num_rows) if self._only is None else np.flatnonzero(self._only)

    def walked(self, vectors: Floats, k: int, candidates: int, ef: int, bits: int = 0) -> Found:
        """Return the `k` best of the candidates that faiss finds; arguments as of its searches."""
        found = self._run(vectors, candidates, ef, bits=bits)
        return self._best_by_vectors(vectors, found, k) if self._widen > 1 else found

    def _run(self, vectors: Floats, k: int, ef: int, selector: Any = None, bits: int = 0) -> Found:
        """Call faiss without its Python wrapper, whose checks were made already.

        Parameters of plain searches are kept: faiss only reads them.
        """
        parameters = self._parameters.get((ef, bits)) if selector is None else None
        if parameters is None:
            parameters = search_parameters(self._served, self._index, ef, selector, bits)
            if selector is None and len(self._parameters) < _KEPT:
                self._parameters[ef, bits] = parameters
        scores = np.empty((len(vectors), k), np.float32)
        rows = np.empty((len(vectors), k), np.int64)
        pointer = self._pointer
        self._search_c(
            len(vectors), pointer(vectors), k, pointer(scores), pointer(rows), parameters
        )
        return Found(scores, rows)

    def search_allowed(
        self,
        plan: SearchPlan,
        queries: Column,
        vectors: Floats,
        k: int,
        params: Mapping[str, Any],
        selection: Selection,
        coded: QuantizedGraph | None,
    ) -> Found:
        """Search as `plan` says where not all rows may be hits."""
        if plan.strategy == "exact":
            if coded is not None and plan.codes:
                return coded.search_subset(vectors, k, selection.rows)
            with without_warnings():
                return self._subset.search(queries, vectors, k, selection)
        if coded is not None and plan.codes:
            found = coded.search(vectors, k, plan.ef, selection)
            return self._repaired(queries, k, selection, found)
        bits = query_bits(params) if self._served == "IVF_RABITQ" else 0
        parts = [
            self._probed(queries.slice(at, at + 1), vectors[at : at + 1], plan, selection, bits)
            for at in range(len(vectors))
        ]
        found = Found(
            np.concatenate([part.scores for part in parts]),
            np.concatenate([part.rows for part in parts]),
        )
        return self._repaired(queries, k, selection, self._best_by_vectors(vectors, found, k))

    def _probed(
        self,
        queries: Column,
        vectors: Floats,
        plan: SearchPlan,
        selection: Selection,
        bits: int,
    ) -> Found:
        """Return the candidates of one query among allowed rows.

        How many of the nearest rows pass tells how far the structure has to be searched, whatever
        the filter has to do with the query; if that is further than comparing all, that is done.
        """
        wanted, ef = plan.candidates, plan.ef
        probes = min(max(ef if self._is_graph else 0, costs.PROBES, 2 * wanted), self.num_rows)
        found = self._run(vectors, probes, max(ef, probes) if self._is_graph else ef, bits=bits)
        there = found.rows[0] >= 0
        passing = there & selection.mask[found.rows[0]]
        count = int(np.count_nonzero(passing))
        if count >= 2 * wanted:
            best = np.flatnonzero(passing)[:wanted]
            return Found(found.scores[:, best], found.rows[:, best])
        further = 2 * ef * probes // max(count, 1)
        cost = further * self._dim * costs.STEP_DIMENSION
        if self._is_graph:
            further = max(4 * wanted * probes // max(count, 1), wanted)
            cost = further * self._dim * costs.STEP_DIMENSION
        else:
            share = min(further / int(self._index.nlist), 1.0)
            cost = share * self.num_rows * self._dim * costs.STEP_DIMENSION / 100
        if not count or cost >= self._subset.cost(selection.count):
            return self._subset.search(queries, vectors, wanted, selection)
        selector, _bits = selection.selector
        return self._run(vectors, wanted, further, selector, bits)

    def _best_by_vectors(self, vectors: Floats, found: Found, k: int) -> Found:
        """Return the best `k` of the candidates, by the vectors themselves where it pays."""
        if self._widen == 1:
            missing = k - found.rows.shape[1]
            if missing <= 0:
                return Found(found.scores[:, :k], found.rows[:, :k])
            return Found(
                np.pad(found.scores, ((0, 0), (0, missing))),
                np.pad(found.rows, ((0, 0), (0, missing)), constant_values=-1),
            )
        return best_by_vectors(vectors, self.column.values, found.rows, k, self.metric)

    def _repaired(
        self, queries: Column, k: int, selection: Selection | None, found: Found
    ) -> Found:
        """Return `found`, searched exactly for the queries that have less than they could."""
        allowed = len(self._rows) if selection is None else selection.count
        missing = found.rows < 0
        found.scores[missing] = 0.0
        # Lists may give few rows; where they give none, the query misled faiss, as zeros do.
        last = 0 if selection is None and not self._is_graph else min(k, allowed) - 1
        short = np.flatnonzero(missing[:, last] if allowed else ())
        mask = self._only if selection is None else selection.mask
        return repaired(found, short, queries, self.column, self.metric, mask)

    def range_search(
        self,
        queries: Column,
        radius: float,
        range_filter: float | None,
        params: Mapping[str, Any],
        mask: Bools | None,
    ) -> FoundInRange:
        """Return the allowed rows in the range: those nearest, more and more, while all are in it.

        What reaches far compares all rows.
        """

        def find(k: int) -> Found:
            return self.search(queries, k, self._wide(params, k), mask)

        larger, counts = self.metric in LARGER_IS_CLOSER, (_FIRST_RANGE, self.num_rows // _WHOLE)
        found = nearest_range(find, counts, radius, range_filter, larger=larger)
        if found is not None:
            return found
        return exact_range(queries, self.column, radius, range_filter, self.metric, mask)

    def _wide(self, params: Mapping[str, Any], k: int) -> Mapping[str, Any]:
        given = params.get(self._ef_params)
        if not self._is_graph or (given is None and self.judged is not None and self.judged.scans):
            return params
        ef = self.default if given is None else whole_param(self._ef_params, given)
        return {**params, self._ef_params: max(ef, 2 * k)}

    def to_arrays(self) -> tuple[Arrays, dict[str, Any]]:
        """Return the structure without the segment's own vectors, and how to read it."""
        arrays = {name: array for name, array in self._keep.items() if name != "codes"}
        if STRUCTURE not in arrays:
            flags = faiss_library().IO_FLAG_SKIP_STORAGE if self.recipe.own_vectors else 0
            arrays[STRUCTURE] = to_bytes(self._index, flags)
        meta = {"served": self._served, "format": FORMAT, "default": self.default}
        return arrays, meta if self.judged is None else {**meta, "judged": self.judged.kept()}
