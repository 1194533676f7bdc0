"""The table from operations to the functions that carry them out.

A type checker refuses a line whose function takes another operation, or returns something else
than the operation's answer: see `_on`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from aiomilvus.engine.operations import (
    access,
    aliases,
    cluster,
    collections,
    databases,
    entities,
    evolution,
    external,
    indexes,
    loading,
    maintenance,
    partitions,
    snapshots,
    status,
    text,
)
from aiomilvus.model.operations import access as access_ops
from aiomilvus.model.operations import aliases as alias_ops
from aiomilvus.model.operations import cluster as cluster_ops
from aiomilvus.model.operations import collections as collection_ops
from aiomilvus.model.operations import data as data_ops
from aiomilvus.model.operations import databases as database_ops
from aiomilvus.model.operations import indexes as index_ops
from aiomilvus.model.operations import loading as loading_ops
from aiomilvus.model.operations import maintenance as maintenance_ops
from aiomilvus.model.operations import partitions as partition_ops
from aiomilvus.model.operations import snapshots as snapshot_ops
from aiomilvus.model.operations import status as status_ops
from aiomilvus.model.operations import text as text_ops

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.engine.state import DatabaseState
    from aiomilvus.model.operations.base import Operation

R = TypeVar("R")
O_co = TypeVar("O_co", covariant=True)

HANDLERS: dict[type[Any], Callable[[Any, Any], Any]] = {}
"""What carries out each type of operation: (database, operation) → answer."""


class _Entry(Generic[O_co]):
    """The line of one type of operation."""

    def __init__(self, operation: type[O_co]) -> None:
        self._operation = operation

    # The type of `self` brings the answer's type, which `O_co` alone does not.
    def __call__(self: _Entry[Operation[R]], handler: Callable[[DatabaseState, O_co], R]) -> None:
        if self._operation in HANDLERS:
            message = f"{self._operation.__name__} has two lines"
            raise TypeError(message)
        HANDLERS[self._operation] = handler


def _on(operation: type[O_co]) -> _Entry[O_co]:
    """Begin a line: ``_on(Operation)(function)`` lets the function carry the operation out."""
    return _Entry(operation)


_on(collection_ops.CreateCollection)(collections.create)
_on(collection_ops.DropCollection)(collections.drop)
_on(collection_ops.DescribeCollection)(collections.describe)
_on(collection_ops.ListCollections)(collections.list_names)
_on(collection_ops.RenameCollection)(collections.rename)
_on(collection_ops.TruncateCollection)(collections.truncate)
_on(collection_ops.CollectionStatistics)(collections.statistics)
_on(collection_ops.AlterCollectionProperties)(collections.alter_properties)
_on(collection_ops.AddField)(evolution.add_field)
_on(collection_ops.AddStructField)(evolution.add_struct_field)
_on(collection_ops.DropField)(evolution.drop_field)
_on(collection_ops.AlterField)(evolution.alter_field)
_on(collection_ops.AddFunction)(evolution.add_function)
_on(collection_ops.AlterFunction)(evolution.alter_function)
_on(collection_ops.DropFunction)(evolution.drop_function)
_on(partition_ops.CreatePartition)(partitions.create)
_on(partition_ops.DropPartition)(partitions.drop)
_on(partition_ops.HasPartition)(partitions.has)
_on(partition_ops.ListPartitions)(partitions.list_all)
_on(partition_ops.PartitionStatistics)(partitions.statistics)
_on(loading_ops.LoadCollection)(loading.load)
_on(loading_ops.ReleaseCollection)(loading.release)
_on(loading_ops.LoadPartitions)(loading.load_partitions)
_on(loading_ops.ReleasePartitions)(loading.release_partitions)
_on(loading_ops.GetLoadState)(loading.state)
_on(index_ops.CreateIndex)(indexes.create)
_on(index_ops.DropIndex)(indexes.drop)
_on(index_ops.DescribeIndexes)(indexes.describe)
_on(index_ops.AlterIndexProperties)(indexes.alter)
_on(data_ops.Insert)(entities.insert)
_on(data_ops.Upsert)(entities.upsert)
_on(data_ops.Delete)(entities.delete)
_on(data_ops.Query)(entities.query)
_on(data_ops.Search)(entities.search)
_on(data_ops.HybridSearch)(entities.hybrid_search)
_on(data_ops.Explain)(entities.explain)
_on(data_ops.ReadChanges)(entities.read_changes)
_on(maintenance_ops.Flush)(maintenance.flush)
_on(maintenance_ops.FlushAll)(maintenance.flush_all)
_on(maintenance_ops.GetFlushAllState)(maintenance.flush_all_state)
_on(maintenance_ops.Compact)(maintenance.compact)
_on(maintenance_ops.GetCompaction)(maintenance.compaction)
_on(maintenance_ops.ListCompactions)(maintenance.compactions)
_on(maintenance_ops.ListSegments)(maintenance.segments)
_on(alias_ops.CreateAlias)(aliases.create_alias)
_on(alias_ops.AlterAlias)(aliases.alter_alias)
_on(alias_ops.DropAlias)(aliases.drop_alias)
_on(alias_ops.DescribeAlias)(aliases.describe_alias)
_on(alias_ops.ListAliases)(aliases.list_aliases)
_on(database_ops.CreateDatabase)(databases.create_database)
_on(database_ops.DropDatabase)(databases.drop_database)
_on(database_ops.ListDatabases)(databases.list_databases)
_on(database_ops.DescribeDatabase)(databases.describe_database)
_on(database_ops.AlterDatabaseProperties)(databases.alter_database)
_on(database_ops.GetServerInfo)(databases.server_info)
_on(database_ops.AllocTimestamp)(databases.alloc_timestamp)
_on(status_ops.GetStatus)(status.get)
_on(access_ops.GetAccess)(access.get)
_on(access_ops.CreateUser)(access.create_user)
_on(access_ops.UpdateUser)(access.update_user)
_on(access_ops.DropUser)(access.drop_user)
_on(access_ops.ListUsers)(access.list_users)
_on(access_ops.DescribeUsers)(access.describe_users)
_on(access_ops.CreateRole)(access.create_role)
_on(access_ops.AlterRole)(access.alter_role)
_on(access_ops.DropRole)(access.drop_role)
_on(access_ops.DescribeRoles)(access.describe_roles)
_on(access_ops.SetUserRole)(access.set_user_role)
_on(access_ops.SetGrant)(access.set_grant)
_on(access_ops.ListGrants)(access.list_grants)
_on(access_ops.CreatePrivilegeGroup)(access.create_group)
_on(access_ops.DropPrivilegeGroup)(access.drop_group)
_on(access_ops.ListPrivilegeGroups)(access.list_groups)
_on(access_ops.SetGroupPrivileges)(access.set_group)
_on(cluster_ops.DescribeReplicas)(cluster.replicas)
_on(cluster_ops.ListResourceGroups)(cluster.resource_groups)
_on(cluster_ops.DescribeResourceGroup)(cluster.resource_group)
_on(cluster_ops.CreateResourceGroup)(cluster.create_group)
_on(cluster_ops.UpdateResourceGroups)(cluster.update_groups)
_on(cluster_ops.DropResourceGroup)(cluster.drop_group)
_on(cluster_ops.TransferNode)(cluster.transfer_node)
_on(cluster_ops.TransferReplica)(cluster.transfer_replica)
_on(cluster_ops.GetReplication)(cluster.replication)
_on(cluster_ops.RefreshExternalCollection)(external.refresh)
_on(cluster_ops.GetRefreshJob)(external.job)
_on(cluster_ops.ListRefreshJobs)(external.jobs)
_on(snapshot_ops.CreateSnapshot)(snapshots.create)
_on(snapshot_ops.DropSnapshot)(snapshots.drop)
_on(snapshot_ops.ListSnapshots)(snapshots.list_names)
_on(snapshot_ops.DescribeSnapshot)(snapshots.describe)
_on(snapshot_ops.RestoreSnapshot)(snapshots.restore)
_on(snapshot_ops.GetRestoreJob)(snapshots.job)
_on(snapshot_ops.ListRestoreJobs)(snapshots.jobs)
_on(snapshot_ops.PinSnapshot)(snapshots.pin)
_on(snapshot_ops.UnpinSnapshot)(snapshots.unpin)
_on(text_ops.RunAnalyzer)(text.run_analyzer)
_on(text_ops.AddFileResource)(text.add_file)
_on(text_ops.RemoveFileResource)(text.remove_file)
_on(text_ops.ListFileResources)(text.list_files)
