"""Building and opening the scalar index that a field and its parameters ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.engine.index.contract import UNLIMITED
from aiomilvus.engine.index.scalar.array_values import build_elements, open_elements
from aiomilvus.engine.index.scalar.inverted import build_values, open_values
from aiomilvus.engine.index.scalar.json_path_index import build_paths, open_paths, path_of
from aiomilvus.engine.index.scalar.ngram import build_ngrams, open_ngrams
from aiomilvus.engine.index.scalar.rtree import build_boxes, open_boxes
from aiomilvus.model.columns import BytesColumn, ListColumn
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from aiomilvus.engine.catalog.records import IndexSpec
    from aiomilvus.engine.index.contract import BuildBudget, ScalarIndex
    from aiomilvus.model.columns import Column
    from aiomilvus.model.schema import Field


def build_scalar(
    spec: IndexSpec, field: Field, column: Column, budget: BuildBudget = UNLIMITED
) -> ScalarIndex | None:
    """Build the index over one immutable column.

    Returns:
        The index; None when the values have no order to index by (NaN among floats).

    Raises:
        BuildStoppedError: The work was given up.
    """
    check = budget.check_wanted
    check()
    if spec.index_type == "NGRAM":
        is_json = field.dtype is DataType.JSON
        path = path_of(field, spec.params.get("json_path", "")) if is_json else None
        least, most = int(spec.params["min_gram"]), int(spec.params["max_gram"])
        return build_ngrams(BytesColumn.expect(column), path, least, most, check)
    if field.dtype is DataType.JSON:
        return build_paths(spec, field, BytesColumn.expect(column), check)
    if field.dtype is DataType.ARRAY:
        return build_elements(ListColumn.expect(column), check)
    if field.dtype is DataType.GEOMETRY:
        return build_boxes(BytesColumn.expect(column), check)
    return build_values(column, check)


def open_scalar(
    spec: IndexSpec,
    field: Field,
    column: Column,
    arrays: Mapping[str, NDArray[Any]],
    meta: Mapping[str, Any],
) -> ScalarIndex:
    """Open what the index' `to_arrays` gave.

    Raises:
        DataCorruptedError: It is of another format.
    """
    if spec.index_type == "NGRAM":
        return open_ngrams(BytesColumn.expect(column), arrays, meta)
    if field.dtype is DataType.JSON:
        return open_paths(arrays, meta)
    if field.dtype is DataType.ARRAY:
        return open_elements(arrays, meta)
    if field.dtype is DataType.GEOMETRY:
        return open_boxes(BytesColumn.expect(column), arrays, meta)
    return open_values(arrays, meta)
