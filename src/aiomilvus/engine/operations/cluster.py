"""What a single node can truthfully say of a cluster: one replica, one resource group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.engine.names import RESOURCE_GROUP
from aiomilvus.errors import (
    CollectionNotLoadedError,
    ResourceGroupNotFoundError,
)

if TYPE_CHECKING:
    from aiomilvus.engine.state import DatabaseState
    from aiomilvus.model.operations import cluster


def replicas(database: DatabaseState, op: cluster.DescribeReplicas) -> tuple[dict[str, Any], ...]:
    """Describe the one replica there is."""
    collection = database.collection(op.db, op.collection, any_name=True)
    if not collection.record.loaded:
        raise CollectionNotLoadedError(message=f"collection not loaded[collection={op.collection}]")
    replica = {
        "replica_id": collection.record.id,
        "collection_id": collection.record.id,
        "partition_ids": sorted(collection.record.loaded),
        "node_ids": [1],
        "resource_group": RESOURCE_GROUP,
    }
    return (replica,)


def resource_groups(database: DatabaseState, op: cluster.ListResourceGroups) -> tuple[str, ...]:  # noqa: ARG001 - as all handlers
    """List the one resource group there is."""
    return (RESOURCE_GROUP,)


def resource_group(database: DatabaseState, op: cluster.DescribeResourceGroup) -> dict[str, Any]:
    """Describe the default resource group."""
    if op.name != RESOURCE_GROUP:
        raise ResourceGroupNotFoundError(message=f"resource group not found[rg={op.name}]")
    loaded = [c.record.name for c in database.collections.values() if c.record.loaded]
    return {
        "name": RESOURCE_GROUP,
        "capacity": 1,
        "num_available_node": 1,
        "num_loaded_replica": dict.fromkeys(loaded, 1),
        "nodes": [{"node_id": 1, "address": "embedded", "hostname": "embedded"}],
    }
