"""What readers of a collection see: the snapshot published last, without what has expired."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.engine.expiry import Expiry, expiry_of, unexpired
from aiomilvus.engine.snapshot import SegmentView, Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from aiomilvus.engine.catalog.records import CollectionRecord
    from aiomilvus.engine.clock import Clock
    from aiomilvus.engine.segment.contract import Segment
    from aiomilvus.engine.segment.row_masks import Masks
    from aiomilvus.model.schema import Schema

ZONE = "timezone"
_FOREVER = 1e300


class Description:
    """What all snapshots of a collection say between two changes of its record.

    Args:
        record: The record.
        inherited: Properties of its database, which it may have other values for.
        in_zone: Gives the schema with a time zone.
    """

    def __init__(
        self,
        record: CollectionRecord,
        inherited: Mapping[str, str],
        in_zone: Callable[[str], Schema],
    ) -> None:
        self._record = record
        self._inherited = inherited
        self._properties = {**inherited, **record.properties}
        self._schema = in_zone(self._properties.get(ZONE, ""))
        self._partitions = {part.name: part.id for part in record.partitions}
        self._indexes = {spec.name: spec for spec in record.indexes}
        self.expiry = expiry_of(record.schema, self._properties)

    def is_of(self, record: CollectionRecord, inherited: Mapping[str, str]) -> bool:
        """Return whether it was made of these very objects."""
        return self._record is record and self._inherited is inherited

    def snapshot(self, number: int, timestamp: int, views: tuple[SegmentView, ...]) -> Snapshot:
        """Return a snapshot of the collection with these views."""
        record = self._record
        return Snapshot(
            collection_id=record.id,
            name=record.name,
            number=number,
            timestamp=timestamp,
            schema=self._schema,
            views=views,
            partitions=self._partitions,
            loaded=record.loaded,
            indexes=self._indexes,
            properties=self._properties,
            consistency=record.consistency,
        )


def view_of(segment: Segment, masks: Masks, old: SegmentView | None) -> SegmentView:
    """Return a segment's view, the `old` one while nothing of it changed."""
    rows = segment.num_rows
    if (
        old is not None
        and old.segment is segment
        and old.num_rows == rows
        and old.deleted is masks.deleted
        and old.shadowed is masks.shadowed
        and old.shadowed_by_other_partition is masks.shadowed_by_other_partition
    ):
        return old
    return SegmentView(
        segment, rows, masks.deleted, masks.shadowed, masks.shadowed_by_other_partition
    )


class Publication:
    """The snapshot that readers of a collection get.

    Args:
        clock: Tells how old rows are.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._showing = threading.Lock()
        self._until = float("inf")
        self._whole: Snapshot | None = None
        self._shown: Snapshot | None = None
        self.expiry = Expiry()

    @property
    def views(self) -> tuple[SegmentView, ...]:
        """The views of the snapshot published last, with the rows that have expired."""
        return () if self._whole is None else self._whole.views

    def show(
        self, whole: Snapshot, expiry: Expiry, tell: Callable[[], None] | None = None
    ) -> Snapshot:
        """Let readers see `whole`, without the rows that have expired, unless they see a later.

        Args:
            whole: What is published.
            expiry: When its rows expire.
            tell: Tells other processes. Readers of this one wait meanwhile, so that none sees
                what is new while one elsewhere, who asks later, does not yet.
        """
        shown, until = whole, float("inf")
        if not expiry.never:
            shown, until = unexpired(whole, expiry, self._clock.now())
        with self._showing:
            if self._whole is None or whole.number >= self._whole.number:
                try:
                    if tell is not None:
                        self._shown = None
                        tell()
                finally:
                    self._whole, self._shown = whole, shown
                    self.expiry, self._until = expiry, until
        return shown

    def expired(self, segment: Segment) -> NDArray[np.bool_] | None:
        """Return which rows of a segment have expired, None for none."""
        return self.expiry.expired(segment, segment.num_rows, self._clock.now())

    def share_gone(self, segment: Segment, deleted: NDArray[np.bool_] | None) -> float:
        """Return which share of a segment's rows is deleted or has expired."""
        gone = self.expired(segment)
        if gone is None and deleted is None:
            return 0.0
        both = np.zeros(segment.num_rows, np.bool_) if gone is None else gone.copy()
        if deleted is not None:
            both[: len(deleted)] |= deleted[: len(both)]
        return float(both.mean()) if len(both) else 0.0

    def current(self) -> Snapshot | None:
        """Return what readers see now, None when rows may have expired since: see `refreshed`."""
        if self._until > _FOREVER or self._clock.wall() < self._until:
            return self._shown
        return None

    def refreshed(self) -> Snapshot:
        """Return what readers see now, once more without what has expired."""
        with self._showing:
            whole, expiry = self._whole, self.expiry
        if whole is None:
            message = "nothing was published yet"
            raise LookupError(message)
        return self.show(whole, expiry)
