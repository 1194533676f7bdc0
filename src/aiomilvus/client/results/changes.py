"""What `watch` tells: one object for each change of an entity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from aiomilvus.client.results.extra_list import key_list
from aiomilvus.model.changes import ChangeKind, ChangePosition

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from aiomilvus.model.changes import ChangePart


Row = dict[str, Any]
_BLOCK_ROWS = 256
"""Changes whose keys and places become Python's numbers in one step: an event loop may wait."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A committed change of a collection's entities.

    Attributes:
        kind: ``insert`` and ``upsert`` for a row that was written, ``delete`` for a key that was
            deleted, ``truncate`` and ``drop_partition`` for rows that all went at once.
        key: The primary key; None for the last two.
        row: The fields that were asked for, as `query` gives them; None where no row was written.
        partition: Name of the partition; "" where it concerns all of them.
        timestamp: When, a hybrid timestamp: milliseconds since 1970 << 18, and a counter.
            Changes of one call may share it.
        position: Where this change is among all; `watch` can go on behind it.

    Example:
        >>> await client.alter_collection_properties("books", {"changes.retention.seconds": 60})
        >>> async with client.watch("books", wait=0) as changes:
        ...     _ = await client.delete("books", ids=[1])
        ...     print([(change.kind, change.key) async for change in changes])
        [('delete', 1)]
    """

    kind: ChangeKind
    key: int | str | None
    row: Row | None
    partition: str
    timestamp: int
    position: str


def changes_of(collection: int, part: ChangePart, rows: Iterable[Row]) -> Iterator[Change]:
    """Yield the changes of a part, one by one.

    Args:
        collection: Id of the collection.
        part: The part.
        rows: Its rows, made.
    """
    written = iter(rows)
    for start in range(0, len(part.offsets), _BLOCK_ROWS):
        few = slice(start, start + _BLOCK_ROWS)
        places = zip(
            part.offsets[few].tolist(),
            part.told[few].tolist(),
            part.timestamps[few].tolist(),
            strict=True,
        )
        keys, passing = _keys(part, few), _passing(part, few)
        for key, passes, (offset, told, timestamp) in zip(keys, passing, places, strict=True):
            row = next(written) if passes else None
            # An upsert's row that does not pass may have taken the place of one that did.
            replaces = part.kind == "upsert" and row is None
            yield Change(
                kind="delete" if replaces else part.kind,
                key=key,
                row=row,
                partition=part.partition,
                timestamp=timestamp,
                position=str(ChangePosition(collection, part.log, offset, told, timestamp)),
            )


def _keys(part: ChangePart, few: slice) -> list[int | str | None]:
    count = len(part.offsets[few])
    if part.keys is None:
        return [None] * count
    return list(key_list(part.keys.slice(few.start, few.start + count)))


def _passing(part: ChangePart, few: slice) -> list[bool]:
    if part.passing is None:
        return [part.rows is not None] * len(part.offsets[few])
    passing: list[bool] = part.passing[few].tolist()
    return passing
