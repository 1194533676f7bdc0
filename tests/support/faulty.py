"""A gateway before a server that fails as networks and clusters do, and counts what passes.

`Gateway` speaks gRPC: faults are told by the name of the RPC, and strike its next calls in turn.
`Relay` passes bytes on: it can cut connections, or leave them open and silent.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio

from aiomilvus.errors import error_for
from aiomilvus.wire.codec.status import write_status
from aiomilvus.wire.proto.rpc import rpc
from aiomilvus.wire.table.route import status_field, status_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from typing_extensions import Self


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What befalls a call.

    Attributes:
        code: Fail with this gRPC code; None does not.
        status: Answer with this code of Milvus', without asking the server; 0 does not.
        is_done: Let the server carry the call out first.
        hangs: Never answer.
        text: What is said of it.
    """

    code: grpc.StatusCode | None = None
    status: int = 0
    is_done: bool = False
    hangs: bool = False
    text: str = "a fault of the test's"


LOST = Fault(code=grpc.StatusCode.UNAVAILABLE)
"""The connection breaks before the server has the request."""
LOST_AFTERWARDS = Fault(code=grpc.StatusCode.UNAVAILABLE, is_done=True)
"""It breaks before the client has the reply."""
BUSY = Fault(status=8)
STALE = Fault(status=109)
SILENCE = Fault(hangs=True)


@dataclass
class Call:
    """A call as it came in."""

    name: str
    content: bytes
    metadata: dict[str, str]


@dataclass
class Gateway:
    """Stands before the server at `upstream`; use it as an async context manager.

    Attributes:
        faults: Faults that strike the next calls of an RPC, by its name.
        always: Faults that strike all others.
        calls: What came in.
        answers: What answers RPCs in the server's place, by their names: request to reply.
        carried_out: How often the server carried an RPC out, and did not refuse it.
        port: Where it listens.
    """

    upstream: str
    faults: dict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))
    always: dict[str, Fault] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    answers: dict[str, Callable[[bytes], bytes]] = field(default_factory=dict)
    carried_out: Counter[str] = field(default_factory=Counter)
    port: int = 0
    _server: grpc.aio.Server | None = None
    _channel: grpc.aio.Channel | None = None

    @property
    def uri(self) -> str:
        """What clients connect to."""
        return f"http://127.0.0.1:{self.port}"

    def strike(self, name: str, *faults: Fault) -> None:
        """Let faults befall the next calls of an RPC, in this order."""
        self.faults[name].extend(faults)

    def sent(self, name: str) -> int:
        """Return how many calls of an RPC came in."""
        return sum(call.name == name for call in self.calls)

    async def __aenter__(self) -> Self:
        self._channel = grpc.aio.insecure_channel(self.upstream.removeprefix("http://"))
        await self.open()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.close()
        assert self._channel is not None
        await self._channel.close()

    async def open(self) -> None:
        """Listen, at the same port as before if there was one."""
        self._server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
        self._server.add_generic_rpc_handlers([_Handler(self)])
        self.port = self._server.add_insecure_port(f"127.0.0.1:{self.port}")
        await self._server.start()

    async def close(self, grace: float | None = None) -> None:
        """Stop listening: tell clients to go away, and give what is under way this long."""
        server, self._server = self._server, None
        if server is not None:
            await server.stop(grace)

    async def carry(self, name: str, content: bytes, context: Any) -> bytes:
        """Answer a call, or let a fault befall it."""
        metadata = {key: str(value) for key, value in context.invocation_metadata() or ()}
        self.calls.append(Call(name, content, metadata))
        waiting = self.faults[name]
        fault = waiting.popleft() if waiting else self.always.get(name, Fault())
        if name in self.answers and fault == Fault():
            return self.answers[name](content)
        if fault.hangs:
            await asyncio.Event().wait()
        if fault.status:
            return _refusal(name, fault)
        reply = b""
        if fault.is_done or fault.code is None:
            reply = await self._forward(name, content, context)
        if fault.code is not None:
            await context.abort(fault.code, fault.text)
        return reply

    async def _forward(self, name: str, content: bytes, context: Any) -> bytes:
        assert self._channel is not None
        method: Any = self._channel.unary_unary(rpc(name).path)
        given = [(key, value) for key, value in context.invocation_metadata() if key in _PASSED]
        try:
            reply: bytes = await method(content, metadata=given)
            self.carried_out[name] += not status_of(rpc(name).response.FromString(reply)).code
        except grpc.aio.AioRpcError as error:
            await context.abort(error.code(), error.details() or "")
            raise
        return reply


_PASSED = ("authorization", "dbname", "client-request-id")


class _Handler(grpc.GenericRpcHandler):
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def service(self, details: Any) -> Any:
        name = details.method.rpartition("/")[2]

        async def call(content: bytes, context: Any) -> bytes:
            return await self._gateway.carry(name, content, context)

        return grpc.unary_unary_rpc_method_handler(call)


def _refusal(name: str, fault: Fault) -> bytes:
    """Return the reply that a server refuses a call with."""
    status = write_status(error_for(fault.status, fault.text))
    response = rpc(name).response
    if response.DESCRIPTOR.name == "Status":
        return status.SerializeToString()
    answer: Any = response(**{status_field(response): status})
    content: bytes = answer.SerializeToString()
    return content


class Relay:
    """Passes bytes on to a port of this machine; use it as an async context manager.

    Attributes:
        is_silent: Whether nothing passes any more on the connections there are.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._silent: set[asyncio.StreamWriter] = set()
        self.connections = 0

    @property
    def uri(self) -> str:
        """What clients connect to."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_error: object) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        """Break all connections."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def fall_silent(self) -> None:
        """Pass nothing on, on the connections there are; they stay open. New ones work."""
        self._silent.update(self._writers)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        self._writers += [writer, back]
        for source, sink in ((reader, back), (there, writer)):
            task = asyncio.ensure_future(self._pass_on(source, sink))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass_on(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while content := await source.read(1 << 16):
                if sink in self._silent:
                    await asyncio.Event().wait()
                sink.write(content)
                await sink.drain()
        sink.close()


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what nobody announces; the test's timeout ends it."""
    while not condition():  # noqa: ASYNC110 - there is no event to wait for
        await asyncio.sleep(0.001)


def numbers(rows: Sequence[dict[str, Any]]) -> list[int]:
    """Return the keys of rows, in order."""
    return sorted(row["id"] for row in rows)
