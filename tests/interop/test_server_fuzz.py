"""Requests with broken bytes get a reply with a status, and the server lives on."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio
import numpy as np

from aiomilvus import AsyncMilvusClient
from aiomilvus.model.batch import ColumnBatch
from aiomilvus.model.columns import FixedColumn, VectorColumn
from aiomilvus.model.operations.data import Delete, Insert, Query, Search
from aiomilvus.server import serve
from aiomilvus.wire.table.lookup import route_of
from aiomilvus.wire.table.route import parse, status_of
from tests.support.examples import examples

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from aiomilvus.model.schema import Schema
    from aiomilvus.wire.table.route import Route

MUTATIONS = examples(10_000)
SEED = 20


def mutated(content: bytes, chance: random.Random) -> bytes:
    """Return the bytes with some flipped, dropped, or repeated."""
    broken = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(broken))
        kind = chance.randrange(3)
        if kind == 0:
            broken[place] = chance.randrange(256)
        elif kind == 1 and len(broken) > 2:
            del broken[place : place + chance.randint(1, 8)]
        else:
            broken[place:place] = broken[place : place + chance.randint(1, 8)]
        if not broken:
            return b"\xff"
    return bytes(broken)


def rows_of(route: Route, sent: bytes, schema: Schema) -> dict[int, tuple[float, ...]]:
    """Return the vectors that an insert says, by key."""
    insert: Any = route.decode_request(parse(route.rpc.request, sent), schema)
    batch = insert.batch
    keys, vectors = batch["id"].values, batch["vector"].values
    return {int(key): tuple(vector.tolist()) for key, vector in zip(keys, vectors, strict=True)}


async def test_broken_requests_are_refused_and_the_server_lives_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    chance = random.Random(SEED)
    async with (
        serve(tmp_path / "app.db", port=0) as server,
        AsyncMilvusClient(server.uri) as client,
    ):
        await client.create_collection("c", dimension=2, auto_id=False)
        schema = await client._backend.schema("", "c", None)
        vectors = VectorColumn(np.ones((2, 2), np.float32))
        keys = FixedColumn(np.array([1, 2], np.int64))
        batch = ColumnBatch(2, {"id": keys, "vector": vectors})
        operations = [
            Insert(collection="c", batch=batch),
            Search(collection="c", data=vectors, field="vector", params={"ef": 8}),
            Query(collection="c", filter="id > 1", limit=3),
            Delete(collection="c", filter="id > 76 and id < 78"),
        ]
        requests = [(route_of(op), route_of(op).encode_request(op, schema)) for op in operations]
        async with grpc.aio.insecure_channel(server.uri.removeprefix("http://")) as channel:
            expected = 0
            rows: dict[int, tuple[float, ...]] = {}
            for number in range(MUTATIONS):
                route, content = requests[number % len(requests)]
                call: Any = channel.unary_unary(route.rpc.path)
                sent = mutated(content, chance)
                reply = await call(sent, timeout=20)
                answer: Any = route.rpc.response.FromString(reply)
                if status_of(answer).code == 0 and route.rpc.name in ("Insert", "Delete"):
                    expected += answer.insert_cnt - answer.delete_cnt
                    if route.rpc.name == "Insert":
                        rows.update(rows_of(route, sent, schema))
        assert await client.has_collection("c")
        counted = await client.query("c", output_fields=["count(*)"])
        # What was refused left nothing, what was acknowledged is there.
        assert counted[0]["count(*)"] == expected > 0
        pages = client.query_iterator("c", output_fields=["id", "vector"])
        kept = {row["id"]: tuple(row["vector"]) async for page in pages for row in page}
        # Of each key the row that was acknowledged last, in all its numbers.
        assert kept == rows
    faults = [record for record in caplog.records if record.name.startswith("aiomilvus")]
    assert not faults
