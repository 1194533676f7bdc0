"""The privileges that exist, the groups that Milvus builds in, and at which level each works."""

from __future__ import annotations

ANY = "*"
ALL = "All"

COLLECTION_READ_ONLY = (
    "Query",
    "Search",
    "IndexDetail",
    "GetFlushState",
    "GetLoadState",
    "GetLoadingProgress",
    "HasPartition",
    "ShowPartitions",
    "DescribeCollection",
    "DescribeAlias",
    "GetStatistics",
    "ListAliases",
)
COLLECTION_READ_WRITE = (
    *COLLECTION_READ_ONLY,
    "Load",
    "Release",
    "Insert",
    "Delete",
    "Upsert",
    "Import",
    "Flush",
    "Compaction",
    "LoadBalance",
    "CreateIndex",
    "DropIndex",
    "CreatePartition",
    "DropPartition",
    "AddCollectionField",
)
COLLECTION_ADMIN = (*COLLECTION_READ_WRITE, "CreateAlias", "DropAlias")
DATABASE_READ_ONLY = ("ShowCollections", "DescribeDatabase")
DATABASE_READ_WRITE = (*DATABASE_READ_ONLY, "AlterDatabase")
DATABASE_ADMIN = (*DATABASE_READ_WRITE, "CreateCollection", "DropCollection")
CLUSTER_READ_ONLY = (
    "ListDatabases",
    "SelectOwnership",
    "SelectUser",
    "DescribeResourceGroup",
    "ListResourceGroups",
    "ListPrivilegeGroups",
    "ListFileResources",
)
CLUSTER_READ_WRITE = (
    *CLUSTER_READ_ONLY,
    "FlushAll",
    "TransferNode",
    "TransferReplica",
    "UpdateResourceGroups",
)
CLUSTER_ADMIN = (
    *CLUSTER_READ_WRITE,
    "BackupRBAC",
    "RestoreRBAC",
    "CreateDatabase",
    "DropDatabase",
    "CreateOwnership",
    "DropOwnership",
    "ManageOwnership",
    "CreateResourceGroup",
    "DropResourceGroup",
    "UpdateUser",
    "RenameCollection",
    "CreatePrivilegeGroup",
    "DropPrivilegeGroup",
    "OperatePrivilegeGroup",
    "AddFileResource",
    "RemoveFileResource",
)

UNGROUPED_OF_COLLECTION = (
    "AlterCollectionSchema",
    "CreateSnapshot",
    "DropSnapshot",
    "DescribeSnapshot",
    "ListSnapshots",
    "RestoreSnapshot",
    "RefreshExternalCollection",
)
UNGROUPED_OF_CLUSTER = (
    "PinSnapshotData",
    "UnpinSnapshotData",
    "GetReplicateConfiguration",
    "UpdateReplicateConfiguration",
)
"""Privileges that are granted by their own names only: no group that is built in has them."""

BUILT_IN_GROUPS: dict[str, tuple[str, ...]] = {
    "ClusterReadOnly": CLUSTER_READ_ONLY,
    "ClusterReadWrite": CLUSTER_READ_WRITE,
    "ClusterAdmin": CLUSTER_ADMIN,
    "DatabaseReadOnly": DATABASE_READ_ONLY,
    "DatabaseReadWrite": DATABASE_READ_WRITE,
    "DatabaseAdmin": DATABASE_ADMIN,
    "CollectionReadOnly": COLLECTION_READ_ONLY,
    "CollectionReadWrite": COLLECTION_READ_WRITE,
    "CollectionAdmin": COLLECTION_ADMIN,
}

LEVELS: dict[str, str] = {
    **dict.fromkeys((*CLUSTER_ADMIN, *UNGROUPED_OF_CLUSTER), "cluster"),
    **dict.fromkeys(DATABASE_ADMIN, "database"),
    **dict.fromkeys((*COLLECTION_ADMIN, *UNGROUPED_OF_COLLECTION), "collection"),
}
"""Level of each privilege: what a grant of it names."""

OBJECTS: dict[str, frozenset[str]] = {
    "Collection": frozenset(
        {*COLLECTION_ADMIN, *UNGROUPED_OF_COLLECTION}
        - {"DescribeCollection", "DescribeAlias", "ListAliases", "CreateAlias", "DropAlias"}
    ),
    "Global": frozenset(
        {*CLUSTER_ADMIN, *UNGROUPED_OF_CLUSTER, *DATABASE_ADMIN, ALL}
        | {"DescribeCollection", "DescribeAlias", "ListAliases", "CreateAlias", "DropAlias"}
    )
    - {"UpdateUser", "SelectUser"},
    "User": frozenset({"UpdateUser", "SelectUser"}),
}
"""Which privileges the older grants name with which type of object."""


def level_of(name: str) -> str:
    """Return ``cluster``, ``database`` or ``collection``; "" for what has no level."""
    for level in ("Cluster", "Database", "Collection"):
        if name in BUILT_IN_GROUPS and name.startswith(level):
            return level.lower()
    return LEVELS.get(name, "")


def object_of(name: str) -> str:
    """Return the type of object that a privilege is shown with."""
    return next((kind for kind, names in OBJECTS.items() if name in names), "Global")
