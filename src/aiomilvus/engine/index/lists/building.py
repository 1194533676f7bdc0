"""Indexes on arrays of vectors: an index over all elements, made by whatever makes such."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from aiomilvus.engine.index.lists.elements import ElementIndex, compacted
from aiomilvus.engine.index.lists.embeddings import EmbeddingListIndex
from aiomilvus.engine.index.lists.encoded import LEMUR, MUVERA, check_encoding
from aiomilvus.engine.index.lists.metrics import PREFIX, element_metric, is_list_metric
from aiomilvus.errors import ParamError
from aiomilvus.model.columns import ListColumn
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aiomilvus.engine.catalog.records import IndexSpec
    from aiomilvus.engine.index.contract import VectorIndex
    from aiomilvus.model.columns import Column
    from aiomilvus.model.schema import Field

_DENSE = ("L2", "IP", "COSINE")
_BINARY = ("HAMMING", "JACCARD")


def element_field(field: Field) -> Field:
    """Return a vector field like the elements of an array of vectors."""
    return msgspec.structs.replace(
        field, dtype=field.element_type, element_type=DataType.NONE, max_capacity=0, struct=""
    )


def element_spec(spec: IndexSpec) -> IndexSpec:
    """Return the index over elements that `spec`, an index over lists, is built on."""
    params = {**spec.params, "metric_type": element_metric(spec.metric)}
    return msgspec.structs.replace(spec, params=params)


_WITHOUT_LISTS = ("FAISS", "AISAQ")
STRATEGY = "emb_list_strategy"
TOKENANN = "tokenann"
_OF_ROWS = ("AUTOINDEX", "HNSW", "HNSW_SQ", "IVF_FLAT", "IVF_SQ8", "IVF_RABITQ", "FLAT")
"""Index types over rows' vectors, which are longer than elements: nothing that divides them."""


def check_list_index(
    field: Field,
    params: Mapping[str, str],
    check: Callable[[Field, dict[str, str]], dict[str, str]],
) -> dict[str, str]:
    """Return the parameters of an index over lists, validated and normalised.

    Args:
        field: The array of vectors.
        params: As they were given.
        check: Validates those of an index over single vectors.

    Raises:
        ParamError: The metric is none for such vectors, or as `check`.
    """
    metrics = _BINARY if field.element_type is DataType.BINARY_VECTOR else _DENSE
    default = f"{PREFIX}_{'HAMMING' if metrics is _BINARY else 'COSINE'}"
    metric = params.get("metric_type", "").upper() or default
    fits = element_metric(metric) in metrics
    if not fits:
        allowed = ", ".join((*metrics, *(f"{PREFIX}_{name}" for name in metrics)))
        raise ParamError(
            message=f"index on {field.name}, an array of {field.element_type.spelling}, does not "
            f"support metric type: {metric}, use one of {allowed}"
            ": invalid parameter[expected=valid index params][actual=invalid index params]"
        )
    _check_strategy(field, params)
    if params.get("index_type") in _WITHOUT_LISTS:
        message = f"index type {params['index_type']} takes no arrays of vectors, use HNSW"
        raise ParamError(message=f"{message}: invalid parameter")
    checked = check(element_field(field), {**params, "metric_type": element_metric(metric)})
    return {**checked, "metric_type": metric}


def _check_strategy(field: Field, params: Mapping[str, str]) -> None:
    """Raise unless candidates can be found as the parameters ask."""
    strategy = params.get(STRATEGY, TOKENANN)
    if strategy not in (TOKENANN, MUVERA, LEMUR):
        raise ParamError(
            message=f"unknown emb_list strategy: {strategy}, use {TOKENANN}, {MUVERA} or {LEMUR}"
            ": invalid parameter"
        )
    if strategy == TOKENANN:
        return
    kind = params.get("index_type", "") or "AUTOINDEX"
    if field.element_type is not DataType.FLOAT_VECTOR or kind not in _OF_ROWS:
        raise ParamError(
            message=f"emb_list strategy {strategy} needs FLOAT_VECTOR elements and one of the "
            f"index types {', '.join(_OF_ROWS)}, got {field.element_type.spelling} and {kind}"
            ": invalid parameter"
        )
    check_encoding(strategy, params)


def strategy_of(spec: IndexSpec) -> str:
    """Return how candidates are found; `TOKENANN` where lists are not compared as wholes."""
    if not is_list_metric(spec.metric):
        return TOKENANN
    return spec.params.get(STRATEGY, TOKENANN)


def list_index(
    field: Field,
    column: Column,
    spec: IndexSpec,
    make: Callable[[Field, Column, IndexSpec], VectorIndex | None],
) -> VectorIndex | None:
    """Return an index over lists, None when their elements are best scanned.

    Args:
        field: The array of vectors.
        column: Its values, a ListColumn.
        spec: What to build or to open.
        make: Builds or opens the index over the elements; None when they are best scanned.
    """
    lists = compacted(ListColumn.expect(column))
    inner = make(element_field(field), lists.child, element_spec(spec))
    if inner is None:
        return None
    if is_list_metric(spec.metric):
        return EmbeddingListIndex(lists, spec.metric, inner)
    return ElementIndex(lists, inner)


def scan_lists(
    field: Field,
    column: Column,
    spec: IndexSpec,
    scan: Callable[[Field, Column, IndexSpec], VectorIndex],
) -> VectorIndex:
    """Return exact search over lists, or over their elements, by the metric of `spec`."""
    lists = compacted(ListColumn.expect(column))
    if is_list_metric(spec.metric):
        return EmbeddingListIndex(lists, spec.metric, None)
    return ElementIndex(lists, scan(element_field(field), lists.child, element_spec(spec)))
