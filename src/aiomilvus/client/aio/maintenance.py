"""Flush, compaction, segments, text analysis, and who serves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.client.aio.base import AsyncClientBase
from aiomilvus.client.arguments import (
    check_limit,
    check_mapping,
    check_name,
    check_states,
    check_text,
    names,
)
from aiomilvus.client.inputs.schema.field_arguments import check_truth
from aiomilvus.client.keywords import check_options
from aiomilvus.client.options import CallOptions
from aiomilvus.client.results.infos import (
    AnalyzeResult,
    CompactionPlans,
    LoadedSegmentInfo,
    ReplicaInfo,
    ResourceGroupInfo,
    SegmentInfo,
    compaction,
    compactions,
    loaded_segment,
    replica,
    resource_group,
    segment,
)
from aiomilvus.client.sizes import bytes_of, megabytes
from aiomilvus.model.operations.cluster import (
    DescribeReplicas,
    DescribeResourceGroup,
    ListResourceGroups,
)
from aiomilvus.model.operations.collections import DescribeCollection
from aiomilvus.model.operations.databases import GetServerInfo
from aiomilvus.model.operations.maintenance import (
    Compact,
    Flush,
    FlushAll,
    GetCompaction,
    GetFlushAllState,
    ListCompactions,
    ListSegments,
)
from aiomilvus.model.operations.text import RunAnalyzer
from aiomilvus.model.types import CompactionState, SegmentState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typing_extensions import Unpack

_RETAINED = (
    SegmentState.Growing,
    SegmentState.Sealed,
    SegmentState.Flushing,
    SegmentState.Flushed,
    SegmentState.Importing,
    SegmentState.Dropped,
)
"""The states of segments that a server still knows."""


class AsyncMaintenance(AsyncClientBase):
    """What keeps a collection in shape, and what tells about it."""

    async def flush(
        self, collection_name: str, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> None:
        """Seal what is growing. Acknowledged rows are on the disk without it, too.

        Raises:
            CollectionNotExistException: There is no such collection.

        Example:
            >>> await client.flush("books")
        """
        check_options("flush", kwargs, CallOptions)
        operation = Flush(db=self._db, collection=check_name(collection_name))
        await self._execute(operation, timeout)

    async def flush_all(self, timeout: float | None = None, **kwargs: Unpack[CallOptions]) -> None:
        """Flush every collection of every database.

        Raises:
            ConnectionNotExistException: The client is closed.
            MilvusUnavailableException: The server can't be reached.

        Example:
            >>> await client.flush_all()
        """
        check_options("flush_all", kwargs, CallOptions)
        await self._execute(FlushAll(db=self._db), timeout)

    async def get_flush_all_state(
        self, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> bool:
        """Return whether everything is flushed.

        Raises:
            ConnectionNotExistException: The client is closed.
            MilvusUnavailableException: The server can't be reached.

        Example:
            >>> await client.flush_all()
            >>> await client.get_flush_all_state()
            True
        """
        check_options("get_flush_all_state", kwargs, CallOptions)
        return await self._execute(GetFlushAllState(db=self._db), timeout)

    async def compact(
        self,
        collection_name: str,
        is_clustering: bool | None = False,
        is_l0: bool | None = False,
        target_size: int | None = None,
        target_size_unit: str = "mb",
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> int:
        """Merge segments and drop deleted rows in the background; return the job's number.

        Raises:
            CollectionNotExistException: There is no such collection.

        Example:
            >>> job = await client.compact("books")
            >>> await client.get_compaction_state(job) in ("Executing", "Completed")
            True
        """
        check_options("compact", kwargs, CallOptions)
        bytes_of(target_size_unit)
        time = self._limit(timeout, "compact")
        named = DescribeCollection(db=self._db, collection=check_name(collection_name))
        operation = Compact(
            db=self._db,
            collection=collection_name,
            collection_id=(await self._execute(named, time.left())).id,
            is_clustering=check_truth(is_clustering, "is_clustering"),
            is_l0=check_truth(is_l0, "is_l0"),
            target_size_mb=0 if target_size is None else megabytes(target_size, target_size_unit),
        )
        return await self._execute(operation, time.left())

    async def get_compaction_state(
        self, job_id: int, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> str:
        """Return ``"Executing"`` or ``"Completed"``.

        Raises:
            ParamError: `job_id` is no number. An unknown job counts as completed.

        Example:
            >>> job = await client.compact("books")
            >>> await client.get_compaction_state(job) in ("Executing", "Completed")
            True
        """
        check_options("get_compaction_state", kwargs, CallOptions)
        operation = GetCompaction(db=self._db, job_id=check_limit(job_id, "job_id"))
        info = await self._execute(operation, timeout)
        return CompactionState(info.state).name

    async def get_compaction_plans(
        self, job_id: int, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> CompactionPlans:
        """Return which segments a compaction merges into which.

        Raises:
            ParamError: `job_id` is no number.

        Example:
            >>> job = await client.compact("books")
            >>> plans = await client.get_compaction_plans(job)
            >>> plans.compaction_id == job
            True
        """
        check_options("get_compaction_plans", kwargs, CallOptions)
        operation = GetCompaction(db=self._db, job_id=check_limit(job_id, "job_id"))
        return compaction(await self._execute(operation, timeout))

    async def list_compaction_tasks(
        self, collection_name: str, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> CompactionPlans:
        """Return what recent compactions of a collection merged, one plan for each merge.

        Raises:
            CollectionNotExistException: There is no such collection.

        Example:
            >>> await client.flush("books")
            >>> found = await client.list_compaction_tasks("books")
            >>> found.plans
            []
        """
        check_options("list_compaction_tasks", kwargs, CallOptions)
        operation = ListCompactions(db=self._db, collection=check_name(collection_name))
        return compactions(await self._execute(operation, timeout), collection_name)

    async def list_segments(
        self,
        collection_name: str,
        states: Sequence[SegmentState] | None = None,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> list[SegmentInfo]:
        """Return a collection's segments in whatever state, or those in some states.

        Raises:
            CollectionNotExistException: There is no such collection.

        Example:
            >>> await client.flush("books")
            >>> [segment.num_rows for segment in await client.list_segments("books")]
            [3]
        """
        check_options("list_segments", kwargs, CallOptions)
        return await self._segments(
            collection_name, _RETAINED if states is None else states, timeout
        )

    async def list_persistent_segments(
        self,
        collection_name: str,
        timeout: float | None = None,
        states: Sequence[SegmentState] | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> list[SegmentInfo]:
        """Return a collection's segments on disk.

        Raises:
            CollectionNotExistException: There is no such collection.

        Example:
            >>> await client.flush("books")
            >>> found = await client.list_persistent_segments("books")
            >>> [segment.num_rows for segment in found]
            [3]
        """
        check_options("list_persistent_segments", kwargs, CallOptions)
        return await self._segments(collection_name, states, timeout)

    async def _segments(
        self, collection_name: str, states: Sequence[SegmentState] | None, timeout: float | None
    ) -> list[SegmentInfo]:
        operation = ListSegments(
            db=self._db, collection=check_name(collection_name), states=check_states(states)
        )
        return [segment(info) for info in await self._execute(operation, timeout)]

    async def list_loaded_segments(
        self, collection_name: str, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> list[LoadedSegmentInfo]:
        """Return the segments that are being searched, growing ones included.

        Raises:
            CollectionNotExistException: There is no such collection.

        Example:
            >>> found = await client.list_loaded_segments("books")
            >>> [segment.num_rows for segment in found]
            [3]
        """
        check_options("list_loaded_segments", kwargs, CallOptions)
        operation = ListSegments(db=self._db, collection=check_name(collection_name), loaded=True)
        return [loaded_segment(info) for info in await self._execute(operation, timeout)]

    async def describe_replica(
        self, collection_name: str, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> list[ReplicaInfo]:
        """Return the replicas of a loaded collection.

        Raises:
            CollectionNotExistException: There is no such collection.

        Example:
            >>> len(await client.describe_replica("books"))
            1
        """
        check_options("describe_replica", kwargs, CallOptions)
        operation = DescribeReplicas(db=self._db, collection=check_name(collection_name))
        return [replica(plain) for plain in await self._execute(operation, timeout)]

    async def list_resource_groups(
        self, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> list[str]:
        """Return the names of the resource groups.

        Raises:
            ConnectionNotExistException: The client is closed.
            MilvusUnavailableException: The server can't be reached.

        Example:
            >>> (await client.list_resource_groups())[0]
            '__default_resource_group'
        """
        check_options("list_resource_groups", kwargs, CallOptions)
        return list(await self._execute(ListResourceGroups(db=self._db), timeout))

    async def describe_resource_group(
        self, name: str, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> ResourceGroupInfo:
        """Return a resource group.

        Raises:
            ResourceGroupNotFoundError: There is no such group.

        Example:
            >>> found = await client.describe_resource_group("__default_resource_group")
            >>> found.name
            '__default_resource_group'
        """
        check_options("describe_resource_group", kwargs, CallOptions)
        operation = DescribeResourceGroup(db=self._db, name=check_name(name, "name"))
        return resource_group(await self._execute(operation, timeout))

    async def run_analyzer(
        self,
        texts: str | list[str],
        analyzer_params: str | dict[str, Any] | None = None,
        with_hash: bool = False,
        with_detail: bool = False,
        collection_name: str | None = None,
        field_name: str | None = None,
        analyzer_names: str | list[str] | None = None,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> AnalyzeResult | list[AnalyzeResult]:
        """Return the tokens of texts, by parameters or as a collection's field is analysed.

        Raises:
            ParamError: The analyzer's parameters are not allowed, or its field has none.

        Example:
            >>> found = await client.run_analyzer("The quick foxes", {"type": "english"})
            >>> found.tokens
            ['quick', 'fox']
        """
        check_options("run_analyzer", kwargs, CallOptions)
        operation = RunAnalyzer(
            db=self._db,
            texts=names(texts, "texts", of="texts"),
            params=_analyzer_params(analyzer_params),
            collection=check_name(collection_name) if collection_name is not None else "",
            field=check_text(field_name, "field_name"),
            analyzer_names=names(analyzer_names, "analyzer_names"),
            with_detail=check_truth(with_detail, "with_detail"),
            with_hash=check_truth(with_hash, "with_hash"),
        )
        found = [AnalyzeResult(list(tokens)) for tokens in await self._execute(operation, timeout)]
        return found[0] if isinstance(texts, str) else found

    async def get_server_version(
        self, timeout: float | None = None, detail: bool = False, **kwargs: Unpack[CallOptions]
    ) -> str | dict[str, Any]:
        """Return the version of the engine or server; with `detail`, all it tells.

        Raises:
            ConnectionNotExistException: The client is closed.
            MilvusUnavailableException: The server can't be reached.

        Example:
            >>> await client.get_server_version()
            '...'
        """
        check_options("get_server_version", kwargs, CallOptions)
        info = await self._execute(GetServerInfo(db=self._db), timeout)
        if check_truth(detail, "detail"):
            return {"version": info.version, "kind": info.kind, **info.extra}
        return info.version


def _analyzer_params(given: object) -> str | dict[str, Any]:
    return (
        check_text(given, "analyzer_params")
        if isinstance(given, str)
        else check_mapping(given, "analyzer_params")
    )
