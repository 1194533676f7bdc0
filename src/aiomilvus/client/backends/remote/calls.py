"""One RPC: bytes out, an answer in, within a budget of time and tries."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

import grpc
import grpc.aio

from aiomilvus import tracing
from aiomilvus.client.backends.backend import refuse_closed
from aiomilvus.client.backends.remote.failures import Again, again, meaning, with_tries
from aiomilvus.client.backends.remote.introduction import CONNECT, LONGEST, introduction
from aiomilvus.errors import MilvusException, NotSupportedError, ParamError, RateLimitError
from aiomilvus.wire.codec.status import check_status
from aiomilvus.wire.proto import messages as pb
from aiomilvus.wire.proto.rpc import rpc
from aiomilvus.wire.table.route import parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.client.backends.remote.budget import Budget
    from aiomilvus.client.backends.remote.channels import Channel
    from aiomilvus.client.backends.remote.credentials import Credentials
    from aiomilvus.client.backends.remote.servers import Server, Servers
    from aiomilvus.wire.proto.rpc import Rpc

    Metadata = tuple[tuple[str, str], ...]

R = TypeVar("R")

LARGE_BYTES = 1 << 17
"""What is larger is read in a thread, because it would hold the loop."""
_FEW = 5
"""Tries at most after failures that the call itself may be the cause of."""


class Caller:
    """Makes RPCs to a server; safe to use from several loops."""

    def __init__(self, servers: Servers, credentials: Credentials) -> None:
        self._servers = servers
        self._credentials = credentials
        self._is_closed = False
        self._pauses: set[asyncio.Future[None]] = set()
        """Of the calls that wait for another try, in all loops."""

    def close(self) -> None:
        """Refuse calls from now on, and the further tries of those under way, in all loops."""
        self._is_closed = True
        for turn in list(self._pauses):
            with suppress(RuntimeError):  # its loop is closed, and nobody waits
                turn.get_loop().call_soon_threadsafe(_wake, turn)

    async def _pause(self, seconds: float) -> None:
        """Wait, but no longer than until the client is closed."""
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        timer = loop.call_later(seconds, _wake, turn)
        self._pauses.add(turn)
        try:
            if not self._is_closed:
                await turn
        finally:
            timer.cancel()
            self._pauses.discard(turn)

    @property
    def address(self) -> str:
        """The server's address, for messages."""
        return self._servers.address

    async def connect(self, budget: Budget) -> None:
        """Reach the server and introduce the client.

        Raises:
            MilvusException: The server can't be reached within the budget, or refuses the client.
        """
        try:
            await self.call(rpc(CONNECT), introduction(), "", budget, _check_connected)
        except NotSupportedError:
            return  # a server that does not know the call was reached, too

    async def call(
        self,
        rpc: Rpc,
        content: bytes,
        db: str,
        budget: Budget,
        read: Callable[[bytes], R],
        *more: tuple[str, str],
    ) -> R:
        """Make a call until it is answered or its budget is spent.

        Args:
            rpc: What to call.
            content: The serialized request.
            db: Name of the database, "" for the default one.
            budget: The time and the tries that there are.
            read: Makes an answer of the serialized reply, or raises what its status stands for.
            more: Further metadata.

        Raises:
            DeadlineExceededError: The time ran out.
            ParamError: No header can hold the database's name.
            MilvusUnavailableException: The server can't be reached.
            ConnectionNotExistException: The client was closed.
            MilvusException: Another failure of the call itself, or what `read` raises.
        """
        database: Metadata = (("dbname", _header(db)),) if db else ()
        metadata = (*database, *_noted(budget), *tracing.headers(), *more)
        while True:
            if self._is_closed:
                refuse_closed()
            server = await self._servers.current(budget)
            try:
                async with server.channels.place(budget, rpc.name) as channel:
                    if server.introduction.is_due and rpc.name != CONNECT:
                        await self._introduce(server, channel, database, budget)
                    reply = await self._once(server, channel, rpc, content, metadata, budget)
                if rpc.name == CONNECT:
                    server.introduction.took(reply)
                server.has_answered = True
                return await _made(read, reply)
            except grpc.aio.AioRpcError as error:
                refused = self._failed(server, rpc.name, error, budget)
            except MilvusException as error:
                refused = error
                if not self._is_for_later(server, error, budget):
                    raise
            if not await budget.another_try(refused.message, self._pause):
                raise with_tries(refused, budget.tries) from None

    async def _introduce(
        self, server: Server, channel: Channel, database: Metadata, budget: Budget
    ) -> None:
        """Tell the server who calls."""
        brought = (*self._credentials.metadata, *database)
        limit = min(LONGEST, budget.left("Connect"))
        await server.introduction.make(
            lambda path, content: _reply(channel, path, content, limit, brought)
        )

    async def _once(
        self,
        server: Server,
        channel: Channel,
        rpc: Rpc,
        content: bytes,
        metadata: Metadata,
        budget: Budget,
    ) -> bytes:
        """Send a request and return the reply."""
        identifier = server.introduction.identifier
        brought = (*self._credentials.metadata, *metadata, ("client-request-unixmsec", _now()))
        if identifier:
            brought = (*brought, ("identifier", identifier))
        return await _reply(channel, rpc.path, content, budget.left(rpc.name), brought)

    def _failed(
        self, server: Server, name: str, error: grpc.aio.AioRpcError, budget: Budget
    ) -> MilvusException:
        """Return what a failure means if the call may be made again, else raise it.

        Raises:
            MilvusException: It may not.
        """
        if error.code() is grpc.StatusCode.DEADLINE_EXCEEDED:
            raise budget.exceeded(f"{name} at {server.address}") from None
        meant = meaning(name, server.address, error)
        how = again(name, error)
        if error.code() is grpc.StatusCode.UNAVAILABLE:
            server.introduction.lapse()
            self._servers.lost(server)
        if how is Again.NOT_SENT and self._servers.gives_up(server, budget.spent):
            how = Again.NEVER
        if how is Again.NEVER or (how is Again.FEW and budget.tries >= _FEW - 1):
            raise with_tries(meant, budget.tries) from None
        return meant

    def _is_for_later(self, server: Server, error: MilvusException, budget: Budget) -> bool:
        """Whether a server refused a call, without having begun it, that it may take later."""
        if isinstance(error, RateLimitError):
            return budget.notes.retry_on_rate_limit
        return self._servers.refused(server, error)


