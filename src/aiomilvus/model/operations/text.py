"""Text analysis, and the files that it uses."""

from __future__ import annotations

from typing import Any

from aiomilvus.model.operations.base import Operation
from aiomilvus.model.operations.traits import EVERYONE, Kind, Traits
from aiomilvus.model.resources import FileResource


class RunAnalyzer(Operation[tuple[Any, ...]], frozen=True, kw_only=True):
    """Analyse texts by parameters, or as a collection's field does."""

    traits = Traits(Kind.LOOK_UP, EVERYONE)

    texts: tuple[str, ...]
    params: dict[str, Any] | str = ""
    collection: str = ""
    field: str = ""
    analyzer_names: tuple[str, ...] = ()
    with_detail: bool = False
    with_hash: bool = False


class AddFileResource(Operation[None], frozen=True, kw_only=True):
    """Keep a copy of a file for analyzers.

    Attributes:
        path: Where it is, as the caller says it.
        file: Where to read it, if that is another path.
    """

    traits = Traits(Kind.DEFINITION, "AddFileResource")

    name: str
    path: str
    file: str = ""


class RemoveFileResource(Operation[None], frozen=True, kw_only=True):
    """Forget a file; one that is not there is fine."""

    traits = Traits(Kind.DEFINITION, "RemoveFileResource")

    name: str


class ListFileResources(Operation[tuple[FileResource, ...]], frozen=True, kw_only=True):
    """Tell the files, by name."""

    traits = Traits(Kind.LOOK_UP, "ListFileResources")
