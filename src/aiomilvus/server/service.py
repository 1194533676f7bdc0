"""The service behind every door: checks who may, carries out, and tells what came of it."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import msgspec

from aiomilvus.errors import (
    CollectionNotExistException,
    DatabaseNotExistException,
    NotSupportedError,
    RateLimitError,
    SchemaMismatchRetryableException,
)
from aiomilvus.model.operations.collections import DescribeCollection, ListCollections
from aiomilvus.model.operations.data import NO_SCHEMA, Explain, Query, nothing_to_search
from aiomilvus.model.operations.databases import ListDatabases
from aiomilvus.model.operations.traits import NOBODY, Kind
from aiomilvus.server.authentication import Gate
from aiomilvus.server.authorisation import check_allowed, privileges, visible
from aiomilvus.server.calls import Calls
from aiomilvus.server.external_sources import check_source
from aiomilvus.server.importing.jobs import Imports
from aiomilvus.server.importing.resources import file_handlers
from aiomilvus.server.origins import Origins
from aiomilvus.server.status_rpcs import POLLED
from aiomilvus.wire.table.lookup import BY_RPC

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aiomilvus.client.backends.backend import AsyncBackend
    from aiomilvus.model.explanation import Explanation
    from aiomilvus.model.operations.base import Operation
    from aiomilvus.model.schema import Schema
    from aiomilvus.server.authentication import Caller
    from aiomilvus.server.settings import ServerSettings
    from aiomilvus.wire.table.route import Route

    Build = Callable[[Schema], Any]

R = TypeVar("R")
S = TypeVar("S", bound=msgspec.Struct)


class Performed(NamedTuple):
    """A request that was carried out.

    Attributes:
        route: Its line of the wire table; None where `answer` is the reply message itself.
        answer: What the operation answered.
        operation: The operation.
        schema: What it was read with.
    """

    route: Route | None
    answer: Any
    operation: Any
    schema: Schema | None


class Service:
    """Carries out RPCs on a backend.

    Args:
        backend: The embedded database's.
        settings: What is allowed.

    Attributes:
        backend: The embedded database's.
        gate: Knows who calls.
        calls: Counts, times and logs what is done.
        under_way: Requests that are being carried out.
    """

    def __init__(self, backend: AsyncBackend, settings: ServerSettings) -> None:
        self.backend = backend
        self.gate = Gate(backend, settings)
        self.origins = Origins()
        self.calls = Calls(settings)
        self._most = settings.concurrency
        self.imports = Imports(backend, settings.import_dir)
        self._own = {**POLLED, **self.imports.handlers(), **file_handlers(settings.import_dir)}
        self._privileges = privileges(self._own)
        self._external_dir = settings.external_dir
        self.under_way = 0

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count a request as under way; whoever calls must be known before.

        Raises:
            RateLimitError: It is one more than may be under way.
        """
        if self.under_way >= self._most:
            raise RateLimitError(
                message=f"too many requests under way: the server takes {self._most} at a time"
            )
        self.under_way += 1
        try:
            yield
        finally:
            self.under_way -= 1

    async def check(self, name: str, message: Any, caller: Caller) -> None:
        """Refuse what the caller may not.

        Raises:
            PermissionDeniedError: No role of the caller allows it.
        """
        if self.gate.has_users:
            privilege = self._privileges.get(name, NOBODY)
            check_allowed(await self.gate.access(), caller, privilege, name, message)

    async def check_database(self, name: str) -> None:
        """Refuse who connects to a database that there is not; "" is the default one.

        Raises:
            DatabaseNotExistException: There is none of that name.
        """
        if name and name not in await self.backend.execute(ListDatabases(), None):
            raise DatabaseNotExistException(message=f"database not found[database={name}]")

    async def execute(self, operation: Operation[R], caller: Caller) -> R:
        """Carry out an operation and return of its answer what the caller may see.

        Whether the caller may ask for it at all has been checked before.
        """
        answer = await self.backend.execute(operation, None)
        if not self.gate.has_users:
            return answer
        return visible(await self.gate.access(), caller.user, operation, answer)

    async def perform(
        self, name: str, message: Any, caller: Caller, build: Build | None = None, *, at: int = 0
    ) -> Performed:
        """Carry out a request, whichever door it came by.

        Args:
            name: The RPC that it stands for.
            message: The request.
            caller: Who asks, and in which database.
            build: Schema → operation, for rows that are not in the message.
            at: The moment in the past that a read is about, 0 for the present.

        Raises:
            MilvusException: The request is refused.
        """
        if getattr(message, "collectionID", 0) and not getattr(message, "collection_name", "x"):
            message.collection_name = await self.name_of(message.db_name, message.collectionID)
        if name not in self._privileges:
            raise NotSupportedError(message=f"{name} is not supported by this server")
        await self.check(name, message, caller)
        handler = self._own.get(name)
        if handler is not None:
            reply = await handler.answer(message, partial(self.execute, caller=caller))
            return Performed(None, reply, None, None)
        return await self._run(BY_RPC[name], message, caller, build, at)

    async def explain(self, name: str, message: Any, caller: Caller, *, at: int = 0) -> Explanation:
        """Carry out a search or query, and tell how it was done in place of what was found.

        Args:
            name: The RPC that it stands for, whose privilege it takes.
            message: The request.
            caller: Who asks, and in which database.
            at: The moment in the past that it is about, 0 for the present.
        """
        await self.check(name, message, caller)
        route = BY_RPC[name]
        schema = await self._schema(route, message)
        operation: Any = _dated(route.decode_request(message, schema), at)
        asked = Explain(db=message.db_name, collection=message.collection_name, operation=operation)
        return await self.backend.execute(asked, None)

    async def name_of(self, db: str, number: int) -> str:
        """Return the name of the collection that some clients give by its number only."""
        for name in await self.backend.execute(ListCollections(db=db), None):
            found = await self.backend.execute(DescribeCollection(db=db, collection=name), None)
            if found.id == number:
                return name
        raise CollectionNotExistException(
            message=f"collection not found[database={db or 'default'}][collection={number}]"
        )

    async def _run(
        self, route: Route, message: Any, caller: Caller, build: Build | None, at: int
    ) -> Performed:
        """Carry out the operation that a request asks for."""
        if route.operation.traits.batching == "rows":
            return await self._write(route, message, build)
        schema = await self._schema(route, message)
        operation = _dated(route.decode_request(message, schema), at)
        await check_source(self._external_dir, operation, self.backend)
        answer = await self.execute(operation, caller)
        return Performed(route, answer, operation, schema)

    async def _write(self, route: Route, message: Any, build: Build | None) -> Performed:
        """Write rows: those of the message, or those that `build` makes."""
        made: list[Any] = []
        version = await self._version(message)

        def decoded(schema: Schema) -> Any:
            if version not in (-1, schema.version):
                raise _outdated(message)
            found = route.decode_request(message, schema) if build is None else build(schema)
            made[:] = [msgspec.structs.replace(found, schema_version=schema.version)]
            return made[0]

        named = (message.db_name, message.collection_name)
        answer = await self.backend.write(route.operation, *named, decoded, message.num_rows, None)
        return Performed(route, answer, made[0], None)

    async def _version(self, message: Any) -> int:
        """Return the version of the schema that rows were made for, -1 when it is not told.

        Raises:
            SchemaMismatchRetryableException: It is not the collection's any more.
        """
        if not message.schema_timestamp:
            return -1
        asked = DescribeCollection(db=message.db_name, collection=message.collection_name)
        found = await self.backend.execute(asked, None)
        if found.updated_timestamp != message.schema_timestamp:
            raise _outdated(message)
        return int(found.schema.version)

    async def _schema(self, route: Route, message: Any) -> Any:
        """Return the schema if reading the request takes it, else None."""
        if route.operation is Query:
            schema = await self.backend.schema(message.db_name, message.collection_name, None)
            _add_key(message.output_fields, schema.primary.name)
            return schema
        if route.operation.traits.kind is not Kind.READ:
            return None
        try:
            return await self.backend.schema(message.db_name, message.collection_name, None)
        except NO_SCHEMA as error:
            db, name = message.db_name, message.collection_name
            raise nothing_to_search(error, db, name) from None


def _dated(operation: S, at: int) -> S:
    """Return a read, of a moment in the past unless `at` is 0."""
    return msgspec.structs.replace(operation, at=at) if at else operation


def _outdated(message: Any) -> SchemaMismatchRetryableException:
    return SchemaMismatchRetryableException(
        message=f"collection schema mismatch[collection={message.collection_name}]: the rows were "
        "made for an older schema; describe the collection and send them again"
    )


def _add_key(fields: Any, primary: str) -> None:
    """Let rows have their key, as Milvus' rows have unless they are counts or aggregates."""
    if not any(name in ("*", primary) or "(" in name for name in fields):
        fields.append(primary)
