"""Small inserts that wait together are one insert, and nobody notices."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from threading import Event
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import pytest

from aiomilvus import AsyncMilvusClient, DataType
from aiomilvus.client.backends.embedded.asynchronous import AsyncEmbedded
from aiomilvus.client.backends.embedded.search_pool import ThreadPools
from aiomilvus.client.backends.embedded.small_writes import SmallWrites
from aiomilvus.engine.storage.files import FileSystem
from aiomilvus.engine.storage.log_reader import LogReader
from aiomilvus.engine.write.complete import complete
from aiomilvus.errors import (
    CollectionNotExistException,
    ConnectionNotExistException,
    DataNotMatchException,
    ModelError,
    ParamError,
    RateLimitError,
)
from aiomilvus.model.results import MutationResult
from aiomilvus.model.rows.insertion import MOST_ROWS, Insertion

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from aiomilvus.client.backends.embedded.search_pool import Waiter
    from aiomilvus.client.results.extra_list import OmitZeroDict
    from aiomilvus.engine.collection import Collection

PATIENCE = 60.0


@asynccontextmanager
async def client_at(path: Path, *, auto_id: bool = False) -> AsyncIterator[AsyncMilvusClient]:
    async with AsyncMilvusClient(str(path / "app.db")) as client:
        schema = client.create_schema(auto_id=auto_id)
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
        schema.add_field("n", DataType.INT64)
        index = client.prepare_index_params("v", index_type="FLAT", metric_type="L2")
        await client.create_collection("c", schema=schema, index_params=index)
        yield client


def row(number: int, **more: Any) -> dict[str, Any]:
    return {"id": number, "v": [1.0, number], "n": number, **more}


def backend_of(client: AsyncMilvusClient) -> AsyncEmbedded:
    assert isinstance(client._backend, AsyncEmbedded)
    return client._backend


def collection_of(client: AsyncMilvusClient) -> Collection:
    return backend_of(client)._handle.open().local.collection("", "c")


@asynccontextmanager
async def held_up(
    client: AsyncMilvusClient, *given: Any
) -> AsyncIterator[list[asyncio.Task[OmitZeroDict]]]:
    """Insert something, which waits for the writer's turn, and then others, which wait for it."""
    collection = collection_of(client)
    workers = backend_of(client)._pool()

    async def until(is_so: Callable[[], bool]) -> None:
        while not is_so():  # noqa: ASYNC110 - the engine tells no loop of it
            await asyncio.sleep(0.001)

    collection.writes.turn.acquire()
    try:
        calls = [asyncio.create_task(client.insert("c", given[0]))]
        await until(lambda: bool(collection.writes._queue))
        calls += [asyncio.create_task(client.insert("c", each)) for each in given[1:]]
        await until(lambda: workers.writing == len(calls))
        yield calls
    finally:
        collection.writes.turn.release()


async def together(client: AsyncMilvusClient, *given: Any) -> list[Any]:
    """Insert a row, and then others while the first one is under way; return what became of all."""
    async with held_up(client, *given) as calls:
        pass
    answers: list[Any] = await asyncio.gather(*calls, return_exceptions=True)
    return answers


def records(path: Path) -> int:
    (log,) = path.glob("app.db/collection-*/log-*.amv")
    return len(list(LogReader(FileSystem(), log)))


async def numbers(client: AsyncMilvusClient) -> list[int]:
    return sorted(
        each["n"] for each in await client.query("c", filter="n >= 0", output_fields=["n"])
    )


async def test_those_that_wait_are_one_record_and_each_learns_its_own_keys(tmp_path: Path):
    async with client_at(tmp_path) as client:
        given = [[row(1)], [row(2), row(3)], [row(4)], [row(5), row(6)]]
        answers = await together(client, *given)
        assert [list(each["ids"]) for each in answers] == [[1], [2, 3], [4], [5, 6]]
        assert [each["insert_count"] for each in answers] == [1, 2, 1, 2]
        assert records(tmp_path) == 2
        assert await numbers(client) == [1, 2, 3, 4, 5, 6]
        assert backend_of(client).queued() == (0, 0)


async def test_rows_that_came_as_one_dict_each_are_one_record_too(tmp_path: Path):
    async with client_at(tmp_path) as client:
        answers = await together(client, row(1), row(2), [row(3), row(4)], row(5))
        assert [list(each["ids"]) for each in answers] == [[1], [2], [3, 4], [5]]
        assert [each["insert_count"] for each in answers] == [1, 1, 2, 1]
        assert records(tmp_path) == 2
        assert await numbers(client) == [1, 2, 3, 4, 5]


