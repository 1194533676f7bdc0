"""The HTTP port lets clients of gRPC in, too: one address for both, as Milvus has it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx
import numpy as np
import pytest

from aiomilvus import AsyncMilvusClient, MilvusException
from aiomilvus.server import serve

if TYPE_CHECKING:
    from pathlib import Path

    from aiomilvus.server import Server
    from tests.behaviour.rest.conftest import Rest

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


async def test_both_speak_at_one_address(rest: Rest, server: Server) -> None:
    vectors = np.random.default_rng(1).normal(size=(1000, 256)).astype(np.float32)
    async with AsyncMilvusClient(server.http_uri) as client:
        await client.create_collection("things", dimension=256, metric_type="L2")
        rows = [{"id": n, "vector": vector} for n, vector in enumerate(vectors)]
        await client.insert("things", rows)
        found = await rest("entities/get", {"collectionName": "things", "id": 7})
        assert found[0]["vector"] == pytest.approx(vectors[7].tolist())
        searches = (client.search("things", vectors[n : n + 1], limit=1) for n in range(20))
        hits = await asyncio.gather(*searches)
        assert [each[0][0]["id"] for each in hits] == list(range(20))
        told = await client.query("things", filter="id >= 0", output_fields=["vector"])
        assert np.array_equal([row["vector"] for row in told], vectors)
        assert await rest("collections/list") == ["things"]


async def test_a_server_that_stops_ends_what_it_handed_on(tmp_path: Path) -> None:
    server = serve(tmp_path / "x.db", port=0, http_port=0, grace=0.5)
    await server.start()
    async with AsyncMilvusClient(server.http_uri, timeout=5) as client:
        assert await client.list_collections() == []
        await server.stop()
        with pytest.raises(MilvusException):
            await client.list_collections(timeout=0.2)


async def test_a_beginning_may_come_in_parts_and_end_early(server: Server) -> None:
    address = httpx.URL(server.http_uri)
    for part in (1, len(PREFACE) - 1):
        reader, writer = await asyncio.open_connection(address.host, address.port)
        writer.write(PREFACE[:part])
        await asyncio.sleep(0)
        writer.write(PREFACE[part:] + b"\0\0\0\4\0\0\0\0\0")  # settings, none of them
        assert (await reader.readexactly(4))[3] == 4  # gRPC's settings
        writer.close()
        await writer.wait_closed()
    reader, writer = await asyncio.open_connection(address.host, address.port)
    writer.write(PREFACE[:3] + b"NT / HTTP/1.1\r\n\r\n")
    assert (await reader.read()).startswith(b"HTTP/1.1 400 ")
    writer.close()
    await writer.wait_closed()


async def test_users_and_passwords_count_there_as_well(tmp_path: Path) -> None:
    settings = {"auth": True, "root_password": "changed-1", "port": 0, "http_port": 0}
    async with serve(tmp_path / "x.db", grace=1.0, **settings) as server:
        async with AsyncMilvusClient(server.http_uri, token="root:changed-1") as client:
            assert await client.list_users() == ["root"]
        with pytest.raises(MilvusException):
            async with AsyncMilvusClient(server.http_uri, token="root:Milvus") as client:
                await client.list_users()
