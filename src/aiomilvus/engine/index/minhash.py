"""MinHash signatures: the metric MHJACCARD, and the index MINHASH_LSH.

A signature is a binary vector of whole elements (``mh_element_bit_width`` bits each); two
signatures' similarity is the share of elements in which they are equal, 0 … 1, more is better.
The index cuts signatures into bands and finds rows that agree with the query in a whole band;
these are then ranked by similarity. It satisfies `index.contract.VectorIndex`; the query part
of the engine calls it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from aiomilvus.engine.index import costs
from aiomilvus.engine.index.contract import (
    UNLIMITED,
    Allowed,
    Found,
    FoundInRange,
    SearchPlan,
    count_of,
)
from aiomilvus.engine.index.param_values import Share, share, truth
from aiomilvus.engine.index.sparse.hits import Hits, best
from aiomilvus.errors import DataCorruptedError, ParamError
from aiomilvus.model.columns import VectorColumn

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from aiomilvus.engine.index.contract import BuildBudget
    from aiomilvus.model.columns import Column

_FORMAT = 1
_WIDTHS: dict[int, np.dtype[Any]] = {32: np.dtype("<u4"), 64: np.dtype("<u8")}
_FALSE_POSITIVES = Share("mh_lsh_bloom_false_positive_prob", 0.0, 1.0, 0.01)
_MIX = np.uint64(0x9E3779B97F4A7C15)


class LshParams(NamedTuple):
    """How a signature is cut.

    Attributes:
        bands: ``mh_lsh_band``: more bands find less similar rows; 1 … elements.
        width: ``mh_element_bit_width``: 32 or 64.
    """

    bands: int = 8
    width: int = 32


def lsh_params(params: Mapping[str, Any], dim: int) -> LshParams:
    """Read index parameters for vectors of `dim` bits.

    Keys that change where Milvus keeps its data, not what is found, are checked and have no effect:
    ``mh_lsh_code_in_mem``, ``mh_lsh_bloom_false_positive_prob``.

    Raises:
        ParamError: A value is out of range, or `dim` is no multiple of the width.
    """
    width = _whole(params, "mh_element_bit_width", 32)
    if width not in _WIDTHS or dim % width:
        raise ParamError(
            message=f"mh_element_bit_width should be 32 or 64 and divide the dimension {dim}, "
            f"got {width}: invalid parameter"
        )
    elements = dim // width
    truth("mh_lsh_code_in_mem", params.get("mh_lsh_code_in_mem", "true"))
    share(_FALSE_POSITIVES, params.get(_FALSE_POSITIVES.name))
    bands = _whole(params, "mh_lsh_band", min(LshParams().bands, elements))
    if not 1 <= bands <= elements:
        raise ParamError(
            message=f"mh_lsh_band should be in range [1, {elements}], got {bands}: "
            "invalid parameter"
        )
    return LshParams(bands, width)


def similarity(
    query: NDArray[np.uint8], rows: NDArray[np.uint8], width: int = 32
) -> NDArray[np.float32]:
    """Return MHJACCARD of one signature, uint8 (bytes,), with many, uint8 (n, bytes).

    Returns:
        float32 (n,), 0 … 1.
    """
    elements = np.ascontiguousarray(rows).view(_WIDTHS[width])
    equal = elements == np.ascontiguousarray(query).view(_WIDTHS[width])
    shares: NDArray[np.float32] = equal.mean(axis=1, dtype=np.float32)
    return shares


class MinHashLsh:
    """Rows that share a band with the query, ranked by similarity. Immutable."""

    metric = "MHJACCARD"

    def __init__(
        self, signatures: NDArray[np.uint8], params: LshParams, arrays: Mapping[str, Any]
    ) -> None:
        """Put an index together; callers use `build` and `from_arrays`.

        Args:
            signatures: uint8 (rows, bytes), the vector column's own values.
            params: How they are cut.
            arrays: ``keys`` uint64 (bands, rows) sorted in each band, ``rows`` uint32 alike.
        """
        self._signatures = signatures
        self._params = params
        self._keys: NDArray[np.uint64] = arrays["keys"]
        self._rows: NDArray[np.uint32] = arrays["rows"]
        self.num_rows = len(signatures)

    @property
    def kind(self) -> str:
        """What serves searches, for people to read."""
        return f"MinHash LSH, {self._params.bands} bands"

    @classmethod
    def build(
        cls, column: VectorColumn, params: LshParams, budget: BuildBudget = UNLIMITED
    ) -> MinHashLsh:
        """Index the rows of `column` (uint8 values); null rows are never found.

        Raises:
            BuildStoppedError: The work was given up.
        """
        budget.check_wanted()
        keys = _band_keys(column.values, params)
        rows = np.arange(len(column), dtype=np.uint32)
        if column.valid is not None:
            keys, rows = keys[column.valid], rows[column.valid]
        shape = (params.bands, len(rows))
        sorted_keys = np.empty(shape, np.uint64)
        sorted_rows = np.empty(shape, np.uint32)
        for band in range(params.bands):
            budget.check_wanted()
            order = np.argsort(keys[:, band], kind="stable")
            sorted_keys[band] = keys[order, band]
            sorted_rows[band] = rows[order]
        return cls(column.values, params, {"keys": sorted_keys, "rows": sorted_rows})

    def to_arrays(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return arrays and JSON-able meta data; the signatures stay in their column."""
        meta = {"format": _FORMAT, "params": list(self._params)}
        return {"keys": self._keys, "rows": self._rows}, meta

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any], column: VectorColumn
    ) -> MinHashLsh:
        """Open an index over the column that it was built from.

        Raises:
            DataCorruptedError: The meta data is of another format.
        """
        if meta.get("format") != _FORMAT:
            raise DataCorruptedError(
                message=f"MinHash index format {meta.get('format')!r}, expected {_FORMAT}"
            )
        return cls(column.values, LshParams(*meta["params"]), arrays)

    def plan(
        self,
        queries: Column | None,  # noqa: ARG002 - contract
        k: int,  # noqa: ARG002 - contract
        params: Mapping[str, Any],  # noqa: ARG002 - contract
        allowed: Allowed,
        *,
        in_range: bool = False,  # noqa: ARG002 - contract
    ) -> SearchPlan:
        """Return that the rows which share a band with a query are ranked."""
        return SearchPlan("index", "signatures of rows that share a band", self._cost(allowed))

    def _cost(self, allowed: Allowed) -> float:
        """Return what ranking all allowed rows would take: any of them may share a band."""
        passing = count_of(allowed)
        rows = self.num_rows if passing is None else passing
        bits = int(self._signatures.shape[1]) * 8
        return costs.SCAN_CALL + rows * bits / costs.BITS

    def search(
        self, queries: Column, k: int, params: Mapping[str, Any], mask: NDArray[np.bool_] | None
    ) -> Found:
        """Return the `k` most similar rows among those that share a band with the query."""
        del params  # mh_search_with_jaccard, refine_k: always ranked, over all candidates
        scores = np.zeros((len(queries), k), np.float32)
        rows = np.full((len(queries), k), -1, np.int64)
        for query, candidates in enumerate(self._candidates(queries, mask)):
            found = best(candidates, k)
            scores[query, : len(found.rows)] = found.scores
            rows[query, : len(found.rows)] = found.rows
        return Found(scores, rows)

    def range_search(
        self,
        queries: Column,
        radius: float,
        range_filter: float | None,
        params: Mapping[str, Any],
        mask: NDArray[np.bool_] | None,
    ) -> FoundInRange:
        """Return candidates with radius < similarity ≤ range_filter, best first."""
        del params  # as in `search`
        most = np.inf if range_filter is None else range_filter
        hits = [found.within(radius, most) for found in self._candidates(queries, mask)]
        offsets = np.zeros(len(hits) + 1, np.int64)
        np.cumsum(np.array([len(found.rows) for found in hits], np.int64), out=offsets[1:])
        return FoundInRange(
            offsets,
            np.concatenate([np.zeros(0, np.float32), *(found.scores for found in hits)]),
            np.concatenate([np.zeros(0, np.int64), *(found.rows for found in hits)]),
        )

    def _candidates(self, queries: Column, mask: NDArray[np.bool_] | None) -> Iterator[Hits]:
        if not isinstance(queries, VectorColumn) or queries.values.dtype != np.uint8:
            raise ParamError(message="a MinHash index is searched with binary vectors")
        keys = _band_keys(queries.values, self._params)
        for query, wanted in enumerate(keys):
            runs = []
            for band, key in enumerate(wanted):
                first = np.searchsorted(self._keys[band], key, "left")
                last = np.searchsorted(self._keys[band], key, "right")
                runs.append(self._rows[band, first:last])
            rows = np.unique(np.concatenate(runs)).astype(np.int64)
            if mask is not None:
                rows = rows[mask[rows]]
            signature = queries.values[query]
            yield Hits(rows, similarity(signature, self._signatures[rows], self._params.width))


