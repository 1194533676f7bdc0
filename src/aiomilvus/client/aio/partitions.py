"""Partitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.client.aio.base import AsyncClientBase
from aiomilvus.client.arguments import check_name
from aiomilvus.client.keywords import check_options
from aiomilvus.client.options import CallOptions
from aiomilvus.model.operations.partitions import (
    CreatePartition,
    DropPartition,
    HasPartition,
    ListPartitions,
    PartitionStatistics,
)

if TYPE_CHECKING:
    from typing_extensions import Unpack


class AsyncPartitions(AsyncClientBase):
    """Partitions of a collection."""

    async def create_partition(
        self,
        collection_name: str,
        partition_name: str,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Create a partition; one that exists is a success.

        Raises:
            CollectionNotExistException: There is no such collection.
            ParamError: The name is not allowed, or the collection has a partition key.

        Example:
            >>> await client.create_partition("books", "fiction")
            >>> row = {"id": 9, "vector": [0.3, 0.3], "title": "Emma", "year": 1815}
            >>> found = await client.insert("books", row, partition_name="fiction")
            >>> found["insert_count"]
            1
        """
        check_options("create_partition", kwargs, CallOptions)
        operation = CreatePartition(
            db=self._db,
            collection=check_name(collection_name),
            partition=check_name(partition_name, "partition_name"),
        )
        await self._execute(operation, timeout)

    async def drop_partition(
        self,
        collection_name: str,
        partition_name: str,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Drop a released partition and its rows.

        Raises:
            CollectionNotExistException: There is no such collection.
            ParamError: It is the default partition, or loaded.

        Example:
            >>> await client.create_partition("books", "fiction")
            >>> await client.release_partitions("books", "fiction")
            >>> await client.drop_partition("books", "fiction")
        """
        check_options("drop_partition", kwargs, CallOptions)
        operation = DropPartition(
            db=self._db,
            collection=check_name(collection_name),
            partition=check_name(partition_name, "partition_name"),
        )
        await self._execute(operation, timeout)

    async def has_partition(
        self,
        collection_name: str,
        partition_name: str,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> bool:
        """Return whether a collection has this partition.

        Raises:
            CollectionNotExistException: There is no such collection.

        Example:
            >>> await client.has_partition("books", "_default")
            True
        """
        check_options("has_partition", kwargs, CallOptions)
        operation = HasPartition(
            db=self._db,
            collection=check_name(collection_name),
            partition=check_name(partition_name, "partition_name"),
        )
        return await self._execute(operation, timeout)

    async def list_partitions(
        self, collection_name: str, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> list[str]:
        """Return the names of a collection's partitions, oldest first.

        Raises:
            CollectionNotExistException: There is no such collection.

        Example:
            >>> await client.create_partition("books", "fiction")
            >>> await client.list_partitions("books")
            ['_default', 'fiction']
        """
        check_options("list_partitions", kwargs, CallOptions)
        operation = ListPartitions(db=self._db, collection=check_name(collection_name))
        return [info.name for info in await self._execute(operation, timeout)]

    async def get_partition_stats(
        self,
        collection_name: str,
        partition_name: str,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> dict[str, int]:
        """Return ``{"row_count": …}`` of one partition.

        Raises:
            CollectionNotExistException: There is no such collection.
            PartitionNotExistException: There is no such partition.

        Example:
            >>> await client.get_partition_stats("books", "_default")
            {'row_count': 3}
        """
        check_options("get_partition_stats", kwargs, CallOptions)
        operation = PartitionStatistics(
            db=self._db,
            collection=check_name(collection_name),
            partition=check_name(partition_name, "partition_name"),
        )
        return await self._execute(operation, timeout)
