"""Sealing: growing rows become immutable files, and their log is let go.

1. In the writer's turn, growing segments are frozen and a new log is begun.
2. Beside everything else, the frozen rows are written to files; deleted ones are left out.
3. In the writer's turn, one catalog transaction adds the segments, stores the masks that only
   the old logs told, and names the new log as the first that is needed.

A crash before 3 leaves the logs, from which all is recovered; after 3, orphans to remove.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from aiomilvus.engine.catalog.records import SegmentRecord
from aiomilvus.engine.maintenance.growing_graphs import carry_over
from aiomilvus.engine.recording import let_go_logs
from aiomilvus.engine.segment.merging import merged_column, write_merged
from aiomilvus.engine.segment.row_masks import Masks
from aiomilvus.engine.segment.sealed import SealedSegment, write_masks
from aiomilvus.engine.segment.times import RowTimes
from aiomilvus.model.batch import ColumnBatch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from aiomilvus.engine.catalog.records import CollectionRecord
    from aiomilvus.engine.collection import Collection
    from aiomilvus.engine.segment.contract import Segment
    from aiomilvus.engine.segment.growing import GrowingSegment
    from aiomilvus.model.schema import Schema


def rotate(collection: Collection) -> None:
    """Freeze what is growing and begin a new log, if there is anything to seal.

    Deletions alone are that too: else their log would grow as long as nothing is inserted.
    """
    with collection.writes.turn:
        if collection.dropped or not (collection.growing or not collection.log.is_empty):
            return
        collection.check_writable()
        collection.log.begin()
        collection.freeze()
        collection.publish()


def seal(collection: Collection) -> None:
    """Write the frozen segments to files and swap them in. Called by one thread at a time."""
    with collection.writes.turn:
        frozen = list(collection.frozen)
        upto = collection.log.number
        is_idle = not frozen and upto == collection.record.first_log
        schema = collection.record.schema
        before = {segment.id: collection.masks.get(segment.id) for segment in frozen}
    if is_idle:
        # What was kept for those who watch may have become too old, or is kept no more.
        if not collection.dropped:
            let_go_logs(collection)
        return
    written: dict[int, Written] = {}
    try:
        for segment in frozen:
            parts: list[tuple[Segment, Masks]] = [(segment, before[segment.id])]
            written[segment.id] = write_live_rows(collection, schema, parts)
        is_done = _swap_in(collection, schema, frozen, written, upto)
    except BaseException:
        collection.remove_unused(each.number for each in written.values())
        raise
    if is_done:
        let_go_logs(collection)
    else:
        collection.remove_unused(each.number for each in written.values())


def _swap_in(
    collection: Collection,
    schema: Schema,
    frozen: list[GrowingSegment],
    written: dict[int, Written],
    upto: int,
) -> bool:
    """Put the files in the place of the frozen rows, unless these are gone meanwhile."""
    with collection.writes.turn:
        if collection.dropped:
            return False
        collection.check_writable()
        if not _still_frozen(collection, frozen):
            return False
        made = swap(collection, schema, [([s], written[s.id]) for s in frozen], first_log=upto)
        by_number = {segment.id: segment for segment in made}
        for source in frozen:
            target, parts = by_number.get(written[source.id].number), written[source.id].sources
            if target is not None and len(parts) == 1:  # else rows have changed places
                carry_over(collection, source, parts[0][1], target)
        collection.forget_rows(lambda segment: segment in frozen)
        collection.publish()
    return True


def _still_frozen(collection: Collection, frozen: Sequence[GrowingSegment]) -> bool:
    return all(segment in collection.frozen for segment in frozen)


Sources = list[tuple["Segment", "NDArray[np.int64]"]]


class Written:
    """A new sealed segment's files and how its rows came about.

    Attributes:
        batch: The columns, where there are no files.
        sources: Which rows of which segments were kept, in order.
        times: When they were written.
        ahead: The segment as it is opened already, with the indexes that were built for it.
    """

    def __init__(self, number: int, sources: Sources, times: RowTimes) -> None:
        self.number = number
        self.num_rows = sum(len(rows) for _, rows in sources)
        self.nbytes = 0
        self.batch: ColumnBatch | None = None
        self.sources = sources
        self.times = times
        self.ahead: SealedSegment | None = None

    def record(self, schema: Schema, since: int) -> SegmentRecord:
        """Return what the catalog is to say of the segment, whose columns are `schema`'s."""
        return SegmentRecord(
            id=self.number,
            partition_id=self.sources[0][0].partition_id,
            num_rows=self.num_rows,
            since=since,
            fields=tuple(field.id for field in schema.fields),
            nbytes=self.nbytes,
        )


def write_live_rows(
    collection: Collection, schema: Schema, parts: list[tuple[Segment, Masks]]
) -> Written:
    """Write the rows that are not deleted as the files of one new segment.

    Args:
        collection: Whose rows they are.
        schema: The columns to write.
        parts: Source segments with their masks as of now; later deletions come with `swap`.
    """
    sources = _kept_rows(parts)
    times = RowTimes.concat([segment.times().take(rows) for segment, rows in sources])
    written = Written(collection.catalog.next_id(), sources, times)
    folder = collection.segment_folder(written.number)
    if folder is None:
        columns = {field.name: merged_column(field, sources) for field in schema.fields}
        written.batch = ColumnBatch(written.num_rows, columns)
        written.nbytes = written.batch.nbytes
    elif written.num_rows:
        written.nbytes = write_merged(collection.files, folder, schema, sources, times)
    return written


