"""Which rows of which segments are deleted or shadowed, as the writer sees it.

Published masks are never changed: the first change to a segment's mask after a publication
copies it. Only the collection's writer, in its turn, calls this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from aiomilvus.engine.segment.keys import key_list

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aiomilvus.engine.contracts import Segment
    from aiomilvus.model.columns import Column
    from aiomilvus.model.schema import Schema


class Masks(NamedTuple):
    """The masks of one segment, None where no row is concerned."""

    deleted: NDArray[np.bool_] | None = None
    shadowed: NDArray[np.bool_] | None = None

    @property
    def empty(self) -> bool:
        """Whether no row is concerned."""
        return self.deleted is None and self.shadowed is None


class MaskTable:
    """The masks of all segments of a collection, by segment id."""

    def __init__(self) -> None:
        self._masks: dict[int, Masks] = {}
        self._own: set[tuple[int, str]] = set()

    def set(self, segment_id: int, masks: Masks) -> None:
        """Set a segment's masks, as its files tell them or a compaction made them."""
        self._masks[segment_id] = masks
        self._own.discard((segment_id, "deleted"))
        self._own.discard((segment_id, "shadowed"))

    def drop(self, segment_id: int) -> None:
        """Forget a segment."""
        self._masks.pop(segment_id, None)

    def published(self, segment: Segment, rows: int) -> Masks:
        """Return the masks over the first `rows` rows, from now on unchangeable."""
        masks = self._masks.get(segment.id, Masks())
        fitted = Masks(*(None if m is None else _fitted(m, rows) for m in masks))
        self._masks[segment.id] = fitted
        self._own.discard((segment.id, "deleted"))
        self._own.discard((segment.id, "shadowed"))
        return fitted

    def get(self, segment_id: int) -> Masks:
        """Return a segment's masks as they are now."""
        return self._masks.get(segment_id, Masks())

    def _change(self, segment: Segment, which: str) -> NDArray[np.bool_]:
        masks = self._masks.get(segment.id, Masks())
        mask: NDArray[np.bool_] | None = getattr(masks, which)
        if mask is None:
            mask = np.zeros(segment.num_rows, np.bool_)
        elif len(mask) < segment.num_rows or (segment.id, which) not in self._own:
            mask = _fitted(mask, segment.num_rows).copy()
        self._own.add((segment.id, which))
        self._masks[segment.id] = masks._replace(**{which: mask})
        return mask

    def shadow(self, segment: Segment, rows: NDArray[np.int64]) -> None:
        """Mark rows whose key was inserted again."""
        self._change(segment, "shadowed")[rows] = True

    def delete(self, segment: Segment, schema: Schema, keys: Column) -> int:
        """Mark all rows with one of `keys` as deleted; return how many visible ones there were."""
        rows = self.rows_of(segment, schema, keys)
        deleted = self.get(segment.id).deleted
        if deleted is not None:
            inside = rows[rows < len(deleted)]
            rows = np.concatenate([inside[~deleted[inside]], rows[rows >= len(deleted)]])
        if not len(rows):
            return 0
        self._change(segment, "deleted")[rows] = True
        shadowed = self.get(segment.id).shadowed
        if shadowed is None:
            return len(rows)
        return len(rows) - int(_fitted(shadowed, segment.num_rows)[rows].sum())

    def rows_of(self, segment: Segment, schema: Schema, keys: Column) -> NDArray[np.int64]:
        """Return every row of the segment that has one of `keys`, shadowed ones included."""
        newest = segment.find(keys)
        rows = newest[newest >= 0]
        shadowed = self.get(segment.id).shadowed
        if shadowed is None:
            return np.unique(rows)
        hidden = np.flatnonzero(shadowed)
        wanted = set(key_list(keys))
        held = key_list(segment.column(schema.primary).take(hidden))
        more = [row for row, key in zip(hidden.tolist(), held, strict=True) if key in wanted]
        return np.unique(np.concatenate([rows, np.array(more, np.int64)]))


def _fitted(mask: NDArray[np.bool_], rows: int) -> NDArray[np.bool_]:
    if len(mask) == rows:
        return mask
    if len(mask) > rows:
        return mask[:rows]
    return np.concatenate([mask, np.zeros(rows - len(mask), np.bool_)])
