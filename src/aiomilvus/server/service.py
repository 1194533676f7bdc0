"""MilvusService: every RPC in, one reply out, whatever happens.

A refusal is a Status in the reply with Milvus' code, the older code and the reason; a gRPC error
is raised only by replies that have no place for a status. Requests and replies pass gRPC as
bytes, because the codecs lay out large ones themselves.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import grpc
import msgspec

from aiomilvus.errors import (
    CollectionNotExistException,
    MilvusException,
    NotAuthenticatedError,
    NotSupportedError,
    ParamError,
    ParamTooLargeError,
    PermissionDeniedError,
    RateLimitError,
    SchemaMismatchRetryableException,
)
from aiomilvus.model.operations.collections import DescribeCollection, ListCollections
from aiomilvus.model.operations.data import Explain, Query
from aiomilvus.model.operations.databases import DatabaseOperation
from aiomilvus.model.operations.traits import NOBODY, Kind
from aiomilvus.server.authentication import Gate
from aiomilvus.server.authorisation import check_allowed, privileges, visible
from aiomilvus.server.calls import Calls
from aiomilvus.server.importing.jobs import Imports
from aiomilvus.server.importing.resources import file_handlers
from aiomilvus.server.status_rpcs import POLLED
from aiomilvus.wire.codec.status import write_status
from aiomilvus.wire.proto.rpc import names, rpc
from aiomilvus.wire.table.lookup import BY_RPC
from aiomilvus.wire.table.route import first_field, parse, status_field

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from google.protobuf.message import Message

    from aiomilvus.client.backends.backend import AsyncBackend
    from aiomilvus.model.explanation import Explanation
    from aiomilvus.model.operations.base import Operation
    from aiomilvus.model.schema import Schema
    from aiomilvus.server.settings import ServerSettings
    from aiomilvus.wire.proto.rpc import Rpc
    from aiomilvus.wire.table.route import Route

    Build = Callable[[Schema], Any]

R = TypeVar("R")
_log = logging.getLogger(__name__)

LARGE_BYTES = 1 << 17
"""Messages from this size on are parsed and written in a thread: they would hold the loop."""
LARGE_HITS = 2000
_REQUEST_IDS = frozenset({"client_request_id", "client-request-id"})
_DATABASE_FIELDS = ("db_name", "dbName")
_GRPC_CODES: tuple[tuple[type[MilvusException], grpc.StatusCode], ...] = (
    (NotSupportedError, grpc.StatusCode.UNIMPLEMENTED),
    (ParamError, grpc.StatusCode.INVALID_ARGUMENT),
    (NotAuthenticatedError, grpc.StatusCode.UNAUTHENTICATED),
    (PermissionDeniedError, grpc.StatusCode.PERMISSION_DENIED),
    (RateLimitError, grpc.StatusCode.RESOURCE_EXHAUSTED),
)
"""What refuses where a reply has no place for a status; other errors fail a precondition."""
_FAILED = grpc.StatusCode.FAILED_PRECONDITION


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
        self.calls = Calls(settings)
        self._most = settings.concurrency
        self.imports = Imports(backend, settings.import_dir)
        self._own = {**POLLED, **self.imports.handlers(), **file_handlers(settings.import_dir)}
        self._privileges = privileges(self._own)
        self._send_bytes = settings.send_bytes
        self.under_way = 0

    def handlers(self) -> dict[str, grpc.RpcMethodHandler[bytes, bytes]]:
        """Return gRPC's handlers of all RPCs by method name."""
        return {name: self._handler(rpc(name)) for name in names()}

    def _handler(self, method: Rpc) -> grpc.RpcMethodHandler[bytes, bytes]:
        """Return gRPC's handler of one RPC."""
        if method.client_streaming:
            return grpc.stream_stream_rpc_method_handler(partial(self._stream, method))
        if method.server_streaming:
            return grpc.unary_stream_rpc_method_handler(partial(self._stream, method))
        return grpc.unary_unary_rpc_method_handler(partial(self._answer, method))

    async def _stream(self, method: Rpc, _requests: Any, context: Any) -> AsyncIterator[bytes]:
        """Refuse an RPC with streams, none of which one node has a use for."""
        error: MilvusException = NotSupportedError(
            message=f"{method.name} is not supported by this server"
        )
        try:
            await self.gate.caller(context.invocation_metadata() or ())
        except MilvusException as refused:
            error = refused
        yield await _refusal(method, error, context)

    async def _answer(self, method: Rpc, content: bytes, context: Any) -> bytes:
        """Return the reply to a request, or the refusal."""
        self.under_way += 1
        began, code = perf_counter(), 0
        try:
            reply = await self._carry_out(method, content, context)
            self._check_size(reply)
            return reply
        except MilvusException as error:
            code = int(error.code)
            return await _refusal(method, error, context)
        except Exception as error:  # noqa: BLE001 - a fault of the program: the caller must still get a reply
            _log.exception("%s failed", method.name)
            unexpected = MilvusException(message=f"{type(error).__name__}: {error}")
            code = int(unexpected.code)
            return await _refusal(method, unexpected, context)
        finally:
            self.under_way -= 1
            self.calls.done("grpc", method.name, code, began, _request_id(context))

    def _check_size(self, reply: bytes) -> None:
        """Refuse a reply that gRPC would not send."""
        if len(reply) > self._send_bytes:
            raise ParamTooLargeError(
                message=f"the reply has {len(reply)} bytes, but the server sends at most "
                f"{self._send_bytes}: ask for fewer rows or fields"
            )

    async def _carry_out(self, method: Rpc, content: bytes, context: Any) -> bytes:
        metadata = context.invocation_metadata() or ()
        self.refuse_excess()
        caller = await self.gate.caller(metadata)
        if len(content) < LARGE_BYTES:
            message = parse(method.request, content)
        else:
            message = await asyncio.to_thread(parse, method.request, content)
        route = BY_RPC.get(method.name)
        if route is None or not issubclass(route.operation, DatabaseOperation):
            _fill_database(message, metadata)
        done = await self.perform(method.name, message, caller)
        if done.route is None:
            return bytes(done.answer.SerializeToString())
        encode = partial(done.route.encode_reply, done.answer, done.operation, done.schema)
        return await asyncio.to_thread(encode) if _is_large(done.answer) else encode()

    def refuse_excess(self) -> None:
        """Refuse a request beyond those that may be under way.

        Raises:
            RateLimitError: It is one too many.
        """
        if self.under_way > self._most:
            raise RateLimitError(
                message=f"too many requests under way: the server takes {self._most} at a time"
            )

    async def check(self, name: str, message: Any, caller: str) -> None:
        """Refuse what the caller may not.

        Raises:
            PermissionDeniedError: No role of the caller allows it.
        """
        if self.gate.has_users:
            privilege = self._privileges.get(name, NOBODY)
            check_allowed(await self.gate.access(), caller, privilege, name, message)

    async def execute(self, operation: Operation[R], caller: str) -> R:
        """Carry out an operation and return of its answer what the caller may see.

        Whether the caller may ask for it at all has been checked before.
        """
        answer = await self.backend.execute(operation, None)
        if not self.gate.has_users:
            return answer
        return visible(await self.gate.access(), caller, operation, answer)

    async def perform(
        self, name: str, message: Any, caller: str, build: Build | None = None
    ) -> Performed:
        """Carry out a request, whichever door it came by.

        Args:
            name: The RPC that it stands for.
            message: The request.
            caller: Who asks.
            build: Schema → operation, for rows that are not in the message.

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
        return await self._run(BY_RPC[name], message, caller, build)

    async def explain(self, name: str, message: Any, caller: str) -> Explanation:
        """Carry out a search or query, and tell how it was done in place of what was found.

        Args:
            name: The RPC that it stands for, whose privilege it takes.
            message: The request.
            caller: Who asks.
        """
        await self.check(name, message, caller)
        route = BY_RPC[name]
        schema = await self._schema(route, message)
        operation: Any = route.decode_request(message, schema)
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

    async def _run(self, route: Route, message: Any, caller: str, build: Build | None) -> Performed:
        """Carry out the operation that a request asks for."""
        if route.operation.traits.batching == "rows":
            return await self._write(route, message, build)
        schema = await self._schema(route, message)
        operation = route.decode_request(message, schema)
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
        except CollectionNotExistException as error:
            text = error.message.replace("can't find collection", "collection not found")
            raise CollectionNotExistException(error.code, text) from None


def _outdated(message: Any) -> SchemaMismatchRetryableException:
    return SchemaMismatchRetryableException(
        message=f"collection schema mismatch[collection={message.collection_name}]: the rows were "
        "made for an older schema; describe the collection and send them again"
    )


def _add_key(fields: Any, primary: str) -> None:
    """Let rows have their key, as Milvus' rows have unless they are counts or aggregates."""
    if not any(name in ("*", primary) or "(" in name for name in fields):
        fields.append(primary)


