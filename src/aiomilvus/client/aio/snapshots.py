"""Snapshots: the state of a collection, kept and made a collection again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.client.aio.base import AsyncClientBase
from aiomilvus.client.arguments import check_limit, check_name, shown
from aiomilvus.client.keywords import check_options
from aiomilvus.client.options import CallOptions
from aiomilvus.client.results.snapshot_infos import restore_job, snapshot_info
from aiomilvus.errors import ParamError
from aiomilvus.model.operations.snapshots import (
    CreateSnapshot,
    DescribeSnapshot,
    DropSnapshot,
    GetRestoreJob,
    ListRestoreJobs,
    ListSnapshots,
    PinSnapshot,
    RestoreSnapshot,
    UnpinSnapshot,
)

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from aiomilvus.client.results.snapshot_infos import RestoreSnapshotJobInfo, SnapshotInfo


def _seconds(value: Any, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ParamError(message=f"{name} must be a non-negative integer, not {shown(value)}")
    if value < 0:
        raise ParamError(message=f"{name} must be non-negative, not {value}: invalid parameter")
    seconds: int = value
    return seconds


class AsyncSnapshots(AsyncClientBase):
    """Keeping and restoring the state of a collection."""

    async def create_snapshot(
        self,
        snapshot_name: str,
        collection_name: str,
        db_name: str = "",
        description: str = "",
        compaction_protection_seconds: int = 0,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Keep the present state of a collection.

        On the embedded engine that takes links to files rather than copies of them, and holds
        every acknowledged row, flushed or not.

        Args:
            snapshot_name: Unique among the snapshots of the collection.
            collection_name: The collection, or an alias of it.
            db_name: Its database, the client's by default.
            description: A note.
            compaction_protection_seconds: How long a server leaves the segments as they are.
            timeout: Seconds, None for the client's default.
            **kwargs: See `CallOptions`.

        Raises:
            CollectionNotExistException: There is no such collection.
            ParamError: The collection has a snapshot of that name.

        Example:
            >>> await client.create_snapshot("monday", "books")
            >>> await client.list_snapshots("books")
            ['monday']
        """
        check_options("create_snapshot", kwargs, CallOptions)
        protection = _seconds(compaction_protection_seconds, "compaction_protection_seconds")
        operation = CreateSnapshot(
            db=self._database(db_name),
            collection=check_name(collection_name),
            name=check_name(snapshot_name, "snapshot_name"),
            description=description,
            protection_seconds=protection,
        )
        await self._execute(operation, timeout)

    async def drop_snapshot(
        self,
        snapshot_name: str,
        collection_name: str,
        db_name: str = "",
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Drop a snapshot; one that does not exist is a success, a pinned one is refused.

        Raises:
            CollectionNotExistException: There is no such collection.
            SnapshotPinnedError: The snapshot is pinned.

        Example:
            >>> await client.create_snapshot("monday", "books")
            >>> await client.drop_snapshot("monday", "books")
        """
        check_options("drop_snapshot", kwargs, CallOptions)
        operation = DropSnapshot(
            db=self._database(db_name),
            collection=check_name(collection_name),
            name=check_name(snapshot_name, "snapshot_name"),
        )
        await self._execute(operation, timeout)

    async def list_snapshots(
        self,
        collection_name: str = "",
        db_name: str = "",
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> list[str]:
        """Return the names of a collection's snapshots, or of all in the database.

        Raises:
            CollectionNotExistException: There is no such collection.

        Example:
            >>> await client.create_snapshot("monday", "books")
            >>> await client.list_snapshots("books")
            ['monday']
        """
        check_options("list_snapshots", kwargs, CallOptions)
        operation = ListSnapshots(db=self._database(db_name), collection=collection_name)
        return list(await self._execute(operation, timeout))

    async def describe_snapshot(
        self,
        snapshot_name: str,
        collection_name: str,
        db_name: str = "",
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> SnapshotInfo:
        """Return a snapshot's description, partitions, time and place.

        Raises:
            SnapshotNotFoundError: The collection has no such snapshot.

        Example:
            >>> await client.create_snapshot("monday", "books")
            >>> found = await client.describe_snapshot("monday", "books")
            >>> found.name
            'monday'
        """
        check_options("describe_snapshot", kwargs, CallOptions)
        operation = DescribeSnapshot(
            db=self._database(db_name),
            collection=check_name(collection_name),
            name=check_name(snapshot_name, "snapshot_name"),
        )
        return snapshot_info(await self._execute(operation, timeout))

    async def restore_snapshot(
        self,
        snapshot_name: str,
        source_collection_name: str,
        target_collection_name: str,
        source_db_name: str = "",
        target_db_name: str = "",
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> int:
        """Make a new collection from a snapshot, and return the number of the job.

        The new collection has the snapshot's schema, properties, partitions, indexes and rows,
        and is not loaded. A server may still be at it when this returns.

        Raises:
            SnapshotNotFoundError: The collection has no such snapshot.
            ParamError: The new name is taken.

        Example:
            >>> await client.create_snapshot("monday", "books")
            >>> job = await client.restore_snapshot("monday", "books", "books_monday")
            >>> await client.get_collection_stats("books_monday")
            {'row_count': 3}
        """
        check_options("restore_snapshot", kwargs, CallOptions)
        operation = RestoreSnapshot(
            db=self._database(source_db_name, "source_db_name"),
            collection=check_name(source_collection_name, "source_collection_name"),
            name=check_name(snapshot_name, "snapshot_name"),
            target=check_name(target_collection_name, "target_collection_name"),
            target_db=self._database(target_db_name, "target_db_name"),
        )
        return await self._execute(operation, timeout)

    async def get_restore_snapshot_state(
        self, job_id: int, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> RestoreSnapshotJobInfo:
        """Return how far a restore is.

        Raises:
            ParamError: There is no such job.

        Example:
            >>> await client.create_snapshot("monday", "books")
            >>> job = await client.restore_snapshot("monday", "books", "books_monday")
            >>> found = await client.get_restore_snapshot_state(job)
            >>> found.progress
            100
        """
        check_options("get_restore_snapshot_state", kwargs, CallOptions)
        operation = GetRestoreJob(db=self._db, job_id=check_limit(job_id, "job_id"))
        return restore_job(await self._execute(operation, timeout))

    async def list_restore_snapshot_jobs(
        self,
        collection_name: str = "",
        db_name: str = "",
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> list[RestoreSnapshotJobInfo]:
        """Return the restores into a collection, or into all of the database.

        Raises:
            ConnectionNotExistException: The client is closed.
            MilvusUnavailableException: The server can't be reached.

        Example:
            >>> await client.create_snapshot("monday", "books")
            >>> job = await client.restore_snapshot("monday", "books", "books_monday")
            >>> [each.job_id == job for each in await client.list_restore_snapshot_jobs()]
            [True]
        """
        check_options("list_restore_snapshot_jobs", kwargs, CallOptions)
        operation = ListRestoreJobs(db=self._database(db_name), collection=collection_name)
        return [restore_job(each) for each in await self._execute(operation, timeout)]

    async def pin_snapshot_data(
        self,
        snapshot_name: str,
        collection_name: str,
        db_name: str = "",
        ttl_seconds: int = 0,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> int:
        """Let nobody drop a snapshot for so many seconds, and return the number of the pin.

        With 0, the pin holds until it is taken back.

        Raises:
            SnapshotNotFoundError: The collection has no such snapshot.
            ParamError: `ttl_seconds` is negative, or above 2,592,000 (30 days).

        Example:
            >>> await client.create_snapshot("monday", "books")
            >>> pin = await client.pin_snapshot_data("monday", "books", ttl_seconds=60)
            >>> await client.unpin_snapshot_data(pin)
        """
        check_options("pin_snapshot_data", kwargs, CallOptions)
        operation = PinSnapshot(
            db=self._database(db_name),
            collection=check_name(collection_name),
            name=check_name(snapshot_name, "snapshot_name"),
            ttl_seconds=_seconds(ttl_seconds, "ttl_seconds"),
        )
        return await self._execute(operation, timeout)

    async def unpin_snapshot_data(
        self, pin_id: int, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> None:
        """Take a pin back; one that has ended, or never was, is a success.

        Raises:
            ParamError: `pin_id` is 0.

        Example:
            >>> await client.create_snapshot("monday", "books")
            >>> pin = await client.pin_snapshot_data("monday", "books", ttl_seconds=60)
            >>> await client.unpin_snapshot_data(pin)
        """
        check_options("unpin_snapshot_data", kwargs, CallOptions)
        operation = UnpinSnapshot(db=self._db, pin_id=check_limit(pin_id, "pin_id"))
        await self._execute(operation, timeout)
