"""Indexes."""

from __future__ import annotations

from aiomilvus.model.operations.base import CollectionOperation
from aiomilvus.model.results import IndexInfo


class CreateIndex(CollectionOperation[None], frozen=True, kw_only=True):
    """Create an index; it is built in the background."""

    field: str
    name: str = ""
    params: dict[str, str] = {}


class DropIndex(CollectionOperation[None], frozen=True, kw_only=True):
    """Drop an index by name (or by its field's name)."""

    name: str


class DescribeIndexes(CollectionOperation[tuple[IndexInfo, ...]], frozen=True, kw_only=True):
    """Describe the indexes, all or those on `field` or called `name`; () when there is none."""

    name: str = ""
    field: str = ""


class AlterIndexProperties(CollectionOperation[None], frozen=True, kw_only=True):
    """Set index properties, and drop those named in `drop`."""

    name: str
    properties: dict[str, str] = {}
    drop: tuple[str, ...] = ()
