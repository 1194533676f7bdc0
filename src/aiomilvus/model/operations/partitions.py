"""Partitions."""

from __future__ import annotations

from aiomilvus.model.operations.base import CollectionOperation
from aiomilvus.model.operations.traits import Kind, Traits, not_external
from aiomilvus.model.results import PartitionInfo


class CreatePartition(CollectionOperation[None], frozen=True, kw_only=True):
    """Create a partition; one that exists is a success."""

    traits = Traits(
        Kind.DEFINITION,
        "CreatePartition",
        denied="partitionDDL",
        external=not_external("create partition"),
    )

    partition: str


class DropPartition(CollectionOperation[None], frozen=True, kw_only=True):
    """Drop a released partition and its rows."""

    traits = Traits(
        Kind.DEFINITION,
        "DropPartition",
        denied="partitionDDL",
        external=not_external("drop partition"),
    )

    partition: str


class HasPartition(CollectionOperation[bool], frozen=True, kw_only=True):
    """Tell whether the partition exists."""

    traits = Traits(Kind.LOOK_UP, "HasPartition", inline=True)

    partition: str


class ListPartitions(CollectionOperation[tuple[PartitionInfo, ...]], frozen=True, kw_only=True):
    """List the partitions, oldest first: all, or those named, or of either those loaded."""

    traits = Traits(Kind.LOOK_UP, "ShowPartitions", inline=True)

    partitions: tuple[str, ...] = ()
    loaded: bool = False


class PartitionStatistics(CollectionOperation[dict[str, int]], frozen=True, kw_only=True):
    """Return ``{"row_count": …}`` of one partition."""

    traits = Traits(Kind.LOOK_UP, "GetStatistics")

    partition: str
