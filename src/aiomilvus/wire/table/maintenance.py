"""Flush, compaction, segments, replicas."""

from __future__ import annotations

from typing import Any

from aiomilvus.model.operations import cluster as cluster_ops
from aiomilvus.model.operations import maintenance as ops
from aiomilvus.model.results import CompactionInfo, CompactionTask, SegmentInfo, state_of
from aiomilvus.wire.proto import messages as pb
from aiomilvus.wire.table.route import Route

_NODE = 1
"""The one query node there is."""


def _write_flushed(timestamp: int, op: ops.Flush, _schema: object) -> Any:
    message = pb.FlushResponse(status=pb.Status(), db_name=op.db)
    for segments in (message.coll_segIDs, message.flush_coll_segIDs):
        segments[op.collection].SetInParent()
    message.coll_seal_times[op.collection] = (timestamp >> 18) // 1000
    message.coll_flush_ts[op.collection] = timestamp
    return message


def _read_flush(m: pb.FlushRequest, _schema: object) -> Any:
    return ops.Flush(db=m.db_name, collection=m.collection_names[0] if m.collection_names else "")


def _write_compact(op: ops.Compact, _schema: object) -> Any:
    return pb.ManualCompactionRequest(
        db_name=op.db,
        collection_name=op.collection,
        collectionID=op.collection_id,
        majorCompaction=op.is_clustering,
        l0Compaction=op.is_l0,
        target_size=op.target_size_mb,
    )


def _read_compact(m: pb.ManualCompactionRequest, _schema: object) -> Any:
    return ops.Compact(
        db=m.db_name,
        collection=m.collection_name,
        collection_id=m.collectionID,
        is_clustering=m.majorCompaction,
        is_l0=m.l0Compaction,
        target_size_mb=m.target_size,
    )


def _write_compactions(op: ops.GetCompaction | ops.ListCompactions, _schema: object) -> Any:
    if isinstance(op, ops.GetCompaction):
        return pb.GetCompactionPlansRequest(compactionID=op.job_id)
    return pb.GetCompactionPlansRequest(db_name=op.db, collection_name=op.collection)


def _read_compactions(m: pb.GetCompactionPlansRequest, _schema: object) -> Any:
    """Return what is asked for: a job by its id, or all of a collection."""
    if m.collection_name and not m.compactionID:
        return ops.ListCompactions(db=m.db_name, collection=m.collection_name)
    return ops.GetCompaction(job_id=m.compactionID)


def _write_plans(found: Any, op: object, _schema: object) -> Any:
    message = pb.GetCompactionPlansResponse(status=pb.Status())
    if isinstance(op, ops.GetCompaction):
        message.state = found.state
        for sources, target in found.plans:
            message.mergeInfos.add(sources=sources, target=target)
        return message
    message.state = state_of(found)
    for task in found:
        message.mergeInfos.add(
            sources=task.sources,
            target=task.target,
            trigger_id=task.job,
            type=pb.CompactionType.CompactionTypeMix,
            state=task.state,
            targets=(task.target,) if task.target else (),
        )
    return message


def _read_plans(m: pb.GetCompactionPlansResponse, op: object, _schema: object) -> Any:
    if isinstance(op, ops.GetCompaction):
        plans = tuple((tuple(each.sources), each.target) for each in m.mergeInfos)
        return CompactionInfo(id=op.job_id, state=m.state, completed=len(plans), plans=plans)
    return tuple(
        CompactionTask(
            job=each.trigger_id,
            state=each.state,
            sources=tuple(each.sources),
            target=each.target or next(iter(each.targets), 0),
        )
        for each in m.mergeInfos
    )


def _write_compaction_state(found: CompactionInfo, _op: object, _schema: object) -> Any:
    return pb.GetCompactionStateResponse(
        status=pb.Status(),
        state=found.state,
        executingPlanNo=found.executing,
        completedPlanNo=found.completed,
        failedPlanNo=found.failed,
    )


def _read_compaction_state(
    m: pb.GetCompactionStateResponse, op: ops.GetCompaction, _schema: object
) -> Any:
    return CompactionInfo(
        id=op.job_id,
        state=m.state,
        executing=m.executingPlanNo,
        completed=m.completedPlanNo,
        failed=m.failedPlanNo,
    )


def _write_segments(found: tuple[SegmentInfo, ...], _op: object, _schema: object) -> Any:
    message = pb.GetPersistentSegmentInfoResponse(status=pb.Status())
    for each in found:
        message.infos.add(
            segmentID=each.id,
            collectionID=each.collection_id,
            partitionID=each.partition_id,
            num_rows=each.num_rows,
            state=each.state,
            level=each.level,
            is_sorted=each.sorted,
        )
    return message


def _write_loaded(found: tuple[SegmentInfo, ...], _op: object, _schema: object) -> Any:
    message = pb.GetQuerySegmentInfoResponse(status=pb.Status())
    for each in found:
        message.infos.add(
            segmentID=each.id,
            collectionID=each.collection_id,
            partitionID=each.partition_id,
            mem_size=each.memory_bytes,
            num_rows=each.num_rows,
            index_name=each.index_name,
            indexID=each.index_id,
            state=each.state,
            level=each.level,
            is_sorted=each.sorted,
            nodeID=_NODE,
            nodeIds=[_NODE],
        )
    return message


def _read_loaded(m: pb.GetQuerySegmentInfoResponse, op: ops.ListSegments, _schema: object) -> Any:
    return tuple(
        SegmentInfo(
            id=each.segmentID,
            collection_id=each.collectionID,
            partition_id=each.partitionID,
            collection_name=op.collection,
            num_rows=each.num_rows,
            state=each.state,
            level=each.level,
            sorted=each.is_sorted,
            index_name=each.index_name,
            index_id=each.indexID,
            memory_bytes=each.mem_size,
        )
        for each in m.infos
    )


