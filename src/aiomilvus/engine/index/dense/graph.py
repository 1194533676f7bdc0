"""Approximate search of one sealed segment by faiss; `recipes` says what there is.

Graphs over plain vectors are stored without them: their storage is a view of the segment's
column, or of vectors brought to length 1 where COSINE needs that. Filtered searches take the
structure when many rows pass, and an exact product when few do; when the structure leaves out
hits that the filter allows, the search is done again exactly.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.contracts import Found, FoundInRange
from aiomilvus.engine.index.dense.exact import best_of, exact_range, exact_search, scores_of
from aiomilvus.engine.index.dense.library import (
    Threads,
    faiss_library,
    from_bytes,
    selector_of,
    to_bytes,
    view_codes,
)
from aiomilvus.engine.index.dense.recipes import RECIPES, empty_index, in_own_width
from aiomilvus.engine.index.dense.vectors import (
    LARGER_IS_CLOSER,
    are_unit,
    as_floats,
    narrowed,
    normalized,
    query_floats,
)
from aiomilvus.errors import DataCorruptedError, ParamError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from aiomilvus.model.columns import Column, VectorColumn

    Bools = NDArray[np.bool_]

_EXACT_SHARE = 10
"""Exact search is taken while passing² ≤ this × effort × rows: the graph's effort grows with
1 / selectivity, the product's with the rows that pass. The factor is an estimate from the cost
of one product and one graph search of 384 dimensions, not a measured crossover."""
_FORMAT = 1


class FaissIndex:
    """A faiss index of one sealed segment. Implements `VectorIndex`; safe to share by threads.

    Args:
        column: The segment's vectors.
        metric: ``L2``, ``IP`` or ``COSINE``.
        served: A key of `RECIPES`.
        index: The faiss index.
        keep: Arrays to store; `codes`, if there, are what the faiss index points into.
        default: Effort of searches that give none.
    """

    def __init__(
        self,
        column: VectorColumn,
        metric: str,
        served: str,
        index: Any,
        keep: dict[str, NDArray[Any]],
        default: int,
    ) -> None:
        self.metric = metric
        self.num_rows = len(column)
        self.default = default
        self.recipe = RECIPES[served]
        self.kind = f"faiss {served} {column.values.dtype}"
        self._served = served
        self._column = column
        self._index = index
        self._keep = keep
        self._search_c = index.search_c
        self._pointer = faiss_library().swig_ptr
        self._effort = self.recipe.effort
        self._is_graph = self.recipe.is_graph
        self._parameters: dict[int, Any] = {}
        self._dim = column.values.shape[1]
        self._is_plain = column.valid is None and self.recipe.widen == 1

    def search(
        self, queries: Column, k: int, params: Mapping[str, Any], mask: Bools | None
    ) -> Found:
        """Return the `k` best allowed rows for each of the queries.

        Args:
            queries: A VectorColumn of nq rows.
            k: How many; missing ones are row -1.
            params: The type's effort (``ef``, ``nprobe``, ``search_list``), and ``refine_k``
                or ``reorder_k`` where it compares codes. A graph's effort is at least `k`.
            mask: bool (num_rows,), which rows may be hits; None for all.

        Raises:
            ParamError: A parameter is no number or out of range.
        """
        given = params.get(self._effort) if params else None
        effort = self.default if given is None else _whole(self._effort, given)
        if mask is not None or not self._is_plain:
            return self._planned(queries, k, effort, params, mask)
        if effort < k and self._is_graph:
            effort = k
        parameters = self._parameters.get(effort)
        if parameters is None:
            parameters = self._parameters[effort] = self._search_parameters(effort, None)
        found = self._run(self._vectors(queries), k, parameters)
        if (found.rows[-1, -1] if len(found.rows) == 1 else found.rows[:, -1].min(initial=0)) < 0:
            return self._repaired(queries, k, None, found)
        return found

    def _run(self, vectors: NDArray[np.float32], k: int, parameters: Any) -> Found:
        """Call faiss without its Python wrapper, whose checks were made already."""
        scores = np.empty((len(vectors), k), np.float32)
        rows = np.empty((len(vectors), k), np.int64)
        pointer = self._pointer
        self._search_c(
            len(vectors), pointer(vectors), k, pointer(scores), pointer(rows), parameters
        )
        return Found(scores, rows)

    def _vectors(self, queries: Column) -> NDArray[np.float32]:
        vectors = query_floats(queries, self._dim)
        return normalized(vectors) if self.metric == "COSINE" else vectors

    def _planned(
        self, queries: Column, k: int, effort: int, params: Mapping[str, Any], mask: Bools | None
    ) -> Found:
        """Search under a mask, or by codes and then by the vectors themselves."""
        valid = self._column.valid
        if valid is not None:
            mask = valid if mask is None else mask & valid
        selector = None
        if mask is not None:
            passing = int(np.count_nonzero(mask))
            if self.strategy(passing, effort) == "exact":
                return exact_search(queries, self._column, k, self.metric, mask)
            effort = min(effort * self.num_rows // passing, self.num_rows)
            selector, _bits = selector_of(mask)
        wanted = min(self._candidates(k, params), self.num_rows)
        if self._is_graph:
            effort = max(effort, wanted)
        parameters = self._search_parameters(effort, selector)
        vectors = self._vectors(queries)
        found = self._run(vectors, wanted, parameters)
        if self.recipe.widen > 1:
            found = self._decided(vectors, found, k)
        elif wanted < k:
            found = _padded(found, k)
        return self._repaired(queries, k, mask, found)

    def _candidates(self, k: int, params: Mapping[str, Any]) -> int:
        """Return how many candidates to ask the structure for."""
        if self.recipe.widen == 1:
            return k
        if self._served == "SCANN":
            given = params.get("reorder_k")
            return k * self.recipe.widen if given is None else max(_whole("reorder_k", given), k)
        given = params.get("refine_k")
        if given is None:
            return k * self.recipe.widen
        try:
            factor = float(given)
        except (TypeError, ValueError):
            factor = 0.0
        if not 1.0 <= factor < 1e6:
            raise ParamError(
                message=f"param 'refine_k' ({given}) should be a number of at least 1"
                ": invalid parameter"
            )
        return ceil(k * max(factor, self.recipe.widen))

    def _decided(self, vectors: NDArray[np.float32], found: Found, k: int) -> Found:
        """Return the best `k` of the candidates by the vectors themselves."""
        scores = np.zeros((len(vectors), k), np.float32)
        rows = np.full((len(vectors), k), -1, np.int64)
        larger = self.metric in LARGER_IS_CLOSER
        for query, candidates in enumerate(found.rows):
            near = np.sort(candidates[candidates >= 0])
            exact = scores_of(vectors[query : query + 1], self._column.values[near], self.metric)
            best = best_of(exact, near, k, larger=larger)
            scores[query], rows[query] = best.scores[0], best.rows[0]
        return Found(scores, rows)

    def strategy(self, passing: int, effort: int) -> str:
        """Return ``exact`` or ``index``: how a search is done when `passing` rows may be hits."""
        return "exact" if passing**2 <= _EXACT_SHARE * effort * self.num_rows else "index"

    def _search_parameters(self, effort: int, selector: Any) -> Any:
        faiss = faiss_library()
        if self._is_graph:
            return faiss.SearchParametersHNSW(efSearch=effort, sel=selector)
        nprobe = max(min(effort, int(self._index.nlist)), 1)
        if self._served == "IVF_RABITQ":
            return faiss.IVFRaBitQSearchParameters(nprobe=nprobe, sel=selector)
        return faiss.SearchParametersIVF(nprobe=nprobe, sel=selector)

    def _repaired(self, queries: Column, k: int, mask: Bools | None, found: Found) -> Found:
        """Return `found`, searched exactly for the queries that have less than they could."""
        allowed = self.num_rows if mask is None else int(np.count_nonzero(mask))
        missing = found.rows < 0
        found.scores[missing] = 0.0
        if not allowed or (mask is None and not self._is_graph):
            return found
        short = np.flatnonzero(missing[:, min(k, allowed) - 1])
        if len(short):
            again = exact_search(queries.take(short), self._column, k, self.metric, mask)
            found.scores[short] = again.scores
            found.rows[short] = again.rows
        return found

    def range_search(
        self,
        queries: Column,
        radius: float,
        range_filter: float | None,
        params: Mapping[str, Any],  # noqa: ARG002 - contract
        mask: Bools | None,
    ) -> FoundInRange:
        """Return all allowed rows in the range, exactly."""
        return exact_range(queries, self._column, radius, range_filter, self.metric, mask)

    def to_arrays(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return the structure without the segment's own vectors, and how to read it."""
        arrays = {name: array for name, array in self._keep.items() if name != "codes"}
        if "structure" not in arrays:
            flags = faiss_library().IO_FLAG_SKIP_STORAGE if self.recipe.own_vectors else 0
            arrays["structure"] = to_bytes(self._index, flags)
        return arrays, {"served": self._served, "format": _FORMAT, "default": self.default}


