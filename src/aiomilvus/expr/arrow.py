"""The one door to pyarrow: string kernels over our columns' own buffers, nothing copied.

pyarrow takes a quarter of a second to import, so it is loaded by the first filter on text.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

from aiomilvus.native import load

if TYPE_CHECKING:
    from types import ModuleType

    import pyarrow as pa
    from numpy.typing import NDArray

    from aiomilvus.model.columns import BytesColumn

_Number = TypeVar("_Number", bound=np.generic)


@cache
def arrow() -> ModuleType:
    """Return pyarrow, with ``pyarrow.compute`` in it, imported at the first call."""
    load("pyarrow.compute", "pyarrow/lib.*.so", "pyarrow/_compute.*.so")
    return cast("ModuleType", load("pyarrow"))


def strings(column: BytesColumn) -> pa.LargeStringArray:
    """Return the column's values as an Arrow array over the same memory; nulls are ""."""
    lib = arrow()
    offsets, data = lib.py_buffer(column.offsets), lib.py_buffer(column.data)
    array: pa.LargeStringArray = lib.LargeStringArray.from_buffers(len(column), offsets, data)
    return array


def check_regex(pattern: str) -> None:
    """Check that `pattern` is a regular expression in RE2's syntax.

    Raises:
        ValueError: It is not.
    """
    lib = arrow()
    try:
        lib.compute.match_substring_regex(lib.array([""]), pattern)
    except lib.ArrowInvalid as error:
        reason = str(error).removeprefix("Invalid regular expression: ")
        raise ValueError(f"invalid regex pattern: {reason}") from None


def buffer_values(array: pa.Array[Any], index: int, dtype: type[_Number]) -> NDArray[_Number]:
    """Return one of an Arrow array's buffers as numbers, over the same memory."""
    buffer = array.buffers()[index]
    return np.frombuffer(b"" if buffer is None else memoryview(cast("Any", buffer)), dtype)
