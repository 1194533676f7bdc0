"""One search, whatever the order of the public method's arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.client.aio.base import AsyncClientBase
from aiomilvus.client.aio.waiting import filled
from aiomilvus.client.arguments import check_name

if TYPE_CHECKING:
    from aiomilvus.client.results.search import SearchResult
    from aiomilvus.expr.builder import Filter


class AsyncSearch(AsyncClientBase):
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
        searches, shape = backend.searches, None
        if searches is not None and data is not None and not options and ranker is ids is None:
            shape = self._conversions.search_shape(
                filter, limit, output_fields, search_params, partition_names, anns_field
            )
            kept = None if shape is None else searches.kept(self._db, collection_name, shape)
            if kept is not None:
                queries = self._conversions.queries(kept.field, data)
                if kept.fits(queries):
                    found = await searches.search_again(kept, queries, limited)
                    return await filled(self._conversions.search_result(found, at_once=False))
        time = self._limit(limited, "search")
        schema = await self._searched(collection_name, time.left())
        operation = self._conversions.search(
            schema,
            self._db,
            collection_name,
            data=data,
            ids=ids,
            filter=filter,
            limit=limit,
            output_fields=output_fields,
            search_params=search_params,
            partition_names=partition_names,
            anns_field=anns_field,
            ranker=ranker,
            options=options,
            shape=shape,
        )
        found = await backend.execute(operation, time.left())
        answer = self._conversions.search_result(found, operation.round_decimal, at_once=False)
        return await filled(answer)
