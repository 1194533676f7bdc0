"""Keyword options that the methods share; `client.keywords` checks what is given against them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from aiomilvus.client.arguments import names, shown
from aiomilvus.client.inputs.schema.field_arguments import check_truth
from aiomilvus.errors import ArgumentError, InvalidConsistencyLevel, ParamError
from aiomilvus.model.types import ConsistencyLevel

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class CallOptions(TypedDict, total=False):
    """What every call takes; an embedded engine has no use for it.

    Attributes:
        client_request_id: The application's id of the call, which a server's logs have, too.
        log_level: How much the server logs of this call, as ``"debug"``.
        retry_times: How often the call may be tried again, 0 for never; None, the default, for
            as often as its timeout allows. Looking up a schema before a read counts by itself.
        retry_on_rate_limit: Whether to try again while the server has no room for the call
            (code 8); True by default.
    """

    client_request_id: str
    log_level: str
    retry_times: int | None
    retry_on_rate_limit: bool


class ResourceGroupOptions(CallOptions, total=False):
    """What making a resource group takes."""

    config: Any


class TimedOptions(CallOptions, total=False):
    """The same, for methods whose signature has no `timeout`."""

    timeout: float | None


class ConnectOptions(TypedDict, total=False):
    """What the constructors take beside address and credentials.

    Attributes:
        grpc_options: gRPC's channel options by name, which are stronger than the client's own,
            as ``{"grpc.keepalive_time_ms": 30000}``.
        telemetry: Whether to tell the server every 30 s how the client's calls went; a server
            before Milvus 3.0 has no use for it. False by default.
    """

    dedicated: bool
    grpc_options: dict[str, Any]
    secure: bool
    server_pem_path: str
    server_name: str
    ca_pem_path: str
    client_pem_path: str
    client_key_path: str
    cluster_id: str
    alias: str
    mode: str
    telemetry: bool
    threads: int
    memory: int


class SchemaOptions(TypedDict, total=False):
    """What `create_schema` takes."""

    auto_id: bool
    description: str
    enable_dynamic_field: bool
    enable_namespace: bool
    primary_field: str
    partition_key_field: str
    clustering_key_field: str
    external_source: str
    external_spec: str
    fields: list[Any]
    struct_fields: list[Any]
    functions: list[Any]


class CreateOptions(CallOptions, total=False):
    """What `create_collection` takes beside its arguments."""

    consistency_level: str | int
    properties: dict[str, Any]
    num_partitions: int
    num_shards: int
    shards_num: int
    enable_dynamic_field: bool
    enable_namespace: bool
    partition_key_field: str
    clustering_key_field: str
    description: str
    max_length: int


class IndexOptions(CallOptions, total=False):
    """What `create_index` takes: waiting is always until the index is there to be used."""

    sync: bool


class LoadOptions(CallOptions, total=False):
    """What the load methods take.

    An embedded engine is one node with the default resource group, which holds one replica, and
    serves all fields of what is loaded, also when `load_fields` names fewer or the dynamic field
    is to be skipped. `load_fields` must name the primary key, the partition key if there is one,
    and a vector field. `priority`, "low" or "high", matters to servers only; a `replica_number` of
    0, as none, leaves the number to the server.
    """

    replica_number: int
    load_fields: list[str]
    skip_load_dynamic_field: bool
    resource_groups: list[str]
    refresh: bool
    priority: str


class FieldOptions(CallOptions, total=False):
    """What adding a field takes: the keywords of FieldSchema."""

    nullable: bool
    default_value: Any
    is_primary: bool
    auto_id: bool
    is_partition_key: bool
    is_clustering_key: bool
    element_type: Any
    dim: int
    max_length: int
    enable_match: bool
    enable_analyzer: bool
    analyzer_params: dict[str, Any]
    multi_analyzer_params: dict[str, Any]
    mmap_enabled: bool
    warmup: str


class AddFieldOptions(FieldOptions, total=False):
    """The same for one field, that may be an array, or read a column of an external table."""

    max_capacity: int
    external_field: str


class WriteOptions(CallOptions, total=False):
    """What `insert` takes."""

    namespace: str


class UpsertOptions(WriteOptions, total=False):
    """What `upsert` takes."""

    partial_update: bool
    field_ops: Mapping[str, Any]


class DeleteOptions(CallOptions, total=False):
    """What `delete` takes; `pks` is an older name of `ids`."""

    filter_params: dict[str, Any]
    consistency_level: str | int
    pks: Any
    namespace: str


class ReadOptions(CallOptions, total=False):
    """What all reads of entities take.

    Attributes:
        cluster_id: Of a global cluster, the one that shall answer, as for `session`. One server
            has no use for it.
        at: A moment in the past that is read: a timestamp as `watch` tells it, or a datetime.
    """

    cluster_id: str
    at: int | datetime

    filter_params: dict[str, Any]
    expr_params: dict[str, Any]
    consistency_level: str | int
    guarantee_timestamp: int
    graceful_time: int
    ignore_growing: bool
    time_zone: str
    timezone: str
    time_fields: str
    strict_float32: bool
    namespace: str


class QueryOptions(ReadOptions, total=False):
    """What `query` and `get` take."""

    limit: int
    offset: int
    order_by: Any
    order_by_fields: Any
    group_by_fields: Any
    reduce_stop_for_best: bool


class IteratorOptions(ReadOptions, total=False):
    """What `query_iterator` takes; `cursor` is the key to go on after."""

    offset: int
    cursor: int | str
    reduce_stop_for_best: bool


class SearchIteratorOptions(ReadOptions, total=False):
    """What `search_iterator` takes beside its arguments."""

    offset: int
    group_by_field: str
    group_by_fields: list[str]
    group_size: int
    strict_group_size: bool
    hints: str


class SearchOptions(SearchIteratorOptions, total=False):
    """What `search` and `hybrid_search` take beside their arguments."""

    order_by: Any
    order_by_fields: Any
    round_decimal: int
    page_retain_order: bool
    rank_group_scorer: str


class HybridOptions(SearchOptions, total=False):
    """What `hybrid_search` takes beside its arguments."""

    highlighter: Any


_PRIORITIES = ("low", "high")


def load_options(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes of a load operation that `LoadOptions` stand for."""
    return {
        "refresh": check_truth(given.get("refresh"), "refresh"),
        "load_fields": names(given.get("load_fields"), "load_fields"),
        "skip_dynamic": check_truth(
            given.get("skip_load_dynamic_field"), "skip_load_dynamic_field"
        ),
        "replicas": _replicas(given.get("replica_number")),
        "resource_groups": names(given.get("resource_groups"), "resource_groups"),
        "priority": _priority(given.get("priority")),
    }


def _replicas(given: object) -> int:
    """Return the number of replicas to load; 0, as None, leaves it to the server."""
    if given is None:
        return 0
    if isinstance(given, bool) or not isinstance(given, int) or given < 0:
        raise ArgumentError(message=f"`replica_number` value {shown(given)} is illegal")
    return given


def _priority(given: object) -> str:
    """Return how a load ranks, "" for the server's own; Milvus takes other words for "high"."""
    if given in (None, ""):
        return ""
    if given not in _PRIORITIES:
        raise ParamError(
            message=f"priority {shown(given)} is invalid, should be one of {_PRIORITIES}"
        )
    return str(given)


def consistency(level: str | int | None) -> int | None:
    """Return the number of a consistency level given by name or number; None stays None.

    Raises:
        InvalidConsistencyLevel: There is no such level.
    """
    if level is None:
        return None
    try:
        return int(ConsistencyLevel[level] if isinstance(level, str) else ConsistencyLevel(level))
    except (KeyError, ValueError, RecursionError):
        names = [each.name for each in ConsistencyLevel]
        raise InvalidConsistencyLevel(
            message=f"invalid consistency level: {shown(level)}, should be one of {names}"
        ) from None
