"""Embedding lists found by one vector each: the strategies ``muvera`` and ``lemur``.

An index over the rows' vectors names candidates by inner product; these rows' lists are then
compared exactly, unless a search asks for the first stage's scores.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from aiomilvus.engine.index import costs
from aiomilvus.engine.index.contract import Found, SearchPlan
from aiomilvus.engine.index.dense.exact import best_of
from aiomilvus.engine.index.dense.vectors import LARGER_IS_CLOSER
from aiomilvus.engine.index.lists.embeddings import (
    EmbeddingListIndex,
    candidate_count,
    list_of,
    params_of_inner,
)
from aiomilvus.engine.index.lists.lemur import LemurEncoder, lemur_params
from aiomilvus.engine.index.lists.metrics import element_metric, list_scores
from aiomilvus.engine.index.lists.muvera import MuveraEncoder, muvera_params
from aiomilvus.engine.index.lists.network import Network
from aiomilvus.engine.index.param_values import truth
from aiomilvus.errors import DataCorruptedError
from aiomilvus.model.columns import VectorColumn
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from aiomilvus.engine.catalog.records import IndexSpec
    from aiomilvus.engine.index.contract import Allowed, BuildBudget, Stored, VectorIndex
    from aiomilvus.engine.index.lists.fixed import ListEncoder
    from aiomilvus.model.columns import Column, ListColumn
    from aiomilvus.model.schema import Field

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float32]
    Make = Callable[[Field, VectorColumn, IndexSpec], VectorIndex | None]

MUVERA, LEMUR = "muvera", "lemur"
_FORMAT = 1
_INNER, _ENCODER, _VECTORS = "inner.", "encoder.", "row_vectors"


class EncodedListIndex(EmbeddingListIndex):
    """Search for lists by lists through one vector for each. Implements `VectorIndex`.

    Args:
        lists: The stored lists, counted from 0.
        metric: One of the MAX_SIM metrics.
        strategy: ``muvera`` or ``lemur``.
        encoder: Makes vectors of lists.
        vectors: float32 (rows, width), the stored lists'.
        inner: An index over `vectors`, by inner product.
    """

    def __init__(
        self,
        lists: ListColumn,
        metric: str,
        strategy: str,
        encoder: ListEncoder,
        vectors: Floats,
        inner: VectorIndex,
    ) -> None:
        super().__init__(lists, metric, None)
        self.kind = f"{inner.kind} by {strategy}, then exact lists"
        self._strategy = strategy
        self._encoder = encoder
        self._vectors = vectors
        self._rows_index = inner

    def plan(
        self,
        queries: Column | None,
        k: int,
        params: Mapping[str, object],
        allowed: Allowed,
        *,
        in_range: bool = False,
    ) -> SearchPlan:
        """Return whether the index over rows' vectors names candidates first."""
        filled = allowed if isinstance(allowed, int) else self._count(allowed)
        wanted = candidate_count(k, params)
        reranks = reranked(params)
        if reranks and filled <= wanted:
            return super().plan(queries, k, params, allowed, in_range=in_range)
        inner = params_of_inner(params, wanted)
        first = self._rows_index.plan(None, wanted, inner, allowed)
        rows = min(wanted, filled) if reranks else 0
        lists = costs.scan(self._mean_length(rows), self._lists_width)
        compares = f"rows by {self._strategy}" + (", then lists" if reranks else "")
        return SearchPlan("index", compares, first.microseconds + lists, first.ef, wanted)

    def search(
        self, queries: Column, k: int, params: Mapping[str, object], mask: Bools | None
    ) -> Found:
        """Return the `k` best allowed rows for each query; rows without elements are none."""
        plan = self.plan(queries, k, params, mask)
        if plan.strategy == "exact":
            return super().search(queries, k, params, mask)
        allowed = self._filled if mask is None else self._filled & mask
        scores = np.zeros((len(queries), k), np.float32)
        numbers = np.full((len(queries), k), -1, np.int64)
        inner = params_of_inner(params, plan.candidates)
        metric = self._element_metric
        for at in range(len(queries)):
            query = list_of(queries, at)
            vectors = query.arrays()["values"]
            encoded = VectorColumn(self._encoder.encode_query(vectors))
            near = self._rows_index.search(encoded, plan.candidates, inner, allowed)
            there = near.rows[0] >= 0
            rows = near.rows[0][there]
            if reranked(params):
                rows = np.sort(rows)
                given = list_scores(query, self._lists, rows, metric)
            else:
                given = self._encoder.estimate(near.scores[0][there], vectors)
            found = best_of(given[None, :], rows, k, larger=metric in LARGER_IS_CLOSER)
            scores[at], numbers[at] = found.scores[0], found.rows[0]
        return Found(scores, numbers)

    def to_arrays(self) -> Stored:
        """Return the inner index, the encoder and the rows' vectors: what `open_encoded` takes."""
        arrays, meta = self._rows_index.to_arrays()
        found: dict[str, NDArray[Any]] = {_INNER + name: array for name, array in arrays.items()}
        encoder = self._encoder.to_arrays()
        found.update({_ENCODER + name: array for name, array in encoder.items()})
        found[_VECTORS] = self._vectors
        return found, {"strategy": self._strategy, "format": _FORMAT, "inner": meta}


