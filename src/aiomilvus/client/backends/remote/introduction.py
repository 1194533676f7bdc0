"""The first call to a server, in which a client says what it is and is given an identifier."""

from __future__ import annotations

import getpass
import socket
import time
from functools import cache
from typing import TYPE_CHECKING

import grpc
import grpc.aio
from google.protobuf.message import DecodeError

from aiomilvus.version import __version__
from aiomilvus.wire.proto import messages as pb
from aiomilvus.wire.proto.rpc import rpc

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

SDK = "aiomilvus"
CONNECT = "Connect"
"""The name of the call."""
LONGEST = 5.0
"""Seconds that it may take; then calls go without."""
_LATER = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
"""Failures after which the next call introduces the client again."""


class Introduction:
    """Whether a server knows the client, and by which identifier.

    A server lists the clients that are introduced, and when each was last active. That is all it
    is for: a server that does not know the call, or refuses it, is called as any other, and tells
    what is wrong in reply to what is asked. Calls that begin meanwhile do not wait for it.
    """

    __slots__ = ("_is_due", "identifier")

    def __init__(self) -> None:
        self.identifier = ""
        self._is_due = True

    @property
    def is_due(self) -> bool:
        """Whether the next call should introduce the client first."""
        return self._is_due

    def lapse(self) -> None:
        """Introduce the client again: the server was lost, and may be another process by now."""
        self._is_due = True

    async def make(self, send: Callable[[str, bytes], Awaitable[bytes]]) -> None:
        """Introduce the client; a failure is nothing to tell.

        Args:
            send: Sends a request to a path and returns the reply.
        """
        self._is_due = False
        try:
            content = await send(rpc(CONNECT).path, introduction())
        except grpc.aio.AioRpcError as error:
            self._is_due = error.code() in _LATER
            return
        except BaseException:
            self._is_due = True
            raise
        self.took(content)

    def took(self, content: bytes) -> None:
        """Take the identifier out of a server's reply."""
        self._is_due = False
        try:
            reply = pb.ConnectResponse.FromString(content)
        except DecodeError:
            return
        if reply.identifier:
            self.identifier = str(reply.identifier)


def introduction() -> bytes:
    """Return the request that says what a client is."""
    return pb.ConnectRequest(client_info=client_info()).SerializeToString()


def client_info() -> pb.ClientInfo:
    """Return what a client says it is."""
    user, host = _who()
    now = time.strftime("%Y-%m-%d %H:%M:%S")
    return pb.ClientInfo(
        sdk_type=SDK, sdk_version=__version__, local_time=now, user=user, host=host
    )


@cache
def _who() -> tuple[str, str]:
    """Return the names of the user and the machine."""
    try:
        user = getpass.getuser()
    except (ImportError, KeyError, OSError):  # a process in a container may have no name
        user = ""
    return user, socket.gethostname()
