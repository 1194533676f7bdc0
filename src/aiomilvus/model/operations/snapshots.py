"""Snapshots: the state of a collection, kept and made a collection again."""

from __future__ import annotations

from aiomilvus.model.operations.base import CollectionOperation, Operation
from aiomilvus.model.operations.traits import EVERYONE, Kind, Traits
from aiomilvus.model.snapshots import RestoreJob, SnapshotInfo


class CreateSnapshot(CollectionOperation[None], frozen=True, kw_only=True):
    """Keep the present state of a collection under a name of its own in that collection."""

    traits = Traits(Kind.DEFINITION, "CreateSnapshot", denied="collectionDDL")

    name: str
    description: str = ""
    protection_seconds: int = 0


class DropSnapshot(CollectionOperation[None], frozen=True, kw_only=True):
    """Drop a snapshot; one that does not exist is a success, a pinned one is refused."""

    traits = Traits(Kind.DEFINITION, "DropSnapshot", denied="collectionDDL")

    name: str


class ListSnapshots(Operation[tuple[str, ...]], frozen=True, kw_only=True):
    """List the names of a collection's snapshots, or of all in the database."""

    traits = Traits(Kind.LOOK_UP, "ListSnapshots")

    collection: str = ""


class DescribeSnapshot(CollectionOperation[SnapshotInfo], frozen=True, kw_only=True):
    """Describe a snapshot."""

    traits = Traits(Kind.LOOK_UP, "DescribeSnapshot")

    name: str


class RestoreSnapshot(CollectionOperation[int], frozen=True, kw_only=True):
    """Make a new collection from a snapshot of `collection`; returns a job id."""

    traits = Traits(
        Kind.DEFINITION, "RestoreSnapshot", denied="collectionDDL", changes_schemas=True
    )

    name: str
    target: str
    target_db: str = ""

    def databases(self) -> tuple[str, ...]:
        """Return the snapshot's database, and the new collection's."""
        return (self.db, self.target_db)


class GetRestoreJob(Operation[RestoreJob], frozen=True, kw_only=True):
    """Tell how far a restore is."""

    traits = Traits(Kind.LOOK_UP, EVERYONE)

    job_id: int


class ListRestoreJobs(Operation[tuple[RestoreJob, ...]], frozen=True, kw_only=True):
    """List the restores into a collection, or into all of the database."""

    traits = Traits(Kind.LOOK_UP, "RestoreSnapshot")

    collection: str = ""


class PinSnapshot(CollectionOperation[int], frozen=True, kw_only=True):
    """Let nobody drop a snapshot for a while; returns a pin id."""

    traits = Traits(Kind.DEFINITION, "PinSnapshotData", denied="collectionDDL")

    name: str
    ttl_seconds: int = 0


class UnpinSnapshot(Operation[None], frozen=True, kw_only=True):
    """Take a pin back."""

    traits = Traits(Kind.DEFINITION, "UnpinSnapshotData", denied="collectionDDL")

    pin_id: int
