"""One search, whatever the order of the public method's arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.client.aio.by_example import AsyncByExample, Sought
from aiomilvus.client.aio.waiting import filled
from aiomilvus.client.arguments import check_name
from aiomilvus.client.inputs.examples import Examples

if TYPE_CHECKING:
    from collections.abc import Hashable

    from aiomilvus.client.results.search import SearchResult
    from aiomilvus.expr.builder import Filter


class AsyncSearch(AsyncByExample):
    """The way of one search, from loose arguments to hits."""

    async def _search(
        self,
        collection_name: str,
        data: Any,
        filter: str | Filter,
        limit: int,
        output_fields: list[str] | None,
        search_params: dict[str, Any] | None,
        timeout: float | None,
        partition_names: list[str] | None,
        anns_field: str | None,
        ranker: Any,
        ids: Any,
        options: dict[str, Any],
    ) -> SearchResult:
        check_name(collection_name)
        backend, limited = self._backend, self._limited(timeout)
        shape = None
        if data is not None and not options and ranker is ids is None:
            shape = self._conversions.search_shape(
                filter, limit, output_fields, search_params, partition_names, anns_field
            )
            again = await self._again(collection_name, data, shape, limited)
            if again is not None:
                return again
        time = self._limit(limited, "search")
        schema = await self._searched(collection_name, time.left())
        given = Sought(data, filter, options)
        sought = await self._sought(schema, collection_name, given, anns_field, time)
        operation = self._conversions.search(
            schema,
            self._db,
            collection_name,
            data=sought.data,
            ids=ids,
            filter=sought.filter,
            limit=limit,
            output_fields=output_fields,
            search_params=search_params,
            partition_names=partition_names,
            anns_field=anns_field,
            ranker=ranker,
            options=sought.options,
            shape=shape,
        )
        found = await backend.execute(operation, time.left())
        answer = self._conversions.search_result(found, operation.round_decimal, at_once=False)
        return await filled(answer)

    async def _again(
        self, collection: str, data: object, shape: Hashable | None, timeout: float | None
    ) -> SearchResult | None:
        """Return the hits of a search that was prepared before, None if it was not."""
        searches = self._backend.searches
        if searches is None or shape is None or isinstance(data, Examples):
            return None
        kept = searches.kept(self._db, collection, shape)
        if kept is None:
            return None
        queries = kept.ready(self._conversions.queries(kept.field, data))
        if queries is None:
            return None
        found = await searches.search_again(kept, queries, timeout)
        return await filled(self._conversions.search_result(found, at_once=False))
