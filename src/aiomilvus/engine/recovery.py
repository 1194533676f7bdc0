"""Bringing a collection back from its files: sealed segments, then the log over them.

Torn last writes are cut off, files that no catalog entry knows are removed (both only when the
database is open for writing), and damage is raised with the name of the file and the offset.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.engine.directory import LOG, is_segment_file, is_unfinished, segment_number
from aiomilvus.engine.segment.row_masks import Masks
from aiomilvus.engine.segment.sealed import TIMES
from aiomilvus.engine.storage.board import Position
from aiomilvus.engine.storage.log_reader import (
    LogReader,
    acknowledged_part,
    frames_of,
    is_blank,
)
from aiomilvus.engine.write.commit import apply
from aiomilvus.engine.write.records import Step, decode, decode_keys, decode_rows
from aiomilvus.errors import DataCorruptedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from aiomilvus.engine.catalog.log_marks import LogMark
    from aiomilvus.engine.catalog.records import CollectionRecord, SegmentRecord
    from aiomilvus.engine.collection import Collection
    from aiomilvus.engine.segment.sealed import SealedSegment
    from aiomilvus.engine.storage.frames import LogRecord
    from aiomilvus.engine.storage.log_reader import LogPart


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
        logs = _replay_all(collection, folder, mark)
        if not collection.read_only:
            _remove_orphans(collection, folder, logs)
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
    _reopen(collection, record)
    if collection.folder is not None:
        _replay_all(collection, collection.folder)
    collection.publish()


def _reopen(collection: Collection, record: CollectionRecord) -> None:
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


def reopen(collection: Collection, record: CollectionRecord, upto: Position) -> list[LogPart]:
    """Open what the catalog names, another process' files, and read its log.

    Called in the writer's turn, while that process can't commit, so as briefly as may be: what
    is returned is for `replay`, which takes longer.

    Args:
        collection: Whose files they are.
        record: What the catalog says of it.
        upto: How far the log is acknowledged.
    """
    _reopen(collection, record)
    return _acknowledged(collection, Position(record.first_log, 0), upto)


def replay(collection: Collection, first_log: int, parts: Sequence[LogPart]) -> None:
    """Apply what `reopen` read, and publish. Called in the same turn."""
    _apply_parts(collection, first_log, parts)
    collection.publish()


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
            parts = _acknowledged(collection, seen, upto)
        except FileNotFoundError:
            return False
        _apply_parts(collection, seen.log, parts)
        collection.publish(logged_only=True)
    return True


def _acknowledged(collection: Collection, seen: Position, upto: Position) -> list[LogPart]:
    """Return the frames between two positions; FileNotFoundError if a log has gone."""
    parts = []
    for number in range(seen.log, upto.log + 1):
        path = collection.log.path(number)
        start = seen.size if number == seen.log else 0
        stop = upto.size if number == upto.log else None
        if path is not None and stop not in (start, 0):
            parts.append(acknowledged_part(collection.files, path, number, start, stop))
    return parts


def _apply_parts(collection: Collection, log: int, parts: Sequence[LogPart]) -> None:
    """Apply frames; rows of a later log than `log` grow in segments of their own."""
    for part in parts:
        if part.number > log:
            collection.freeze()
            log = part.number
        for record in frames_of(part):
            apply(collection, _step(collection, record))


def _replay_all(
    collection: Collection, folder: Path, mark: LogMark | None = None
) -> dict[int, Path]:
    """Apply the logs that are needed; return all there are."""
    logs = _logs(collection, folder)
    first = collection.record.first_log
    needed = sorted(number for number in logs if number >= first)
    _check_complete(collection, needed, mark)
    marked = 0 if mark is None else mark.number
    while len(needed) > 1 and needed[-1] > marked and is_blank(collection.files, logs[needed[-1]]):
        # The disk may have refused the rest of it, so that the one before was appended to.
        needed.pop()
    for number in needed:
        size = mark.size if mark is not None and mark.number == number else 0
        is_last = number == needed[-1]
        _replay(collection, number, logs[number], size, is_last=is_last)
        if not is_last:
            # Sealing lets go all logs but the last, so nothing they tell may go on growing.
            collection.freeze()
    return logs


def _open_sealed(collection: Collection, before: Mapping[int, SealedSegment]) -> None:
    """Open the segments that the catalog names; those of `before` share what they have open."""
    schema = collection.record.schema
    for record in collection.catalog.segments(collection.record.id):
        segment = before.get(record.id)
        if segment is None:
            segment = collection.open_sealed(record, schema)
        elif segment.record != record:
            segment = segment.with_record(record, None)
        if collection.read_only:
            segment.map_ahead()
        collection.add_sealed(segment)
        collection.masks.set(record.id, Masks(*segment.masks()))
        collection.observe(record.since)


def _logs(collection: Collection, folder: Path) -> dict[int, Path]:
    named = ((LOG.fullmatch(path.name), path) for path in collection.files.list_folder(folder))
    return {int(match[1]): path for match, path in named if match is not None}


def _check_complete(collection: Collection, needed: list[int], mark: LogMark | None) -> None:
    """Raise DataCorruptedError if a log is missing; the first one is made when it is needed."""
    first = collection.record.first_log
    last = needed[-1] if needed else first - (first == 1)
    if mark is not None:
        last = max(last, mark.number)
    for number in range(first, last + 1):
        if number not in needed:
            path = collection.log.path(number)
            message = f"{path} is missing; what was written to it is lost. {_ADVICE}"
            raise DataCorruptedError(message=message)


_ADVICE = "Put it back from a backup; nothing was changed"


def _replay(collection: Collection, number: int, path: Path, least: int, *, is_last: bool) -> None:
    """Apply a log of which `least` bytes at least were there when it was last closed."""
    reader = LogReader(collection.files, path)
    for record in reader:
        apply(collection, _step(collection, record))
    if reader.end < least:
        message = f"{path} is damaged at offset {reader.end}: {least} bytes of it were intact when"
        raise DataCorruptedError(message=f"{message} the database was last closed. {_ADVICE}")
    if not is_last and reader.end < reader.size:
        # A log is left for the next one only when all of it is on the disk.
        message = f"{path} is damaged at offset {reader.end}: a newer log follows a torn one"
        raise DataCorruptedError(message=message)
    if not collection.read_only:
        collection.log.resume(number, reader.end, reader.last)


def _step(collection: Collection, logged: LogRecord) -> Step:
    schema = collection.record.schema
    record = decode(logged)
    if record.op == "delete":
        return Step(record, keys=decode_keys(logged, schema))
    return Step(record, batch=decode_rows(logged, schema, record.rows))


def _remove_orphans(collection: Collection, folder: Path, logs: dict[int, Path]) -> None:
    """Remove what a crash left behind: old logs, unfinished segments and files.

    Only what is named exactly as this package names it; what a user put here stays.
    """
    files = collection.files
    for number, path in logs.items():
        if number < collection.record.first_log:
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
    for path in collection.files.list_folder(folder):
        if path.name not in named and is_segment_file(path.name):
            collection.files.unlink(path)
