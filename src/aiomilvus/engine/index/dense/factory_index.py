"""Index type FAISS: an index that faiss' factory made of a text, over one sealed segment.

What it finds is compared with the segment's own vectors, so distances are exact whatever codes the
factory chose. Where it can't apply a filter, or finds too few rows, the allowed rows are compared.
"""

from __future__ import annotations

from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.index import costs
from aiomilvus.engine.index.contract import (
    VECTORS,
    Allowed,
    Found,
    FoundInRange,
    SearchPlan,
    count_of,
    without_warnings,
)
from aiomilvus.engine.index.dense.exact import best_of, exact_range, exact_search, scores_of
from aiomilvus.engine.index.dense.factory import (
    FACTORY,
    empty_index,
    fewest_rows,
    search_names,
    search_parameters,
    train_rotations,
    tune_all,
)
from aiomilvus.engine.index.dense.faiss_library import (
    FaissObject,
    Threads,
    faiss_library,
    from_bytes,
    to_bytes,
)
from aiomilvus.engine.index.dense.index_types import train_on_few
from aiomilvus.engine.index.dense.selection import selection_of
from aiomilvus.engine.index.dense.subset_scan import SubsetSearcher
from aiomilvus.engine.index.dense.vectors import (
    LARGER_IS_CLOSER,
    as_floats,
    normalized,
    query_floats,
)
from aiomilvus.errors import DataCorruptedError, ParamError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from aiomilvus.engine.index.contract import BuildBudget, Stored
    from aiomilvus.model.columns import Column, VectorColumn

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float32]

SERVED = "FAISS"
_FORMAT = 1
_BLOCK = 1 << 14
_PER_CENTRE = 256
_UNTRAINABLE = "Number of training points"


class FactoryIndex:
    """An index of one sealed segment. Implements `VectorIndex`; safe to share by threads.

    Args:
        column: The segment's vectors.
        metric: ``L2``, ``IP`` or ``COSINE``.
        text: What the factory made it of.
        index: The faiss index.
        structure: Its bytes, if it points into them.
    """

    def __init__(
        self,
        column: VectorColumn,
        metric: str,
        text: str,
        index: FaissObject,
        structure: NDArray[np.uint8] | None = None,
    ) -> None:
        self.metric = metric
        self.num_rows = len(column)
        self.kind = f"faiss {text}"
        self._text = text
        self._column = column
        self._index = index
        self._structure = structure
        self._dim = int(column.values.shape[1])
        self._subset = SubsetSearcher(column, metric, None)
        self._larger = metric in LARGER_IS_CLOSER
        self._names = search_names(index)
        self._takes_filters = _takes_filters(index, self._dim)

    def plan(
        self,
        queries: Column | None,  # noqa: ARG002 - contract
        k: int,
        params: Mapping[str, Any],  # noqa: ARG002 - contract
        allowed: Allowed,
        *,
        in_range: bool = False,
    ) -> SearchPlan:
        """Return ``exact`` where the allowed rows are compared: few, or none may be asked for."""
        passing = count_of(allowed)
        if passing is None and self._column.valid is not None:
            passing = int(np.count_nonzero(self._column.valid))
        rows = self.num_rows if passing is None else passing
        whole = self._subset.cost(rows)
        is_cheap = passing is not None and whole <= costs.CHEAP_EXACT_MICROSECONDS
        if in_range or is_cheap or (passing is not None and not self._takes_filters):
            return SearchPlan("exact", VECTORS, whole)
        return SearchPlan("index", f"{self.kind}, then vectors", whole, candidates=k)

    def search(
        self, queries: Column, k: int, params: Mapping[str, Any], mask: Bools | None
    ) -> Found:
        """Return the `k` best allowed rows for each of the queries.

        Raises:
            ParamError: A parameter is no number, or faiss refuses it for this index.
        """
        valid = self._column.valid
        if valid is not None:
            mask = valid if mask is None else mask & valid
        plan = self.plan(queries, k, params, mask)
        if plan.strategy == "exact":
            with without_warnings():
                return exact_search(queries, self._column, k, self.metric, mask)
        vectors = query_floats(queries, self._dim)
        if self.metric == "COSINE":
            vectors = normalized(vectors)
        given = None  # which every family takes
        selector = None if mask is None else selection_of(mask).selector
        if selector is not None or self._names & params.keys():
            chosen = None if selector is None else selector[0]
            given = search_parameters(self._index, params, chosen)
        try:
            _, near = self._index.search(vectors, min(k, self.num_rows), params=given)
        except RuntimeError as error:
            reason = str(error).rpartition("Error: ")[2]
            raise ParamError(
                message=f"faiss {self._text} can't be searched with {dict(params)}: {reason}"
            ) from error
        found = self._by_vectors(vectors, near, k)
        allowed = self.num_rows if mask is None else int(np.count_nonzero(mask))
        short = np.flatnonzero((found.rows < 0).sum(axis=1) > k - min(k, allowed))
        if len(short):
            with without_warnings():
                again = exact_search(queries.take(short), self._column, k, self.metric, mask)
            found.scores[short], found.rows[short] = again.scores, again.rows
        return found

    def _by_vectors(self, vectors: Floats, near: NDArray[np.int64], k: int) -> Found:
        """Return what was found with its exact distances, ordered by them."""
        scores = np.zeros((len(vectors), k), np.float32)
        numbers = np.full((len(vectors), k), -1, np.int64)
        for query, found in enumerate(near):
            rows = np.unique(found[found >= 0])
            exact = scores_of(vectors[query : query + 1], self._column.values[rows], self.metric)
            best = best_of(exact, rows, k, larger=self._larger)
            scores[query], numbers[query] = best.scores[0], best.rows[0]
        return Found(scores, numbers)

    def range_search(
        self,
        queries: Column,
        radius: float,
        range_filter: float | None,
        params: Mapping[str, Any],  # noqa: ARG002 - contract
        mask: Bools | None,
    ) -> FoundInRange:
        """Return all allowed rows in the range, exactly."""
        with without_warnings():
            return exact_range(queries, self._column, radius, range_filter, self.metric, mask)

    def to_arrays(self) -> Stored:
        """Return faiss' bytes, and the description that `open_factory` takes."""
        structure = to_bytes(self._index) if self._structure is None else self._structure
        return {"structure": structure}, {
            "served": SERVED,
            "format": _FORMAT,
            "factory": self._text,
        }


