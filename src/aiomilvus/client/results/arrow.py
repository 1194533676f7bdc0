"""The one door to pyarrow, of the extra ``arrow``: tables need it, nothing else does."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from aiomilvus.native import load

if TYPE_CHECKING:
    from types import ModuleType


@cache
def arrow() -> ModuleType:
    """Return pyarrow, imported at the first call: it takes a quarter of a second.

    Raises:
        ImportError: It is not installed; the message says how to install it.
    """
    try:
        module: ModuleType = load("pyarrow", "pyarrow/lib.*.so")
    except ModuleNotFoundError as missing:
        message = "tables need pyarrow: pip install 'aiomilvus[arrow]'"
        raise ImportError(message) from missing
    return module
