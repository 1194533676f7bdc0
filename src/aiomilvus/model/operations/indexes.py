"""Indexes."""

from __future__ import annotations

from aiomilvus.model.operations.base import CollectionOperation
from aiomilvus.model.operations.traits import Kind, Traits
from aiomilvus.model.results import IndexInfo


class CreateIndex(CollectionOperation[None], frozen=True, kw_only=True):
    """Create an index; it is built in the background.

    Attributes:
        params: All parameters, side by side.
        nested: Those among them that were given as one, as the JSON object that they came in.
    """

    traits = Traits(Kind.DEFINITION, "CreateIndex", denied="index")

    field: str
    name: str = ""
    params: dict[str, str] = {}
    nested: str = ""


class DropIndex(CollectionOperation[None], frozen=True, kw_only=True):
    """Drop an index by name (or by its field's name)."""

    traits = Traits(Kind.DEFINITION, "DropIndex", denied="index")

    name: str


class DescribeIndexes(CollectionOperation[tuple[IndexInfo, ...]], frozen=True, kw_only=True):
    """Describe the indexes, all or those on `field` or called `name`; () when there is none."""

    traits = Traits(Kind.LOOK_UP, "IndexDetail")

    name: str = ""
    field: str = ""


class AlterIndexProperties(CollectionOperation[None], frozen=True, kw_only=True):
    """Set index properties, and drop those named in `drop`."""

    traits = Traits(Kind.DEFINITION, "CreateIndex", denied="index")

    name: str
    properties: dict[str, str] = {}
    drop: tuple[str, ...] = ()
