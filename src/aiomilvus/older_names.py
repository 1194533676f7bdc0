"""What to use instead of names that only pymilvus has: said where they are imported.

``from package import name`` reports a missing name by a bare sentence, and hides what the package
says about it. But before, it looks for a module of that name: there the import ends, with an error
that says more. ``hasattr`` and ``getattr`` answer as for any name that is missing.
"""

_OLDER = (
    "it is of pymilvus' older interface, whose objects share connections of the whole process. "
    "Use AsyncMilvusClient or MilvusClient, and their methods"
)
_FUNCTION = (
    "it is a function of pymilvus' older interface. Use AsyncMilvusClient or MilvusClient, which "
    "have a method for it, mostly of the same name"
)
_MESSAGES = "it is of Milvus' protobuf messages. Use FieldOp; exceptions stand for a status"
_AWAIT = "it is what _async=True returned. Use AsyncMilvusClient, and await its methods"
_INSTEAD = {
    **dict.fromkeys(
        "Collection Partition Index Role Group Replica Shard Connections connections db utility "
        "orm".split(),
        _OLDER,
    ),
    **dict.fromkeys(
        "create_resource_group describe_resource_group drop_resource_group list_resource_groups "
        "update_resource_groups transfer_replica create_user delete_user list_usernames "
        "reset_password update_password drop_collection has_collection has_partition "
        "list_collections index_building_progress loading_progress "
        "wait_for_index_building_complete wait_for_loading_complete".split(),
        _FUNCTION,
    ),
    "transfer_node": "it is a function of the older interface. Use a client's "
    "update_resource_groups",
    "BulkInsertState": "no method of a client returns it. Use insert, which takes whole tables",
    "bulk_writer": "it writes files for an import. Use insert, which takes whole tables, or "
    "`aiomilvus import`, which takes Parquet, JSON and CSV",
    "model": "it is the package milvus-model. Use register_embedding or sentence_transformer, or "
    "compute vectors with any library and insert them",
    "MutationFuture": _AWAIT,
    "SearchFuture": _AWAIT,
    "IndexType": 'it lacks most index types. Use the name as text: index_type="HNSW"',
    **dict.fromkeys("FieldOpType Prepare Status grpc_gen".split(), _MESSAGES),
    **dict.fromkeys(
        "exceptions milvus_client".split(),
        "it is a module of pymilvus. Use its names from aiomilvus itself",
    ),
}
"""Names of pymilvus' package, and for each what is known of it and what to use."""


class OlderNames:
    """Finds no module ever; says what to use where one of these names is imported.

    Args:
        package: Whose names they are.
    """

    def __init__(self, package: str) -> None:
        self._package = package

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:
        """Return None for a name that nothing is known of.

        Raises:
            ImportError: It is one of pymilvus' that is not here.
        """
        del path, target
        package, _, name = fullname.partition(".")
        told = _INSTEAD.get(name.partition(".")[0])
        if package == self._package and told is not None:
            raise ImportError(f"aiomilvus has no {name!r}: {told}", name=package)
