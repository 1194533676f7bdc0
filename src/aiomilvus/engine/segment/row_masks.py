"""Which rows of which segments are deleted or shadowed, as the writer sees it.

A deletion is a tombstone: a bit of the mask `deleted`, not a row of its own; compaction drops the
rows that have one. A row is shadowed when its key was inserted again. Where that happened in other
partitions only, it is the newest of its own partition, and shadowed by another partition.

Published masks are never changed: the first change to a segment's mask after a publication
copies it. Only the collection's writer, in its turn, calls this; but `get` is called by anyone who
estimates which share of a sealed segment is gone. A mask that the writer is changing then is as
long as ever, so the estimate is a little old, or a little new.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aiomilvus.engine.segment.contract import Segment
    from aiomilvus.model.columns import Column


class Masks(NamedTuple):
    """The masks of one segment, None where no row is concerned.

    Attributes:
        deleted: Rows whose key was deleted or upserted.
        shadowed: Rows whose key was inserted again.
        shadowed_by_other_partition: Those of the shadowed rows that are the newest of their own
            partition.
    """

    deleted: NDArray[np.bool_] | None = None
    shadowed: NDArray[np.bool_] | None = None
    shadowed_by_other_partition: NDArray[np.bool_] | None = None

    @property
    def empty(self) -> bool:
        """Whether no row is concerned."""
        return self.deleted is None and self.shadowed is None


_NONE = Masks()
_FEW = 8
"""So few rows are sooner looked at one by one."""


class MaskTable:
    """The masks of all segments of a collection, by segment id."""

    def __init__(self) -> None:
        self._masks: dict[int, Masks] = {}
        self._stored: dict[int, Masks] = {}
        self._own: dict[int, set[str]] = {}
        """Of each segment the masks that were copied since they were published."""

    def set(self, segment_id: int, masks: Masks) -> None:
        """Set a segment's masks, which are those that its files tell."""
        self._masks[segment_id] = masks
        self.stored(segment_id)

    def stored(self, segment_id: int) -> None:
        """Note that the files of a segment tell its masks as they are now."""
        self._stored[segment_id] = self.get(segment_id)
        self._disown(segment_id)

    def changed(self, segment_id: int) -> bool:
        """Return whether a segment's masks are others than its files tell."""
        told = self._stored.get(segment_id, Masks())
        now = self.get(segment_id)
        # A mask is copied before it is changed, so an identical one is unchanged.
        return any(a is not b for a, b in zip(told, now, strict=True))

    def _disown(self, segment_id: int) -> None:
        self._own.pop(segment_id, None)

    def drop(self, segment_id: int) -> None:
        """Forget a segment."""
        self._masks.pop(segment_id, None)
        self._stored.pop(segment_id, None)
        self._disown(segment_id)

    def published(self, segment: Segment, rows: int) -> Masks:
        """Return the masks over the first `rows` rows, from now on unchangeable."""
        masks = self._masks.get(segment.id)
        if masks is None:
            return _NONE
        for mask in masks:
            if mask is not None and len(mask) != rows:
                masks = Masks(*[None if each is None else _fitted(each, rows) for each in masks])
                self._masks[segment.id] = masks
                break
        self._disown(segment.id)
        return masks

    def get(self, segment_id: int) -> Masks:
        """Return a segment's masks as they are now."""
        return self._masks.get(segment_id, _NONE)

    def _change(self, segment: Segment, which: str) -> NDArray[np.bool_]:
        masks = self._masks.get(segment.id, _NONE)
        own = self._own.setdefault(segment.id, set())
        mask: NDArray[np.bool_] | None = getattr(masks, which)
        if mask is None:
            mask = np.zeros(segment.num_rows, np.bool_)
        elif len(mask) < segment.num_rows or which not in own:
            mask = _longer(mask, segment.num_rows)
        own.add(which)
        self._masks[segment.id] = masks._replace(**{which: mask})
        return mask

    def shadow(self, segment: Segment, rows: NDArray[np.int64], partition: int) -> None:
        """Mark rows, the newest of their keys in the segment: these were inserted again.

        Args:
            segment: Where the rows are.
            rows: Their numbers, at least one.
            partition: Where the newer rows are.
        """
        masks = self.get(segment.id)
        if partition == segment.partition_id:
            if masks.shadowed_by_other_partition is not None:
                self._change(segment, "shadowed_by_other_partition")[rows] = False
        else:
            if masks.shadowed is not None:
                rows = rows[~_fitted(masks.shadowed, segment.num_rows)[rows]]
            if not len(rows):
                return
            self._change(segment, "shadowed_by_other_partition")[rows] = True
        self._change(segment, "shadowed")[rows] = True

    def show(self, segment: Segment, rows: NDArray[np.int64]) -> None:
        """Show rows shadowed by another partition again: what shadowed them is gone."""
        self._change(segment, "shadowed_by_other_partition")[rows] = False
        self._change(segment, "shadowed")[rows] = False

    def restore(self, segment_id: int, masks: Masks) -> None:
        """Set a segment's masks to what they were before a change that failed."""
        self._masks[segment_id] = masks
        self._disown(segment_id)

    def delete(self, segment: Segment, keys: Column) -> None:
        """Mark all rows with one of `keys` as deleted."""
        rows = segment.find_all(keys)
        deleted = self.get(segment.id).deleted
        if deleted is not None:
            rows = _unmarked(deleted, rows)
        if len(rows):
            self._change(segment, "deleted")[rows] = True


def _unmarked(mask: NDArray[np.bool_], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return those of some rising rows that are not marked; the mask may end before they do."""
    count = len(mask)
    if len(rows) <= _FEW:
        left = [row for row in rows.tolist() if row >= count or not mask.item(row)]
        return rows if len(left) == len(rows) else np.array(left, np.int64)
    inside = rows[rows < count]
    return np.concatenate([inside[~mask[inside]], rows[len(inside) :]])


def _longer(mask: NDArray[np.bool_], rows: int) -> NDArray[np.bool_]:
    """Return a copy of a mask over so many rows."""
    longer = np.zeros(rows, np.bool_)
    longer[: len(mask)] = mask[:rows]
    return longer


def _fitted(mask: NDArray[np.bool_], rows: int) -> NDArray[np.bool_]:
    if len(mask) == rows:
        return mask
    if len(mask) > rows:
        return mask[:rows]
    return np.concatenate([mask, np.zeros(rows - len(mask), np.bool_)])
