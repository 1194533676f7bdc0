"""A whole copy: which databases and collections, in which order, and what is true at its end."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from aiomilvus.client.address import MEMORY, parse_address
from aiomilvus.client.aio.connect import open_backend
from aiomilvus.copying.check import count, differing
from aiomilvus.copying.definitions import Definitions
from aiomilvus.copying.lite import served
from aiomilvus.copying.record import Part, Record
from aiomilvus.copying.row_transfer import RowMover
from aiomilvus.errors import (
    CollectionNotExistException,
    DataCorruptedError,
    NotSupportedError,
    ParamError,
)
from aiomilvus.model.operations.collections import DescribeCollection, ListCollections
from aiomilvus.model.operations.databases import CreateDatabase, DescribeDatabase, ListDatabases

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping, Sequence

    from aiomilvus.client.backends.backend import AsyncBackend

_DEFAULT_DB = "default"
_MOST_SHOWN = 5


class CollectionReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was copied of one collection.

    Attributes:
        db: Its database.
        name: Its name.
        rows: Rows in the target.
        hidden: Rows at the source with the key of a newer one: no read shows them, and they
            were not copied.
        compared: Rows that were read on both sides and found equal.
        notes: What the target has otherwise than the source, a sentence each: indexes whose
            names or parameters earlier versions took, and that are refused now.
    """

    db: str
    name: str
    rows: int
    hidden: int
    compared: int
    notes: tuple[str, ...] = ()


async def copy(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    *,
    databases: Sequence[str] | None = None,
    collections: Sequence[str] | None = None,
    record: str | os.PathLike[str] | None = None,
    source_options: Mapping[str, Any] | None = None,
    target_options: Mapping[str, Any] | None = None,
    on_total: Callable[[int], None] | None = None,
    on_rows: Callable[[int], None] | None = None,
) -> list[CollectionReport]:
    """Copy databases from one place to another, each a directory or a server.

    Schemas with their functions, properties, partitions, rows with their keys, indexes, aliases
    and load states go over. Rows are read in the order of their keys and inserted in batches;
    what was done is noted in a file, so that the same call after an interruption goes on. At
    the end the numbers of rows are compared, and up to 200 rows of each collection.

    Nothing should write to the source meanwhile: rows whose keys were passed already would
    be missed, which the comparison then reports.

    Args:
        source: Path of a database, or the URI of a server. The directory of milvus-lite 3 is
            one, too, where that package is installed.
        target: The same; a directory is made if there is none.
        databases: Names of those to copy; all by default.
        collections: Names of those to copy, in every database; all by default.
        record: The file for the notes; by default one below ``~/.local/state/aiomilvus`` whose
            name follows from source and target. It is removed when all is done.
        source_options: ``token``, ``user``, ``password`` and the constructor's further
            keywords for the source.
        target_options: The same for the target.
        on_total: Told the number of rows to copy, once.
        on_rows: Told the number of rows copied, again and again.

    Returns:
        One report per collection.

    Raises:
        ConnectionConfigException: The source is a path where nothing is, or milvus-lite's, and
            that is not installed.
        CollectionNotExistException: A collection asked for is nowhere.
        ParamError: A collection is at the target already, and no notes say that a copy was
            interrupted; or the notes are another copy's.
        DataCorruptedError: Source and target differ at the end; the message says where.
    """
    async with AsyncExitStack() as stack:
        from_lite = await stack.enter_async_context(served(source))
        here = _open(from_lite, source_options, must_exist=True)
        stack.push_async_callback(here.close)
        there = _open(target, target_options, must_exist=False)
        stack.push_async_callback(there.close)
        job = _Job(here, there, Record(record, _shown(source), _shown(target)))
        names = await job.collections(databases, collections)
        reports = await job.run(names, on_total or _ignore, on_rows or _ignore)
    job.record.remove()
    return reports


def _ignore(_rows: int) -> None:
    """Tell nobody."""


def _shown(place: str | os.PathLike[str]) -> str:
    """Return a place as the record has it: paths in full."""
    address = parse_address(place, "", "", "", None, {})
    if address.is_embedded and address.path != MEMORY:
        return str(Path(address.path).expanduser().resolve())
    return address.uri


def _open(
    place: str | os.PathLike[str], options: Mapping[str, Any] | None, *, must_exist: bool
) -> AsyncBackend:
    given = dict(options or {})
    known = {name: given.pop(name, "") for name in ("user", "password", "token")}
    timeout = given.pop("timeout", None)
    address = parse_address(place, known["user"], known["password"], known["token"], timeout, given)
    if address.is_embedded and address.path != MEMORY:
        from aiomilvus.client.backends.embedded.places import check_place  # noqa: PLC0415 - the engine

        check_place(Path(address.path).expanduser(), may_be_new=not must_exist)
    return open_backend(address)


async def _databases(backend: AsyncBackend) -> tuple[str, ...] | None:
    """Return the names of a place's databases, None for a server that has no such thing."""
    try:
        return tuple(await backend.execute(ListDatabases(), None))
    except NotSupportedError:
        return None


