# Generated from src/aiomilvus/client/aio/cluster.py by tools/make_sync.py; edit that file.
"""What only a cluster has: named here, refused by a single node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from aiomilvus.client.options import CallOptions, check_options
from aiomilvus.client.sync.base import ClientBase

if TYPE_CHECKING:
    from typing_extensions import Unpack


class Cluster(ClientBase):
    """Resource groups, files, external tables, replication."""

    def create_resource_group(
        self, name: str, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> NoReturn:
        """Create a resource group: not supported yet."""
        check_options("create_resource_group", kwargs, CallOptions)
        self._unsupported("create_resource_group")

    def drop_resource_group(
        self, name: str, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> NoReturn:
        """Drop a resource group: not supported yet."""
        check_options("drop_resource_group", kwargs, CallOptions)
        self._unsupported("drop_resource_group")

    def update_resource_groups(
        self, configs: dict[str, Any], timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> NoReturn:
        """Change resource groups: not supported yet."""
        check_options("update_resource_groups", kwargs, CallOptions)
        self._unsupported("update_resource_groups")

    def add_file_resource(
        self, name: str, path: str, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> NoReturn:
        """Register a file for analyzers: not supported yet."""
        check_options("add_file_resource", kwargs, CallOptions)
        self._unsupported("add_file_resource")

    def remove_file_resource(
        self, name: str, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> NoReturn:
        """Forget a registered file: not supported yet."""
        check_options("remove_file_resource", kwargs, CallOptions)
        self._unsupported("remove_file_resource")

    def list_file_resources(
        self, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> NoReturn:
        """List the registered files: not supported yet."""
        check_options("list_file_resources", kwargs, CallOptions)
        self._unsupported("list_file_resources")

    def refresh_external_collection(
        self,
        collection_name: str,
        external_source: str = "",
        external_spec: str = "",
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> NoReturn:
        """Read an external table anew: not supported yet."""
        check_options("refresh_external_collection", kwargs, CallOptions)
        self._unsupported("refresh_external_collection")

    def get_refresh_external_collection_progress(
        self, job_id: int, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> NoReturn:
        """Tell how far a refresh is: not supported yet."""
        check_options("get_refresh_external_collection_progress", kwargs, CallOptions)
        self._unsupported("get_refresh_external_collection_progress")

    def list_refresh_external_collection_jobs(
        self, collection_name: str = "", timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> NoReturn:
        """List the refreshes: not supported yet."""
        check_options("list_refresh_external_collection_jobs", kwargs, CallOptions)
        self._unsupported("list_refresh_external_collection_jobs")

    def update_replicate_configuration(
        self,
        clusters: list[dict[str, Any]] | None = None,
        cross_cluster_topology: list[dict[str, Any]] | None = None,
        force_promote: bool = False,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> NoReturn:
        """Change the replication between clusters: not supported yet."""
        check_options("update_replicate_configuration", kwargs, CallOptions)
        self._unsupported("update_replicate_configuration")

    def get_replicate_configuration(
        self, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> NoReturn:
        """Tell the replication between clusters: not supported yet."""
        check_options("get_replicate_configuration", kwargs, CallOptions)
        self._unsupported("get_replicate_configuration")

    def get_replicate_info(
        self,
        source_cluster_id: str,
        target_pchannel: str,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> NoReturn:
        """Tell how far a replication is: not supported yet."""
        check_options("get_replicate_info", kwargs, CallOptions)
        self._unsupported("get_replicate_info")

    def dump_messages(
        self,
        pchannel: str,
        start_message_id: dict[str, Any],
        start_timetick: int = 0,
        end_timetick: int = 0,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> NoReturn:
        """Read a channel's messages: not supported yet."""
        check_options("dump_messages", kwargs, CallOptions)
        self._unsupported("dump_messages")

    def session(self, cluster_id: str) -> NoReturn:
        """Return a client bound to one cluster: not supported yet."""
        self._unsupported("session")
