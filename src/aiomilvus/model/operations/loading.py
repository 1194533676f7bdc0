"""Load state."""

from __future__ import annotations

from aiomilvus.model.operations.base import CollectionOperation
from aiomilvus.model.results import LoadInfo


class LoadCollection(CollectionOperation[None], frozen=True, kw_only=True):
    """Make a collection searchable (all partitions); needs an index on every vector field."""

    refresh: bool = False
    load_fields: tuple[str, ...] = ()
    skip_dynamic: bool = False
    replicas: int = 1


class ReleaseCollection(CollectionOperation[None], frozen=True, kw_only=True):
    """Stop serving searches of a collection."""


class LoadPartitions(CollectionOperation[None], frozen=True, kw_only=True):
    """Make some partitions searchable."""

    partitions: tuple[str, ...]
    refresh: bool = False
    replicas: int = 1


class ReleasePartitions(CollectionOperation[None], frozen=True, kw_only=True):
    """Stop serving searches of some partitions."""

    partitions: tuple[str, ...]


class GetLoadState(CollectionOperation[LoadInfo], frozen=True, kw_only=True):
    """Return the load state of the collection, or of `partitions`."""

    partitions: tuple[str, ...] = ()
