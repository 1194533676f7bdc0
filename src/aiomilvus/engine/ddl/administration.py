"""Flush, compaction, segments, aliases, databases, and what a single node can say of a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from aiomilvus.engine.catalog_records import DatabaseRecord
from aiomilvus.engine.ddl.properties import check_values
from aiomilvus.engine.ddl.snapshots import drop_all as drop_snapshots_of
from aiomilvus.engine.names import RESOURCE_GROUP, check_database_name, check_name
from aiomilvus.errors import (
    AliasAlreadyExistsError,
    AliasConflictError,
    AliasNotExistException,
    CollectionNotLoadedError,
    DatabaseLimitError,
    MilvusException,
    ParamError,
    ResourceGroupNotFoundError,
)
from aiomilvus.model.results import (
    AliasInfo,
    CompactionInfo,
    CompactionTask,
    DatabaseInfo,
    SegmentInfo,
    ServerInfo,
)
from aiomilvus.model.schema import DEFAULT_DATABASE
from aiomilvus.model.types import CompactionState, CompactionTaskState, SegmentState
from aiomilvus.version import __version__

if TYPE_CHECKING:
    from aiomilvus.engine.collection import Collection
    from aiomilvus.engine.contracts import IndexSpec, Segment
    from aiomilvus.engine.segment.sealed import SealedSegment
    from aiomilvus.engine.state import DatabaseState
    from aiomilvus.model.operations import aliases, cluster, databases, maintenance

MAX_DATABASES = 64


def flush(database: DatabaseState, op: maintenance.Flush) -> int:
    """Seal what is growing; returns the timestamp up to which all is flushed."""
    collection = database.collection(op.db, op.collection)
    collection.check_writable()
    timestamp = collection.last_timestamp
    database.maintenance.seal(collection)
    return timestamp


def flush_all(database: DatabaseState, op: maintenance.FlushAll) -> int:  # noqa: ARG001 - as all handlers
    """Seal what is growing in every collection."""
    timestamp = database.clock.next()
    for collection in list(database.collections.values()):
        if not collection.dropped:
            collection.check_writable()
            database.maintenance.seal(collection)
    return timestamp


def flush_all_state(database: DatabaseState, op: maintenance.GetFlushAllState) -> bool:
    """Tell whether nothing up to the timestamp is only in the log."""
    for collection in list(database.collections.values()):
        waiting = bool(collection.growing or collection.frozen)
        if waiting and (not op.timestamp or collection.record.updated < op.timestamp):
            return False
    return True


def compact(database: DatabaseState, op: maintenance.Compact) -> int:
    """Merge segments in the background; returns a job id."""
    collection = database.collection(op.db, op.collection)
    collection.check_writable()
    return database.maintenance.compact(collection)


def compaction(database: DatabaseState, op: maintenance.GetCompaction) -> CompactionInfo:
    """Return the state of a compaction job."""
    return database.maintenance.compaction(op.job_id)


def compactions(
    database: DatabaseState, op: maintenance.ListCompactions
) -> tuple[CompactionTask, ...]:
    """Return what the recent compaction jobs of a collection did."""
    number = database.collection(op.db, op.collection).record.id
    return tuple(
        task for job in database.maintenance.compactions(number) for task in _tasks_of(job)
    )


def _tasks_of(job: CompactionInfo) -> list[CompactionTask]:
    if job.state == CompactionState.Executing:
        return [CompactionTask(job=job.id, state=CompactionTaskState.Executing)]
    if job.failed:
        return [CompactionTask(job=job.id, state=CompactionTaskState.Failed)]
    state = CompactionTaskState.Completed
    return [
        CompactionTask(job=job.id, state=state, sources=sources, target=target)
        for sources, target in job.plans
    ]


def segments(database: DatabaseState, op: maintenance.ListSegments) -> tuple[SegmentInfo, ...]:
    """List the sealed segments, or with `loaded` all that searches read."""
    collection = database.collection(op.db, op.collection)
    listed: list[Segment] = list(collection.sealed.values())
    if op.loaded:
        loaded = collection.record.loaded
        listed = [s for s in collection.segments() if s.partition_id in loaded and s.num_rows]
    infos = [_segment(collection, segment) for segment in listed]
    return tuple(info for info in infos if not op.states or info.state in op.states)


def _segment(collection: Collection, segment: Segment) -> SegmentInfo:
    sealed = collection.sealed.get(segment.id)
    index = next((s for s in collection.specs.values() if _has(sealed, s)), None)
    return SegmentInfo(
        id=segment.id,
        collection_id=collection.record.id,
        partition_id=segment.partition_id,
        collection_name=collection.record.name,
        num_rows=segment.num_rows,
        state=SegmentState.Growing if sealed is None else SegmentState.Flushed,
        index_name="" if index is None else index.name,
        index_id=0 if index is None else index.id,
        memory_bytes=sealed.record.nbytes if sealed is not None else getattr(segment, "nbytes", 0),
    )


def _has(segment: SealedSegment | None, spec: IndexSpec) -> bool:
    return segment is not None and segment.has_index(spec.id)


def create_alias(database: DatabaseState, op: aliases.CreateAlias) -> None:
    """Let an alias stand for a collection."""
    check_name(op.alias, "collection alias")
    with database.ddl:
        collection = database.collection(op.db, op.collection)
        _refuse_conflict(database, op.db, op.alias)
        target = database.names.alias_target(op.db, op.alias)
        if target is not None and target != collection.record.id:
            other = database.collections[target].record.name
            message = f"{op.alias} is alias to another collection: {other}: alias already exist"
            message += f"[database={op.db or DEFAULT_DATABASE}][alias={op.alias}]"
            raise AliasAlreadyExistsError(message=message)
        collection.check_writable()
        database.names.set_alias(op.db, op.alias, collection.record.id)


def _refuse_conflict(database: DatabaseState, db: str, alias: str) -> None:
    if database.names.is_collection(db, alias):
        message = (
            f"alias and collection name conflict[database={db or DEFAULT_DATABASE}][alias={alias}]"
        )
        raise AliasConflictError(message=message)


def _alias_not_found(db: str, alias: str) -> AliasNotExistException:
    message = f"alias not found[database={db or DEFAULT_DATABASE}][alias={alias}]"
    return AliasNotExistException(message=message)


def alter_alias(database: DatabaseState, op: aliases.AlterAlias) -> None:
    """Point an alias to another collection."""
    check_name(op.alias, "collection alias")
    with database.ddl:
        collection = database.collection(op.db, op.collection)
        _refuse_conflict(database, op.db, op.alias)
        if database.names.alias_target(op.db, op.alias) is None:
            raise _alias_not_found(op.db, op.alias)
        collection.check_writable()
        database.names.set_alias(op.db, op.alias, collection.record.id)


def drop_alias(database: DatabaseState, op: aliases.DropAlias) -> None:
    """Drop an alias; one that does not exist is a success."""
    with database.ddl:
        if database.names.alias_target(op.db, op.alias) is not None:
            database.names.drop_alias(op.db, op.alias)


def describe_alias(database: DatabaseState, op: aliases.DescribeAlias) -> AliasInfo:
    """Return what an alias stands for."""
    target = database.names.alias_target(op.db, op.alias)
    if target is None:
        raise _alias_not_found(op.db, op.alias)
    name = database.collections[target].record.name
    return AliasInfo(alias=op.alias, collection=name, db=op.db or DEFAULT_DATABASE)


def list_aliases(database: DatabaseState, op: aliases.ListAliases) -> tuple[str, ...]:
    """List the aliases of a collection, or of the database."""
    if not op.collection:
        return database.names.aliases_in(op.db)
    return database.names.aliases_of(database.collection(op.db, op.collection).record.id)


def create_database(database: DatabaseState, op: databases.CreateDatabase) -> None:
    """Create a database."""
    check_database_name(op.db)
    check_values(op.properties)
    with database.ddl:
        if op.db in database.names.databases:
            raise MilvusException(65535, f"database already exist: {op.db}")
        if len(database.names.databases) >= MAX_DATABASES:
            message = f"database number ({MAX_DATABASES}) exceeds max configuration"
            raise DatabaseLimitError(message=message)
        record = DatabaseRecord(
            id=database.catalog.next_id(),
            name=op.db,
            created=database.clock.next(),
            properties=op.properties,
        )
        database.names.put_database(record)


def drop_database(database: DatabaseState, op: databases.DropDatabase) -> None:
    """Drop an empty database; one that does not exist is a success."""
    check_database_name(op.db)
    with database.ddl:
        record = database.names.databases.get(op.db)
        if record is None:
            return
        if op.db == DEFAULT_DATABASE:
            raise ParamError(message="can not drop default database: invalid parameter")
        if database.names.collections_in(op.db):
            message = f"{op.db} not empty, must drop all collections before drop database"
            raise MilvusException(65535, message)
        drop_snapshots_of(database, record.id)
        database.names.drop_database(record)


def list_databases(database: DatabaseState, op: databases.ListDatabases) -> tuple[str, ...]:  # noqa: ARG001 - as all handlers
    """List the databases."""
    return tuple(database.names.databases)


def describe_database(database: DatabaseState, op: databases.DescribeDatabase) -> DatabaseInfo:
    """Describe a database."""
    record = database.names.database(op.db)
    return DatabaseInfo(
        id=record.id,
        name=record.name,
        created_timestamp=record.created,
        properties=record.properties,
    )


def alter_database(database: DatabaseState, op: databases.AlterDatabaseProperties) -> None:
    """Set and drop properties of a database."""
    with database.ddl:
        record = database.names.database(op.db)
        kept = {k: v for k, v in record.properties.items() if k not in op.drop}
        check_values(op.properties)
        properties = {**kept, **op.properties}
        database.names.put_database(msgspec.structs.replace(record, properties=properties))
        for number in database.names.collections_in(op.db).values():
            database.collections[number].inherit(properties)


def server_info(database: DatabaseState, op: databases.GetServerInfo) -> ServerInfo:  # noqa: ARG001 - as all handlers
    """Return who answers."""
    return ServerInfo(version=__version__, kind="aiomilvus", identifier=database.pid)


def alloc_timestamp(database: DatabaseState, op: databases.AllocTimestamp) -> int:  # noqa: ARG001 - as all handlers
    """Return a fresh hybrid timestamp."""
    return database.clock.next()


def replicas(database: DatabaseState, op: cluster.DescribeReplicas) -> tuple[dict[str, Any], ...]:
    """Describe the one replica there is."""
    collection = database.collection(op.db, op.collection)
    if not collection.record.loaded:
        raise CollectionNotLoadedError(message=f"collection not loaded[collection={op.collection}]")
    replica = {
        "replica_id": collection.record.id,
        "collection_id": collection.record.id,
        "partition_ids": sorted(collection.record.loaded),
        "node_ids": [1],
        "resource_group": RESOURCE_GROUP,
    }
    return (replica,)


def resource_groups(database: DatabaseState, op: cluster.ListResourceGroups) -> tuple[str, ...]:  # noqa: ARG001 - as all handlers
    """List the one resource group there is."""
    return (RESOURCE_GROUP,)


def resource_group(database: DatabaseState, op: cluster.DescribeResourceGroup) -> dict[str, Any]:
    """Describe the default resource group."""
    if op.name != RESOURCE_GROUP:
        raise ResourceGroupNotFoundError(message=f"resource group not found[rg={op.name}]")
    loaded = [c.record.name for c in database.collections.values() if c.record.loaded]
    return {
        "name": RESOURCE_GROUP,
        "capacity": 1,
        "num_available_node": 1,
        "num_loaded_replica": dict.fromkeys(loaded, 1),
        "nodes": [{"node_id": 1, "address": "embedded", "hostname": "embedded"}],
    }
