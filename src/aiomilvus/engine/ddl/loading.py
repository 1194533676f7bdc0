"""Load state, kept for each partition.

The engine serves a released collection's data no slower than a loaded one's; the state decides
whether it may be searched, as in Milvus.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.engine.ddl.partitions import partition_id
from aiomilvus.engine.ddl.records import changed
from aiomilvus.errors import IndexNotExistException, ParamError
from aiomilvus.model.results import LoadInfo
from aiomilvus.model.types import LoadState

if TYPE_CHECKING:
    from aiomilvus.engine.collection import Collection
    from aiomilvus.engine.state import DatabaseState
    from aiomilvus.model.operations import loading as ops


def _check_indexed(collection: Collection) -> None:
    indexed = {spec.field for spec in collection.record.indexes}
    without = [f.name for f in collection.record.schema.vectors if f.name not in indexed]
    if without and not indexed:
        raise IndexNotExistException(
            message=f"index not found[collection={collection.record.name}]"
        )
    if without:
        message = f"there is no vector index on field: {without}, please create index firstly"
        raise IndexNotExistException(message=message)


def _set(database: DatabaseState, collection: Collection, loaded: frozenset[int]) -> None:
    with collection.writes.turn:
        if loaded != collection.record.loaded:
            collection.change(changed(database, collection.record, loaded=loaded))


def load(database: DatabaseState, op: ops.LoadCollection) -> None:
    """Make all partitions searchable."""
    collection = database.collection(op.db, op.collection)
    _check_indexed(collection)
    _set(database, collection, frozenset(part.id for part in collection.record.partitions))


def release(database: DatabaseState, op: ops.ReleaseCollection) -> None:
    """Stop serving searches of a collection."""
    _set(database, database.collection(op.db, op.collection), frozenset())


def load_partitions(database: DatabaseState, op: ops.LoadPartitions) -> None:
    """Make some partitions searchable."""
    collection = database.collection(op.db, op.collection)
    numbers = {partition_id(collection, name) for name in op.partitions}
    if not numbers:
        message = "invalid parameter[expected=any partition][actual=empty partition list]"
        raise ParamError(message=message)
    _check_indexed(collection)
    _set(database, collection, collection.record.loaded | numbers)


def release_partitions(database: DatabaseState, op: ops.ReleasePartitions) -> None:
    """Stop serving searches of some partitions."""
    collection = database.collection(op.db, op.collection)
    if not op.partitions:
        message = "invalid parameter[expected=any partition][actual=empty partition list]"
        raise ParamError(message=message)
    numbers = {partition_id(collection, name) for name in op.partitions}
    _set(database, collection, collection.record.loaded - numbers)


def state(database: DatabaseState, op: ops.GetLoadState) -> LoadInfo:
    """Tell the load state; a collection that does not exist has the state NotExist."""
    if database.names.find(op.db, op.collection) is None:
        return LoadInfo(state=LoadState.NotExist, progress=0)
    collection = database.collection(op.db, op.collection)
    loaded = collection.record.loaded
    if op.partitions:
        wanted = {partition_id(collection, name) for name in op.partitions}
        is_loaded = wanted <= loaded
    else:
        is_loaded = bool(loaded)
    if is_loaded:
        return LoadInfo(state=LoadState.Loaded, progress=100)
    return LoadInfo(state=LoadState.NotLoad, progress=0)
