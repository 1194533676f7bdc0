"""The remote backend of `AsyncMilvusClient`."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from aiomilvus.client.backends.remote.budget import Budget
from aiomilvus.client.backends.remote.calls import LARGE_BYTES, Caller
from aiomilvus.client.backends.remote.coalescing import SearchCoalescer
from aiomilvus.client.backends.remote.credentials import Credentials
from aiomilvus.client.backends.remote.global_cluster import GlobalCluster
from aiomilvus.client.backends.remote.schemas import Schemas
from aiomilvus.client.backends.remote.servers import OneServer
from aiomilvus.client.backends.remote.splitting import merged, partly, parts_of
from aiomilvus.client.backends.remote.target import target_of
from aiomilvus.client.backends.remote.telemetry import Telemetry
from aiomilvus.client.backends.remote.waits import budget_of, finish
from aiomilvus.errors import (
    DataNotMatchException,
    MilvusException,
    SchemaMismatchRetryableException,
)
from aiomilvus.model.operations.base import CollectionOperation
from aiomilvus.model.operations.collections import DescribeCollection
from aiomilvus.model.operations.data import Explain, Read, RowWrite, Search, Write
from aiomilvus.model.types import ConsistencyLevel
from aiomilvus.wire.codec import past
from aiomilvus.wire.codec.explanation import HEADER, read_explanation
from aiomilvus.wire.table.lookup import route_of
from aiomilvus.wire.table.route import parse, status_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from aiomilvus.client.address import Address
    from aiomilvus.client.backends.remote.servers import Servers
    from aiomilvus.model.explanation import Explanation
    from aiomilvus.model.operations.base import Operation
    from aiomilvus.model.schema import Schema
    from aiomilvus.wire.table.route import Route

R = TypeVar("R")

LARGE_ROWS = 200
"""More rows are made columns in a thread, because that would hold the loop."""


_MAY_BE_SESSION = (None, ConsistencyLevel.Session)
_NOTHING_WRITTEN = 1
"""The timestamp that waits for no write; at level Session, 0 would wait for all."""


class AsyncRemote:
    """Runs operations on a server; safe to use from several loops, one after another or at once.

    Keeps schemas until an operation changes them or a data operation fails, and the
    timestamps of its own writes, which Session consistency reads at.
    """

    role = ""
    searches = None

    def __init__(self, address: Address) -> None:
        target = target_of(address)
        self.kind = "zilliz" if target.is_cloud else "milvus"
        self._credentials = Credentials(target.token)
        self._servers: Servers = (
            GlobalCluster(address, self._credentials) if address.is_global else OneServer(target)
        )
        self._caller = Caller(self._servers, self._credentials)
        self._telemetry: Telemetry | None = None
        if address.options.get("telemetry"):
            self._telemetry = Telemetry(self._servers, self._credentials)
        self._schemas = Schemas()
        self._coalescer = SearchCoalescer()
        self._written: dict[tuple[str, str], int] = {}

    async def connect(self, timeout: float) -> None:
        """Reach the server, which the first call would do otherwise.

        Raises:
            MilvusException: It can't be reached within `timeout` seconds, or refuses the client.
        """
        await self._caller.connect(Budget(timeout))

    async def execute(self, operation: Operation[R], timeout: float | None) -> R:
        """Carry `operation` out and return its answer."""
        collection = getattr(operation, "collection", "")
        with self._counting(type(operation).__name__, getattr(operation, "db", ""), collection):
            return await self._execute(operation, timeout)

    def _counting(self, name: str, db: str, collection: str) -> AbstractContextManager[None]:
        """Count what is done meanwhile, if anybody wants to know."""
        if self._telemetry is None:
            return nullcontext()
        return self._telemetry.counting(name, db, collection)

    async def _execute(self, operation: Operation[R], timeout: float | None) -> R:
        budget = budget_of(operation, timeout)
        answer: Any
        if isinstance(operation, Explain):
            answer = await self._explain(operation, budget)
        elif isinstance(operation, RowWrite):
            answer = await self._send_parts(operation, budget)
        else:
            answer = await self._send(operation, budget)
        done: R = await finish(self._caller, operation, answer, budget)
        return done

    async def schema(self, db: str, collection: str, timeout: float | None) -> Schema:
        """Return the collection's schema, from the cache if it is there."""
        return await self._schema(db, collection, Budget(timeout))

    async def write(
        self,
        kind: type[Operation[R]],
        db: str,
        collection: str,
        build: Callable[[Schema], Operation[R]],
        size: int,
        timeout: float | None,
    ) -> R:
        """Build an operation from the schema and carry it out; once more if it was stale."""
        budget = Budget(timeout)
        with self._counting(kind.__name__, db, collection):
            try:
                return await self._build_and_send(db, collection, build, size, budget)
            except (SchemaMismatchRetryableException, DataNotMatchException):
                self._schemas.forget((db, collection))
                return await self._build_and_send(db, collection, build, size, budget)

    def authenticate(self, user: str, password: str) -> None:
        """Make further calls as this user."""
        self._credentials.change(f"{user}:{password}")

    async def close(self) -> None:
        """Close the running loop's channels; calls that wait for another try end at once."""
        self._caller.close()
        if self._telemetry is not None:
            await self._telemetry.close()
        await self._servers.close()

    async def _build_and_send(
        self,
        db: str,
        collection: str,
        build: Callable[[Schema], Operation[R]],
        size: int,
        budget: Budget,
    ) -> R:
        schema = await self._schema(db, collection, budget)
        if size > LARGE_ROWS:
            operation = await asyncio.to_thread(build, schema)
        else:
            operation = build(schema)
        if isinstance(operation, RowWrite):
            answer: R = await self._send_parts(operation, budget)
            return answer
        return await self._send(operation, budget)

    async def _schema(self, db: str, collection: str, budget: Budget) -> Schema:
        asked = DescribeCollection(db=db, collection=collection)
        return await self._schemas.get((db, collection), budget, partial(self._send, asked, budget))

    async def _send_parts(self, operation: RowWrite, budget: Budget) -> Any:
        """Send a write in as many requests as its size takes.

        Raises:
            MilvusException: A part was refused; the message tells how many rows are written.
        """
        done: list[Any] = []
        rows = 0
        for part in parts_of(operation):
            try:
                done.append(await self._send(part, budget))
            except MilvusException as error:
                if not rows:
                    raise
                raise partly(error, rows, len(operation.batch)) from error
            rows += len(part.batch)
        return merged(done)

    async def _send(self, operation: Operation[R], budget: Budget) -> R:
        route = route_of(operation)
        if not (route.needs_schema and isinstance(operation, CollectionOperation)):
            return await self._exchange(route, None, operation, budget)
        named = (operation.db, operation.collection)
        schema = await self._schema(*named, budget)
        given: Operation[Any] = operation
        if isinstance(operation, Read):
            given = self._in_session(operation)
        elif isinstance(operation, RowWrite):
            given = self._dated(operation, schema)
        answer: Any
        try:
            if isinstance(given, Search) and not given.at:
                send = partial(self._exchange, route, schema)
                answer = await self._coalescer.search(given, schema, budget, send)
            else:
                answer = await self._exchange(route, schema, given, budget)
        except MilvusException:
            self._schemas.forget(named)
            raise
        if isinstance(operation, Write):
            self._written[named] = max(self._written.get(named, 0), answer.timestamp)
        done: R = answer
        return done

    def _read_of_past(
        self, route: Route, operation: Read[R], schema: Schema | None, reply: bytes
    ) -> R:
        """Return what a reply carries that tells a moment in the past."""
        answer: R = route.decode_reply(reply, operation, schema)
        status = status_of(parse(route.rpc.response, reply))
        past.check_moment(status, operation.at, self._caller.address)
        return answer

    async def _explain(self, asked: Explain, budget: Budget) -> Explanation:
        """Send a read with the header that asks how it is run."""
        operation = asked.operation
        route = route_of(operation)
        schema = await self._schema(operation.db, operation.collection, budget)
        content = route.encode_request(self._in_session(operation), schema)
        rpc = route.rpc

        def read(reply: bytes) -> Explanation:
            status, address = status_of(parse(rpc.response, reply)), self._caller.address
            explanation = read_explanation(status, address)
            if operation.at:
                past.check_moment(status, operation.at, address)
            return explanation

        more = (HEADER, past.header(operation.at)) if operation.at else (HEADER,)
        return await self._caller.call(rpc, content, asked.db, budget, read, *more)

    def _dated(self, operation: RowWrite, schema: Schema) -> RowWrite:
        """Return a write that tells the server which schema its rows were made for.

        Raises:
            SchemaMismatchRetryableException: They were made for one that is known to be old.
        """
        if operation.schema_version not in (-1, schema.version):
            message = f"rows for schema version {operation.schema_version}, now {schema.version}"
            raise SchemaMismatchRetryableException(message=message)
        altered = self._schemas.altered((operation.db, operation.collection))
        return msgspec.structs.replace(operation, schema_timestamp=altered)

    def _in_session(self, operation: Read[R]) -> Read[R]:
        """Return a read of Session consistency so that it sees this client's own writes.

        A read that names no level has the collection's, which may be Session. Pages of an
        iteration are read at the time of the first one, which the server says.
        """
        if operation.consistency not in _MAY_BE_SESSION or operation.guarantee_timestamp:
            return operation
        if getattr(operation, "iterator", None):
            return operation
        written = self._written.get((operation.db, operation.collection), _NOTHING_WRITTEN)
        return msgspec.structs.replace(operation, guarantee_timestamp=written)

    async def _exchange(
        self, route: Route, schema: Schema | None, operation: Operation[R], budget: Budget
    ) -> R:
        """Send an operation and read its answer."""
        batch = getattr(operation, "batch", None)
        if batch is not None and batch.nbytes > LARGE_BYTES:
            content = await asyncio.to_thread(route.encode_request, operation, schema)
        else:
            content = route.encode_request(operation, schema)
        more: tuple[tuple[str, str], ...] = ()
        read = partial(route.decode_reply, operation=operation, schema=schema)
        if isinstance(operation, Read) and operation.at:
            more = (past.header(operation.at),)
            read = partial(self._read_of_past, route, operation, schema)
        try:
            rpc, db = route.rpc, operation.db
            answer: R = await self._caller.call(rpc, content, db, budget, read, *more)
        finally:
            if operation.traits.changes_schemas:
                self._schemas.clear()
        return answer
