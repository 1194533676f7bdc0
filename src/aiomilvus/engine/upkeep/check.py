"""Checking a whole directory: every checksum of every file, and a sample of every index.

Reads beside whoever has the directory open, and changes nothing. A file that goes meanwhile because
nothing leads to it any more is no damage.
"""

from __future__ import annotations

from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from aiomilvus.engine.backups import file_names
from aiomilvus.engine.catalog.catalog import Catalog
from aiomilvus.engine.directory import CATALOG, FILES, is_new
from aiomilvus.engine.opening import open_database
from aiomilvus.engine.segment.sealed import TIMES, SealedSegment
from aiomilvus.engine.storage.files import FileSystem
from aiomilvus.engine.text.resources import checksum_of
from aiomilvus.engine.upkeep.backup import damage_of
from aiomilvus.engine.upkeep.checksums import check_catalog, check_container
from aiomilvus.engine.upkeep.manifest import DATA
from aiomilvus.engine.upkeep.manifest import NAME as MANIFEST
from aiomilvus.engine.upkeep.needed_logs import kept_logs, needed_logs
from aiomilvus.engine.upkeep.row_comparison import compare
from aiomilvus.errors import (
    CollectionNotExistException,
    DatabaseNotOpenedError,
    DataCorruptedError,
    ExternalSourceError,
    MilvusException,
)
from aiomilvus.model.schema import DEFAULT_DATABASE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from aiomilvus.engine.catalog.records import SegmentRecord
    from aiomilvus.engine.snapshot import Snapshot
    from aiomilvus.engine.upkeep.needed_logs import NeededLog
    from aiomilvus.model.resources import FileResource

    Tell = Callable[[int, int], None]

SAMPLE = 16


class Problem(NamedTuple):
    """Something that is not as it should be.

    Attributes:
        place: The file, as its path in the directory; or the collection, where files disagree.
        what: What is wrong with it.
    """

    place: str
    what: str


class Report(NamedTuple):
    """What a check found.

    Attributes:
        files: How many files were compared with their checksums.
        nbytes: Bytes of these.
        collections: How many collections there are.
        compared: How many keys, indexes, functions and text fields of segments were compared
            with a sample of their rows.
        problems: What is wrong.
    """

    files: int
    nbytes: int
    collections: int
    compared: int
    problems: tuple[Problem, ...]


def is_backup(path: Path, files: FileSystem | None = None) -> bool:
    """Return whether a folder is a backup, rather than a database's directory."""
    files = files or FileSystem()
    return files.is_file(path / MANIFEST)


def check(
    path: Path,
    *,
    sample: int = SAMPLE,
    tell: Tell = lambda *_: None,
    files: FileSystem | None = None,
) -> Report:
    """Compare all files of a database with their checksums, and indexes with their rows.

    Of a backup, the files are compared with its manifest first.

    Args:
        path: The database directory, or a backup.
        sample: Rows of each segment that indexes are compared by; 0 for none.
        tell: Told how many files of how many are done.
        files: The disk.

    Raises:
        StorageError: There is no database, or one of a later format.
    """
    files = files or FileSystem()
    if not is_backup(path, files):
        return _Check(files, path, tell).run(sample)
    try:
        found = [Problem(f"{DATA}/{name}", text) for name, text in damage_of(path, files)]
    except DataCorruptedError as error:
        found = [Problem(MANIFEST, error.message)]
    if found:
        return Report(0, 0, 0, 0, tuple(found))
    report = _Check(files, path / DATA, tell).run(sample)
    moved = tuple(Problem(f"{DATA}/{place}", what) for place, what in report.problems)
    return report._replace(problems=moved)


