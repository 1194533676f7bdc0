"""Partitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.engine.maintenance.partition_drop import drop_partition
from aiomilvus.engine.operations.collections import count_rows
from aiomilvus.engine.operations.record_changes import add_partition, changed
from aiomilvus.engine.operations.rules.partition_rules import (
    check_partition_name,
    refuse_with_key,
)
from aiomilvus.engine.recording import marked
from aiomilvus.errors import ParamError
from aiomilvus.model.results import PartitionInfo
from aiomilvus.model.schema import DEFAULT_PARTITION

if TYPE_CHECKING:
    from aiomilvus.engine.catalog.records import CollectionRecord
    from aiomilvus.engine.state import DatabaseState
    from aiomilvus.model.operations import partitions as ops


def create(database: DatabaseState, op: ops.CreatePartition) -> None:
    """Create a partition; one that exists is a success."""
    collection = database.collection(op.db, op.collection)
    refuse_with_key(collection, "create partition")
    check_partition_name(op.partition)
    add_partition(database, collection, op.partition)


def drop(database: DatabaseState, op: ops.DropPartition) -> None:
    """Drop a released partition with its rows; one that does not exist is a success."""
    collection = database.collection(op.db, op.collection)
    refuse_with_key(collection, "drop partition")
    check_partition_name(op.partition)
    collection.check_writable()
    if _droppable(collection.record, op.partition) is None:
        return
    database.maintenance.seal(collection)
    with collection.writes.turn:
        record = collection.record
        number = _droppable(record, op.partition)
        if number is None:
            return
        after = changed(
            database,
            record,
            partitions=tuple(part for part in record.partitions if part.id != number),
        )
        after = marked(collection, after, "drop_partition", op.partition, number)
        drop_partition(collection, number, after)


def _droppable(record: CollectionRecord, name: str) -> int | None:
    """Return the number of a partition that may be dropped, None when there is none.

    Raises:
        ParamError: It is loaded, or the default one.
    """
    found = [part for part in record.partitions if part.name == name]
    if not found:
        return None
    if found[0].id in record.loaded:
        message = "partition cannot be dropped, partition is loaded, please release it first"
        raise ParamError(message=f"{message}: {name}: invalid parameter")
    if name == DEFAULT_PARTITION:
        raise ParamError(message="default partition cannot be deleted: invalid parameter")
    return found[0].id


def has(database: DatabaseState, op: ops.HasPartition) -> bool:
    """Tell whether the partition exists."""
    check_partition_name(op.partition)
    record = database.collection(op.db, op.collection).record
    return any(part.name == op.partition for part in record.partitions)


def list_all(database: DatabaseState, op: ops.ListPartitions) -> tuple[PartitionInfo, ...]:
    """List the partitions, oldest first.

    Raises:
        PartitionNotExistException: Loaded ones are asked for by name, and one does not exist.
    """
    record = database.collection(op.db, op.collection).record
    if op.loaded:
        for name in op.partitions:
            check_partition_name(name)
            record.partition_id(name)
    return tuple(
        PartitionInfo(
            id=part.id,
            name=part.name,
            created_timestamp=part.created,
            loaded=part.id in record.loaded,
        )
        for part in record.partitions
        if (not op.partitions or part.name in op.partitions)
        and (not op.loaded or part.id in record.loaded)
    )


def statistics(database: DatabaseState, op: ops.PartitionStatistics) -> dict[str, int]:
    """Count a partition's rows."""
    collection = database.collection(op.db, op.collection)
    number = collection.record.partition_id(op.partition)
    views = [v for v in collection.snapshot.views if v.segment.partition_id == number]
    return {"row_count": count_rows(views)}
