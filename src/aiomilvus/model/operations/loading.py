"""Load state."""

from __future__ import annotations

from aiomilvus.model.operations.base import CollectionOperation
from aiomilvus.model.results import LoadInfo


class LoadCollection(CollectionOperation[None], frozen=True, kw_only=True):
    """Make a collection searchable (all partitions); needs an index on every vector field.

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
    replicas: int = 0
    resource_groups: tuple[str, ...] = ()
    priority: str = ""


class ReleaseCollection(CollectionOperation[None], frozen=True, kw_only=True):
    """Stop serving searches of a collection."""


class LoadPartitions(CollectionOperation[None], frozen=True, kw_only=True):
    """Make some partitions searchable; the other attributes are those of `LoadCollection`."""

    partitions: tuple[str, ...]
    refresh: bool = False
    load_fields: tuple[str, ...] = ()
    skip_dynamic: bool = False
    replicas: int = 0
    resource_groups: tuple[str, ...] = ()
    priority: str = ""


class ReleasePartitions(CollectionOperation[None], frozen=True, kw_only=True):
    """Stop serving searches of some partitions."""

    partitions: tuple[str, ...]


class GetLoadState(CollectionOperation[LoadInfo], frozen=True, kw_only=True):
    """Return the load state of the collection, or of `partitions`."""

    partitions: tuple[str, ...] = ()
