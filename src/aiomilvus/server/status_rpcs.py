"""RPCs that stand for no operation of the model: what clients ask on connecting and waiting.

Each handler gets the request and the backend's `execute`, and returns the reply message.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import msgspec

from aiomilvus.errors import (
    CollectionNotExistException,
    CollectionNotLoadedError,
    IndexNotExistException,
    ParamError,
)
from aiomilvus.model.json_text import decode_json
from aiomilvus.model.operations.collections import DescribeCollection, ListCollections
from aiomilvus.model.operations.databases import ListDatabases
from aiomilvus.model.operations.indexes import DescribeIndexes
from aiomilvus.model.operations.loading import GetLoadState
from aiomilvus.model.operations.maintenance import Flush
from aiomilvus.model.operations.traits import EVERYONE
from aiomilvus.model.types import IndexState, LoadState
from aiomilvus.server.machine import hardware
from aiomilvus.server.rpc_handler import RpcHandler
from aiomilvus.version import __version__
from aiomilvus.wire.proto import messages as pb
from aiomilvus.wire.table.collections import write_description as describe_collection
from aiomilvus.wire.table.indexes import write_description as describe_index

if TYPE_CHECKING:
    from aiomilvus.model.results import CollectionInfo, IndexInfo
    from aiomilvus.server.rpc_handler import Execute

PROTOCOL_VERSION = "3.0.0"
"""The Milvus version whose protocol is spoken; clients switch features by it."""
_SERVER_VERSION = f"{PROTOCOL_VERSION}-aiomilvus-{__version__}"
_NODE = 1


async def _connect(_m: Any, _execute: Execute) -> Any:
    identifier = 1 + secrets.randbits(62)  # by which `server.admission` tells clients apart
    reply = pb.ConnectResponse(status=pb.Status(), identifier=identifier)
    reply.server_info.build_tags = _SERVER_VERSION
    reply.server_info.deploy_mode = "STANDALONE"
    return reply


async def _version(_m: Any, _execute: Execute) -> Any:
    return pb.GetVersionResponse(status=pb.Status(), version=_SERVER_VERSION)


async def _health(_m: Any, execute: Execute) -> Any:
    await execute(ListDatabases())
    return pb.CheckHealthResponse(status=pb.Status(), isHealthy=True)


async def _metrics(m: pb.GetMetricsRequest, _execute: Execute) -> Any:
    asked = decode_json(m.request, "the metrics request")
    if not isinstance(asked, dict) or asked.get("metric_type") != "system_info":
        raise ParamError(message=f"metrics request not supported: {m.request[:200]!r}")
    node = {
        "identifier": _NODE,
        "connected": [],
        "infos": {
            "has_error": False,
            "name": "standalone",
            "type": "standalone",
            "system_info": {"system_version": _SERVER_VERSION, "deploy_mode": "STANDALONE"},
            "hardware_infos": hardware(),
        },
    }
    response = msgspec.json.encode({"nodes_info": [node]}).decode()
    return pb.GetMetricsResponse(status=pb.Status(), response=response, component_name="proxy")


async def _states(_m: Any, _execute: Execute) -> Any:
    reply = pb.ComponentStates(status=pb.Status())
    reply.state.nodeID = _NODE
    reply.state.role = "standalone"
    reply.state.state_code = pb.StateCode.Healthy
    return reply


async def _has_collection(m: pb.HasCollectionRequest, execute: Execute) -> Any:
    try:
        await execute(DescribeCollection(db=m.db_name, collection=m.collection_name))
    except CollectionNotExistException:
        return pb.BoolResponse(status=pb.Status(), value=False)
    return pb.BoolResponse(status=pb.Status(), value=True)


async def _describe_many(m: pb.BatchDescribeCollectionRequest, execute: Execute) -> Any:
    reply = pb.BatchDescribeCollectionResponse(status=pb.Status())
    for name in m.collection_name:
        found = await execute(DescribeCollection(db=m.db_name, collection=name))
        reply.responses.append(describe_collection(found))
    return reply


async def _show_collections(m: pb.ShowCollectionsRequest, execute: Execute) -> Any:
    names = m.collection_names or await execute(ListCollections(db=m.db_name))
    reply = pb.ShowCollectionsResponse(status=pb.Status())
    for name in names:
        loaded = await execute(GetLoadState(db=m.db_name, collection=name))
        if m.type == pb.ShowType.InMemory and loaded.state != LoadState.Loaded:
            continue
        info: CollectionInfo = await execute(DescribeCollection(db=m.db_name, collection=name))
        reply.collection_names.append(info.name)
        reply.collection_ids.append(info.id)
        reply.created_timestamps.append(info.created_timestamp)
        reply.created_utc_timestamps.append(info.created_timestamp >> 18)
        reply.shards_num.append(info.num_shards)
        reply.inMemory_percentages.append(_percent(loaded))
        reply.query_service_available.append(loaded.state == LoadState.Loaded)
    return reply


def _percent(loaded: Any) -> int:
    if loaded.state == LoadState.Loaded:
        return 100
    return int(loaded.progress) if loaded.state == LoadState.Loading else 0


async def _loading_progress(m: pb.GetLoadingProgressRequest, execute: Execute) -> Any:
    asked = GetLoadState(
        db=m.db_name, collection=m.collection_name, partitions=tuple(m.partition_names)
    )
    loaded = await execute(asked)
    if loaded.state == LoadState.NotExist:
        raise CollectionNotExistException(
            message=f"collection not found[database={m.db_name or 'default'}]"
            f"[collection={m.collection_name}]"
        )
    if loaded.state == LoadState.NotLoad:
        raise CollectionNotLoadedError(
            message=f"collection not loaded[collection={m.collection_name}]"
        )
    percent = _percent(loaded)
    return pb.GetLoadingProgressResponse(
        status=pb.Status(), progress=percent, refresh_progress=percent
    )


async def _indexes(m: Any, execute: Execute) -> tuple[IndexInfo, ...]:
    field = getattr(m, "field_name", "")
    found: tuple[IndexInfo, ...] = await execute(
        DescribeIndexes(db=m.db_name, collection=m.collection_name, name=m.index_name, field=field)
    )
    if not found:
        raise IndexNotExistException(message=f"index not found[collection={m.collection_name}]")
    return found


async def _index_state(m: pb.GetIndexStateRequest, execute: Execute) -> Any:
    found = await _indexes(m, execute)
    unfinished = [index for index in found if index.state != IndexState.Finished]
    index = (unfinished or found)[0]
    return pb.GetIndexStateResponse(
        status=pb.Status(), state=index.state, fail_reason=index.fail_reason
    )


async def _index_progress(m: pb.GetIndexBuildProgressRequest, execute: Execute) -> Any:
    found = await _indexes(m, execute)
    return pb.GetIndexBuildProgressResponse(
        status=pb.Status(),
        indexed_rows=sum(index.indexed_rows for index in found),
        total_rows=sum(index.total_rows for index in found),
    )


async def _index_statistics(m: pb.GetIndexStatisticsRequest, execute: Execute) -> Any:
    reply = pb.GetIndexStatisticsResponse(status=pb.Status())
    for index in await _indexes(m, execute):
        describe_index(reply.index_descriptions.add(), index)
    return reply


async def _flush(m: pb.FlushRequest, execute: Execute) -> Any:
    reply = pb.FlushResponse(status=pb.Status(), db_name=m.db_name)
    for name in m.collection_names:
        timestamp = await execute(Flush(db=m.db_name, collection=name))
        reply.coll_segIDs[name].SetInParent()
        reply.flush_coll_segIDs[name].SetInParent()
        reply.coll_seal_times[name] = (timestamp >> 18) // 1000
        reply.coll_flush_ts[name] = timestamp
    return reply


async def _flush_state(m: pb.GetFlushStateRequest, execute: Execute) -> Any:
    # Flush answers when everything is flushed; all there is left to check is the name.
    if m.collection_name:
        await execute(DescribeCollection(db=m.db_name, collection=m.collection_name))
    return pb.GetFlushStateResponse(status=pb.Status(), flushed=True)


_DESCRIBES = DescribeCollection.traits.privilege
_LOOKS_AT_INDEXES = DescribeIndexes.traits.privilege

POLLED: dict[str, RpcHandler] = {
    "Connect": RpcHandler(_connect, EVERYONE),
    "GetVersion": RpcHandler(_version, EVERYONE),
    "CheckHealth": RpcHandler(_health, EVERYONE),
    "GetMetrics": RpcHandler(_metrics, EVERYONE),
    "GetComponentStates": RpcHandler(_states, EVERYONE),
    "HasCollection": RpcHandler(_has_collection, EVERYONE),
    "BatchDescribeCollection": RpcHandler(_describe_many, _DESCRIBES),
    "ShowCollections": RpcHandler(_show_collections, ListCollections.traits.privilege),
    "GetLoadingProgress": RpcHandler(_loading_progress, GetLoadState.traits.privilege),
    "GetIndexState": RpcHandler(_index_state, _LOOKS_AT_INDEXES),
    "GetIndexBuildProgress": RpcHandler(_index_progress, _LOOKS_AT_INDEXES),
    "GetIndexStatistics": RpcHandler(_index_statistics, _LOOKS_AT_INDEXES),
    "Flush": RpcHandler(_flush, Flush.traits.privilege),
    "GetFlushState": RpcHandler(_flush_state, "GetFlushState"),
}
"""Handlers by RPC; they come before the wire table's routes."""
