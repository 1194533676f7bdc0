"""What a single node can truthfully say and do of a cluster: one replica, one node, its groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from aiomilvus.engine.operations.record_changes import changed
from aiomilvus.engine.operations.rules.group_rules import (
    check_droppable,
    check_group_config,
    check_resource_group_name,
    stored_group,
    too_few_nodes,
)
from aiomilvus.errors import (
    CollectionNotLoadedError,
    ParamError,
    ResourceGroupExistsError,
    ResourceGroupLimitError,
    ResourceGroupNotFoundError,
)
from aiomilvus.model.operations.cluster import Replication
from aiomilvus.model.resource_groups import (
    DEFAULT_CAPACITY,
    DEFAULT_RESOURCE_GROUP,
    NO_NODES,
    ResourceGroupConfig,
    ResourceGroups,
)

if TYPE_CHECKING:
    from aiomilvus.engine.catalog.records import CollectionRecord
    from aiomilvus.engine.state import DatabaseState
    from aiomilvus.model.operations import cluster

MAX_GROUPS = 1024
NODE = 1


def replicas(database: DatabaseState, op: cluster.DescribeReplicas) -> tuple[dict[str, Any], ...]:
    """Describe the one replica there is."""
    record = database.collection(op.db, op.collection, any_name=True).record
    if not record.loaded:
        raise CollectionNotLoadedError(message=f"collection not loaded[collection={op.collection}]")
    home = database.catalog.resource_groups().home
    replica = {
        "replica_id": record.id,
        "collection_id": record.id,
        "partition_ids": sorted(record.loaded),
        "node_ids": [NODE],
        "resource_group": record.resource_group,
        "num_outbound_node": {} if home == record.resource_group else {home: 1},
    }
    return (replica,)


def replication(database: DatabaseState, op: cluster.GetReplication) -> Replication:  # noqa: ARG001 - as all handlers
    """Tell that nothing is replicated, as a Milvus does that no other cluster follows."""
    return Replication()


def resource_groups(database: DatabaseState, op: cluster.ListResourceGroups) -> tuple[str, ...]:  # noqa: ARG001 - as all handlers
    """List the resource groups."""
    return tuple(database.catalog.resource_groups().configs)


def resource_group(database: DatabaseState, op: cluster.DescribeResourceGroup) -> dict[str, Any]:
    """Describe a resource group: what is loaded into it, and how that fits the node's place."""
    groups = database.catalog.resource_groups()
    config = _config(groups, op.name)
    loaded = _loaded(database)
    inside = {record.name: 1 for record in loaded if record.resource_group == op.name}
    outside = {record.name: 1 for record in loaded if record.resource_group != op.name}
    has_node = groups.home == op.name
    nodes = [{"node_id": NODE, "address": "embedded", "hostname": "embedded"}]
    is_default = op.name == DEFAULT_RESOURCE_GROUP
    return {
        "name": op.name,
        "capacity": DEFAULT_CAPACITY if is_default else config.requests,
        "num_available_node": int(has_node),
        "num_loaded_replica": inside,
        "num_outgoing_node": {} if has_node else inside,
        "num_incoming_node": outside if has_node else {},
        "config": config,
        "nodes": nodes if has_node else [],
    }


def create_group(database: DatabaseState, op: cluster.CreateResourceGroup) -> None:
    """Create a resource group; one that exists with the same configuration is a success."""
    check_resource_group_name(op.name)
    config = NO_NODES if op.config is None else op.config
    with database.ddl:
        groups = database.catalog.resource_groups()
        if op.name in groups.configs:
            if groups.configs[op.name] == config:
                return
            message = (
                "resource group already exist, but create with different config"
                f"[rg={op.name}]; update_resource_groups changes it"
            )
            raise ResourceGroupExistsError(message=message)
        if len(groups.configs) >= MAX_GROUPS:
            message = f"resource group num reach limit[rg={op.name}][limit={MAX_GROUPS}]"
            raise ResourceGroupLimitError(message=message)
        check_group_config(op.name, config, groups)
        _store(database, groups.with_configs({op.name: config}))


