"""How the engine is doing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.engine.maintenance.index_builds import describe as describe_index
from aiomilvus.model.status import CollectionStatus, EngineStatus

if TYPE_CHECKING:
    from aiomilvus.engine.collection import Collection
    from aiomilvus.engine.state import DatabaseState
    from aiomilvus.model.operations.status import GetStatus


def get(database: DatabaseState, op: GetStatus) -> EngineStatus:  # noqa: ARG001 - as all handlers
    """Tell what is stored, and what work goes on; takes no lock that a read or write waits for."""
    databases = tuple(database.names.databases)
    found = []
    for db in databases:
        for number in list(database.names.collections_in(db).values()):
            collection = database.collections.get(number)
            if collection is not None:
                found.append(_status(db, number, collection))
    return EngineStatus(
        databases=databases, collections=tuple(found), lanes=database.maintenance.lanes()
    )


def _status(db: str, number: int, collection: Collection) -> CollectionStatus:
    snapshot = collection.snapshot
    masks = [view.deleted for view in snapshot.views if view.deleted is not None]
    deleted = sum(int(np.count_nonzero(mask)) for mask in masks)
    growing = [view for view in snapshot.views if view.segment.id not in collection.sealed]
    sealed = list(collection.sealed.values())
    indexes = [describe_index(collection, spec) for spec in collection.record.indexes]
    return CollectionStatus(
        db=db,
        id=number,
        name=snapshot.name,
        rows=sum(view.num_rows for view in snapshot.views) - deleted,
        growing_rows=sum(view.num_rows for view in growing),
        growing=len(growing),
        sealed=len(sealed),
        sealed_bytes=sum(segment.record.nbytes for segment in sealed),
        deleted_rows=deleted,
        indexed_rows=sum(index.indexed_rows for index in indexes),
        pending_rows=sum(index.pending_index_rows for index in indexes),
        index_rows=sum(index.total_rows for index in indexes),
        loaded=bool(snapshot.loaded),
    )
