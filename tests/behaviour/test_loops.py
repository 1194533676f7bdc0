"""One client on several loops, threads and processes; cancelled, timed out, forgotten."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from aiomilvus import AsyncMilvusClient, DeadlineExceededError, MilvusClient, MilvusException

if TYPE_CHECKING:
    from pathlib import Path


def rows(start: int, count: int) -> list[dict[str, object]]:
    return [{"id": i, "vector": [float(i), 1.0]} for i in range(start, start + count)]


def count(client: MilvusClient) -> int:
    return int(client.query("c", output_fields=["count(*)"])[0]["count(*)"])


def test_a_client_made_without_a_loop_serves_a_hundred_loops() -> None:
    client = AsyncMilvusClient(":memory:")
    asyncio.run(client.create_collection("c", dimension=2))
    for number in range(100):
        asyncio.run(client.insert("c", rows(number, 1)))
    found = asyncio.run(client.query("c", output_fields=["count(*)"]))
    assert found == [{"count(*)": 100}]
    asyncio.run(client.close())


def test_both_clients_see_one_database(tmp_path: Path) -> None:
    uri = str(tmp_path / "x.db")
    client, async_client = MilvusClient(uri), AsyncMilvusClient(uri, token="root:Milvus")

    async def write() -> None:
        await async_client.create_collection("c", dimension=2)
        await async_client.insert("c", rows(0, 3))
        await async_client.close()

    asyncio.run(write())
    assert count(client) == 3
    client.close()


def test_a_client_serves_several_threads_at_once() -> None:
    client = AsyncMilvusClient(":memory:")
    asyncio.run(client.create_collection("c", dimension=2))
    failures: list[BaseException] = []

    async def work(start: int) -> None:
        await asyncio.gather(*(client.insert("c", rows(start + 10 * i, 10)) for i in range(5)))
        await asyncio.gather(*(client.search("c", [[1.0, 1.0]], limit=1) for _ in range(20)))

    def run(start: int) -> None:
        try:
            asyncio.run(work(start))
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            failures.append(error)

    threads = [threading.Thread(target=run, args=(1000 * i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert asyncio.run(client.query("c", output_fields=["count(*)"])) == [{"count(*)": 200}]
    asyncio.run(client.close())


async def test_searches_at_once_get_each_their_own_answer() -> None:
    async with AsyncMilvusClient(":memory:") as client:
        await client.create_collection("c", dimension=2, metric_type="L2")
        await client.insert("c", rows(0, 300))
        found = await asyncio.gather(
            *(client.search("c", [[float(i), 1.0]], limit=1) for i in range(300))
        )
        assert [hits[0][0]["id"] for hits in found] == list(range(300))


async def test_after_a_cancelled_call_the_next_one_works() -> None:
    async with AsyncMilvusClient(":memory:") as client:
        await client.create_collection("c", dimension=2)
        for turns in range(10):
            task = asyncio.ensure_future(client.insert("c", rows(1000 * turns, 1000)))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):  # a quick one is done before
                await task
        await client.insert("c", rows(100_000, 1))
        assert await client.get("c", 100_000, output_fields=["id"]) == [{"id": 100_000}]


async def test_a_call_that_takes_too_long_says_so_and_the_next_one_works() -> None:
    async with AsyncMilvusClient(":memory:") as client:
        await client.create_collection("c", dimension=2)
        backend: Any = client._backend
        turn = backend._handle.open().local.collection("", "c").writes.turn
        # Nobody can write while the test holds the writers' turn.
        with turn, pytest.raises(DeadlineExceededError, match=r"timeout of 0\.05 s"):
            await client.insert("c", rows(0, 5000), timeout=0.05)
        await client.insert("c", rows(10_000, 1))
        assert len(await client.get("c", 10_000)) == 1


def test_a_forgotten_client_warns_and_frees_the_directory(tmp_path: Path) -> None:
    forgotten = [MilvusClient(str(tmp_path / "x.db"))]

    def forget() -> None:
        forgotten.clear()
        gc.collect()

    with pytest.warns(ResourceWarning, match="unclosed MilvusClient"):
        forget()
    MilvusClient(str(tmp_path / "x.db")).close()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_is_told_to_make_its_own_client() -> None:
    client = MilvusClient(":memory:")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            client.list_collections()
            answer = b"no error"
        except MilvusException as error:
            answer = error.message.encode()
        os.write(writing, answer)
        os._exit(0)
    os.waitpid(child, 0)
    assert b"make a new client in the child" in os.read(reading, 1000)
    os.close(reading)
    os.close(writing)
    assert client.list_collections() == []
    client.close()


@pytest.mark.parametrize("uri", ["ftp://host", "", 5])
def test_an_address_of_no_known_kind_is_refused(uri: str) -> None:
    with pytest.raises(MilvusException, match="Illegal uri"):
        AsyncMilvusClient(uri)


def test_an_unknown_keyword_of_the_constructor_is_refused() -> None:
    with pytest.raises(TypeError, match="Did you mean 'server_name'"):
        MilvusClient(":memory:", servername="x")  # type: ignore[call-arg] # that is the point