class _Job:
    """One run of a copy."""

    def __init__(self, source: AsyncBackend, target: AsyncBackend, record: Record) -> None:
        self._source = source
        self._target = target
        self.record = record

    async def collections(
        self, databases: Sequence[str] | None, collections: Sequence[str] | None
    ) -> list[tuple[str, str]]:
        """Return the (database, collection) pairs to copy, their databases made.

        The target is left alone until all that is asked for was found at the source: only then a
        directory that is no database yet becomes one.
        """
        known = await _databases(self._source) or (_DEFAULT_DB,)
        chosen = await self._found(known if databases is None else databases, collections)
        there = await _databases(self._target)
        if there is None and databases is None:
            there = (_DEFAULT_DB,)
            chosen = await self._found(there, collections)
        for db, names in chosen.items():
            if db not in (there or (_DEFAULT_DB,)) and (names or collections is None):
                described = await self._source.execute(DescribeDatabase(db=db), None)
                made = CreateDatabase(db=db, properties=described.properties)
                await self._target.execute(made, None)
        return [(db, name) for db, names in chosen.items() for name in names]

    async def _found(
        self, databases: Sequence[str], collections: Sequence[str] | None
    ) -> dict[str, list[str]]:
        """Return the names of the collections to copy by their database.

        Raises:
            CollectionNotExistException: One that is asked for is in none of them.
        """
        chosen: dict[str, list[str]] = {}
        for db in databases:
            found = await self._source.execute(ListCollections(db=db), None)
            chosen[db] = sorted(n for n in found if collections is None or n in collections)
        missing = set(collections or ()).difference(*chosen.values())
        if missing:
            raise CollectionNotExistException(
                message=f"collection not found at the source: {', '.join(sorted(missing))}"
            )
        return chosen

    async def run(
        self,
        names: list[tuple[str, str]],
        on_total: Callable[[int], None],
        on_rows: Callable[[int], None],
    ) -> list[CollectionReport]:
        """Copy collections one after another."""
        copied = [
            _Collection(self._source, self._target, self.record, db, name) for db, name in names
        ]
        total = 0
        for each in copied:
            total += await each.begin()
        on_total(total)
        return [await each.run(on_rows) for each in copied]


class _Collection:
    """The copy of one collection."""

    def __init__(
        self, source: AsyncBackend, target: AsyncBackend, record: Record, db: str, name: str
    ) -> None:
        self._source = source
        self._target = target
        self._record = record
        self._db = db
        self._name = name
        self._names = (db, name, db, name)
        self._definitions = Definitions(source, target, db, name)
        self._total = 0

    async def begin(self) -> int:
        """Check that the copy can be made; return the number of rows to copy.

        Raises:
            ParamError: The collection is at the target, and not from an interrupted copy.
            IndexNotExistException: The source can't be read before it has an index.
        """
        await self._definitions.read()
        if self._record.of(self._db, self._name) is None and await self._is_there():
            raise ParamError(
                message=f"the target has a collection {self._name} in database {self._db} "
                "already: drop or rename it, or leave it out"
            )
        await self._definitions.load_source()
        self._total = await count(self._source, self._db, self._name)
        return self._total

    async def _is_there(self) -> bool:
        asked = DescribeCollection(db=self._db, collection=self._name)
        try:
            await self._target.execute(asked, None)
        except CollectionNotExistException:
            return False
        return True

    async def run(self, on_rows: Callable[[int], None]) -> CollectionReport:
        """Copy what is missing, compare, and say what there is."""
        progress = self._record.of(self._db, self._name)
        if progress is None:
            progress = self._record.begin(self._db, self._name)
        on_rows(progress.rows)
        await self._definitions.create()
        mover = RowMover(
            self._source,
            self._target,
            self._names,
            self._definitions.schema,
            self._record,
            progress,
            on_rows,
        )
        for partition in self._definitions.separate_partitions:
            part = progress.parts.setdefault(partition, Part())
            if not part.done:
                await mover.move(partition, part)
        notes = await self._definitions.finish()
        compared = await self._compare(progress.rows, progress.samples)
        await self._definitions.release()
        return CollectionReport(
            db=self._db,
            name=self._name,
            rows=progress.rows,
            hidden=max(self._total - progress.rows, 0),
            compared=compared,
            notes=notes,
        )

    async def _compare(self, rows: int, samples: list[Any]) -> int:
        there = await count(self._target, self._db, self._name)
        if there != rows:
            raise DataCorruptedError(
                message=f"{self._name}: {rows} rows were copied, but the target has {there}"
            )
        schema = self._definitions.schema
        wrong = await differing(self._source, self._target, self._names, schema, samples)
        if wrong:
            raise DataCorruptedError(
                message=f"{self._name}: {len(wrong)} of {len(samples)} compared rows differ, "
                f"among them those with the keys {wrong[:_MOST_SHOWN]}"
            )
        return len(samples)
