"""All operations there are, and one of each."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING, Any

import msgspec

from aiomilvus.model import operations
from aiomilvus.model.operations.base import Operation

if TYPE_CHECKING:
    from collections.abc import Iterator


def _below(base: type[Any]) -> Iterator[type[Any]]:
    for found in base.__subclasses__():
        if found.__module__.startswith(operations.__name__):
            yield found
            yield from _below(found)


def all_operations() -> list[type[Operation[Any]]]:
    """Return every type that can be made: those that no other one is made of."""
    for module in pkgutil.iter_modules(operations.__path__):
        importlib.import_module(f"{operations.__name__}.{module.name}")
    found = sorted(set(_below(Operation)), key=lambda each: each.__name__)
    return [each for each in found if not list(_below(each))]


def one_of(kind: type[Operation[Any]], **fields: Any) -> Operation[Any]:
    """Return an operation whose other required fields hold a name."""
    names, defaults = kind.__struct_fields__, kind.__struct_defaults__
    has_default = dict(zip(reversed(names), reversed(defaults), strict=False))
    required = [n for n in names if has_default.get(n, msgspec.NODEFAULT) is msgspec.NODEFAULT]
    return kind(**{**dict.fromkeys(required, "c"), **fields})
