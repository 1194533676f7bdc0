"""The embedded door: long reads beside short ones, too many at once, timeouts, cancellation."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from aiomilvus import AsyncMilvusClient, DeadlineExceededError, MilvusClient
from aiomilvus.client.backends.embedded import search_pool
from aiomilvus.client.backends.embedded.search_pool import ThreadPools, Waiter
from aiomilvus.engine.database import Database
from aiomilvus.errors import ConnectionNotExistException, RateLimitError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiomilvus.model.operations.base import Operation


class Gate:
    """Holds up operations of one kind until it is opened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
        self.opened = threading.Event()
        self.entered = threading.Semaphore(0)
        execute = Database.execute

        def held(database: Database, operation: Operation[Any]) -> Any:
            if type(operation).__name__ == kind:
                self.entered.release()
                assert self.opened.wait(20)
            return execute(database, operation)

        monkeypatch.setattr(Database, "execute", held)


@pytest.fixture
def pool() -> Iterator[tuple[ThreadPools, threading.Event]]:
    """Return workers whose long work waits for an event."""
    opened = threading.Event()

    def run(operations: list[Any]) -> list[Any]:
        if "long" in operations:
            assert opened.wait(20)
        return operations

    made = ThreadPools(run, threads=2)
    yield made, opened
    opened.set()
    made.close()


async def test_short_reads_do_not_wait_for_long_ones(
    pool: tuple[ThreadPools, threading.Event],
) -> None:
    shared, opened = pool
    loop = asyncio.get_running_loop()
    long = [Waiter("long", None, loop, is_long=True) for _ in range(8)]
    short = [Waiter(i, "same", loop) for i in range(50)]
    for waiter in (*long, *short):
        shared.submit(waiter)
    answers = await asyncio.wait_for(asyncio.gather(*(w.future for w in short)), 10)
    assert answers == list(range(50))
    assert not any(waiter.future.done() for waiter in long)
    opened.set()
    assert await asyncio.gather(*(w.future for w in long)) == ["long"] * 8


async def test_a_cancelled_caller_leaves_its_batch_alone(
    pool: tuple[ThreadPools, threading.Event],
) -> None:
    shared, opened = pool
    loop = asyncio.get_running_loop()
    waiters = [Waiter("long", "same", loop, is_long=True) for _ in range(6)]
    for waiter in waiters:
        shared.submit(waiter)
    waiters[3].future.cancel()
    opened.set()
    answers = await asyncio.gather(*(w.future for w in waiters), return_exceptions=True)
    assert isinstance(answers.pop(3), asyncio.CancelledError)
    assert answers == ["long"] * 5


async def test_a_call_that_comes_as_another_thread_closes_is_refused_as_any_later_one() -> None:
    shared = ThreadPools(list, threads=2)
    shared.close()
    loop = asyncio.get_running_loop()
    with pytest.raises(ConnectionNotExistException, match="should create connection first"):
        shared.submit(Waiter("short", None, loop))
    with pytest.raises(ConnectionNotExistException, match="should create connection first"):
        shared.submit_write(dict, loop)


