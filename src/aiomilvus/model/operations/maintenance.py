"""Flush, compaction, segments."""

from __future__ import annotations

from aiomilvus.model.operations.base import CollectionOperation, Operation
from aiomilvus.model.operations.traits import EVERYONE, Kind, Traits, not_external
from aiomilvus.model.results import CompactionInfo, CompactionTask, SegmentInfo


class Flush(CollectionOperation[int], frozen=True, kw_only=True):
    """Seal and sync what is growing; returns the timestamp up to which all is flushed."""

    traits = Traits(
        Kind.MAINTENANCE, "Flush", denied="flush", waits="flush", external=not_external("flush")
    )


class FlushAll(Operation[int], frozen=True, kw_only=True):
    """Flush every collection of every database."""

    traits = Traits(Kind.MAINTENANCE, "FlushAll", denied="flush", waits="flush")

    def databases(self) -> None:
        """Return None: it touches all."""


class GetFlushAllState(Operation[bool], frozen=True, kw_only=True):
    """Tell whether everything up to `timestamp` is flushed."""

    traits = Traits(Kind.LOOK_UP, EVERYONE)

    timestamp: int = 0


class Compact(CollectionOperation[int], frozen=True, kw_only=True):
    """Merge segments and drop deleted rows in the background; returns a job id.

    Servers before Milvus 2.5 know the collection by `collection_id` alone: without, they answer
    with a job that does nothing. Others go by its name.
    """

    traits = Traits(
        Kind.MAINTENANCE,
        "Compaction",
        denied="compaction",
        external="manual compaction is not supported for external collection (name={})",
    )

    collection_id: int = 0

    is_clustering: bool = False
    is_l0: bool = False
    target_size_mb: int = 0


class GetCompaction(Operation[CompactionInfo], frozen=True, kw_only=True):
    """Return the state and plans of a compaction job."""

    traits = Traits(Kind.LOOK_UP, EVERYONE)

    job_id: int


class ListCompactions(CollectionOperation[tuple[CompactionTask, ...]], frozen=True, kw_only=True):
    """Return what the recent compaction jobs of a collection did, oldest first."""

    traits = Traits(Kind.LOOK_UP, EVERYONE)


class ListSegments(CollectionOperation[tuple[SegmentInfo, ...]], frozen=True, kw_only=True):
    """List segments: sealed ones, or with `loaded` those being searched, growing included."""

    traits = Traits(Kind.LOOK_UP, EVERYONE)

    loaded: bool = False
    states: tuple[int, ...] = ()
