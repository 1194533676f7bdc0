# Generated from src/aiomilvus/client/aio/indexes.py by tools/make_sync.py; edit that file.
"""Indexes."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any

from aiomilvus.client.arguments import check_mapping, check_name, check_text, check_type, names
from aiomilvus.client.inputs.index_params import IndexParams
from aiomilvus.client.keywords import check_options
from aiomilvus.client.options import CallOptions, IndexOptions, TimedOptions
from aiomilvus.client.progress import Progress, ignore
from aiomilvus.client.results.infos import describe_index
from aiomilvus.client.sync.base import ClientBase
from aiomilvus.client.sync.waiting import pause
from aiomilvus.errors import (
    AmbiguousIndexName,
    DeadlineExceededError,
    IndexNotExistException,
    MilvusException,
    ParamError,
)
from aiomilvus.model.operations.indexes import (
    AlterIndexProperties,
    CreateIndex,
    DescribeIndexes,
    DropIndex,
)
from aiomilvus.model.plain import as_text
from aiomilvus.model.types import IndexState

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from aiomilvus.client.progress import OnProgress

_FIRST_LOOK = 0.002
_LAST_LOOK = 0.2


class Indexes(ClientBase):
    """Making, dropping and describing indexes."""

    def create_index(
        self,
        collection_name: str,
        index_params: IndexParams,
        timeout: float | None = None,
        *,
        progress: OnProgress | None = None,
        **kwargs: Unpack[IndexOptions],
    ) -> None:
        """Make the indexes of `index_params`, one after the other.

        Args:
            collection_name: The collection, or an alias of it.
            index_params: From `prepare_index_params`; not empty.
            timeout: Seconds for each index, None for the client's default.
            progress: Told which index is built and how many rows are in it, while it is waited for;
                `show_progress` shows a bar.
            **kwargs: See `IndexOptions`.

        Raises:
            ParamError: An index type, metric or parameter is not allowed.
            MilvusException: A build failed; the message says why.
            DeadlineExceededError: `timeout` seconds were not enough; the build goes on.

        Example:
            >>> params = client.prepare_index_params()
            >>> params.add_index("blurb", index_type="INVERTED")
            >>> client.create_index("blurbs", params)
            >>> client.list_indexes("blurbs")
            ['vector', 'blurb']
        """
        check_options("create_index", kwargs, IndexOptions)
        check_type(collection_name, "collection_name", str)
        check_type(index_params, "index_params", IndexParams)
        if not index_params:
            raise ParamError(message="IndexParams is empty, no index can be created")
        time = self._limit(timeout, "create_index")
        for index in index_params:
            params = {key: as_text(value) for key, value in index.get_index_configs().items()}
            operation = CreateIndex(
                db=self._db,
                collection=collection_name,
                field=index.field_name,
                name=index.index_name,
                params=params,
            )
            self._execute(operation, time.left())
            if kwargs.get("sync", True):
                self._until_built(
                    collection_name,
                    index.index_name,
                    index.field_name,
                    time.left(),
                    ignore if progress is None else progress,
                )

    def _until_built(
        self, collection: str, name: str, field: str, timeout: float | None, tell: OnProgress
    ) -> None:
        """Return when the index is built for all rows it concerns.

        Raises:
            MilvusException: The build failed; the message says why.
            DeadlineExceededError: `timeout` seconds were not enough; the build goes on.
        """
        # A path in the dynamic field may be described by another name than it was given.
        on = "" if name else field
        wanted = DescribeIndexes(db=self._db, collection=collection, name=name, field=on)
        limit = self._timeout if timeout is None else timeout
        deadline = None if limit is None else monotonic() + limit
        wait, stage, done = _FIRST_LOOK, f"building {name or field}", 0
        while True:
            left = None if deadline is None else max(deadline - monotonic(), 0.0)
            infos = self._execute(wanted, left)
            indexed = sum(info.indexed_rows for info in infos)
            # Growing rows are not waited for; those that are sealed meanwhile are.
            total = indexed + sum(info.pending_index_rows for info in infos)
            done = max(done, indexed)
            tell(Progress(stage, min(done, total), total))
            for info in infos:
                if info.state == IndexState.Failed:
                    message = f"index {info.name} can't be built: {info.fail_reason}"
                    raise MilvusException(message=message)
            if all(info.state == IndexState.Finished for info in infos):
                return
            if deadline is not None and monotonic() > deadline:
                message = f"building index {name or field} took longer than {limit} s; it goes on"
                raise DeadlineExceededError(message=message)
            pause(wait if left is None else min(wait, left))
            wait = min(2 * wait, _LAST_LOOK)

    def drop_index(
        self,
        collection_name: str,
        index_name: str,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Drop an index; one that does not exist is a success.

        Raises:
            CollectionNotExistException: There is no such collection.
            ParamError: It is a vector's, and the collection is loaded.

        Example:
            >>> client.release_collection("books")
            >>> client.drop_index("books", "vector")
        """
        check_options("drop_index", kwargs, CallOptions)
        operation = DropIndex(db=self._db, collection=check_name(collection_name), name=index_name)
        self._execute(operation, timeout)

    def list_indexes(
        self,
        collection_name: str,
        field_name: str | None = "",
        **kwargs: Unpack[TimedOptions],
    ) -> list[str]:
        """Return the names of a collection's indexes, or of those on one field.

        Raises:
            CollectionNotExistException: There is no such collection.

        Example:
            >>> client.list_indexes("books")
            ['vector']
        """
        check_options("list_indexes", kwargs, TimedOptions)
        operation = DescribeIndexes(db=self._db, collection=check_name(collection_name))
        try:
            infos = self._execute(operation, kwargs.get("timeout"))
        except IndexNotExistException:
            return []
        wanted = check_text(field_name, "field_name")
        return [info.name for info in infos if not wanted or info.field == wanted]

    def describe_index(
        self,
        collection_name: str,
        index_name: str,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> dict[str, Any] | None:
        """Return an index' parameters, its state and how many rows it covers; None if absent.

        Raises:
            CollectionNotExistException: There is no such collection.

        Example:
            >>> found = client.describe_index("books", "vector")
            >>> found["metric_type"]
            'COSINE'
        """
        check_options("describe_index", kwargs, CallOptions)
        operation = DescribeIndexes(
            db=self._db, collection=check_name(collection_name), name=index_name
        )
        try:
            infos = self._execute(operation, timeout)
        except IndexNotExistException:
            return None
        if len(infos) > 1:
            raise AmbiguousIndexName(
                message="There are multiple indexes, please specify the index_name."
            )
        return describe_index(infos[0]) if infos else None

    def alter_index_properties(
        self,
        collection_name: str,
        index_name: str,
        properties: dict[str, Any],
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Set properties of an index, such as ``mmap.enabled``.

        Raises:
            IndexNotExistException: There is no such index.
            ParamError: A property can't be altered.

        Example:
            >>> client.release_collection("books")
            >>> client.alter_index_properties("books", "vector", {"mmap.enabled": True})
        """
        check_options("alter_index_properties", kwargs, CallOptions)
        given = check_mapping(properties, "properties")
        operation = AlterIndexProperties(
            db=self._db,
            collection=check_name(collection_name),
            name=index_name,
            properties={key: as_text(value) for key, value in given.items()},
        )
        self._execute(operation, timeout)

    def drop_index_properties(
        self,
        collection_name: str,
        index_name: str,
        property_keys: list[str],
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Unset properties of an index.

        Raises:
            IndexNotExistException: There is no such index.

        Example:
            >>> client.release_collection("books")
            >>> client.drop_index_properties("books", "vector", ["mmap.enabled"])
        """
        check_options("drop_index_properties", kwargs, CallOptions)
        operation = AlterIndexProperties(
            db=self._db,
            collection=check_name(collection_name),
            name=index_name,
            drop=names(property_keys, "property_keys"),
        )
        self._execute(operation, timeout)