def reranked(params: Mapping[str, object]) -> bool:
    """Return whether candidates are compared exactly, ``emb_list_rerank``.

    Raises:
        ParamError: It is no truth value.
    """
    return truth("emb_list_rerank", params.get("emb_list_rerank", True))


def check_encoding(strategy: str, params: Mapping[str, object]) -> None:
    """Raise ParamError for a parameter of a strategy that is out of range."""
    if strategy == MUVERA:
        muvera_params(params)
    elif strategy == LEMUR:
        lemur_params(params)


def build_encoded(
    field: Field, lists: ListColumn, spec: IndexSpec, budget: BuildBudget, make: Make
) -> VectorIndex | None:
    """Build an index by the strategy of `spec`; None where its index would be a scan.

    Args:
        field: The array of vectors.
        lists: Its values, counted from 0.
        spec: What to build.
        budget: What it may use.
        make: Builds an index over single vectors.

    Raises:
        BuildStoppedError: The work was given up.
    """
    strategy = spec.params["emb_list_strategy"]
    metric = element_metric(spec.metric)
    if not len(lists.child):
        return None
    encoder: ListEncoder
    if strategy == MUVERA:
        drawn = MuveraEncoder.drawn(muvera_params(spec.params), field.dim, metric)
        encoder, vectors = drawn, drawn.encode_rows(lists)
    else:
        encoder, vectors = LemurEncoder.trained(lemur_params(spec.params), lists, metric, budget)
    inner = make(_row_field(field, encoder.width), VectorColumn(vectors), _row_spec(spec))
    if inner is None:
        return None
    return EncodedListIndex(lists, spec.metric, strategy, encoder, vectors, inner)


def open_encoded(
    field: Field,
    lists: ListColumn,
    spec: IndexSpec,
    arrays: Mapping[str, NDArray[Any]],
    meta: Mapping[str, Any],
    make: Callable[[Field, VectorColumn, IndexSpec, Mapping[str, NDArray[Any]], Any], VectorIndex],
) -> VectorIndex:
    """Open what `EncodedListIndex.to_arrays` gave.

    Raises:
        DataCorruptedError: It is of another format.
    """
    strategy = meta.get("strategy")
    if meta.get("format") != _FORMAT or strategy not in (MUVERA, LEMUR):
        raise DataCorruptedError(
            message=f"index over lists, strategy {strategy!r} of format {meta.get('format')!r}, "
            f"expected {_FORMAT}"
        )
    metric = element_metric(spec.metric)
    stored = _without(arrays, _ENCODER)
    encoder: ListEncoder
    if strategy == MUVERA:
        encoder = MuveraEncoder(np.asarray(stored["planes"], np.float32), metric)
    else:
        encoder = LemurEncoder(Network.from_arrays(stored), metric)
    vectors = np.asarray(arrays[_VECTORS])
    inner = make(
        _row_field(field, encoder.width),
        VectorColumn(vectors),
        _row_spec(spec),
        _without(arrays, _INNER),
        meta["inner"],
    )
    return EncodedListIndex(lists, spec.metric, strategy, encoder, vectors, inner)


def _without(arrays: Mapping[str, NDArray[Any]], prefix: str) -> dict[str, NDArray[Any]]:
    return {n.removeprefix(prefix): each for n, each in arrays.items() if n.startswith(prefix)}


def _row_field(field: Field, width: int) -> Field:
    return msgspec.structs.replace(
        field,
        dtype=DataType.FLOAT_VECTOR,
        element_type=DataType.NONE,
        dim=width,
        max_capacity=0,
        struct="",
    )


def _row_spec(spec: IndexSpec) -> IndexSpec:
    return msgspec.structs.replace(spec, params={**spec.params, "metric_type": "IP"})
