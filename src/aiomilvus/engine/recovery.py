"""Bringing a collection back from its files: sealed segments, then the log over them.

Torn last writes are cut off, files that no catalog entry knows are removed (both only when the
database is open for writing), and damage is raised with the name of the file and the offset.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aiomilvus.engine.segment.row_masks import Masks, MaskTable
from aiomilvus.engine.segment.sealed import TIMES
from aiomilvus.engine.storage.log import LogReader
from aiomilvus.engine.write.commit import apply
from aiomilvus.engine.write.records import Step, decode, decode_keys, decode_rows
from aiomilvus.errors import DataCorruptedError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from aiomilvus.engine.catalog.records import CollectionRecord, SegmentRecord
    from aiomilvus.engine.collection import Collection
    from aiomilvus.engine.segment.sealed import SealedSegment
    from aiomilvus.engine.storage.container import Container
    from aiomilvus.engine.storage.files import FileSystem

_LOG = re.compile(r"log-(\d{8})\.amv")


def recover(collection: Collection) -> None:
    """Load the collection's segments and replay its log; then publish.

    Raises:
        DataCorruptedError: A file is damaged.
    """
    folder = collection.folder
    if folder is None:
        return
    _open_sealed(collection, {})
    logs = _replay_all(collection, folder)
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
    if collection.log is not None:
        collection.log.check()
    collection.close_log()
    before = collection.sealed
    collection.sealed, collection.frozen, collection.growing = {}, [], {}
    collection.masks = MaskTable()
    collection.record = record
    collection.specs.clear()
    collection.specs.update({spec.id: spec for spec in record.indexes})
    collection.log_number = record.first_log
    collection.last_timestamp = max(collection.last_timestamp, record.updated)
    try:
        _open_sealed(collection, before)
    except BaseException:
        collection.sealed = {**before, **collection.sealed}
        raise
    for number in before.keys() - collection.sealed.keys():
        before[number].files_go_with_last_reader(collection.files)
    if collection.folder is not None:
        _replay_all(collection, collection.folder)
    collection.publish()


def _replay_all(collection: Collection, folder: Path) -> dict[int, Path]:
    """Apply the logs that are needed; return all there are."""
    logs = _logs(folder)
    needed = sorted(number for number in logs if number >= collection.record.first_log)
    _check_complete(collection, needed)
    for number in needed:
        is_last = number == needed[-1]
        _replay(collection, number, logs[number], is_last=is_last)
        if not is_last:
            # Sealing lets go all logs but the last, so nothing they tell may go on growing.
            collection.frozen += collection.growing.values()
            collection.growing = {}
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
        collection.add_sealed(segment)
        collection.masks.set(record.id, Masks(*segment.masks()))
        collection.clock.observe(record.since)
        collection.last_timestamp = max(collection.last_timestamp, record.since)


def _logs(folder: Path) -> dict[int, Path]:
    found = {}
    if folder.exists():
        for path in folder.iterdir():
            match = _LOG.fullmatch(path.name)
            if match:
                found[int(match[1])] = path
    return found


def _check_complete(collection: Collection, needed: list[int]) -> None:
    """Raise DataCorruptedError if a log is missing; the first one is made when it is needed."""
    first = collection.record.first_log
    last = needed[-1] if needed else first - (first == 1)
    for number in range(first, last + 1):
        if number not in needed:
            message = f"{collection.log_path(number)} is missing; what was written to it is lost"
            raise DataCorruptedError(message=message)


def _replay(collection: Collection, number: int, path: Path, *, is_last: bool) -> None:
    reader = LogReader(path)
    for payload in reader:
        apply(collection, _step(collection, payload))
    if not is_last and reader.end < path.stat().st_size:
        # A log is left for the next one only when all of it is on the disk.
        message = f"{path} is damaged at offset {reader.end}: a newer log follows a torn one"
        raise DataCorruptedError(message=message)
    collection.log_number = number
    if not collection.read_only:
        collection.open_log(number, reader.end)


def _step(collection: Collection, payload: Container) -> Step:
    schema = collection.record.schema
    record = decode(payload)
    if record.op == "delete":
        return Step(record, keys=decode_keys(payload, schema))
    return Step(record, batch=decode_rows(payload, schema, record.rows))


def _remove_orphans(collection: Collection, folder: Path, logs: dict[int, Path]) -> None:
    """Remove what a crash left behind: old logs, unfinished segments and files."""
    for number, path in logs.items():
        if number < collection.record.first_log:
            collection.files.unlink(path)
    if not folder.exists():
        return
    for path in folder.iterdir():
        if path.suffix == ".tmp":
            collection.files.unlink(path)
        elif path.is_dir() and path.name.startswith("segment-"):
            number = int(path.name.removeprefix("segment-"))
            if number not in collection.sealed:
                collection.files.remove_folder(path)
            else:
                _remove_stale(collection.files, path, collection.sealed[number].record)


def _remove_stale(files: FileSystem, folder: Path, record: SegmentRecord) -> None:
    """Remove the masks and indexes of a segment that the catalog no longer names."""
    named = {"keys.amv", TIMES, record.masks}
    named |= {f"f{number}.amv" for number in record.fields}
    named |= {f"i{number}.amv" for number in record.indexes}
    for path in folder.iterdir():
        if path.name not in named:
            files.unlink(path)
