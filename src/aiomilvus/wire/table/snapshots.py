"""Snapshots: create, list, describe, restore, pin, drop."""

from __future__ import annotations

from typing import Any

from aiomilvus.model.operations import snapshots as ops
from aiomilvus.model.snapshots import RestoreJob, RestoreState, SnapshotInfo
from aiomilvus.wire.proto import messages as pb
from aiomilvus.wire.table.route import Route, nothing, only_status


def _write_create(op: ops.CreateSnapshot, _schema: object) -> Any:
    return pb.CreateSnapshotRequest(
        name=op.name,
        description=op.description,
        db_name=op.db,
        collection_name=op.collection,
        compaction_protection_seconds=op.protection_seconds,
    )


def _read_create(m: pb.CreateSnapshotRequest, _schema: object) -> Any:
    return ops.CreateSnapshot(
        db=m.db_name,
        collection=m.collection_name,
        name=m.name,
        description=m.description,
        protection_seconds=m.compaction_protection_seconds,
    )


def _named(message_class: Any) -> Any:
    return lambda op, _schema: message_class(
        name=op.name, db_name=op.db, collection_name=op.collection
    )


def _read_named(operation: Any) -> Any:
    return lambda m, _schema: operation(db=m.db_name, collection=m.collection_name, name=m.name)


def _write_info(found: SnapshotInfo, _op: object, _schema: object) -> Any:
    return pb.DescribeSnapshotResponse(
        status=pb.Status(),
        name=found.name,
        description=found.description,
        collection_name=found.collection,
        partition_names=found.partitions,
        create_ts=found.created_ms,
        s3_location=found.location,
    )


def _read_info(m: pb.DescribeSnapshotResponse, _op: object, _schema: object) -> Any:
    return SnapshotInfo(
        name=m.name,
        description=m.description,
        collection=m.collection_name,
        partitions=tuple(m.partition_names),
        created_ms=m.create_ts,
        location=m.s3_location,
    )


def _write_restore(op: ops.RestoreSnapshot, _schema: object) -> Any:
    return pb.RestoreSnapshotRequest(
        name=op.name,
        db_name=op.db,
        collection_name=op.collection,
        target_db_name=op.target_db,
        target_collection_name=op.target,
    )


def _read_restore(m: pb.RestoreSnapshotRequest, _schema: object) -> Any:
    return ops.RestoreSnapshot(
        db=m.db_name,
        collection=m.collection_name,
        name=m.name,
        target=m.target_collection_name,
        target_db=m.target_db_name or m.db_name,
    )


def _fill_job(message: Any, job: RestoreJob) -> None:
    message.job_id = job.id
    message.snapshot_name = job.snapshot
    message.db_name = job.db
    message.collection_name = job.collection
    message.state = int(job.state)
    message.progress = job.progress
    message.reason = job.reason
    message.start_time = job.start_ms
    message.time_cost = job.cost_ms


def _job_in(m: pb.RestoreSnapshotInfo) -> RestoreJob:
    return RestoreJob(
        id=m.job_id,
        snapshot=m.snapshot_name,
        db=m.db_name,
        collection=m.collection_name,
        state=RestoreState(m.state),
        progress=m.progress,
        reason=m.reason,
        start_ms=m.start_time,
        cost_ms=m.time_cost,
    )


def _write_job(found: RestoreJob, _op: object, _schema: object) -> Any:
    message = pb.GetRestoreSnapshotStateResponse(status=pb.Status())
    _fill_job(message.info, found)
    return message


def _write_jobs(found: tuple[RestoreJob, ...], _op: object, _schema: object) -> Any:
    message = pb.ListRestoreSnapshotJobsResponse(status=pb.Status())
    for each in found:
        _fill_job(message.jobs.add(), each)
    return message


