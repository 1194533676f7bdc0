"""Handing a connection on: what comes at one end is written at the other.

Clients of gRPC begin with HTTP/2, which the HTTP port does not speak; gRPC's own port does. So a
connection that begins like that is joined with a new one to there.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from aiomilvus.server.origins import Origins

_log = logging.getLogger(__name__)

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
"""What a connection of HTTP/2 begins with."""


class GrpcAddress(NamedTuple):
    """Where gRPC is answered, and who shall know whose connections come from here."""

    host: str
    port: int
    origins: Origins


class _End(asyncio.Protocol):
    """One of two connections that are joined; when one ends, so does the other."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport
        self.other: _End
        self.lost = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]  # that of a connection

    def data_received(self, data: bytes) -> None:
        self.other.transport.write(data)

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002 - as asyncio calls it
        self.lost.set()
        self.other.transport.close()

    def pause_writing(self) -> None:
        self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        self.other.transport.resume_reading()


async def join(transport: asyncio.Transport, begun: bytes, address: GrpcAddress) -> None:
    """Join a connection with a new one to an address, until both have ended.

    Args:
        transport: The connection, which is not read meanwhile.
        begun: What came by it already.
        address: Where to connect to.
    """
    ours, its = _End(), _End()
    ours.other, its.other = its, ours
    ours.connection_made(transport)
    loop = asyncio.get_running_loop()
    try:
        await loop.create_connection(lambda: its, address.host, address.port)
    except OSError as error:
        _log.warning("can't reach gRPC for a client of the HTTP port: %s", error)
        transport.abort()
        return
    try:
        if transport.is_closing():
            return
        with address.origins.noted(transport, its.transport):
            transport.set_protocol(ours)
            its.transport.write(begun)
            transport.resume_reading()
            await ours.lost.wait()
            await its.lost.wait()
    finally:
        its.transport.abort()
        transport.abort()
