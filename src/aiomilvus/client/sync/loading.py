# Generated from src/aiomilvus/client/aio/loading.py by tools/make_sync.py; edit that file.
"""Loading: what must be done before a collection can be searched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.client.arguments import check_name, names
from aiomilvus.client.keywords import check_options
from aiomilvus.client.options import CallOptions, LoadOptions, load_options
from aiomilvus.client.sync.base import ClientBase
from aiomilvus.model.operations.loading import (
    GetLoadState,
    LoadCollection,
    LoadPartitions,
    ReleaseCollection,
    ReleasePartitions,
)
from aiomilvus.model.types import LoadState

if TYPE_CHECKING:
    from typing_extensions import Unpack


class Loading(ClientBase):
    """Loading and releasing."""

    def load_collection(
        self, collection_name: str, timeout: float | None = None, **kwargs: Unpack[LoadOptions]
    ) -> None:
        """Make a collection searchable, all partitions of it.

        Args:
            collection_name: The collection, or an alias of it.
            timeout: Seconds, None for the client's default.
            **kwargs: See `LoadOptions`.

        Raises:
            CollectionNotExistException: There is no such collection.
            IndexNotExistException: A vector field has no index.
            CollectionNotLoadedError: `refresh` of a collection that is not loaded.
            ResourceGroupNotFoundError: There is no such resource group.

        Example:
            >>> client.release_collection("books")
            >>> client.load_collection("books")
            >>> (client.get_load_state("books"))["state"].name
            'Loaded'
        """
        check_options("load_collection", kwargs, LoadOptions)
        operation = LoadCollection(
            db=self._db,
            collection=check_name(collection_name),
            **load_options(kwargs),
        )
        self._execute(operation, timeout)

    def release_collection(
        self, collection_name: str, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> None:
        """Stop serving searches of a collection; its data stays.

        Raises:
            CollectionNotExistException: There is no such collection.

        Example:
            >>> client.release_collection("books")
            >>> (client.get_load_state("books"))["state"].name
            'NotLoad'
        """
        check_options("release_collection", kwargs, CallOptions)
        operation = ReleaseCollection(db=self._db, collection=check_name(collection_name))
        self._execute(operation, timeout)

    def load_partitions(
        self,
        collection_name: str,
        partition_names: str | list[str],
        timeout: float | None = None,
        **kwargs: Unpack[LoadOptions],
    ) -> None:
        """Make some partitions searchable.

        Raises:
            CollectionNotExistException: There is no such collection.
            PartitionNotExistException: There is no such partition.

        Example:
            >>> client.create_partition("books", "fiction")
            >>> client.release_collection("books")
            >>> client.load_partitions("books", ["fiction"])
        """
        check_options("load_partitions", kwargs, LoadOptions)
        operation = LoadPartitions(
            db=self._db,
            collection=check_name(collection_name),
            partitions=names(partition_names, "partition_names"),
            **load_options(kwargs),
        )
        self._execute(operation, timeout)

    def release_partitions(
        self,
        collection_name: str,
        partition_names: str | list[str],
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Stop serving searches of some partitions.

        Raises:
            CollectionNotExistException: There is no such collection.
            PartitionNotExistException: There is no such partition.

        Example:
            >>> client.create_partition("books", "fiction")
            >>> client.release_partitions("books", ["fiction"])
        """
        check_options("release_partitions", kwargs, CallOptions)
        operation = ReleasePartitions(
            db=self._db,
            collection=check_name(collection_name),
            partitions=names(partition_names, "partition_names"),
        )
        self._execute(operation, timeout)

    def _load_state(
        self, collection_name: str, partitions: tuple[str, ...], timeout: float | None
    ) -> dict[str, Any]:
        operation = GetLoadState(
            db=self._db, collection=check_name(collection_name), partitions=partitions
        )
        info = self._execute(operation, timeout)
        state: dict[str, Any] = {"state": LoadState(info.state)}
        if info.state == LoadState.Loading:
            state["progress"] = info.progress
        return state

    def _refresh_load(
        self, collection_name: str, partitions: tuple[str, ...], timeout: float | None
    ) -> None:
        collection = check_name(collection_name)
        if partitions:
            self._execute(
                LoadPartitions(
                    db=self._db, collection=collection, partitions=partitions, refresh=True
                ),
                timeout,
            )
            return
        self._execute(LoadCollection(db=self._db, collection=collection, refresh=True), timeout)