async def test_a_dict_of_columns_is_none_of_others_rows(tmp_path: Path):
    async with client_at(tmp_path) as client:
        wrong = {"id": [7], "v": [[0.0, 1.0]], "n": 7}
        answers = await together(client, row(1), row(2), wrong, row(3))
        with pytest.raises(type(answers[2])) as alone:
            await client.insert("c", wrong)
        assert str(answers[2]) == str(alone.value), "told as if it had been alone"
        assert await numbers(client) == [1, 2, 3]
        columns = {"id": [8], "v": [[0.0, 1.0]], "n": [8]}
        answers = await together(client, row(4), row(5), columns)
        assert [list(each["ids"]) for each in answers] == [[4], [5], [8]]
        assert await numbers(client) == [1, 2, 3, 4, 5, 8]


async def test_generated_keys_are_those_of_ones_own_rows(tmp_path: Path):
    async with client_at(tmp_path, auto_id=True) as client:
        given = [[{"v": [0, 1], "n": n}] for n in range(6)]
        answers = await together(client, *given)
        for number, answer in enumerate(answers):
            (found,) = await client.get("c", ids=list(answer["ids"]), output_fields=["n"])
            assert found["n"] == number
        assert records(tmp_path) == 2


async def test_a_list_that_is_used_again_after_a_timeout_shifts_no_others_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    async with client_at(tmp_path, auto_id=True) as client:
        used_again = [{"v": [0, 1], "n": 1}, {"v": [0, 1], "n": 2}]
        carry_out = backend_of(client)._small()._carry_out

        def write_then_change(*given: Any) -> Any:
            answer = carry_out(*given)
            if isinstance(given[0].data, list) and len(given[0].data) > 1:
                used_again.clear()  # as by a caller that waits no longer
            return answer

        monkeypatch.setattr(backend_of(client)._small(), "_carry_out", write_then_change)
        first, mine = [{"v": [0, 1], "n": 0}], [{"v": [0, 1], "n": 3}]
        answers = await together(client, [{"v": [0, 1], "n": 9}], first, used_again, mine)
        assert [each["insert_count"] for each in answers] == [1, 1, 2, 1]
        (found,) = await client.get("c", ids=list(answers[3]["ids"]), output_fields=["n"])
        assert found["n"] == 3


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ([row(7), row(8, n="text")], DataNotMatchException),
        ([row(7, v=[1.0])], ParamError),
        ([row(7, v=[1.0, float("nan")])], ParamError),
        ([{"id": 7, "n": 1}], DataNotMatchException),
        ([row(7), 8], TypeError),
        ([row(7, other=1)], DataNotMatchException),
    ],
)
async def test_rows_that_are_refused_fail_their_own_caller_alone(
    tmp_path: Path, wrong: list[Any], error: type[Exception]
):
    async with client_at(tmp_path) as client:
        answers = await together(client, [row(1)], [row(2)], wrong, [row(3)])
        assert isinstance(answers[2], error)
        with pytest.raises(error) as alone:
            await client.insert("c", wrong)
        assert str(answers[2]) == str(alone.value), "told as if it had been alone"
        assert [list(answers[at]["ids"]) for at in (0, 1, 3)] == [[1], [2], [3]]
        assert await numbers(client) == [1, 2, 3]


@pytest.mark.parametrize(
    ("again", "fail"), [(False, [False, True, False]), (True, [False, True, True])]
)
async def test_what_a_model_refuses_fails_its_own_caller_and_a_model_that_is_away_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, again: bool, fail: list[bool]
):
    def asked(*given: Any, **named: Any) -> Any:
        found = complete(*given, **named)
        if 7 in found.columns["id"].arrays()["values"]:
            raise ModelError(message="answered 413", retriable=again)
        return found

    async with client_at(tmp_path) as client:  # the first one is alone: the others wait for it
        monkeypatch.setattr("aiomilvus.engine.operations.entities.complete", asked)
        answers = await together(client, [row(1)], [row(7)], [row(3)])
        assert [isinstance(each, ModelError) for each in answers] == fail


async def test_what_was_cancelled_while_it_waited_is_not_written(tmp_path: Path):
    async with client_at(tmp_path) as client:
        async with held_up(client, *([row(n)] for n in range(4))) as calls:
            for call in calls[1:3]:
                call.cancel()
            await asyncio.sleep(0)
            with pytest.raises(asyncio.CancelledError):
                await calls[1]
        await calls[0]
        await calls[3]
        assert await numbers(client) == [0, 3]
        assert backend_of(client).queued() == (0, 0)


async def test_an_error_that_is_nobodys_own_is_everybodys(tmp_path: Path):
    async with client_at(tmp_path) as client:
        held = collection_of(client)
        async with held_up(client, *([row(n)] for n in range(3))) as calls:
            held.dropped = True
        answers = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(each) for each in answers] == [CollectionNotExistException] * 3
        held.dropped = False
        await client.insert("c", [row(9)])
        assert await numbers(client) == [9]


