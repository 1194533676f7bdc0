"""What only several nodes or clusters have: replicas, resource groups, replication.

A single node answers the questions among them in part, and refuses the rest.
"""

from __future__ import annotations

from typing import Any

import msgspec

from aiomilvus.model.operations.base import CollectionOperation, Int32, Operation
from aiomilvus.model.operations.traits import EVERYONE, Kind, Traits
from aiomilvus.model.resource_groups import ResourceGroupConfig


class DescribeReplicas(CollectionOperation[tuple[dict[str, Any], ...]], frozen=True, kw_only=True):
    """Describe the replicas of a loaded collection."""

    traits = Traits(Kind.LOOK_UP, EVERYONE)


class ListResourceGroups(Operation[tuple[str, ...]], frozen=True, kw_only=True):
    """List the resource groups."""

    traits = Traits(Kind.LOOK_UP, "ListResourceGroups")


class DescribeResourceGroup(Operation[dict[str, Any]], frozen=True, kw_only=True):
    """Describe a resource group."""

    traits = Traits(Kind.LOOK_UP, "DescribeResourceGroup")

    name: str


class CreateResourceGroup(Operation[None], frozen=True, kw_only=True):
    """Create a resource group; without `config` it has no nodes."""

    traits = Traits(Kind.DEFINITION, "CreateResourceGroup")

    name: str
    config: ResourceGroupConfig | None = None


class DropResourceGroup(Operation[None], frozen=True, kw_only=True):
    """Drop a resource group."""

    traits = Traits(Kind.DEFINITION, "DropResourceGroup")

    name: str


class UpdateResourceGroups(Operation[None], frozen=True, kw_only=True):
    """Configure several resource groups in one step."""

    traits = Traits(Kind.DEFINITION, "UpdateResourceGroups")

    configs: tuple[tuple[str, ResourceGroupConfig], ...]


class TransferNode(Operation[None], frozen=True, kw_only=True):
    """Move nodes from one resource group to another by changing what both request."""

    traits = Traits(Kind.DEFINITION, "TransferNode")

    source: str
    target: str
    count: Int32


class TransferReplica(CollectionOperation[None], frozen=True, kw_only=True):
    """Move replicas of a collection from one resource group to another."""

    traits = Traits(Kind.DEFINITION, "TransferReplica", denied="collectionDDL")

    source: str
    target: str
    count: int


class Cluster(msgspec.Struct, frozen=True, kw_only=True):
    """A Milvus cluster that takes part in replication."""

    cluster_id: str
    uri: str
    token: str = ""
    pchannels: tuple[str, ...] = ()


class Replication(msgspec.Struct, frozen=True, kw_only=True):
    """Which clusters there are, and which (source, target) pairs replicate."""

    clusters: tuple[Cluster, ...] = ()
    topology: tuple[tuple[str, str], ...] = ()


class UpdateReplication(Operation[None], frozen=True, kw_only=True):
    """Change the replication between clusters."""

    traits = Traits(Kind.DEFINITION, "UpdateReplicateConfiguration", embedded=False)

    replication: Replication
    force_promote: bool = False


class GetReplication(Operation[Replication], frozen=True, kw_only=True):
    """Tell the replication between clusters."""

    traits = Traits(Kind.LOOK_UP, "GetReplicateConfiguration", inline=True)


class GetReplicateInfo(Operation[dict[str, Any]], frozen=True, kw_only=True):
    """Tell how far a channel is replicated."""

    traits = Traits(Kind.LOOK_UP, EVERYONE, embedded=False)

    source_cluster_id: str
    target_pchannel: str


class RefreshJob(msgspec.Struct, frozen=True, kw_only=True):
    """A refresh of an external collection. Times are milliseconds since 1970, 0 for not yet.

    Attributes:
        state: ``RefreshPending``, ``RefreshInProgress``, ``RefreshCompleted`` or ``RefreshFailed``.
        progress: Percent.
    """

    job_id: int
    collection_name: str
    state: str
    progress: int
    reason: str
    external_source: str
    start_time: int
    end_time: int
    external_spec: str = ""


class RefreshExternalCollection(CollectionOperation[int], frozen=True, kw_only=True):
    """Read an external table again, in the background; returns the job's number."""

    traits = Traits(
        Kind.DEFINITION, "RefreshExternalCollection", denied="writing", changes_schemas=True
    )

    external_source: str = ""
    external_spec: str = ""


class GetRefreshJob(Operation[RefreshJob], frozen=True, kw_only=True):
    """Tell how far a refresh is."""

    traits = Traits(Kind.LOOK_UP, EVERYONE)

    job_id: int


class ListRefreshJobs(CollectionOperation[tuple[RefreshJob, ...]], frozen=True, kw_only=True):
    """List the refreshes of a collection, or of all with the name ""."""

    traits = Traits(Kind.LOOK_UP, EVERYONE)
