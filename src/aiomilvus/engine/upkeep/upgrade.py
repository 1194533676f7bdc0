"""Bringing what older versions wrote to the present formats.

Everything that is read today is read for good, so this is never needed; what older files lack is
made again at every opening, or makes searches slower, until they are written again. A segment is
replaced as by compaction: in one transaction of the catalog, beside nobody.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from aiomilvus.engine.catalog.file import FORMAT
from aiomilvus.engine.database import Database
from aiomilvus.engine.directory import is_new
from aiomilvus.engine.index.contract import BuildBudget
from aiomilvus.engine.index.dense.building import is_of_older_format
from aiomilvus.engine.maintenance.compact import compact
from aiomilvus.engine.segment.sealed import TIMES
from aiomilvus.engine.storage.container import map_container
from aiomilvus.engine.storage.files import FileSystem
from aiomilvus.errors import DatabaseLockedError, DataCorruptedError, StorageError
from aiomilvus.model.columns import BytesColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from aiomilvus.engine.collection import Collection
    from aiomilvus.engine.segment.sealed import SealedSegment

    Tell = Callable[[int, int], None]


class Upgraded(NamedTuple):
    """Something that is of the present format now.

    Attributes:
        place: What: ``catalog``, or a collection and a segment of it.
        was: What was older about it.
    """

    place: str
    was: str


class _Dated(NamedTuple):
    collection: int
    segment: int
    upgraded: Upgraded


def upgrade(
    path: Path, *, tell: Tell = lambda *_: None, files: FileSystem | None = None
) -> tuple[Upgraded, ...]:
    """Bring a directory to the present formats; return what was older.

    Snapshots stay as they are: what is restored from them is upgraded by the next call.

    Args:
        path: The database directory, which nobody has open.
        tell: Told how many segments of how many are done.
        files: The disk.

    Raises:
        StorageError: There is no database, it is of a later format, or the disk refused; what was
            done before stays done.
        DatabaseLockedError: A process has it open.
        DataCorruptedError: A file is damaged.
    """
    disk = files or FileSystem()
    if is_new(disk, path):
        raise StorageError(message=f"there is no database at {path}")
    done = []
    with closing(Database(path, "r", disk)) as found:
        if found.catalog.found_format < FORMAT:
            was = f"format {found.catalog.found_format}, now {FORMAT}"
            done.append(Upgraded("catalog", was))
        dated = [each for one in found.collections.values() for each in _dated(disk, one)]
    if dated or done:
        try:
            database = Database(path, files=disk)  # which upgrades the catalog
        except DatabaseLockedError as error:
            message = f"{path} is in use: close it in every process, then upgrade it"
            raise DatabaseLockedError(message=message) from error
        with closing(database):
            _rewrite(database, dated, tell)
    return (*done, *(each.upgraded for each in dated))


def _rewrite(database: Database, dated: list[_Dated], tell: Tell) -> None:
    database.wait_idle()  # opening may have merged some of them
    budget = BuildBudget(database.settings.threads)
    for count, (collection_id, segment_id, _) in enumerate(dated):
        tell(count, len(dated))
        collection = database.collections[collection_id]
        segment = collection.sealed.get(segment_id)
        if segment is not None:
            compact(collection, [segment], budget)
    tell(len(dated), len(dated))


def _dated(files: FileSystem, collection: Collection) -> Iterator[_Dated]:
    """Yield the segments that have something older."""
    for number, segment in collection.sealed.items():
        reasons = list(_reasons(files, collection, segment))
        if reasons:
            place = f"{collection.record.name}, segment {number}"
            yield _Dated(collection.record.id, number, Upgraded(place, "; ".join(reasons)))


def _reasons(files: FileSystem, collection: Collection, segment: SealedSegment) -> Iterator[str]:
    folder = segment.folder
    if folder is None or segment.record.external is not None:
        return  # rows that are elsewhere are not written again
    if not files.is_file(folder / TIMES):
        yield "no times of writing"
    keys = map_container(files, folder / "keys.amv")
    is_text = isinstance(segment.column(collection.record.schema.primary), BytesColumn)
    if is_text and "hashes" not in keys.arrays:
        yield "text keys in their order, without hashes"
    for number in segment.record.indexes:
        spec = collection.specs.get(number)
        if spec is None:
            continue
        stored = map_container(files, folder / f"i{number}.amv")
        stored.verify()
        if is_of_older_format(stored.meta):
            yield f"index {spec.name} of an older format"
        elif not _opens(segment, number):
            yield f"index {spec.name} of a format that is read no more"


def _opens(segment: SealedSegment, index: int) -> bool:
    """Return whether an index whose file is intact can be read."""
    try:
        segment.vector_index(index)
    except DataCorruptedError:
        return False
    return True
