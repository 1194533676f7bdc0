"""Milvus for asyncio: an embedded vector database and a client for Milvus servers.

The public names live here and nowhere else. They are resolved on first use, so importing
the package, or one name of it, loads only the modules behind that name: a purely remote
user never pays for the engine.

To export a name, add it to the three lists below; tests/architecture holds them together.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiomilvus.errors import MilvusException, MilvusUnavailableException
    from aiomilvus.model.types import DataType, FunctionType, SegmentState

__version__ = "0.1.0"

__all__ = [
    "DataType",
    "FunctionType",
    "MilvusException",
    "MilvusUnavailableException",
    "SegmentState",
    "__version__",
]

# Public name -> the module that defines it.
_EXPORTS = {
    "DataType": "aiomilvus.model.types",
    "FunctionType": "aiomilvus.model.types",
    "MilvusException": "aiomilvus.errors",
    "MilvusUnavailableException": "aiomilvus.errors",
    "SegmentState": "aiomilvus.model.types",
}

# Type checkers must not see these: to them, every misspelt name would exist.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        module = _EXPORTS.get(name)
        if module is None:
            message = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(message)
        value = getattr(import_module(module), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
