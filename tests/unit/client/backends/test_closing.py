"""Calls that wait for another try when their client is closed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from aiomilvus.client.address import Address
from aiomilvus.client.backends.remote import budget
from aiomilvus.client.backends.remote.asynchronous import AsyncRemote
from aiomilvus.client.backends.remote.synchronous import Remote
from aiomilvus.errors import ConnectionNotExistException
from aiomilvus.model.operations.databases import ListDatabases
from tests.support.faulty import until

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY = Address(uri="http://127.0.0.1:9")


@pytest.fixture(autouse=True)
def long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    def hours() -> Iterator[float]:
        while True:
            yield 3600.0

    monkeypatch.setattr(budget, "backoff", hours)


async def test_a_call_that_waits_for_another_try_ends_when_its_client_is_closed() -> None:
    remote = AsyncRemote(NOBODY)
    asking = asyncio.ensure_future(remote.execute(ListDatabases(), 100_000.0))
    await until(lambda: bool(remote._caller._pauses))
    await remote.close()
    with pytest.raises(ConnectionNotExistException, match="This client is closed"):
        await asking
    with pytest.raises(ConnectionNotExistException, match="This client is closed"):
        await remote.execute(ListDatabases(), None)


async def test_a_call_of_another_thread_ends_when_its_client_is_closed() -> None:
    remote = Remote(NOBODY)
    asking = asyncio.ensure_future(asyncio.to_thread(remote.execute, ListDatabases(), 100_000.0))
    await until(lambda: bool(remote._remote._caller._pauses))
    await asyncio.to_thread(remote.close)
    with pytest.raises(ConnectionNotExistException, match="This client is closed"):
        await asking


async def test_a_call_of_another_loop_ends_when_its_client_is_closed() -> None:
    remote = AsyncRemote(NOBODY)

    def call() -> None:
        asyncio.run(remote.execute(ListDatabases(), 100_000.0))

    asking = asyncio.ensure_future(asyncio.to_thread(call))
    await until(lambda: bool(remote._caller._pauses))
    await remote.close()
    with pytest.raises(ConnectionNotExistException, match="This client is closed"):
        await asking
