"""What the snapshot methods return of snapshots and their restores."""

from __future__ import annotations

from enum import IntEnum

import msgspec


class RestoreState(IntEnum):
    """How far a restore is, by Milvus' names and numbers."""

    RestoreSnapshotNone = 0
    RestoreSnapshotPending = 1
    RestoreSnapshotExecuting = 2
    RestoreSnapshotCompleted = 3
    RestoreSnapshotFailed = 4


class SnapshotInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A snapshot.

    Attributes:
        created_ms: When it was made, in milliseconds since 1970.
        location: Where its files are; "" in memory.
    """

    name: str
    description: str
    collection: str
    partitions: tuple[str, ...]
    created_ms: int
    location: str = ""


class RestoreJob(msgspec.Struct, frozen=True, kw_only=True):
    """A restore.

    Attributes:
        db, collection: Where to.
        progress: Percent.
        reason: Why it failed, "" otherwise.
        start_ms: When it began, in milliseconds since 1970.
        cost_ms: How long it took.
    """

    id: int
    snapshot: str
    db: str
    collection: str
    state: RestoreState
    progress: int
    reason: str = ""
    start_ms: int = 0
    cost_ms: int = 0
