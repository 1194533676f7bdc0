"""Iterators: a whole result in batches, each read when it is asked for.

An iterator stays on the snapshot that its first batch was read from, as far as the engine or
server keeps it, so that writes meanwhile neither add nor repeat rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from aiomilvus.client.aio.base import AsyncClientBase
from aiomilvus.client.aio.ranged import AsyncRings
from aiomilvus.client.aio.waiting import filled
from aiomilvus.client.arguments import check_limit, check_name, names
from aiomilvus.client.call_notes import note
from aiomilvus.client.keywords import check_options
from aiomilvus.client.options import IteratorOptions, SearchIteratorOptions
from aiomilvus.client.requests.iteration import checked_batch_size, refuse_in_iteration
from aiomilvus.errors import ArgumentError, ParamError
from aiomilvus.model.operations.data import SearchIteratorState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from typing_extensions import Self, Unpack

    from aiomilvus.client.results.extra_list import ExtraList
    from aiomilvus.client.results.pages import SearchPage, Source
    from aiomilvus.client.results.search import Hit
    from aiomilvus.expr.builder import Filter

_B = TypeVar("_B", "ExtraList", "SearchPage")


class AsyncIterators(AsyncClientBase):
    """Reading many rows or hits in batches."""

    def query_iterator(
        self,
        collection_name: str,
        batch_size: int | None = 1000,
        limit: int | None = -1,
        filter: str | Filter | None = "",
        output_fields: list[str] | None = None,
        partition_names: list[str] | None = None,
        timeout: float | None = None,
        **kwargs: Unpack[IteratorOptions],
    ) -> AsyncQueryIterator:
        """Return an iterator over the rows that pass a filter, in the order of the key.

        Args:
            collection_name: The collection, or an alias of it.
            batch_size: Most rows per batch, up to 16384.
            limit: Most rows in all, -1 for no limit.
            filter: A filter expression; "" lets all pass.
            output_fields: Fields to return; all by default.
            partition_names: Only from these partitions.
            timeout: Seconds per batch, None for the client's default.
            **kwargs: See `IteratorOptions`; ``cursor=key`` goes on after that key, as
                another iterator's `cursor` tells it.

        Returns:
            ``async for batch in it``, or ``while batch := await it.next()``.

        Raises:
            ParamError: `batch_size` is out of range. What `query` raises, the first batch does.

        Example:
            >>> async for rows in client.query_iterator(
            ...     "books", batch_size=2, output_fields=["title"]
            ... ):
            ...     print([row["title"] for row in rows])
            ['On Tides', 'On Foxes']
            ['On Rivers']
        """
        check_options("query_iterator", kwargs, IteratorOptions)
        check_name(collection_name)
        arguments = {
            "filter": filter,
            "output_fields": names(output_fields, "output_fields") or ("*",),
            "partition_names": partition_names,
        }
        return AsyncQueryIterator(
            self,
            collection_name,
            checked_batch_size(batch_size),
            limit,
            timeout,
            arguments,
            {**kwargs},
        )

    def search_iterator(
        self,
        collection_name: str,
        data: Any,
        batch_size: int | None = 1000,
        filter: str | Filter | None = None,
        limit: int | None = -1,
        output_fields: list[str] | None = None,
        search_params: dict[str, Any] | None = None,
        timeout: float | None = None,
        partition_names: list[str] | None = None,
        anns_field: str | None = None,
        round_decimal: int = -1,
        *,
        external_filter_func: Callable[[list[Hit]], list[Hit]] | None = None,
        **kwargs: Unpack[SearchIteratorOptions],
    ) -> AsyncSearchIterator:
        """Return an iterator over the hits of one query, best first.

        Args:
            collection_name: The collection, or an alias of it.
            data: One query vector, in a list.
            batch_size: Most hits per batch, up to 16384.
            filter: A filter expression.
            limit: Most hits in all, -1 for no limit.
            output_fields: Fields to return with each hit.
            search_params: As for `search`.
            timeout: Seconds per batch, None for the client's default.
            partition_names: Only from these partitions.
            anns_field: The vector field; needed when there are several.
            round_decimal: Digits to round distances to, -1 for none.
            external_filter_func: Called with each batch; returns the hits to keep.
            **kwargs: See `SearchIteratorOptions`.

        Returns:
            ``async for batch in it``, or ``while batch := await it.next()``.

        Raises:
            ParamError: `batch_size` is out of range, or there are several query vectors. What
                `search` raises, the first batch does.

        Example:
            >>> async for hits in client.search_iterator("books", [[0.1, 0.8]], batch_size=2):
            ...     print([hit["id"] for hit in hits])
            [1, 3]
            [2]
        """
        check_options("search_iterator", kwargs, SearchIteratorOptions)
        check_name(collection_name)
        options: dict[str, Any] = {**kwargs}
        refuse_in_iteration(options, search_params, external_filter_func)
        if check_limit(round_decimal, "round_decimal") != -1:
            options["round_decimal"] = round_decimal
        # An array of no dimension has a length that it refuses to tell.
        if hasattr(data, "__len__") and getattr(data, "ndim", True) and len(data) > 1:
            raise ParamError(
                message="Not support search iteration over multiple vectors at present"
            )
        arguments = {
            "data": data,
            "filter": "" if filter is None else filter,
            "output_fields": output_fields,
            "search_params": search_params,
            "partition_names": partition_names,
            "anns_field": anns_field,
        }
        return AsyncSearchIterator(
            self,
            collection_name,
            checked_batch_size(batch_size),
            limit,
            timeout,
            arguments,
            options,
            external_filter_func,
        )


class _AsyncBatches(Generic[_B]):
    """What both iterators share: batches until there are no more, within a limit."""

    def __init__(
        self,
        client: AsyncClientBase,
        collection: str,
        batch_size: int,
        limit: int | None,
        timeout: float | None,
        arguments: Mapping[str, Any],
        options: dict[str, Any],
    ) -> None:
        self._client = client
        self._collection = collection
        self._batch_size = batch_size
        self._left = -1 if limit is None else check_limit(limit)
        self._timeout = timeout
        self._arguments = arguments
        self._options = options
        self._snapshot = 0
        self._ended = self._left == 0
        self._is_closed = False
        self._last: _B | None = None

    async def _further(self) -> _B | None:
        """Return the next batch, an empty one where there are no more; None behind the end."""
        if self._ended:
            return None
        note(self._options)
        size = self._batch_size if self._left < 0 else min(self._batch_size, self._left)
        batch = self._last = await self._read(size)
        if self._left > 0:
            self._left -= len(batch)
            self._ended = self._left <= 0
        if not batch:
            self._ended = True
        return batch

    async def _read(self, size: int) -> _B:
        """Return up to `size` further rows or hits."""
        raise NotImplementedError

    async def close(self) -> None:
        """End the iteration; `next` then answers no more rows or hits.

        Example:
            >>> iterator = client.query_iterator("books", batch_size=2)
            >>> await iterator.close()
            >>> await iterator.next()
            data: []
        """
        self._ended = self._is_closed = True

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> _B:
        batch = await self._further()
        if not batch:
            raise StopAsyncIteration
        return batch

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.close()


class AsyncQueryIterator(_AsyncBatches["ExtraList"]):
    """Rows in batches, in the order of the primary key."""

    _after_element = -1
    """Which element of the cursor's row was handed out last, where the filter is about elements."""

    @property
    def cursor(self) -> int | str | None:
        """The last key handed out; another iterator can go on after it."""
        cursor: int | str | None = self._options.get("cursor")
        return cursor

    async def next(self) -> ExtraList:
        """Return the next batch, an empty one when there are no more.

        A batch is what `query` answers: ``batch.to_pandas()`` makes a table of it, of the empty
        one, too.

        Example:
            >>> iterator = client.query_iterator("books", batch_size=2)
            >>> [row["id"] for row in await iterator.next()]
            [1, 2]
            >>> [row["id"] for row in await iterator.next()]
            [3]
            >>> await iterator.next()
            data: []
        """
        batch = await self._further()
        if batch is not None:
            return batch
        return self._client._conversions.rows(None) if self._last is None else self._last.emptied()

    async def _read(self, size: int) -> ExtraList:
        client = self._client
        time = client._limit(self._timeout, "next")
        schema = await client._backend.schema(client._db, self._collection, time.left())
        options = {**self._options, "limit": size}
        operation = client._conversions.query(
            schema,
            client._db,
            self._collection,
            ids=None,
            options=options,
            cursor=options.pop("cursor", None),
            after_element=self._after_element,
            snapshot=self._snapshot,
            iterator=True,
            **self._arguments,
        )
        found = await client._backend.execute(operation, time.left())
        self._snapshot = found.snapshot
        self._options.pop("offset", None)
        rows = await filled(client._conversions.rows(found, at_once=False))
        if len(rows):
            self._options["cursor"] = rows[-1][schema.primary.name]
            self._after_element = -1 if found.elements is None else int(found.elements.indices[-1])
        return rows