def _write_pin(op: ops.PinSnapshot, _schema: object) -> Any:
    return pb.PinSnapshotDataRequest(
        name=op.name, db_name=op.db, collection_name=op.collection, ttl_seconds=op.ttl_seconds
    )


def _read_pin(m: pb.PinSnapshotDataRequest, _schema: object) -> Any:
    return ops.PinSnapshot(
        db=m.db_name, collection=m.collection_name, name=m.name, ttl_seconds=m.ttl_seconds
    )


ROUTES = (
    Route(
        operation=ops.CreateSnapshot,
        name="CreateSnapshot",
        request=_write_create,
        read_request=_read_create,
        reply=only_status,
        read_reply=nothing,
        repeatable=False,
    ),
    Route(
        operation=ops.DropSnapshot,
        name="DropSnapshot",
        request=_named(pb.DropSnapshotRequest),
        read_request=_read_named(ops.DropSnapshot),
        reply=only_status,
        read_reply=nothing,
        repeatable=True,
    ),
    Route(
        operation=ops.ListSnapshots,
        name="ListSnapshots",
        request=lambda op, _schema: pb.ListSnapshotsRequest(
            db_name=op.db, collection_name=op.collection
        ),
        read_request=lambda m, _schema: ops.ListSnapshots(
            db=m.db_name, collection=m.collection_name
        ),
        reply=lambda found, _op, _schema: pb.ListSnapshotsResponse(
            status=pb.Status(), snapshots=found
        ),
        read_reply=lambda m, _op, _schema: tuple(m.snapshots),
        repeatable=True,
    ),
    Route(
        operation=ops.DescribeSnapshot,
        name="DescribeSnapshot",
        request=_named(pb.DescribeSnapshotRequest),
        read_request=_read_named(ops.DescribeSnapshot),
        reply=_write_info,
        read_reply=_read_info,
        repeatable=True,
    ),
    Route(
        operation=ops.RestoreSnapshot,
        name="RestoreSnapshot",
        request=_write_restore,
        read_request=_read_restore,
        reply=lambda found, _op, _schema: pb.RestoreSnapshotResponse(
            status=pb.Status(), job_id=found
        ),
        read_reply=lambda m, _op, _schema: m.job_id,
        repeatable=False,
    ),
    Route(
        operation=ops.GetRestoreJob,
        name="GetRestoreSnapshotState",
        request=lambda op, _schema: pb.GetRestoreSnapshotStateRequest(job_id=op.job_id),
        read_request=lambda m, _schema: ops.GetRestoreJob(job_id=m.job_id),
        reply=_write_job,
        read_reply=lambda m, _op, _schema: _job_in(m.info),
        repeatable=True,
    ),
    Route(
        operation=ops.ListRestoreJobs,
        name="ListRestoreSnapshotJobs",
        request=lambda op, _schema: pb.ListRestoreSnapshotJobsRequest(
            db_name=op.db, collection_name=op.collection
        ),
        read_request=lambda m, _schema: ops.ListRestoreJobs(
            db=m.db_name, collection=m.collection_name
        ),
        reply=_write_jobs,
        read_reply=lambda m, _op, _schema: tuple(_job_in(each) for each in m.jobs),
        repeatable=True,
    ),
    Route(
        operation=ops.PinSnapshot,
        name="PinSnapshotData",
        request=_write_pin,
        read_request=_read_pin,
        reply=lambda found, _op, _schema: pb.PinSnapshotDataResponse(
            status=pb.Status(), pin_id=found
        ),
        read_reply=lambda m, _op, _schema: m.pin_id,
        repeatable=False,
    ),
    Route(
        operation=ops.UnpinSnapshot,
        name="UnpinSnapshotData",
        request=lambda op, _schema: pb.UnpinSnapshotDataRequest(pin_id=op.pin_id),
        read_request=lambda m, _schema: ops.UnpinSnapshot(pin_id=m.pin_id),
        reply=only_status,
        read_reply=nothing,
        repeatable=False,
    ),
)