def _kept_rows(parts: list[tuple[Segment, Masks]]) -> Sources:
    """Return the rows that are not deleted, those shadowed in their own partition first.

    `find` takes a key's last row for its newest; segments are not always merged in the order
    of their age, but whatever the order, the newest row of a key in its partition is not
    shadowed there.
    """
    hidden: Sources = []
    shown: Sources = []
    for segment, masks in parts:
        kept = ~_whole(masks.deleted, segment.num_rows)
        shadowed = _whole(masks.shadowed, segment.num_rows)
        shadowed &= ~_whole(masks.shadowed_by_other_partition, segment.num_rows)
        if shadowed.any():
            hidden.append((segment, np.flatnonzero(kept & shadowed)))
        shown.append((segment, np.flatnonzero(kept & ~shadowed)))
    return hidden + shown


def _whole(mask: NDArray[np.bool_] | None, rows: int) -> NDArray[np.bool_]:
    whole = np.zeros(rows, np.bool_)
    if mask is not None:
        whole[: len(mask)] = mask
    return whole


def swap(
    collection: Collection,
    schema: Schema,
    replaced: list[tuple[list[Segment], Written]],
    *,
    first_log: int | None = None,
) -> list[SealedSegment]:
    """Put new segments in the place of their sources, in one catalog transaction.

    Called in the writer's turn. Masks that changed since the rows were written are carried
    over. With `first_log`, older logs are let go, so masks that changed are stored too.

    Returns:
        The new segments; the caller publishes.
    """
    collection.check_writable()
    now = collection.last_timestamp
    made: list[tuple[SealedSegment, Masks]] = []
    for _, written in replaced:
        if written.num_rows:
            made.append(_new_segment(collection, schema, written, now))
    gone = {segment.id for sources, _ in replaced for segment in sources if segment.sealed}
    updated = [] if first_log is None else stored_masks(collection, gone, now)
    record = collection.record
    if first_log is not None:
        latest = max(record.updated, now)
        record = msgspec.structs.replace(record, first_log=first_log, updated=latest)
    with collection.consistency.change():
        changed = [*(segment for segment, _ in made), *updated]
        _store(collection, record, changed, gone, lets_logs_go=first_log is not None)
        collection.take(record)
        install_stored_masks(collection, updated)
        for number in gone:
            collection.retire(number)
        for segment, masks in made:
            collection.add_sealed(segment)
            collection.masks.set(segment.id, masks)
    return [segment for segment, _ in made]


def _store(
    collection: Collection,
    record: CollectionRecord,
    changed: list[SealedSegment],
    gone: set[int],
    *,
    lets_logs_go: bool,
) -> None:
    """Let the catalog name, in one transaction, what a swap leads to.

    Args:
        collection: Whose record it is.
        record: Its new record.
        changed: Segments that are new, or have other masks.
        gone: Numbers of segments that are not there any more.
        lets_logs_go: Whether logs are let go, so that the outcomes they tell of are stored.
    """
    with collection.catalog.transaction():
        for segment in changed:
            collection.catalog.put_segment(record.id, segment.record)
        for number in gone:
            collection.catalog.drop_segment(number)
        collection.catalog.put_collection(record)
        if lets_logs_go:
            collection.catalog.put_outcomes(collection.outcomes)


def _new_segment(
    collection: Collection, schema: Schema, written: Written, now: int
) -> tuple[SealedSegment, Masks]:
    masks = _carried(collection, written)
    folder = collection.segment_folder(written.number)
    name = f"masks-{now}.amv" if not masks.empty else ""
    if folder is not None and name:
        write_masks(collection.files, folder, name, masks)
    ahead = written.ahead
    if ahead is not None:
        record = msgspec.structs.replace(ahead.record, since=now, masks=name)
        return ahead.with_record(record, None), masks
    record = msgspec.structs.replace(written.record(schema, now), masks=name)
    return collection.open_sealed(record, schema, written.batch, written.times), masks


def _carried(collection: Collection, written: Written) -> Masks:
    """Return the new segment's masks: what its sources' masks are now, on the kept rows.

    Rows that were deleted before the files were written are not among them.
    """
    parts: list[list[NDArray[np.bool_]]] = [[] for _ in Masks._fields]
    for segment, rows in written.sources:
        now = collection.masks.published(segment, segment.num_rows)
        for part, mask in zip(parts, now, strict=True):
            part.append(_whole(mask, segment.num_rows)[rows])
    return Masks(*(_none_if_empty(part) for part in parts))


def _none_if_empty(masks: list[NDArray[np.bool_]]) -> NDArray[np.bool_] | None:
    whole = np.concatenate(masks)
    return whole if whole.any() else None


def stored_masks(collection: Collection, gone: set[int], now: int) -> list[SealedSegment]:
    """Write the masks that changed of segments that stay; return these with new records.

    What has not changed needs no new record: the logs that are kept would only mark rows
    again that are marked already.
    """
    updated = []
    for segment in collection.sealed.values():
        if segment.id in gone or not collection.masks.changed(segment.id):
            continue
        masks = collection.masks.published(segment, segment.num_rows)
        name = f"masks-{now}.amv" if not masks.empty else ""
        if segment.folder is not None and name:
            write_masks(collection.files, segment.folder, name, masks)
        record = msgspec.structs.replace(segment.record, since=now, masks=name)
        updated.append(segment.with_record(record, None))
    return updated


def install_stored_masks(collection: Collection, updated: list[SealedSegment]) -> None:
    """Put segments with stored masks in their places, once the catalog names these."""
    for segment in updated:
        before = collection.sealed[segment.id].record.masks
        collection.add_sealed(segment)
        collection.masks.stored(segment.id)
        if before not in ("", segment.record.masks) and segment.folder is not None:
            # Masks are read when a segment is opened, so nobody needs the older ones. What
            # can't be removed now goes at the next start.
            with suppress(OSError):
                collection.files.unlink(segment.folder / before)
