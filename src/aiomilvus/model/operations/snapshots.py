"""Snapshots: the state of a collection, kept and made a collection again."""

from __future__ import annotations

from aiomilvus.model.operations.base import CollectionOperation, Operation
from aiomilvus.model.snapshots import RestoreJob, SnapshotInfo


class CreateSnapshot(CollectionOperation[None], frozen=True, kw_only=True):
    """Keep the present state of a collection under a name of its own in that collection."""

    name: str
    description: str = ""
    protection_seconds: int = 0


class DropSnapshot(CollectionOperation[None], frozen=True, kw_only=True):
    """Drop a snapshot; one that does not exist is a success, a pinned one is refused."""

    name: str


class ListSnapshots(Operation[tuple[str, ...]], frozen=True, kw_only=True):
    """List the names of a collection's snapshots, or of all in the database."""

    collection: str = ""


class DescribeSnapshot(CollectionOperation[SnapshotInfo], frozen=True, kw_only=True):
    """Describe a snapshot."""

    name: str


class RestoreSnapshot(CollectionOperation[int], frozen=True, kw_only=True):
    """Make a new collection from a snapshot of `collection`; returns a job id."""

    name: str
    target: str
    target_db: str = ""


class GetRestoreJob(Operation[RestoreJob], frozen=True, kw_only=True):
    """Tell how far a restore is."""

    job_id: int


class ListRestoreJobs(Operation[tuple[RestoreJob, ...]], frozen=True, kw_only=True):
    """List the restores into a collection, or into all of the database."""

    collection: str = ""


class PinSnapshot(CollectionOperation[int], frozen=True, kw_only=True):
    """Let nobody drop a snapshot for a while; returns a pin id."""

    name: str
    ttl_seconds: int = 0


class UnpinSnapshot(Operation[None], frozen=True, kw_only=True):
    """Take a pin back."""

    pin_id: int
