"""Whatever ends work in a thread is told to who waits for it, and the thread goes on."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest

from aiomilvus.client.backends.embedded import search_pool
from aiomilvus.client.backends.embedded.search_pool import ThreadPools, Waiter
from aiomilvus.model.read_limits import end_if_abandoned

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

ENDS = [
    StopIteration("odd"),
    asyncio.CancelledError("odd"),
    SystemExit("odd"),
    KeyboardInterrupt("odd"),
    GeneratorExit("odd"),
    MemoryError("odd"),
    ValueError("odd"),
]


def run_batch(operations: list[Any]) -> list[Any]:
    for operation in operations:
        while operation == "for ever":
            end_if_abandoned()
        if isinstance(operation, BaseException):
            raise operation
    return [] if "too few" in operations else list(operations)


@pytest.fixture
async def workers() -> AsyncIterator[ThreadPools]:
    made = ThreadPools(run_batch, threads=1)
    yield made
    made.close()


async def until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110 - counted by threads, which know of no event
        await asyncio.sleep(0)


async def found(workers: ThreadPools, operation: Any, *, is_long: bool) -> Any:
    waiter = Waiter(operation, None, asyncio.get_running_loop(), is_long=is_long)
    workers.submit(waiter)
    return await asyncio.wait_for(waiter.future, 30)


@pytest.mark.parametrize("end", ENDS, ids=lambda end: type(end).__name__)
@pytest.mark.parametrize("is_long", [False, True])
async def test_a_search_is_told_what_ended_it(
    workers: ThreadPools, end: BaseException, is_long: bool
) -> None:
    for _ in range(3):  # more often than there are threads
        with pytest.raises(Exception, match="odd"):
            await found(workers, end, is_long=is_long)
    assert await found(workers, "next", is_long=is_long) == "next"
    await until(lambda: workers.is_idle and not workers._busy_long)


async def test_a_batch_without_an_answer_for_each_is_an_error(workers: ThreadPools) -> None:
    with pytest.raises(RuntimeError, match="0 answers for 1 searches"):
        await found(workers, "too few", is_long=False)
    assert await found(workers, "next", is_long=False) == "next"


@pytest.mark.parametrize("end", ENDS, ids=lambda end: type(end).__name__)
async def test_a_write_is_told_what_ended_it(workers: ThreadPools, end: BaseException) -> None:
    def work() -> Any:
        raise end

    with pytest.raises(Exception, match="odd"):
        await asyncio.wait_for(workers.submit_write(work, asyncio.get_running_loop()), 30)
    await until(lambda: not workers._writing)


async def test_a_write_whose_caller_left_before_it_was_begun_is_not_begun(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(search_pool, "WRITE_THREADS", 1)
    workers, loop = ThreadPools(run_batch, threads=1), asyncio.get_running_loop()
    begun: list[str] = []
    gate = threading.Event()
    first = workers.submit_write(gate.wait, loop)
    second = workers.submit_write(lambda: begun.append("second"), loop)
    third = workers.submit_write(lambda: begun.append("third"), loop)
    second.cancel()
    gate.set()
    assert await asyncio.wait_for(first, 30)
    await asyncio.wait_for(third, 30)
    assert begun == ["third"]
    assert workers.writing == 0
    workers.close()


@pytest.mark.parametrize("is_long", [False, True])
async def test_a_search_ends_when_its_caller_leaves(workers: ThreadPools, is_long: bool) -> None:
    waiter = Waiter("for ever", None, asyncio.get_running_loop(), is_long=is_long)
    workers.submit(waiter)
    await until(lambda: workers.waiting == 0)
    waiter.future.cancel()
    assert await found(workers, "next", is_long=is_long) == "next"
