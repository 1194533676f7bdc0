"""Bringing a collection back from its files: sealed segments, then the log over them.

A torn last write counts for nothing (`storage.log` cuts it off before it appends), files that no
catalog entry knows are removed (when the database is open for writing), and damage is raised with
the name of the file and the offset.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.engine.directory import LOG, is_segment_file, is_unfinished, segment_number
from aiomilvus.engine.recording import logs_kept
from aiomilvus.engine.segment.codes_file import codes_name
from aiomilvus.engine.segment.row_masks import Masks
from aiomilvus.engine.segment.sealed import TIMES
from aiomilvus.engine.storage.board import Position
from aiomilvus.engine.storage.log_reader import LogReader, is_blank
from aiomilvus.engine.write.commit import apply
from aiomilvus.engine.write.records import Step, decode, decode_keys, decode_rows
from aiomilvus.errors import DataCorruptedError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from aiomilvus.engine.catalog.log_marks import LogMark
    from aiomilvus.engine.catalog.records import CollectionRecord, SegmentRecord
    from aiomilvus.engine.collection import Collection
    from aiomilvus.engine.segment.sealed import SealedSegment
    from aiomilvus.engine.storage.frames import LogRecord


def recover(collection: Collection, mark: LogMark | None = None) -> None:
    """Load the collection's segments and replay its log; then publish.

    Args:
        collection: What to recover.
        mark: How long its log was when it was last closed, if that is known.

    Raises:
        DataCorruptedError: A file is damaged.
    """
    folder = collection.folder
    if folder is None:
        return
    with collection.writes.turn:
        _open_sealed(collection, {})
        logs = replay_logs(collection, folder, mark)
        if not collection.read_only:
            remove_orphans(collection, folder, logs)
        collection.publish()


def reload(collection: Collection, record: CollectionRecord) -> None:
    """Rebuild what is in memory from the files. Called in the writer's turn.

    Readers keep what they have; segments that are the same as before are kept open. Files that
    a change left half made stay until the next start, because readers may have them open.

    Args:
        collection: Memory and files of which may tell different things.
        record: What the catalog says of it.

    Raises:
        MilvusException: It can't be done now; another attempt may be made.
    """
    reopen_sealed(collection, record)
    if collection.folder is not None:
        replay_logs(collection, collection.folder)
    collection.publish()


def reopen_sealed(collection: Collection, record: CollectionRecord) -> None:
    """Forget what is in memory, and open the segments that the catalog names.

    Called in the writer's turn. Those that are the same as before are kept open.
    """
    before = collection.begin_again(record)
    try:
        _open_sealed(collection, before)
    except BaseException:
        for number in before.keys() - collection.sealed.keys():
            collection.add_sealed(before[number])
        raise
    if not collection.read_only:
        for number in before.keys() - collection.sealed.keys():
            before[number].files_go_with_last_reader()


def replay_logs(
    collection: Collection,
    folder: Path,
    mark: LogMark | None = None,
    seen: Position | None = None,
) -> dict[int, Path]:
    """Apply the logs that are needed; return all there are.

    Args:
        collection: Whose logs they are.
        folder: Where they are.
        mark: How long the log was when it was last closed, if that is known.
        seen: How far they are applied already; that much of them was acknowledged.
    """
    logs = _logs(collection, folder)
    first = collection.record.first_log if seen is None else seen.log
    needed = sorted(number for number in logs if number >= first)
    _check_complete(collection, needed, first, mark)
    marked = max(0 if mark is None else mark.number, 0 if seen is None else seen.log)
    while (
        len(needed) > 1
        and needed[-1] > marked
        and is_blank(collection.files, logs[needed[-1]])
        and not (collection.record.is_recorded and _is_ended(collection, logs[needed[-2]]))
    ):
        # The disk may have refused the rest of it, so that the one before was appended to.
        needed.pop()
    for number in needed:
        size = mark.size if mark is not None and mark.number == number else 0
        start = seen.size if seen is not None and seen.log == number else 0
        is_last = number == needed[-1]
        _replay(collection, number, logs[number], size, start, is_last=is_last)
        if not is_last:
            # Sealing lets go all logs but the last, so nothing they tell may go on growing.
            collection.freeze()
    return logs


def _is_ended(collection: Collection, path: Path) -> bool:
    """Return whether a log ends with its last frame, as one does that another one follows.

    Who watches may have been told that the other one is begun: nothing may come before that.
    """
    reader = LogReader(collection.files, path)
    for _ in reader:
        pass
    return reader.end == reader.size


def _open_sealed(collection: Collection, before: Mapping[int, SealedSegment]) -> None:
    """Open the segments that the catalog names; those of `before` share what they have open."""
    schema = collection.record.schema
    for record in collection.catalog.segments(collection.record.id):
        segment = before.get(record.id)
        if segment is None:
            segment = collection.open_sealed(record, schema)
        elif segment.record != record:
            segment = with_named(segment, record)
        if collection.read_only:
            segment.map_ahead()
        collection.add_sealed(segment)
        collection.masks.set(record.id, Masks(*segment.masks()))
        collection.observe(record.since)


def with_named(segment: SealedSegment, record: SegmentRecord) -> SealedSegment:
    """Return an open segment as the catalog has it now; indexes that were built serve at once."""
    for number in record.indexes:
        segment.cache.graph_searchers.pop(number, None)
    return segment.with_record(record, None)


def _logs(collection: Collection, folder: Path) -> dict[int, Path]:
    named = ((LOG.fullmatch(path.name), path) for path in collection.files.list_folder(folder))
    return {int(match[1]): path for match, path in named if match is not None}


def _check_complete(
    collection: Collection, needed: list[int], first: int, mark: LogMark | None
) -> None:
    """Raise DataCorruptedError if a log is missing; the first one is made when it is needed."""
    last = needed[-1] if needed else first - (first == 1)
    if mark is not None:
        last = max(last, mark.number)
    for number in range(first, last + 1):
        if number not in needed:
            path = collection.log.path(number)
            message = f"{path} is missing; what was written to it is lost. {_ADVICE}"
            raise DataCorruptedError(message=message)


_ADVICE = "Put it back from a backup; nothing was changed"


def _replay(
    collection: Collection, number: int, path: Path, least: int, start: int, *, is_last: bool
) -> None:
    """Apply a log from `start` on, of which `least` bytes were there when it was last closed."""
    reader = LogReader(collection.files, path, start)
    for record in reader:
        apply(collection, step_of(collection, record))
    if reader.end < least:
        message = f"{path} is damaged at offset {reader.end}: {least} bytes of it were intact when"
        raise DataCorruptedError(message=f"{message} the database was last closed. {_ADVICE}")
    if not is_last and reader.end < reader.size:
        # A log is left for the next one only when all of it is on the disk.
        message = f"{path} is damaged at offset {reader.end}: a newer log follows a torn one"
        raise DataCorruptedError(message=message)
    if collection.read_only:
        collection.log.publish_upto(Position(number, reader.end))
    else:
        collection.log.resume(number, reader.end, reader.last)


def step_of(collection: Collection, logged: LogRecord) -> Step:
    """Return a record of the log with its keys or rows decoded."""
    schema = collection.record.schema
    record = decode(logged)
    if record.op == "delete":
        return Step(record, keys=decode_keys(logged, schema))
    return Step(record, batch=decode_rows(logged, schema, record.rows))


def remove_orphans(collection: Collection, folder: Path, logs: Mapping[int, Path]) -> None:
    """Remove what a crash left behind: old logs, unfinished segments and files.

    Only what is named exactly as this package names it; what a user put here stays.
    """
    files = collection.files
    first = min([collection.record.first_log, *logs_kept(collection.log, collection.record)])
    for number, path in logs.items():
        if number < first:
            files.unlink(path)
    for path in files.list_folder(folder):
        segment = segment_number(path.name)
        if segment is None:
            if is_unfinished(path.name):
                files.unlink(path)
        elif segment in collection.sealed:
            _remove_stale(collection, path, collection.sealed[segment].record)
        elif all(is_segment_file(each.name) for each in files.list_folder(path)):
            files.remove_folder(path)


def _remove_stale(collection: Collection, folder: Path, record: SegmentRecord) -> None:
    """Remove the masks and indexes of a segment that the catalog no longer names."""
    named = {"keys.amv", TIMES, record.masks}
    named |= {f"f{number}.amv" for number in record.fields}
    named |= {f"i{number}.amv" for number in record.indexes}
    named |= {codes_name(number) for number in record.indexes}
    for path in collection.files.list_folder(folder):
        if path.name not in named and is_segment_file(path.name):
            collection.files.unlink(path)
