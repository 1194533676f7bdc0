"""Aliases."""

from __future__ import annotations

from aiomilvus.model.operations.base import CollectionOperation, Operation
from aiomilvus.model.results import AliasInfo


class CreateAlias(CollectionOperation[None], frozen=True, kw_only=True):
    """Let `alias` stand for the collection."""

    alias: str


class AlterAlias(CollectionOperation[None], frozen=True, kw_only=True):
    """Point an alias to another collection."""

    alias: str


class DropAlias(Operation[None], frozen=True, kw_only=True):
    """Drop an alias; one that does not exist is a success."""

    alias: str


class DescribeAlias(Operation[AliasInfo], frozen=True, kw_only=True):
    """Return what an alias stands for."""

    alias: str


class ListAliases(Operation[tuple[str, ...]], frozen=True, kw_only=True):
    """List the aliases of a collection, or of the database."""

    collection: str = ""
