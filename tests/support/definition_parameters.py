"""Parameters of fields, collections, indexes, loads and administration of Milvus 3.0.

Each with a value that is taken and one that is refused. `test_definition_parameters.py` asks each
at every door, and holds the names to those that the methods take.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from aiomilvus import DataType, SegmentState


class FieldParameter(NamedTuple):
    """One parameter of a field of one type, beside what that type needs."""

    dtype: DataType
    name: str
    good: Any
    bad: Any
    beside: dict[str, Any] = {}  # noqa: RUF012 - a tuple's default, which nobody changes


class CallParameter(NamedTuple):
    """One parameter of one method, beside the arguments that it needs."""

    method: str
    arguments: tuple[Any, ...]
    name: str
    good: Any
    bad: Any


T = DataType
TEXT = {"max_length": 50}
READ = {**TEXT, "enable_analyzer": True}
LIST = {"element_type": T.INT64, "max_capacity": 4}
_ENGLISH = {"type": "english"}
_LANGUAGES = {"by_field": "id", "analyzers": {"default": _ENGLISH}}
FIELDS = (
    *(
        FieldParameter(dtype, "dim", 16, "wide")
        for dtype in T
        if dtype.is_vector and dtype not in (T.SPARSE_FLOAT_VECTOR, T.ARRAY_OF_VECTOR)
    ),
    FieldParameter(T.SPARSE_FLOAT_VECTOR, "dim", None, 8),
    FieldParameter(T.VARCHAR, "max_length", 9, 0),
    FieldParameter(T.ARRAY, "max_capacity", 9, 4097, LIST),
    FieldParameter(T.ARRAY, "element_type", T.BOOL, T.JSON, LIST),
    FieldParameter(T.ARRAY, "max_length", 9, 0, {**LIST, "element_type": T.VARCHAR}),
    FieldParameter(T.VARCHAR, "enable_analyzer", True, "perhaps", TEXT),
    FieldParameter(T.TEXT, "enable_analyzer", True, "perhaps"),
    FieldParameter(T.VARCHAR, "enable_match", True, "perhaps", READ),
    FieldParameter(T.VARCHAR, "analyzer_params", _ENGLISH, {"type": "klingon"}, READ),
    FieldParameter(T.VARCHAR, "analyzer_params", _ENGLISH, {"type": "klingon"}, TEXT),
    FieldParameter(T.VARCHAR, "multi_analyzer_params", _LANGUAGES, {"analyzers": {}}, READ),
    *(
        FieldParameter(dtype, name, good, bad, TEXT if dtype is T.VARCHAR else {})
        for dtype in (T.VARCHAR, T.INT64, T.JSON, T.GEOMETRY, T.TIMESTAMPTZ)
        for name, good, bad in (
            ("nullable", True, "perhaps"),
            ("mmap_enabled", False, "perhaps"),
            ("warmup", "async", "often"),
            ("is_primary", False, "perhaps"),
            ("is_partition_key", False, "perhaps"),
            ("is_clustering_key", False, "perhaps"),
            ("auto_id", False, True),
            ("description", "told", 5),
        )
    ),
    *(
        FieldParameter(dtype, "default_value", good, bad, TEXT if dtype is T.VARCHAR else {})
        for dtype, good, bad in (
            (T.BOOL, True, "yes"),
            (T.INT8, 5, 300),
            (T.INT16, 5, 1 << 20),
            (T.INT32, 5, 1 << 40),
            (T.INT64, 5, "5"),
            (T.FLOAT, 0.5, "half"),
            (T.DOUBLE, 0.5, "half"),
            (T.VARCHAR, "a", 5),
            (T.TIMESTAMPTZ, "2024-01-01T00:00:00Z", "yesterday"),
            (T.GEOMETRY, "POINT (1 2)", "here"),
            (T.JSON, None, {"a": 1}),
            (T.TEXT, None, "a"),
            (T.ARRAY, None, [1]),
            (T.FLOAT_VECTOR, None, [1.0]),
        )
    ),
    FieldParameter(T.INT64, "is_partition_key", True, "perhaps"),
    FieldParameter(T.INT64, "is_clustering_key", True, "perhaps"),
    FieldParameter(T.JSON, "is_partition_key", False, True),
    FieldParameter(T.JSON, "is_clustering_key", False, True),
    FieldParameter(T.INT64, "external_field", "", "column"),
)
"""What a field may be given. Of a type that has no use for it, pymilvus sends none of the rest."""

DEFINITIONS = (
    *(
        CallParameter("create_collection", ("new", 2), name, good, bad)
        for name, good, bad in (
            ("consistency_level", "Session", "Sometimes"),
            ("num_shards", 2, 17),
            ("shards_num", 2, "x"),
            ("enable_dynamic_field", False, "perhaps"),
            ("enable_namespace", False, "perhaps"),
            ("description", "told", 5),
            ("properties", {"timezone": "Asia/Tokyo"}, {"timezone": "Nowhere"}),
            ("auto_id", True, "perhaps"),
            ("id_type", "int", "float"),
            ("metric_type", "L2", "L9"),
            ("primary_field_name", "key", "a b"),
            ("vector_field_name", "vec", "a b"),
            ("timeout", 30, "soon"),
        )
    ),
    *(
        CallParameter("load_collection", ("c",), name, good, bad)
        for name, good, bad in (
            ("replica_number", 1, -1),
            ("load_fields", ["id", "vector"], ["nothing"]),
            ("skip_load_dynamic_field", True, "perhaps"),
            ("resource_groups", ["__default_resource_group"], ["nothing"]),
            ("refresh", False, "perhaps"),
            ("priority", "high", "soon"),
        )
    ),
    *(
        CallParameter("alter_index_properties", ("c", "vector"), "properties", good, bad)
        for good, bad in (
            ({"mmap.enabled": True}, {"mmap.enabled": "perhaps"}),
            ({"warmup": "sync"}, {"warmup": "often"}),
            ({"mmap.enabled": False}, {"unheard.of": 1}),
            ({"mmap.enabled": False}, {"M": 8}),
        )
    ),
    *(
        CallParameter("alter_collection_field", ("c", "id"), "field_params", good, bad)
        for good, bad in (
            ({"mmap.enabled": True}, {"mmap.enabled": "perhaps"}),
            ({"warmup": "sync"}, {"warmup": "often"}),
            ({"field.description": "told"}, {"max_length": 5}),
            ({"mmap_enabled": False}, {"unheard.of": 1}),
        )
    ),
    CallParameter("alter_alias", ("c",), "alias", "other", "a b"),
    CallParameter("create_alias", ("c",), "alias", "third", "a b"),
    *(
        CallParameter("create_database", ("new",), "properties", good, bad)
        for good, bad in (
            ({"database.replica.number": 1}, {"database.replica.number": 0}),
            ({"database.max.collections": 3}, {"database.max.collections": "many"}),
            ({"database.force.deny.writing": True}, {"database.force.deny.writing": "perhaps"}),
            ({"timezone": "Asia/Tokyo"}, {"timezone": "Nowhere"}),
            ({"cipher.enabled": False}, {"cipher.enabled": True}),
        )
    ),
)
ADMINISTRATION = (
    *(
        CallParameter("compact", ("c",), name, good, bad)
        for name, good, bad in (
            ("is_clustering", False, "perhaps"),
            ("is_l0", True, "perhaps"),
            ("target_size", 512, "large"),
            ("target_size_unit", "gb", "heaps"),
        )
    ),
    CallParameter("optimize", ("c",), "target_size", "1GB", "large"),
    CallParameter("list_segments", ("c",), "states", [SegmentState.Flushed], []),
    CallParameter("list_persistent_segments", ("c",), "states", [SegmentState.Growing], [99]),
    CallParameter("create_snapshot", ("s2", "c"), "compaction_protection_seconds", 5, -1),
    CallParameter("create_snapshot", ("s3", "c"), "description", "told", 5),
    CallParameter("pin_snapshot_data", ("s", "c"), "ttl_seconds", 5, -1),
    CallParameter("create_role", ("r2",), "description", "told", 5),
    CallParameter("drop_role", ("r2",), "force_drop", True, "perhaps"),
    CallParameter("create_user", ("u",), "password", "secret1", "x"),
    CallParameter(
        "create_resource_group",
        ("g",),
        "config",
        {"requests": {"node_num": 0}, "limits": {"node_num": 0}},
        {"nodes": 1},
    ),
    CallParameter("run_analyzer", ("a fox",), "with_hash", True, "perhaps"),
    CallParameter("run_analyzer", ("a fox",), "with_detail", True, "perhaps"),
    CallParameter("get_server_version", (), "detail", True, "perhaps"),
    CallParameter("rename_collection", ("c", "c"), "target_db", None, "nothing"),
)
