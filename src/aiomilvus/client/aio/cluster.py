"""Resource groups, external collections, and what only a cluster has.

That is refused by name where a single process serves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from aiomilvus.client.aio.base import AsyncClientBase
from aiomilvus.client.arguments import check_mapping, check_name, check_path
from aiomilvus.client.groups import group_config, replication_of
from aiomilvus.client.keywords import check_options
from aiomilvus.client.options import CallOptions, ResourceGroupOptions
from aiomilvus.model.operations.cluster import (
    CreateResourceGroup,
    DropResourceGroup,
    GetRefreshJob,
    GetReplicateInfo,
    GetReplication,
    ListRefreshJobs,
    RefreshExternalCollection,
    TransferReplica,
    UpdateReplication,
    UpdateResourceGroups,
)
from aiomilvus.model.operations.text import AddFileResource, ListFileResources, RemoveFileResource

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from aiomilvus.model.operations.cluster import RefreshJob, Replication
    from aiomilvus.model.resources import FileResource


class AsyncCluster(AsyncClientBase):
    """Resource groups, files, external tables, replication."""

    def _needs_server(self, method: str) -> None:
        """Refuse a method that has no meaning in one process."""
        if self._backend.kind in ("embedded", "closed"):
            self._unsupported(method)

    async def create_resource_group(
        self, name: str, timeout: float | None = None, **kwargs: Unpack[ResourceGroupOptions]
    ) -> None:
        """Create a resource group; one that exists with the same configuration is a success.

        An embedded engine has one node. It goes to the group that requests it, if the group it is
        in does not; what is loaded is served wherever it is.

        Args:
            name: Its name.
            timeout: Seconds, None for the client's default.
            **kwargs: ``config``, as `update_resource_groups` takes it; without it, the group has
                no nodes.

        Raises:
            ParamError: The name is not allowed.
            ResourceGroupExistsError: It exists with another configuration.
            ResourceGroupLimitError: There are 1,024 groups.
            ResourceGroupIllegalError: The configuration lacks a number, limits less nodes than it
                requests, or names groups that do not exist.

        Example:
            >>> config = {"requests": {"node_num": 0}, "limits": {"node_num": 2}}
            >>> await client.create_resource_group("spare", config=config)
            >>> (await client.describe_resource_group("spare")).config.limits.node_num
            2
        """
        check_options("create_resource_group", kwargs, ResourceGroupOptions)
        config = kwargs.get("config")
        operation = CreateResourceGroup(
            name=check_name(name, "name"),
            config=None if config is None else group_config(config),
        )
        await self._execute(operation, timeout)

    async def drop_resource_group(
        self, name: str, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> None:
        """Drop a resource group; one that does not exist is a success.

        Raises:
            ParamError: It is the default group, its limit is not 0, a collection is loaded into
                it, or another group's configuration names it.

        Example:
            >>> await client.create_resource_group("brief")
            >>> await client.drop_resource_group("brief")
        """
        check_options("drop_resource_group", kwargs, CallOptions)
        await self._execute(DropResourceGroup(name=check_name(name, "name")), timeout)

    async def update_resource_groups(
        self, configs: dict[str, Any], timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> None:
        """Configure resource groups, all or none.

        Args:
            configs: By name, each as ``{"requests": {"node_num": 1}, "limits": {"node_num": 2},
                "transfer_from": [{"resource_group": "other"}], "transfer_to": [],
                "node_filter": {"node_labels": {}}}``, or pymilvus' ``ResourceGroupConfig``.
            timeout: Seconds, None for the client's default.
            **kwargs: See `CallOptions`.

        Raises:
            ResourceGroupNotFoundError: There is no such group.
            ResourceGroupIllegalError: As for `create_resource_group`.

        Example:
            >>> await client.create_resource_group("wide")
            >>> config = {"requests": {"node_num": 0}, "limits": {"node_num": 4}}
            >>> await client.update_resource_groups({"wide": config})
        """
        check_options("update_resource_groups", kwargs, CallOptions)
        wanted = tuple(
            (name, group_config(each)) for name, each in check_mapping(configs, "configs").items()
        )
        await self._execute(UpdateResourceGroups(configs=wanted), timeout)

    async def _transfer_replica(
        self, source: str, target: str, collection: str, count: int, timeout: float | None
    ) -> None:
        operation = TransferReplica(
            db=self._db,
            source=check_name(source, "source"),
            target=check_name(target, "target"),
            collection=check_name(collection),
            count=count,
        )
        await self._execute(operation, timeout)

    async def add_file_resource(
        self, name: str, path: str, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> None:
        """Register a file for analyzers; registering the same one again is fine.

        Args:
            name: What analyzers call it.
            path: Where the engine reads it; the embedded engine keeps a copy.
            timeout: Seconds, None for the client's default.
            **kwargs: See `CallOptions`.

        Raises:
            ParamError: There is no such file, it is empty, or another one has the name.

        Example:
            >>> _ = Path("stop.txt").write_text("the")
            >>> await client.add_file_resource("stop", "stop.txt")
        """
        check_options("add_file_resource", kwargs, CallOptions)
        operation = AddFileResource(name=check_name(name, "name"), path=check_path(path, "path"))
        await self._execute(operation, timeout)

    async def remove_file_resource(
        self, name: str, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> None:
        """Forget a registered file that nothing uses; one that is not there is fine.

        Raises:
            ParamError: The name is empty, or an analyzer uses the file.

        Example:
            >>> _ = Path("stop.txt").write_text("the")
            >>> await client.add_file_resource("stop", "stop.txt")
            >>> await client.remove_file_resource("stop")
        """
        check_options("remove_file_resource", kwargs, CallOptions)
        await self._execute(RemoveFileResource(name=check_name(name, "name")), timeout)

    async def list_file_resources(
        self, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> list[FileResource]:
        """Return the registered files, by name.

        Raises:
            ConnectionNotExistException: The client is closed.
            MilvusUnavailableException: The server can't be reached.

        Example:
            >>> _ = Path("stop.txt").write_text("the")
            >>> await client.add_file_resource("stop", "stop.txt")
            >>> [file.name for file in await client.list_file_resources()]
            ['stop']
        """
        check_options("list_file_resources", kwargs, CallOptions)
        return list(await self._execute(ListFileResources(), timeout))

    async def refresh_external_collection(
        self,
        collection_name: str,
        external_source: str = "",
        external_spec: str = "",
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> int:
        """Look at the files of an external collection again, in the background.

        Files that are as they were keep their rows and indexes; what was added, changed or removed
        is so in the collection once the job is done, all at once.

        Args:
            collection_name: The collection, or an alias.
            external_source: Where the files are from now on; with `external_spec`, or neither.
            external_spec: How to read them: JSON text, as ``{"format": "parquet"}``.
            timeout: Seconds, None for the client's default.
            **kwargs: See `CallOptions`.

        Returns:
            The job's number, for `get_refresh_external_collection_progress`.

        Raises:
            CollectionNotExistException: There is no such collection.
            ParamError: It is no external collection, or source and spec are malformed.
            NotSupportedError: The source is not on this machine, or not Parquet; or pyarrow is not
                installed.
            MilvusException: Another refresh of it is under way (code 703).

        Example:
            >>> from pathlib import Path
            >>> await client.export_collection("books", "books.parquet")
            3
            >>> schema = client.create_schema(
            ...     external_source=str(Path("books.parquet").resolve()),
            ...     external_spec='{"format": "parquet"}',
            ... )
            >>> _ = schema.add_field("v", DataType.FLOAT_VECTOR, dim=2, external_field="vector")
            >>> await client.create_collection("outside", schema=schema)
            >>> job = await client.refresh_external_collection("outside")
            >>> (await client.get_refresh_external_collection_progress(job)).collection_name
            'outside'
        """
        check_options("refresh_external_collection", kwargs, CallOptions)
        operation = RefreshExternalCollection(
            db=self._db,
            collection=check_name(collection_name),
            external_source=external_source,
            external_spec=external_spec,
        )
        return await self._execute(operation, timeout)

    async def get_refresh_external_collection_progress(
        self, job_id: int, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> RefreshJob:
        """Return how far a refresh of an external collection is.

        Its ``state`` ends as ``RefreshCompleted``, or as ``RefreshFailed`` with a ``reason``.

        Args:
            job_id: What `refresh_external_collection` returned.
            timeout: Seconds, None for the client's default.
            **kwargs: See `CallOptions`.

        Raises:
            ParamError: There is no such job; those that ended a day ago are forgotten.

        Example:
            >>> for job in await client.list_refresh_external_collection_jobs():
            ...     print(await client.get_refresh_external_collection_progress(job.job_id))
        """
        check_options("get_refresh_external_collection_progress", kwargs, CallOptions)
        return await self._execute(GetRefreshJob(db=self._db, job_id=job_id), timeout)

    async def list_refresh_external_collection_jobs(
        self, collection_name: str = "", timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> list[RefreshJob]:
        """Return the refreshes of an external collection, or of all, the latest first.

        Args:
            collection_name: The collection, "" for all of the database.
            timeout: Seconds, None for the client's default.
            **kwargs: See `CallOptions`.

        Raises:
            CollectionNotExistException: There is no such collection.

        Example:
            >>> await client.list_refresh_external_collection_jobs()
            []
        """
        check_options("list_refresh_external_collection_jobs", kwargs, CallOptions)
        operation = ListRefreshJobs(db=self._db, collection=collection_name)
        return list(await self._execute(operation, timeout))

    async def update_replicate_configuration(
        self,
        clusters: list[dict[str, Any]] | None = None,
        cross_cluster_topology: list[dict[str, Any]] | None = None,
        force_promote: bool = False,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Change the replication between clusters.

        Args:
            clusters: Each ``{"cluster_id": …, "connection_param": {"uri": …, "token": …},
                "pchannels": […]}``.
            cross_cluster_topology: Each ``{"source_cluster_id": …, "target_cluster_id": …}``.
            force_promote: Let the server that is asked take the lead.
            timeout: Seconds, None for the client's default.
            **kwargs: See `CallOptions`.

        Raises:
            NotSupportedError: The embedded engine replicates nothing to other clusters.

        Example:
            >>> await client.update_replicate_configuration(force_promote=True)  # needs a cluster
        """
        check_options("update_replicate_configuration", kwargs, CallOptions)
        self._needs_server("update_replicate_configuration")
        wanted = replication_of(clusters, cross_cluster_topology)
        operation = UpdateReplication(replication=wanted, force_promote=force_promote)
        await self._execute(operation, timeout)

    async def get_replicate_configuration(
        self, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> Replication:
        """Return the replication between clusters; an engine of one process has none.

        Raises:
            ConnectionNotExistException: The client is closed.
            MilvusUnavailableException: The server can't be reached.

        Example:
            >>> len((await client.get_replicate_configuration()).clusters)
            0
        """
        check_options("get_replicate_configuration", kwargs, CallOptions)
        return await self._execute(GetReplication(), timeout)

    async def get_replicate_info(
        self,
        source_cluster_id: str,
        target_pchannel: str,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> dict[str, Any]:
        """Return ``checkpoint`` and ``salvage_checkpoint``: how far a channel is replicated.

        Raises:
            NotSupportedError: The embedded engine replicates nothing to other clusters.

        Example:
            >>> await client.get_replicate_info(
            ...     "primary", "by-dev-rootcoord-dml_0"
            ... )  # needs a cluster
        """
        check_options("get_replicate_info", kwargs, CallOptions)
        self._needs_server("get_replicate_info")
        operation = GetReplicateInfo(
            source_cluster_id=check_name(source_cluster_id, "source_cluster_id"),
            target_pchannel=check_name(target_pchannel, "target_pchannel"),
        )
        return await self._execute(operation, timeout)

    def dump_messages(
        self,
        pchannel: str,
        start_message_id: dict[str, Any],
        start_timetick: int = 0,
        end_timetick: int = 0,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> NoReturn:
        """Read a channel's messages: not supported yet.

        Raises:
            NotSupportedError: The embedded engine replicates nothing to other clusters.

        Example:
            >>> client.dump_messages("by-dev-rootcoord-dml_0", {"id": 1})  # always refused
        """
        check_options("dump_messages", kwargs, CallOptions)
        self._unsupported("dump_messages")
