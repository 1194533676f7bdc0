"""``/jobs/…``: imports, restores, refreshes of external collections."""

from __future__ import annotations

import asyncio
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from aiomilvus.errors import NotSupportedError, ParamError
from aiomilvus.server.rest.body import as_params
from aiomilvus.server.rest.call import Call, Reply, Route, asking
from aiomilvus.server.rest.numbers import parse_int
from aiomilvus.wire.codec.pairs import write_pairs
from aiomilvus.wire.proto import messages as pb

if TYPE_CHECKING:
    from aiomilvus.model.operations.cluster import RefreshJob
    from aiomilvus.model.snapshots import RestoreJob
    from aiomilvus.server.importing.jobs import Job

_STATES = {
    pb.ImportState.ImportPending: "Pending",
    pb.ImportState.ImportStarted: "Importing",
    pb.ImportState.ImportFailed: "Failed",
    pb.ImportState.ImportCompleted: "Completed",
}
_ORDER = ("Failed", "Importing", "Pending", "Completed")
"""Of several files' states the first that occurs here is that of the whole."""


async def _import(call: Call) -> Reply:
    body = call.body
    options = as_params(body.mapping("options"))
    commit = options.pop("auto_commit", "true")
    if commit not in ("true", "false"):
        raise ParamError(message='options.auto_commit must be one of "true" or "false"')
    if commit == "false":
        raise NotSupportedError(
            message="imports that wait for a commit (auto_commit=false) are not supported"
        )
    groups = body.array("files", required=True)
    if not groups:
        raise ParamError(message="import request: no files to import: invalid parameter")
    message = pb.ImportRequest(
        db_name=call.db,
        collection_name=call.collection,
        partition_name=body.text("partitionName"),
        files=[_path(path) for group in groups for path in _group(group)],
    )
    write_pairs(message.options, options)
    reply = await call.ask("Import", message)
    return {"data": {"jobId": str(call.service.imports.bind(reply.tasks))}}


def _group(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]


def _path(given: Any) -> str:
    if not isinstance(given, str):
        raise ParamError(message="files should be lists of paths")
    return given


def _number(call: Call) -> int:
    text = call.body.text("jobId", required=True)
    try:
        return parse_int(text)
    except ValueError:
        raise ParamError(message=f"jobId {text!r} should be a whole number as text") from None


async def _list_imports(call: Call) -> Reply:
    name = call.body.text("collectionName")
    message = pb.ListImportTasksRequest(db_name=call.db, collection_name=name)
    await call.check("ListImportTasks", message)
    imports = call.service.imports
    records = []
    for number in imports.all_bound():
        jobs = imports.bound(number)
        if jobs[0].db == call.db and name in ("", jobs[0].collection):
            records.append({"jobId": str(number), **_summary(jobs)})
    return {"data": {"records": records}}


async def _describe_import(call: Call) -> Reply:
    jobs = call.service.imports.bound(_number(call))
    # Who asks must be allowed to import into that collection.
    asked = pb.ListImportTasksRequest(db_name=jobs[0].db, collection_name=jobs[0].collection)
    await call.check("ListImportTasks", asked)
    sizes = await asyncio.to_thread(lambda: [_size(job) for job in jobs])
    # All that tells how far it is comes from one moment: jobs end while the disk is asked.
    details = [_detail(job, size) for job, size in zip(jobs, sizes, strict=True)]
    rows = sum(job.rows for job in jobs)
    ended = all(job.ended for job in jobs)
    return {
        "data": {
            "jobId": call.body.text("jobId"),
            **_summary(jobs),
            "createTime": _moment(jobs[0].created),
            "completeTime": _moment(max(job.ended for job in jobs)) if ended else "",
            "importedRows": rows,
            "totalRows": rows,
            "fileSize": sum(sizes),
            "details": details,
        }
    }


def _summary(jobs: list[Job]) -> dict[str, Any]:
    states = {_STATES[pb.ImportState(job.state)] for job in jobs}
    done = sum(job.state == pb.ImportState.ImportCompleted for job in jobs)
    shown: dict[str, Any] = {
        "collectionName": jobs[0].collection,
        "state": next(name for name in _ORDER if name in states),
        "progress": 100 * done // len(jobs),
    }
    reasons = "; ".join(job.reason for job in jobs if job.reason)
    return {**shown, "reason": reasons} if reasons else shown


def _size(job: Job) -> int:
    """Return how many bytes the files of a job have."""
    return sum(path.stat().st_size for path in job.paths if path.exists())


