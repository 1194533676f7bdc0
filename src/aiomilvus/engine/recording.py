"""Recording changes: what is kept of a collection's past for those that watch it.

A collection with the property ``changes.retention.seconds`` keeps its logs for so long, also when
their rows are in segments, and every change of its entities is in them: large batches are not
written past the log. What only the catalog tells, that is truncations and dropped partitions, is
marked in the collection's record, with its place among the frames.

docs/decisions/0010-watching-changes.md says why.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Literal

import msgspec

from aiomilvus.engine.catalog.records import ChangeMark
from aiomilvus.engine.clock import LOGICAL_BITS
from aiomilvus.engine.properties import retention_of
from aiomilvus.engine.storage.board import Position
from aiomilvus.engine.storage.log_reader import frames_between
from aiomilvus.engine.write.records import decode
from aiomilvus.errors import DataCorruptedError

if TYPE_CHECKING:
    from pathlib import Path

    from aiomilvus.engine.catalog.records import CollectionRecord
    from aiomilvus.engine.clock import Clock
    from aiomilvus.engine.collection import Collection
    from aiomilvus.engine.collection_log import CollectionLog
    from aiomilvus.engine.storage.files import FileSystem

NOWHERE = Position(0, 0)


def recorded(
    record: CollectionRecord, end: Position, folder: Path | None, empty_at: int = 0
) -> CollectionRecord:
    """Return the record with its changes kept from `end` on, or no more, as its properties say.

    Args:
        record: The record with its new properties.
        end: Where the logs end.
        folder: The collection's folder; in memory there are no logs to keep.
        empty_at: Now, if the collection has no rows.
    """
    is_wanted = folder is not None and retention_of(record.properties) > 0
    if is_wanted is record.is_recorded:
        return record
    begin = end if is_wanted else NOWHERE
    empty_at = empty_at if is_wanted else 0
    return msgspec.structs.replace(record, recorded_from=begin, empty_at=empty_at, marks=())


def marked(
    collection: Collection,
    record: CollectionRecord,
    op: Literal["truncate", "drop_partition"],
    partition: str = "",
    number: int = 0,
) -> CollectionRecord:
    """Return the record with a mark for a change that it makes itself. In the writer's turn.

    Args:
        collection: Whose log ends where the change belongs.
        record: Its next record, with the time of the change.
        op: The change.
        partition: Name of the partition that is dropped.
        number: Its id.
    """
    if not record.is_recorded:
        return record
    mark = ChangeMark(
        op=op,
        at=collection.log.end,
        timestamp=record.updated,
        partition=partition,
        number=number,
    )
    oldest = min(logs_kept(collection.log, record), default=record.first_log)
    kept = [each for each in record.marks if each.at.log >= oldest]
    return msgspec.structs.replace(record, marks=(*kept, mark))


def let_go_logs(collection: Collection) -> None:
    """Remove the logs that neither recovery needs nor anyone who watches."""
    record, log = collection.record, collection.log
    if not record.is_recorded:
        log.drop_before(record.first_log)
        return
    for number in _unneeded(collection.files, log, record, collection.clock):
        log.drop(number)


def _unneeded(
    files: FileSystem, log: CollectionLog, record: CollectionRecord, clock: Clock
) -> list[int]:
    """Return the logs that may be removed, rising: removed in this order, they leave no gap."""
    kept = logs_kept(log, record)
    before = [number for number in log.numbers() if number < record.first_log]
    unneeded = [number for number in before if number not in kept]
    moment = clock.now()
    seconds = moment.wall + moment.ahead - retention_of(record.properties)
    horizon = int(seconds * 1000) << LOGICAL_BITS
    older: list[int] = []
    for number in kept:
        older.append(number)
        # All that a log tells is older than what the next one begins with.
        begins = _first_timestamp(files, log.path(number + 1))
        if begins is not None and begins > horizon:
            break
        if begins is not None:
            unneeded += older
            older = []
    return unneeded


def logs_kept(log: CollectionLog, record: CollectionRecord) -> list[int]:
    """Return the logs of the past that tell all changes up to those that are needed, rising."""
    if not record.is_recorded:
        return []
    there = set(log.numbers())
    number = record.first_log
    while number - 1 in there and number > record.recorded_from.log:
        number -= 1
    return list(range(number, record.first_log))


def _first_timestamp(files: FileSystem, path: Path | None) -> int | None:
    """Return the time of the first record of a log, None where it has none.

    A damaged log is told of to whoever watches; here the ones behind it say how old it is.
    """
    if path is None or not files.exists(path):
        return None
    with suppress(DataCorruptedError):
        for *_, records in frames_between(files, path, 0, None, 0):
            return decode(records[0]).timestamp
    return None
