"""gRPC channels: one to a server for each event loop, closed with the loop or the client."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import grpc
import grpc.aio

from aiomilvus.client.remote.retries import service_config

if TYPE_CHECKING:
    from aiomilvus.client.remote.target import Target

_OPTIONS: tuple[tuple[str, Any], ...] = (
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
    # Milvus refuses clients that ping more often than every 5 s, or without calls.
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 0),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2_000),
)


class Channels:
    """The channels of one client; safe to use from several loops and threads."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, grpc.aio.Channel] = (
            WeakKeyDictionary()
        )

    def here(self) -> grpc.aio.Channel:
        """Return the channel of the running loop, made with the first call."""
        loop = asyncio.get_running_loop()
        channel = self._by_loop.get(loop)
        if channel is None:
            self._forget_closed_loops()
            channel = self._by_loop[loop] = self._open()
        return channel

    def _open(self) -> grpc.aio.Channel:
        target = self._target
        options = [*_OPTIONS, ("grpc.service_config", service_config())]
        if not target.secure:
            return grpc.aio.insecure_channel(target.address, options=options)
        if target.server_name:
            options.append(("grpc.ssl_target_name_override", target.server_name))
        credentials = grpc.ssl_channel_credentials(target.ca, target.key, target.cert)
        return grpc.aio.secure_channel(target.address, credentials, options=options)

    def _forget_closed_loops(self) -> None:
        # A channel refers to its loop, so that the loop's end alone would not remove it.
        for loop in [each for each in self._by_loop if each.is_closed()]:
            del self._by_loop[loop]

    async def close(self) -> None:
        """Close the running loop's channel; those of other loops end with them."""
        channel = self._by_loop.pop(asyncio.get_running_loop(), None)
        if channel is not None:
            await channel.close()
