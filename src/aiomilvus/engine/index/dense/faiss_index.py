"""Approximate search of one sealed segment by faiss; `index_types` says which structures there are.

Graphs over float32 vectors are walked over codes once these are derived (`quantized_graph`); until
then, and without numba, faiss walks them. Filtered searches compare the allowed rows where these
are few, walk among them where the compiled kernels do, and else ask the structure first how many
rows near the query pass: that tells more than how many pass at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.index.contract import Found, FoundInRange
from aiomilvus.engine.index.dense.acceleration import Acceleration
from aiomilvus.engine.index.dense.exact import (
    best_of,
    exact_range,
    exact_search,
    in_range,
    scores_of,
    within,
)
from aiomilvus.engine.index.dense.faiss_library import faiss_library, to_bytes
from aiomilvus.engine.index.dense.index_types import RECIPES, widening
from aiomilvus.engine.index.dense.quantized_graph import QuantizedGraph, sure
from aiomilvus.engine.index.dense.search_params import candidates, query_bits, whole_effort
from aiomilvus.engine.index.dense.selection import Selection, selection_of
from aiomilvus.engine.index.dense.subset_scan import SINGLY, AllowedRows
from aiomilvus.engine.index.dense.unit_storage import CODES as UNIT_CODES
from aiomilvus.engine.index.dense.vectors import LARGER_IS_CLOSER, normalized, query_floats

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from aiomilvus.model.columns import Column, VectorColumn

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float32]

FORMAT = 2
_FEW = 0.03
"""Up to this share of the rows, comparing those allowed beats walking over a mask of all."""
_AT_ONCE = 300.0
"""Microseconds that comparing all allowed rows may take without asking the structure first."""
_PROBES = 96
_STEP = 3.0 / 384
"""Microseconds a dimension of a step of faiss in a graph; of a row in a list a hundredth."""
_KEPT = 64
_FIRST_RANGE = 64
_WHOLE = 16


class FaissIndex:
    """An approximate index of one sealed segment. Implements `VectorIndex`; safe to share.

    Args:
        column: The segment's vectors.
        metric: ``L2``, ``IP`` or ``COSINE``.
        served: A key of `RECIPES`.
        index: The faiss index.
        keep: Arrays to store, and what the faiss index points into.
        default: Effort of searches that give none.
        walkable: Whether faiss can search it as it is; else storage is derived first.
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
    ) -> None:
        self.metric = metric
        self.num_rows = len(column)
        self.default = default
        self.recipe = RECIPES[served]
        self._keep = keep
        self._index = index
        self._served = served
        self._column = column
        self._pointer = faiss_library().swig_ptr
        self._ef_params = self.recipe.ef
        self._is_graph = self.recipe.is_graph
        self._search_c = index.search_c
        self._parameters: dict[tuple[int, int], Any] = {}
        self._dim = int(column.values.shape[1])
        self._larger = metric in LARGER_IS_CLOSER
        # faiss rounds queries to bfloat16 as well; and vectors at length 1 are bytes.
        rounds = column.values.dtype == np.uint16 or UNIT_CODES in keep or not walkable
        self._widen = max(widening(self.recipe, index, self._dim), 2 if rounds else 1)
        self._has_nulls = column.valid is not None
        self._allowed = AllowedRows(column, metric, keep.get("lengths"))
        self._acceleration: Acceleration | None = None
        is_coded = self.recipe.is_coded or not walkable
        if is_coded and column.values.dtype == np.float32:
            self._acceleration = Acceleration(
                index,
                column,
                metric,
                self._allowed,
                walkable=walkable,
                is_coded=self.recipe.is_coded,
            )

    @property
    def kind(self) -> str:
        """What serves it: library, index type, the vectors' type, and codes once there are."""
        coded = None if self._acceleration is None else self._acceleration.coded
        name = f"faiss {self._served} {self._column.values.dtype}"
        return name if coded is None else f"{name}, {coded.bits}-bit codes"

    @property
    def is_accelerated(self) -> bool:
        """Whether what it searches faster by was made already, or is in the making."""
        return self._acceleration is not None and self._acceleration.asked

    def accelerate(self) -> bool:
        """Derive now what comes in the background else; return whether there are codes."""
        if self._acceleration is None:
            return False
        self._acceleration.derive()
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
        given = params.get(self._ef_params) if params else None
        ef = self._usual(k) if given is None else whole_effort(self._ef_params, given)
        if ef < k and self._is_graph:
            ef = k
        vectors = query_floats(queries, self._dim)
        if self.metric == "COSINE":
            vectors = normalized(vectors)
        acceleration = self._acceleration
        coded = None if acceleration is None else acceleration.coded or acceleration.ask()
        if mask is not None or self._has_nulls or (coded is None and self._widen > 1):
            return self._planned(queries, vectors, k, ef, params, mask, coded)
        found = coded.search(vectors, k, ef) if coded is not None else self._run(vectors, k, ef)
        if (found.rows[-1, -1] if len(found.rows) == 1 else found.rows[:, -1].min(initial=0)) < 0:
            return self._repaired(queries, k, None, found)
        return found

    def _usual(self, k: int) -> int:
        """Return the ef of searches that give none: many hits take more than few."""
        return max(self.default, k + k // 2) if self._is_graph else self.default

    def cost(self, k: int, params: Mapping[str, Any], passing: int | None) -> float:
        """Return the microseconds of one query, roughly.

        Args:
            k: How many hits are wanted.
            params: The search's parameters.
            passing: How many rows may be hits, None for all.

        Raises:
            ParamError: A parameter is no number or out of range.
        """
        given = params.get(self._ef_params)
        coded = None if self._acceleration is None else self._acceleration.coded
        if coded is None and self._acceleration is not None and not self._acceleration.walkable:
            return self._allowed.cost(self.num_rows if passing is None else passing)
        ef = max(self._usual(k) if given is None else whole_effort(self._ef_params, given), k)
        step = self._dim * _STEP * (0.5 if coded is not None else 1)
        if not self._is_graph:
            ef = max(self.num_rows * ef // int(self._index.nlist) // 100, 1)
        if passing is None:
            return ef * step
        whole = self._allowed.cost(passing)
        if coded is None:
            return whole if whole <= _AT_ONCE else whole + (ef + _PROBES) * step
        if passing <= _FEW * self.num_rows:
            return whole
        scan = self.num_rows / 1000 + passing * step / 60
        return min(scan, ef * self.num_rows / passing * step)

    def _run(self, vectors: Floats, k: int, ef: int, selector: Any = None, bits: int = 0) -> Found:
        """Call faiss without its Python wrapper, whose checks were made already.

        Parameters of plain searches are kept: faiss only reads them.
        """
        parameters = self._parameters.get((ef, bits)) if selector is None else None
        if parameters is None:
            parameters = self._search_parameters(ef, selector, bits)
            if selector is None and len(self._parameters) < _KEPT:
                self._parameters[ef, bits] = parameters
        scores = np.empty((len(vectors), k), np.float32)
        rows = np.empty((len(vectors), k), np.int64)
        pointer = self._pointer
        self._search_c(
            len(vectors), pointer(vectors), k, pointer(scores), pointer(rows), parameters
        )
        return Found(scores, rows)

    def _search_parameters(self, ef: int, selector: Any, bits: int) -> Any:
        faiss = faiss_library()
        if self._is_graph:
            return faiss.SearchParametersHNSW(efSearch=ef, sel=selector)
        nprobe = max(min(ef, int(self._index.nlist)), 1)
        if self._served == "IVF_RABITQ":
            return faiss.IVFRaBitQSearchParameters(nprobe=nprobe, sel=selector, qb=bits)
        return faiss.SearchParametersIVF(nprobe=nprobe, sel=selector)

    def plan(self, k: int, params: Mapping[str, Any], mask: Bools | None) -> str:
        """Return how a search is done now, as `_strategy`; arguments as of `search`."""
        acceleration = self._acceleration
        if acceleration is not None and acceleration.coded is None and not acceleration.walkable:
            return "exact"
        valid = self._column.valid
        if valid is not None:
            mask = valid if mask is None else mask & valid
        if mask is None:
            return "index"
        given = params.get(self._ef_params)
        ef = self._usual(k) if given is None else whole_effort(self._ef_params, given)
        return self._strategy(selection_of(mask).count, max(ef, k if self._is_graph else 0))

    def _strategy(self, passing: int, ef: int) -> str:
        """Return how a search is done when `passing` rows may be hits.

        ``exact`` compares them all, ``codes`` the codes of all, ``index`` takes the structure.
        """
        coded = None if self._acceleration is None else self._acceleration.coded
        if coded is not None:
            if passing <= _FEW * self.num_rows:
                return "exact"
            return "index" if coded.budget(passing, ef) else "codes"
        return "exact" if self._allowed.cost(passing) <= _AT_ONCE else "index"

    def _planned(
        self,
        queries: Column,
        vectors: Floats,
        k: int,
        ef: int,
        params: Mapping[str, Any],
        mask: Bools | None,
        coded: QuantizedGraph | None,
    ) -> Found:
        """Search under a mask, or by codes and then by the vectors themselves."""
        valid = self._column.valid
        if valid is not None:
            mask = valid if mask is None else mask & valid
        walkable = coded is not None or self._acceleration is None or self._acceleration.walkable
        if mask is None and not walkable:
            return exact_search(queries, self._column, k, self.metric, None)
        bits = query_bits(params) if self._served == "IVF_RABITQ" else 0
        wanted = min(candidates(self._served, self._widen, k, params), self.num_rows)
        if mask is None:
            found = self._run(vectors, wanted, max(ef, wanted) if self._is_graph else ef, bits=bits)
            return self._repaired(queries, k, None, self._decided(vectors, found, k))
        selection = selection_of(mask)
        if not walkable or self._strategy(selection.count, ef) == "exact":
            if coded is not None and selection.count > sure(k) and len(vectors) <= SINGLY:
                return coded.among(vectors, k, selection.rows)
            return self._allowed.search(queries, vectors, k, selection)
        if coded is not None:
            ef = max(round(ef * (1 + 2 * selection.count / self.num_rows) / 3), k)
            found = coded.search(vectors, k, ef, selection.mask, selection.count)
            return self._repaired(queries, k, selection, found)
        parts = [
            self._probed(
                queries.slice(at, at + 1), vectors[at : at + 1], wanted, ef, selection, bits
            )
            for at in range(len(vectors))
        ]
        found = Found(
            np.concatenate([part.scores for part in parts]),
            np.concatenate([part.rows for part in parts]),
        )
        return self._repaired(queries, k, selection, self._decided(vectors, found, k))

    def _probed(
        self,
        queries: Column,
        vectors: Floats,
        wanted: int,
        ef: int,
        selection: Selection,
        bits: int,
    ) -> Found:
        """Return `wanted` candidates of one query among allowed rows.

        How many of the nearest rows pass tells how far the structure has to be searched, whatever
        the filter has to do with the query; if that is further than comparing all, that is done.
        """
        probes = min(max(ef if self._is_graph else 0, _PROBES, 2 * wanted), self.num_rows)
        found = self._run(vectors, probes, max(ef, probes) if self._is_graph else ef, bits=bits)
        there = found.rows[0] >= 0
        passing = there & selection.mask[found.rows[0]]
        count = int(np.count_nonzero(passing))
        if count >= 2 * wanted:
            best = np.flatnonzero(passing)[:wanted]
            return Found(found.scores[:, best], found.rows[:, best])
        further = 2 * ef * probes // max(count, 1)
        cost = further * self._dim * _STEP
        if self._is_graph:
            further = max(4 * wanted * probes // max(count, 1), wanted)
            cost = further * self._dim * _STEP
        else:
            share = min(further / int(self._index.nlist), 1.0)
            cost = share * self.num_rows * self._dim * _STEP / 100
        if not count or cost >= self._allowed.cost(selection.count):
            return self._allowed.search(queries, vectors, wanted, selection)
        selector, _bits = selection.selector
        return self._run(vectors, wanted, further, selector, bits)

    def _decided(self, vectors: Floats, found: Found, k: int) -> Found:
        """Return the best `k` of the candidates, by the vectors themselves where it pays."""
        if self._widen == 1:
            missing = k - found.rows.shape[1]
            if missing <= 0:
                return Found(found.scores[:, :k], found.rows[:, :k])
            return Found(
                np.pad(found.scores, ((0, 0), (0, missing))),
                np.pad(found.rows, ((0, 0), (0, missing)), constant_values=-1),
            )
        scores = np.zeros((len(vectors), k), np.float32)
        rows = np.full((len(vectors), k), -1, np.int64)
        for query, near in enumerate(found.rows):
            near = np.sort(near[near >= 0])
            exact = scores_of(vectors[query : query + 1], self._column.values[near], self.metric)
            best = best_of(exact, near, k, larger=self._larger)
            scores[query], rows[query] = best.scores[0], best.rows[0]
        return Found(scores, rows)

    def _repaired(
        self, queries: Column, k: int, selection: Selection | None, found: Found
    ) -> Found:
        """Return `found`, searched exactly for the queries that have less than they could."""
        allowed = self.num_rows if selection is None else selection.count
        missing = found.rows < 0
        found.scores[missing] = 0.0
        # Lists may give few rows; where they give none, the query misled faiss, as zeros do.
        last = 0 if selection is None and not self._is_graph else min(k, allowed) - 1
        short = np.flatnonzero(missing[:, last] if allowed else ())
        if len(short):
            mask = None if selection is None else selection.mask
            again = exact_search(queries.take(short), self._column, k, self.metric, mask)
            found.scores[short] = again.scores
            found.rows[short] = again.rows
        return found

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
        k = _FIRST_RANGE
        while k * _WHOLE <= self.num_rows:
            found = self.search(queries, k, self._wide(params, k), mask)
            inside = (found.rows >= 0) & within(found.scores, radius, None, larger=self._larger)
            if not inside[:, -1].any():
                return in_range(found, inside, radius, range_filter, larger=self._larger)
            k *= 4
        return exact_range(queries, self._column, radius, range_filter, self.metric, mask)

    def _wide(self, params: Mapping[str, Any], k: int) -> Mapping[str, Any]:
        if not self._is_graph:
            return params
        given = params.get(self._ef_params)
        ef = self.default if given is None else whole_effort(self._ef_params, given)
        return {**params, self._ef_params: max(ef, 2 * k)}

    def to_arrays(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return the structure without the segment's own vectors, and how to read it."""
        arrays = {name: array for name, array in self._keep.items() if name != "codes"}
        if "structure" not in arrays:
            flags = faiss_library().IO_FLAG_SKIP_STORAGE if self.recipe.own_vectors else 0
            arrays["structure"] = to_bytes(self._index, flags)
        return arrays, {"served": self._served, "format": FORMAT, "default": self.default}
