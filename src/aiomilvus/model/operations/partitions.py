"""Partitions."""

from __future__ import annotations

from aiomilvus.model.operations.base import CollectionOperation
from aiomilvus.model.results import PartitionInfo


class CreatePartition(CollectionOperation[None], frozen=True, kw_only=True):
    """Create a partition; one that exists is a success."""

    partition: str


class DropPartition(CollectionOperation[None], frozen=True, kw_only=True):
    """Drop a released partition and its rows."""

    partition: str


class HasPartition(CollectionOperation[bool], frozen=True, kw_only=True):
    """Tell whether the partition exists."""

    partition: str


class ListPartitions(CollectionOperation[tuple[PartitionInfo, ...]], frozen=True, kw_only=True):
    """List the partitions, oldest first."""


class PartitionStatistics(CollectionOperation[dict[str, int]], frozen=True, kw_only=True):
    """Return ``{"row_count": …}`` of one partition."""

    partition: str
