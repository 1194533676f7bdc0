"""Searches that go together: which, when, and that each keeps what is its own."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest

from aiomilvus.client.backends.remote.budget import Budget
from aiomilvus.client.backends.remote.coalescing import (
    MOST_QUERIES,
    MOST_REQUESTS,
    SearchCoalescer,
    kind_of,
)
from aiomilvus.errors import (
    DeadlineExceededError,
    MilvusException,
    MilvusUnavailableException,
    ParamError,
)
from aiomilvus.model.columns import BytesColumn, FixedColumn, VectorColumn
from aiomilvus.model.operations.data import Search, SearchIteratorState
from aiomilvus.model.ranking import Rrf
from aiomilvus.model.results import SearchResult
from aiomilvus.model.schema import Schema
from aiomilvus.model.sorting import SortKey

SCHEMA = Schema(fields=())
BAD = 1013.0


class Server:
    """Answers each query `[x]` with the key int(x), when told to; refuses `BAD` ones."""

    def __init__(self) -> None:
        self.requests: list[int] = []
        self.open = asyncio.Event()
        self.asked = asyncio.Event()
        self.cancelled = 0
        self.failure: MilvusException | None = None

    async def send(self, operation: Search, _budget: Budget) -> SearchResult:
        assert isinstance(operation.data, VectorColumn)
        asked = operation.data.values[:, 0]
        self.requests.append(len(asked))
        self.asked.set()
        try:
            await self.open.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.failure is not None:
            raise self.failure
        if BAD in asked:
            raise ParamError(message="bad query")
        return SearchResult(
            offsets=np.arange(len(asked) + 1),
            ids=FixedColumn(asked.astype(np.int64)),
            scores=asked.astype(np.float32),
            schema=SCHEMA,
            primary_name="id",
            recalls=tuple(float(each) for each in asked),
            cost=6 * len(asked),
        )


def search(*numbers: float, **given: Any) -> Search:
    data = VectorColumn(np.array([[number] for number in numbers], np.float32))
    return Search(**{"db": "", "collection": "c", "field": "v", "data": data, **given})


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def coalescer() -> SearchCoalescer:
    return SearchCoalescer()


class Asking:
    """Starts searches as tasks."""

    def __init__(self, coalescer: SearchCoalescer, server: Server) -> None:
        self.coalescer = coalescer
        self.server = server

    def __call__(self, operation: Search, timeout: float = 20.0) -> asyncio.Task[SearchResult]:
        return asyncio.ensure_future(
            self.coalescer.search(operation, SCHEMA, Budget(timeout), self.server.send)
        )


@pytest.fixture
def ask(coalescer: SearchCoalescer, server: Server) -> Asking:
    return Asking(coalescer, server)


def keys(found: SearchResult) -> list[int]:
    assert isinstance(found.ids, FixedColumn)
    return [int(key) for key in found.ids.values]


async def begun(server: Server, requests: int) -> None:
    while len(server.requests) < requests:
        server.asked.clear()
        await asyncio.wait_for(server.asked.wait(), 10)


async def test_searches_while_the_line_is_free_go_alone_and_at_once(
    ask: Asking, server: Server
) -> None:
    tasks = [ask(search(number)) for number in range(MOST_REQUESTS)]
    await asyncio.sleep(0)
    assert server.requests == [1] * MOST_REQUESTS
    server.open.set()
    assert [keys(await task) for task in tasks] == [[n] for n in range(MOST_REQUESTS)]


async def test_more_searches_go_together_and_each_gets_its_own_hits(
    ask: Asking, server: Server
) -> None:
    tasks = [ask(search(number, number + 100)) for number in range(40)]
    await asyncio.sleep(0)
    server.open.set()
    found = [await task for task in tasks]
    assert [keys(each) for each in found] == [[n, n + 100] for n in range(40)]
    assert [each.recalls for each in found] == [(float(n), float(n + 100)) for n in range(40)]
    assert {each.cost for each in found} == {12}
    assert sum(server.requests) == 80
    assert len(server.requests) < 20


async def test_what_waits_is_sent_soon_though_nothing_returns(ask: Asking, server: Server) -> None:
    tasks = [ask(search(number)) for number in range(MOST_REQUESTS + 3)]
    await begun(server, MOST_REQUESTS + 1)
    assert server.requests == [1] * MOST_REQUESTS + [3]
    server.open.set()
    await asyncio.gather(*tasks)


async def test_a_full_request_does_not_wait(ask: Asking, server: Server) -> None:
    tasks = [ask(search(number)) for number in range(MOST_REQUESTS + 3 * MOST_QUERIES)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert sum(server.requests) >= MOST_REQUESTS + 2 * MOST_QUERIES
    assert max(server.requests) <= MOST_QUERIES
    server.open.set()
    await asyncio.gather(*tasks)


async def test_only_the_search_that_is_refused_fails(ask: Asking, server: Server) -> None:
    tasks = [ask(search(number)) for number in range(1000, 1020)]
    await asyncio.sleep(0)
    server.open.set()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    for number, each in enumerate(found, 1000):
        if number == BAD:
            assert isinstance(each, ParamError)
        else:
            assert isinstance(each, SearchResult)
            assert keys(each) == [number]


async def test_a_fault_while_searches_are_sent_again_reaches_who_waits(
    ask: Asking, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = server.send

    async def failing(operation: Search, budget: Budget) -> SearchResult:
        if operation.nq == 1 and len(server.requests) > MOST_REQUESTS:
            raise ValueError("a reply that cannot be read")
        return await send(operation, budget)

    monkeypatch.setattr(server, "send", failing)
    tasks = [ask(search(number)) for number in range(1000, 1020)]
    await asyncio.sleep(0)
    server.open.set()
    found = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 10)
    assert any(isinstance(each, ValueError) for each in found)


async def test_an_unreachable_server_fails_all_without_more_calls(
    ask: Asking, server: Server
) -> None:
    server.failure = MilvusUnavailableException(message="gone")
    tasks = [ask(search(number)) for number in range(20)]
    await asyncio.sleep(0)
    await asyncio.sleep(0.05)
    sent = len(server.requests)
    server.open.set()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(each, MilvusUnavailableException) for each in found)
    assert len({id(each) for each in found}) == len(found) - (MOST_REQUESTS - 1)
    assert len(server.requests) == sent


async def test_one_who_gives_up_does_not_disturb_the_others(ask: Asking, server: Server) -> None:
    tasks = [ask(search(number)) for number in range(20)]
    await asyncio.sleep(0)
    tasks[1].cancel()  # sent alone
    tasks[9].cancel()  # sent with others, or waiting to be
    await begun(server, MOST_REQUESTS + 1)
    tasks[10].cancel()
    server.open.set()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    for number, each in enumerate(found):
        if number in (1, 9, 10):
            assert isinstance(each, asyncio.CancelledError)
        else:
            assert isinstance(each, SearchResult)
            assert keys(each) == [number]


async def test_a_request_nobody_waits_for_is_cancelled(ask: Asking, server: Server) -> None:
    tasks = [ask(search(number)) for number in range(MOST_REQUESTS + 3)]
    await begun(server, MOST_REQUESTS + 1)
    for task in tasks[MOST_REQUESTS:]:
        task.cancel()
    await asyncio.gather(*tasks[MOST_REQUESTS:], return_exceptions=True)
    await asyncio.sleep(0)
    assert server.cancelled == 1
    server.open.set()
    await asyncio.gather(*tasks[:MOST_REQUESTS])


async def test_each_has_its_own_time(ask: Asking, server: Server) -> None:
    patient = [ask(search(number)) for number in range(MOST_REQUESTS + 2)]
    hasty = ask(search(99.0), timeout=0.02)
    with pytest.raises(DeadlineExceededError, match=r"0\.02 s"):
        await hasty
    server.open.set()
    assert [keys(await task) for task in patient] == [[n] for n in range(MOST_REQUESTS + 2)]


async def test_different_searches_do_not_mix(ask: Asking, server: Server) -> None:
    tasks = [ask(search(number, limit=1 + number % 2)) for number in range(20)]
    await asyncio.sleep(0)
    server.open.set()
    assert [keys(await task) for task in tasks] == [[n] for n in range(20)]
    assert len(server.requests) > MOST_REQUESTS + 1


async def test_nothing_is_kept_of_what_is_done(
    coalescer: SearchCoalescer, ask: Asking, server: Server
) -> None:
    server.open.set()
    for limit in range(1, 10):
        await asyncio.gather(*(ask(search(number, limit=limit)) for number in range(12)))
    await asyncio.sleep(0.01)
    assert [len(kinds) for kinds in coalescer._by_loop.values()] == [0]


async def test_nothing_is_kept_of_what_was_given_up(
    coalescer: SearchCoalescer, ask: Asking, server: Server
) -> None:
    tasks = [ask(search(number)) for number in range(20)]
    await begun(server, MOST_REQUESTS)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(0.01)
    assert [len(kinds) for kinds in coalescer._by_loop.values()] == [0]


def test_each_loop_gathers_its_own(coalescer: SearchCoalescer) -> None:
    async def once() -> list[int]:
        server = Server()
        server.open.set()
        ask = Asking(coalescer, server)
        return keys(await ask(search(5.0)))

    assert [asyncio.run(once()) for _ in range(3)] == [[5]] * 3


@pytest.mark.parametrize(
    "given",
    [
        {"ids": FixedColumn(np.array([1])), "data": None},
        {"group_by": ("a",)},
        {"ranker": Rrf()},
        {"extra": {"highlighter": {}}},
        {"filter": "a in {x}", "filter_params": {"x": [1, 2]}},
        {"filter": "a > 1 and random_sample(0.5)"},
        {"data": VectorColumn(np.zeros((16, 1), np.float32))},
    ],
)
def test_what_cannot_be_told_apart_afterwards_goes_alone(given: dict[str, Any]) -> None:
    assert kind_of(search(1.0, **given)) is None


@pytest.mark.parametrize(
    "given",
    [
        {"field": "w"},
        {"filter": "a > 1"},
        {"filter": "a > {x}", "filter_params": {"x": 1}},
        {"params": {"ef": 64}},
        {"params": {"ef": 64.0}},
        {"output_fields": ("a",)},
        {"partitions": ("p",)},
        {"radius": 1.0},
        {"guarantee_timestamp": 7},
        {"consistency": 1},
        {"round_decimal": 2},
        {"offset": 3},
        {"data": VectorColumn(np.zeros((1, 1), np.float16))},
        {"data": BytesColumn(np.array([0, 1]), np.array([65], np.uint8))},
    ],
)
def test_searches_that_differ_in_anything_are_of_another_kind(given: dict[str, Any]) -> None:
    other = kind_of(search(1.0, **given))
    assert other is not None
    assert other != kind_of(search(1.0))
    assert other == kind_of(search(1.0, **given))
    assert kind_of(search(1.0, params={"ef": 64})) != kind_of(search(1.0, params={"ef": 64.0}))


OTHER: dict[str, Any] = {
    "db": "other",
    "collection": "other",
    "output_fields": ("id",),
    "partitions": ("p",),
    "namespace": "tenant",
    "offset": 3,
    "order_by": (SortKey(field="id"),),
    "group_by": ("n",),
    "ignore_growing": True,
    "consistency": 0,
    "guarantee_timestamp": 9,
    "time_zone": "Asia/Tokyo",
    "cluster": "other",
    "extra": {"hints": "iterative_filter"},
    "data": VectorColumn(np.zeros((1, 2), np.float32)),
    "ids": FixedColumn(np.zeros(1, np.int64)),
    "field": "other",
    "filter": "n == 1",
    "filter_params": {"n": 1},
    "limit": 3,
    "metric": "IP",
    "params": {"ef": 64},
    "radius": 0.5,
    "range_filter": 0.5,
    "round_decimal": 3,
    "iterator": SearchIteratorState(batch_size=3),
    "snapshot": 9,
    "ranker": Rrf(),
}
ALIKE = {"at", "group_size", "strict_group_size", "shape"}
"""What no remote search has, what says nothing without `group_by`, and what is not sent."""


def test_searches_that_differ_in_anything_are_not_sent_together() -> None:
    assert {*OTHER, *ALIKE} == {*Search.__struct_fields__}
    usual = kind_of(search(1.0))
    assert usual is not None
    for name, value in OTHER.items():
        assert kind_of(search(1.0, **{name: value})) != usual, name
