"""What methods raise is what their docstrings say under ``Raises``: each is made to raise."""

from __future__ import annotations

import ast
import inspect
import re
from typing import TYPE_CHECKING

import pytest

from aiomilvus import DataType, Function, FunctionType, MilvusClient, MilvusException, RRFRanker
from tools import project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NO = "nothing"
DEFAULT_GROUP = "__default_resource_group"
NODE = {"requests": {"node_num": 1}, "limits": {"node_num": 1}}
ROW = {"id": 1, "vector": [1, 2]}


def bm25(name: str) -> Function:
    return Function(name, FunctionType.BM25, ["id"], ["vector"])


# By method: what makes it raise.
CALLS: dict[str, list[Callable[[MilvusClient], object]]] = {
    "add_collection_field": [
        lambda c: c.add_collection_field("c", "id", DataType.INT64, nullable=True),
        lambda c: c.add_collection_field("c", "more", DataType.INT64),
        lambda c: c.add_collection_field(NO, "more", DataType.INT64, nullable=True),
    ],
    "add_collection_function": [
        lambda c: c.add_collection_function("c", bm25("f")),
        lambda c: c.add_collection_function(NO, bm25("f")),
    ],
    "add_file_resource": [lambda c: c.add_file_resource("words", "/no/such/file")],
    "add_privileges_to_group": [
        lambda c: c.add_privileges_to_group(NO, ["Query"]),
        lambda c: c.add_privileges_to_group("group", ["Nonsense"]),
    ],
    "alter_alias": [lambda c: c.alter_alias("c", NO), lambda c: c.alter_alias(NO, "alias")],
    "alter_collection_field": [
        lambda c: c.alter_collection_field("c", NO, {"max_length": 3}),
        lambda c: c.alter_collection_field("c", "id", {"max_length": 3}),
        lambda c: c.alter_collection_field(NO, "id", {"max_length": 3}),
    ],
    "alter_collection_function": [
        lambda c: c.alter_collection_function("c", NO, bm25(NO)),
        lambda c: c.alter_collection_function(NO, NO, bm25(NO)),
    ],
    "alter_collection_properties": [
        lambda c: c.alter_collection_properties(NO, {"collection.ttl.seconds": 1}),
        lambda c: c.alter_collection_properties("c", {"collection.ttl.seconds": "soon"}),
    ],
    "alter_database_properties": [lambda c: c.alter_database_properties(NO, {"a": "b"})],
    "alter_index_properties": [
        lambda c: c.alter_index_properties("c", NO, {"mmap.enabled": True}),
    ],
    "alter_role": [lambda c: c.alter_role(NO, "text")],
    "compact": [lambda c: c.compact(NO)],
    "create_alias": [
        lambda c: c.create_alias(NO, "a"),
        lambda c: c.create_alias("c", "d"),
        lambda c: c.create_alias("d", "alias"),
    ],
    "create_collection": [lambda c: c.create_collection("c", dimension=3)],
    "create_field_schema": [
        lambda c: c.create_field_schema("f", 99),  # type: ignore[arg-type]
        lambda c: c.create_field_schema("f", DataType.INT64, auto_id=1),
    ],
    "create_schema": [lambda c: c.create_schema(auto_id=1)],  # type: ignore[arg-type]
    "create_struct_field_schema": [lambda c: c.create_struct_field_schema(nullable=1)],
    "prepare_index_params": [lambda c: c.prepare_index_params("f", params=1)],
    "session": [lambda c: c.session("")],
    "create_database": [lambda c: c.create_database("default")],
    "create_index": [
        lambda c: c.create_index("c", c.prepare_index_params("vector", index_type="NO")),
    ],
    "create_partition": [
        lambda c: c.create_partition(NO, "p"),
        lambda c: c.create_partition("c", "not allowed"),
    ],
    "create_privilege_group": [
        lambda c: c.create_privilege_group(""),
        lambda c: c.create_privilege_group("group"),
    ],
    "create_resource_group": [
        lambda c: c.create_resource_group("1st"),
        lambda c: c.create_resource_group(DEFAULT_GROUP),
        lambda c: c.create_resource_group("group", config={"requests": {"node_num": 1}}),
    ],
    "create_role": [lambda c: c.create_role("admin")],
    "create_snapshot": [
        lambda c: c.create_snapshot("s", NO),
        lambda c: c.create_snapshot("kept", "c"),
    ],
    "create_user": [
        lambda c: c.create_user("root", "secret12"),
        lambda c: c.create_user("new", "x"),
    ],
    "delete": [
        lambda c: c.delete(NO, ids=[1]),
        lambda c: c.delete("c", filter="no such"),
        lambda c: c.delete("c", ids=[1], filter="id > 1"),
        lambda c: c.delete("c"),
    ],
    "describe_alias": [lambda c: c.describe_alias(NO)],
    "describe_collection": [lambda c: c.describe_collection(NO)],
    "describe_database": [lambda c: c.describe_database(NO)],
    "describe_index": [lambda c: c.describe_index(NO, NO)],
    "describe_replica": [lambda c: c.describe_replica(NO)],
    "describe_resource_group": [lambda c: c.describe_resource_group(NO)],
    "describe_role": [lambda c: c.describe_role(NO)],
    "describe_snapshot": [lambda c: c.describe_snapshot(NO, "c")],
    "drop_alias": [lambda c: c.drop_alias("")],
    "drop_collection": [lambda c: c.drop_collection("")],
    "drop_collection_field": [
        lambda c: c.drop_collection_field("c", "id"),
        lambda c: c.drop_collection_field("c", NO),
        lambda c: c.drop_collection_field(NO, NO),
    ],
    "drop_collection_function": [lambda c: c.drop_collection_function(NO, NO)],
    "drop_collection_properties": [
        lambda c: c.drop_collection_properties(NO, ["collection.ttl.seconds"]),
        lambda c: c.drop_collection_properties("c", []),
    ],
    "drop_database": [
        lambda c: c.drop_database("default"),
        lambda c: c.drop_database("full"),
    ],
    "drop_database_properties": [lambda c: c.drop_database_properties(NO, ["a"])],
    "drop_function_field": [
        lambda c: c.drop_function_field("c", NO),
        lambda c: c.drop_function_field(NO, NO),
    ],
    "drop_index": [lambda c: c.drop_index("c", "vector"), lambda c: c.drop_index(NO, "vector")],
    "drop_index_properties": [lambda c: c.drop_index_properties("c", NO, ["mmap.enabled"])],
    "drop_partition": [
        lambda c: c.drop_partition("c", "_default"),
        lambda c: c.drop_partition("c", "loaded"),
        lambda c: c.drop_partition(NO, "p"),
    ],
    "drop_privilege_group": [lambda c: c.drop_privilege_group("granted")],
    "drop_resource_group": [lambda c: c.drop_resource_group(DEFAULT_GROUP)],
    "drop_role": [lambda c: c.drop_role(NO), lambda c: c.drop_role("reader")],
    "drop_snapshot": [lambda c: c.drop_snapshot(NO, NO), lambda c: c.drop_snapshot("kept", "c")],
    "drop_user": [lambda c: c.drop_user("root")],
    "dump_messages": [lambda c: list(c.dump_messages("p", {}))],
    "flush": [lambda c: c.flush(NO)],
    "get": [lambda c: c.get(NO, [1]), lambda c: c.get("released", [1])],
    "get_collection_stats": [lambda c: c.get_collection_stats(NO)],
    "get_compaction_plans": [lambda c: c.get_compaction_plans("x")],  # type: ignore[arg-type]
    "get_compaction_state": [lambda c: c.get_compaction_state("x")],  # type: ignore[arg-type]
    "get_load_state": [lambda c: c.get_load_state("c", NO)],
    "get_partition_stats": [
        lambda c: c.get_partition_stats("c", NO),
        lambda c: c.get_partition_stats(NO, NO),
    ],
    "get_refresh_external_collection_progress": [
        lambda c: c.get_refresh_external_collection_progress(1),
    ],
    "get_replicate_info": [lambda c: c.get_replicate_info("a", "b")],
    "get_restore_snapshot_state": [lambda c: c.get_restore_snapshot_state(1)],
    "grant_privilege": [
        lambda c: c.grant_privilege(NO, "Collection", "Query", "c"),
        lambda c: c.grant_privilege("reader", "Collection", "Nonsense", "c"),
    ],
    "grant_privilege_v2": [
        lambda c: c.grant_privilege_v2(NO, "Query", "c"),
        lambda c: c.grant_privilege_v2("reader", "Nonsense", "c"),
    ],
    "grant_role": [lambda c: c.grant_role(NO, "admin"), lambda c: c.grant_role("root", NO)],
    "has_collection": [lambda c: c.has_collection("")],
    "has_partition": [lambda c: c.has_partition(NO, "p")],
    "hybrid_search": [lambda c: c.hybrid_search("c", [], RRFRanker(), limit=1)],
    "insert": [lambda c: c.insert(NO, [ROW]), lambda c: c.insert("c", [{"id": 1}])],
    "list_aliases": [lambda c: c.list_aliases(NO)],
    "list_compaction_tasks": [lambda c: c.list_compaction_tasks(NO)],
    "list_indexes": [lambda c: c.list_indexes(NO)],
    "list_loaded_segments": [lambda c: c.list_loaded_segments(NO)],
    "list_partitions": [lambda c: c.list_partitions(NO)],
    "list_persistent_segments": [lambda c: c.list_persistent_segments(NO)],
    "list_refresh_external_collection_jobs": [
        lambda c: c.list_refresh_external_collection_jobs(NO),
    ],
    "list_segments": [lambda c: c.list_segments(NO)],
    "list_snapshots": [lambda c: c.list_snapshots(NO)],
    "load_collection": [lambda c: c.load_collection(NO)],
    "load_partitions": [
        lambda c: c.load_partitions("c", [NO]),
        lambda c: c.load_partitions(NO, [NO]),
    ],
    "optimize": [lambda c: c.optimize("c", target_size="large")],
    "pin_snapshot_data": [lambda c: c.pin_snapshot_data(NO, "c")],
    "query": [
        lambda c: c.query(NO, "id > 1"),
        lambda c: c.query("released", "id > 1"),
        lambda c: c.query("c", "no such"),
    ],
    "query_iterator": [
        lambda c: c.query_iterator("c", batch_size=0),
    ],
    "refresh_external_collection": [
        lambda c: c.refresh_external_collection(NO),
        lambda c: c.refresh_external_collection("c"),
        lambda c: c.refresh_external_collection("c", "s3://b/rows", '{"format": "parquet"}'),
    ],
    "refresh_load": [lambda c: c.refresh_load(NO), lambda c: c.refresh_load("released")],
    "release_collection": [lambda c: c.release_collection(NO)],
    "release_partitions": [
        lambda c: c.release_partitions("c", [NO]),
        lambda c: c.release_partitions(NO, [NO]),
    ],
    "remove_file_resource": [lambda c: c.remove_file_resource("")],
    "remove_privileges_from_group": [lambda c: c.remove_privileges_from_group(NO, ["Query"])],
    "rename_collection": [
        lambda c: c.rename_collection(NO, "b"),
        lambda c: c.rename_collection("c", "d"),
    ],
    "restore_snapshot": [
        lambda c: c.restore_snapshot(NO, "c", "new"),
        lambda c: c.restore_snapshot("kept", "c", "d"),
    ],
    "revoke_privilege": [lambda c: c.revoke_privilege(NO, "Collection", "Query", "c")],
    "revoke_privilege_v2": [lambda c: c.revoke_privilege_v2(NO, "Query", "c")],
    "revoke_role": [lambda c: c.revoke_role("ada", NO)],
    "run_analyzer": [lambda c: c.run_analyzer("x", analyzer_params={"tokenizer": "no such"})],
    "search": [lambda c: c.search(NO, [[1, 2]]), lambda c: c.search("released", [[1, 2]])],
    "search_iterator": [
        lambda c: c.search_iterator("c", [[0, 1]], batch_size=0),
    ],
    "transfer_replica": [
        lambda c: c.transfer_replica("a", "b", "c", 1),
        lambda c: c.transfer_replica(DEFAULT_GROUP, DEFAULT_GROUP, "c", 1),
    ],
    "truncate_collection": [lambda c: c.truncate_collection(NO)],
    "unpin_snapshot_data": [lambda c: c.unpin_snapshot_data(0)],
    "update_password": [
        lambda c: c.update_password(NO, "old-secret", "new-secret"),
        lambda c: c.update_password("root", "old-secret", "new-secret"),
    ],
    "update_replicate_configuration": [lambda c: c.update_replicate_configuration()],
    "update_resource_groups": [
        lambda c: c.update_resource_groups({NO: NODE}),
        lambda c: c.update_resource_groups({DEFAULT_GROUP: {"limits": {"node_num": 1}}}),
    ],
    "update_user": [lambda c: c.update_user(NO, "text")],
    "upsert": [lambda c: c.upsert(NO, [ROW]), lambda c: c.upsert("c", [{"id": 1}])],
    "use_database": [lambda c: c.use_database(NO)],
    "using_database": [lambda c: c.using_database(NO)],
}

