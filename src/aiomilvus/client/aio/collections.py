"""Collections: create, describe, list, rename, drop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.client.aio.indexes import AsyncIndexes
from aiomilvus.client.aio.loading import AsyncLoading
from aiomilvus.client.arguments import check_mapping, check_name, check_text, check_type, names
from aiomilvus.client.inputs.index_params import IndexParams
from aiomilvus.client.inputs.schema.collection import CollectionSchema
from aiomilvus.client.inputs.schema.freeze import describe, freeze
from aiomilvus.client.keywords import check_options
from aiomilvus.client.options import CallOptions, CreateOptions, consistency
from aiomilvus.errors import CollectionNotExistException, PrimaryKeyException
from aiomilvus.model.operations.collections import (
    AlterCollectionProperties,
    CollectionStatistics,
    CreateCollection,
    DescribeCollection,
    DropCollection,
    ListCollections,
    RenameCollection,
    TruncateCollection,
)
from aiomilvus.model.plain import plain
from aiomilvus.model.types import ConsistencyLevel, DataType

if TYPE_CHECKING:
    from typing_extensions import Unpack

_INTEGER_KEYS = ("int", DataType.INT64)
_TEXT_KEYS = ("string", "str", DataType.VARCHAR)


class AsyncCollections(AsyncIndexes, AsyncLoading):
    """Collections as a whole."""

    async def create_collection(
        self,
        collection_name: str,
        dimension: int | None = None,
        primary_field_name: str = "id",
        id_type: str = "int",
        vector_field_name: str = "vector",
        metric_type: str = "COSINE",
        auto_id: bool = False,
        timeout: float | None = None,
        schema: CollectionSchema | None = None,
        index_params: IndexParams | None = None,
        **kwargs: Unpack[CreateOptions],
    ) -> None:
        """Create a collection.

        With `schema`, exactly that one; `index_params`, if given, are made and the collection
        is loaded. Without it a simple one: a key, one FLOAT_VECTOR field of `dimension`,
        dynamic fields on, indexed and loaded. These are steps of their own, as in pymilvus:
        where an index is refused, the collection is there without it.

        Args:
            collection_name: A letter or underscore, then letters, digits and underscores.
            dimension: Of the vector field of a simple collection.
            primary_field_name: Its primary key.
            id_type: ``"int"`` or ``"string"`` (then give ``max_length`` too).
            vector_field_name: Its vector field.
            metric_type: COSINE, IP or L2.
            auto_id: Whether keys are made by Milvus.
            timeout: Seconds, None for the client's default.
            schema: The whole schema.
            index_params: Indexes to make, with `schema`.
            **kwargs: See `CreateOptions`.

        Raises:
            ParamError: The name or the schema breaks a rule.

        Example:
            >>> await client.create_collection("notes", dimension=3, metric_type="L2")
            >>> await client.insert("notes", {"id": 1, "vector": [0, 1, 2], "text": "a note"})
            {'insert_count': 1, 'ids': [1], 'cost': 0}
        """
        check_options("create_collection", kwargs, CreateOptions)
        check_name(collection_name)
        fast = schema is None
        if schema is None:
            schema = _simple_schema(
                dimension, primary_field_name, id_type, vector_field_name, auto_id, kwargs
            )
            index_params = IndexParams()
            index_params.add_index(vector_field_name, "AUTOINDEX", metric_type=metric_type)
        check_type(schema, "schema", CollectionSchema)
        schema.verify()
        level = consistency(kwargs.get("consistency_level"))
        operation = CreateCollection(
            db=self._db,
            collection=collection_name,
            schema=freeze(schema),
            properties=_properties(kwargs.get("properties")),
            consistency=int(ConsistencyLevel.Bounded) if level is None else level,
            num_partitions=kwargs.get("num_partitions", 0),
            num_shards=kwargs.get("num_shards", kwargs.get("shards_num", 0)),
        )
        time = self._limit(timeout, "create_collection")
        await self._execute(operation, time.left())
        if fast or index_params:
            await self.create_index(collection_name, index_params or IndexParams(), time.left())
            await self.load_collection(collection_name, time.left())

    async def drop_collection(
        self, collection_name: str, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> None:
        """Drop a collection and its data; one that does not exist is a success.

        Raises:
            ParamError: The name is no text, or empty. That there is no such collection is a
                success.

        Example:
            >>> await client.drop_collection("books")
            >>> await client.has_collection("books")
            False
        """
        check_options("drop_collection", kwargs, CallOptions)
        operation = DropCollection(db=self._db, collection=check_name(collection_name))
        await self._execute(operation, timeout)

    async def has_collection(
        self, collection_name: str, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> bool:
        """Return whether a collection, or an alias, has this name.

        Raises:
            ParamError: The name is no text, or empty.

        Example:
            >>> await client.has_collection("books")
            True
        """
        check_options("has_collection", kwargs, CallOptions)
        operation = DescribeCollection(db=self._db, collection=check_name(collection_name))
        try:
            await self._execute(operation, timeout)
        except CollectionNotExistException:
            return False
        return True

    async def list_collections(
        self, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> list[str]:
        """Return the names of the database's collections.

        Raises:
            DatabaseNotExistException: There is no such database.

        Example:
            >>> await client.list_collections()
            ['books', 'blurbs']
        """
        check_options("list_collections", kwargs, CallOptions)
        return list(await self._execute(ListCollections(db=self._db), timeout))

    async def describe_collection(
        self, collection_name: str, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> dict[str, Any]:
        """Return a collection's schema, properties, aliases and numbers as plain data.

        Raises:
            CollectionNotExistException: There is no such collection.

        Example:
            >>> described = await client.describe_collection("books")
            >>> [field["name"] for field in described["fields"]]
            ['id', 'vector']
        """
        check_options("describe_collection", kwargs, CallOptions)
        operation = DescribeCollection(db=self._db, collection=check_name(collection_name))
        return describe(await self._execute(operation, timeout))

    async def rename_collection(
        self,
        old_name: str,
        new_name: str,
        target_db: str | None = "",
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Rename a collection, or move it to the database `target_db`.

        Raises:
            CollectionNotExistException: There is no such collection.
            MilvusException: The new name is taken, or allowed for no collection.

        Example:
            >>> await client.rename_collection("books", "library")
            >>> await client.list_collections()
            ['blurbs', 'library']
        """
        check_options("rename_collection", kwargs, CallOptions)
        operation = RenameCollection(
            db=self._db,
            collection=check_name(old_name, "old_name"),
            new_name=check_name(new_name, "new_name"),
            new_db=check_text(target_db, "target_db"),
        )
        await self._execute(operation, timeout)

    async def truncate_collection(
        self, collection_name: str, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> None:
        """Delete all rows; schema, indexes and load state stay.

        Raises:
            CollectionNotExistException: There is no such collection.

        Example:
            >>> await client.truncate_collection("books")
            >>> await client.get_collection_stats("books")
            {'row_count': 0}
        """
        check_options("truncate_collection", kwargs, CallOptions)
        operation = TruncateCollection(db=self._db, collection=check_name(collection_name))
        await self._execute(operation, timeout)

    async def get_collection_stats(
        self, collection_name: str, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> dict[str, int]:
        """Return ``{"row_count": …}``.

        Raises:
            CollectionNotExistException: There is no such collection.

        Example:
            >>> await client.get_collection_stats("books")
            {'row_count': 3}
        """
        check_options("get_collection_stats", kwargs, CallOptions)
        operation = CollectionStatistics(db=self._db, collection=check_name(collection_name))
        return await self._execute(operation, timeout)

    async def alter_collection_properties(
        self,
        collection_name: str,
        properties: dict[str, Any],
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Set properties, such as ``collection.ttl.seconds``.

        Raises:
            CollectionNotExistException: There is no such collection.
            ParamError: A property is unknown, or a value not allowed.

        Example:
            >>> await client.alter_collection_properties("books", {"collection.ttl.seconds": 86400})
        """
        check_options("alter_collection_properties", kwargs, CallOptions)
        operation = AlterCollectionProperties(
            db=self._db, collection=check_name(collection_name), properties=_properties(properties)
        )
        await self._execute(operation, timeout)

    async def drop_collection_properties(
        self,
        collection_name: str,
        property_keys: list[str],
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Unset properties.

        Raises:
            CollectionNotExistException: There is no such collection.
            ParamError: No keys are given.

        Example:
            >>> await client.alter_collection_properties("books", {"collection.ttl.seconds": 86400})
            >>> await client.drop_collection_properties("books", ["collection.ttl.seconds"])
        """
        check_options("drop_collection_properties", kwargs, CallOptions)
        operation = AlterCollectionProperties(
            db=self._db,
            collection=check_name(collection_name),
            drop=names(property_keys, "property_keys"),
        )
        await self._execute(operation, timeout)


def _properties(given: dict[str, Any] | None) -> dict[str, str]:
    checked = check_mapping(given, "properties")
    return {str(plain(key)): str(plain(value)) for key, value in checked.items()}


def _simple_schema(
    dimension: int | None,
    primary_field_name: str,
    id_type: str | DataType,
    vector_field_name: str,
    auto_id: bool,
    options: CreateOptions,
) -> CollectionSchema:
    if dimension is None:
        raise TypeError("missing required argument: 'dimension' (or 'schema')")
    check_type(primary_field_name, "primary_field_name", str)
    check_type(vector_field_name, "vector_field_name", str)
    check_type(id_type, "id_type", (str, int))
    schema = CollectionSchema(
        [],
        description=options.get("description", ""),
        check_fields=False,
        auto_id=auto_id,
        enable_dynamic_field=options.get("enable_dynamic_field", True),
        enable_namespace=options.get("enable_namespace", False),
    )
    if id_type in _INTEGER_KEYS:
        schema.add_field(primary_field_name, DataType.INT64, is_primary=True)
    elif id_type in _TEXT_KEYS:
        length = {"max_length": options["max_length"]} if "max_length" in options else {}
        schema.add_field(primary_field_name, DataType.VARCHAR, is_primary=True, **length)
    else:
        raise PrimaryKeyException(message="Param primary_field must be int or str type.")
    return schema.add_field(vector_field_name, DataType.FLOAT_VECTOR, dim=dimension)
