"""Replication between clusters."""

from __future__ import annotations

from typing import Any

from aiomilvus.errors import ParamError
from aiomilvus.model.operations import cluster as ops
from aiomilvus.wire.codec.status import success
from aiomilvus.wire.proto import messages as pb
from aiomilvus.wire.table.route import Route, nothing, only_status


def _write_replication(message: pb.ReplicateConfiguration, replication: ops.Replication) -> None:
    for each in replication.clusters:
        message.clusters.add(
            cluster_id=each.cluster_id,
            connection_param=pb.ConnectionParam(uri=each.uri, token=each.token),
            pchannels=each.pchannels,
        )
    for source, target in replication.topology:
        message.cross_cluster_topology.add(source_cluster_id=source, target_cluster_id=target)


def _read_replication(m: pb.ReplicateConfiguration) -> ops.Replication:
    return ops.Replication(
        clusters=tuple(
            ops.Cluster(
                cluster_id=each.cluster_id,
                uri=each.connection_param.uri,
                token=each.connection_param.token,
                pchannels=tuple(each.pchannels),
            )
            for each in m.clusters
        ),
        topology=tuple(
            (each.source_cluster_id, each.target_cluster_id) for each in m.cross_cluster_topology
        ),
    )


def _write_update(op: ops.UpdateReplication, _schema: object) -> Any:
    message = pb.UpdateReplicateConfigurationRequest(force_promote=op.force_promote)
    message.replicate_configuration.SetInParent()
    _write_replication(message.replicate_configuration, op.replication)
    return message


def _read_update(m: pb.UpdateReplicateConfigurationRequest, _schema: object) -> Any:
    return ops.UpdateReplication(
        replication=_read_replication(m.replicate_configuration), force_promote=m.force_promote
    )


def _write_found(found: ops.Replication, _op: object, _schema: object) -> Any:
    message = pb.GetReplicateConfigurationResponse(status=success())
    _write_replication(message.configuration, found)
    return message


def _write_info(found: dict[str, Any], _op: object, _schema: object) -> Any:
    message = pb.GetReplicateInfoResponse()
    for name, checkpoint in found.items():
        if checkpoint is not None:
            _write_checkpoint(getattr(message, name), checkpoint)
    return message


def _write_checkpoint(message: pb.ReplicateCheckpoint, found: dict[str, Any]) -> None:
    message.cluster_id = found["cluster_id"]
    message.pchannel = found["pchannel"]
    message.time_tick = found["time_tick"]
    if found["message_id"] is not None:
        message.message_id.id = found["message_id"]["id"]
        message.message_id.WAL_name = wal_number(found["message_id"]["wal_name"])


def wal_number(name: str) -> pb.WALName:
    """Return the number of a write-ahead log by its name.

    Raises:
        ParamError: There is none of this name.
    """
    for each in pb.WALName:
        if each.name == name:
            return each
    names = ", ".join(each.name for each in pb.WALName)
    raise ParamError(message=f"wal_name must be one of [{names}], got {name!r}")


def _read_info(m: pb.GetReplicateInfoResponse, _op: object, _schema: object) -> Any:
    return {
        name: _read_checkpoint(getattr(m, name)) if m.HasField(name) else None
        for name in ("checkpoint", "salvage_checkpoint")
    }


def _read_checkpoint(m: pb.ReplicateCheckpoint) -> dict[str, Any] | None:
    if not m.ByteSize():
        return None
    identity = None
    if m.HasField("message_id"):
        wal = pb.WALName(m.message_id.WAL_name)
        identity = {"id": m.message_id.id, "wal_name": wal.name}
    return {
        "cluster_id": m.cluster_id,
        "pchannel": m.pchannel,
        "message_id": identity,
        "time_tick": m.time_tick,
    }


ROUTES = (
    Route(
        operation=ops.UpdateReplication,
        name="UpdateReplicateConfiguration",
        request=_write_update,
        read_request=_read_update,
        reply=only_status,
        read_reply=nothing,
        repeatable=True,
    ),
    Route(
        operation=ops.GetReplication,
        name="GetReplicateConfiguration",
        request=lambda _op, _schema: pb.GetReplicateConfigurationRequest(),
        read_request=lambda _m, _schema: ops.GetReplication(),
        reply=_write_found,
        read_reply=lambda m, _op, _schema: _read_replication(m.configuration),
        repeatable=True,
    ),
    Route(
        operation=ops.GetReplicateInfo,
        name="GetReplicateInfo",
        request=lambda op, _schema: pb.GetReplicateInfoRequest(
            source_cluster_id=op.source_cluster_id, target_pchannel=op.target_pchannel
        ),
        read_request=lambda m, _schema: ops.GetReplicateInfo(
            source_cluster_id=m.source_cluster_id, target_pchannel=m.target_pchannel
        ),
        reply=_write_info,
        read_reply=_read_info,
        repeatable=True,
    ),
)
