"""What a follower reads of a leader's files: at first all of it, then what is new.

Rows that grow are kept as long as the log has them, with all that was derived from them, whatever
becomes of the segments beside them; also when the follower leads one day (`take_over`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from aiomilvus.engine.recovery import (
    remove_orphans,
    reopen_sealed,
    replay_logs,
    step_of,
    with_named,
)
from aiomilvus.engine.segment.row_masks import Masks
from aiomilvus.engine.storage.board import Position
from aiomilvus.engine.storage.log_reader import acknowledged_part, frames_of
from aiomilvus.engine.write.commit import apply, mark_removed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiomilvus.engine.catalog.log_marks import LogMark
    from aiomilvus.engine.catalog.records import CollectionRecord, SegmentRecord
    from aiomilvus.engine.collection import Collection
    from aiomilvus.engine.storage.log_reader import LogPart


class Unapplied(NamedTuple):
    """What was read of a log and is to be applied.

    Attributes:
        log: Number of the log that was applied last.
        parts: What follows.
        reapplied: What was applied before, and is to be applied to the segments `fresh`.
        fresh: Numbers of segments that are new.
    """

    log: int
    parts: Sequence[LogPart]
    reapplied: Sequence[LogPart] = ()
    fresh: frozenset[int] = frozenset()


def reopen(
    collection: Collection,
    record: CollectionRecord,
    seen: Position | None,
    upto: Position,
) -> Unapplied:
    """Open what the catalog names, another process' files, and read its log.

    Called in the writer's turn, while that process can't commit, so as briefly as may be: what
    is returned is for `replay`, which takes longer.

    Args:
        collection: Whose files they are.
        record: What the catalog says of it.
        seen: How far the log was applied; None if that is unknown.
        upto: How far the log is acknowledged.
    """
    first = Position(record.first_log, 0)
    if seen is None or not _has_same_rows(collection.record, record):
        reopen_sealed(collection, record)
        collection.log.publish_upto(upto)
        return Unapplied(first.log, _parts(collection, first, upto))
    fresh = _open_fresh(collection, record)
    collection.log.publish_upto(upto)  # after the record, which has the marks in front of it
    reapplied = _parts(collection, first, seen) if fresh else []
    return Unapplied(seen.log, _parts(collection, seen, upto), reapplied, fresh)


def _has_same_rows(before: CollectionRecord, now: CollectionRecord) -> bool:
    """Return whether what grows is told by the same logs, and in the same way."""
    return (before.first_log, before.schema, before.partitions) == (
        now.first_log,
        now.schema,
        now.partitions,
    )


def _open_fresh(collection: Collection, record: CollectionRecord) -> frozenset[int]:
    """Open what is new of the segments that the catalog names; return the numbers of these.

    Those of which indexes alone were added keep their masks.
    """
    named = collection.catalog.segments(record.id)
    fresh = frozenset(each.id for each in named if not _is_same(collection, each))
    opened = []
    for each in named:
        segment = collection.sealed.get(each.id)
        if segment is None:
            segment = collection.open_sealed(each, record.schema)
        elif segment.record != each:
            segment = with_named(segment, each)
        segment.map_ahead()
        opened.append(segment)
    for number in collection.sealed.keys() - {each.id for each in named}:
        collection.retire(number)
    collection.take(record)
    for segment in opened:
        collection.add_sealed(segment)
        if segment.id in fresh:
            collection.masks.set(segment.id, Masks(*segment.masks()))
        collection.observe(segment.record.since)
    return fresh


def _is_same(collection: Collection, named: SegmentRecord) -> bool:
    """Return whether a segment is open already, with the masks that its files tell."""
    known = collection.sealed.get(named.id)
    if known is None:
        return False
    mine = known.record
    return (mine.since, mine.masks, mine.num_rows) == (named.since, named.masks, named.num_rows)


def replay(collection: Collection, unapplied: Unapplied) -> None:
    """Apply what `reopen` read, and publish. Called in the same turn."""
    _reapply(collection, unapplied)
    _apply(collection, unapplied.log, unapplied.parts)
    collection.publish()


def _reapply(collection: Collection, unapplied: Unapplied) -> None:
    """Mark the rows of fresh segments that the log deletes or replaces."""
    fresh = [collection.sealed[number] for number in unapplied.fresh]
    for part in unapplied.reapplied:
        for record in frames_of(part):
            mark_removed(collection, step_of(collection, record), fresh)


def catch_up(collection: Collection, seen: Position, upto: Position) -> bool:
    """Apply what another process has appended to the log since.

    Args:
        collection: Whose log it is.
        seen: How far its log was applied.
        upto: How far it is acknowledged.

    Returns:
        False if a log that is needed has gone: what it told is in segments now.
    """
    with collection.writes.turn:
        try:
            parts = _parts(collection, seen, upto)
        except FileNotFoundError:
            return False
        _apply(collection, seen.log, parts)
        collection.log.publish_upto(upto)
        collection.publish(logged_only=True)
    return True


def _parts(collection: Collection, seen: Position, upto: Position) -> list[LogPart]:
    """Return the frames between two positions; FileNotFoundError if a log has gone."""
    parts = []
    for number in range(seen.log, upto.log + 1):
        path = collection.log.path(number)
        start = seen.size if number == seen.log else 0
        stop = upto.size if number == upto.log else None
        if path is not None and stop not in (start, 0):
            parts.append(acknowledged_part(collection.files, path, number, start, stop))
    return parts


def _apply(collection: Collection, log: int, parts: Sequence[LogPart]) -> None:
    """Apply frames; rows of a later log than `log` grow in segments of their own."""
    for part in parts:
        if part.number > log:
            collection.freeze()
            log = part.number
        for record in frames_of(part):
            apply(collection, step_of(collection, record))


def take_over(
    collection: Collection, record: CollectionRecord, mark: LogMark | None, seen: Position | None
) -> None:
    """Bring a collection that was followed to what its files tell, to lead it from now on.

    Nothing is published: what the last leader has logged, but told nobody of, may not be seen
    here before others can see it.

    Args:
        collection: What was followed. It may be written now, and has the catalog to write to.
        record: What the catalog says of it.
        mark: How long its log was when it was last closed, if that is known.
        seen: How far the log was applied; None if that is unknown.

    Raises:
        DataCorruptedError: A file is damaged.
    """
    folder = collection.folder
    if folder is None:
        return
    with collection.writes.turn:
        if seen is None or not _has_same_rows(collection.record, record):
            seen = None
            reopen_sealed(collection, record)
        else:
            collection.log.restart(record.first_log)
            fresh = _open_fresh(collection, record)
            reapplied = _parts(collection, Position(record.first_log, 0), seen) if fresh else []
            _reapply(collection, Unapplied(seen.log, (), reapplied, fresh))
        logs = replay_logs(collection, folder, mark, seen)
        remove_orphans(collection, folder, logs)