class _Check:
    def __init__(self, files: FileSystem, path: Path, tell: Tell) -> None:
        self._files = files
        self._path = path
        self._tell = tell
        self._problems: list[Problem] = []
        self._count = self._nbytes = self._compared = 0
        self._total = 1

    def run(self, sample: int) -> Report:
        if is_new(self._files, self._path):
            raise DatabaseNotOpenedError(message=f"there is no database at {self._path}")
        self._try(CATALOG, lambda: check_catalog(self._files, self._path / CATALOG), lambda: True)
        collections = 0
        if not self._problems:
            with closing(Catalog(self._path / CATALOG, self._files, read_only=True)) as catalog:
                collections = len(catalog.collections())
                self._check_files(catalog)
                if sample and not self._problems:
                    self._check_agreement(catalog, sample)
        problems = tuple(self._problems)
        return Report(self._count, self._nbytes, collections, self._compared, problems)

    def _try(self, name: str, step: Callable[[], int], is_needed: Callable[[], bool]) -> None:
        """Check a file; what is wrong with one that is needed no more is not told."""
        try:
            self._nbytes += step()
        except (DataCorruptedError, FileNotFoundError) as error:
            if is_needed():
                self._problems.append(Problem(name, _text(error)))
        self._count += 1
        self._tell(self._count, max(self._total, self._count))

    def _check_files(self, catalog: Catalog) -> None:
        with catalog.steady():
            containers, logs = sorted(_containers(catalog)), self._logs(catalog)
            resources = catalog.file_resources()
        self._total += len(containers) + len(logs) + len(resources)
        for name in containers:
            self._check_container(catalog, name)
        for log in logs:
            self._try(
                log.name,
                partial(log.check, self._files, self._path),
                partial(self._needs, catalog, log.name),
            )
        for each in resources:
            step = partial(self._check_resource, each)
            self._try(f"{FILES}/{each.id}", step, partial(_has_resource, catalog, each))

    def _logs(self, catalog: Catalog) -> list[NeededLog]:
        needed = needed_logs(self._files, self._path, catalog)
        return needed + kept_logs(self._files, self._path, catalog)

    def _needs(self, catalog: Catalog, name: str) -> bool:
        """Return whether the catalog still leads to a file."""
        with catalog.steady():
            return name in {*_containers(catalog), *(log.name for log in self._logs(catalog))}

    def _check_container(self, catalog: Catalog, name: str) -> None:
        path = self._path / name
        if path.name != TIMES or self._files.is_file(path):  # early segments lack it
            self._try(
                name,
                partial(check_container, self._files, path),
                partial(self._needs, catalog, name),
            )

    def _check_resource(self, resource: FileResource) -> int:
        path = self._path / FILES / str(resource.id)
        content = self._files.read(path)
        if checksum_of(content) != resource.checksum:
            message = f"{path}: file resource {resource.name} is damaged"
            raise DataCorruptedError(message=message)
        return len(content)

    def _check_agreement(self, catalog: Catalog, sample: int) -> None:
        databases = {record.id: record.name for record in catalog.databases()}
        database = open_database(self._path, mode="r")
        try:
            for record in catalog.collections():
                db = databases.get(record.db_id, "")
                place = record.name if db in ("", DEFAULT_DATABASE) else f"{db}/{record.name}"
                try:
                    self._compare(place, database.local.snapshot(db, record.name), sample)
                except CollectionNotExistException:
                    continue  # it was dropped meanwhile
                except (DataCorruptedError, ExternalSourceError) as error:
                    self._problems.append(Problem(place, _text(error)))
        finally:
            database.close()

    def _compare(self, place: str, snapshot: Snapshot, sample: int) -> None:
        for view in snapshot.views:
            if not isinstance(view.segment, SealedSegment):
                continue
            for each in compare(snapshot, view, view.segment, sample):
                self._compared += 1
                if each.disagrees:
                    where = f"segment {view.segment.id}, {each.what}"
                    self._problems.append(Problem(place, f"{where}: {each.disagrees}"))


def _containers(catalog: Catalog) -> Iterator[str]:
    """Yield the names of all files of segments that the catalog leads to."""
    for record in catalog.collections():
        yield from _names(f"collection-{record.id}", catalog.segments(record.id))
    for snapshot in catalog.snapshots():
        yield from _names(f"snapshot-{snapshot.id}", snapshot.segments)


def _names(folder: str, segments: Iterable[SegmentRecord]) -> Iterator[str]:
    for record in segments:
        for name in [*file_names(record), *filter(None, [record.masks])]:
            yield f"{folder}/segment-{record.id}/{name}"


def _has_resource(catalog: Catalog, resource: FileResource) -> bool:
    return resource in catalog.file_resources()


def _text(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return f"{error.filename} is missing"
    return error.message if isinstance(error, MilvusException) else str(error)
