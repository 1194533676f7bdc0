"""Aliases."""

from __future__ import annotations

from aiomilvus.model.operations.base import CollectionOperation, Operation
from aiomilvus.model.operations.traits import Kind, Traits
from aiomilvus.model.results import AliasInfo


class CreateAlias(CollectionOperation[None], frozen=True, kw_only=True):
    """Let `alias` stand for the collection."""

    traits = Traits(Kind.DEFINITION, "CreateAlias", denied="collectionDDL", changes_schemas=True)

    alias: str


class AlterAlias(CollectionOperation[None], frozen=True, kw_only=True):
    """Point an alias to another collection."""

    traits = Traits(Kind.DEFINITION, "CreateAlias", denied="collectionDDL", changes_schemas=True)

    alias: str


class DropAlias(Operation[None], frozen=True, kw_only=True):
    """Drop an alias; one that does not exist is a success."""

    traits = Traits(Kind.DEFINITION, "DropAlias", denied="collectionDDL", changes_schemas=True)

    alias: str


class DescribeAlias(Operation[AliasInfo], frozen=True, kw_only=True):
    """Return what an alias stands for."""

    traits = Traits(Kind.LOOK_UP, "DescribeAlias", inline=True)

    alias: str


class ListAliases(Operation[tuple[str, ...]], frozen=True, kw_only=True):
    """List the aliases of a collection, or of the database."""

    traits = Traits(Kind.LOOK_UP, "ListAliases", inline=True)

    collection: str = ""