def build_factory(
    column: VectorColumn, metric: str, params: Mapping[str, str], budget: BuildBudget
) -> FactoryIndex | None:
    """Build an index of a sealed segment; None when it has too few rows to train it on.

    Args:
        column: The segment's vectors, FLOAT_VECTOR, at least one.
        metric: ``L2``, ``IP`` or ``COSINE``.
        params: Checked by `check_factory`.
        budget: What it may use.

    Raises:
        BuildStoppedError: The work was given up.
        ParamError: A stored parameter is none of this version of faiss.
    """
    text = params[FACTORY]
    values = column.values
    index = empty_index(values.shape[1], metric, text)
    train_on_few(index)
    unit = metric == "COSINE"
    with Threads(budget.threads):
        started = monotonic()
        check = partial(budget.check, started)
        if not index.is_trained and not _is_trained(index, values, check, unit=unit):
            return None
        tune_all(index, params)
        started = monotonic()
        for at in range(0, len(values), _BLOCK):
            budget.check(started, at / len(values))
            block = np.ascontiguousarray(as_floats(values[at : at + _BLOCK]))
            index.add(normalized(block) if unit else block)
    return FactoryIndex(column, metric, text, index)


def _is_trained(
    index: FaissObject, values: NDArray[Any], check: Callable[[float], object], *, unit: bool
) -> bool:
    """Train on the rows; return whether there were enough."""
    if len(values) < fewest_rows(index):
        return False
    centres = getattr(faiss_library().downcast_index(index), "nlist", 0)
    most = _PER_CENTRE * max(int(centres), 256)
    sample = np.ascontiguousarray(as_floats(values[:: max(len(values) // most, 1)]))
    sample = normalized(sample) if unit else sample
    try:
        train_rotations(index, sample, check)
        index.train(sample)
    except RuntimeError as error:
        if _UNTRAINABLE not in str(error):
            raise
        return False
    return True


def open_factory(
    column: VectorColumn, metric: str, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]
) -> FactoryIndex:
    """Open what `FactoryIndex.to_arrays` gave; the arrays may be read-only and mapped.

    Raises:
        DataCorruptedError: It is of another format.
    """
    if meta.get("format") != _FORMAT or meta.get("served") != SERVED:
        raise DataCorruptedError(
            message=f"FAISS index format {meta.get('format')!r}, expected {_FORMAT}"
        )
    structure = np.asarray(arrays["structure"])
    return FactoryIndex(column, metric, meta["factory"], from_bytes(structure), structure)


def _takes_filters(index: FaissObject, dim: int) -> bool:
    """Return whether the family can leave rows out while it searches: asked of faiss itself."""
    faiss = faiss_library()
    given = search_parameters(index, {}, faiss.IDSelectorRange(0, 1))
    try:
        index.search(np.zeros((1, dim), np.float32), 1, params=given)
    except RuntimeError:  # which says that it can't
        return False
    return True
