"""Approximate indexes of faiss over the segment's own vectors: HNSW and IVF_FLAT.

A graph is stored without vectors: its storage is a view of the segment's column, or of
vectors brought to length 1 where COSINE needs that. Filtered searches take the structure when
many rows pass, and an exact product when few do; when the structure leaves hits out that the
filter allows, the search is done again exactly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.contracts import Found, FoundInRange
from aiomilvus.engine.index.dense.exact import exact_range, exact_search
from aiomilvus.engine.index.dense.library import (
    faiss_library,
    from_bytes,
    selector_of,
    to_bytes,
    view_codes,
)
from aiomilvus.engine.index.dense.vectors import are_unit, as_floats, normalized, query_floats
from aiomilvus.errors import DataCorruptedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from aiomilvus.model.columns import Column, VectorColumn

    Bools = NDArray[np.bool_]

_EXACT_SHARE = 10
"""Exact search wins while passing² ≤ this × effort × rows: the graph's effort grows with
1 / selectivity, the product's with the rows that pass."""
_FORMAT = 1


class FaissIndex:
    """A faiss index of one sealed segment. Implements `VectorIndex`; safe to share by threads.

    Args:
        column: The segment's vectors.
        metric: ``L2``, ``IP`` or ``COSINE``.
        family: ``hnsw`` or ``ivf``.
        index: The faiss index.
        keep: Arrays that the faiss index points into.
        default: Effort (ef or nprobe) of searches that give none.
    """

    def __init__(
        self,
        column: VectorColumn,
        metric: str,
        family: str,
        index: Any,
        keep: dict[str, NDArray[Any]],
        default: int,
    ) -> None:
        self.metric = metric
        self.family = family
        self.num_rows = len(column)
        self.default = default
        self._column = column
        self._index = index
        self._keep = keep
        self._effort = "ef" if family == "hnsw" else "nprobe"
        self._parameters: dict[int, Any] = {}
        self._dim = column.values.shape[1]
        self._normalise = metric == "COSINE"
        self.kind = f"faiss {'HNSW' if family == 'hnsw' else 'IVF'} {column.values.dtype}"

    def search(
        self, queries: Column, k: int, params: Mapping[str, Any], mask: Bools | None
    ) -> Found:
        """Return the `k` best allowed rows for each of the queries.

        Args:
            queries: A VectorColumn of nq rows.
            k: How many; missing ones are row -1.
            params: ``ef`` for HNSW, ``nprobe`` for IVF.
            mask: bool (num_rows,), which rows may be hits; None for all.
        """
        given = params.get(self._effort)
        effort = self.default if given is None else int(given)
        if self.family == "hnsw" and effort < k:
            effort = k
        valid = self._column.valid
        if valid is not None:
            mask = valid if mask is None else mask & valid
        if mask is not None:
            return self._filtered(queries, k, effort, mask)
        parameters = self._parameters.get(effort)
        if parameters is None:
            parameters = self._parameters[effort] = self._search_parameters(effort, None)
        scores, rows = self._index.search(self._vectors(queries), k, params=parameters)
        if rows[:, -1].min(initial=0) < 0:
            return self._repaired(queries, k, None, Found(scores, rows))
        return Found(scores, rows)

    def _vectors(self, queries: Column) -> NDArray[np.float32]:
        vectors = query_floats(queries, self._dim)
        return normalized(vectors) if self._normalise else vectors

    def _filtered(self, queries: Column, k: int, effort: int, mask: Bools) -> Found:
        passing = int(np.count_nonzero(mask))
        if self.strategy(passing, effort) == "exact":
            return exact_search(queries, self._column, k, self.metric, mask)
        scaled = min(effort * self.num_rows // max(passing, 1), self.num_rows)
        selector, bits = selector_of(mask)
        parameters = self._search_parameters(scaled, selector)
        scores, rows = self._index.search(self._vectors(queries), k, params=parameters)
        del bits
        return self._repaired(queries, k, mask, Found(scores, rows))

    def strategy(self, passing: int, effort: int) -> str:
        """Return ``exact`` or ``index``: how a search is done when `passing` rows may be hits."""
        return "exact" if passing**2 <= _EXACT_SHARE * effort * self.num_rows else "index"

    def _search_parameters(self, effort: int, selector: Any) -> Any:
        faiss = faiss_library()
        if self.family == "hnsw":
            return faiss.SearchParametersHNSW(efSearch=effort, sel=selector)
        nprobe = max(min(effort, int(self._index.nlist)), 1)
        return faiss.SearchParametersIVF(nprobe=nprobe, sel=selector)

    def _repaired(self, queries: Column, k: int, mask: Bools | None, found: Found) -> Found:
        """Return `found`, searched exactly for the queries that have less than they could."""
        allowed = self.num_rows if mask is None else int(np.count_nonzero(mask))
        short = np.flatnonzero(found.rows[:, min(k, allowed) - 1] < 0) if allowed else ()
        found.scores[found.rows < 0] = 0.0
        if self.family == "hnsw" and len(short):
            again = exact_search(
                queries.take(np.asarray(short)), self._column, k, self.metric, mask
            )
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
        arrays = dict(self._keep)
        if "structure" not in arrays:
            flags = faiss_library().IO_FLAG_SKIP_STORAGE if self.family == "hnsw" else 0
            arrays["structure"] = to_bytes(self._index, flags)
        arrays.pop("codes", None)
        meta = {"family": self.family, "format": _FORMAT, "default": self.default}
        return arrays, meta


def build_hnsw(
    column: VectorColumn, metric: str, *, m: int, ef_construction: int, default: int, threads: int
) -> FaissIndex:
    """Build a graph with up to `m` links per level (2 × `m` at the bottom)."""
    faiss = faiss_library()
    keep, vectors = _own_vectors(column, metric)
    measure = faiss.METRIC_L2 if metric == "L2" else faiss.METRIC_INNER_PRODUCT
    index = faiss.IndexHNSWFlat(column.values.shape[1], m, measure)
    index.hnsw.efConstruction = ef_construction
    with _Threads(threads):
        index.add(np.ascontiguousarray(as_floats(vectors)))
    _attach(index, vectors, measure, keep)
    return FaissIndex(column, metric, "hnsw", index, keep, default)


def build_ivf(
    column: VectorColumn, metric: str, *, nlist: int, default: int, threads: int
) -> FaissIndex:
    """Build `nlist` inverted lists, fewer when there are too few rows to train them."""
    faiss = faiss_library()
    dim = column.values.shape[1]
    measure = faiss.METRIC_L2 if metric == "L2" else faiss.METRIC_INNER_PRODUCT
    vectors = as_floats(column.values)
    if metric == "COSINE":
        vectors = normalized(vectors)
    vectors = np.ascontiguousarray(vectors)
    quantizer = faiss.IndexFlat(dim, measure)
    index = faiss.IndexIVFFlat(quantizer, dim, max(min(nlist, len(vectors) // 39), 1), measure)
    index.own_fields = True
    quantizer.this.disown()
    with _Threads(threads):
        index.train(vectors)
        index.add(vectors)
    return FaissIndex(column, metric, "ivf", index, {}, default)


def open_faiss(
    column: VectorColumn, metric: str, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]
) -> FaissIndex:
    """Open what `FaissIndex.to_arrays` gave; the arrays may be read-only and mapped.

    Raises:
        DataCorruptedError: It is of another format.
    """
    if meta.get("format") != _FORMAT:
        raise DataCorruptedError(
            message=f"dense index format {meta.get('format')!r}, expected {_FORMAT}"
        )
    faiss = faiss_library()
    family = str(meta["family"])
    keep: dict[str, NDArray[Any]] = {name: np.asarray(array) for name, array in arrays.items()}
    flags = faiss.IO_FLAG_SKIP_STORAGE if family == "hnsw" else 0
    index = from_bytes(keep["structure"], flags)
    if family == "hnsw":
        measure = faiss.METRIC_L2 if metric == "L2" else faiss.METRIC_INNER_PRODUCT
        _attach(index, keep.get("vectors", column.values), measure, keep)
    return FaissIndex(column, metric, family, index, keep, int(meta["default"]))


def _own_vectors(column: VectorColumn, metric: str) -> tuple[dict[str, NDArray[Any]], NDArray[Any]]:
    """Return the arrays to store, and the vectors that the graph compares, in their own type."""
    values = column.values
    if metric != "COSINE" or are_unit(values):
        return {}, values
    unit = _narrowed(normalized(as_floats(values)), values.dtype)
    return {"vectors": unit}, unit


def _narrowed(vectors: NDArray[np.float32], dtype: np.dtype[Any]) -> NDArray[Any]:
    if dtype == np.uint16:
        bits = vectors.view(np.uint32)
        return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)
    return vectors.astype(np.float16) if dtype == np.float16 else vectors


def _attach(index: Any, vectors: NDArray[Any], measure: int, keep: dict[str, NDArray[Any]]) -> None:
    """Make `vectors` the storage of a graph, in their own width, without a copy."""
    faiss = faiss_library()
    dim = vectors.shape[1]
    sq = faiss.ScalarQuantizer
    kinds = {"float16": sq.QT_fp16, "uint16": sq.QT_bf16, "int8": sq.QT_8bit_direct_signed}
    name = vectors.dtype.name
    if name == "float32":
        storage = faiss.IndexFlat(dim, measure)
    else:
        storage = faiss.IndexScalarQuantizer(dim, kinds[name], measure)
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


class _Threads:
    """Let faiss use so many threads within the block, in this thread alone."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._before = 1

    def __enter__(self) -> None:
        faiss = faiss_library()
        self._before = faiss.omp_get_max_threads()
        faiss.omp_set_num_threads(max(self._count, 1))

    def __exit__(self, *_: object) -> None:
        faiss_library().omp_set_num_threads(self._before)
