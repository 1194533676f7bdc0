"""``import aiomilvus.as_pymilvus``: what imports pymilvus in this process runs on aiomilvus.

From then on ``import pymilvus``, and the submodules that frameworks name, give aiomilvus' classes,
so that a path as URI opens the embedded engine. Nothing on the disk is touched: an installed
pymilvus is what every other process gets, and this one again after `restore`. What has no
counterpart here is not there to import; the ORM's classes are, because frameworks name them, and
refuse to be made.
"""

from __future__ import annotations

import sys
from enum import Enum
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING

from aiomilvus.errors import NotSupportedError
from aiomilvus.older_names import OlderNames

if TYPE_CHECKING:
    from collections.abc import Sequence

NAME = "pymilvus"
VERSION = "3.0.2"
"""The pymilvus whose names, defaults and answers these are; programs compare it."""

_ORM = ("Collection", "Partition", "Index", "Role")
_PUBLIC = ("aiomilvus",)


class IndexType(str, Enum):
    """pymilvus' names of some index types; the text does as well."""

    FLAT = "FLAT"
    IVFLAT = "IVF_FLAT"
    IVF_FLAT = "IVF_FLAT"  # noqa: PIE796 - pymilvus has two names for it
    IVF_SQ8 = "IVF_SQ8"
    RNSG = "RNSG"
    IVF_SQ8H = "IVF_SQ8H"
    IVF_SQ8_H = "IVF_SQ8H"  # noqa: PIE796 - as above
    IVF_PQ = "IVF_PQ"
    HNSW = "HNSW"
    ANNOY = "ANNOY"

    def __str__(self) -> str:
        return self.value


_INPUTS = ("aiomilvus", "aiomilvus.client.inputs.search_parts", "aiomilvus.model.types")
MODULES: dict[str, tuple[str, ...]] = {
    "": _PUBLIC,
    "client": _PUBLIC,
    "client.abstract": _INPUTS,
    "client.constants": (),
    "client.embedding_list": _PUBLIC,
    "client.field_ops": _PUBLIC,
    "client.search_aggregation": _PUBLIC,
    "client.search_result": _PUBLIC,
    "client.types": ("aiomilvus.model.types", "aiomilvus"),
    "exceptions": ("aiomilvus.errors",),
    "function_chain": ("aiomilvus.function_chain",),
    "milvus_client": _PUBLIC,
    "milvus_client.async_milvus_client": _PUBLIC,
    "milvus_client.index": _PUBLIC,
    "milvus_client.milvus_client": _PUBLIC,
    "orm": _PUBLIC,
    "orm.schema": _PUBLIC,
    "orm.types": ("aiomilvus.model.types", "aiomilvus.client.inferred_types"),
}
"""pymilvus' modules by their names within it, and the modules of ours that have their names."""


class _ResourceGroupConfig(dict[str, object]):
    """pymilvus' message by this name: here the dict that methods take in its place."""


_OWN: dict[str, dict[str, object]] = {
    "": {"IndexType": IndexType},
    "client.constants": {"DEFAULT_RESOURCE_GROUP": "__default_resource_group"},
    "client.types": {
        "IndexType": IndexType,
        "ResourceGroupConfig": _ResourceGroupConfig,
    },
}
"""What those modules have that aiomilvus leaves out."""


_HOMES = {"RRFRanker": "client.abstract", "WeightedRanker": "client.abstract"}
"""Classes that frameworks write into files by module and name, and pymilvus' module of each."""
_moved: dict[type, str] = {}


class _NotServed:
    """A class of pymilvus' ORM, to be named in an import and not to be used."""

    def __init__(self, *_arguments: object, **_options: object) -> None:
        raise NotSupportedError(
            message=f"pymilvus.{type(self).__name__} is not served by aiomilvus; use MilvusClient"
        )


class _Stand(ModuleType):
    """A module of pymilvus' name; its names are looked up in ours when they are asked for."""

    def __init__(self, name: str, sources: tuple[str, ...]) -> None:
        super().__init__(name, f"aiomilvus in the place of {name}.")
        self._sources = sources
        vars(self).update(_OWN.get(name[len(NAME) + 1 :], {}))
        if name == NAME:
            self.__version__ = VERSION
            for each in _ORM:
                setattr(self, each, type(each, (_NotServed,), {"__module__": name}))

    def __getattr__(self, name: str) -> object:
        if not name.startswith("_"):
            for source in self._sources:
                module = import_module(source)
                if hasattr(module, name):
                    return _at_home(name, getattr(module, name))
        raise AttributeError(
            f"{self.__name__} has no {name!r}: aiomilvus stands in its place, and has none"
        )


def _at_home(name: str, value: object) -> object:
    """Return a value; a class of `_HOMES` says that it is from pymilvus' module, till `restore`."""
    if name in _HOMES and isinstance(value, type):
        _moved.setdefault(value, value.__module__)
        value.__module__ = f"{NAME}.{_HOMES[name]}"
    return value


class _Finder(MetaPathFinder, Loader):
    """Finds `MODULES` under pymilvus' name."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return how to load a module of pymilvus' name, None for any other.

        Raises:
            ImportError: Of a name that is not here it is known what to use instead.
        """
        del path, target
        inner = fullname[len(NAME) + 1 :]
        if fullname.split(".", 1)[0] != NAME:
            return None
        if inner not in MODULES:
            _OLDER_NAMES.find_spec(fullname)
            return None
        is_package = any(name.startswith(f"{inner}.") for name in MODULES) or not inner
        return ModuleSpec(fullname, self, is_package=is_package)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module that stands for `spec`."""
        return _Stand(spec.name, MODULES[spec.name[len(NAME) + 1 :]])

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: names are looked up when they are asked for."""


_FINDER = _Finder()
_OLDER_NAMES = OlderNames(NAME)


def install() -> None:
    """Let ``import pymilvus`` give aiomilvus from now on; importing this module does it.

    Raises:
        ImportError: pymilvus itself is imported already, and may be in use.
    """
    if _FINDER in sys.meta_path:
        return
    if NAME in sys.modules:
        raise ImportError(
            "pymilvus is imported already; import aiomilvus.as_pymilvus before whatever uses it",
            name=NAME,
        )
    sys.meta_path.insert(0, _FINDER)


def restore() -> None:
    """Let ``import pymilvus`` give an installed pymilvus again, to those who import it from now on.

    `install` undoes it.
    """
    if _FINDER in sys.meta_path:
        sys.meta_path.remove(_FINDER)
        for each, module in _moved.items():
            each.__module__ = module
        for name in [name for name in sys.modules if name.split(".", 1)[0] == NAME]:
            del sys.modules[name]


install()
