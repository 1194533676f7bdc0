"""Load state, kept for each partition.

The engine serves a released collection's data no slower than a loaded one's; the state decides
whether it may be searched, as in Milvus. All fields of a loaded collection are served, also when
fewer were asked for, and there is one copy on the one node.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.engine.operations.record_changes import changed
from aiomilvus.engine.operations.rules.group_rules import stored_group, too_few_nodes
from aiomilvus.engine.operations.rules.partition_rules import refuse_with_key
from aiomilvus.errors import (
    CollectionNotLoadedError,
    IndexNotExistException,
    MilvusException,
    ParamError,
    ResourceGroupNotFoundError,
)
from aiomilvus.model.resource_groups import DEFAULT_RESOURCE_GROUP
from aiomilvus.model.results import LoadInfo
from aiomilvus.model.types import LoadState

if TYPE_CHECKING:
    from aiomilvus.engine.catalog.records import CollectionRecord
    from aiomilvus.engine.collection import Collection
    from aiomilvus.engine.state import DatabaseState
    from aiomilvus.model.operations import loading as ops


def _check_indexed(collection: Collection) -> None:
    indexed = {spec.field for spec in collection.record.indexes}
    without = [f.name for f in collection.record.schema.vectors if f.name not in indexed]
    if without and not indexed:
        raise IndexNotExistException(
            message=f"index not found[collection={collection.record.name}]; call create_index for "
            f"each of the vector fields {without} first"
        )
    if without:
        listed = f"[{' '.join(without)}]"
        message = f"there is no vector index on field: {listed}, please create index firstly"
        raise ParamError(message=f"{message}: invalid parameter")


def _check_options(collection: Collection, op: ops.LoadCollection | ops.LoadPartitions) -> None:
    """Refuse a load whose fields do not suffice.

    Raises:
        CollectionNotLoadedError: A refresh of what is not loaded.
        ParamError: `load_fields` lacks the key or every vector, or names no field.
    """
    if op.refresh and not collection.record.loaded:
        name = collection.record.name
        raise CollectionNotLoadedError(message=f"collection not loaded[collection={name}]")
    if op.load_fields:
        _check_fields(collection, op)


def _group_of(
    database: DatabaseState, record: CollectionRecord, op: ops.LoadCollection | ops.LoadPartitions
) -> str:
    """Return the resource group that a load puts the one replica into.

    Raises:
        MilvusException: Another number of groups than replicas.
        ResourceGroupNotFoundError: A resource group does not exist.
        ResourceGroupNodesError: A group has fewer nodes than replicas would be in it.
    """
    replicas = max(op.replicas, 1)
    present = record.resource_group if record.loaded else DEFAULT_RESOURCE_GROUP
    wanted = op.resource_groups or (present,)
    if len(wanted) not in (1, replicas):
        message = "resource group num can only be 0, 1 or same as replica number"
        raise MilvusException(65535, message)
    groups = database.catalog.resource_groups()
    for name in wanted:
        if name not in groups.configs:
            raise ResourceGroupNotFoundError(message=f"resource group not found[rg={name}]")
    is_there = bool(record.loaded) and replicas == 1 and wanted == (present,)
    for name in () if is_there else wanted:
        count = replicas if len(wanted) == 1 else wanted.count(name)
        if count > groups.nodes(name):
            raise too_few_nodes(groups, name, count)
    return wanted[0]


def _check_fields(collection: Collection, op: ops.LoadCollection | ops.LoadPartitions) -> None:
    """Refuse `load_fields` with which nothing could be searched."""
    schema = collection.record.schema
    known = {*schema.by_name, *(struct.name for struct in schema.structs)}
    unknown = [name for name in op.load_fields if name not in known]
    if unknown:
        raise ParamError(message=f"load_fields: there is no field {unknown[0]!r}")
    wanted = set(op.load_fields)
    needed = [f.name for f in schema.fields if f.is_primary or f.is_partition_key]
    for name in needed:
        if name not in wanted:
            message = f"load_fields {sorted(wanted)} lack {name!r}, which is always needed"
            raise ParamError(message=message)
    if not wanted.intersection(field.name for field in schema.vectors):
        raise ParamError(message=f"load_fields {sorted(wanted)} have no vector field")
    if op.skip_dynamic and schema.dynamic is not None and schema.dynamic.name in wanted:
        raise ParamError(message="the dynamic field is in load_fields and to be skipped")


def _set(
    database: DatabaseState,
    collection: Collection,
    loaded: frozenset[int],
    group: str | None = None,
) -> None:
    """Let these partitions be loaded, into another resource group if one is given."""
    with collection.writes.turn:
        record = collection.record
        kept = record.group if group is None else stored_group(group)
        if (loaded, kept) != (record.loaded, record.group):
            collection.change(changed(database, record, loaded=loaded, group=kept))


def load(database: DatabaseState, op: ops.LoadCollection) -> None:
    """Make all partitions searchable."""
    collection = database.collection(op.db, op.collection)
    _check_indexed(collection)
    _check_options(collection, op)
    with database.ddl:
        group = _group_of(database, collection.record, op)
        _set(database, collection, frozenset(p.id for p in collection.record.partitions), group)


def release(database: DatabaseState, op: ops.ReleaseCollection) -> None:
    """Stop serving searches of a collection."""
    _set(database, database.collection(op.db, op.collection), frozenset(), "")


def load_partitions(database: DatabaseState, op: ops.LoadPartitions) -> None:
    """Make some partitions searchable."""
    collection = database.collection(op.db, op.collection)
    refuse_with_key(collection, "load partitions")
    numbers = {collection.record.partition_id(name) for name in op.partitions}
    if not numbers:
        message = "invalid parameter[expected=any partition][actual=empty partition list]"
        raise ParamError(message=message)
    _check_indexed(collection)
    _check_options(collection, op)
    with database.ddl:
        group = _group_of(database, collection.record, op)
        _set(database, collection, collection.record.loaded | numbers, group)


def release_partitions(database: DatabaseState, op: ops.ReleasePartitions) -> None:
    """Stop serving searches of some partitions."""
    collection = database.collection(op.db, op.collection)
    refuse_with_key(collection, "release partitions")
    if not op.partitions:
        message = "invalid parameter[expected=any partition][actual=empty partition list]"
        raise ParamError(message=message)
    numbers = {collection.record.partition_id(name) for name in op.partitions}
    _set(database, collection, collection.record.loaded - numbers)


def state(database: DatabaseState, op: ops.GetLoadState) -> LoadInfo:
    """Tell the load state; a collection that does not exist has the state NotExist."""
    if database.names.find(op.db, op.collection) is None:
        return LoadInfo(state=LoadState.NotExist, progress=0)
    collection = database.collection(op.db, op.collection)
    loaded = collection.record.loaded
    if op.partitions:
        wanted = {collection.record.partition_id(name) for name in op.partitions}
        is_loaded = wanted <= loaded
    else:
        is_loaded = bool(loaded)
    if is_loaded:
        return LoadInfo(state=LoadState.Loaded, progress=100)
    return LoadInfo(state=LoadState.NotLoad, progress=0)
