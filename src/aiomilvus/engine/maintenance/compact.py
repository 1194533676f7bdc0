"""Compaction: few, large segments, without the rows that were deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.engine.collection import MUCH
from aiomilvus.engine.maintenance.index_builds import build_ahead, build_one, missing
from aiomilvus.engine.maintenance.seal import Written, swap, write_live_rows

if TYPE_CHECKING:
    from aiomilvus.engine.collection import Collection
    from aiomilvus.engine.index.contract import BuildBudget
    from aiomilvus.engine.segment.contract import Segment
    from aiomilvus.engine.segment.sealed import SealedSegment
    from aiomilvus.model.schema import Schema

TARGET_ROWS = 4_000_000
"""A segment this large is not merged any further."""
STEP_BYTES = 64 << 20
"""Rows without an index are merged up to this size: they are to have one soon."""


def _is_dated(collection: Collection, segment: SealedSegment) -> bool:
    """Return whether the files have other fields than the schema."""
    return set(segment.record.fields) != {field.id for field in collection.record.schema.fields}


def candidates(
    collection: Collection, target_bytes: int, *, everything: bool
) -> list[list[SealedSegment]]:
    """Return groups of segments to merge, each of one partition.

    Args:
        collection: Where to look.
        target_bytes: How large a merged segment's columns may be.
        everything: Merge all that may be merged (an explicit request), rather than only when
            it pays: a merge writes and indexes each row again, so in the background an indexed
            segment joins only others that are two thirds of its size together at least, and
            segments without an index join few others, so that not all wait for one large index.
    """
    if collection.record.schema.is_external:
        return []  # the rows stay where they are
    waiting = set() if everything else {segment.id for _, segment in missing(collection)}
    groups: dict[int, list[SealedSegment]] = {}
    for segment in list(collection.sealed.values()):
        groups.setdefault(segment.partition_id, []).append(segment)
    found = []
    for members in groups.values():
        wasteful = [s for s in members if collection.share_gone(s) >= MUCH]
        if everything:
            wasteful = [
                s for s in members if collection.share_gone(s) > 0 or _is_dated(collection, s)
            ]
        rest = {segment.id for segment in wasteful}
        for group in _groups(members, target_bytes, waiting, everything=everything):
            if len(group) > 1 or group[0].id in rest:
                found.append(group)
                rest -= {segment.id for segment in group}
        found += [[segment] for segment in wasteful if segment.id in rest]
    return found


def _groups(
    members: list[SealedSegment], target_bytes: int, waiting: set[int], *, everything: bool
) -> list[list[SealedSegment]]:
    """Return the segments that may be merged in groups, the smallest first."""
    groups: list[list[SealedSegment]] = []
    rows = nbytes = most = 0
    for segment in sorted(members, key=lambda s: s.num_rows):
        limit = min(STEP_BYTES, target_bytes) if segment.id in waiting else target_bytes
        fits = rows + segment.num_rows <= TARGET_ROWS
        fits = fits and nbytes + segment.record.nbytes <= min(most, limit)
        pays = everything or 3 * rows >= 2 * segment.num_rows or not segment.record.indexes
        if not groups or not fits:
            groups.append([])
            rows, nbytes, most = 0, 0, limit
        elif not pays:
            continue
        groups[-1].append(segment)
        rows += segment.num_rows
        nbytes += segment.record.nbytes
        most = min(most, limit)
    return groups


def _are_there(collection: Collection, numbers: tuple[int, ...]) -> bool:
    return not collection.dropped and all(number in collection.sealed for number in numbers)


def compact(
    collection: Collection, group: list[SealedSegment], budget: BuildBudget
) -> tuple[tuple[int, ...], int]:
    """Merge a group into one segment, with its indexes.

    Until these are built, searches go over the sources, which have theirs.

    Returns:
        The ids of the sources and of the new segment, 0 when no row was left.

    Raises:
        BuildStoppedError: The work was given up; the sources are as before.
    """
    sources: list[Segment] = list(group)
    numbers = tuple(segment.id for segment in group)
    with collection.writes.turn:
        if not _are_there(collection, numbers):
            return numbers, 0
        schema = collection.record.schema
        before = [(segment, collection.masks_now(segment)) for segment in sources]
    written = write_live_rows(collection, schema, before)
    try:
        if written.num_rows:
            record = written.record(schema, collection.last_timestamp)
            opened = collection.open_sealed(record, schema, written.batch, written.times)
            written.ahead = build_ahead(collection, group, opened, budget)
        made = _swap_in(collection, schema, numbers, sources, written)
    except BaseException:
        collection.remove_unused([written.number])
        raise
    for segment in made:
        for spec in list(collection.specs.values()):  # some may be newer than the merge
            if not segment.has_index(spec.id) and not collection.builds.has_failed(spec.id):
                build_one(collection, spec, segment, budget)
    return numbers, made[0].id if made else 0


def _swap_in(
    collection: Collection,
    schema: Schema,
    numbers: tuple[int, ...],
    sources: list[Segment],
    written: Written,
) -> list[SealedSegment]:
    """Put the new segment in the place of its sources, unless one of these is gone meanwhile."""
    with collection.writes.turn:
        if not collection.dropped:
            collection.check_writable()
        if not _are_there(collection, numbers):
            collection.remove_unused([written.number])
            return []
        made = swap(collection, schema, [(sources, written)])
        collection.publish()
    return made
