"""MilvusService over gRPC: every RPC in, one reply out, whatever happens.

A refusal is a Status in the reply with Milvus' code, the older code and the reason; a gRPC error
is raised only by replies that have no place for a status. Requests and replies pass gRPC as
bytes, because the codecs lay out large ones themselves.

Who calls is known from the metadata, before anything of the request is read: gRPC is told that
requests are streams, which look the same to the client, and each is read when its caller may call
and has its turn. What comes of others stays in the connection's window.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio

from aiomilvus import tracing
from aiomilvus.errors import (
    MilvusException,
    NotAuthenticatedError,
    NotSupportedError,
    ParamError,
    ParamTooLargeError,
    PermissionDeniedError,
    RateLimitError,
)
from aiomilvus.model.changes import ChangesRead
from aiomilvus.model.operations.databases import DatabaseOperation
from aiomilvus.model.operations.traits import Kind
from aiomilvus.server.admission import Admission
from aiomilvus.server.authentication import Caller
from aiomilvus.server.calls import NOT_ANSWERED
from aiomilvus.wire.codec import past
from aiomilvus.wire.codec.explanation import HEADER, RPCS, write_explanation
from aiomilvus.wire.codec.status import write_status
from aiomilvus.wire.proto.rpc import rpc
from aiomilvus.wire.table.lookup import BY_RPC
from aiomilvus.wire.table.route import parse, status_field

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from google.protobuf.message import Message

    from aiomilvus.server.service import Service
    from aiomilvus.server.settings import ServerSettings
    from aiomilvus.wire.proto.rpc import Rpc

    Context = grpc.aio.ServicerContext[bytes, bytes]

_log = logging.getLogger(__name__)

LARGE_BYTES = 1 << 17
"""Messages from this size on are parsed and written in a thread: they would hold the loop."""
LARGE_HITS = 2000
_WRITES = frozenset(
    name for name, route in BY_RPC.items() if route.operation.traits.kind is Kind.WRITE
)
_REQUEST_IDS = frozenset({"client_request_id", "client-request-id"})
_DATABASE_FIELDS = ("db_name", "dbName", "newDBName", "target_db_name")
_GRPC_CODES: tuple[tuple[type[MilvusException], grpc.StatusCode], ...] = (
    (NotSupportedError, grpc.StatusCode.UNIMPLEMENTED),
    (ParamError, grpc.StatusCode.INVALID_ARGUMENT),
    (NotAuthenticatedError, grpc.StatusCode.UNAUTHENTICATED),
    (PermissionDeniedError, grpc.StatusCode.PERMISSION_DENIED),
    (RateLimitError, grpc.StatusCode.RESOURCE_EXHAUSTED),
)
"""What refuses where a reply has no place for a status; other errors fail a precondition."""
_FAILED = grpc.StatusCode.FAILED_PRECONDITION


class _Outcome:
    """How a call ended, and from when on it was carried out; until it is told, without a reply."""

    __slots__ = ("began", "code")

    def __init__(self) -> None:
        self.code = NOT_ANSWERED
        self.began = perf_counter()

    def tell(self, code: int, began: float) -> None:
        self.code, self.began = code, began


class GrpcDoor:
    """Lets RPCs in and gives their replies out.

    Args:
        service: Carries requests out.
        settings: What is allowed.
    """

    def __init__(self, service: Service, settings: ServerSettings) -> None:
        self._service = service
        self._send_bytes = settings.send_bytes
        self._receive_seconds = settings.receive_timeout
        self._admission = Admission()
        self._ending: set[asyncio.Task[None]] = set()

    def handlers(self, names: Iterable[str]) -> dict[str, grpc.RpcMethodHandler[bytes, bytes]]:
        """Return gRPC's handlers of RPCs by their names."""
        return {name: self._handler(rpc(name)) for name in names}

    def _handler(self, method: Rpc) -> grpc.RpcMethodHandler[bytes, bytes]:
        """Return gRPC's handler of one RPC."""
        if method.server_streaming:
            return grpc.stream_stream_rpc_method_handler(partial(self._stream, method))
        return grpc.stream_unary_rpc_method_handler(partial(self._answer, method))

    async def _stream(
        self, method: Rpc, _requests: object, context: Context
    ) -> AsyncIterator[bytes]:
        """Refuse an RPC with streams, none of which one node has a use for."""
        error: MilvusException = NotSupportedError(
            message=f"{method.name} is not supported by this server"
        )
        try:
            await self._caller(context)
        except MilvusException as refused:
            error = refused
        yield await _refusal(method, error, context)

    async def _caller(self, context: Context) -> Caller:
        metadata = context.invocation_metadata() or ()
        user = await self._service.gate.caller(metadata, self._peer(context))
        return Caller(user, _named_database(context))

    def _peer(self, context: Context) -> str:
        """Return the connection that a call comes by, where it was handed on its client's."""
        return self._service.origins.of(context.peer())

    async def _answer(self, method: Rpc, _requests: object, context: Context) -> bytes:
        """Return the reply to a request, or the refusal."""
        service, outcome = self._service, _Outcome()
        try:
            caller = await self._caller(context)
            with service.counted():
                return await self._in_turn(method, caller, context, outcome)
        except MilvusException as error:
            outcome.tell(int(error.code), perf_counter())
            return await _refusal(method, error, context)
        finally:  # also where the caller leaves while the refusal is sent
            service.calls.done(
                "grpc", method.name, outcome.code, outcome.began, _request_id(context)
            )

    async def _in_turn(
        self, method: Rpc, caller: Caller, context: Context, outcome: _Outcome
    ) -> bytes:
        """Read a request and return the reply when it is the client's turn."""
        call = self._admission.came(
            _client(context, self._peer(context)),
            writes=method.name in _WRITES,
            introduces=method.name == "Connect",
        )
        # The stubs ask for an instance of a class that there is not.
        context.add_done_callback(lambda _: self._admission.gone(call))  # type: ignore[arg-type]
        await self._admission.enter(call)
        try:
            content = await self._read(context)
            return await self._reply(method, content, caller, context, outcome)
        finally:
            self._admission.leave(call)

    async def _read(self, context: Context) -> bytes:
        """Return the request.

        Raises:
            ParamError: There is none.
        """
        # A read that is cancelled would be written to when its bytes come, so the call is ended.
        loop = asyncio.get_running_loop()
        timer = loop.call_later(self._receive_seconds, self._end_late, context)
        try:
            content: Any = await context.read()
        finally:
            timer.cancel()
        if content is grpc.aio.EOF:
            raise ParamError(message="the call brings no request")
        return bytes(content)

    def _end_late(self, context: Context) -> None:
        """End a call whose request has not come in time."""
        ending = asyncio.get_running_loop().create_task(_abort_late(context, self._receive_seconds))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)

    async def _reply(
        self, method: Rpc, content: bytes, caller: Caller, context: Context, outcome: _Outcome
    ) -> bytes:
        """Carry out a request and return the reply, or the refusal; tell how it ended."""
        began = perf_counter()
        try:
            reply = await self._carry_out(method, content, caller, context)
            self._check_size(reply)
        except MilvusException as error:
            refused = error
        except RecursionError:
            refused = ParamError(message=f"{method.name}: the request is nested too deep")
        except Exception as error:  # noqa: BLE001 - a fault of the program: the caller must still get a reply
            _log.exception("%s failed", method.name)
            refused = MilvusException(message=f"{method.name} failed: {type(error).__name__}")
        else:
            outcome.tell(0, began)
            return reply
        outcome.tell(int(refused.code), began)
        return await _refusal(method, refused, context)

    def _check_size(self, reply: bytes) -> None:
        """Refuse a reply that gRPC would not send."""
        if len(reply) > self._send_bytes:
            raise ParamTooLargeError(
                message=f"the reply has {len(reply)} bytes, but the server sends at most "
                f"{self._send_bytes}: ask for fewer rows or fields"
            )

    async def _carry_out(
        self, method: Rpc, content: bytes, caller: Caller, context: Context
    ) -> bytes:
        if len(content) < LARGE_BYTES:
            message = parse(method.request, content)
        else:
            message = await asyncio.to_thread(parse, method.request, content)
        if method.name == "Connect":
            await self._service.check_database(caller.db)
        route = BY_RPC.get(method.name)
        if route is None or not issubclass(route.operation, DatabaseOperation):
            _fill_database(message, caller.db)
        db, collection = getattr(message, "db_name", ""), getattr(message, "collection_name", "")
        with (
            tracing.continued(context.invocation_metadata() or ()),
            tracing.span(method.name, db, collection, side="server"),
        ):
            return await self._answered(method, message, caller, context)

    async def _answered(
        self, method: Rpc, message: Message, caller: Caller, context: Context
    ) -> bytes:
        """Carry out a request and return the serialized reply."""
        metadata = context.invocation_metadata() or ()
        at = past.moment_in(metadata) if method.name in RPCS else 0
        if method.name in RPCS and HEADER in metadata:
            found = await self._service.explain(method.name, message, caller, at=at)
            reply = write_explanation(found, method.response)
        else:
            done = await self._service.perform(method.name, message, caller, at=at)
            if done.route is None:
                return bytes(done.answer.SerializeToString())
            encode = partial(done.route.encode_reply, done.answer, done.operation, done.schema)
            reply = await asyncio.to_thread(encode) if _is_large(done.answer) else encode()
        return past.with_moment(reply, at, method.response) if at else reply


