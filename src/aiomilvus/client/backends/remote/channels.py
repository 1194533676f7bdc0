"""gRPC channels to a server, for each event loop its own, closed with the loop or the client."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import grpc
import grpc.aio

from aiomilvus.client.backends.remote.retries import service_config

if TYPE_CHECKING:
    from aiomilvus.client.backends.remote.target import Target

_OPTIONS: tuple[tuple[str, Any], ...] = (
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
    # Milvus refuses clients that ping more often than every 5 s, or without calls.
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 0),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    # Without it, all channels to one address share a connection.
    ("grpc.use_local_subchannel_pool", 1),
)

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


class Channels:
    """The channels of one client; safe to use from several loops and threads.

    A channel is one TCP connection, and its calls share one flow of packets. So further ones
    are opened when all have many calls under way.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, list[Channel]] = (
            WeakKeyDictionary()
        )

    def here(self) -> Channel:
        """Return the running loop's channel with the fewest calls, made if there is none."""
        loop = asyncio.get_running_loop()
        channels = self._by_loop.get(loop)
        if channels is None:
            self._forget_closed_loops()
            channels = self._by_loop[loop] = [self._open()]
        if len(channels) == 1 and channels[0].calls < BUSY:
            return channels[0]
        idlest = min(channels, key=_calls)
        if idlest.calls >= BUSY and len(channels) < MOST:
            idlest = self._open()
            channels.append(idlest)
        return idlest

    def _open(self) -> Channel:
        target = self._target
        options = [*_OPTIONS, ("grpc.service_config", service_config())]
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
        channels = self._by_loop.pop(asyncio.get_running_loop(), [])
        for each in channels:
            await each.channel.close()


def _calls(channel: Channel) -> int:
    return channel.calls
