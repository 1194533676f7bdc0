"""gRPC channels to a server, for each event loop its own, closed with the loop or the client."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import grpc
import grpc.aio

from aiomilvus.errors import MilvusUnavailableException

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from aiomilvus.client.backends.remote.budget import Budget
    from aiomilvus.client.backends.remote.target import Target

_OPTIONS: dict[str, object] = {
    "grpc.max_send_message_length": -1,
    "grpc.max_receive_message_length": -1,
    # Finds connections that are open at one end only. Milvus refuses clients that ping more
    # often than every 5 s. Without calls too, or the next call would be what finds it out.
    "grpc.keepalive_time_ms": 10_000,
    "grpc.keepalive_timeout_ms": 5_000,
    "grpc.http2.ping_timeout_ms": 5_000,
    "grpc.keepalive_permit_without_calls": 1,
    "grpc.http2.max_pings_without_data": 0,
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 2_000,
    # Without it, all channels to one address share a connection.
    "grpc.use_local_subchannel_pool": 1,
}

BUSY = 64
"""Calls under way on a channel from which on another one is opened."""
MOST = 4


class Channel:
    """One channel, how many calls are under way on it, and its methods by their paths."""

    __slots__ = ("_methods", "calls", "channel")

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.channel = channel
        self.calls = 0
        self._methods: dict[str, grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]] = {}

    def method(self, path: str) -> grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]:
        """Return what calls the RPC at `path`."""
        method = self._methods.get(path)
        if method is None:
            method = self._methods[path] = self.channel.unary_unary(path)
        return method


class _Line:
    """The channels of one loop, and the calls that wait for a place on one of them."""

    def __init__(self, open_channel: Callable[[], Channel]) -> None:
        self._open = open_channel
        self.channels = [open_channel()]
        self.waiting: deque[asyncio.Future[Channel]] = deque()

    def take(self) -> Channel | None:
        """Return the channel with the fewest calls, one more counted; None: all are busy."""
        idlest = self.channels[0] if len(self.channels) == 1 else min(self.channels, key=_calls)
        if idlest.calls >= BUSY:
            if len(self.channels) >= MOST:
                return None
            idlest = self._open()
            self.channels.append(idlest)
        idlest.calls += 1
        return idlest

    async def wait(self, budget: Budget, name: str) -> Channel:
        """Return a channel when a call on it has ended, in the order of the asking."""
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[Channel] = loop.create_future()
        limit = loop.call_later(budget.left(name), _expire, turn, budget, name)
        self.waiting.append(turn)
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self.give_back(turn.result())
            raise
        finally:
            limit.cancel()

    def give_back(self, channel: Channel) -> None:
        """Let the next call have the place."""
        while self.waiting:
            turn = self.waiting.popleft()
            if not turn.done():
                turn.set_result(channel)
                return
        channel.calls -= 1

    async def close(self) -> None:
        """Close the channels; what waits for them is refused."""
        waiting, self.waiting = self.waiting, deque()
        for turn in waiting:
            if not turn.done():
                turn.set_exception(MilvusUnavailableException(message="the client was closed"))
        for each in self.channels:
            await each.channel.close()


class Channels:
    """The channels of one client; safe to use from several loops and threads.

    A channel is one TCP connection, and its calls share one flow of packets. So further ones
    are opened when all have many calls under way. When the last has, further calls wait here:
    a server has no use for thousands at once, and may refuse them.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, _Line] = WeakKeyDictionary()

    @asynccontextmanager
    async def place(self, budget: Budget, name: str) -> AsyncIterator[Channel]:
        """Give a channel of the running loop for a call, when there is a place for it.

        Args:
            budget: The time that the call has, waiting too.
            name: What is called.

        Raises:
            DeadlineExceededError: The time ran out.
        """
        loop = asyncio.get_running_loop()
        line = self._by_loop.get(loop)
        if line is None:
            self._forget_closed_loops()
            line = self._by_loop[loop] = _Line(self._open)
        channel = line.take() or await line.wait(budget, name)
        try:
            yield channel
        finally:
            line.give_back(channel)

    def _open(self) -> Channel:
        target = self._target
        options = [*{**_OPTIONS, **dict(target.grpc_options)}.items()]
        if not target.secure:
            return Channel(grpc.aio.insecure_channel(target.address, options=options))
        if target.server_name:
            options.append(("grpc.ssl_target_name_override", target.server_name))
        credentials = grpc.ssl_channel_credentials(target.ca, target.key, target.cert)
        return Channel(grpc.aio.secure_channel(target.address, credentials, options=options))

    def _forget_closed_loops(self) -> None:
        # A channel refers to its loop, so that the loop's end alone would not remove it.
        for loop in [each for each in self._by_loop if each.is_closed()]:
            del self._by_loop[loop]

    async def close(self) -> None:
        """Close the running loop's channels; those of other loops end with them."""
        line = self._by_loop.pop(asyncio.get_running_loop(), None)
        if line is not None:
            await line.close()


def _calls(channel: Channel) -> int:
    return channel.calls


def _expire(turn: asyncio.Future[Channel], budget: Budget, name: str) -> None:
    if not turn.done():
        turn.set_exception(budget.exceeded(name))
