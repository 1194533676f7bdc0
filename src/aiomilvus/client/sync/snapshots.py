# Generated from src/aiomilvus/client/aio/snapshots.py by tools/make_sync.py; edit that file.
"""Snapshots: named here, served by a later version."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from aiomilvus.client.options import CallOptions, check_options
from aiomilvus.client.sync.base import ClientBase

if TYPE_CHECKING:
    from typing_extensions import Unpack


class Snapshots(ClientBase):
    """Keeping and restoring the state of a collection."""

    def create_snapshot(
        self,
        snapshot_name: str,
        collection_name: str,
        db_name: str = "",
        description: str = "",
        compaction_protection_seconds: int = 0,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> NoReturn:
        """Keep the present state of a collection: not supported yet."""
        check_options("create_snapshot", kwargs, CallOptions)
        self._unsupported("create_snapshot")

    def drop_snapshot(
        self,
        snapshot_name: str,
        collection_name: str,
        db_name: str = "",
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> NoReturn:
        """Drop a snapshot: not supported yet."""
        check_options("drop_snapshot", kwargs, CallOptions)
        self._unsupported("drop_snapshot")

    def list_snapshots(
        self,
        collection_name: str = "",
        db_name: str = "",
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> NoReturn:
        """List the snapshots: not supported yet."""
        check_options("list_snapshots", kwargs, CallOptions)
        self._unsupported("list_snapshots")

    def describe_snapshot(
        self,
        snapshot_name: str,
        collection_name: str,
        db_name: str = "",
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> NoReturn:
        """Describe a snapshot: not supported yet."""
        check_options("describe_snapshot", kwargs, CallOptions)
        self._unsupported("describe_snapshot")

    def restore_snapshot(
        self,
        snapshot_name: str,
        source_collection_name: str,
        target_collection_name: str,
        source_db_name: str = "",
        target_db_name: str = "",
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> NoReturn:
        """Make a collection from a snapshot: not supported yet."""
        check_options("restore_snapshot", kwargs, CallOptions)
        self._unsupported("restore_snapshot")

    def get_restore_snapshot_state(
        self, job_id: int, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> NoReturn:
        """Tell how far a restore is: not supported yet."""
        check_options("get_restore_snapshot_state", kwargs, CallOptions)
        self._unsupported("get_restore_snapshot_state")

    def list_restore_snapshot_jobs(
        self,
        collection_name: str = "",
        db_name: str = "",
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> NoReturn:
        """List the restores: not supported yet."""
        check_options("list_restore_snapshot_jobs", kwargs, CallOptions)
        self._unsupported("list_restore_snapshot_jobs")

    def pin_snapshot_data(
        self,
        snapshot_name: str,
        collection_name: str,
        db_name: str = "",
        ttl_seconds: int = 0,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> NoReturn:
        """Keep a snapshot's files for a while: not supported yet."""
        check_options("pin_snapshot_data", kwargs, CallOptions)
        self._unsupported("pin_snapshot_data")

    def unpin_snapshot_data(
        self, pin_id: int, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> NoReturn:
        """Let a snapshot's files go: not supported yet."""
        check_options("unpin_snapshot_data", kwargs, CallOptions)
        self._unsupported("unpin_snapshot_data")