async def test_what_no_thread_could_be_started_for_leaves_room_for_the_next(
    pool: tuple[ThreadPools, threading.Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    shared, _ = pool
    loop = asyncio.get_running_loop()

    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        for _ in range(3):
            with pytest.raises(RuntimeError, match="can't start new thread"):
                shared.submit(Waiter("short", None, loop))
    assert shared.is_idle
    later = Waiter("later", None, loop)
    shared.submit(later)
    assert await asyncio.wait_for(later.future, 10) == "later"


async def test_a_batch_takes_a_share_of_what_waits_the_oldest_first() -> None:
    opened, entered, batches = threading.Event(), threading.Event(), []

    def run(operations: list[Any]) -> list[Any]:
        entered.set()
        assert opened.wait(20)
        batches.append(operations)
        return operations

    shared = ThreadPools(run, threads=1)
    loop = asyncio.get_running_loop()
    first = Waiter("first", None, loop)
    shared.submit(first)
    await asyncio.to_thread(entered.wait, 20)
    waiters = [Waiter(f"{'ab'[at % 2]}{at}", at % 2, loop) for at in range(10)]
    for waiter in waiters:
        shared.submit(waiter)
    opened.set()
    answers = await asyncio.gather(first.future, *(w.future for w in waiters))
    shared.close()
    assert answers == ["first", *(w.operation for w in waiters)]
    assert batches[:3] == [["first"], ["a0", "a2", "a4", "a6", "a8"], ["b1", "b3", "b5"]]
    assert all(len({name[0] for name in batch}) == 1 for batch in batches)


async def test_a_batch_looks_at_few_that_agree_with_no_other() -> None:
    count, compared = 2000, 0

    class Key:
        def __hash__(self) -> int:
            return id(self)

        def __eq__(self, _: object) -> bool:
            nonlocal compared
            compared += 1
            return False

    shared = ThreadPools(lambda operations: operations, threads=1)
    loop = asyncio.get_running_loop()
    waiters = [Waiter(i, Key(), loop) for i in range(count)]
    with shared._lock:
        shared._waiting.extend(waiters[1:])
    shared.submit(waiters[0])
    answers = await asyncio.wait_for(asyncio.gather(*(w.future for w in waiters)), 30)
    assert answers == list(range(count))
    assert compared <= count * search_pool.MOST_PASSED
    shared.close()


async def test_brief_searches_leave_the_loop_a_processor_until_they_crowd(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened, entered = threading.Event(), threading.Semaphore(0)

    def run(operations: list[Any]) -> list[Any]:
        entered.release()
        assert opened.wait(20)
        return operations

    monkeypatch.setattr(search_pool, "CROWD", 5)
    shared = ThreadPools(run, threads=3)
    loop = asyncio.get_running_loop()
    brief = [Waiter(at, at, loop, is_brief=True) for at in range(9)]
    for waiter in brief[:7]:
        shared.submit(waiter)
    for _ in range(2):
        assert await asyncio.to_thread(entered.acquire, timeout=20)
    assert (shared._busy, shared.waiting) == (2, 5)
    shared.submit(brief[7])
    assert await asyncio.to_thread(entered.acquire, timeout=20)
    assert (shared._busy, shared.waiting) == (3, 5)
    shared.submit(brief[8])
    opened.set()
    assert await asyncio.gather(*(w.future for w in brief)) == list(range(9))
    shared.close()


async def test_a_brief_search_has_a_thread_beside_one_that_is_not() -> None:
    opened = threading.Event()
    shared = ThreadPools(
        lambda asked: [opened.wait(20) if a == "mid" else a for a in asked], threads=2
    )
    loop = asyncio.get_running_loop()
    mid, brief = Waiter("mid", None, loop), Waiter("brief", None, loop, is_brief=True)
    for waiter in (mid, brief):
        shared.submit(waiter)
    assert await asyncio.wait_for(brief.future, 10) == "brief"
    opened.set()
    assert await mid.future
    shared.close()


async def test_few_tasks_share_the_loop_and_many_have_threads() -> None:
    async with AsyncMilvusClient(":memory:") as client:
        await client.create_collection("c", dimension=2)
        await client.insert("c", [{"id": i, "vector": [float(i), 1.0]} for i in range(50)])

        async def ask(at: int) -> None:
            for _ in range(40):
                found = await client.search("c", [[float(at), 1.0]], limit=50)
                assert len(found[0]) == 50

        backend: Any = client._backend
        backend._workers.submit = None  # a search that has to wait in the pool fails
        await asyncio.gather(*(ask(at) for at in range(8)))
        del backend._workers.submit
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0)

        others = asyncio.ensure_future(tick())
        await asyncio.gather(*(ask(at) for at in range(40)))
        others.cancel()
        assert ticks > 40


async def test_too_many_waiting_reads_are_refused_and_the_rest_served(
    pool: tuple[ThreadPools, threading.Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    shared, opened = pool
    monkeypatch.setattr(search_pool, "MOST_WAITING", 20)
    loop = asyncio.get_running_loop()
    taken = [Waiter("long", None, loop, is_long=True) for _ in range(2)]
    for waiter in taken:
        shared.submit(waiter)
    while shared.waiting:  # noqa: ASYNC110 - until the threads have taken both
        await asyncio.sleep(0.001)
    taken += [Waiter("long", None, loop, is_long=True) for _ in range(20)]
    for waiter in taken[2:]:
        shared.submit(waiter)
    with pytest.raises(RateLimitError, match="20 searches are waiting already") as caught:
        shared.submit(Waiter("long", None, loop, is_long=True))
    assert caught.value.code == 8
    short = Waiter("short", None, loop)
    shared.submit(short)
    assert await asyncio.wait_for(short.future, 10) == "short"
    opened.set()
    assert await asyncio.gather(*(w.future for w in taken)) == ["long"] * len(taken)


async def test_too_many_waiting_writes_are_refused_and_the_rest_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(search_pool, "MOST_WAITING", 30)
    async with AsyncMilvusClient(":memory:") as client:
        await client.create_collection("c", dimension=2)
        gate = Gate(monkeypatch, "Insert")
        calls = [
            asyncio.ensure_future(client.insert("c", [{"id": i, "vector": [1.0, 2.0]}]))
            for i in range(50)
        ]
        done, _ = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
        assert all(isinstance(call.exception(), RateLimitError) for call in done)
        gate.opened.set()
        answers = await asyncio.gather(*calls, return_exceptions=True)
        made = [answer for answer in answers if not isinstance(answer, BaseException)]
        assert len(made) == 30
        assert all(isinstance(a, RateLimitError) for a in answers if isinstance(a, BaseException))
        found = await client.query("c", "", output_fields=["count(*)"])
        assert found[0]["count(*)"] == 30
        await client.insert("c", [{"id": 100, "vector": [1.0, 2.0]}])


ROW = {"id": 1, "vector": [1.0, 2.0]}
WRITES = {
    "Insert": lambda client: client.insert("c", [ROW], timeout=0.01),
    "Upsert": lambda client: client.upsert("c", [ROW], timeout=0.01),
    "Delete": lambda client: client.delete("c", ids=[1], timeout=0.01),
}


@pytest.mark.parametrize("operation", WRITES)
async def test_a_write_that_times_out_says_what_it_was(
    operation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = rf"^{operation} took longer than the timeout of 0\.01 s$"
    async with AsyncMilvusClient(":memory:") as client:
        await client.create_collection("c", dimension=2)
        gate = Gate(monkeypatch, operation)
        with pytest.raises(DeadlineExceededError) as late:
            await WRITES[operation](client)
        gate.opened.set()
        assert re.search(message, late.value.message)


@pytest.mark.parametrize("operation", WRITES)
def test_a_synchronous_write_that_times_out_says_what_it_was(
    operation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = rf"^{operation} took longer than the timeout of 0\.01 s$"
    with MilvusClient(":memory:") as client:
        client.create_collection("c", dimension=2)
        gate = Gate(monkeypatch, operation)
        with pytest.raises(DeadlineExceededError) as late:
            WRITES[operation](client)
        gate.opened.set()
        assert re.search(message, late.value.message)


def test_a_synchronous_call_keeps_its_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    with MilvusClient(":memory:") as client:
        client.create_collection("c", dimension=2)
        gate = Gate(monkeypatch, "Insert")
        began = time.perf_counter()
        with pytest.raises(DeadlineExceededError, match=r"longer than the timeout of 0\.05 s"):
            client.insert("c", [{"id": 1, "vector": [1.0, 2.0]}], timeout=0.05)
        assert time.perf_counter() - began < 15
        gate.opened.set()
        client.insert("c", [{"id": 2, "vector": [1.0, 2.0]}], timeout=20)
        assert client.get("c", 2, timeout=20)[0]["id"] == 2


def test_a_synchronous_client_has_a_timeout_for_all_its_calls(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with MilvusClient(":memory:", timeout=0.05) as client:
        client.create_collection("c", dimension=2, timeout=20)
        gate = Gate(monkeypatch, "Flush")
        with pytest.raises(DeadlineExceededError):
            client.flush("c")
        gate.opened.set()
        client.flush("c", timeout=20)
        assert client.search("c", [[1.0, 2.0]], timeout=20) == [[]]


def test_a_refusal_within_a_timeout_is_raised_as_it_is() -> None:
    with MilvusClient(":memory:") as client, pytest.raises(Exception, match="nowhere"):
        client.flush("nowhere", timeout=20)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"threads": 0}, "`threads` value 0 is illegal, should be at least 1"),
        ({"memory": 5}, "`memory` value 5 is illegal"),
        ({"memory": "2GB"}, "`memory` value '2GB' is illegal, should be a whole number"),
    ],
)
def test_settings_that_no_work_can_be_done_with_are_refused(
    tmp_path: Any, options: dict[str, Any], text: str
) -> None:
    with pytest.raises(Exception, match=text):
        MilvusClient(str(tmp_path / "x.db"), **options)


def test_one_database_has_one_set_of_settings(tmp_path: Any) -> None:
    uri = str(tmp_path / "x.db")
    with MilvusClient(uri, threads=1):
        with pytest.raises(Exception, match="is open in this process with"):
            MilvusClient(uri, threads=2)
        with MilvusClient(uri) as again:
            assert again.list_collections() == []