def update_groups(database: DatabaseState, op: cluster.UpdateResourceGroups) -> None:
    """Configure resource groups, all or none."""
    with database.ddl:
        groups = database.catalog.resource_groups()
        for name, config in op.configs:
            _config(groups, name)
            check_group_config(name, config, groups)
        if op.configs:
            _store(database, groups.with_configs(dict(op.configs)))


def drop_group(database: DatabaseState, op: cluster.DropResourceGroup) -> None:
    """Drop a resource group that nothing needs; one that does not exist is a success."""
    check_resource_group_name(op.name)
    with database.ddl:
        groups = database.catalog.resource_groups()
        if op.name not in groups.configs:
            return
        for record in _loaded(database):
            if record.resource_group == op.name:
                message = (
                    f"some replicas still loaded in resource group[{op.name}], release it first: "
                    "invalid parameter[expected=empty resource group][actual=resource group "
                    f"{op.name} has collection {record.id} loaded]"
                )
                raise ParamError(message=message)
        check_droppable(op.name, groups)
        _store(database, groups.without(op.name))


def transfer_node(database: DatabaseState, op: cluster.TransferNode) -> None:
    """Move the node by letting one group request less nodes, and another one more."""
    _check_groups_differ(op.source, op.target)
    if op.count <= 0:
        _refuse_count("NumNode", op.count)
    with database.ddl:
        groups = database.catalog.resource_groups()
        source, target = _config(groups, op.source), _config(groups, op.target)
        if groups.nodes(op.source) < op.count:
            raise too_few_nodes(groups, op.source, op.count)
        requests = (target.requests or 0) + op.count
        limits = max(target.limits or 0, requests)
        after = {
            op.source: _with_fewer(op.source, source, op.count),
            op.target: msgspec.structs.replace(target, requests=requests, limits=limits),
        }
        _store(database, groups.with_configs(after))


def transfer_replica(database: DatabaseState, op: cluster.TransferReplica) -> None:
    """Let a collection's replica belong to another resource group."""
    collection = database.collection(op.db, op.collection, any_name=True)
    with database.ddl, collection.writes.turn:
        record = collection.record
        groups = database.catalog.resource_groups()
        _config(groups, op.source)
        _config(groups, op.target)
        _check_groups_differ(op.source, op.target)
        if op.count <= 0:
            _refuse_count("NumReplica", op.count)
        if not record.loaded:
            message = f"collection not loaded[collection={record.name}]"
            raise CollectionNotLoadedError(message=message)
        found = int(record.resource_group == op.source)
        if op.count > found:
            message = (
                "invalid parameter[expected=NumReplica not greater than the number of replica in "
                f"source resource group][actual=only found [{found}] replicas of collection "
                f"[{record.name}] in source resource group [{op.source}], but {op.count} require]"
            )
            raise ParamError(message=message)
        collection.change(changed(database, record, group=stored_group(op.target)))


def _config(groups: ResourceGroups, name: str) -> ResourceGroupConfig:
    config = groups.configs.get(name)
    if config is None:
        raise ResourceGroupNotFoundError(message=f"resource group not found[rg={name}]")
    return config


def _with_fewer(name: str, config: ResourceGroupConfig, count: int) -> ResourceGroupConfig:
    """Return what a group asks for that gives nodes away; the default one keeps its limit."""
    requests = max((config.requests or 0) - count, 0)
    if name == DEFAULT_RESOURCE_GROUP:
        return msgspec.structs.replace(config, requests=requests)
    limits = max((config.limits or 0) - count, 0)
    return msgspec.structs.replace(config, requests=requests, limits=limits)


def _check_groups_differ(source: str, target: str) -> None:
    if source == target:
        message = (
            "source resource group and target resource group should not be the same, "
            f"resource group: {source}: invalid parameter"
        )
        raise ParamError(message=message)


def _refuse_count(what: str, count: int) -> None:
    message = f"invalid parameter[expected={what} > 0][actual=invalid {what} {count}]"
    raise ParamError(message=message)


def _loaded(database: DatabaseState) -> list[CollectionRecord]:
    records = (each.record for each in list(database.collections.values()))
    return [record for record in records if record.loaded]


def _store(database: DatabaseState, groups: ResourceGroups) -> None:
    with database.catalog.transaction():
        database.catalog.put_resource_groups(groups)
