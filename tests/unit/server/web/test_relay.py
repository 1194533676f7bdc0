"""Connections that are handed on."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress

from aiomilvus.server.origins import Origins
from aiomilvus.server.web.relay import PREFACE, GrpcAddress, join


async def test_a_client_is_let_go_where_there_is_no_grpc() -> None:
    with socket.socket() as taken:  # bound, but not listening: who connects is refused
        taken.bind(("127.0.0.1", 0))
        host, port = taken.getsockname()
        nowhere = GrpcAddress(host, port, Origins())

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


async def test_whose_connection_it_is_is_known_while_it_lasts() -> None:
    origins, seen, ended = Origins(), asyncio.Queue[tuple[str, str]](), asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = writer.get_extra_info("peername")
        peer = f"ipv4:{host}:{port}"
        await reader.readexactly(len(PREFACE))
        seen.put_nowait((peer, origins.of(peer)))
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as grpc:
        address = GrpcAddress("127.0.0.1", grpc.sockets[0].getsockname()[1], origins)

        async def hand_on(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            await join(writer.transport, PREFACE, address)  # type: ignore[arg-type]
            ended.set()

        async with await asyncio.start_server(hand_on, "127.0.0.1", 0) as listening:
            reader, writer = await asyncio.open_connection(*listening.sockets[0].getsockname())
            host, port = writer.get_extra_info("sockname")
            peer, origin = await seen.get()
            assert origin == f"ipv4:{host}:{port}" != peer
            assert await reader.read() == b""
            writer.close()
            await ended.wait()
            assert origins.of(peer) == peer
