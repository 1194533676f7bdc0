"""Random requests of every RPC, many at a time, on a server in a process of its own.

    python -m tests.support.wire_fuzz REQUESTS [--seed 0] [--callers 16]

No request may end in a fault of the program (what a refusal says and what the server writes to its
log are looked at), remain without an answer for a minute, or end the server. Its memory is told
with each tenth of the requests. A database that no request names has to hold its rows at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio

from aiomilvus import AsyncMilvusClient, DataType, MilvusException
from aiomilvus.wire.proto.rpc import extension_names, names, rpc
from aiomilvus.wire.table.route import status_of
from tests.support.many_calls import served
from tests.support.wire_requests import random_request

if TYPE_CHECKING:
    from collections.abc import Iterator

SINGLE = tuple(name for name in (*names(), *extension_names()) if not rpc(name).server_streaming)
"""Every RPC with one answer."""
FAULTS = ("Traceback", "object has no attribute", "Error:", "unexpected keyword")
"""What a fault of the program, and nothing that is said to callers, has in its text."""
_NO_NODE = {"requests": {"node_num": 0}, "limits": {"node_num": 0}}
_KEPT, _ROWS = "kept", 2_000
_PATIENCE = 60.0


async def make_things(client: AsyncMilvusClient) -> None:
    """Make the collection that random requests name."""
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


async def make_again(client: AsyncMilvusClient) -> None:
    """Make the collection again where a request dropped it.

    The default resource group gets its node back first: nothing is loaded while another has it.
    """
    if await client.has_collection("things"):
        return
    for name in await client.list_resource_groups():
        if name != "__default_resource_group":
            await client.update_resource_groups({name: _NO_NODE})
            await client.drop_resource_group(name)
    await make_things(client)


async def ask(channel: grpc.aio.Channel, name: str, content: bytes) -> str:
    """Return what the refusal of a request says, "" for a success."""
    method = rpc(name)
    call: Any = channel.unary_unary(method.path)
    try:
        reply: Any = method.response.FromString(await call(content, timeout=_PATIENCE))
    except grpc.aio.AioRpcError as error:
        if _has_status(name):
            raise
        return error.details() or ""
    return str(status_of(reply).reason)


def _has_status(name: str) -> bool:
    response = rpc(name).response.DESCRIPTOR
    return "status" in response.fields_by_name or response.name == "Status"


def memory_of(process: int) -> int:
    """Return how many MB a process and those that it started hold (Linux)."""
    folder = Path(f"/proc/{process}")
    pages = int((folder / "statm").read_text().split()[1])
    started = (folder / "task" / str(process) / "children").read_text().split()
    return (pages * os.sysconf("SC_PAGE_SIZE") >> 20) + sum(
        memory_of(int(each)) for each in started
    )


class Fuzz:
    """Requests that are under way, and what came of them."""

    def __init__(self, requests: int, server: int) -> None:
        self._left = iter(range(requests))
        self._told = max(requests // 10, 1)
        self._server = server
        self.ends: Counter[str] = Counter()
        self.faults: list[str] = []

    async def call(self, uri: str, seed: str) -> None:
        """Send one request after the other, until all have been sent."""
        chance = random.Random(seed)
        address = uri.removeprefix("http://")
        async with grpc.aio.insecure_channel(address) as channel:
            for number in self._left:
                name = chance.choice(SINGLE)
                await self._one(channel, name, random_request(name, chance))
                if number % self._told == 0:
                    sys.stdout.write(f"{number} requests: {memory_of(self._server)} MB\n")
                    sys.stdout.flush()

    async def _one(self, channel: grpc.aio.Channel, name: str, content: bytes) -> None:
        try:
            said = await ask(channel, name, content)
        except grpc.aio.AioRpcError as error:
            self.ends["without a status"] += 1
            self.faults.append(f"{name}: {error.code()} {error.details()} {content[:200]!r}")
            return
        self.ends["refused" if said else "served"] += 1
        if any(text in said for text in FAULTS):
            self.faults.append(f"{name}: {said[:500]} {content[:200]!r}")


async def _keep_things(uri: str, done: asyncio.Event) -> None:
    async with AsyncMilvusClient(uri) as client:
        while not done.is_set():
            try:
                await make_again(client)
            except MilvusException as error:
                # Another request has dropped what is being made; the next turn makes it.
                sys.stdout.write(f"  not made: {error.message[:100]}\n")
            await asyncio.sleep(0.2)


def _kept_rows() -> Iterator[dict[str, Any]]:
    for key in range(_ROWS):
        yield {"id": key, "vector": [key, 1.0], "text": f"row {key}"}


async def fuzz(uri: str, requests: int, seed: int, callers: int, server: int) -> Fuzz:
    """Send so many requests; return what came of them."""
    async with AsyncMilvusClient(uri) as client:
        await client.create_database(_KEPT)
        await client.using_database(_KEPT)
        await client.create_collection(_KEPT, dimension=2)
        await client.insert(_KEPT, list(_kept_rows()))
        sent, done = Fuzz(requests, server), asyncio.Event()
        keeping = asyncio.ensure_future(_keep_things(uri, done))
        try:
            await asyncio.gather(*(sent.call(uri, f"{seed} {n}") for n in range(callers)))
        finally:
            done.set()
            await keeping
        found = await client.query(_KEPT, filter="id >= 0", limit=_ROWS + 1)
        if sorted(found, key=lambda row: row["id"]) != list(_kept_rows()):
            sent.faults.append("rows that no request named have changed")
    return sent


def main() -> int:
    """Return how many requests ended in a fault."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.wire_fuzz")
    parser.add_argument("requests", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--callers", type=int, default=16)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.txt"
        with served(f"{folder}/a.db", log=str(log)) as (uri, server):
            sent = asyncio.run(
                fuzz(uri, arguments.requests, arguments.seed, arguments.callers, server.pid)
            )
        logged = log.read_text()
    if "Traceback" in logged:
        sent.faults.append(logged[logged.index("Traceback") :][:3_000])
    for fault in sent.faults:
        sys.stdout.write(f"{fault}\n")
    sys.stdout.write(f"{dict(sent.ends)}, {len(sent.faults)} faults\n")
    return len(sent.faults)


if __name__ == "__main__":
    sys.exit(min(main(), 1))
