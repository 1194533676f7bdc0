"""Entities: insert, upsert, delete, query, search, hybrid search, explain.

Writes go to the collection's write queue; reads run on its current snapshot.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from aiomilvus.engine.index.contract import without_warnings
from aiomilvus.engine.operations.models import explained, with_models
from aiomilvus.engine.operations.targets import made_target, scope_of_deletion, target_of_rows
from aiomilvus.engine.past import snapshot_at
from aiomilvus.engine.query.changes.telling import changes_behind
from aiomilvus.engine.query.explain import run_explain
from aiomilvus.engine.query.scan.deletions import deletion_filter, keys_named, rows_to_delete
from aiomilvus.engine.query.scan.lookups import run_and_keep
from aiomilvus.engine.query.scan.queries import run_query
from aiomilvus.engine.query.search.hybrid import run_hybrid
from aiomilvus.engine.query.search.iteration import run_page
from aiomilvus.engine.query.search.prepared import prepare
from aiomilvus.engine.query.search.searches import run_search
from aiomilvus.engine.segment.key_index import key_list
from aiomilvus.engine.write.complete import complete
from aiomilvus.engine.write.partial import merge_partial
from aiomilvus.engine.write.value_checks import checked
from aiomilvus.engine.write_requests import WriteRequest
from aiomilvus.errors import (
    CollectionNotLoadedError,
    ParamError,
    PartitionNotExistException,
    SchemaMismatchRetryableException,
)
from aiomilvus.model.results import MutationResult

if TYPE_CHECKING:
    from aiomilvus.engine.collection import Collection
    from aiomilvus.engine.snapshot import Snapshot
    from aiomilvus.engine.state import DatabaseState
    from aiomilvus.model.changes import ChangesRead
    from aiomilvus.model.columns import Column
    from aiomilvus.model.explanation import Explanation
    from aiomilvus.model.operations.data import (
        Delete,
        Explain,
        HybridSearch,
        Insert,
        Query,
        ReadChanges,
        Search,
        Upsert,
    )
    from aiomilvus.model.results import QueryResult, SearchResult
    from aiomilvus.model.schema import Schema


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
    partition = target_of_rows(collection, op)
    if not op.batch.num_rows:
        return MutationResult(timestamp=collection.last_timestamp)
    batch = complete(record.schema, op.batch, upsert=False, properties=record.properties)
    partition = partition or made_target(database, collection, op)
    request = WriteRequest(batch=batch, partition=partition, schema_version=record.schema.version)
    return _submit(database, collection, request)


def _check_version(schema: Schema, version: int) -> None:
    if version not in (-1, schema.version):
        message = f"the rows were made for schema version {version}, it is {schema.version} now"
        raise SchemaMismatchRetryableException(message=message)


def upsert(database: DatabaseState, op: Upsert) -> MutationResult:
    """Replace or add rows by key in one partition, atomically; a partition key: in all of them."""
    collection = database.collection(op.db, op.collection, "can't find collection")
    record = collection.record
    schema = record.schema
    _check_version(schema, op.schema_version)
    partition = target_of_rows(collection, op)
    if not op.batch.num_rows:
        return MutationResult(timestamp=collection.last_timestamp)
    if op.partial and not record.loaded:
        raise CollectionNotLoadedError(
            message=f"collection not loaded[collection={record.name}]: a partial update reads the "
            f"rows it changes; call load_collection({record.name!r}) first"
        )
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
            given = merge_partial(collection, op.batch, keys, op.field_ops, partition)
        batch = complete(schema, given, upsert=True, properties=record.properties)
        if schema.primary.auto_id:
            columns = {n: c for n, c in batch.columns.items() if n != schema.primary.name}
            batch = type(batch)(batch.num_rows, columns)
        request.batch = batch

    partition = partition or made_target(database, collection, op)
    request = WriteRequest(
        upsert=not schema.primary.auto_id,
        removed_keys=keys if schema.primary.auto_id else None,
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
        found = scope_of_deletion(collection.record, op)
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
        return _remove(database, collection, keys, found)
    if not op.filter.strip():
        message = (
            "delete plan can't be empty or always true : invalid parameter; give ids, or a filter, "
            "of the rows to delete; truncate_collection deletes all"
        )
        raise ParamError(message=message)

    # A filter that can't be parsed is refused before anything waits for it.
    predicate = deletion_filter(collection.snapshot, op.filter, op.filter_params)
    named = keys_named(schema.primary, predicate)
    if named is not None:
        return _remove(database, collection, named, found)
    if found is None:
        return MutationResult(timestamp=collection.last_timestamp)
    scope, partition = found

    def resolve(request: WriteRequest) -> None:
        gone = rows_to_delete(collection.snapshot, op.filter, op.filter_params, partition)
        parts = [view.segment.column(schema.primary).take(rows) for view, rows in gone]
        parts = [part for part in parts if len(part)]
        keys = type(parts[0]).concat(parts) if parts else None
        request.removed_keys = None if keys is None else distinct(keys)
        request.counted = 0 if keys is None else len(keys)

    request = WriteRequest(partition=scope, alone=True, resolve=resolve)
    return _submit(database, collection, request)


def _remove(
    database: DatabaseState, collection: Collection, keys: Column, found: tuple[int, str] | None
) -> MutationResult:
    """Delete keys from what `scope_of_deletion` found, where that is anything."""
    if found is None:
        return MutationResult(timestamp=collection.last_timestamp)
    request = WriteRequest(removed_keys=keys, partition=found[0], counted=len(keys))
    return _submit(database, collection, request)


def distinct(keys: Column) -> Column:
    """Return each key once, in the order of first appearance."""
    first: dict[int | bytes, int] = {}
    for row, key in enumerate(key_list(keys)):
        first.setdefault(key, row)
    return keys.take(np.fromiter(first.values(), np.int64, len(first)))


def _read_by(
    database: DatabaseState,
    op: Query | Search | HybridSearch,
    text: str = "collection not found",
    *,
    any_name: bool = False,
) -> Snapshot:
    """Return what a read works on: the present snapshot, or that of a moment in the past."""
    if not op.at:
        return database.snapshot(op.db, op.collection, text, any_name=any_name)
    collection = database.collection(op.db, op.collection, text, any_name=any_name)
    record = collection.record
    key = (record.id, op.at, record.updated)
    # A write under way may still belong to a moment that nothing later was written after.
    is_over = collection.snapshot.timestamp > op.at
    found = database.past.take(key)
    if found is None:
        kept = [each for each in database.catalog.snapshots() if each.collection.id == record.id]
        found = snapshot_at(collection, kept, database.path, op.at)
    if is_over:
        database.past.put(key, record.id, found)
    return found


def query(database: DatabaseState, op: Query) -> QueryResult:
    """Read rows by key or by filter."""
    snapshot = _read_by(database, op, "can't find collection")
    if not op.iterator:
        return run_and_keep(snapshot, op)
    snapshot = _pinned(database, snapshot, op.snapshot)
    return msgspec.structs.replace(run_query(snapshot, op), snapshot=snapshot.timestamp)


def _pinned(database: DatabaseState, current: Snapshot, timestamp: int) -> Snapshot:
    """Return the snapshot that a query iterator goes on reading while others write.

    An iterator names its snapshot by the timestamp that its first page told. The newest are kept;
    one that is no longer kept is replaced by the current snapshot: rows in the order of their keys
    are still each given once, but newer ones may be among them.

    Args:
        database: The database.
        current: The collection's current snapshot.
        timestamp: Of the snapshot that the iterator stays on, 0 for its first page.
    """
    number = current.collection_id
    kept = database.pins.take((number, timestamp)) if timestamp else None
    if kept is None or not kept.loaded <= current.loaded:
        kept, timestamp = current, current.timestamp
    database.pins.put((number, timestamp), number, kept)
    return kept


def search(database: DatabaseState, op: Search) -> SearchResult:
    """Find the nearest entities."""
    snapshot = _read_by(database, op, any_name=True)
    op = with_models(database, op)
    with without_warnings():
        known = prepare(snapshot, op)
        if known is not None:
            return known.search(known.read(op.data))
        if op.iterator is None:
            return run_search(snapshot, op)
        return run_page(snapshot, op, database.rankings)


def hybrid_search(database: DatabaseState, op: HybridSearch) -> SearchResult:
    """Merge several searches."""
    with without_warnings():
        return run_hybrid(_read_by(database, op, any_name=True), with_models(database, op))


def explain(database: DatabaseState, op: Explain) -> Explanation:
    """Run an operation and tell how it was run."""
    with without_warnings():
        snapshot = _read_by(database, op.operation, any_name=True)
        found = run_explain(snapshot, explained(database, op))
    role = f"process {os.getpid()}, which {database.role}" if database.role else ""
    return msgspec.structs.replace(found, process=role)


def read_changes(database: DatabaseState, op: ReadChanges) -> ChangesRead:
    """Read committed changes behind a position."""
    collection = database.collection(op.db, op.collection)
    if not collection.log.is_settled:
        # What is told has happened for good: an earlier process may have died in a sync.
        with collection.writes.turn:
            collection.log.settle()
    with without_warnings():
        return changes_behind(collection, op)
