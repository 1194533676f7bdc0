"""Schemas of a server: asked for once by all who need one, and each keeps its own time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from aiomilvus.client.backends.remote.budget import Budget
from aiomilvus.client.backends.remote.schemas import Schemas
from aiomilvus.errors import (
    CollectionNotExistException,
    DeadlineExceededError,
    MilvusException,
    MilvusUnavailableException,
    RateLimitError,
)
from aiomilvus.model.schema import Schema

NAMED = ("", "c")


class Description:
    """What a server tells of a collection."""

    def __init__(self, altered: int) -> None:
        self.schema = Schema(fields=())
        self.updated_timestamp = altered


class Server:
    """Answers when told to, or refuses."""

    def __init__(self) -> None:
        self.asked = 0
        self.open = asyncio.Event()
        self.failures: list[MilvusException] = []

    async def ask(self) -> Any:
        self.asked += 1
        number = self.asked
        await self.open.wait()
        if self.failures:
            raise self.failures.pop(0)
        return Description(number)


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def schemas() -> Schemas:
    return Schemas()


def asking(
    schemas: Schemas, server: Server, count: int = 1, timeout: float = 60
) -> list[asyncio.Task[Schema]]:
    return [
        asyncio.create_task(schemas.get(NAMED, Budget(timeout), server.ask)) for _ in range(count)
    ]


async def begun(server: Server, asked: int = 1) -> None:
    while server.asked < asked:  # noqa: ASYNC110 - what is waited for tells nobody
        await asyncio.sleep(0)
    for _ in range(5):
        await asyncio.sleep(0)


async def test_thousands_at_once_ask_once(schemas: Schemas, server: Server) -> None:
    calls = asking(schemas, server, 2_000)
    await begun(server)
    server.open.set()
    found = await asyncio.gather(*calls)
    assert server.asked == 1
    assert {id(each) for each in found} == {id(found[0])}
    assert await schemas.get(NAMED, Budget(1), server.ask) is found[0]
    assert (server.asked, schemas.altered(NAMED)) == (1, 1)


async def test_a_refusal_is_everybodys_each_with_an_error_of_its_own(
    schemas: Schemas, server: Server
) -> None:
    server.failures = [CollectionNotExistException(message="there is none")]
    calls = asking(schemas, server, 20)
    await begun(server)
    server.open.set()
    found = await asyncio.gather(*calls, return_exceptions=True)
    assert server.asked == 1
    assert {type(each) for each in found} == {CollectionNotExistException}
    assert len({id(each) for each in found}) == 20


OF_ITS_OWN = [DeadlineExceededError, MilvusUnavailableException, RateLimitError]


@pytest.mark.parametrize("kind", OF_ITS_OWN)
async def test_when_the_first_runs_out_of_time_or_tries_the_others_ask_side_by_side(
    schemas: Schemas, server: Server, kind: type[MilvusException]
) -> None:
    server.failures = [kind(message="the first one's")]
    calls = asking(schemas, server, 20)
    await begun(server)
    server.open.set()
    found = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(each) for each in found] == [kind, *[Schema] * 19]
    assert server.asked == 20
    assert isinstance(await schemas.get(NAMED, Budget(1), server.ask), Schema)
    assert server.asked == 20


@pytest.mark.parametrize("kind", [*OF_ITS_OWN, ValueError])
async def test_when_all_fail_each_tells_its_own_failure_after_no_more_than_two_turns(
    schemas: Schemas, kind: type[Exception]
) -> None:
    turns = [asyncio.Event(), asyncio.Event()]
    asked = 0

    async def ask() -> Any:
        nonlocal asked
        asked += 1
        await turns[0 if asked == 1 else 1].wait()
        raise kind(f"refused by {asked}")

    calls = [asyncio.create_task(schemas.get(NAMED, Budget(60), ask)) for _ in range(200)]
    while asked < 1:  # noqa: ASYNC110 - what is waited for tells nobody
        await asyncio.sleep(0)
    turns[0].set()
    while asked < 200:  # noqa: ASYNC110 - as above
        await asyncio.sleep(0)
    turns[1].set()
    found = await asyncio.gather(*calls, return_exceptions=True)
    assert {type(each) for each in found} == {kind}
    assert len({id(each) for each in found}) == 200


async def test_an_answer_to_one_is_told_to_those_who_wait_for_another(schemas: Schemas) -> None:
    answers: list[asyncio.Future[Description]] = []

    async def ask() -> Any:
        answers.append(asyncio.get_running_loop().create_future())
        return await answers[-1]

    async def asked(count: int) -> None:
        while len(answers) < count:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0)
        for _ in range(5):
            await asyncio.sleep(0)

    def call() -> asyncio.Task[Schema]:
        return asyncio.create_task(schemas.get(NAMED, Budget(60), ask))

    _, slow, quick = call(), call(), call()
    await asked(1)
    answers[0].set_exception(MilvusUnavailableException(message="down"))
    await asked(3)
    waits = call()
    await asked(3)
    answers[2].set_result(Description(1))
    assert await waits is await quick
    assert not slow.done()
    answers[1].set_result(Description(1))
    await slow
    assert len(answers) == 3


async def test_whose_time_runs_out_tells_why_the_one_that_it_waited_for_was_not_answered(
    schemas: Schemas,
) -> None:
    budget = Budget(60)

    async def ask() -> Any:
        await budget.another_try("nothing listens there")
        await asyncio.Event().wait()

    asks = asyncio.create_task(schemas.get(NAMED, budget, ask))
    while not budget.tries:  # noqa: ASYNC110 - as above
        await asyncio.sleep(0)
    with pytest.raises(DeadlineExceededError) as caught:
        await schemas.get(NAMED, Budget(0.01), ask)
    assert caught.value.message == (
        "DescribeCollection took longer than the timeout of 0.01 s; "
        "another call's try failed: nothing listens there"
    )
    asks.cancel()


async def test_who_has_no_time_left_when_the_first_fails_tells_its_failure(
    schemas: Schemas, server: Server
) -> None:
    server.failures = [MilvusUnavailableException(message="nothing listens there")]
    (first,) = asking(schemas, server)
    await begun(server)
    budget = Budget(60)

    async def ask() -> Any:
        raise budget.exceeded("DescribeCollection")

    waits = asyncio.create_task(schemas.get(NAMED, budget, ask))
    await begun(server)
    server.open.set()
    with pytest.raises(DeadlineExceededError, match="another call's try failed: nothing listens"):
        await waits
    assert isinstance(first.exception(), MilvusUnavailableException)


async def test_when_the_first_is_cancelled_another_asks(schemas: Schemas, server: Server) -> None:
    first, *others = asking(schemas, server, 5)
    await begun(server)
    first.cancel()
    await begun(server, 2)
    server.open.set()
    assert {type(each) for each in await asyncio.gather(*others)} == {Schema}
    assert (server.asked, first.cancelled()) == (2, True)


async def test_who_waits_keeps_its_time_and_may_be_cancelled(
    schemas: Schemas, server: Server
) -> None:
    (first,) = asking(schemas, server)
    await begun(server)
    (brief,), (left,) = asking(schemas, server, timeout=0.01), asking(schemas, server)
    with pytest.raises(DeadlineExceededError, match="DescribeCollection took longer"):
        await brief
    left.cancel()
    with pytest.raises(asyncio.CancelledError):
        await left
    server.open.set()
    assert isinstance(await first, Schema)
    assert server.asked == 1


async def test_what_is_asked_before_a_change_is_not_kept_after_it(
    schemas: Schemas, server: Server
) -> None:
    (before,) = asking(schemas, server)
    await begun(server)
    schemas.clear()
    (after,) = asking(schemas, server)
    await begun(server, 2)
    server.open.set()
    old, new = await before, await after
    assert old is not new
    assert await schemas.get(NAMED, Budget(1), server.ask) is new
    assert schemas.altered(NAMED) == 2


async def test_a_forgotten_schema_is_asked_for_again_and_its_date_is_kept(
    schemas: Schemas, server: Server
) -> None:
    server.open.set()
    first = await schemas.get(NAMED, Budget(1), server.ask)
    schemas.forget(NAMED)
    assert schemas.altered(NAMED) == 1
    assert await schemas.get(NAMED, Budget(1), server.ask) is not first
    assert (server.asked, schemas.altered(NAMED)) == (2, 2)


def test_each_loop_asks_by_itself(schemas: Schemas) -> None:
    async def cut_short() -> None:
        server = Server()
        asking(schemas, server)
        await begun(server)  # and the loop ends meanwhile

    async def answered() -> Schema:
        server = Server()
        server.open.set()
        return await schemas.get(NAMED, Budget(1), server.ask)

    asyncio.run(cut_short())
    assert isinstance(asyncio.run(answered()), Schema)


def test_nothing_is_known_of_what_was_never_asked_for(schemas: Schemas) -> None:
    schemas.forget(NAMED)
    assert schemas.altered(NAMED) == 0