def build_faiss(
    column: VectorColumn,
    metric: str,
    served: str,
    params: Mapping[str, Any],
    *,
    threads: int,
    default: int | None = None,
) -> FaissIndex:
    """Build an index of a sealed segment.

    Args:
        column: The segment's vectors, at least one.
        metric: ``L2``, ``IP`` or ``COSINE``.
        served: A key of `RECIPES`.
        params: Its checked build parameters.
        threads: Threads to use at most.
        default: Effort of searches that give none; the recipe's by default.
    """
    recipe = RECIPES[served]
    faiss = faiss_library()
    measure = faiss.METRIC_L2 if metric == "L2" else faiss.METRIC_INNER_PRODUCT
    keep: dict[str, NDArray[Any]] = {}
    vectors: NDArray[Any] = column.values
    if metric == "COSINE" and not are_unit(vectors):
        vectors = narrowed(normalized(as_floats(vectors)), vectors.dtype)
        if recipe.own_vectors:
            keep["vectors"] = vectors
    if served == "HNSW_PQ" and metric == "COSINE":
        # Its codes are compared by L2 while it is built; unit vectors have the same order.
        measure = faiss.METRIC_L2
    index = empty_index(served, vectors.shape, vectors.dtype.name, measure, params)
    floats = np.ascontiguousarray(as_floats(vectors))
    with Threads(threads):
        if not index.is_trained:
            index.train(floats)
        index.add(floats)
    if recipe.own_vectors:
        _attach(index, vectors, measure, keep)
    effort = recipe.default if default is None else default
    return FaissIndex(column, metric, served, index, keep, effort)


