"""Whether a faiss index is searched, or the allowed rows are compared: by what each way costs.

With a filter: whether the rows that pass are compared, by vectors or by codes, or the structure
is searched. `FaissIndex` makes the plan of each search here and follows it. A search that finds too
few rows may still fall back to comparing all: see `FaissIndex._probed` and `FaissIndex._repaired`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.engine.index import costs
from aiomilvus.engine.index.contract import VECTORS, SearchPlan, Strategy
from aiomilvus.engine.index.dense.coded_column import CODES, keeping_cost, pays_scan, subset_depth
from aiomilvus.engine.index.dense.index_types import RECIPES
from aiomilvus.engine.index.dense.judged import FOR_MANY
from aiomilvus.engine.index.dense.quantized_graph import least_hits
from aiomilvus.engine.index.dense.search_params import candidates, whole_param
from aiomilvus.engine.index.dense.subset_scan import SINGLY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiomilvus.engine.index.dense.acceleration import Acceleration
    from aiomilvus.engine.index.dense.judged import Judged
    from aiomilvus.engine.index.dense.quantized_graph import QuantizedGraph
    from aiomilvus.engine.index.dense.subset_scan import SubsetSearcher

_KEPT = 64
"""Plans that an index keeps."""
_STORED = "stored codes, then vectors"


class FaissPlanner:
    """Plans the searches of one faiss index. Safe to share by threads.

    Args:
        served: The index type, a key of `RECIPES`.
        subset: Exact search over its column.
        lists: How many inverted lists it has, 0 for a graph.
        acceleration: What may derive codes from the vectors; None for nothing.
        default: ef or nprobe of searches that give none.
        widen: Candidates for each hit, where the structure compares codes; else 1.
        judged: What was found of its recall: searches that give no ef follow it.
    """

    def __init__(
        self,
        served: str,
        subset: SubsetSearcher,
        lists: int,
        acceleration: Acceleration | None,
        default: int,
        widen: int,
        judged: Judged | None = None,
    ) -> None:
        self._scans = judged is not None and judged.scans
        self._for_many = FOR_MANY if judged is None else judged.for_many
        self._served = served
        self._ef_params = RECIPES[served].ef
        self._is_graph = RECIPES[served].is_graph
        self._num_rows = subset.num_rows
        self._step = subset.dim * costs.STEP_DIMENSION
        self._subset = subset
        self._lists = lists
        self._acceleration = acceleration
        self._default = default
        self._widen = widen
        self._kept: dict[tuple[int, int | None], SearchPlan] = {}

    def plan(
        self,
        nq: int,
        k: int,
        params: Mapping[str, Any],
        passing: int | None,
        coded: QuantizedGraph | None,
    ) -> SearchPlan:
        """Return how queries are answered.

        Args:
            nq: How many.
            k: Hits of each.
            params: The search's parameters.
            passing: How many rows may be hits, None for all.
            coded: The codes in memory, None while there are none.

        Raises:
            ParamError: A parameter is no number or out of range.
        """
        if self._scans and not (params and params.get(self._ef_params) is not None):
            return self._scan(k, passing, coded)
        if coded is not None and coded.stretch:
            if passing is None:
                return self._plain(k, params, coded)
            return self._by_codes(nq, k, self._ef_of(k, params), passing, coded)
        ef = self._ef_of(k, params)
        if self._acceleration is not None and not self._acceleration.walkable:
            return self.exact(passing)
        whole = 0.0 if passing is None else self._subset.cost(passing)
        if passing is not None and whole <= costs.CHEAP_EXACT_MICROSECONDS:
            return SearchPlan("exact", VECTORS, whole)
        wanted = k
        if self._widen > 1 or passing is not None:
            wanted = min(candidates(self._served, self._widen, k, params), self._num_rows)
            ef = max(ef, wanted) if self._is_graph else ef
        steps = ef if self._is_graph else self._list_steps(ef)
        if passing is not None:
            steps += costs.PROBES
        compares = VECTORS if self._widen == 1 else _STORED
        return SearchPlan("index", compares, whole + steps * self._step, ef, wanted)

    def _scan(self, k: int, passing: int | None, coded: QuantizedGraph | None) -> SearchPlan:
        """Return the plan of a search whose graph would find too little: all are compared."""
        rows = self._num_rows if passing is None else passing
        if coded is None or not pays_scan(k) or rows <= subset_depth(k):
            return self.exact(passing)
        step = self._step * costs.CODED_STEP
        cost = costs.SUBSET_CALL + rows * step / costs.CODED_SCAN + keeping_cost(k, rows)
        strategy: Strategy = "exact" if passing is not None else "codes"
        return SearchPlan(strategy, CODES[coded.bits], cost, 0, k, coded.bits)

    def _plain(self, k: int, params: Mapping[str, Any], coded: QuantizedGraph) -> SearchPlan:
        """Return the plan of a search by codes among all rows: the most frequent, so it is kept."""
        given = params.get(self._ef_params) if params else None
        # True is refused though it equals 1. Codes come once, of one width.
        is_kept = given is None or type(given) is int
        plan = self._kept.get((k, given)) if is_kept else None
        if plan is None:
            ef, bits = coded.walk_ef(k, self._ef_of(k, params)), coded.bits
            cost = ef * self._step * costs.CODED_STEP * coded.stretch
            plan = SearchPlan("index", CODES[bits], cost, ef, k, bits)
            if is_kept and len(self._kept) < _KEPT:
                self._kept[k, given] = plan
        return plan

    def _by_codes(
        self, nq: int, k: int, ef: int, passing: int, coded: QuantizedGraph
    ) -> SearchPlan:
        """Return the plan of a search that has codes in memory, under a mask."""
        bits, step = coded.bits, self._step * costs.CODED_STEP * coded.stretch
        if passing <= costs.FEW_ALLOWED * self._num_rows:
            whole = self._subset.cost(passing)
            if passing > subset_depth(k) and nq <= SINGLY and pays_scan(k):
                return SearchPlan("exact", CODES[bits], whole, codes=bits)
            return SearchPlan("exact", VECTORS, whole)
        ef = coded.walk_ef(k, ef)
        scan = costs.SUBSET_CALL + passing * step / costs.CODED_SCAN + keeping_cost(k, passing)
        if not coded.budget(passing, ef):
            if not pays_scan(k):
                return SearchPlan("exact", VECTORS, self._subset.cost(passing))
            return SearchPlan("codes", CODES[bits], scan, ef, k, bits)
        # A walk goes as far as one without a filter, or until it has enough hits. One that takes
        # longer than it should is given up, and the codes are scanned; for many hits, the vectors.
        steps = max(ef, least_hits(k, ef) * self._num_rows / passing)
        if not pays_scan(k):
            scan = self._subset.cost(passing)
        return SearchPlan("index", CODES[bits], min(steps * step, scan), ef, k, bits)

    def exact(self, passing: int | None) -> SearchPlan:
        """Return the plan of comparing all rows that may be hits."""
        rows = self._num_rows if passing is None else passing
        return SearchPlan("exact", VECTORS, self._subset.cost(rows))

    def _ef_of(self, k: int, params: Mapping[str, Any]) -> int:
        """Return the ef or nprobe of a search; without one, many hits take more than few."""
        given = params.get(self._ef_params) if params else None
        if given is not None:
            ef = whole_param(self._ef_params, given)
        else:
            many = int(k * self._for_many)
            ef = max(self._default, many) if self._is_graph else self._default
        return k if ef < k and self._is_graph else ef

    def _list_steps(self, nprobe: int) -> int:
        """Return as how many steps in a graph searching so many lists counts."""
        rows = self._num_rows * min(nprobe, self._lists) // self._lists
        return max(rows // costs.LIST_ROWS, 1)
