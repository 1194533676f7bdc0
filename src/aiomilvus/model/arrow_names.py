"""What Arrow calls the types of Milvus' scalar fields."""

from __future__ import annotations

from aiomilvus.model.types import DataType

ARROW_NAMES = {
    DataType.BOOL: "bool",
    DataType.INT8: "int8",
    DataType.INT16: "int16",
    DataType.INT32: "int32",
    DataType.INT64: "int64",
    DataType.FLOAT: "float",
    DataType.DOUBLE: "double",
}
"""Of numbers and Booleans; values of the other types are text there, or bytes."""
