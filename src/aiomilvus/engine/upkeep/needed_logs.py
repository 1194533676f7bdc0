"""Which logs are needed, and how much of each: as a leader tells, or as the files do."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from aiomilvus.engine.catalog.log_marks import stored_marks
from aiomilvus.engine.collection_log import CollectionLog
from aiomilvus.engine.directory import LOG
from aiomilvus.engine.recording import logs_kept
from aiomilvus.engine.storage.board import NAME as BOARD
from aiomilvus.engine.storage.board import CommitBoard, Position
from aiomilvus.engine.storage.log_reader import is_blank
from aiomilvus.engine.upkeep.checksums import check_last_log, check_log_part

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from aiomilvus.engine.catalog.catalog import Catalog
    from aiomilvus.engine.storage.files import FileSystem


class NeededLog(NamedTuple):
    """A log that tells what no segment does.

    Attributes:
        name: Its path in the directory.
        size: So many of its bytes count; None for all.
        may_be_torn: Whether more may follow, intact or not, and `size` is the least.
    """

    name: str
    size: int | None
    may_be_torn: bool = False

    def check(self, files: FileSystem, path: Path) -> int:
        """Compare its frames with their checksums; return the bytes.

        Raises:
            DataCorruptedError: It is damaged.
            FileNotFoundError: It is missing.
        """
        if self.may_be_torn:
            return check_last_log(files, path / self.name, self.size or 0)
        return check_log_part(files, path / self.name, self.size)


def needed_logs(files: FileSystem, path: Path, catalog: Catalog) -> list[NeededLog]:
    """Return the logs that are needed. Called in a read transaction of the catalog."""
    positions = _positions(path)
    if positions is not None:
        nowhere = Position(0, 0)
        return [
            log
            for record in catalog.collections()
            for log in _led(record.id, record.first_log, positions.get(record.id, nowhere))
        ]
    marks = stored_marks(catalog)
    found: list[NeededLog] = []
    for record in catalog.collections():
        mark = marks.get(record.id)
        marked = Position(0, 0) if mark is None else Position(mark.number, mark.size)
        found += _left(files, path, record.id, record.first_log, marked)
    return found


def kept_logs(files: FileSystem, path: Path, catalog: Catalog) -> list[NeededLog]:
    """Return the logs that are kept for those that watch, and for nobody else."""
    found: list[NeededLog] = []
    for record in catalog.collections():
        log = CollectionLog(files, path / f"collection-{record.id}", record.first_log)
        numbers = logs_kept(log, record)
        found += [NeededLog(_name(record.id, number), None) for number in numbers]
    return found


def _positions(path: Path) -> dict[int, Position] | None:
    """Return how far logs are acknowledged; None where nobody leads, nor did until it died."""
    try:
        with closing(CommitBoard(path / BOARD, lead=False)) as board:
            return board.at_one_moment()
    except FileNotFoundError:
        return None


def _name(collection: int, number: int) -> str:
    return f"collection-{collection}/log-{number:08d}.amv"


def _led(collection: int, first: int, upto: Position) -> Iterator[NeededLog]:
    for number in range(first, upto.log + 1):
        if number < upto.log:
            yield NeededLog(_name(collection, number), None)
        elif upto.size:
            yield NeededLog(_name(collection, number), upto.size)


def _left(
    files: FileSystem, path: Path, collection: int, first: int, marked: Position
) -> Iterator[NeededLog]:
    """Yield what has to be there though nobody leads: all from the first to the last."""
    names = [each.name for each in files.list_folder(path / f"collection-{collection}")]
    numbers = sorted(int(found[1]) for found in map(LOG.fullmatch, names) if found is not None)
    while (
        len(numbers) > 1
        and numbers[-1] > max(marked.log, first)
        and is_blank(files, path / _name(collection, numbers[-1]))
    ):
        numbers.pop()
    # The first log of all is made when it is needed.
    last = max([first - (first == 1), marked.log, *numbers])
    for number in range(first, last + 1):
        if number < last:
            yield NeededLog(_name(collection, number), None)
        else:
            least = marked.size if marked.log == number else 0
            yield NeededLog(_name(collection, number), least, may_be_torn=True)
