"""Calls of several steps: all of them share the call's time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from aiomilvus import AnnSearchRequest, AsyncMilvusClient, DataType
from aiomilvus.client import time_limit
from aiomilvus.client.told_times import told
from aiomilvus.errors import DeadlineExceededError
from aiomilvus.model.schema import Field, Schema

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

SCHEMA = Schema(
    fields=(
        Field(name="id", dtype=DataType.INT64, is_primary=True),
        Field(name="vector", dtype=DataType.FLOAT_VECTOR, dim=2),
    )
)


class SecondStepError(Exception):
    """The test has seen what it wants to see."""


class SlowBackend:
    """Takes 4 s of a made-up clock for a step, and notes the time that each has."""

    kind, role, searches = "milvus", "", None

    def __init__(self) -> None:
        self.now = 100.0
        self.limits: list[float | None] = []

    async def schema(self, _db: str, _collection: str, timeout: float | None) -> Schema:
        self._step(timeout)
        return SCHEMA

    async def execute(self, _operation: Any, timeout: float | None) -> Any:
        self._step(timeout)

        class Found:
            id = 7

        return Found()

    def _step(self, timeout: float | None) -> None:
        self.limits.append(timeout)
        if len(self.limits) > 1:
            raise SecondStepError
        self.now += 4

    async def close(self) -> None:
        """Do nothing."""


CALLS: dict[str, Callable[[Any, float | None], Awaitable[Any]]] = {
    "search": lambda c, t: c.search("c", [[1.0, 2.0]], timeout=t),
    "hybrid_search": lambda c, t: c.hybrid_search(
        "c", [AnnSearchRequest([[1.0, 2.0]], "vector", {}, 1)], timeout=t
    ),
    "query": lambda c, t: c.query("c", ids=[1], timeout=t),
    "get": lambda c, t: c.get("c", [1], timeout=t),
    "query_iterator": lambda c, t: c.query_iterator("c", timeout=t).next(),
    "search_iterator": lambda c, t: c.search_iterator("c", [[1.0, 2.0]], timeout=t).next(),
    "explain": lambda c, t: c.explain("c", [[1.0, 2.0]], timeout=t),
    "compact": lambda c, t: c.compact("c", timeout=t),
    "describe_role": lambda c, t: c.describe_role("r", timeout=t),
    "create_collection": lambda c, t: c.create_collection("c", dimension=2, timeout=t),
}


@pytest.fixture
async def backend(monkeypatch: pytest.MonkeyPatch) -> SlowBackend:
    made = SlowBackend()
    monkeypatch.setattr(time_limit, "monotonic", lambda: made.now)
    return made


@pytest.fixture
async def client(backend: SlowBackend) -> AsyncMilvusClient:
    made: Any = AsyncMilvusClient("http://127.0.0.1:9")
    await made._backend.close()
    made._backend = backend
    answer: AsyncMilvusClient = made
    return answer


@pytest.mark.parametrize("name", CALLS)
async def test_the_second_step_has_what_the_first_left(
    client: AsyncMilvusClient, backend: SlowBackend, name: str
) -> None:
    with pytest.raises(SecondStepError):
        await CALLS[name](client, 10)
    assert backend.limits == [10, 6]


@pytest.mark.parametrize("name", CALLS)
async def test_no_second_step_begins_without_time(
    client: AsyncMilvusClient, backend: SlowBackend, name: str
) -> None:
    with pytest.raises(DeadlineExceededError, match="took longer than the timeout of 3 s"):
        await CALLS[name](client, 3)
    assert backend.limits == [3]


@pytest.mark.parametrize("name", CALLS)
async def test_without_a_limit_each_step_has_its_own_default(
    client: AsyncMilvusClient, backend: SlowBackend, name: str
) -> None:
    with pytest.raises(SecondStepError):
        await CALLS[name](client, None)
    assert backend.limits == [None, None]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.01, "0.01 s"),
        (0.125, "0.125 s"),
        (0.299_999_1, "0.3 s"),
        (0.298_7, "0.3 s"),
        (2, "2 s"),
        (59.999_98, "60 s"),
        (600, "600 s"),
    ],
)
def test_a_limit_is_told_as_it_was_given_whatever_of_it_is_left(seconds: float, text: str) -> None:
    assert told(seconds) == text
