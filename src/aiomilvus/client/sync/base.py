# Generated from src/aiomilvus/client/aio/base.py by tools/make_sync.py; edit that file.
"""What all parts of the client share: its backend, its database, its default timeout."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import msgspec

from aiomilvus.client.address import parse_address
from aiomilvus.client.arguments import check_text, check_timeout
from aiomilvus.client.backends.backend import ClosedBackend, SyncBackend, refuse_closed
from aiomilvus.client.inputs.index_params import IndexParams
from aiomilvus.client.inputs.schema.collection import CollectionSchema
from aiomilvus.client.inputs.schema.fields import FieldSchema, StructFieldSchema
from aiomilvus.client.keywords import check_options
from aiomilvus.client.operation_values import with_plain_values
from aiomilvus.client.options import ConnectOptions, SchemaOptions
from aiomilvus.client.sync.connect import open_backend
from aiomilvus.client.time_limit import TimeLimit
from aiomilvus.collector import uncollected
from aiomilvus.errors import NotSupportedError
from aiomilvus.model.html import code
from aiomilvus.model.operations.data import NO_SCHEMA, nothing_to_search
from aiomilvus.model.operations.databases import DatabaseOperation

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self, Unpack

    from aiomilvus.client.conversions import Conversions
    from aiomilvus.model.operations.base import Operation
    from aiomilvus.model.schema import Schema
    from aiomilvus.model.types import DataType

R = TypeVar("R")


def _conversions() -> type[Conversions]:
    with uncollected("aiomilvus.client.conversions"):
        from aiomilvus.client.conversions import Conversions  # noqa: PLC0415 - needs numpy

    return Conversions


class ClientBase:
    """Connection, context manager and builders of `MilvusClient`."""

    def __init__(
        self,
        uri: str = "http://localhost:19530",
        user: str = "",
        password: str = "",
        db_name: str = "",
        token: str = "",
        timeout: float | None = None,
        **kwargs: Unpack[ConnectOptions],
    ) -> None:
        check_options(type(self).__name__, kwargs, ConnectOptions)
        options: dict[str, Any] = {**kwargs}
        address = parse_address(uri, user, password, token, timeout, options)
        self._db = db_name or address.database
        self._where = address.path or re.sub(r"//[^/@]*@", "//", address.uri)  # no password
        self._using = f"aiomilvus-{id(self)}"  # a connection's name; langchain-milvus reads it
        self._timeout = None if timeout is None else check_timeout(timeout)
        self._conversions = _conversions()
        self._backend: SyncBackend = open_backend(address)

    def close(self) -> None:
        """Give the connection back. Calling it again does nothing; any other call fails.

        Example:
            >>> client.close()
            >>> client
            <MilvusClient closed, was on './library.db', database 'default'>
        """
        backend, self._backend = self._backend, ClosedBackend()
        backend.close()

    def __repr__(self) -> str:
        kind = self._backend.kind
        door = f"embedded {self._where!r}" if kind == "embedded" else f"at {self._where!r}"
        state = f"closed, was on {self._where!r}" if kind == "closed" else door
        role = f", {self._backend.role}" if self._backend.role else ""
        return f"<{type(self).__name__} {state}, database {self._db or 'default'!r}{role}>"

    def _repr_html_(self) -> str:
        """Return what `repr` says, for notebooks."""
        return code(repr(self))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _execute(self, operation: Operation[R], timeout: float | None) -> R:
        """Carry out an operation, within `timeout` or else the client's own.

        What names no database is asked for in the client's: there a server looks whether it may.
        """
        made = with_plain_values(operation)
        if self._db and not made.db and not isinstance(made, DatabaseOperation):
            made = msgspec.structs.replace(made, db=self._db)
        return self._backend.execute(made, self._limited(timeout))

    def _database(self, given: object, argument: str = "db_name") -> str:
        """Return the name of a call's database, the client's if it is not given."""
        return check_text(given, argument) or self._db

    def _limited(self, timeout: float | None) -> float | None:
        """Return the call's timeout, or else the client's."""
        return self._timeout if timeout is None else check_timeout(timeout)

    def _limit(self, timeout: float | None, what: str) -> TimeLimit:
        """Return the time that a call of several steps has, called `what`."""
        return TimeLimit(self._limited(timeout), what)

    def _searched(self, collection: str, timeout: float | None) -> Schema:
        """Return the schema of a collection that is to be searched.

        Raises:
            CollectionNotExistException: There is none.
        """
        try:
            return self._backend.schema(self._db, collection, timeout)
        except NO_SCHEMA as error:
            raise nothing_to_search(error, self._db, collection) from None

    def _unsupported(self, method: str) -> NoReturn:
        """Refuse a method that the door at hand does not serve."""
        if self._backend.kind == "closed":
            refuse_closed()
        door = "embedded engine" if self._backend.kind == "embedded" else "remote client"
        raise NotSupportedError(message=f"{method} is not supported by the {door} yet")

    def get_server_type(self) -> str:
        """Return who serves: ``milvus``, or ``zilliz`` for Zilliz Cloud.

        Raises:
            ConnectionNotExistException: The client is closed.

        Example:
            >>> client.get_server_type()
            'milvus'
        """
        if self._backend.kind == "closed":
            refuse_closed()
        return "zilliz" if self._backend.kind == "zilliz" else "milvus"

    @classmethod
    def create_schema(cls, **kwargs: Unpack[SchemaOptions]) -> CollectionSchema:
        """Return an empty schema to add fields to; keywords as for `CollectionSchema`.

        Raises:
            AutoIDException: `auto_id` is no bool.
            FieldsTypeException, FieldTypeException, FunctionsTypeException,
                SchemaNotReadyException: A part that is given has the wrong type.

        Example:
            >>> schema = client.create_schema(enable_dynamic_field=True)
            >>> _ = schema.add_field("id", DataType.INT64, is_primary=True)
            >>> _ = schema.add_field("vector", DataType.FLOAT_VECTOR, dim=384)
            >>> client.create_collection("pages", schema=schema)
        """
        check_options("create_schema", kwargs, SchemaOptions)
        options: dict[str, Any] = {**kwargs}
        return CollectionSchema(options.pop("fields", []), check_fields=False, **options)

    @classmethod
    def create_struct_field_schema(cls, **kwargs: Any) -> StructFieldSchema:
        """Return an empty struct to add sub-fields to; keywords as for `StructFieldSchema`.

        Raises:
            ParamError: `nullable` is no bool, or `description` no text.

        Example:
            >>> chunk = client.create_struct_field_schema()
            >>> _ = chunk.add_field("text", DataType.VARCHAR, max_length=500)
            >>> client.add_collection_struct_field("books", "chunks", chunk, max_capacity=100)
        """
        return StructFieldSchema(**kwargs)

    @classmethod
    def create_field_schema(
        cls, name: str, data_type: DataType, desc: str = "", **kwargs: Any
    ) -> FieldSchema:
        """Return a field; arguments as for `FieldSchema`.

        Raises:
            DataTypeNotSupportException: `data_type` is no data type.
            PrimaryKeyException, AutoIDException, PartitionKeyException, ClusteringKeyException,
                ParamError: A role, or the default value, does not fit the field.

        Example:
            >>> client.create_field_schema("title", DataType.VARCHAR, max_length=200).dtype.name
            'VARCHAR'
        """
        return FieldSchema(name, data_type, desc, **kwargs)

    @classmethod
    def prepare_index_params(cls, field_name: str = "", **kwargs: Any) -> IndexParams:
        """Return a list of indexes to make, with a first one when `field_name` is given.

        Raises:
            ParamError: `params` is no dict.

        Example:
            >>> params = client.prepare_index_params("blurb", index_type="INVERTED")
            >>> client.create_index("blurbs", params)
        """
        index_params = IndexParams()
        if field_name:
            index_params.add_index(field_name, **kwargs)
        return index_params
