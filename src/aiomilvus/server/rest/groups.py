"""``/resource_groups/…`` and ``/file_resources/…``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.server.rest.answers import whole
from aiomilvus.server.rest.body import Body, as_params
from aiomilvus.server.rest.call import Call, Reply, Route, asking
from aiomilvus.server.rest.failures import bad_json
from aiomilvus.wire.codec.pairs import write_pairs
from aiomilvus.wire.proto import messages as pb

if TYPE_CHECKING:
    from collections.abc import Callable


def _name(call: Call) -> str:
    return call.body.text("name", required=True)


def _write_config(message: Any, given: Body, *, required: bool) -> None:
    """Put a group's configuration into an empty message."""
    message.requests.node_num = given.inner("requests", required=required).number(
        "node_num", required=required
    )
    message.limits.node_num = given.inner("limits", required=required).number(
        "node_num", required=required
    )
    for item in given.objects("transfer_from"):
        message.transfer_from.add(resource_group=Body(item).text("resource_group"))
    for item in given.objects("transfer_to"):
        message.transfer_to.add(resource_group=Body(item).text("resource_group"))
    labels = given.inner("node_filter").mapping("node_labels")
    if labels:
        write_pairs(message.node_filter.node_labels, as_params(labels))


def _create(call: Call) -> Any:
    message = pb.CreateResourceGroupRequest(resource_group=_name(call))
    if call.body.has("config"):
        _write_config(message.config, call.body.inner("config"), required=True)
    return message


def _alter(call: Call) -> Any:
    message = pb.UpdateResourceGroupsRequest()
    for name, config in call.body.mapping("resource_groups", required=True).items():
        if not isinstance(config, dict):
            raise bad_json(f"the configuration of resource group {name} should be an object")
        _write_config(message.resource_groups[name], Body(config), required=False)
    return message


async def _describe(call: Call) -> Reply:
    message = pb.DescribeResourceGroupRequest(resource_group=_name(call))
    found = await call.ask("DescribeResourceGroup", message)
    group: dict[str, Any] = {
        "name": found["name"],
        "capacity": found["capacity"],
        "num_available_node": found["num_available_node"],
        "num_loaded_replica": found["num_loaded_replica"],
        "nodes": found["nodes"],
    }
    config = found.get("config")
    if config is not None:
        group["config"] = {
            "requests": {"node_num": config.requests},
            "limits": {"node_num": config.limits},
        }
    return {"resource_group": group}


def _transfer(call: Call) -> Any:
    return pb.TransferReplicaRequest(
        source_resource_group=call.body.text("sourceRgName", required=True),
        target_resource_group=call.body.text("targetRgName", required=True),
        collection_name=call.collection,
        num_replica=call.body.number("replicaNum", required=True),
        db_name=call.db,
    )


def _named(message_class: Any) -> Callable[[Call], Any]:
    return lambda call: message_class(resource_group=_name(call))


async def _files(call: Call) -> Reply:
    found = await call.ask("ListFileResources", pb.ListFileResourcesRequest())
    listed = [
        {"id": whole(each.id, numbers=call.numbers), "name": each.name, "path": each.path}
        for each in found
    ]
    return {"data": listed}


ROUTES = (
    asking("/resource_groups/create", "CreateResourceGroup", _create),
    asking("/resource_groups/drop", "DropResourceGroup", _named(pb.DropResourceGroupRequest)),
    asking("/resource_groups/alter", "UpdateResourceGroups", _alter),
    Route("/resource_groups/describe", "DescribeResourceGroup", _describe, bare=True),
    asking(
        "/resource_groups/list",
        "ListResourceGroups",
        lambda _: pb.ListResourceGroupsRequest(),
        list,
    ),
    asking("/resource_groups/transfer_replica", "TransferReplica", _transfer),
    asking(
        "/file_resources/add",
        "AddFileResource",
        lambda call: pb.AddFileResourceRequest(
            name=_name(call), path=call.body.text("path", required=True)
        ),
    ),
    asking(
        "/file_resources/remove",
        "RemoveFileResource",
        lambda call: pb.RemoveFileResourceRequest(name=_name(call)),
    ),
    Route("/file_resources/list", "ListFileResources", _files),
)