async def test_rows_for_different_places_and_many_rows_do_not_wait_for_each_other(tmp_path: Path):
    async with client_at(tmp_path) as client:
        await client.create_partition("c", "p")
        many = [row(n) for n in range(100, 101 + MOST_ROWS)]
        await asyncio.gather(
            client.insert("c", [row(1)]),
            client.insert("c", [row(2)], partition_name="p"),
            client.insert("c", many),
            client.insert("c", row(3)),
            client.insert("c", {"id": [4, 5], "v": [[0, 1], [1, 0]], "n": [4, 5]}),
        )
        assert await numbers(client) == [1, 2, 3, 4, 5, *range(100, 101 + MOST_ROWS)]
        found = await client.query("c", filter="n > 0", output_fields=["n"], partition_names=["p"])
        assert [each["n"] for each in found] == [2]


async def test_more_than_may_wait_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("aiomilvus.client.backends.embedded.search_pool.MOST_WAITING", 2)
    async with client_at(tmp_path) as client:
        answers = await together(client, [row(1)], [row(2)])
        assert [each["insert_count"] for each in answers] == [1, 1]
        async with held_up(client, [row(3)], [row(4)]) as calls:
            with pytest.raises(RateLimitError, match="2 writes are waiting"):
                await client.insert("c", [row(5)])
        await asyncio.gather(*calls)
        assert await numbers(client) == [1, 2, 3, 4]


async def test_a_write_that_no_thread_takes_any_more_is_refused(tmp_path: Path):
    async with client_at(tmp_path) as client:
        workers = backend_of(client)._pool()
        workers.close()
        with pytest.raises(ConnectionNotExistException):
            await client.insert("c", [row(2)])
        assert workers.writing == 0


async def test_those_told_together_who_write_again_at_once_are_one_record(tmp_path: Path):
    async with client_at(tmp_path) as client:
        async with held_up(client, row(0), *[row(n) for n in range(1, 6)]) as calls:
            pass

        async def twice(number: int) -> None:
            await calls[number]
            await client.insert("c", row(10 + number))

        await asyncio.gather(calls[0], *map(twice, range(1, 6)))
        assert records(tmp_path) == 3
        assert await numbers(client) == [*range(6), *range(11, 16)]
        assert backend_of(client).queued() == (0, 0)


class Held:
    """Small writes that end when they are let, on a loop that a test runs now and then."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.workers = ThreadPools(list)
        self.writes = SmallWrites(self.workers, self._carry_out)
        self._begun = Event()
        self._goes_on = Event()

    def _carry_out(self, insertion: Insertion, _: object) -> MutationResult:
        self._begun.set()
        assert self._goes_on.wait(PATIENCE)
        return MutationResult(insert_count=len(insertion.data))

    def submit(self) -> Waiter:
        return self.writes.submit(Insertion("", "c", [row(1)], ""), self.loop)

    def three(self) -> list[Waiter]:
        """Submit one write that is under way then, and two that wait together."""
        first = self.submit()
        assert self._begun.wait(PATIENCE)
        return [first, self.submit(), self.submit()]

    def let_go(self) -> None:
        """Let all be made that were submitted."""
        self._goes_on.set()
        while self.workers.writing:
            sleep(0.001)


@pytest.fixture
def held() -> Iterator[Held]:
    made = Held()
    yield made
    made.workers.close()
    made.loop.close()


def test_writes_of_a_loop_that_is_closed_meanwhile_leave_nothing_behind(held: Held):
    held.three()
    held.loop.close()
    held.let_go()
    end = monotonic() + PATIENCE
    while held.writes._waiting:  # the thread forgets them after it has counted them
        assert monotonic() < end
        sleep(0.001)


def test_a_loop_that_is_closed_before_it_tells_of_writes_holds_none(held: Held):
    held.three()
    held.let_go()  # the two are told by the loop, which does not run
    held.submit()
    assert held.workers.writing == 1
    held.loop.close()
    held.loop = asyncio.new_event_loop()
    last = held.submit()
    assert held.loop.run_until_complete(last.future).insert_count == 1
    assert held.workers.writing == 0
    assert all(loop is held.loop for _, loop in held.writes._waiting)


def test_what_waits_for_its_turn_when_the_client_is_closed_is_refused(held: Held):
    told = held.three()
    held.let_go()
    held.workers.close()
    late = held.submit()
    with pytest.raises(ConnectionNotExistException):
        held.loop.run_until_complete(late.future)
    assert [each.future.result().insert_count for each in told] == [1, 1, 1]
    assert held.workers.writing == 0
    assert not held.writes._waiting
