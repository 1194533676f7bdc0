"""The data type that a value would be stored as; frameworks ask it to make a schema of metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_NUMBERS = {
    "bool": DataType.BOOL,
    "int8": DataType.INT8,
    "int16": DataType.INT16,
    "int32": DataType.INT32,
    "int64": DataType.INT64,
    "float32": DataType.FLOAT,
    "float64": DataType.DOUBLE,
}


def infer_dtype_bydata(data: object) -> DataType:
    """Return the data type of a value: a vector's for numbers in a list, an array's for others.

    Args:
        data: A row's value.

    Returns:
        The type, `DataType.UNKNOWN` where no type holds such values.
    """
    if isinstance(data, dict):
        return DataType.JSON
    if isinstance(data, bytes):
        return DataType.BINARY_VECTOR
    if isinstance(data, (list, tuple, np.ndarray)) and len(data):
        return _of_list(data)
    return _of_scalar(data)


def _of_list(values: Sequence[object] | NDArray[np.generic]) -> DataType:
    kinds = {_of_scalar(value) for value in values}
    numbers = {DataType.FLOAT, DataType.DOUBLE, *(kind for kind in kinds if kind.is_integer)}
    if kinds <= numbers:
        return DataType.FLOAT_VECTOR
    return DataType.ARRAY if len(kinds) == 1 and DataType.UNKNOWN not in kinds else DataType.UNKNOWN


def _of_scalar(value: object) -> DataType:
    if isinstance(value, np.generic) and not isinstance(value, str):
        return _NUMBERS.get(value.dtype.name, DataType.UNKNOWN)
    kinds = ((bool, DataType.BOOL), (int, DataType.INT64), (float, DataType.DOUBLE))
    found = next((dtype for kind, dtype in kinds if isinstance(value, kind)), None)
    if found is not None:
        return found
    return DataType.VARCHAR if isinstance(value, str) else DataType.UNKNOWN
