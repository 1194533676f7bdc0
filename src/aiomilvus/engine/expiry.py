"""Rows that expire: what a reader sees of a collection with a time to live.

A row expires ``collection.ttl.seconds`` after it was written, whatever jumps the machine's clock
makes (see `clock`), or at the moment that its field
named by ``ttl_field`` holds. Until compaction removes it, it is masked like a deleted row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from aiomilvus.engine.clock import LOGICAL_BITS
from aiomilvus.model.columns import FixedColumn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from aiomilvus.engine.clock import Moment
    from aiomilvus.engine.segment.contract import Segment
    from aiomilvus.engine.snapshot import SegmentView, Snapshot
    from aiomilvus.model.schema import Field, Schema

    Bools = NDArray[np.bool_]

TTL = "collection.ttl.seconds"
TTL_FIELD = "ttl_field"


class Expiry(NamedTuple):
    """When a collection's rows expire.

    Attributes:
        seconds: After they were written, 0 for never.
        field: The TIMESTAMPTZ field that says when, or None.
    """

    seconds: int = 0
    field: Field | None = None

    @property
    def never(self) -> bool:
        """Whether no row ever expires."""
        return self.seconds <= 0 and self.field is None

    def expired(self, segment: Segment, rows: int, now: Moment) -> Bools | None:
        """Return which of a segment's first `rows` rows have expired, None for none."""
        if self.field is not None:
            gone = self._moments(segment, self.field, rows) <= int(now.wall * 1e6)
            return gone if gone.any() else None
        if self.seconds <= 0:
            return None
        limits = (self._limit(now.wall), self._limit(now.wall + now.ahead))
        return segment.times().until(limits, now.since, rows)

    def next_change(self, segment: Segment, rows: int, now: Moment) -> float | None:
        """Return when the next row expires, in seconds since 1970; None for never."""
        if self.field is not None:
            moments = self._moments(segment, self.field, rows)
            later = moments[moments > int(now.wall * 1e6)]
            first = int(later.min()) if len(later) else _NEVER
            return None if first == _NEVER else first / 1e6
        if self.seconds <= 0:
            return None
        times = segment.times()
        found = [
            (stamp >> LOGICAL_BITS) / 1000 + self.seconds - ahead
            for ahead, start, end in ((0.0, 0, now.since), (now.ahead, now.since - 1, _NEVER))
            if (stamp := times.first_between(max(self._limit(now.wall + ahead), start), end))
        ]
        return min(found, default=None)

    def _limit(self, now: float) -> int:
        """Return the timestamp up to which rows have expired."""
        return (int((now - self.seconds) * 1000) + 1 << LOGICAL_BITS) - 1

    @staticmethod
    def _moments(segment: Segment, field: Field, rows: int) -> NDArray[np.int64]:
        column = FixedColumn.expect(segment.column(field))
        if column.valid is None:
            return column.values[:rows]
        return np.where(column.valid[:rows], column.values[:rows], _NEVER)


_NEVER = np.iinfo(np.int64).max


def expiry_of(schema: Schema, properties: Mapping[str, str]) -> Expiry:
    """Return when rows expire by these properties."""
    if schema.is_external:
        return Expiry()  # a refresh says which rows there are, whatever the database's property
    field = schema.by_name.get(properties.get(TTL_FIELD, ""))
    if field is not None:
        return Expiry(field=field)
    seconds = properties.get(TTL, "")
    return Expiry(seconds=int(seconds) if seconds.isdecimal() else 0)


def unexpired(snapshot: Snapshot, expiry: Expiry, now: Moment) -> tuple[Snapshot, float]:
    """Return what a snapshot shows at a moment, and until when it does.

    Views that lose no row stay the same objects, and so keep what is derived from them.
    """
    views = []
    until = float("inf")
    for view in snapshot.views:
        change = expiry.next_change(view.segment, view.num_rows, now)
        until = until if change is None else min(until, change)
        views.append(_without(view, expiry.expired(view.segment, view.num_rows, now)))
    return msgspec.structs.replace(snapshot, views=tuple(views)), until


def _without(view: SegmentView, gone: Bools | None) -> SegmentView:
    if gone is None:
        return view
    deleted = gone if view.deleted is None else gone | view.deleted
    kept = view.cache.unexpired
    if kept is not None and np.array_equal(kept[0], deleted):
        return kept[1]
    made = msgspec.structs.replace(view, deleted=deleted)
    view.cache.unexpired = deleted, made
    return made
