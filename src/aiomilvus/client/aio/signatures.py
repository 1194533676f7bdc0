# make_sync: by hand
"""Methods whose arguments stand in a different order in pymilvus' two clients.

Each client keeps its own order, so that positional calls work; what the methods do is shared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.client.aio.cluster import AsyncCluster
from aiomilvus.client.aio.databases import AsyncDatabases
from aiomilvus.client.aio.loading import AsyncLoading
from aiomilvus.client.aio.search import AsyncSearch
from aiomilvus.client.arguments import names
from aiomilvus.client.keywords import check_options
from aiomilvus.client.options import CallOptions, SearchOptions
from aiomilvus.model.operations.access import UpdateUser

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from aiomilvus.client.inputs.aggregation import SearchAggregation
    from aiomilvus.client.inputs.chains import FunctionChain
    from aiomilvus.client.inputs.schema.functions import (
        Function,
        FunctionScore,
        LexicalHighlighter,
        SemanticHighlighter,
    )
    from aiomilvus.client.results.search import SearchResult
    from aiomilvus.expr.builder import Filter


class AsyncSignatures(AsyncDatabases, AsyncSearch, AsyncCluster, AsyncLoading):
    """Search, load state, and what else differs."""

    async def search(
        self,
        collection_name: str,
        data: Any = None,
        filter: str | Filter = "",
        limit: int = 10,
        output_fields: list[str] | None = None,
        search_params: dict[str, Any] | None = None,
        timeout: float | None = None,
        partition_names: list[str] | None = None,
        anns_field: str | None = None,
        ranker: Function | FunctionScore | None = None,
        function_chains: FunctionChain | list[FunctionChain] | None = None,
        ids: list[int] | list[str] | str | int | None = None,
        search_aggregation: SearchAggregation | None = None,
        *,
        highlighter: LexicalHighlighter | SemanticHighlighter | None = None,
        **kwargs: Unpack[SearchOptions],
    ) -> SearchResult:
        """Return the entities nearest to each query.

        Args:
            collection_name: The collection, or an alias of it.
            data: Query vectors (a list of vectors, a matrix, a scipy sparse matrix), or texts
                for a field that a function fills.
            filter: A filter expression; only entities that pass are found.
            limit: Most hits per query.
            output_fields: Fields to return with each hit; ``["*"]`` for all.
            search_params: ``metric_type``, ``params`` with the index' own (``ef``,
                ``nprobe``…), ``radius``, ``range_filter``…
            timeout: Seconds, None for the client's default.
            partition_names: Only from these partitions.
            anns_field: The vector field; needed when there are several.
            ranker: A rerank function, or several with a `FunctionScore`.
            function_chains: Chains of functions over the hits.
            ids: Search by the vectors of these entities, instead of `data`.
            search_aggregation: Buckets to sort the hits into.
            highlighter: Marks what matched.
            **kwargs: See `SearchOptions` (``offset``, ``filter_params``,
                ``group_by_field``, ``consistency_level``…).

        Returns:
            One list of hits per query, best first.

        Raises:
            CollectionNotExistException: There is no such collection.
            CollectionNotLoadedError: Load the collection first.
            ExpressionError: The filter is wrong; the message says where.
            ParamError: Another argument is.

        Example:
            >>> hits = await client.search("books", [[0.1, 0.8]], limit=1, output_fields=["title"])
            >>> hits[0][0]["entity"]["title"]
            'On Tides'
            >>> hits = await client.search("books", [[0.1, 0.8]], filter="year > 1970", limit=3)
            >>> [hit["id"] for hit in hits[0]]
            [3, 2]
        """
        options: dict[str, Any] = {}
        if kwargs:
            check_options("search", kwargs, SearchOptions)
            options.update(kwargs)
        if function_chains is not None:
            options["function_chains"] = function_chains
        if search_aggregation is not None:
            options["search_aggregation"] = search_aggregation
        if highlighter is not None:
            options["highlighter"] = highlighter
        return await self._search(
            collection_name,
            data,
            filter,
            limit,
            output_fields,
            search_params,
            timeout,
            partition_names,
            anns_field,
            ranker,
            ids,
            options,
        )

    async def get_load_state(
        self,
        collection_name: str,
        partition_names: list[str] | None = None,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> dict[str, Any]:
        """Return ``{"state": <LoadState: …>}``, with ``progress`` while loading.

        Raises:
            PartitionNotExistException: There is no such partition. For a missing collection the
                state is `NotExist`.

        Example:
            >>> found = await client.get_load_state("books")
            >>> found["state"].name
            'Loaded'
        """
        check_options("get_load_state", kwargs, CallOptions)
        partitions = names(partition_names, "partition_names")
        return await self._load_state(collection_name, partitions, timeout)

    async def refresh_load(
        self,
        collection_name: str,
        partition_names: list[str] | None = None,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Make rows that were imported since the collection was loaded searchable.

        Raises:
            CollectionNotExistException: There is no such collection.
            CollectionNotLoadedError: It is not loaded.

        Example:
            >>> await client.refresh_load("books")
        """
        check_options("refresh_load", kwargs, CallOptions)
        partitions = names(partition_names, "partition_names")
        await self._refresh_load(collection_name, partitions, timeout)

    async def list_aliases(
        self,
        collection_name: str = "",
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> list[str]:
        """Return the aliases of a collection, or of the whole database.

        Raises:
            CollectionNotExistException: There is no such collection.

        Example:
            >>> await client.create_alias("books", "current")
            >>> await client.list_aliases("books")
            ['current']
        """
        check_options("list_aliases", kwargs, CallOptions)
        return await self._aliases(collection_name, timeout)

    async def transfer_replica(
        self,
        source: str,
        target: str,
        collection_name: str,
        num_replica: int,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Move replicas of a loaded collection to another resource group.

        An embedded engine has one replica of each collection.

        Raises:
            ResourceGroupNotFoundError: There is no such group.
            CollectionNotLoadedError: The collection is not loaded.
            ParamError: Both groups are the same, or there are less replicas in the first.

        Example:
            >>> await client.create_resource_group("fast")
            >>> default = "__default_resource_group"
            >>> await client.transfer_replica(default, "fast", "books", 1)
            >>> (await client.describe_replica("books"))[0].resource_group
            'fast'
        """
        check_options("transfer_replica", kwargs, CallOptions)
        await self._transfer_replica(source, target, collection_name, num_replica, timeout)

    async def update_password(
        self,
        user_name: str,
        old_password: str,
        new_password: str,
        timeout: float | None = None,
        description: str | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Change a user's password; the old one must be right.

        Raises:
            MilvusException: There is no such user, or the old password is another one.

        Example:
            >>> await client.create_user("ada", "Enchantress-1")
            >>> await client.update_password("ada", "Enchantress-1", "Enchantress-2")
        """
        check_options("update_password", kwargs, CallOptions)
        operation = UpdateUser(
            user=user_name,
            password=old_password,
            new_password=new_password,
            description=description,
        )
        await self._execute(operation, timeout)
