"""How the server behaves: under load, at its limits, when clients leave, and when it is stopped."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from aiomilvus import AsyncMilvusClient, MilvusClient
from aiomilvus.client.backends.remote import channels, splitting
from aiomilvus.errors import (
    MilvusException,
    ParamTooLargeError,
    RateLimitError,
    SchemaMismatchRetryableException,
)
from aiomilvus.server import serve

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DIM = 8
VECTORS = np.random.default_rng(23).random((500, DIM), np.float32)


def rows(count: int, first: int = 0, text: str = "") -> list[dict[str, Any]]:
    return [
        {"id": first + n, "vector": VECTORS[n % len(VECTORS)], "text": text} for n in range(count)
    ]


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what nobody announces; the test's timeout ends it."""
    while not condition():  # noqa: ASYNC110 - there is no event to wait for
        await asyncio.sleep(0.001)


async def filled(client: AsyncMilvusClient, count: int = 200) -> None:
    await client.create_collection("things", dimension=DIM)
    await client.insert("things", rows(count))


async def test_what_is_too_much_at_a_time_waits_and_is_done(tmp_path: Path) -> None:
    async with (
        serve(tmp_path / "app.db", port=0, concurrency=4) as server,
        AsyncMilvusClient(server.uri, timeout=30) as client,
    ):
        await client.create_collection("things", dimension=DIM)
        writes = [client.insert("things", rows(1, n)) for n in range(60)]
        done = await asyncio.gather(*writes)
        assert sum(each["insert_count"] for each in done) == 60
        counted = await client.query("things", output_fields=["count(*)"])
        assert counted[0]["count(*)"] == 60


async def test_a_server_that_has_no_place_says_so_with_code_8(tmp_path: Path) -> None:
    async with (
        serve(tmp_path / "app.db", port=0, concurrency=0) as server,
        AsyncMilvusClient(server.uri) as client,
    ):
        with pytest.raises(RateLimitError, match="too many requests") as error:
            await client.list_collections(retry_times=2)
        assert (error.value.code, error.value.compatible_code) == (8, 49)


async def test_further_channels_are_opened_under_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "BUSY", 4)
    async with (
        serve(tmp_path / "app.db", port=0) as server,
        AsyncMilvusClient(server.uri) as client,
    ):
        await filled(client)
        backend: Any = client._backend  # the remote one
        channels_by_loop = backend._servers._server.channels._by_loop
        opened = channels_by_loop[asyncio.get_running_loop()].channels
        assert len(opened) == 1
        found = await asyncio.gather(*[client.get("things", n) for n in range(40)])
        assert [rows[0]["id"] for rows in found] == list(range(40))
        assert len(opened) == channels.MOST
        assert [each.calls for each in opened] == [0] * channels.MOST


async def test_messages_beyond_the_limits_are_refused_and_the_server_lives_on(
    tmp_path: Path,
) -> None:
    limits = {"receive_bytes": 100_000, "send_bytes": 50_000}
    async with (
        serve(tmp_path / "app.db", port=0, **limits) as server,
        AsyncMilvusClient(server.uri) as client,
    ):
        await client.create_collection("things", dimension=DIM)
        with pytest.raises(ParamTooLargeError):
            await client.insert("things", rows(200, text="x" * 1000))
        for first in range(0, 200, 50):
            await client.insert("things", rows(50, first, "x" * 1000))
        with pytest.raises(ParamTooLargeError, match="fewer rows") as error:
            await client.query("things", filter="id >= 0", output_fields=["text"])
        assert error.value.code == 1102
        assert len(await client.query("things", filter="id < 9", output_fields=["text"])) == 9


