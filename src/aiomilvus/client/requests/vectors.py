"""Query vectors, texts and embedding lists → one column of nq rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.errors import ArgumentError, ParamError
from aiomilvus.model.columns import BytesColumn, Column, ListColumn, VectorColumn
from aiomilvus.model.rows.errors import shorten, wrong_width
from aiomilvus.model.rows.sparse import is_scipy_sparse, sparse_column
from aiomilvus.model.rows.vectors import vector_column
from aiomilvus.model.schema import Field
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FLOAT32 = np.dtype(np.float32)
_FEW = 16
"""So many vectors given as lists are read in one step."""


def query_column(field: Field, data: Any) -> Column:
    """Return the queries as a column.

    Args:
        field: The field that is searched.
        data: A list of vectors, a matrix, a scipy sparse matrix, or a list of texts.

    Raises:
        ArgumentError: `data` is no list of vectors.
        DataNotMatchException, ParamError: A vector does not fit the field, or a text can't be
            spelled in UTF-8.
    """
    if field.dtype is DataType.FLOAT_VECTOR:
        matrix = _float_matrix(data)
        if matrix is not None:
            given = matrix.shape[1]
            if given != field.dim:
                size = _FLOAT32.itemsize
                raise wrong_width(field, field.dim * size, given * size, given)
            return VectorColumn(matrix)
    if is_scipy_sparse(data):
        return sparse_column(field, data)
    if not isinstance(data, (list, tuple, np.ndarray)) or not getattr(data, "ndim", 1):
        raise _no_queries(data)
    if len(data) and isinstance(data[0], str):
        return _texts(data)
    return _vectors(field, data)


def _texts(data: Any) -> BytesColumn:
    if not all(isinstance(text, str) for text in data):
        raise _no_queries(data)
    try:
        return BytesColumn.of([text.encode() for text in data])
    except UnicodeEncodeError as error:
        raise ParamError(
            message=f"a text to search for is not valid UTF-8 at character {error.start}: invalid "
            "parameter"
        ) from error


def _vectors(field: Field, data: Any) -> Column:
    if field.dtype is DataType.SPARSE_FLOAT_VECTOR:
        return sparse_column(field, data)
    if field.dtype is DataType.ARRAY_OF_VECTOR:
        element = Field(name=field.name, dtype=field.element_type, dim=field.dim)
        lists = _embedding_lists(data)
        return _vectors(element, data) if lists is None else _list_column(element, lists)
    if not field.dtype.is_vector:
        raise ParamError(
            message=f"failed to create query plan: field ({field.name}) to search is not of "
            "vector data type"
        )
    if len(data) and not hasattr(data[0], "__len__"):
        raise _no_queries(data)
    return vector_column(field, data)


def _float_matrix(data: object) -> NDArray[np.float32] | None:
    """Return well-formed dense queries in one step; None leaves the case to the slow way."""
    if isinstance(data, list) and 0 < len(data) <= _FEW:
        if len(data) == 1 and isinstance(data[0], np.ndarray):
            vector = data[0]
            if vector.ndim == 1 and vector.dtype.kind == "f":
                return _as_float32(vector).reshape(1, -1)
            return None
        return _matrix_of_lists(data) if type(data[0]) is list else None
    if isinstance(data, np.ndarray) and data.ndim == 2 and data.dtype.kind == "f":
        return _as_float32(data)
    return None


def _matrix_of_lists(data: list[list[float]]) -> NDArray[np.float32] | None:
    """Return a few lists of numbers as a matrix; None for whatever else is in them."""
    try:
        matrix = np.array(data)
    except ValueError:  # of different lengths
        return None
    if matrix.ndim != 2 or matrix.dtype.kind != "f":
        return None
    return _as_float32(matrix)


def _as_float32(values: NDArray[np.generic]) -> NDArray[np.float32]:
    if values.dtype.itemsize <= _FLOAT32.itemsize:
        return np.ascontiguousarray(values, _FLOAT32)
    with np.errstate(over="ignore"):  # the engine refuses the infinity, naming row and field
        return np.ascontiguousarray(values, _FLOAT32)


def _embedding_lists(data: Any) -> list[list[Any]] | None:
    """Return the vectors of each query, None where each query is a single vector.

    An embedding list is an `EmbeddingList` (ours or pymilvus'), a matrix, or a list of vectors.
    """
    lists = [_embeddings(each) for each in data]
    if not any(each is None for each in lists):
        return [list(each) for each in lists if each is not None]
    if all(each is None for each in lists):
        return None
    raise ParamError(message="`data` mixes embedding lists with single vectors")


def _embeddings(query: Any) -> Any:
    listed = getattr(query, "_embeddings", None)
    if isinstance(listed, list):
        return listed
    if isinstance(query, np.ndarray):
        return query if query.ndim == 2 else None
    is_list = isinstance(query, (list, tuple)) and len(query) > 0
    return query if is_list and hasattr(query[0], "__len__") else None


def _list_column(element: Field, lists: list[list[Any]]) -> ListColumn:
    offsets = np.zeros(len(lists) + 1, np.int64)
    np.cumsum([len(each) for each in lists], out=offsets[1:])
    vectors = [vector for each in lists for vector in each]
    return ListColumn(offsets, vector_column(element, vectors))


def _no_queries(data: object) -> ArgumentError:
    return ArgumentError(
        message=f"`data` value {shorten(data)} is illegal: it should be a list of vectors (or of "
        "texts, for a field that a function fills)"
    )
