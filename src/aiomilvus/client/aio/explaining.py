"""How the engine runs a search or query. An extension: pymilvus has no such call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.client.aio.by_example import AsyncByExample, Sought
from aiomilvus.client.arguments import check_name, check_type, names
from aiomilvus.client.keywords import check_options
from aiomilvus.client.options import QueryOptions, SearchOptions
from aiomilvus.model.operations.data import Explain

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from aiomilvus.client.inputs.chains import FunctionChain
    from aiomilvus.client.inputs.search_parts import AnnSearchRequest, BaseRanker
    from aiomilvus.expr.builder import Filter
    from aiomilvus.model.explanation import Explanation
    from aiomilvus.model.operations.data import HybridSearch, Query, Search


class AsyncExplaining(AsyncByExample):
    """Plans of reads, as data."""

    async def explain(
        self,
        collection_name: str,
        data: Any = None,
        filter: str | Filter = "",
        limit: int | None = None,
        output_fields: list[str] | None = None,
        search_params: dict[str, Any] | None = None,
        timeout: float | None = None,
        partition_names: list[str] | None = None,
        anns_field: str | None = None,
        ids: list[Any] | str | int | None = None,
        *,
        reqs: list[AnnSearchRequest] | None = None,
        ranker: BaseRanker | Any = None,
        function_chains: FunctionChain | list[FunctionChain] | None = None,
        **kwargs: Unpack[SearchOptions],
    ) -> Explanation:
        """Run a search, hybrid search or query, and tell how it was run instead of what it found.

        With `reqs` it is a hybrid search; with `data`, `anns_field` or `search_params` a search.

        Args:
            collection_name: The collection, or an alias of it.
            data: Query vectors or texts.
            filter: A filter expression.
            limit: Most hits per query (10 by default), or most rows of a query (no limit).
            output_fields: Fields to return; ``["count(*)"]`` explains a count.
            search_params: As for `search`.
            timeout: Seconds, None for the client's default.
            partition_names: Only from these partitions.
            anns_field: The vector field.
            ids: Keys, of a search or a query.
            reqs: The parts of a hybrid search.
            ranker: Merges them; or reranks the hits of a search.
            function_chains: As for `search`.
            **kwargs: See `SearchOptions` and `QueryOptions`.

        Returns:
            An `Explanation`: for each segment its rows, estimated and actual selectivity,
            strategy, indexes and timings in microseconds; printable, or `to_dict`.

        Raises:
            NotSupportedError: The client talks to a server that is not ``aiomilvus serve``.
            MilvusException: Whatever the operation itself would raise.

        Example:
            >>> found = await client.explain("books", [[0.1, 0.8]], filter="year > 1970", limit=3)
            >>> print(found)
            search on books, snapshot ...
              field vector (AUTOINDEX vector, COSINE)
              filter year > 1970
              segment ..., growing, 3 rows
                filter by scan: 2 rows pass, ...
                exact over candidates by exact scan...
        """
        check_name(collection_name)
        time = self._limit(timeout, "explain")
        schema = await self._backend.schema(self._db, collection_name, time.left())
        where = (schema, self._db, collection_name)
        chains = {} if function_chains is None else {"function_chains": function_chains}
        shared: dict[str, Any] = {"output_fields": output_fields}
        shared["partition_names"] = partition_names
        operation: Query | Search | HybridSearch
        if reqs is not None:
            check_options("explain", kwargs, SearchOptions)
            check_type(reqs, "reqs", (list, tuple))
            parts = await self._sought_parts(schema, collection_name, reqs, {**kwargs}, time)
            shared |= {"reqs": parts, "ranker": ranker, "options": {**kwargs, **chains}}
            operation = self._conversions.hybrid_search(*where, limit=limit or 10, **shared)
        elif data is not None or anns_field is not None or search_params is not None:
            check_options("explain", kwargs, SearchOptions)
            given = Sought(data, filter, {**kwargs, **chains})
            sought = await self._sought(schema, collection_name, given, anns_field, time)
            shared |= {"data": sought.data, "filter": sought.filter, "options": sought.options}
            shared |= {"ids": ids, "anns_field": anns_field, "ranker": ranker}
            shared |= {"search_params": search_params, "limit": 10 if limit is None else limit}
            operation = self._conversions.search(*where, **shared)
        else:
            options = {**kwargs, **chains}
            operation = self._query_of(where, filter, ids, limit, options, shared)
        asked = Explain(db=self._db, collection=collection_name, operation=operation)
        return await self._backend.execute(asked, time.left())

    def _query_of(
        self,
        where: tuple[Any, str, str],
        filter: str | Filter,
        ids: list[Any] | str | int | None,
        limit: int | None,
        options: dict[str, Any],
        shared: dict[str, Any],
    ) -> Query:
        if limit is not None:
            options["limit"] = limit
        check_options("explain", options, QueryOptions)
        fields = names(shared.pop("output_fields"), "output_fields") or ("*",)
        return self._conversions.query(
            *where, filter=filter, ids=ids, options=options, output_fields=fields, **shared
        )