def _detail(job: Job, size: int) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "fileName": ",".join(path.name for path in job.paths),
        "fileSize": size,
        "progress": 100 if job.state == pb.ImportState.ImportCompleted else 0,
        "completeTime": _moment(job.ended),
        "state": _STATES[pb.ImportState(job.state)],
        "importedRows": job.rows,
        "totalRows": job.rows,
    }
    return {**shown, "reason": job.reason} if job.reason else shown


def _moment(seconds: int) -> str:
    if not seconds:
        return ""
    moment = datetime.fromtimestamp(seconds, timezone.utc)
    return moment.isoformat().replace("+00:00", "Z")


async def _end_import(call: Call) -> Reply:
    jobs = call.service.imports.bound(_number(call))
    await call.check(
        "Import", pb.ImportRequest(db_name=jobs[0].db, collection_name=jobs[0].collection)
    )
    raise NotSupportedError(
        message="import jobs of this server commit by themselves: there is nothing to commit, "
        "and none can be aborted"
    )


def _restore(job: RestoreJob) -> dict[str, Any]:
    return {
        "jobId": str(job.id),
        "snapshotName": job.snapshot,
        "dbName": job.db or "default",
        "collectionName": job.collection,
        "state": job.state.name,
        "progress": job.progress,
        "reason": job.reason,
        "startTime": job.start_ms,
        "timeCost": job.cost_ms,
    }


def _refresh(job: RefreshJob) -> dict[str, Any]:
    return {
        "jobId": job.job_id,
        "collectionName": job.collection_name,
        "state": job.state,
        "progress": job.progress,
        "externalSource": job.external_source,
        "externalSpec": job.external_spec,
        "startTime": job.start_time,
        "endTime": job.end_time,
        **({"reason": job.reason} if job.reason else {}),
    }


_IMPORTS = (
    Route("/jobs/import/create", "Import", _import),
    Route("/jobs/import/list", "ListImportTasks", _list_imports),
    Route("/jobs/import/describe", "GetImportState", _describe_import),
    Route("/jobs/import/get_progress", "GetImportState", _describe_import),
    Route("/jobs/import/commit", "Import", _end_import),
    Route("/jobs/import/abort", "Import", _end_import),
)
_SNAPSHOTS = (
    asking(
        "/jobs/snapshot/restore_external",
        "RestoreExternalSnapshot",
        lambda call: pb.RestoreExternalSnapshotRequest(
            db_name=call.db,
            target_collection_name=call.body.text("targetCollectionName", required=True),
            snapshot_metadata_uri=call.body.text("snapshotMetadataURI", required=True),
            external_spec=call.body.text("externalSpec"),
        ),
    ),
    asking(
        "/jobs/snapshot/export",
        "ExportSnapshot",
        lambda call: pb.ExportSnapshotRequest(
            db_name=call.db,
            collection_name=call.collection,
            name=call.body.text("snapshotName", required=True),
            target_s3_path=call.body.text("targetS3Path", required=True),
            external_spec=call.body.text("externalSpec"),
        ),
    ),
    asking(
        "/jobs/snapshot/describe",
        "GetRestoreSnapshotState",
        lambda call: pb.GetRestoreSnapshotStateRequest(job_id=_number(call)),
        _restore,
    ),
    asking(
        "/jobs/snapshot/list",
        "ListRestoreSnapshotJobs",
        lambda call: pb.ListRestoreSnapshotJobsRequest(
            db_name=call.db, collection_name=call.body.text("collectionName")
        ),
        lambda found: {"records": [_restore(each) for each in found]},
    ),
)
_EXTERNAL = (
    asking(
        "/jobs/external_collection/refresh",
        "RefreshExternalCollection",
        lambda call: pb.RefreshExternalCollectionRequest(
            db_name=call.db,
            collection_name=call.collection,
            external_source=call.body.text("externalSource"),
            external_spec=call.body.text("externalSpec"),
        ),
        lambda found: {"jobId": found},
    ),
    asking(
        "/jobs/external_collection/describe",
        "GetRefreshExternalCollectionProgress",
        lambda call: pb.GetRefreshExternalCollectionProgressRequest(
            job_id=call.body.number("jobId", required=True)
        ),
        _refresh,
    ),
    asking(
        "/jobs/external_collection/list",
        "ListRefreshExternalCollectionJobs",
        lambda call: pb.ListRefreshExternalCollectionJobsRequest(
            db_name=call.db, collection_name=call.body.text("collectionName")
        ),
        lambda found: {"records": [_refresh(each) for each in found]},
    ),
)
ROUTES = (*_IMPORTS, *_SNAPSHOTS, *_EXTERNAL)
