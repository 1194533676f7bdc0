"""Moving the rows of one collection: read a page in key order, insert it, note how far it is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from aiomilvus.errors import MilvusException
from aiomilvus.model.columns import BytesColumn, Column, FixedColumn
from aiomilvus.model.operations.data import Delete, Insert, Query

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.client.backends.backend import AsyncBackend
    from aiomilvus.copying.record import Part, Progress, Record
    from aiomilvus.model.batch import ColumnBatch
    from aiomilvus.model.schema import Schema

PAGE_BYTES = 8 << 20
"""Pages are about this large, so that a page in memory, its copy and its message stay small."""
FIRST_PAGE = 500
LARGEST_PAGE = 16_384
SECONDS = 300.0
"""For a page to be read or inserted, tries included."""


class RowMover:
    """Moves the rows of one collection.

    Args:
        source: Where they are.
        target: Where they go; the collection is there, with the same schema.
        names: Database and collection at the source, then at the target.
        schema: The collection's, as the source has it.
        record: Saved after each page.
        progress: The collection's part of it.
        moved: Told the number of rows after each page.
    """

    def __init__(
        self,
        source: AsyncBackend,
        target: AsyncBackend,
        names: tuple[str, str, str, str],
        schema: Schema,
        record: Record,
        progress: Progress,
        moved: Callable[[int], None],
    ) -> None:
        self._source = source
        self._target = target
        self._from_db, self._from, self._to_db, self._to = names
        self._key = schema.primary.name
        self._names = [field.name for field in schema.fields if not field.is_function_output]
        self._record = record
        self._progress = progress
        self._moved = moved
        self._page = FIRST_PAGE

    async def move(self, partition: str, part: Part) -> None:
        """Move the rows of one partition, or of all with "", from where `part` says."""
        doubtful = part.until
        page = await self._read(partition, part.cursor)
        while len(page):
            keys = page[self._key]
            if doubtful is not None and not _is_after(key_values(keys.slice(0, 1))[0], doubtful):
                await self._remove(keys)  # the run before may have inserted them
            part.until = last_key(keys)
            self._record.save()
            page = await self._insert_and_read_on(partition, page, part)
        part.done, part.until = True, None
        self._record.save()

    async def _insert_and_read_on(
        self, partition: str, page: ColumnBatch, part: Part
    ) -> ColumnBatch:
        """Insert a page while the next is read, and return that."""
        following = asyncio.create_task(self._read(partition, part.until))
        try:
            await self._insert(partition, page)
        except BaseException:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            raise
        part.cursor, part.until = part.until, None
        part.rows += len(page)
        self._progress.sample(key_values(page[self._key]))
        self._moved(len(page))
        return await following

    async def _read(self, partition: str, cursor: int | str | None) -> ColumnBatch:
        query = Query(
            db=self._from_db,
            collection=self._from,
            output_fields=("*",),
            partitions=(partition,) if partition else (),
            cursor=cursor,
            limit=self._page,
            iterator=True,
            consistency=0,
        )
        found = await self._source.execute(query, SECONDS)
        page = found.batch
        if len(page):
            rows = PAGE_BYTES * len(page) // max(page.nbytes, 1)
            self._page = min(max(rows, 1), LARGEST_PAGE)
        missing = [name for name in self._names if len(page) and name not in page]
        if missing:
            raise MilvusException(
                message=f"{self._from}: the source did not give the fields {missing}"
            )
        return page.select(self._names) if len(page) else page

    async def _insert(self, partition: str, page: ColumnBatch) -> None:
        insert = Insert(db=self._to_db, collection=self._to, partition=partition, batch=page)
        await self._target.execute(insert, SECONDS)

    async def _remove(self, keys: Column) -> None:
        delete = Delete(db=self._to_db, collection=self._to, ids=keys)
        await self._target.execute(delete, SECONDS)


def _is_after(key: Any, other: Any) -> bool:
    """Whether a key comes after another; texts are ordered by their bytes, as Python's are."""
    return bool(key > other)


def key_values(keys: Column) -> list[Any]:
    """Return keys as ints or texts."""
    if isinstance(keys, FixedColumn):
        return list(keys.values.tolist())
    if isinstance(keys, BytesColumn):
        return [bytes(key).decode() for key in keys]
    raise TypeError(f"keys are in a {keys.kind} column")


def last_key(keys: Column) -> Any:
    """Return the last of some keys, as an int or a text."""
    return key_values(keys.slice(len(keys) - 1, len(keys)))[0]
