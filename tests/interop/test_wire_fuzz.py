"""Requests of every RPC over a real socket, with odd and broken content: refused, never a fault."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

import grpc.aio
import pytest

from aiomilvus import AsyncMilvusClient
from aiomilvus.server import serve
from tests.support.wire_fuzz import FAULTS, SINGLE, ask, make_again
from tests.support.wire_requests import random_request

if TYPE_CHECKING:
    from pathlib import Path

SEEDS = range(int(os.environ.get("FUZZ_SEED", "0")), int(os.environ.get("FUZZ_SEED", "0")) + 4)
ROUNDS = int(os.environ.get("FUZZ_ROUNDS", "6"))
"""Requests of each RPC for a seed. More: FUZZ_SEED=9 FUZZ_ROUNDS=1000 pytest …"""


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
        for _ in range(ROUNDS):
            await make_again(client)
            for name in SINGLE:
                content = random_request(name, chance)
                said = await ask(channel, name, content)
                found = [text for text in FAULTS if text in said]
                assert not found, f"{name}: {said[:500]} {content[:200]!r}"
                faults = [each for each in caplog.records if each.levelname == "ERROR"]
                assert not faults, f"{name}: {faults[0].exc_text} {content[:200]!r}"
        await client.create_collection("after", dimension=2)
        assert (await client.insert("after", [{"id": 1, "vector": [1.0, 2.0]}]))[
            "insert_count"
        ] == 1