class MinHashScan(MinHashLsh):
    """Every row ranked by similarity: for rows that have no index. Immutable."""

    @property
    def kind(self) -> str:
        """What serves searches, for people to read."""
        return "scan of MinHash signatures"

    def plan(
        self,
        queries: Column | None,  # noqa: ARG002 - contract
        k: int,  # noqa: ARG002 - contract
        params: Mapping[str, Any],  # noqa: ARG002 - contract
        allowed: Allowed,
        *,
        in_range: bool = False,  # noqa: ARG002 - contract
    ) -> SearchPlan:
        """Return that all allowed rows are ranked."""
        return SearchPlan("exact", "signatures", self._cost(allowed))

    @classmethod
    def over(cls, column: VectorColumn, params: LshParams) -> MinHashScan:
        """Return the search over a column; null rows are never found."""
        valid = np.ones(len(column), np.bool_) if column.valid is None else column.valid
        rows = np.flatnonzero(valid).astype(np.uint32)
        arrays = {"keys": np.empty((0, 0), np.uint64), "rows": rows.reshape(1, -1)}
        return cls(column.values, params, arrays)

    def _candidates(self, queries: Column, mask: NDArray[np.bool_] | None) -> Iterator[Hits]:
        if not isinstance(queries, VectorColumn) or queries.values.dtype != np.uint8:
            raise ParamError(message="MinHash signatures are searched with binary vectors")
        rows = self._rows[0].astype(np.int64)
        if mask is not None:
            rows = rows[mask[rows]]
        for signature in queries.values:
            yield Hits(rows, similarity(signature, self._signatures[rows], self._params.width))


def _band_keys(signatures: NDArray[np.uint8], params: LshParams) -> NDArray[np.uint64]:
    """Return one 64-bit key per band of each signature, uint64 (rows, bands).

    Elements that don't fill a band are left out of all.
    """
    elements = np.ascontiguousarray(signatures).view(_WIDTHS[params.width])
    per_band = elements.shape[1] // params.bands
    cut = elements[:, : per_band * params.bands].reshape(-1, params.bands, per_band)
    keys = np.zeros(cut.shape[:2], np.uint64)
    for place in range(per_band):
        keys = (keys ^ cut[:, :, place].astype(np.uint64)) * _MIX
        keys ^= keys >> np.uint64(32)
    return keys


def _whole(params: Mapping[str, Any], key: str, default: int) -> int:
    value = params.get(key, default)
    try:
        number = None if isinstance(value, (bool, float)) else int(value)
    except (TypeError, ValueError):
        number = None
    if number is None:
        raise ParamError(message=f"{key} should be an integer, got {value!r}: invalid parameter")
    return number
