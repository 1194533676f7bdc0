"""Entities: insert, upsert, delete, get, query, hybrid search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.client.aio.by_example import AsyncByExample
from aiomilvus.client.aio.waiting import filled
from aiomilvus.client.arguments import check_name, check_text, given_text, names, shown
from aiomilvus.client.keywords import check_options
from aiomilvus.client.options import (
    DeleteOptions,
    HybridOptions,
    QueryOptions,
    UpsertOptions,
    WriteOptions,
)
from aiomilvus.errors import ParamError
from aiomilvus.model.operations.data import Delete, Insert, Upsert

if TYPE_CHECKING:
    from collections.abc import Hashable

    from typing_extensions import Unpack

    from aiomilvus.client.inputs.schema.functions import Function
    from aiomilvus.client.inputs.search_parts import AnnSearchRequest, BaseRanker
    from aiomilvus.client.results.extra_list import ExtraList, OmitZeroDict
    from aiomilvus.client.results.search import SearchResult
    from aiomilvus.expr.builder import Filter
    from aiomilvus.model.results import QueryResult
    from aiomilvus.model.schema import Schema


class AsyncEntities(AsyncByExample):
    """Writing and reading entities."""

    async def insert(
        self,
        collection_name: str,
        data: Any,
        timeout: float | None = None,
        partition_name: str | None = "",
        **kwargs: Unpack[WriteOptions],
    ) -> OmitZeroDict:
        """Add rows. When it returns, they are on the disk and can be found.

        Args:
            collection_name: The collection, or an alias of it.
            data: A list of dicts, one dict, a dict of columns, or a pandas, polars or Arrow
                table. It is only read.
            timeout: Seconds, None for the client's default.
            partition_name: Where to put them; "" for the default partition.
            **kwargs: See `WriteOptions`.

        Returns:
            ``{"insert_count": …, "ids": […]}``, the keys in the order of the rows.

        Raises:
            TypeError: `data` is none of these.
            CollectionNotExistException: There is no such collection.
            DataNotMatchException, ParamError: A row does not fit; row and field are named,
                and nothing was written.

        Example:
            >>> row = {"id": 4, "vector": [0.5, 0.5], "title": "On Bees", "year": 1950}
            >>> found = await client.insert("books", [row])
            >>> found["insert_count"]
            1
        """
        check_options("insert", kwargs, WriteOptions)
        check_name(collection_name)
        size = self._conversions.size_of(data)
        if not size and isinstance(data, (list, dict)):
            return self._conversions.empty("insert_count")
        partition = check_text(partition_name, "partition_name")
        namespace = given_text(kwargs.get("namespace"), "namespace")
        insertion = self._conversions.insertion(
            self._db, collection_name, data, partition, namespace
        )
        found = await self._backend.write(
            Insert, self._db, collection_name, insertion, size, self._limited(timeout)
        )
        return self._conversions.inserted(found)

    async def upsert(
        self,
        collection_name: str,
        data: Any,
        timeout: float | None = None,
        partition_name: str | None = "",
        **kwargs: Unpack[UpsertOptions],
    ) -> OmitZeroDict:
        """Add rows, replacing those with the same primary keys.

        Args:
            collection_name: The collection, or an alias of it.
            data: As for `insert`.
            timeout: Seconds, None for the client's default.
            partition_name: Where to put them; "" for the default partition. A partial update
                looks there for the row that it completes.
            **kwargs: See `UpsertOptions`; with ``partial_update=True`` fields that a row does
                not give keep their values.

        Returns:
            ``{"upsert_count": …, "ids": […]}``.

        Raises:
            CollectionNotExistException: There is no such collection.
            DataNotMatchException, ParamError: A row does not fit the schema; the message says
                which, and nothing is written.

        Example:
            >>> row = {"id": 1, "vector": [0.1, 0.9], "title": "On Tides, revised", "year": 1988}
            >>> found = await client.upsert("books", [row])
            >>> found["upsert_count"]
            1
            >>> (await client.get("books", 1, ["title"]))[0]["title"]
            'On Tides, revised'
        """
        check_options("upsert", kwargs, UpsertOptions)
        check_name(collection_name)
        size = self._conversions.size_of(data)
        if not size and isinstance(data, (list, dict)):
            return self._conversions.empty("upsert_count")
        build = self._conversions.upsert
        partial = bool(kwargs.get("partial_update"))
        field_ops = self._conversions.field_operations(kwargs.get("field_ops"))

        partition = check_text(partition_name, "partition_name")
        namespace = given_text(kwargs.get("namespace"), "namespace")

        def operation(schema: Schema) -> Upsert:
            return build(
                schema,
                self._db,
                collection_name,
                data,
                partition,
                namespace=namespace,
                partial=partial,
                field_ops=field_ops,
            )

        found = await self._backend.write(
            Upsert, self._db, collection_name, operation, size, self._limited(timeout)
        )
        return self._conversions.upserted(found)

    async def delete(
        self,
        collection_name: str,
        ids: list[Any] | str | int | None = None,
        timeout: float | None = None,
        filter: str | Filter | None = None,
        partition_name: str | None = None,
        **kwargs: Unpack[DeleteOptions],
    ) -> OmitZeroDict:
        """Delete rows by primary key, or by filter.

        Args:
            collection_name: The collection, or an alias of it.
            ids: One key or several; an empty list is refused, as pymilvus does.
            timeout: Seconds, None for the client's default.
            filter: A filter expression; not together with `ids`.
            partition_name: Only from this partition.
            **kwargs: See `DeleteOptions`.

        Returns:
            ``{"delete_count": …}``.

        Raises:
            CollectionNotExistException: There is no such collection.
            ExpressionError: The filter can't be read, or does not fit the schema.
            ParamError: Both ids and a filter are given.
            DataTypeNotMatchException: Neither is given.

        Example:
            >>> await client.delete("books", ids=[1])
            {'delete_count': 1, 'cost': 0}
            >>> await client.delete("books", filter="year < 1980")
            {'delete_count': 1, 'cost': 0}
        """
        check_options("delete", kwargs, DeleteOptions)
        check_name(collection_name)
        pks = kwargs.get("pks")
        keys = self._conversions.keys_to_delete(ids, pks)
        expression, params = self._conversions.filter_to_delete(
            keys,
            filter,
            kwargs.get("filter_params"),
            named=ids is not None or pks is not None,
        )
        build = self._conversions.delete

        def operation(schema: Schema) -> Delete:
            return build(
                schema,
                self._db,
                collection_name,
                keys,
                expression,
                params,
                check_text(partition_name, "partition_name"),
                given_text(kwargs.get("namespace"), "namespace"),
            )

        found = await self._backend.write(
            Delete, self._db, collection_name, operation, len(keys), self._limited(timeout)
        )
        return self._conversions.deleted(found)

    async def query(
        self,
        collection_name: str,
        filter: str | Filter = "",
        output_fields: list[str] | None = None,
        timeout: float | None = None,
        ids: list[Any] | str | int | None = None,
        partition_names: list[str] | None = None,
        **kwargs: Unpack[QueryOptions],
    ) -> ExtraList:
        """Return the rows that a filter lets pass, or those with the given keys.

        Args:
            collection_name: The collection, or an alias of it.
            filter: A filter expression; "" lets all pass, and needs a ``limit``.
            output_fields: Fields to return; all by default. ``["count(*)"]`` counts.
            timeout: Seconds, None for the client's default.
            ids: Keys; not together with `filter`.
            partition_names: Only from these partitions.
            **kwargs: See `QueryOptions` (``limit``, ``offset``, ``filter_params``…).

        Returns:
            One dict per row, in the order of the primary key.

        Raises:
            CollectionNotExistException: There is no such collection.
            CollectionNotLoadedError: It is not loaded.
            ExpressionError: The filter can't be read, or does not fit the schema; the message shows
                where.

        Example:
            >>> rows = await client.query("books", "year < 1980", output_fields=["title"])
            >>> [row["title"] for row in rows]
            ['On Tides', 'On Foxes']
        """
        check_options("query", kwargs, QueryOptions)
        check_name(collection_name)
        limited, schema, shape = self._limited(timeout), None, None
        if isinstance(filter, str) and not filter and not kwargs:
            shape = self._conversions.lookup_shape(output_fields, partition_names)
            found = await self._looked_up(collection_name, shape, ids, limited)
            if found is not None:
                return await filled(self._conversions.rows(found, at_once=False))
        if ids is not None:
            time = self._limit(limited, "query")
            schema = await self._backend.schema(self._db, collection_name, time.left())
            limited = time.left()
        operation = self._conversions.query(
            schema,
            self._db,
            collection_name,
            filter=filter,
            ids=ids,
            output_fields=names(output_fields, "output_fields") or ("*",),
            partition_names=partition_names,
            options=kwargs,
            shape=shape,
        )
        found = await self._backend.execute(operation, limited)
        return await filled(self._conversions.rows(found, at_once=False))

    async def _looked_up(
        self, collection_name: str, shape: Hashable | None, ids: object, limited: float | None
    ) -> QueryResult | None:
        """Return the rows with some keys, or the count, if such a read was prepared before."""
        searches = self._backend.searches
        if searches is None or shape is None:
            return None
        kept = searches.kept_lookup(self._db, collection_name, shape)
        if kept is None:
            return None
        keys = None if ids is None else self._conversions.keys(kept.field, ids)
        return await searches.look_up(kept, keys, limited) if kept.fits(keys) else None

    async def get(
        self,
        collection_name: str,
        ids: list[Any] | str | int,
        output_fields: list[str] | None = None,
        timeout: float | None = None,
        partition_names: list[str] | None = None,
        **kwargs: Unpack[QueryOptions],
    ) -> ExtraList:
        """Return the rows with these primary keys; those that do not exist are left out.

        Raises:
            CollectionNotExistException: There is no such collection.
            CollectionNotLoadedError: It is not loaded.

        Example:
            >>> rows = await client.get("books", [1, 3], output_fields=["title"])
            >>> [row["title"] for row in rows]
            ['On Tides', 'On Rivers']
        """
        check_options("get", kwargs, QueryOptions)
        if isinstance(ids, list) and not ids:
            return self._conversions.rows.of([])
        return await self.query(
            collection_name, "", output_fields, timeout, ids, partition_names, **kwargs
        )

    async def hybrid_search(
        self,
        collection_name: str,
        reqs: list[AnnSearchRequest],
        ranker: BaseRanker | Function | None = None,
        limit: int = 10,
        output_fields: list[str] | None = None,
        timeout: float | None = None,
        partition_names: list[str] | None = None,
        **kwargs: Unpack[HybridOptions],
    ) -> SearchResult:
        """Run several searches at once and merge their hits.

        Args:
            collection_name: The collection, or an alias of it.
            reqs: The parts; all have the same number of queries.
            ranker: How to merge: `RRFRanker`, `WeightedRanker` or a rerank function;
                None for `RRFRanker` with its default.
            limit: Most hits per query.
            output_fields: Fields to return with each hit.
            timeout: Seconds, None for the client's default.
            partition_names: Only from these partitions.
            **kwargs: See `HybridOptions`.

        Returns:
            One list of hits per query.

        Raises:
            CollectionNotExistException: There is no such collection.
            CollectionNotLoadedError: It is not loaded.
            ParamError: There are no requests, or a request or the ranker does not fit.

        Example:
            >>> requests = [
            ...     AnnSearchRequest([[0.1, 0.9]], "vector", {}, limit=2),
            ...     AnnSearchRequest([[0.9, 0.1]], "vector", {}, limit=2),
            ... ]
            >>> hits = await client.hybrid_search("books", requests, RRFRanker(), limit=1)
            >>> [hit["id"] for hit in hits[0]]
            [3]
        """
        check_options("hybrid_search", kwargs, HybridOptions)
        check_name(collection_name)
        if not isinstance(reqs, (list, tuple)):
            raise ParamError(message=f"`reqs` value {shown(reqs)} is illegal, should be a list")
        time = self._limit(timeout, "hybrid_search")
        schema = await self._searched(collection_name, time.left())
        parts = await self._sought_parts(schema, collection_name, reqs, {**kwargs}, time)
        operation = self._conversions.hybrid_search(
            schema,
            self._db,
            collection_name,
            reqs=parts,
            ranker=ranker,
            limit=limit,
            output_fields=output_fields,
            partition_names=partition_names,
            options=kwargs,
        )
        found = await self._backend.execute(operation, time.left())
        answer = self._conversions.search_result(found, operation.round_decimal, at_once=False)
        return await filled(answer)
