"""More calls for the comparison of clients: all that is not writing or reading entities."""

from __future__ import annotations

from typing import Any

from tests.support.wire_cases import ENTITIES, QUERY, ROWS, TTL, Made, case, index, kind


def _bm25(name: str, source: str, target: str) -> Made:
    return Made(
        lambda library, _: library.Function(
            name=name,
            function_type=library.FunctionType.BM25,
            input_field_names=[source],
            output_field_names=[target],
        )
    )


def _struct(library: Any, client: Any) -> Any:
    made = client.create_struct_field_schema()
    made.add_field("number", library.DataType.INT64)
    return made


def _group(requests: int, limits: int) -> Made:
    def make(library: Any, client: Any) -> Any:
        if library.__name__ == "aiomilvus":
            return {"requests": {"node_num": requests}, "limits": {"node_num": limits}}
        from pymilvus.client.types import ResourceGroupConfig

        return ResourceGroupConfig(requests={"node_num": requests}, limits={"node_num": limits})

    return Made(make)


MAINTAINING = [
    case("flush", collection_name="c"),
    case("compact", collection_name="c"),
    case("compact", "to a size", collection_name="c", target_size=1024),
    case("compact", "of deletions", collection_name="c", is_l0=True),
    case("get_compaction_state", job_id=1),
    case("get_compaction_plans", job_id=1),
    case("list_persistent_segments", collection_name="c"),
    case("list_segments", collection_name="c"),
    case("list_compaction_tasks", collection_name="c"),
    case("list_loaded_segments", collection_name="c"),
    case("flush_all"),
    case("create_snapshot", collection_name="c", snapshot_name="snap", description="x"),
    case("list_snapshots", collection_name="c"),
    case("describe_snapshot", snapshot_name="snap", collection_name="c"),
    case("pin_snapshot_data", snapshot_name="snap", collection_name="c", ttl_seconds=60),
    case("unpin_snapshot_data", pin_id=1),
    case(
        "restore_snapshot",
        snapshot_name="snap",
        source_collection_name="c",
        target_collection_name="restored",
    ),
    case("get_restore_snapshot_state", job_id=999),
    case("list_restore_snapshot_jobs", collection_name="c"),
    case("drop_snapshot", snapshot_name="snap", collection_name="c"),
    case("run_analyzer", texts=["a big dog", "two"], analyzer_params={"type": "english"}),
    case(
        "run_analyzer",
        "in detail",
        texts="a big dog",
        analyzer_params={"tokenizer": "standard"},
        with_detail=True,
        with_hash=True,
    ),
    case("get_server_version"),
    case("get_server_type"),
    case("describe_replica", collection_name="c"),
    case("list_resource_groups"),
    case("describe_resource_group", name="__default_resource_group"),
]
INDEXING = [
    case(
        "create_index",
        collection_name="many",
        index_params=index("name", index_type="INVERTED", index_name="byname"),
    ),
    case(
        "create_index",
        "of a JSON path",
        collection_name="many",
        index_params=index(
            "meta",
            index_type="INVERTED",
            index_name="bymeta",
            params={"json_path": 'meta["k"]', "json_cast_type": "double"},
        ),
    ),
    case(
        "create_index",
        "of no type",
        collection_name="bare",
        index_params=index("vector", metric_type="L2"),
    ),
    case("list_indexes", collection_name="many"),
    case("list_indexes", "of a field", collection_name="many", field_name="vector"),
    case("describe_index", collection_name="many", index_name="vector"),
    case("release_collection", collection_name="many"),
    case("get_load_state", collection_name="many"),
    case(
        "alter_index_properties",
        collection_name="many",
        index_name="byname",
        properties={"mmap.enabled": True},
    ),
    case(
        "drop_index_properties",
        collection_name="many",
        index_name="byname",
        property_keys=["mmap.enabled"],
    ),
    case("drop_index", collection_name="many", index_name="byname"),
    case("drop_index", "of none", collection_name="many", index_name="none"),
    case("load_collection", collection_name="many"),
    case(
        "load_collection",
        "of some fields",
        collection_name="many",
        replica_number=1,
        load_fields=["id", "vector", "sparse"],
        skip_load_dynamic_field=True,
    ),
    case("refresh_load", collection_name="many"),
    case("get_load_state", "when loaded", collection_name="many"),
]
PARTITIONS = [
    case("create_partition", collection_name="c", partition_name="p"),
    case("has_partition", collection_name="c", partition_name="p"),
    case("list_partitions", collection_name="c"),
    case("load_partitions", collection_name="c", partition_names=["p"]),
    case("get_load_state", "of a partition", collection_name="c", partition_name="p"),
    case("get_partition_stats", collection_name="c", partition_name="p"),
    case("release_partitions", collection_name="c", partition_names=["p"]),
    case("drop_partition", collection_name="c", partition_name="p"),
    case("drop_partition", "of none", collection_name="c", partition_name="p"),
]
NAMING = [
    case("create_alias", collection_name="c", alias="a"),
    case("alter_alias", collection_name="many", alias="a"),
    case("describe_alias", alias="a"),
    case("list_aliases", collection_name="many"),
    case("drop_alias", alias="a"),
    case(
        "alter_collection_properties",
        collection_name="c",
        properties={TTL: 60, "mmap.enabled": True},
    ),
    case("drop_collection_properties", collection_name="c", property_keys=[TTL]),
    case(
        "alter_collection_field",
        collection_name="many",
        field_name="name",
        field_params={"max_length": 64},
    ),
    case(
        "add_collection_field",
        collection_name="c",
        field_name="more",
        data_type=kind("INT64"),
        nullable=True,
    ),
    case("rename_collection", old_name="bare", new_name="bear"),
    case("truncate_collection", collection_name="s"),
]
DATABASES = [
    case("create_database", db_name="d", properties={"database.max.collections": 5}),
    case("list_databases"),
    case("describe_database", db_name="d"),
    case("alter_database_properties", db_name="d", properties={"database.max.collections": 7}),
    case("drop_database_properties", db_name="d", property_keys=["database.max.collections"]),
    case("use_database", db_name="d"),
    case("list_collections", "of another database"),
    case("create_collection", "in another database", collection_name="in_d", dimension=2),
    case("insert", "into another database", collection_name="in_d", data=ROWS[:1]),
    case("search", "in another database", collection_name="in_d", data=QUERY),
    case("drop_collection", "in another database", collection_name="in_d"),
    case("using_database", db_name="default"),
    case("drop_database", db_name="d"),
]
ACCESS = [
    case("create_user", user_name="u", password="Secret!1"),
    case("update_password", user_name="u", old_password="Secret!1", new_password="Secret!2"),
    case("list_users"),
    case("update_user", user_name="u", description="a user"),
    case("create_role", role_name="r"),
    case("alter_role", role_name="r", description="a role"),
    case("grant_role", user_name="u", role_name="r"),
    case("describe_user", user_name="u"),
    case("list_roles"),
    case(
        "grant_privilege",
        role_name="r",
        object_type="Global",
        privilege="CreateCollection",
        object_name="*",
    ),
    case(
        "grant_privilege_v2",
        role_name="r",
        privilege="Search",
        collection_name="c",
        db_name="default",
    ),
    case("describe_role", role_name="r"),
    case(
        "revoke_privilege",
        role_name="r",
        object_type="Global",
        privilege="CreateCollection",
        object_name="*",
    ),
    case(
        "revoke_privilege_v2",
        role_name="r",
        privilege="Search",
        collection_name="c",
        db_name="default",
    ),
    case("create_privilege_group", group_name="g"),
    case("add_privileges_to_group", group_name="g", privileges=["Search", "Query"]),
    case("remove_privileges_from_group", group_name="g", privileges=["Query"]),
    case("list_privilege_groups"),
    case("drop_privilege_group", group_name="g"),
    case("revoke_role", user_name="u", role_name="r"),
    case("drop_role", role_name="r"),
    case("drop_user", user_name="u"),
]
FUNCTIONS = [
    case(
        "add_collection_function",
        collection_name="many",
        function=_bm25("bm25", "name", "sparse"),
    ),
    case(
        "alter_collection_function",
        collection_name="many",
        function_name="bm25",
        function=_bm25("bm25", "name", "sparse"),
    ),
    case("drop_collection_function", collection_name="many", function_name="bm25"),
    case(
        "add_function_field",
        collection_name="many",
        field_schema=Made(
            lambda library, _: library.FieldSchema("words", library.DataType.SPARSE_FLOAT_VECTOR)
        ),
        func=_bm25("bm25", "name", "words"),
        index_params=index("words", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25"),
    ),
    case("drop_function_field", collection_name="many", function_name="bm25"),
    case(
        "add_collection_struct_field",
        collection_name="many",
        field_name="chunks",
        struct_schema=Made(_struct),
        max_capacity=4,
    ),
    case("drop_collection_field", collection_name="c", field_name="more"),
    case("add_file_resource", name="stop", path="stop.txt"),
    case("list_file_resources"),
    case("remove_file_resource", name="stop"),
]
CLUSTERS = [
    case("create_resource_group", name="rg"),
    case("update_resource_groups", configs={"rg": _group(1, 2)}),
    case(
        "transfer_replica",
        source_group="rg",
        target_group="other",
        collection_name="c",
        num_replicas=1,
    ),
    case("drop_resource_group", name="rg"),
    case(
        "update_replicate_configuration",
        clusters=[
            {
                "cluster_id": "west",
                "connection_param": {"uri": "http://west:19530", "token": "t"},
                "pchannels": ["p0"],
            }
        ],
        cross_cluster_topology=[{"source_cluster_id": "west", "target_cluster_id": "east"}],
    ),
    case("get_replicate_configuration"),
    case("get_replicate_info", source_cluster_id="west", target_pchannel="p0"),
    case("refresh_external_collection", collection_name="c"),
    case("get_refresh_external_collection_progress", job_id=3),
    case("list_refresh_external_collection_jobs", collection_name="c"),
]
ENDING = [
    case("drop_collection", collection_name="c"),
    case("drop_collection", "that is gone", collection_name="c"),
]
CASES = [
    *ENTITIES,
    *MAINTAINING,
    *INDEXING,
    *PARTITIONS,
    *NAMING,
    *DATABASES,
    *ACCESS,
    *FUNCTIONS,
    *CLUSTERS,
    *ENDING,
]