def _is_large(answer: Any) -> bool:
    """Whether writing an answer as a message would hold the loop."""
    batch = getattr(answer, "batch", None)
    if batch is not None and batch.nbytes >= LARGE_BYTES:
        return True
    scores = getattr(answer, "scores", None)
    return scores is not None and len(scores) >= LARGE_HITS


def _request_id(context: Any) -> str:
    """Return the id by which the caller knows a request, "" where it gives none."""
    for key, value in context.invocation_metadata() or ():
        if key in _REQUEST_IDS:
            return value if isinstance(value, str) else value.decode(errors="replace")
    return ""


def _fill_database(message: Any, metadata: Any) -> None:
    """Put the database that the call's metadata names where the request names none."""
    name = first_field(message.DESCRIPTOR, _DATABASE_FIELDS)
    if not name or getattr(message, name):
        return
    given = next((value for key, value in metadata if key == "dbname"), "")
    if isinstance(given, str) and given:
        setattr(message, name, given)


async def _refusal(method: Rpc, error: MilvusException, context: Any) -> bytes:
    """Return the reply that refuses a request."""
    status = write_status(error)
    if method.response.DESCRIPTOR.full_name == status.DESCRIPTOR.full_name:
        return status.SerializeToString()
    name = status_field(method.response)
    if not name:
        code = next((code for kind, code in _GRPC_CODES if isinstance(error, kind)), _FAILED)
        text = error.message
        await context.abort(code, text if method.name in text else f"{method.name}: {text}")
    reply: Message = method.response(**{name: status})
    return reply.SerializeToString()
