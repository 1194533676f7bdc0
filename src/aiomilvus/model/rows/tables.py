"""pandas, polars and Arrow tables → columns by name, recognised without importing any of them.

Arrow buffers are taken as they are where the layouts agree: numbers, strings and fixed-size
lists of numbers cost no work per value. pandas columns go by their numpy arrays.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from aiomilvus.model.rows.missing import is_nan, unmarked

if TYPE_CHECKING:
    from numpy.typing import NDArray

V = TypeVar("V")


def is_table(data: object) -> bool:
    """Tell whether this is a pandas or polars frame, or an Arrow table or record batch."""
    return (_is_arrow(data) or _is_polars(data) or _is_pandas(data)) and not isinstance(data, dict)


def columns_of_table(data: Any) -> dict[str, Any]:
    """Return the table's columns by name: numpy arrays or lists, None for null."""
    if _is_polars(data):
        data = data.to_arrow()
    if _is_arrow(data):
        return {name: _of_arrow(data.column(i)) for i, name in enumerate(data.schema.names)}
    return {str(name): _of_pandas(data[name]) for name in data.columns}


def _is_arrow(data: object) -> bool:
    return hasattr(data, "schema") and hasattr(data, "num_rows") and hasattr(data, "column")


def _is_polars(data: object) -> bool:
    return hasattr(data, "to_arrow") and hasattr(data, "get_columns")


def _is_pandas(data: object) -> bool:
    return hasattr(data, "iloc") and hasattr(data, "columns")


def _of_pandas(series: Any) -> Any:
    if not isinstance(series.dtype, np.dtype) and series.hasnans:
        return _without_nan(series.tolist())  # to_numpy makes floats of nullable integers
    array = series.to_numpy()
    if array.dtype.kind == "M":
        return array
    if array.dtype.kind in "biuf":
        if array.dtype.kind != "f" or not np.isnan(array).any():
            return array
        return [None if math.isnan(value) else value for value in array.tolist()]
    return _without_nan(array.tolist())


def _without_nan(values: list[V]) -> list[V | None]:
    return unmarked([None if is_nan(value) else value for value in values])


def _of_arrow(chunks: Any) -> Any:
    array = chunks.combine_chunks() if hasattr(chunks, "combine_chunks") else chunks
    if hasattr(array, "num_chunks"):  # combine_chunks of nothing keeps its chunks
        array = array.chunk(0) if array.num_chunks else array
    kind = str(array.type)
    if array.null_count:
        return array.to_pylist()
    if kind.startswith("fixed_size_list"):
        return _of_fixed_lists(array)
    if kind in _NUMBERS:
        return array.to_numpy(zero_copy_only=False)
    return array.to_pylist()


_NUMBERS = frozenset(
    {
        "bool",
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
        "halffloat",
        "float",
        "double",
    }
)


def _of_fixed_lists(array: Any) -> NDArray[Any] | list[Any]:
    if str(array.type.value_type) not in _NUMBERS:
        return list(array.to_pylist())
    width = array.type.list_size
    values = array.flatten().to_numpy(zero_copy_only=False)
    matrix: NDArray[Any] = values.reshape(len(array), width)
    return matrix
