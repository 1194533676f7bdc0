"""One RPC: bytes out, bytes in, within a deadline; gRPC's failures as this package's errors."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import grpc
import grpc.aio

from aiomilvus.client.backends.remote.target import authorization
from aiomilvus.errors import (
    ConnectError,
    DeadlineExceededError,
    MilvusException,
    MilvusUnavailableException,
    NotAuthenticatedError,
    NotSupportedError,
    ParamTooLargeError,
)

if TYPE_CHECKING:
    from aiomilvus.client.backends.remote.channels import Channels
    from aiomilvus.client.backends.remote.target import Target

DEFAULT_TIMEOUT = 60.0
"""Seconds for a whole call when neither it nor the client says."""

_Code = grpc.StatusCode
_CLASSES: dict[grpc.StatusCode, type[MilvusException]] = {
    _Code.UNAVAILABLE: MilvusUnavailableException,
    _Code.UNAUTHENTICATED: NotAuthenticatedError,
    _Code.PERMISSION_DENIED: NotAuthenticatedError,
    _Code.UNIMPLEMENTED: NotSupportedError,
    _Code.RESOURCE_EXHAUSTED: ParamTooLargeError,
}

_NEVER_CONNECTED = ("failed to connect to all addresses", "errors resolving", "DNS resolution")
_REASONS = {
    "WRONG_VERSION_NUMBER": "it does not speak TLS; write http:// in place of https://",
    "CERTIFICATE_VERIFY_FAILED": "its certificate is not trusted; give ca_pem_path or "
    "server_pem_path",
    "Connection refused": "nothing listens there; start the server (aiomilvus serve), or check "
    "host and port",
    "lookup": "the host's name is not known; check it",
    "DNS": "the host's name is not known; check it",
    "Tls handshake failed": "the TLS handshake failed; check the certificates, or write http://",
}


def not_connected(address: str, details: str, name: str) -> str:
    """Return the message for a server that was never reached; its beginning is pymilvus'.

    Args:
        address: Where it should be.
        details: gRPC's words, of which the cause is read.
        name: What was to be called.
    """
    reason = next((told for sign, told in _REASONS.items() if sign in details), details)
    return (
        f"Fail connecting to server on {address}, illegal connection params or server "
        f"unavailable: {reason} ({name} was not sent)"
    )


class Budget:
    """The time that a call has for everything it does: connecting, sending, trying again."""

    __slots__ = ("end", "seconds")

    def __init__(self, timeout: float | None) -> None:
        self.seconds = DEFAULT_TIMEOUT if timeout is None else timeout
        self.end = time.monotonic() + self.seconds

    def left(self, phase: str) -> float:
        """Return the seconds that are left.

        Raises:
            DeadlineExceededError: There are none.
        """
        left = self.end - time.monotonic()
        if left <= 0:
            raise self.exceeded(phase)
        return left

    def exceeded(self, phase: str) -> DeadlineExceededError:
        """Return the error that the time ran out in `phase`."""
        return DeadlineExceededError(
            message=f"{phase} took longer than the timeout of {self.seconds:g} s"
        )


class Caller:
    """Makes RPCs to one server; safe to use from several loops."""

    def __init__(self, target: Target, channels: Channels) -> None:
        self._target = target
        self._metadata = target.metadata
        self._channels = channels

    def authenticate(self, token: str) -> None:
        """Let further calls bring this token."""
        self._metadata = authorization(token)

    async def call(self, name: str, path: str, content: bytes, db: str, budget: Budget) -> bytes:
        """Return the serialized reply of the RPC called `name`.

        Raises:
            DeadlineExceededError: The time ran out.
            MilvusUnavailableException: The server can't be reached.
            MilvusException: Another failure of the call itself.
        """
        channel = self._channels.here()
        method = channel.method(path)
        metadata = self._metadata
        if db:
            metadata = (*metadata, ("dbname", db))
        call = method(content, timeout=budget.left(name), metadata=metadata)
        channel.calls += 1
        try:
            reply: bytes = await call
        except grpc.aio.AioRpcError as error:
            raise self._meaning(name, error, budget) from None
        except asyncio.CancelledError:
            call.cancel()
            raise
        finally:
            channel.calls -= 1
        return reply

    def _meaning(self, name: str, error: grpc.aio.AioRpcError, budget: Budget) -> MilvusException:
        code, details = error.code(), error.details()
        if code is _Code.DEADLINE_EXCEEDED:
            return budget.exceeded(f"{name} at {self._target.address}")
        if code is _Code.UNAVAILABLE and (details or "").startswith(_NEVER_CONNECTED):
            return ConnectError(message=not_connected(self._target.address, details or "", name))
        kind = _CLASSES.get(code, MilvusException)
        return kind(message=f"{name} at {self._target.address} failed: {code.name}: {details}")