# What has nothing to be refused for: it raises where there is no connection, as all others do too.
CLOSED: dict[str, Callable[[MilvusClient], object]] = {
    "describe_user": lambda c: c.describe_user("ada"),
    "flush_all": lambda c: c.flush_all(),
    "get_flush_all_state": lambda c: c.get_flush_all_state(),
    "get_replicate_configuration": lambda c: c.get_replicate_configuration(),
    "get_server_type": lambda c: c.get_server_type(),
    "get_server_version": lambda c: c.get_server_version(),
    "list_databases": lambda c: c.list_databases(),
    "list_file_resources": lambda c: c.list_file_resources(),
    "list_privilege_groups": lambda c: c.list_privilege_groups(),
    "list_resource_groups": lambda c: c.list_resource_groups(),
    "list_restore_snapshot_jobs": lambda c: c.list_restore_snapshot_jobs(),
    "list_roles": lambda c: c.list_roles(),
    "list_users": lambda c: c.list_users(),
}

RAISES_NOTHING = {"close"}


@pytest.fixture(scope="module")
def client() -> Iterator[MilvusClient]:
    with MilvusClient(":memory:") as client:
        for name in ("c", "d", "released"):
            client.create_collection(name, dimension=2)
        client.release_collection("released")
        client.create_partition("c", "loaded")
        client.load_partitions("c", ["loaded"])
        client.create_alias("c", "alias")
        client.create_snapshot("kept", "c")
        client.pin_snapshot_data("kept", "c")
        client.create_role("reader")
        client.create_privilege_group("group")
        client.create_privilege_group("granted")
        client.add_privileges_to_group("granted", ["Query"])
        client.grant_privilege_v2("reader", "granted", "*")
        client.create_database("full")
        client.use_database("full")
        client.create_collection("inside", dimension=2)
        client.use_database("default")
        yield client


