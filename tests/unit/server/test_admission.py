"""Who may go on: thousands of calls of one client hold up none of another one."""

from __future__ import annotations

import asyncio

import pytest

from aiomilvus.server.admission import FEW, FEW_WRITES, MODEST, MOST, RECENT, SLOW, Admission
from tests.support.faulty import until

TURNS = 50
"""More turns of the loop than calls are held back for."""


class Crowd:
    """Calls of clients, which are carried out until they are let go."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.admission = Admission(clock=lambda: self.now)
        self.under_way: list[str] = []
        self.finish = asyncio.Event()

    async def call(self, name: str, *, writes: bool = False) -> None:
        call = self.admission.came(name, writes=writes)
        try:
            await self.admission.enter(call)
            self.under_way.append(name)
            try:
                await self.finish.wait()
            finally:
                self.under_way.remove(name)
                self.admission.leave(call)
        finally:
            self.admission.gone(call)

    def calls(self, name: str, count: int, *, writes: bool = False) -> list[asyncio.Task[None]]:
        return [asyncio.create_task(self.call(name, writes=writes)) for _ in range(count)]

    async def settle(self) -> int:
        """Let all go on that may; return how many calls are carried out."""
        for _ in range(TURNS):
            await asyncio.sleep(0)
        return len(self.under_way)

    async def end(self, calls: list[asyncio.Task[None]]) -> None:
        self.finish.set()
        await asyncio.gather(*calls)
        assert not self.under_way


async def test_a_client_alone_has_most_of_its_calls_under_way() -> None:
    crowd = Crowd()
    calls = crowd.calls("loader", 10 * MOST)
    assert await crowd.settle() == MOST
    await crowd.end(calls)


@pytest.mark.parametrize(("writes", "few"), [(False, FEW), (True, FEW_WRITES)])
async def test_beside_somebody_with_few_calls_a_client_has_few_under_way(
    writes: bool, few: int
) -> None:
    crowd = Crowd()
    calls = [*crowd.calls("visitor", 1), *crowd.calls("loader", 500, writes=writes)]
    assert await crowd.settle() == 1 + few
    await crowd.end(calls)


async def test_a_client_is_not_held_back_by_its_own_first_calls() -> None:
    crowd = Crowd()
    calls = crowd.calls("loader", MODEST)
    assert await crowd.settle() == MODEST
    calls += crowd.calls("loader", 500)
    assert await crowd.settle() == MOST
    await crowd.end(calls)


async def test_clients_with_few_calls_do_not_hold_back_each_other() -> None:
    crowd = Crowd()
    calls = [each for name in ("a", "b", "c") for each in crowd.calls(name, MODEST)]
    assert await crowd.settle() == 3 * MODEST
    await crowd.end(calls)


async def test_two_clients_with_many_calls_do_not_hold_back_each_other() -> None:
    crowd = Crowd()
    calls = [*crowd.calls("loader", 500), *crowd.calls("other", 500)]
    assert await crowd.settle() == 2 * MOST
    # Nor when one of them has few for a moment.
    crowd.finish.set()
    await asyncio.gather(*calls)
    crowd.finish.clear()
    calls = [*crowd.calls("loader", 1), *crowd.calls("other", 500)]
    assert await crowd.settle() == 1 + MOST
    await crowd.end(calls)


async def test_who_has_not_called_lately_holds_back_nobody() -> None:
    crowd = Crowd()
    visit = crowd.calls("visitor", 1)
    await crowd.settle()
    crowd.finish.set()
    await visit[0]
    crowd.finish.clear()
    crowd.now += RECENT
    calls = crowd.calls("loader", 500)
    assert await crowd.settle() == MOST
    await crowd.end(calls)


async def test_calls_that_take_long_hold_back_no_other_call_of_their_client() -> None:
    crowd = Crowd()
    calls = [*crowd.calls("visitor", 1), *crowd.calls("loader", 5 * FEW)]
    assert await crowd.settle() == 1 + FEW
    for rounds in range(2, 6):
        crowd.now += 2 * SLOW
        await until(lambda most=1 + rounds * FEW: len(crowd.under_way) == most)  # type: ignore[misc]
    await crowd.end(calls)


async def test_who_is_introduced_holds_back_nobody() -> None:
    crowd = Crowd()
    crowd.admission.gone(crowd.admission.came("connection", introduces=True))
    calls = crowd.calls("loader", 500)
    assert await crowd.settle() == MOST
    await crowd.end(calls)


async def test_a_single_call_begins_at_once_and_others_once_none_is_handed_over() -> None:
    crowd = Crowd()
    loader, visitor = crowd.calls("loader", 1), []
    for _ in range(100):  # one call in each turn of the loop
        loader += crowd.calls("loader", 1)
        await asyncio.sleep(0)
    assert crowd.under_way == ["loader"]
    visitor += crowd.calls("visitor", 1)
    await asyncio.sleep(0)
    assert crowd.under_way == ["loader", "visitor"]
    assert await crowd.settle() == FEW + 1
    await crowd.end(loader + visitor)


async def test_calls_that_come_without_end_do_not_hold_back_others_for_ever() -> None:
    crowd = Crowd()
    calls = crowd.calls("loader", 2)
    while len(crowd.under_way) < 2:
        calls += crowd.calls("loader", 1)
        await asyncio.sleep(0)
    await crowd.end(calls)


async def test_cancelled_calls_give_their_places_back() -> None:
    crowd = Crowd()
    calls = crowd.calls("loader", 3 * MOST)
    await crowd.settle()
    call = crowd.admission.came("loader")
    crowd.admission.gone(call)
    client = call.client
    for each in calls[: 2 * MOST]:  # those under way, and as many that wait
        each.cancel()
    assert await crowd.settle() == MOST
    assert client.calls == MOST
    crowd.finish.set()
    await asyncio.gather(*calls, return_exceptions=True)
    assert client.calls == 0
    assert [(len(lane.running), len(lane.waiting)) for lane in client.lanes] == [(0, 0), (0, 0)]


async def test_a_place_that_is_given_to_a_call_as_it_is_cancelled_goes_to_the_next() -> None:
    for turns in range(TURNS):
        crowd = Crowd()
        visitor, calls = crowd.calls("visitor", 1), crowd.calls("loader", FEW + 2)
        await crowd.settle()
        calls[0].cancel()
        for _ in range(turns):  # in one of these its successor is told
            await asyncio.sleep(0)
        calls[FEW].cancel()
        assert await crowd.settle() == FEW + 1
        crowd.finish.set()
        await asyncio.gather(*visitor, *calls, return_exceptions=True)


async def test_clients_without_calls_are_forgotten() -> None:
    crowd = Crowd()
    crowd.finish.set()
    await asyncio.gather(*(crowd.call(f"c{n}") for n in range(2_000)))
    crowd.finish.clear()
    before = crowd.calls("loader", 3)
    await crowd.settle()
    for n in range(2_000):
        crowd.admission.gone(crowd.admission.came(f"d{n}"))
    assert len(crowd.admission._clients) <= 300
    await crowd.end(before)
