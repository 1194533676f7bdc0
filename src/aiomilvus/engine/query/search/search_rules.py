"""What a search may ask for; Milvus' limits and words."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.engine.index.dense.factory import check_factory_search
from aiomilvus.engine.index.dense.factory_index import SERVED as FAISS
from aiomilvus.engine.index.dense.search_params import check_search_params
from aiomilvus.engine.index.parameter_names import NAMES, SEARCH_WORDS, refuse_slips
from aiomilvus.engine.index.sparse import sparse_params
from aiomilvus.engine.properties import LIMIT
from aiomilvus.engine.query.search.element_scope import SCOPE
from aiomilvus.engine.write.value_checks import check_sparse
from aiomilvus.errors import NotSupportedError, ParamError
from aiomilvus.model.batch import vector_width
from aiomilvus.model.columns import (
    VECTOR_DTYPES,
    BytesColumn,
    ListColumn,
    SparseColumn,
    VectorColumn,
)
from aiomilvus.model.rows.errors import wrong_width
from aiomilvus.model.rows.vectors import from_bfloat16
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from aiomilvus.engine.index.search_target import SearchTarget
    from aiomilvus.model.columns import Column
    from aiomilvus.model.operations.data import HybridSearch, Search

"""Most hits of one query under the property ``query_mode``."""
MAX_GROUP_SIZE = 10
_SERVED = frozenset({"hints", "level", "highlighter", "search_aggregation", "time_fields"})
_SERVED_HYBRID = frozenset({"hints", "level", "highlighter", "time_fields"})
_HINTS = ("iterative_filter", "disable")
"""How a server is to combine filter and index. Here the filter always comes first."""
_LARGER = frozenset({"IP", "COSINE", "BM25"})


def check_window(limit: int, offset: int, nq: int, most: int = LIMIT) -> None:
    """Raise ParamError unless nq, limit and offset are within Milvus' limits."""
    if not 1 <= nq <= LIMIT:
        message = (
            f"nq [{nq}] is invalid, nq (number of search vector per search request) should be in "
            f"range [1, {LIMIT}], but got {nq}: invalid parameter"
        )
        raise ParamError(message=message)
    if not 1 <= limit <= most:
        message = (
            f"topk [{limit}] is invalid, it should be in range [1, {most}], but got {limit}"
            ": invalid parameter"
        )
        raise ParamError(message=message)
    if not 0 <= offset <= most:
        message = f"offset [{offset}] is invalid, it should be in range [1, {most}]"
        raise ParamError(message=f"{message}, but got {offset}: invalid parameter")
    if offset + limit > most:
        message = (
            f"offset+topk [{offset + limit}] is invalid, it should be in range [1, {most}], "
            f"but got {offset + limit}: invalid parameter"
        )
        raise ParamError(message=message)


def check_params(target: SearchTarget, op: Search) -> None:
    """Check what a search says to the index, even where no row is in it yet.

    Raises:
        ParamError: A value is of the wrong type or out of range.
    """
    if SCOPE in op.params:
        message = f"{SCOPE} is only supported in the requests of a hybrid search"
        raise ParamError(message=f"{message}: invalid parameter")
    if target.spec.index_type == FAISS:
        spec = target.spec
        check_factory_search(target.field.dim, spec.metric, spec.params, op.params, SEARCH_WORDS)
        return
    refuse_slips(op.params, NAMES)
    if target.field.dtype is DataType.SPARSE_FLOAT_VECTOR:
        sparse_params.check_search(op.params, target.spec.params)
    else:
        wanted = None if op.iterator is not None else op.limit + op.offset
        check_search_params(target.spec.index_type, op.params, wanted)


def check_search(target: SearchTarget, op: Search, most: int = LIMIT) -> None:
    """Raise unless `op` may be asked of the target, for `most` hits at most.

    Raises:
        ParamError: A value is wrong.
        NotSupportedError: The engine does not serve an option.
    """
    check_window(op.limit, op.offset, op.nq, most)
    if op.metric and op.metric.upper() != target.spec.metric:
        message = (
            "metric type not match: invalid parameter"
            f"[expected={target.spec.metric}][actual={op.metric}]"
        )
        raise ParamError(message=message)
    _check_digits(op)
    if op.radius is not None or op.range_filter is not None:
        _check_range(target, op)
    if op.group_by and op.iterator is not None:
        raise ParamError(message="Not allowed to do groupBy when doing iteration")
    if op.group_by and not 1 <= op.group_size <= MAX_GROUP_SIZE:
        raise _wrong_group_size(op.group_size)
    if op.data is not None:
        _check_layout(target, op.data)
    check_extra(op.extra, _SERVED)
    hint = op.extra.get("hints")
    if hint and hint not in _HINTS:
        message = f"hints: {hint} not supported, should be one of {_HINTS}"
        raise ParamError(message=f"{message}: invalid parameter")
    if op.iterator is not None:
        _check_iteration(op)


def check_extra(extra: dict[str, object], served: frozenset[str]) -> None:
    """Raise NotSupportedError for an option that the engine would have to ignore."""
    for name, value in extra.items():
        if value not in (None, "", {}, []) and name not in served:
            message = f"{name} is not supported by the embedded engine yet"
            raise NotSupportedError(message=message)


def _check_iteration(op: Search) -> None:
    """Raise ParamError for what would need all hits of a search at once."""
    asked = {"a ranker": op.ranker is not None, "order_by": bool(op.order_by)}
    asked |= {name: name in op.extra for name in ("highlighter", "search_aggregation")}
    for name, given in asked.items():
        if given:
            raise ParamError(message=f"Not allowed to use {name} when doing iteration")


