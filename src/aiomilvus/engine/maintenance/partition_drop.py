"""Dropping a partition: its rows go, and older rows that they hid are shown again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.engine.maintenance.seal import install_stored_masks, stored_masks
from aiomilvus.engine.query.filtering.key_lookup import hidden_still

if TYPE_CHECKING:
    from aiomilvus.engine.catalog.records import CollectionRecord
    from aiomilvus.engine.collection import Collection
    from aiomilvus.engine.segment.sealed import SealedSegment


def drop_partition(collection: Collection, number: int, record: CollectionRecord) -> None:
    """Forget a partition's rows and store the record without it. In the writer's turn.

    Raises:
        StorageError: The disk refused; nothing was changed.
    """
    gone = {s.id for s in collection.sealed.values() if s.partition_id == number}
    before = {segment.id: collection.masks.get(segment.id) for segment in collection.segments()}
    try:
        _show_again(collection, number)
        updated = stored_masks(collection, gone, record.updated)
        with collection.consistency.change():
            _swap_out(collection, number, record, gone, updated)
    except BaseException:
        for segment_id, masks in before.items():
            collection.masks.restore(segment_id, masks)
        raise


def _swap_out(
    collection: Collection,
    number: int,
    record: CollectionRecord,
    gone: set[int],
    updated: list[SealedSegment],
) -> None:
    with collection.catalog.transaction():
        for segment_id in gone:
            collection.catalog.drop_segment(segment_id)
        for segment in updated:
            collection.catalog.put_segment(record.id, segment.record)
        collection.catalog.put_collection(record)
    install_stored_masks(collection, updated)
    for segment_id in gone:
        collection.retire(segment_id)
    collection.forget_rows(lambda segment: segment.partition_id == number)
    collection.adopt(record)


def _show_again(collection: Collection, number: int) -> None:
    """Change the masks of rows that only rows of partition `number` hide."""
    snapshot = collection.snapshot
    views = tuple(view for view in snapshot.views if view.segment.partition_id != number)
    for place, view in enumerate(views):
        if view.shadowed_by_other_partition is None:
            continue
        hidden = hidden_still(snapshot, views, place)
        shown = np.setdiff1d(
            np.flatnonzero(view.shadowed_by_other_partition), hidden, assume_unique=True
        )
        if len(shown):
            collection.masks.show(view.segment, shown)
