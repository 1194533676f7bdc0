"""Insert, upsert and delete: from the operation to the collection's write queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.engine.ddl.partitions import partition_id
from aiomilvus.engine.query.deletions import deletion_filter, rows_to_delete
from aiomilvus.engine.segment.keys import key_list
from aiomilvus.engine.write.checks import checked
from aiomilvus.engine.write.complete import complete
from aiomilvus.engine.write.partial import merge_partial
from aiomilvus.engine.write.requests import WriteRequest
from aiomilvus.errors import (
    ParamError,
    PartitionNotExistException,
    SchemaMismatchRetryableException,
)
from aiomilvus.model.results import MutationResult

if TYPE_CHECKING:
    from aiomilvus.engine.collection import Collection
    from aiomilvus.engine.state import DatabaseState
    from aiomilvus.model.columns import Column
    from aiomilvus.model.operations.data import Delete, Insert, Upsert
    from aiomilvus.model.schema import Schema


def _target(collection: Collection, partition: str) -> int:
    if not partition:
        return 0
    if collection.record.schema.partition_key is not None:
        message = (
            "not support manually specifying the partition names if partition key mode is used"
        )
        raise ParamError(message=f"{message}: invalid parameter")
    return partition_id(collection, partition)


def _submit(
    database: DatabaseState, collection: Collection, request: WriteRequest
) -> MutationResult:
    collection.submit(request)
    database.maintenance.after_write(collection)
    return request.result


def insert(database: DatabaseState, op: Insert) -> MutationResult:
    """Add rows; keys may repeat."""
    collection = database.collection(op.db, op.collection, "can't find collection")
    record = collection.record
    _check_version(record.schema, op.schema_version)
    partition = _target(collection, op.partition)
    if not op.batch.num_rows:
        return MutationResult(timestamp=collection.last_timestamp)
    batch = complete(record.schema, op.batch, upsert=False, properties=record.properties)
    request = WriteRequest(batch=batch, partition=partition, schema_version=record.schema.version)
    return _submit(database, collection, request)


def _check_version(schema: Schema, version: int) -> None:
    if version not in (-1, schema.version):
        message = f"the rows were made for schema version {version}, it is {schema.version} now"
        raise SchemaMismatchRetryableException(message=message)


def upsert(database: DatabaseState, op: Upsert) -> MutationResult:
    """Replace or add rows by key, atomically."""
    collection = database.collection(op.db, op.collection, "can't find collection")
    record = collection.record
    schema = record.schema
    _check_version(schema, op.schema_version)
    partition = _target(collection, op.partition)
    if not op.batch.num_rows:
        return MutationResult(timestamp=collection.last_timestamp)
    if op.field_ops and not op.partial:
        raise ParamError(message="field_ops need partial_update=True: invalid parameter")
    if schema.primary.name not in op.batch:
        message = f"fieldSchema({schema.primary.name}) has no corresponding fieldData pass in"
        raise ParamError(message=f"{message}: invalid parameter")
    keys = checked(schema.primary, op.batch[schema.primary.name])
    listed = key_list(keys)
    if len(set(listed)) != len(listed):
        message = "duplicate primary keys are not allowed in the same batch: invalid parameter"
        raise ParamError(message=message)

    def resolve(request: WriteRequest) -> None:
        given = op.batch
        if op.partial:
            given = merge_partial(collection, op.batch, keys, op.field_ops)
        batch = complete(schema, given, upsert=True, properties=record.properties)
        if schema.primary.auto_id:
            columns = {n: c for n, c in batch.columns.items() if n != schema.primary.name}
            batch = type(batch)(batch.num_rows, columns)
        request.batch = batch

    request = WriteRequest(
        upsert=not schema.primary.auto_id,
        replaced=keys if schema.primary.auto_id else None,
        partition=partition,
        alone=op.partial,
        resolve=resolve if op.partial else None,
        schema_version=schema.version,
        batch=op.batch if op.partial else None,
    )
    if not op.partial:
        resolve(request)
    return _submit(database, collection, request)


def delete(database: DatabaseState, op: Delete) -> MutationResult:
    """Delete by key or by filter."""
    collection = database.collection(op.db, op.collection)
    schema = collection.record.schema
    try:
        scope = _target(collection, op.partition)
    except PartitionNotExistException as error:
        message = f"Failed to get partition id: {error.message}"
        raise PartitionNotExistException(message=message) from None
    if op.ids is not None and op.filter:
        message = "Ambiguous filter parameter, only one deletion condition can be specified."
        raise ParamError(message=message)
    if op.ids is not None:
        keys = checked(schema.primary, op.ids)
        if not len(keys):
            return MutationResult(timestamp=collection.last_timestamp)
        request = WriteRequest(replaced=keys, partition=scope, counted=len(keys))
        return _submit(database, collection, request)
    if not op.filter.strip():
        message = "delete plan can't be empty or always true : invalid parameter"
        raise ParamError(message=message)

    def resolve(request: WriteRequest) -> None:
        found = rows_to_delete(collection.snapshot, op.filter, op.filter_params, op.partition)
        parts = [view.segment.column(schema.primary).take(rows) for view, rows in found]
        parts = [part for part in parts if len(part)]
        keys = type(parts[0]).concat(parts) if parts else None
        request.replaced = None if keys is None else distinct(keys)
        request.counted = 0 if keys is None else len(keys)

    # A filter that can't be parsed is refused before anything waits for it.
    deletion_filter(collection.snapshot, op.filter, op.filter_params)
    request = WriteRequest(partition=scope, alone=True, resolve=resolve)
    return _submit(database, collection, request)


def distinct(keys: Column) -> Column:
    """Return each key once, in the order of first appearance."""
    first: dict[int | bytes, int] = {}
    for row, key in enumerate(key_list(keys)):
        first.setdefault(key, row)
    return keys.take(np.fromiter(first.values(), np.int64, len(first)))