def told(name: str) -> str:
    """Return what a method's docstring has under ``Raises``, "" without it."""
    text = inspect.getdoc(getattr(MilvusClient, name)) or ""
    found = re.search(r"^Raises:\n((?:    .*\n|\n)*)", text + "\n", re.MULTILINE)
    return "" if found is None else found[1]


@pytest.mark.parametrize(
    ("name", "at"), [(name, at) for name, calls in CALLS.items() for at in range(len(calls))]
)
def test_what_a_method_raises_is_in_its_docstring(client: MilvusClient, name: str, at: int) -> None:
    with pytest.raises(MilvusException) as raised:
        CALLS[name][at](client)
    check_told(name, raised.value)


@pytest.mark.parametrize("name", CLOSED)
def test_what_a_closed_client_raises_is_in_the_docstring(name: str) -> None:
    with MilvusClient(":memory:") as closed:
        pass
    with pytest.raises(MilvusException) as raised:
        CLOSED[name](closed)
    check_told(name, raised.value)


def check_told(name: str, error: MilvusException) -> None:
    kinds = [kind.__name__ for kind in type(error).__mro__]
    kinds = kinds[: kinds.index("MilvusException") + 1]
    assert any(re.search(rf"\b{kind}\b", told(name)) for kind in kinds), kinds


def test_every_public_method_says_what_it_raises() -> None:
    silent = set()
    for path in (project.ROOT / "src" / "aiomilvus" / "client" / "aio").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                is_method = hasattr(MilvusClient, node.name) and not node.name.startswith("_")
                if is_method and not told(node.name):
                    silent.add(node.name)
    assert silent == RAISES_NOTHING
