"""The door to all indexes: checks what is asked for, builds it, opens it again.

Called by the storage side (`segment`, `maintenance`, `operations`) and by `engine.query`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from aiomilvus.engine.index.autoindex import SCANNED, build_auto
from aiomilvus.engine.index.binary.exact import BinaryIndex
from aiomilvus.engine.index.binary.lists import build_lists, open_lists
from aiomilvus.engine.index.build_params import (
    AUTO,
    NLIST,
    checked_metric,
    checked_type,
    dense_params,
    family_of,
)
from aiomilvus.engine.index.dense.building import build_faiss, open_faiss
from aiomilvus.engine.index.dense.exact import ExactIndex
from aiomilvus.engine.index.dense.factory import check_factory
from aiomilvus.engine.index.dense.factory_index import SERVED as FAISS
from aiomilvus.engine.index.dense.factory_index import build_factory, open_factory
from aiomilvus.engine.index.dense.vectors import are_too_long
from aiomilvus.engine.index.lists.building import (
    TOKENANN,
    check_list_index,
    list_index,
    scan_lists,
    strategy_of,
)
from aiomilvus.engine.index.lists.elements import compacted
from aiomilvus.engine.index.lists.encoded import build_encoded, open_encoded
from aiomilvus.engine.index.minhash import MinHashLsh, MinHashScan, lsh_params
from aiomilvus.engine.index.param_values import whole
from aiomilvus.engine.index.parameter_names import BUILD_NAMES, refuse_slips
from aiomilvus.engine.index.scalar.building import build_scalar, open_scalar
from aiomilvus.engine.index.scalar.scalar_rules import check_scalar
from aiomilvus.engine.index.sparse.index import SparseIndex
from aiomilvus.engine.index.sparse.sparse_params import build_params
from aiomilvus.errors import ParamError
from aiomilvus.model.columns import ListColumn, SparseColumn, VectorColumn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from aiomilvus.engine.catalog.records import IndexSpec
    from aiomilvus.engine.index.contract import BuildBudget, ScalarIndex, VectorIndex
    from aiomilvus.model.columns import Column
    from aiomilvus.model.schema import Field

_TOO_FEW = 1024
"""Up to this many rows an index over codes is not worth training: they are scanned."""
_GRAPHS = frozenset({"HNSW", "DISKANN", "AISAQ"})
_SERVED_BY = {"AISAQ": "DISKANN"}
"""Types that differ in where Milvus keeps codes on a disk, which the page cache settles here."""


def check_index(field: Field, params: dict[str, str]) -> dict[str, str]:
    """Return index parameters, validated and normalised as Milvus does.

    Args:
        field: The field to index.
        params: ``index_type``, ``metric_type`` and the type's own, all as strings.

    Raises:
        ParamError: The type or metric does not exist or fit, or a number is out of range.
        NotSupportedError: The type is one that Milvus has and this engine does not serve.
    """
    if params.get("index_type") != FAISS:
        refuse_slips(params, BUILD_NAMES)
    if family_of(field) == "lists":
        return check_list_index(field, params, check_index)
    kind = checked_type(field, params)
    metric = checked_metric(field, kind, params)
    checked = {**params, "index_type": kind}
    if metric:
        checked["metric_type"] = metric
    family = family_of(field)
    if family == "scalar":
        return {**check_scalar(field, kind, params), "index_type": kind}
    if family == "sparse":
        _check_sparse(field, metric, params)
    elif family == "binary":
        whole(NLIST, params.get("nlist"))
        if metric == "MHJACCARD":
            lsh_params(params, field.dim)
    elif kind == FAISS:
        check_factory(field.dim, metric, params)
    elif kind != AUTO:
        dense_params(kind, field.dim, params)
    return checked


def _check_sparse(field: Field, metric: str, params: dict[str, str]) -> None:
    build_params({**params, "metric_type": metric})
    if (metric == "BM25") != field.is_function_output:
        raise ParamError(
            message="only BM25 Function output field support BM25 metric type"
            if metric == "BM25"
            else "index metric type of BM25 function output field must be BM25, got "
            f"{metric}: invalid parameter"
        )


def build_index(
    spec: IndexSpec, field: Field, column: Column, budget: BuildBudget
) -> VectorIndex | ScalarIndex | None:
    """Build the index of one immutable segment.

    Args:
        spec: What to build; its parameters went through `check_index`.
        field: The indexed field.
        column: Its values in the segment, all rows.
        budget: What it may use.

    Returns:
        The index, or None when the column itself serves these rows best.

    Raises:
        BuildStoppedError: The work was given up.
    """
    family = family_of(field)
    if family == "scalar":
        return build_scalar(spec, field, column, budget)
    if family == "lists":
        return _build_lists(spec, field, column, budget)
    if family == "sparse":
        return SparseIndex.build(
            SparseColumn.expect(column), spec.metric, build_params(spec.params), budget
        )
    vectors = VectorColumn.expect(column)
    if family == "binary":
        if spec.metric == "MHJACCARD":
            if len(vectors) <= _TOO_FEW:
                return None
            return MinHashLsh.build(vectors, lsh_params(spec.params, field.dim), budget)
        if spec.index_type != "BIN_IVF_FLAT" or len(vectors) <= _TOO_FEW:
            return None
        nlist = whole(NLIST, spec.params.get("nlist"))
        return build_lists(vectors, spec.metric, budget, nlist=nlist)
    return _build_dense(spec, vectors, budget)


def _build_lists(
    spec: IndexSpec, field: Field, column: Column, budget: BuildBudget
) -> VectorIndex | None:
    def make(inner: Field, elements: Column, by: IndexSpec) -> VectorIndex | None:
        return cast("VectorIndex | None", build_index(by, inner, elements, budget))

    if strategy_of(spec) == TOKENANN:
        return list_index(field, column, spec, make)
    lists = compacted(ListColumn.expect(column))
    if _is_scanned(spec.index_type, len(lists)):
        return None
    return build_encoded(field, lists, spec, budget, make)


def _is_scanned(kind: str, rows: int) -> bool:
    """Return whether comparing so many rows beats an index of this type."""
    few = {"IVF_FLAT": 0, AUTO: SCANNED}.get(kind, 0 if kind in _GRAPHS else _TOO_FEW)
    return kind == "FLAT" or rows <= few


def _build_dense(spec: IndexSpec, column: VectorColumn, budget: BuildBudget) -> VectorIndex | None:
    kind = spec.index_type
    if _is_scanned(kind, len(column)) or are_too_long(column.values):
        return None
    if kind == FAISS:
        return build_factory(column, spec.metric, spec.params, budget)
    if kind == AUTO:
        return build_auto(column, spec.metric, budget)
    params = dense_params(kind, column.values.shape[1], spec.params)
    return build_faiss(column, spec.metric, _SERVED_BY.get(kind, kind), params, budget)


def open_index(
    spec: IndexSpec,
    field: Field,
    column: Column,
    arrays: Mapping[str, NDArray[Any]],
    meta: Mapping[str, Any],
) -> VectorIndex | ScalarIndex:
    """Open an index from what its `to_arrays` gave.

    Args:
        spec: What it is.
        field: The indexed field.
        column: Its values in the segment.
        arrays: May be read-only and mapped; kept as long as the index.
        meta: The JSON-able description.

    Raises:
        DataCorruptedError: It is of a format that this version can't read.
    """
    family = family_of(field)
    if family == "scalar":
        return open_scalar(spec, field, column, arrays, meta)
    if family == "lists":
        return _open_lists(spec, field, column, arrays, meta)
    if family == "sparse":
        return SparseIndex.from_arrays(arrays, meta)
    vectors = VectorColumn.expect(column)
    if meta.get("family") == "exact":
        return exact_index(field, column, spec.metric, spec.params)
    if spec.metric == "MHJACCARD":
        return MinHashLsh.from_arrays(arrays, meta, vectors)
    if family == "binary":
        return open_lists(vectors, spec.metric, arrays, meta)
    if spec.index_type == FAISS:
        return open_factory(vectors, spec.metric, arrays, meta)
    return open_faiss(vectors, spec.metric, arrays, meta)


def _open_lists(
    spec: IndexSpec,
    field: Field,
    column: Column,
    arrays: Mapping[str, NDArray[Any]],
    meta: Mapping[str, Any],
) -> VectorIndex:
    def make(
        inner: Field,
        vectors: Column,
        by: IndexSpec,
        parts: Mapping[str, NDArray[Any]] = arrays,
        told: Mapping[str, Any] = meta,
    ) -> VectorIndex:
        return cast("VectorIndex", open_index(by, inner, vectors, parts, told))

    if strategy_of(spec) != TOKENANN and meta.get("family") != "exact":
        lists = compacted(ListColumn.expect(column))
        return open_encoded(field, lists, spec, arrays, meta, make)
    return cast("VectorIndex", list_index(field, column, spec, make))


def exact_index(
    field: Field, column: Column, metric: str, params: Mapping[str, str] | None = None
) -> VectorIndex:
    """Return exact search over a dense or binary column: for rows that have no index.

    Args:
        field: The field searched.
        column: Its values.
        metric: How vectors are compared.
        params: The index' parameters: signatures are compared by the width they name.
    """
    vectors = VectorColumn.expect(column)
    if metric == "MHJACCARD":
        return MinHashScan.over(vectors, lsh_params(params or {}, field.dim))
    if family_of(field) == "binary":
        return BinaryIndex(vectors, metric)
    return ExactIndex(vectors, metric)


def exact_search_of(spec: IndexSpec, field: Field, column: Column) -> VectorIndex:
    """Return exact search over a column of vectors or of lists of vectors, as `spec` compares."""
    if family_of(field) == "lists":
        return scan_lists(field, column, spec, _scan_elements)
    return exact_index(field, column, spec.metric, spec.params)


def _scan_elements(field: Field, column: Column, spec: IndexSpec) -> VectorIndex:
    return exact_index(field, column, spec.metric, spec.params)