async def _abort_late(context: Context, seconds: float) -> None:
    text = f"the request has not come within {seconds:g} s"
    with suppress(grpc.aio.AbortError):
        await context.abort(grpc.StatusCode.DEADLINE_EXCEEDED, text)


def _is_large(answer: Any) -> bool:
    """Whether writing an answer as a message would hold the loop."""
    batch = getattr(answer, "batch", None)
    if batch is not None and batch.nbytes >= LARGE_BYTES:
        return True
    if isinstance(answer, ChangesRead):
        changes = sum(len(part.offsets) for part in answer.parts)
        return changes >= LARGE_HITS or any(_is_large(part.rows) for part in answer.parts)
    scores = getattr(answer, "scores", None)
    return scores is not None and len(scores) >= LARGE_HITS


def _client(context: Context, peer: str) -> str:
    """Return who makes a call: by the identifier it was given, else by its connection."""
    for key, value in context.invocation_metadata() or ():
        if key == "identifier":
            return value if isinstance(value, str) else value.decode(errors="replace")
    return peer


def _request_id(context: Context) -> str:
    """Return the id by which the caller knows a request, "" where it gives none."""
    for key, value in context.invocation_metadata() or ():
        if key in _REQUEST_IDS:
            return value if isinstance(value, str) else value.decode(errors="replace")
    return ""


def _fill_database(message: Any, db: str) -> None:
    """Put the connection's database where a request, or the grant in it, names none."""
    if not db:
        return
    fields = message.DESCRIPTOR.fields_by_name
    for name in _DATABASE_FIELDS:
        if name in fields and not getattr(message, name):
            setattr(message, name, db)
    if "entity" in fields and message.HasField("entity"):
        _fill_database(message.entity, db)


def _named_database(context: Context) -> str:
    """Return the database that a call's metadata names, "" where it names none."""
    metadata = context.invocation_metadata() or ()
    given = next((value for key, value in metadata if key == "dbname"), "")
    return given if isinstance(given, str) else ""


async def _refusal(method: Rpc, error: MilvusException, context: Context) -> bytes:
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
