"""What the snapshot methods answer, shaped as pymilvus shapes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from aiomilvus.model import snapshots as model


class SnapshotInfo(msgspec.Struct):
    """A snapshot; `create_ts` in milliseconds since 1970, `s3_location` its folder if known."""

    name: str
    description: str
    collection_name: str
    partition_names: list[str]
    create_ts: int
    s3_location: str


class RestoreSnapshotJobInfo(msgspec.Struct):
    """A restore; `start_time` in milliseconds since 1970, `time_cost` in milliseconds."""

    job_id: int
    snapshot_name: str
    db_name: str
    collection_name: str
    state: str
    progress: int
    reason: str
    start_time: int
    time_cost: int


def snapshot_info(info: model.SnapshotInfo) -> SnapshotInfo:
    """Return a snapshot as `describe_snapshot` shows it."""
    return SnapshotInfo(
        name=info.name,
        description=info.description,
        collection_name=info.collection,
        partition_names=list(info.partitions),
        create_ts=info.created_ms,
        s3_location=info.location,
    )


def restore_job(job: model.RestoreJob) -> RestoreSnapshotJobInfo:
    """Return a restore as `get_restore_snapshot_state` shows it."""
    return RestoreSnapshotJobInfo(
        job_id=job.id,
        snapshot_name=job.snapshot,
        db_name=job.db,
        collection_name=job.collection,
        state=job.state.name,
        progress=job.progress,
        reason=job.reason,
        start_time=job.start_ms,
        time_cost=job.cost_ms,
    )
