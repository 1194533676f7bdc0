"""Connections that are handed on."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress

from aiomilvus.server.web.relay import PREFACE, GrpcAddress, join


async def test_a_client_is_let_go_where_there_is_no_grpc() -> None:
    with socket.socket() as taken:  # bound, but not listening: who connects is refused
        taken.bind(("127.0.0.1", 0))
        nowhere = GrpcAddress(*taken.getsockname())

        async def hand_on(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            await join(writer.transport, PREFACE, nowhere)  # type: ignore[arg-type]

        async with await asyncio.start_server(hand_on, "127.0.0.1", 0) as listening:
            address = listening.sockets[0].getsockname()
            reader, writer = await asyncio.open_connection(*address)
            with suppress(ConnectionError):
                assert await reader.read() == b""
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