async def test_who_leaves_is_not_waited_for(tmp_path: Path) -> None:
    async with (
        serve(tmp_path / "app.db", port=0) as server,
        AsyncMilvusClient(server.uri) as client,
    ):
        await filled(client, 500)
        service = server.service
        calls = [
            asyncio.create_task(client.search("things", list(VECTORS), limit=500, filter="id >= 0"))
            for _ in range(40)
        ]
        await until(lambda: service.under_way >= 20)
        for call in calls:
            call.cancel()
        assert all(
            isinstance(each, asyncio.CancelledError)
            for each in await asyncio.gather(*calls, return_exceptions=True)
        )
        await until(lambda: not service.under_way)
        assert len((await client.search("things", [VECTORS[0]], limit=3))[0]) == 3


async def test_large_writes_go_in_parts_and_a_failure_tells_how_many_came_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(splitting, "PART_BYTES", 20_000)
    async with (
        serve(tmp_path / "app.db", port=0, receive_bytes=100_000) as server,
        AsyncMilvusClient(server.uri) as client,
    ):
        await client.create_collection("things", dimension=DIM)
        answer = await client.insert("things", rows(2000))
        assert answer["insert_count"] == len(answer["ids"]) == 2000
        backend: Any = client._backend
        send = backend._send
        sent = 0

        async def failing(operation: Any, budget: Any) -> Any:
            nonlocal sent
            is_part = hasattr(operation, "batch")
            sent += is_part
            if is_part and sent == 3:
                raise SchemaMismatchRetryableException(message="changed meanwhile")
            return await send(operation, budget)

        monkeypatch.setattr(backend, "_send", failing)
        with pytest.raises(
            MilvusException, match=r"the first \d+ of 2000 rows are written"
        ) as error:
            await client.insert("things", rows(2000, 5000))
        assert sent == 3  # and the whole was not repeated
        written = int(str(error.value).split("the first ")[1].split()[0])
        counted = await client.query("things", filter="id >= 5000", output_fields=["count(*)"])
        assert counted[0]["count(*)"] == written


async def test_a_session_reads_what_it_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        serve(tmp_path / "app.db", port=0) as server,
        AsyncMilvusClient(server.uri) as client,
    ):
        await client.create_collection("things", dimension=DIM, consistency_level="Session")
        await client.insert("things", rows(3))
        asked: list[Any] = []
        backend: Any = client._backend
        exchange = backend._exchange

        async def watching(route: Any, schema: Any, operation: Any, budget: Any) -> Any:
            asked.append(operation)
            return await exchange(route, schema, operation, budget)

        monkeypatch.setattr(backend, "_exchange", watching)
        await client.query("things", filter="id >= 0", consistency_level="Session")
        assert asked[-1].guarantee_timestamp == backend._written["", "things"] > 1
        await client.query("things", filter="id >= 0")  # at the collection's level, which is it
        assert asked[-1].guarantee_timestamp == backend._written["", "things"]
        await client.query("things", filter="id >= 0", consistency_level="Eventually")
        assert asked[-1].guarantee_timestamp == 0


def test_a_stopped_server_finishes_what_it_began(tmp_path: Path) -> None:
    path = str(tmp_path / "app.db")
    command = [sys.executable, "-u", "-c", "from aiomilvus.cli.main import main; main()"]
    with subprocess.Popen(
        [*command, "serve", path, "--port", "0"], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        uri = server.stdout.readline().split()[-1]
        acknowledged = asyncio.run(_write_until_stopped(uri, server))
        assert server.wait(30) == 0
    assert acknowledged > 0
    with MilvusClient(path) as client:
        counted = client.query("things", output_fields=["count(*)"])[0]["count(*)"]
    assert counted >= acknowledged * 50
    assert counted % 50 == 0  # each request whole or not at all


async def _write_until_stopped(uri: str, server: subprocess.Popen[str]) -> int:
    async with AsyncMilvusClient(uri, timeout=10) as client:
        await client.create_collection("things", dimension=DIM)
        writes = [asyncio.create_task(client.insert("things", rows(50, n * 50))) for n in range(60)]
        await until(lambda: any(each.done() for each in writes))
        server.send_signal(signal.SIGTERM)
        done = await asyncio.gather(*writes, return_exceptions=True)
    return sum(isinstance(each, dict) for each in done)
