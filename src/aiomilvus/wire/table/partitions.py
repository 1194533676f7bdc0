"""Partitions."""

from __future__ import annotations

from typing import Any

from aiomilvus.errors import MilvusException
from aiomilvus.model.operations import partitions as ops
from aiomilvus.model.results import PartitionInfo
from aiomilvus.wire.codec.pairs import write_pairs
from aiomilvus.wire.proto import messages as pb
from aiomilvus.wire.table.route import Route, nothing, only_status

_IN_MEMORY = 1
"""The protocol's `ShowType.InMemory`."""


def _named(message_class: Any) -> Any:
    return lambda op, _schema: message_class(
        db_name=op.db, collection_name=op.collection, partition_name=op.partition
    )


def _read_named(operation: Any) -> Any:
    return lambda m, _schema: operation(
        db=m.db_name, collection=m.collection_name, partition=m.partition_name
    )


def _write_list(found: tuple[PartitionInfo, ...], _op: object, _schema: object) -> Any:
    return pb.ShowPartitionsResponse(
        status=pb.Status(),
        partition_names=[each.name for each in found],
        partitionIDs=[each.id for each in found],
        created_timestamps=[each.created_timestamp for each in found],
        created_utc_timestamps=[each.created_timestamp >> 18 for each in found],
        inMemory_percentages=[100 if each.loaded else 0 for each in found],
    )


def _read_list(m: pb.ShowPartitionsResponse, _op: object, _schema: object) -> Any:
    names = list(m.partition_names)
    ids = list(m.partitionIDs) or [0] * len(names)  # milvus-lite's server gives names alone
    if len(names) != len(ids):
        raise MilvusException(message="malformed list of partitions")
    created = list(m.created_timestamps) or [0] * len(names)
    loaded = list(m.inMemory_percentages) or [0] * len(names)
    return tuple(
        PartitionInfo(id=number, name=name, created_timestamp=time, loaded=part == 100)
        for number, name, time, part in zip(ids, names, created, loaded, strict=True)
    )


def write_statistics(message: Any, found: dict[str, int]) -> Any:
    """Put counts into a statistics reply."""
    message.status.SetInParent()
    write_pairs(message.stats, found)
    return message


def read_statistics(m: Any, _op: object, _schema: object) -> dict[str, int]:
    """Return the counts of a statistics reply."""
    return {pair.key: int(pair.value) for pair in m.stats if pair.value.isdigit()}


ROUTES = (
    Route(
        operation=ops.CreatePartition,
        name="CreatePartition",
        request=_named(pb.CreatePartitionRequest),
        read_request=_read_named(ops.CreatePartition),
        reply=only_status,
        read_reply=nothing,
        repeatable=True,
    ),
    Route(
        operation=ops.DropPartition,
        name="DropPartition",
        request=_named(pb.DropPartitionRequest),
        read_request=_read_named(ops.DropPartition),
        reply=only_status,
        read_reply=nothing,
        repeatable=False,
    ),
    Route(
        operation=ops.HasPartition,
        name="HasPartition",
        request=_named(pb.HasPartitionRequest),
        read_request=_read_named(ops.HasPartition),
        reply=lambda found, _op, _schema: pb.BoolResponse(status=pb.Status(), value=found),
        read_reply=lambda m, _op, _schema: m.value,
        repeatable=True,
    ),
    Route(
        operation=ops.ListPartitions,
        name="ShowPartitions",
        request=lambda op, _schema: pb.ShowPartitionsRequest(
            db_name=op.db,
            collection_name=op.collection,
            partition_names=op.partitions,
            type=_IN_MEMORY if op.loaded else 0,
        ),
        read_request=lambda m, _schema: ops.ListPartitions(
            db=m.db_name,
            collection=m.collection_name,
            partitions=tuple(m.partition_names),
            loaded=m.type == _IN_MEMORY,
        ),
        reply=_write_list,
        read_reply=_read_list,
        repeatable=True,
    ),
    Route(
        operation=ops.PartitionStatistics,
        name="GetPartitionStatistics",
        request=_named(pb.GetPartitionStatisticsRequest),
        read_request=_read_named(ops.PartitionStatistics),
        reply=lambda found, _op, _schema: write_statistics(
            pb.GetPartitionStatisticsResponse(), found
        ),
        read_reply=read_statistics,
        repeatable=True,
    ),
)
