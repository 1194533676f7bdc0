"""Milvus for asyncio: an embedded vector database and a client for Milvus servers.

The public names live here and nowhere else. They are resolved on first use, so importing
the package, or one name of it, loads only the modules behind that name: a purely remote
user never pays for the engine.
"""

from importlib import import_module

__version__ = "0.1.0"

# Public name -> the module that defines it. To export a name, add it here and to the
# lists below; tests/architecture holds the three together.
_EXPORTS: dict[str, str] = {}

__all__ = ["__version__"]


def __getattr__(name: str) -> object:
    module = _EXPORTS.get(name)
    if module is None:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    value: object = getattr(import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
