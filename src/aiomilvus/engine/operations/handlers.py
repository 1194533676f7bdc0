"""The table from operations to the functions that carry them out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.engine.operations import (
    access,
    aliases,
    cluster,
    collections,
    databases,
    entities,
    evolution,
    indexes,
    loading,
    maintenance,
    partitions,
    snapshots,
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
from aiomilvus.model.operations import text as text_ops

if TYPE_CHECKING:
    from collections.abc import Callable

HANDLERS: dict[type[Any], Callable[[Any, Any], Any]] = {
    collection_ops.CreateCollection: collections.create,
    collection_ops.DropCollection: collections.drop,
    collection_ops.DescribeCollection: collections.describe,
    collection_ops.ListCollections: collections.list_names,
    collection_ops.RenameCollection: collections.rename,
    collection_ops.TruncateCollection: collections.truncate,
    collection_ops.CollectionStatistics: collections.statistics,
    collection_ops.AlterCollectionProperties: collections.alter_properties,
    collection_ops.AddField: evolution.add_field,
    collection_ops.AddStructField: evolution.add_struct_field,
    collection_ops.DropField: evolution.drop_field,
    collection_ops.AlterField: evolution.alter_field,
    collection_ops.AddFunction: evolution.add_function,
    collection_ops.AlterFunction: evolution.alter_function,
    collection_ops.DropFunction: evolution.drop_function,
    partition_ops.CreatePartition: partitions.create,
    partition_ops.DropPartition: partitions.drop,
    partition_ops.HasPartition: partitions.has,
    partition_ops.ListPartitions: partitions.list_all,
    partition_ops.PartitionStatistics: partitions.statistics,
    loading_ops.LoadCollection: loading.load,
    loading_ops.ReleaseCollection: loading.release,
    loading_ops.LoadPartitions: loading.load_partitions,
    loading_ops.ReleasePartitions: loading.release_partitions,
    loading_ops.GetLoadState: loading.state,
    index_ops.CreateIndex: indexes.create,
    index_ops.DropIndex: indexes.drop,
    index_ops.DescribeIndexes: indexes.describe,
    index_ops.AlterIndexProperties: indexes.alter,
    data_ops.Insert: entities.insert,
    data_ops.Upsert: entities.upsert,
    data_ops.Delete: entities.delete,
    data_ops.Query: entities.query,
    data_ops.Search: entities.search,
    data_ops.HybridSearch: entities.hybrid_search,
    data_ops.Explain: entities.explain,
    maintenance_ops.Flush: maintenance.flush,
    maintenance_ops.FlushAll: maintenance.flush_all,
    maintenance_ops.GetFlushAllState: maintenance.flush_all_state,
    maintenance_ops.Compact: maintenance.compact,
    maintenance_ops.GetCompaction: maintenance.compaction,
    maintenance_ops.ListCompactions: maintenance.compactions,
    maintenance_ops.ListSegments: maintenance.segments,
    alias_ops.CreateAlias: aliases.create_alias,
    alias_ops.AlterAlias: aliases.alter_alias,
    alias_ops.DropAlias: aliases.drop_alias,
    alias_ops.DescribeAlias: aliases.describe_alias,
    alias_ops.ListAliases: aliases.list_aliases,
    database_ops.CreateDatabase: databases.create_database,
    database_ops.DropDatabase: databases.drop_database,
    database_ops.ListDatabases: databases.list_databases,
    database_ops.DescribeDatabase: databases.describe_database,
    database_ops.AlterDatabaseProperties: databases.alter_database,
    database_ops.GetServerInfo: databases.server_info,
    database_ops.AllocTimestamp: databases.alloc_timestamp,
    access_ops.GetAccess: access.get,
    access_ops.CreateUser: access.create_user,
    access_ops.UpdateUser: access.update_user,
    access_ops.DropUser: access.drop_user,
    access_ops.ListUsers: access.list_users,
    access_ops.DescribeUsers: access.describe_users,
    access_ops.CreateRole: access.create_role,
    access_ops.AlterRole: access.alter_role,
    access_ops.DropRole: access.drop_role,
    access_ops.DescribeRoles: access.describe_roles,
    access_ops.SetUserRole: access.set_user_role,
    access_ops.SetGrant: access.set_grant,
    access_ops.ListGrants: access.list_grants,
    access_ops.CreatePrivilegeGroup: access.create_group,
    access_ops.DropPrivilegeGroup: access.drop_group,
    access_ops.ListPrivilegeGroups: access.list_groups,
    access_ops.SetGroupPrivileges: access.set_group,
    cluster_ops.DescribeReplicas: cluster.replicas,
    cluster_ops.ListResourceGroups: cluster.resource_groups,
    cluster_ops.DescribeResourceGroup: cluster.resource_group,
    snapshot_ops.CreateSnapshot: snapshots.create,
    snapshot_ops.DropSnapshot: snapshots.drop,
    snapshot_ops.ListSnapshots: snapshots.list_names,
    snapshot_ops.DescribeSnapshot: snapshots.describe,
    snapshot_ops.RestoreSnapshot: snapshots.restore,
    snapshot_ops.GetRestoreJob: snapshots.job,
    snapshot_ops.ListRestoreJobs: snapshots.jobs,
    snapshot_ops.PinSnapshot: snapshots.pin,
    snapshot_ops.UnpinSnapshot: snapshots.unpin,
    text_ops.RunAnalyzer: text.run_analyzer,
    text_ops.AddFileResource: text.add_file,
    text_ops.RemoveFileResource: text.remove_file,
    text_ops.ListFileResources: text.list_files,
}