class AsyncSearchIterator(_AsyncBatches["SearchPage"]):
    """Hits of one query in batches, best first."""

    def __init__(
        self,
        client: AsyncClientBase,
        collection: str,
        batch_size: int,
        limit: int | None,
        timeout: float | None,
        arguments: Mapping[str, Any],
        options: dict[str, Any],
        keep: Callable[[list[Hit]], list[Hit]] | None,
    ) -> None:
        super().__init__(client, collection, batch_size, limit, timeout, arguments, options)
        self._keep = keep
        self._kept: list[Hit] = []
        self._sources: list[Source] = []
        """The answers that what is kept was chosen of."""
        self._token = ""
        self._last_bound: float | None = None
        self._rings: AsyncRings | None = None

    async def next(self) -> SearchPage | None:
        """Return the next page, an empty one when there are no more hits.

        A page is what `search` answers for a query, so that ``page.to_pandas()`` makes a table of
        it, of the empty one, too. Where `limit` hits were handed out, or the iterator was closed,
        it is None, as in pymilvus: ``while page := await iterator.next()`` ends with either.

        Example:
            >>> iterator = client.search_iterator("books", [[0.1, 0.8]], batch_size=2, limit=3)
            >>> while page := await iterator.next():
            ...     print(page.ids)
            [1, 3]
            [2]
            >>> print(await iterator.next())
            None
        """
        page = await self._further()
        if page is None and self._last is not None and self._left != 0 and not self._is_closed:
            return self._last.emptied()
        return page

    async def _read(self, size: int) -> SearchPage:
        if self._keep is None:
            return await self._page(size)
        conversions = self._client._conversions
        while len(self._kept) < size:
            hits = await self._page(size)
            source = conversions.page_source(hits, list(hits))
            kept = list(self._keep(hits)) if hits else []
            if kept or not self._sources:  # one at least tells the columns
                self._sources.append(source)
            if not hits:
                break
            self._kept += kept
        decimals = self._options.get("round_decimal", -1)
        page = conversions.chosen_page(self._kept[:size], self._sources, decimals)
        self._kept = self._kept[size:]  # all of the last answer
        self._sources = self._sources[-1:]
        return page

    async def _page(self, size: int) -> SearchPage:
        client = self._client
        time = client._limit(self._timeout, "next")
        schema = await client._backend.schema(client._db, self._collection, time.left())
        if self._rings is not None:
            return await self._rings.page(schema, size)
        state = SearchIteratorState(batch_size=size, token=self._token, last_bound=self._last_bound)
        operation = client._conversions.search(
            schema,
            client._db,
            self._collection,
            ids=None,
            limit=size,
            ranker=None,
            options=self._options,
            iterator=state,
            snapshot=self._snapshot,
            **self._arguments,
        )
        if operation.nq != 1:
            raise ArgumentError(
                message="Not support search iteration over multiple vectors at present"
            )
        found = await client._backend.execute(operation, time.left())
        self._snapshot = found.snapshot
        answer = await filled(
            client._conversions.search_result(found, operation.round_decimal, at_once=False)
        )
        hits = client._conversions.page_of(answer[0])
        if found.iterator is not None:
            self._token, self._last_bound = found.iterator.token, found.iterator.last_bound
        else:
            self._rings = AsyncRings(
                client, self._collection, self._timeout, self._arguments, self._options
            )
            await self._rings.begin(schema, hits)
        return hits
