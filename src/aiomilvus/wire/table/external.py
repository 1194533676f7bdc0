"""External collections: tables that a cluster reads where they are."""

from __future__ import annotations

from typing import Any

from aiomilvus.errors import MilvusException
from aiomilvus.model.operations import cluster as ops
from aiomilvus.wire.codec.status import success
from aiomilvus.wire.proto import messages as pb
from aiomilvus.wire.table.route import Route

_PLAIN = (
    "job_id",
    "collection_name",
    "progress",
    "reason",
    "external_source",
    "start_time",
    "end_time",
    "external_spec",
)
_STATES = {each.name: each for each in pb.RefreshExternalCollectionState}


def _write_job(job: ops.RefreshJob) -> Any:
    plain = {name: getattr(job, name) for name in _PLAIN}
    return pb.RefreshExternalCollectionJobInfo(state=_STATES[job.state], **plain)


def _read_job(m: pb.RefreshExternalCollectionJobInfo) -> ops.RefreshJob:
    try:
        state = pb.RefreshExternalCollectionState(m.state)
    except ValueError:
        raise MilvusException(message=f"unknown state of a refresh: {m.state}") from None
    return ops.RefreshJob(state=state.name, **{name: getattr(m, name) for name in _PLAIN})


ROUTES = (
    Route(
        operation=ops.RefreshExternalCollection,
        name="RefreshExternalCollection",
        request=lambda op, _schema: pb.RefreshExternalCollectionRequest(
            db_name=op.db,
            collection_name=op.collection,
            external_source=op.external_source,
            external_spec=op.external_spec,
        ),
        read_request=lambda m, _schema: ops.RefreshExternalCollection(
            db=m.db_name,
            collection=m.collection_name,
            external_source=m.external_source,
            external_spec=m.external_spec,
        ),
        reply=lambda found, _op, _schema: pb.RefreshExternalCollectionResponse(
            status=success(), job_id=found
        ),
        read_reply=lambda m, _op, _schema: m.job_id,
        repeatable=False,
    ),
    Route(
        operation=ops.GetRefreshJob,
        name="GetRefreshExternalCollectionProgress",
        request=lambda op, _schema: pb.GetRefreshExternalCollectionProgressRequest(
            job_id=op.job_id
        ),
        read_request=lambda m, _schema: ops.GetRefreshJob(job_id=m.job_id),
        reply=lambda found, _op, _schema: pb.GetRefreshExternalCollectionProgressResponse(
            status=success(), job_info=_write_job(found)
        ),
        read_reply=lambda m, _op, _schema: _read_job(m.job_info),
        repeatable=True,
    ),
    Route(
        operation=ops.ListRefreshJobs,
        name="ListRefreshExternalCollectionJobs",
        request=lambda op, _schema: pb.ListRefreshExternalCollectionJobsRequest(
            db_name=op.db, collection_name=op.collection
        ),
        read_request=lambda m, _schema: ops.ListRefreshJobs(
            db=m.db_name, collection=m.collection_name
        ),
        reply=lambda found, _op, _schema: pb.ListRefreshExternalCollectionJobsResponse(
            status=success(), jobs=[_write_job(each) for each in found]
        ),
        read_reply=lambda m, _op, _schema: tuple(_read_job(each) for each in m.jobs),
        repeatable=True,
    ),
)
