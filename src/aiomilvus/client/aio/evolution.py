"""Changing the schema of a collection that has data."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from aiomilvus.client.aio.base import AsyncClientBase
from aiomilvus.client.arguments import check_mapping, check_name, check_type, is_given
from aiomilvus.client.inputs.index_params import IndexParams
from aiomilvus.client.inputs.schema.fields import FieldSchema, StructFieldSchema
from aiomilvus.client.inputs.schema.freeze import (
    freeze_field,
    freeze_function,
    freeze_struct,
    freeze_sub_fields,
)
from aiomilvus.client.inputs.schema.functions import Function
from aiomilvus.client.keywords import check_options
from aiomilvus.client.options import AddFieldOptions, CallOptions, FieldOptions
from aiomilvus.errors import NotSupportedError, ParamError
from aiomilvus.model.operations.collections import (
    AddField,
    AddFunction,
    AddStructField,
    AlterField,
    AlterFunction,
    DropField,
    DropFunction,
)
from aiomilvus.model.plain import as_text

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from aiomilvus.model.operations.base import Operation
    from aiomilvus.model.types import DataType


class AsyncEvolution(AsyncClientBase):
    """Fields and functions of a live collection."""

    async def _change(self, method: str, operation: Operation[None], timeout: float | None) -> None:
        """Carry a change out; where it is not served, say so by the method's name."""
        try:
            await self._execute(operation, timeout)
        except NotSupportedError:
            self._unsupported(method)

    async def add_collection_field(
        self,
        collection_name: str,
        field_name: str,
        data_type: DataType,
        desc: str = "",
        timeout: float | None = None,
        **kwargs: Unpack[AddFieldOptions],
    ) -> None:
        """Add a nullable field, or one with a default value.

        Raises:
            CollectionNotExistException: There is no such collection.
            ParamError: There is such a field, or it is neither nullable nor has a default value.

        Example:
            >>> await client.add_collection_field("books", "pages", DataType.INT64, nullable=True)
            >>> await client.insert("books", {"id": 4, "vector": [0.5, 0.5], "pages": 212})
            {'insert_count': 1, 'ids': [4], 'cost': 0}
        """
        check_options("add_collection_field", kwargs, AddFieldOptions)
        options: dict[str, Any] = {**kwargs}
        given = FieldSchema(check_name(field_name, "field_name"), data_type, desc, **options)
        if given.dtype.is_vector and not kwargs.get("nullable", False):
            raise ParamError(
                message="Adding vector field to existing collection requires nullable=True"
            )
        operation = AddField(
            db=self._db, collection=check_name(collection_name), field=freeze_field(given)
        )
        await self._change("add_collection_field", operation, timeout)

    async def drop_collection_field(
        self,
        collection_name: str,
        field_name: str = "",
        field_id: int = 0,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Drop a field by name or by number.

        Raises:
            CollectionNotExistException: There is no such collection.
            ParamError: There is no such field, or the collection can't do without it.

        Example:
            >>> await client.add_collection_field("books", "pages", DataType.INT64, nullable=True)
            >>> await client.drop_collection_field("books", "pages")
        """
        check_options("drop_collection_field", kwargs, CallOptions)
        if is_given(field_name, "field_name") == is_given(field_id, "field_id"):
            raise ParamError(message="give exactly one of field_name and field_id")
        operation = DropField(
            db=self._db,
            collection=check_name(collection_name),
            field=field_name,
            field_id=field_id,
        )
        await self._change("drop_collection_field", operation, timeout)

    async def alter_collection_field(
        self,
        collection_name: str,
        field_name: str,
        field_params: dict[str, Any],
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Change a field's parameters, such as ``max_length``.

        Raises:
            CollectionNotExistException: There is no such collection.
            ParamError: There is no such field, or the parameter can't be altered.

        Example:
            >>> await client.add_collection_field(
            ...     "books", "isbn", DataType.VARCHAR, max_length=10, nullable=True
            ... )
            >>> await client.alter_collection_field("books", "isbn", {"max_length": 13})
        """
        check_options("alter_collection_field", kwargs, CallOptions)
        operation = AlterField(
            db=self._db,
            collection=check_name(collection_name),
            field=check_name(field_name, "field_name"),
            params={
                key: as_text(value)
                for key, value in check_mapping(field_params, "field_params").items()
            },
        )
        await self._change("alter_collection_field", operation, timeout)

    async def add_collection_struct_field(
        self,
        collection_name: str,
        field_name: str,
        struct_schema: StructFieldSchema,
        max_capacity: int,
        desc: str | None = None,
        timeout: float | None = None,
        **kwargs: Unpack[FieldOptions],
    ) -> None:
        """Add a nullable array of structs.

        Raises:
            CollectionNotExistException: There is no such collection.
            ParamError: The field does not fit the collection.

        Example:
            >>> chunk = client.create_struct_field_schema()
            >>> _ = chunk.add_field("text", DataType.VARCHAR, max_length=500)
            >>> await client.add_collection_struct_field("books", "chunks", chunk, max_capacity=100)
        """
        check_options("add_collection_struct_field", kwargs, FieldOptions)
        if not isinstance(struct_schema, StructFieldSchema):
            raise ParamError(message="struct_schema must be StructFieldSchema")
        if not kwargs.get("nullable", True):
            raise ParamError(
                message="Adding struct field to existing collection requires nullable=True"
            )
        struct = deepcopy(struct_schema)
        struct.name, struct.max_capacity, struct.nullable = field_name, max_capacity, True
        struct.description = struct.description if desc is None else desc
        struct.verify()
        operation = AddStructField(
            db=self._db,
            collection=check_name(collection_name),
            struct=freeze_struct(struct),
            fields=freeze_sub_fields(struct),
        )
        await self._change("add_collection_struct_field", operation, timeout)

    async def add_collection_function(
        self,
        collection_name: str,
        function: Function,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Add a function whose output field exists already.

        Raises:
            CollectionNotExistException: There is no such collection.
            ParamError: The function does not fit the collection.

        Example:
            >>> by = {"provider": "lengths"}
            >>> embed = Function(
            ...     "embed", FunctionType.TEXTEMBEDDING, ["blurb"], ["vector"], params=by
            ... )
            >>> await client.add_collection_function("blurbs", embed)
        """
        check_options("add_collection_function", kwargs, CallOptions)
        check_type(function, "function", Function)
        operation = AddFunction(
            db=self._db,
            collection=check_name(collection_name),
            function=freeze_function(function),
        )
        await self._change("add_collection_function", operation, timeout)

    async def alter_collection_function(
        self,
        collection_name: str,
        function_name: str,
        function: Function,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Replace a function.

        Raises:
            CollectionNotExistException: There is no such collection.
            ParamError: There is no such function, or it can't become this one.

        Example:
            >>> by = {"provider": "lengths"}
            >>> embed = Function(
            ...     "embed", FunctionType.TEXTEMBEDDING, ["blurb"], ["vector"], params=by
            ... )
            >>> await client.add_collection_function("blurbs", embed)
            >>> embed.params["provider"] = "words"
            >>> await client.alter_collection_function("blurbs", "embed", embed)
        """
        check_options("alter_collection_function", kwargs, CallOptions)
        check_type(function, "function", Function)
        operation = AlterFunction(
            db=self._db,
            collection=check_name(collection_name),
            name=check_name(function_name, "function_name"),
            function=freeze_function(function),
        )
        await self._change("alter_collection_function", operation, timeout)

    async def drop_collection_function(
        self,
        collection_name: str,
        function_name: str,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Drop a function; its output field stays.

        Raises:
            CollectionNotExistException: There is no such collection.

        Example:
            >>> by = {"provider": "lengths"}
            >>> embed = Function(
            ...     "embed", FunctionType.TEXTEMBEDDING, ["blurb"], ["vector"], params=by
            ... )
            >>> await client.add_collection_function("blurbs", embed)
            >>> await client.drop_collection_function("blurbs", "embed")
        """
        check_options("drop_collection_function", kwargs, CallOptions)
        operation = DropFunction(
            db=self._db,
            collection=check_name(collection_name),
            name=check_name(function_name, "function_name"),
        )
        await self._change("drop_collection_function", operation, timeout)

    async def add_function_field(
        self,
        collection_name: str,
        field_schema: FieldSchema,
        func: Function,
        index_params: IndexParams,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Add a function together with its output field and that field's index.

        Raises:
            CollectionNotExistException: There is no such collection.
            ParamError: Field and function do not fit each other or the collection.

        Example:
            >>> field = client.create_field_schema("terms", DataType.SPARSE_FLOAT_VECTOR)
            >>> bm25 = Function("bm25", FunctionType.BM25, ["blurb"], ["terms"])
            >>> params = client.prepare_index_params()
            >>> params.add_index("terms", index_type="AUTOINDEX", metric_type="BM25")
            >>> await client.add_function_field("blurbs", field, bm25, params)
            >>> hits = await client.search("blurbs", ["tides"], anns_field="terms")
            >>> [hit["id"] for hit in hits[0]]
            [1]
        """
        check_options("add_function_field", kwargs, CallOptions)
        check_type(field_schema, "field_schema", FieldSchema)
        check_type(func, "func", Function)
        check_type(index_params, "index_params", IndexParams)
        if len(index_params) != 1 or not index_params[0].index_type:
            raise ParamError(
                message="index_params must contain exactly one index for the function output "
                "field, with an index_type"
            )
        index = index_params[0]
        if index.field_name not in ("", field_schema.name):
            raise ParamError(
                message=f"index_params field_name {index.field_name!r} does not match the "
                f"function output field {field_schema.name!r}"
            )
        params = {key: as_text(value) for key, value in index.get_index_configs().items()}
        operation = AddFunction(
            db=self._db,
            collection=check_name(collection_name),
            function=freeze_function(func),
            field=freeze_field(field_schema),
            index_params=params,
        )
        await self._change("add_function_field", operation, timeout)

    async def drop_function_field(
        self,
        collection_name: str,
        function_name: str,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Drop a function and its output field.

        Raises:
            CollectionNotExistException: There is no such collection.
            ParamError: There is no such function.

        Example:
            >>> field = client.create_field_schema("terms", DataType.SPARSE_FLOAT_VECTOR)
            >>> bm25 = Function("bm25", FunctionType.BM25, ["blurb"], ["terms"])
            >>> params = client.prepare_index_params()
            >>> params.add_index("terms", index_type="AUTOINDEX", metric_type="BM25")
            >>> await client.add_function_field("blurbs", field, bm25, params)
            >>> await client.drop_function_field("blurbs", "bm25")
        """
        check_options("drop_function_field", kwargs, CallOptions)
        operation = DropFunction(
            db=self._db,
            collection=check_name(collection_name),
            name=check_name(function_name, "function_name"),
            drop_field=True,
        )
        await self._change("drop_function_field", operation, timeout)