def _check_connected(reply: bytes) -> None:
    check_status(parse(pb.ConnectResponse, reply).status)


def _wake(turn: asyncio.Future[None]) -> None:
    if not turn.done():
        turn.set_result(None)


def _header(db: str) -> str:
    """Return a database's name, when a header can hold it.

    Raises:
        ParamError: It can't; nor can a database have such a name.
    """
    if db.isascii() and db.isprintable():
        return db
    raise ParamError(
        message=f"Invalid database name {db!r}: should be letters, digits and underscores"
    )


def _noted(budget: Budget) -> Metadata:
    """Return what a call brings along by what the application said of it."""
    notes = budget.notes
    given: Metadata = ()
    if notes.request_id:
        given = (("client-request-id", notes.request_id),)
    if notes.log_level:
        given = (*given, ("log_level", notes.log_level))
    return given


def _now() -> str:
    return str(time.time_ns() // 1_000_000)


async def _made(read: Callable[[bytes], R], reply: bytes) -> R:
    if len(reply) > LARGE_BYTES:
        return await asyncio.to_thread(read, reply)
    return read(reply)


async def _reply(
    channel: Channel, path: str, content: bytes, timeout: float, metadata: Metadata
) -> bytes:
    call = channel.method(path)(content, timeout=timeout, metadata=metadata)
    try:
        reply: bytes = await call
    except asyncio.CancelledError:
        call.cancel()
        raise
    return reply
