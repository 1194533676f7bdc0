"""One RPC: bytes out, bytes in, within a deadline; gRPC's failures as this package's errors."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import grpc
import grpc.aio

from aiomilvus import tracing
from aiomilvus.client.backends.remote.retries import REPEATABLE, backoff
from aiomilvus.client.backends.remote.target import authorization
from aiomilvus.client.request_id import KEYS, noted
from aiomilvus.errors import (
    ConnectError,
    MilvusException,
    MilvusUnavailableException,
    NotAuthenticatedError,
    NotSupportedError,
    ParamTooLargeError,
)

if TYPE_CHECKING:
    from aiomilvus.client.backends.remote.budget import Budget
    from aiomilvus.client.backends.remote.channels import Channels
    from aiomilvus.client.backends.remote.target import Target

_Code = grpc.StatusCode
_REFUSED_STREAM = "RST_STREAM with error code 7"
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


class Caller:
    """Makes RPCs to one server; safe to use from several loops."""

    def __init__(self, target: Target, channels: Channels) -> None:
        self._target = target
        self._metadata = target.metadata
        self._channels = channels

    def authenticate(self, token: str) -> None:
        """Let further calls bring this token."""
        self._metadata = authorization(token)

    @property
    def address(self) -> str:
        """The server's address, for messages."""
        return self._target.address

    async def call(
        self,
        name: str,
        path: str,
        content: bytes,
        db: str,
        budget: Budget,
        *more: tuple[str, str],
    ) -> bytes:
        """Return the serialized reply of the RPC called `name`; `more` is further metadata.

        Raises:
            DeadlineExceededError: The time ran out.
            MilvusUnavailableException: The server can't be reached.
            MilvusException: Another failure of the call itself.
        """
        metadata = (*self._metadata, *_request_id(), *tracing.headers(), *more)
        if db:
            metadata = (*metadata, ("dbname", db))
        delays = None
        while True:
            try:
                async with self._channels.place(budget, name) as channel:
                    method = channel.method(path)
                    return await _reply(method, content, budget.left(name), metadata)
            except grpc.aio.AioRpcError as error:
                if not _was_not_begun(name, error):
                    raise self._meaning(name, error, budget) from None
                delays = delays or backoff()
                delay = next(delays)
                if delay >= budget.left(name):
                    raise self._meaning(name, error, budget) from None
            await asyncio.sleep(delay)

    def _meaning(self, name: str, error: grpc.aio.AioRpcError, budget: Budget) -> MilvusException:
        code, details = error.code(), error.details()
        if code is _Code.DEADLINE_EXCEEDED:
            return budget.exceeded(f"{name} at {self._target.address}")
        if code is _Code.UNAVAILABLE and (details or "").startswith(_NEVER_CONNECTED):
            return ConnectError(message=not_connected(self._target.address, details or "", name))
        kind = _CLASSES.get(code, MilvusException)
        return kind(message=f"{name} at {self._target.address} failed: {code.name}: {details}")


def _request_id() -> tuple[tuple[str, str], ...]:
    """Return the metadata that carries the application's id of this call."""
    given = noted()
    return ((KEYS[1], given),) if given else ()


async def _reply(
    method: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes],
    content: bytes,
    timeout: float,
    metadata: tuple[tuple[str, str], ...],
) -> bytes:
    call = method(content, timeout=timeout, metadata=metadata)
    try:
        reply: bytes = await call
    except asyncio.CancelledError:
        call.cancel()
        raise
    return reply


def _was_not_begun(name: str, error: grpc.aio.AioRpcError) -> bool:
    """Whether a server had no place for a call, which may be made again.

    A server that refuses a stream (HTTP/2's error 7) has not looked at it. One that has too many
    calls to accept cancels some; so may one that stops, in the midst of it, so that only calls
    are made again whose repetition has the effect of one.
    """
    code = error.code()
    if code is _Code.UNAVAILABLE:
        return _REFUSED_STREAM in (error.details() or "")
    return code is _Code.CANCELLED and name in REPEATABLE
