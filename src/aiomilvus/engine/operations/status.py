"""How the engine is doing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.engine.segment.sealed import SealedSegment
from aiomilvus.model.status import CollectionStatus, EngineStatus

if TYPE_CHECKING:
    from aiomilvus.engine.snapshot import Snapshot
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
                found.append(_status(db, collection.snapshot))
    return EngineStatus(
        databases=databases, collections=tuple(found), lanes=database.maintenance.lanes()
    )


def _status(db: str, snapshot: Snapshot) -> CollectionStatus:
    """Return what a snapshot tells of its collection; worked out once, as it never changes."""
    kept = snapshot.cache.status
    if kept is None or kept.db != db:
        kept = snapshot.cache.status = _worked_out(db, snapshot)
    return kept


def _worked_out(db: str, snapshot: Snapshot) -> CollectionStatus:
    views = snapshot.views
    masks = [view.deleted for view in views if view.deleted is not None]
    deleted = sum(int(np.count_nonzero(mask)) for mask in masks)
    sealed = [view.segment for view in views if isinstance(view.segment, SealedSegment)]
    rows = sum(view.num_rows for view in views)
    sealed_rows = sum(segment.num_rows for segment in sealed)
    indexes = snapshot.indexes.values()
    indexed = sum(
        segment.num_rows for spec in indexes for segment in sealed if segment.has_index(spec.id)
    )
    return CollectionStatus(
        db=db,
        id=snapshot.collection_id,
        name=snapshot.name,
        rows=rows - deleted,
        growing_rows=rows - sealed_rows,
        growing=len(views) - len(sealed),
        sealed=len(sealed),
        sealed_bytes=sum(segment.record.nbytes for segment in sealed),
        deleted_rows=deleted,
        indexed_rows=indexed,
        pending_rows=len(indexes) * sealed_rows - indexed,
        index_rows=len(indexes) * rows,
        loaded=bool(snapshot.loaded),
    )
