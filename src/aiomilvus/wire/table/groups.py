"""Resource groups."""

from __future__ import annotations

from typing import Any

from aiomilvus.model.operations import cluster as ops
from aiomilvus.model.resource_groups import ResourceGroupConfig
from aiomilvus.wire.codec.pairs import read_pairs, write_pairs
from aiomilvus.wire.proto import messages as pb
from aiomilvus.wire.table.route import Route, nothing, only_status


def _write_config(message: pb.ResourceGroupConfig, config: ResourceGroupConfig) -> None:
    if config.requests is not None:
        message.requests.node_num = config.requests
    if config.limits is not None:
        message.limits.node_num = config.limits
    for name in config.transfer_from:
        message.transfer_from.add(resource_group=name)
    for name in config.transfer_to:
        message.transfer_to.add(resource_group=name)
    if config.node_labels:
        write_pairs(message.node_filter.node_labels, dict(config.node_labels))


def _read_config(m: pb.ResourceGroupConfig) -> ResourceGroupConfig:
    return ResourceGroupConfig(
        requests=m.requests.node_num if m.HasField("requests") else None,
        limits=m.limits.node_num if m.HasField("limits") else None,
        transfer_from=tuple(each.resource_group for each in m.transfer_from),
        transfer_to=tuple(each.resource_group for each in m.transfer_to),
        node_labels=tuple(read_pairs(m.node_filter.node_labels).items()),
    )


def _write_create(op: ops.CreateResourceGroup, _schema: object) -> Any:
    message = pb.CreateResourceGroupRequest(resource_group=op.name)
    if op.config is not None:
        _write_config(message.config, op.config)
    return message


def _read_create(m: pb.CreateResourceGroupRequest, _schema: object) -> Any:
    config = _read_config(m.config) if m.HasField("config") else None
    return ops.CreateResourceGroup(name=m.resource_group, config=config)


def _write_update(op: ops.UpdateResourceGroups, _schema: object) -> Any:
    message = pb.UpdateResourceGroupsRequest()
    for name, config in op.configs:
        _write_config(message.resource_groups[name], config)
    return message


def _read_update(m: pb.UpdateResourceGroupsRequest, _schema: object) -> Any:
    configs = sorted(m.resource_groups.items())
    return ops.UpdateResourceGroups(configs=tuple((n, _read_config(c)) for n, c in configs))


def _write_group(found: dict[str, Any], _op: object, _schema: object) -> Any:
    message = pb.DescribeResourceGroupResponse(status=pb.Status())
    group = message.resource_group
    group.name = found["name"]
    group.capacity = found["capacity"]
    group.num_available_node = found["num_available_node"]
    group.num_loaded_replica.update(found["num_loaded_replica"])
    group.num_outgoing_node.update(found["num_outgoing_node"])
    group.num_incoming_node.update(found["num_incoming_node"])
    for node in found["nodes"]:
        group.nodes.add(**node)
    _write_config(group.config, found["config"])
    return message


def _read_group(m: pb.DescribeResourceGroupResponse, _op: object, _schema: object) -> Any:
    group = m.resource_group
    return {
        "name": group.name,
        "capacity": group.capacity,
        "num_available_node": group.num_available_node,
        "num_loaded_replica": dict(group.num_loaded_replica),
        "num_outgoing_node": dict(group.num_outgoing_node),
        "num_incoming_node": dict(group.num_incoming_node),
        "config": _read_config(group.config) if group.HasField("config") else None,
        "nodes": [
            {"node_id": each.node_id, "address": each.address, "hostname": each.hostname}
            for each in group.nodes
        ],
    }


ROUTES = (
    Route(
        operation=ops.ListResourceGroups,
        name="ListResourceGroups",
        request=lambda _op, _schema: pb.ListResourceGroupsRequest(),
        read_request=lambda _m, _schema: ops.ListResourceGroups(),
        reply=lambda found, _op, _schema: pb.ListResourceGroupsResponse(
            status=pb.Status(), resource_groups=found
        ),
        read_reply=lambda m, _op, _schema: tuple(m.resource_groups),
        repeatable=True,
    ),
    Route(
        operation=ops.DescribeResourceGroup,
        name="DescribeResourceGroup",
        request=lambda op, _schema: pb.DescribeResourceGroupRequest(resource_group=op.name),
        read_request=lambda m, _schema: ops.DescribeResourceGroup(name=m.resource_group),
        reply=_write_group,
        read_reply=_read_group,
        repeatable=True,
    ),
    Route(
        operation=ops.CreateResourceGroup,
        name="CreateResourceGroup",
        request=_write_create,
        read_request=_read_create,
        reply=only_status,
        read_reply=nothing,
        repeatable=True,
    ),
    Route(
        operation=ops.DropResourceGroup,
        name="DropResourceGroup",
        request=lambda op, _schema: pb.DropResourceGroupRequest(resource_group=op.name),
        read_request=lambda m, _schema: ops.DropResourceGroup(name=m.resource_group),
        reply=only_status,
        read_reply=nothing,
        repeatable=True,
    ),
    Route(
        operation=ops.UpdateResourceGroups,
        name="UpdateResourceGroups",
        request=_write_update,
        read_request=_read_update,
        reply=only_status,
        read_reply=nothing,
        repeatable=True,
    ),
    Route(
        operation=ops.TransferNode,
        name="TransferNode",
        request=lambda op, _schema: pb.TransferNodeRequest(
            source_resource_group=op.source, target_resource_group=op.target, num_node=op.count
        ),
        read_request=lambda m, _schema: ops.TransferNode(
            source=m.source_resource_group, target=m.target_resource_group, count=m.num_node
        ),
        reply=only_status,
        read_reply=nothing,
        repeatable=False,
    ),
    Route(
        operation=ops.TransferReplica,
        name="TransferReplica",
        request=lambda op, _schema: pb.TransferReplicaRequest(
            source_resource_group=op.source,
            target_resource_group=op.target,
            collection_name=op.collection,
            num_replica=op.count,
            db_name=op.db,
        ),
        read_request=lambda m, _schema: ops.TransferReplica(
            db=m.db_name,
            collection=m.collection_name,
            source=m.source_resource_group,
            target=m.target_resource_group,
            count=m.num_replica,
        ),
        reply=only_status,
        read_reply=nothing,
        repeatable=False,
    ),
)
