"""Requests of every RPC over a real socket, with odd and broken content: refused, never a fault."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio
import pytest

from aiomilvus import AsyncMilvusClient, DataType
from aiomilvus.server import serve
from aiomilvus.wire.proto.rpc import extension_names, names, rpc
from aiomilvus.wire.table.route import status_of
from tests.support.wire_requests import random_request

if TYPE_CHECKING:
    from pathlib import Path

SEEDS = range(int(os.environ.get("FUZZ_SEED", "0")), int(os.environ.get("FUZZ_SEED", "0")) + 4)
ROUNDS = int(os.environ.get("FUZZ_ROUNDS", "6"))
"""Requests of each RPC for a seed. More: FUZZ_SEED=9 FUZZ_ROUNDS=1000 pytest …"""
NO_NODE = {"requests": {"node_num": 0}, "limits": {"node_num": 0}}
_STREAMS = tuple(name for name in names() if rpc(name).server_streaming)
_SINGLE = tuple(name for name in (*names(), *extension_names()) if name not in _STREAMS)
_TEXTS_OF_FAULTS = ("Traceback", "object has no attribute", "Error:", "unexpected keyword")
"""What a fault of the program, and nothing that is said to callers, has in its text."""


async def make_things(client: AsyncMilvusClient) -> None:
    schema = client.create_schema(enable_dynamic_field=True)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("text", DataType.VARCHAR, max_length=100, nullable=True)
    schema.add_field("meta", DataType.JSON, nullable=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=2)
    await client.create_collection("things", schema=schema)
    index = client.prepare_index_params()
    index.add_index("vector", index_type="HNSW", metric_type="COSINE")
    await client.create_index("things", index)
    await client.load_collection("things")
    rows = [{"id": n, "text": str(n), "meta": {"a": n}, "vector": [1, n], "x": n} for n in range(9)]
    await client.insert("things", rows)


async def drop_groups(client: AsyncMilvusClient) -> None:
    """Give the default resource group its node back: nothing is loaded while another has it."""
    for name in await client.list_resource_groups():
        if name != "__default_resource_group":
            await client.update_resource_groups({name: NO_NODE})
            await client.drop_resource_group(name)


async def ask(channel: grpc.aio.Channel, name: str, content: bytes) -> str:
    """Return what the refusal of a request says, "" for a success."""
    method = rpc(name)
    call: Any = channel.unary_unary(method.path)
    try:
        reply: Any = method.response.FromString(await call(content, timeout=60))
    except grpc.aio.AioRpcError as error:
        if has_status(name):
            raise
        return error.details() or ""
    return str(status_of(reply).reason)


def has_status(name: str) -> bool:
    fields = rpc(name).response.DESCRIPTOR.fields_by_name
    return "status" in fields or rpc(name).response.DESCRIPTOR.name == "Status"


@pytest.mark.parametrize("seed", SEEDS)
async def test_no_request_of_any_rpc_is_a_fault(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, seed: int
) -> None:
    chance = random.Random(seed)
    async with (
        serve(tmp_path / "app.db", port=0) as server,
        AsyncMilvusClient(server.uri) as client,
        grpc.aio.insecure_channel(server.uri.removeprefix("http://")) as channel,
    ):
        await make_things(client)
        for _ in range(ROUNDS):
            for name in _SINGLE:
                content = random_request(name, chance)
                said = await ask(channel, name, content)
                found = [text for text in _TEXTS_OF_FAULTS if text in said]
                assert not found, f"{name}: {said[:500]} {content[:200]!r}"
                faults = [each for each in caplog.records if each.levelname == "ERROR"]
                assert not faults, f"{name}: {faults[0].exc_text} {content[:200]!r}"
            if not await client.has_collection("things"):
                await drop_groups(client)
                await make_things(client)
        await client.create_collection("after", dimension=2)
        assert (await client.insert("after", [{"id": 1, "vector": [1.0, 2.0]}]))[
            "insert_count"
        ] == 1
