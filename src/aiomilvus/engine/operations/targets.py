"""Which partition a write is about: the named one, that of its namespace, or all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.engine.namespaces import BY_KEY, appear_by_themselves, partition_of
from aiomilvus.engine.operations.record_changes import add_partition
from aiomilvus.engine.operations.rules.partition_rules import check_partition_name
from aiomilvus.engine.properties import refused
from aiomilvus.model.schema import DEFAULT_PARTITION

if TYPE_CHECKING:
    from aiomilvus.engine.catalog.records import CollectionRecord
    from aiomilvus.engine.collection import Collection
    from aiomilvus.engine.state import DatabaseState
    from aiomilvus.model.operations.data import Delete, Insert, Upsert

_ALL = 0
_BY_NAMESPACE = "not support manually specifying the partition names if namespace is used"


def target_of_rows(collection: Collection, op: Insert | Upsert) -> int:
    """Return where rows go and what an upsert replaces.

    0 where a partition key decides, and for a namespace that is not there yet.

    Raises:
        ParamError: The partition, or the namespace, may not be named here, or has to be.
        PartitionNotExistException: There is no such partition.
    """
    record = collection.record
    named = (op.partition,) if op.partition else ()
    namespace = partition_of(record.schema, record.properties, op.namespace, named)
    if namespace is not None:
        return _number_of(record, namespace) or _ALL
    if not named and record.schema.partition_key is None:
        return record.partition_id(DEFAULT_PARTITION)
    return _named(record, op.partition)


def made_target(database: DatabaseState, collection: Collection, op: Insert | Upsert) -> int:
    """Return where rows go that `target_of_rows` gave 0: their namespace is there from now on.

    Raises:
        ParamError: There are as many namespaces as there may be.
    """
    return _ALL if op.namespace is None else add_partition(database, collection, op.namespace)


def scope_of_deletion(record: CollectionRecord, op: Delete) -> tuple[int, str] | None:
    """Return number and name of the partition that rows are deleted from; 0 and "" for all.

    Returns:
        None where there is nothing to delete from: a namespace that has never been written into.

    Raises:
        ParamError, PartitionNotExistException: As `target_of_rows`.
    """
    named = (op.partition,) if op.partition else ()
    by_key = _BY_NAMESPACE
    namespace = partition_of(record.schema, record.properties, op.namespace, named, by_key)
    if namespace is None:
        return _named(record, op.partition), op.partition
    number = _number_of(record, namespace)
    return None if number is None else (number, namespace)


def _number_of(record: CollectionRecord, namespace: str) -> int | None:
    """Return the partition of a namespace; None for one that is there with its first row."""
    if not appear_by_themselves(record.schema, record.properties):
        check_partition_name(namespace)
        return record.partition_id(namespace)
    return next((part.id for part in record.partitions if part.name == namespace), None)


def _named(record: CollectionRecord, partition: str) -> int:
    if not partition:
        return _ALL
    if record.schema.partition_key is not None:
        raise refused(BY_KEY)
    check_partition_name(partition)
    return record.partition_id(partition)