def open_faiss(
    column: VectorColumn, metric: str, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]
) -> FaissIndex:
    """Open what `FaissIndex.to_arrays` gave; the arrays may be read-only and mapped.

    Raises:
        DataCorruptedError: It is of another format.
    """
    served = meta.get("served")
    if meta.get("format") != _FORMAT or served not in RECIPES:
        raise DataCorruptedError(
            message=f"dense index {served!r} of format {meta.get('format')!r}, expected {_FORMAT}"
        )
    faiss = faiss_library()
    keep: dict[str, NDArray[Any]] = {name: np.asarray(array) for name, array in arrays.items()}
    own = RECIPES[served].own_vectors
    index = from_bytes(keep["structure"], faiss.IO_FLAG_SKIP_STORAGE if own else 0)
    if own:
        measure = faiss.METRIC_L2 if metric == "L2" else faiss.METRIC_INNER_PRODUCT
        _attach(index, keep.get("vectors", column.values), measure, keep)
    return FaissIndex(column, metric, served, index, keep, int(meta["default"]))


def _attach(index: Any, vectors: NDArray[Any], measure: int, keep: dict[str, NDArray[Any]]) -> None:
    """Make `vectors` the storage of a graph, in their own width, without a copy."""
    faiss = faiss_library()
    dim = vectors.shape[1]
    name = vectors.dtype.name
    code = in_own_width(name)
    if code is None:
        storage = faiss.IndexFlat(dim, measure)
    else:
        storage = faiss.IndexScalarQuantizer(dim, code, measure)
        storage.is_trained = True
    codes = np.asarray(vectors)
    if name == "int8":
        codes = codes.view(np.uint8) ^ np.uint8(0x80)
    codes = np.ascontiguousarray(codes)
    view_codes(storage, codes)
    keep["codes"] = codes
    before = index.storage
    index.storage = storage
    if before is not None:
        before.this.own(True)  # frees the copy made while building
    index.own_fields = True
    storage.this.disown()


def _whole(name: str, given: object) -> int:
    """Return a search parameter as an int.

    Raises:
        ParamError: It is no whole number, or less than 1.
    """
    try:
        value = int(given) if isinstance(given, (str, int)) else 0
    except ValueError:
        value = 0
    if not 1 <= value < 2**31:
        raise ParamError(
            message=f"param '{name}' ({given}) should be in range [1, {2**31 - 1}]"
            ": invalid parameter"
        )
    return value


def _padded(found: Found, k: int) -> Found:
    missing = k - found.rows.shape[1]
    return Found(
        np.pad(found.scores, ((0, 0), (0, missing))),
        np.pad(found.rows, ((0, 0), (0, missing)), constant_values=-1),
    )
