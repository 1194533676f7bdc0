"""Loading and releasing."""

from __future__ import annotations

from typing import Any

from aiomilvus.model.operations import loading as ops
from aiomilvus.model.results import LoadInfo
from aiomilvus.wire.proto import messages as pb
from aiomilvus.wire.table.route import Route, nothing, only_status

_PRIORITY = "load_priority"


def _write_options(op: ops.LoadCollection | ops.LoadPartitions) -> dict[str, Any]:
    return {
        "db_name": op.db,
        "collection_name": op.collection,
        "replica_number": op.replicas,
        "resource_groups": op.resource_groups,
        "refresh": op.refresh,
        "load_fields": op.load_fields,
        "skip_load_dynamic_field": op.skip_dynamic,
        "load_params": {_PRIORITY: op.priority} if op.priority else {},
    }


def _read_options(m: pb.LoadCollectionRequest | pb.LoadPartitionsRequest) -> dict[str, Any]:
    return {
        "db": m.db_name,
        "collection": m.collection_name,
        "replicas": m.replica_number,
        "resource_groups": tuple(m.resource_groups),
        "refresh": m.refresh,
        "load_fields": tuple(m.load_fields),
        "skip_dynamic": m.skip_load_dynamic_field,
        "priority": m.load_params.get(_PRIORITY, ""),
    }


def _write_load(op: ops.LoadCollection, _schema: object) -> Any:
    return pb.LoadCollectionRequest(**_write_options(op))


def _read_load(m: pb.LoadCollectionRequest, _schema: object) -> Any:
    return ops.LoadCollection(**_read_options(m))


def _write_load_partitions(op: ops.LoadPartitions, _schema: object) -> Any:
    return pb.LoadPartitionsRequest(partition_names=op.partitions, **_write_options(op))


def _read_load_partitions(m: pb.LoadPartitionsRequest, _schema: object) -> Any:
    return ops.LoadPartitions(partitions=tuple(m.partition_names), **_read_options(m))


def _write_state(found: LoadInfo, _op: object, _schema: object) -> Any:
    return pb.GetLoadStateResponse(status=pb.Status(), state=found.state)


def _read_state(m: pb.GetLoadStateResponse, _op: object, _schema: object) -> Any:
    return LoadInfo(state=m.state, progress=100 if m.state == pb.LoadState.LoadStateLoaded else 0)


ROUTES = (
    Route(
        operation=ops.LoadCollection,
        name="LoadCollection",
        request=_write_load,
        read_request=_read_load,
        reply=only_status,
        read_reply=nothing,
        repeatable=True,
    ),
    Route(
        operation=ops.ReleaseCollection,
        name="ReleaseCollection",
        request=lambda op, _schema: pb.ReleaseCollectionRequest(
            db_name=op.db, collection_name=op.collection
        ),
        read_request=lambda m, _schema: ops.ReleaseCollection(
            db=m.db_name, collection=m.collection_name
        ),
        reply=only_status,
        read_reply=nothing,
        repeatable=True,
    ),
    Route(
        operation=ops.LoadPartitions,
        name="LoadPartitions",
        request=_write_load_partitions,
        read_request=_read_load_partitions,
        reply=only_status,
        read_reply=nothing,
        repeatable=True,
    ),
    Route(
        operation=ops.ReleasePartitions,
        name="ReleasePartitions",
        request=lambda op, _schema: pb.ReleasePartitionsRequest(
            db_name=op.db, collection_name=op.collection, partition_names=op.partitions
        ),
        read_request=lambda m, _schema: ops.ReleasePartitions(
            db=m.db_name, collection=m.collection_name, partitions=tuple(m.partition_names)
        ),
        reply=only_status,
        read_reply=nothing,
        repeatable=True,
    ),
    Route(
        operation=ops.GetLoadState,
        name="GetLoadState",
        request=lambda op, _schema: pb.GetLoadStateRequest(
            db_name=op.db, collection_name=op.collection, partition_names=op.partitions
        ),
        read_request=lambda m, _schema: ops.GetLoadState(
            db=m.db_name, collection=m.collection_name, partitions=tuple(m.partition_names)
        ),
        reply=_write_state,
        read_reply=_read_state,
        repeatable=True,
    ),
)
