"""Load state."""

from __future__ import annotations

from aiomilvus.model.operations.base import CollectionOperation, Int32
from aiomilvus.model.operations.traits import Kind, Traits
from aiomilvus.model.results import LoadInfo


class Load(CollectionOperation[None], frozen=True, kw_only=True):
    """Make something searchable; needs an index on every vector field.

    Attributes:
        refresh: Load what was written since; the collection must be loaded.
        load_fields: The fields that are needed, () for all.
        skip_dynamic: Whether the dynamic field is not needed.
        replicas: How often the data is held in memory, 0 for as often as the server says.
        resource_groups: The groups of nodes that hold it, () for the default one.
        priority: How it ranks among other loads, "" for the server's own.
    """

    refresh: bool = False
    load_fields: tuple[str, ...] = ()
    skip_dynamic: bool = False
    replicas: Int32 = 0
    resource_groups: tuple[str, ...] = ()
    priority: str = ""


class LoadCollection(Load, frozen=True, kw_only=True):
    """Make all partitions of a collection searchable."""

    traits = Traits(Kind.DEFINITION, "Load", denied="collectionDDL", waits="load")


class ReleaseCollection(CollectionOperation[None], frozen=True, kw_only=True):
    """Stop serving searches of a collection."""

    traits = Traits(Kind.DEFINITION, "Release", denied="collectionDDL")


class LoadPartitions(Load, frozen=True, kw_only=True):
    """Make some partitions searchable."""

    traits = Traits(Kind.DEFINITION, "Load", denied="partitionDDL", waits="load")

    partitions: tuple[str, ...]


class ReleasePartitions(CollectionOperation[None], frozen=True, kw_only=True):
    """Stop serving searches of some partitions."""

    traits = Traits(Kind.DEFINITION, "Release", denied="partitionDDL")

    partitions: tuple[str, ...]


class GetLoadState(CollectionOperation[LoadInfo], frozen=True, kw_only=True):
    """Return the load state of the collection, or of `partitions`."""

    traits = Traits(Kind.LOOK_UP, "GetLoadState", inline=True, waits="progress")

    partitions: tuple[str, ...] = ()
