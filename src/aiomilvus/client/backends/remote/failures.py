"""gRPC's failures: what they mean as this package's errors, and which calls may be made again.

A call is made again when doing it twice is the same as doing it once, or when it is certain that
the server did not begin it. Anything else might be done twice.
"""

from __future__ import annotations

from enum import Enum

import grpc
import grpc.aio

from aiomilvus.errors import (
    ConnectError,
    MilvusException,
    MilvusUnavailableException,
    NotAuthenticatedError,
    NotSupportedError,
    ParamTooLargeError,
)
from aiomilvus.wire.proto.rpc import extension_names
from aiomilvus.wire.table.lookup import ROUTES

POLLS = ("GetFlushAllState", "GetFlushState", "GetLoadingProgress")
"""The RPCs that ask how far a server is, which stand for no operation."""
REPEATABLE = frozenset(("Connect", *POLLS, *(route.name for route in ROUTES if route.repeatable)))
"""The RPCs whose repetition has the effect of one call."""

_Code = grpc.StatusCode
_CLASSES: dict[grpc.StatusCode, type[MilvusException]] = {
    _Code.UNAVAILABLE: MilvusUnavailableException,
    _Code.CANCELLED: MilvusUnavailableException,  # by the server, which stops or is full
    _Code.UNAUTHENTICATED: NotAuthenticatedError,
    _Code.PERMISSION_DENIED: NotAuthenticatedError,
    _Code.UNIMPLEMENTED: NotSupportedError,
    _Code.RESOURCE_EXHAUSTED: ParamTooLargeError,
}
_REFUSED_STREAM = "RST_STREAM with error code 7"
_NEVER_CONNECTED = ("failed to connect to all addresses", "errors resolving", "DNS resolution")
_NOT_TRUSTED = ("WRONG_VERSION_NUMBER", "CERTIFICATE_VERIFY_FAILED")
"""What no further try changes."""
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


class Again(Enum):
    """Whether a call that failed may be made again."""

    NEVER = "never"
    FEW = "a few times, because the cause may be the call itself"
    NOT_SENT = "as nothing was sent"
    YES = "as often as its budget allows"


def again(name: str, error: grpc.aio.AioRpcError) -> Again:
    """Return whether the RPC called `name` may be made again after `error`.

    A server that refuses a stream (HTTP/2's error 7) has not looked at it. One that has too many
    calls to accept cancels some; so may one that stops, in the midst of it.
    """
    code, details = error.code(), error.details() or ""
    if code is _Code.UNAVAILABLE:
        if was_never_connected(error):
            is_lasting = any(sign in details for sign in _NOT_TRUSTED)
            return Again.NEVER if is_lasting else Again.NOT_SENT
        return Again.YES if name in REPEATABLE or _REFUSED_STREAM in details else Again.NEVER
    if name not in REPEATABLE:
        return Again.NEVER
    if code is _Code.CANCELLED:
        return Again.YES
    return Again.FEW if code in (_Code.ABORTED, _Code.INTERNAL, _Code.UNKNOWN) else Again.NEVER


def was_never_connected(error: grpc.aio.AioRpcError) -> bool:
    """Whether there was no connection that the call could have been sent on."""
    return error.code() is _Code.UNAVAILABLE and (error.details() or "").startswith(
        _NEVER_CONNECTED
    )


def meaning(name: str, address: str, error: grpc.aio.AioRpcError) -> MilvusException:
    """Return the error that a failure of the RPC called `name` stands for."""
    code, details = error.code(), error.details()
    if was_never_connected(error):
        return ConnectError(message=not_connected(address, details or "", name))
    if code is _Code.UNIMPLEMENTED and name in extension_names():
        message = f"the server at {address} has no {name}, which Milvus does not know: "
        return NotSupportedError(message=f"{message}aiomilvus serve has it")
    kind = _CLASSES.get(code, MilvusException)
    return kind(message=f"{name} at {address} failed: {code.name}: {details}")


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


def with_tries(error: MilvusException, tries: int) -> MilvusException:
    """Return an error that tells, too, how often the call was tried without success."""
    if not tries:
        return error
    message = f"{error.message} (tried {tries + 1} times)"
    told = type(error)(error.code, message, error.compatible_code)
    told.retriable = error.retriable
    return told