def _read_segments(
    m: pb.GetPersistentSegmentInfoResponse, op: ops.ListSegments, _schema: object
) -> Any:
    return tuple(
        SegmentInfo(
            id=each.segmentID,
            collection_id=each.collectionID,
            partition_id=each.partitionID,
            collection_name=op.collection,
            num_rows=each.num_rows,
            state=each.state,
            level=each.level,
            sorted=each.is_sorted,
        )
        for each in m.infos
    )


def _write_replicas(found: tuple[dict[str, Any], ...], _op: object, _schema: object) -> Any:
    message = pb.GetReplicasResponse(status=pb.Status())
    for each in found:
        message.replicas.add(
            replicaID=each["replica_id"],
            collectionID=each["collection_id"],
            partition_ids=each["partition_ids"],
            node_ids=each["node_ids"],
            resource_group_name=each["resource_group"],
            num_outbound_node=each["num_outbound_node"],
        )
    return message


def _read_replicas(m: pb.GetReplicasResponse, _op: object, _schema: object) -> Any:
    return tuple(
        {
            "replica_id": each.replicaID,
            "collection_id": each.collectionID,
            "partition_ids": list(each.partition_ids),
            "node_ids": list(each.node_ids),
            "resource_group": each.resource_group_name,
            "num_outbound_node": dict(each.num_outbound_node),
            "shards": [
                (shard.dm_channel_name, set(shard.node_ids), shard.leaderID)
                for shard in each.shard_replicas
            ],
        }
        for each in m.replicas
    )


ROUTES = (
    Route(
        operation=ops.Flush,
        name="Flush",
        request=lambda op, _schema: pb.FlushRequest(
            db_name=op.db, collection_names=[op.collection]
        ),
        read_request=_read_flush,
        reply=_write_flushed,
        read_reply=lambda m, op, _schema: m.coll_flush_ts.get(op.collection, 0),
        repeatable=True,
    ),
    Route(
        operation=ops.FlushAll,
        name="FlushAll",
        request=lambda op, _schema: pb.FlushAllRequest(db_name=op.db),
        read_request=lambda m, _schema: ops.FlushAll(db=m.db_name),
        reply=lambda found, _op, _schema: pb.FlushAllResponse(
            status=pb.Status(), flush_all_ts=found
        ),
        read_reply=lambda m, _op, _schema: m.flush_all_ts,
        repeatable=True,
    ),
    Route(
        operation=ops.GetFlushAllState,
        name="GetFlushAllState",
        request=lambda op, _schema: pb.GetFlushAllStateRequest(
            db_name=op.db, flush_all_ts=op.timestamp
        ),
        read_request=lambda m, _schema: ops.GetFlushAllState(
            db=m.db_name, timestamp=m.flush_all_ts
        ),
        reply=lambda found, _op, _schema: pb.GetFlushAllStateResponse(
            status=pb.Status(), flushed=found
        ),
        read_reply=lambda m, _op, _schema: m.flushed,
        repeatable=True,
    ),
    Route(
        operation=ops.Compact,
        name="ManualCompaction",
        request=_write_compact,
        read_request=_read_compact,
        reply=lambda found, _op, _schema: pb.ManualCompactionResponse(
            status=pb.Status(), compactionID=found
        ),
        read_reply=lambda m, _op, _schema: m.compactionID,
        repeatable=False,
    ),
    Route(
        operation=ops.GetCompaction,
        name="GetCompactionStateWithPlans",
        request=_write_compactions,
        read_request=_read_compactions,
        reply=_write_plans,
        read_reply=_read_plans,
        repeatable=True,
    ),
    Route(
        operation=ops.GetCompaction,
        name="GetCompactionState",
        request=lambda op, _schema: pb.GetCompactionStateRequest(compactionID=op.job_id),
        read_request=lambda m, _schema: ops.GetCompaction(job_id=m.compactionID),
        reply=_write_compaction_state,
        read_reply=_read_compaction_state,
        repeatable=True,
    ),
    Route(
        operation=ops.ListSegments,
        name="GetQuerySegmentInfo",
        request=lambda op, _schema: pb.GetQuerySegmentInfoRequest(
            dbName=op.db, collectionName=op.collection
        ),
        read_request=lambda m, _schema: ops.ListSegments(
            db=m.dbName, collection=m.collectionName, loaded=True
        ),
        reply=_write_loaded,
        read_reply=_read_loaded,
        repeatable=True,
    ),
    Route(
        operation=ops.ListSegments,
        name="GetPersistentSegmentInfo",
        request=lambda op, _schema: pb.GetPersistentSegmentInfoRequest(
            dbName=op.db, collectionName=op.collection, states=op.states
        ),
        read_request=lambda m, _schema: ops.ListSegments(
            db=m.dbName, collection=m.collectionName, states=tuple(m.states)
        ),
        reply=_write_segments,
        read_reply=_read_segments,
        repeatable=True,
    ),
    Route(
        operation=cluster_ops.DescribeReplicas,
        name="GetReplicas",
        request=lambda op, _schema: pb.GetReplicasRequest(
            db_name=op.db, collection_name=op.collection, with_shard_nodes=True
        ),
        read_request=lambda m, _schema: cluster_ops.DescribeReplicas(
            db=m.db_name, collection=m.collection_name
        ),
        reply=_write_replicas,
        read_reply=_read_replicas,
        repeatable=True,
    ),
)