def _check_range(target: SearchTarget, op: Search) -> None:
    if op.radius is None:
        raise ParamError(message="range_filter requires radius to be set: invalid parameter")
    if op.group_by:
        message = "Not allowed to do range-search when doing search-group-by"
        raise ParamError(message=message)
    if op.range_filter is None:
        return
    larger = target.spec.metric in _LARGER
    if (op.range_filter <= op.radius) if larger else (op.range_filter >= op.radius):
        which = "greater" if larger else "less"
        message = (
            f"range_filter({op.range_filter:g}) must be {which} than radius({op.radius:g})"
            ": invalid parameter"
        )
        raise ParamError(message=message)


def _check_layout(target: SearchTarget, data: Column) -> None:
    field = target.field
    if isinstance(data, BytesColumn):
        return
    if target.finds_lists:
        if not isinstance(data, ListColumn):
            message = f"field {field.name} with metric {target.spec.metric} needs embedding lists"
            raise ParamError(message=f"vector type must be the same, {message}: invalid parameter")
        data = data.child
    if field.dtype is DataType.SPARSE_FLOAT_VECTOR:
        if not isinstance(data, SparseColumn):
            message = f"field {field.name} holds sparse vectors, the query has none"
            raise ParamError(message=f"vector type must be the same, {message}: invalid parameter")
        check_sparse(field, data)
        return
    if not isinstance(data, VectorColumn):
        message = f"vector type must be the same, field {field.name} - type {field.dtype.spelling}"
        raise ParamError(message=f"{message}: invalid parameter")
    check_numbers(field.name, data)
    width = vector_width(field.vector_type, field.dim)
    if data.values.ndim != 2 or data.values.shape[1] != width:
        scale = 8 if field.vector_type is DataType.BINARY_VECTOR else 1
        given, bytes_each = data.values.shape[-1], data.values.itemsize
        raise wrong_width(field, width * bytes_each, given * bytes_each, given * scale)


def check_numbers(name: str, data: VectorColumn) -> None:
    """Raise ParamError for a query with a number that no distance can be told for."""
    values = data.values
    if values.dtype == VECTOR_DTYPES[DataType.BFLOAT16_VECTOR]:
        values = from_bfloat16(values)
    if values.dtype.kind != "f":
        return
    flat = values.reshape(-1)
    # A product tells it in one step, unless it is beyond the type's largest number.
    if isfinite(np.dot(flat, flat)) or np.isfinite(flat).all():
        return
    row = int(np.argmin(np.isfinite(values).all(axis=1)))
    message = f"value of query vector {row} is not a number or infinity: field {name}"
    raise ParamError(message=f"{message}: invalid parameter")


def _wrong_group_size(size: int) -> ParamError:
    message = f"input group size:{size} is negative, failed to do search_groupby"
    if size > 0:
        message = f"input group size:{size} exceeds configured max group size:{MAX_GROUP_SIZE}"
    return ParamError(message=f"{message}: invalid parameter")


def _check_digits(op: Search | HybridSearch) -> None:
    if not (op.round_decimal == -1 or 0 <= op.round_decimal <= 6):
        message = f"round_decimal [{op.round_decimal}] is invalid, should be -1 or an integer in"
        raise ParamError(message=f"{message} range [0, 6]: invalid parameter")


def check_hybrid(op: HybridSearch, most: int) -> None:
    """Raise ParamError unless the requests can be merged, to `most` hits at most."""
    _check_digits(op)
    if not op.requests:
        raise ParamError(message="ann search requests can't be empty: invalid parameter")
    if len(op.requests) > 1_024:
        raise ParamError(message="maximum of ann search requests is 1024: invalid parameter")
    for part in op.requests:
        _check_part(part, op)
    counts = {request.nq for request in op.requests}
    if len(counts) > 1:
        wrong = next(part.nq for part in op.requests if part.nq != op.requests[0].nq)
        message = "sub search request nq should be the same: invalid parameter"
        raise ParamError(message=f"{message}[expected={op.requests[0].nq}][actual={wrong}]")
    check_window(1, 0, counts.pop(), most)
    _check_hybrid_window(op, most)
    check_extra(op.extra, _SERVED_HYBRID)
    if op.group_scorer not in ("max", "sum", "avg"):
        message = f"input group scorer type: {op.group_scorer} is not supported: max, sum or avg"
        raise ParamError(message=f"{message}: invalid parameter")
    if op.group_by and not 1 <= op.group_size <= MAX_GROUP_SIZE:
        raise _wrong_group_size(op.group_size)


def _check_hybrid_window(op: HybridSearch, most: int) -> None:
    if op.offset < 0:
        message = f"offset [{op.offset}] is invalid, should be gte than 0"
    elif op.limit <= 0:
        message = f"limit [{op.limit}] is invalid, should be greater than 0"
    elif op.offset + op.limit > most:
        message = f"(offset+limit) should be in range [1, {most}], but got {op.offset + op.limit}"
    else:
        return
    raise ParamError(message=f"invalid max query result window, {message}: invalid parameter")


def _check_part(part: Search, whole: HybridSearch) -> None:
    """Raise ParamError for what only a hybrid search as a whole can mean.

    pymilvus repeats in each part what the whole is grouped by and where it begins.
    """
    own_group = part.group_by if part.group_by != whole.group_by else ()
    own_offset = part.offset if part.offset != whole.offset else 0
    given = {"offset": own_offset, "group_by_field": own_group, "order_by": part.order_by}
    for name, value in given.items():
        if value:
            raise ParamError(
                message=f"{name} of an AnnSearchRequest is not supported; give it to hybrid_search"
                ": invalid parameter"
            )
