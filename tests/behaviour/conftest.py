"""The `client` fixture: one way to call, whatever door stands behind it.

A behaviour test is written once, with `await`, against `Door`; it runs for every client class
and every kind of backend listed in `DOORS`. A test that is parametrized runs each of its cases
embedded and remote, by one client class or the other in turn: the synchronous class is generated
from the other, and what makes them differ does not depend on the case. ``DOORS=all`` runs each
case everywhere.
"""

from __future__ import annotations

import inspect
import os
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from aiomilvus import AsyncMilvusClient, MilvusClient
from tests.support.other_process import OtherProcess
from tests.support.serving import serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

DOORS = {
    "embedded-async": AsyncMilvusClient,
    "embedded-sync": MilvusClient,
    "remote-async": AsyncMilvusClient,
    "remote-sync": MilvusClient,
}
TURNS = ({"embedded-async", "remote-sync"}, {"embedded-sync", "remote-async"})
"""The doors of a test's cases, in turn."""
EXTERNAL = "external"
"""The folder, beside the database, whose files external collections may read."""
FOLLOWER = "follower-async"
WORKER = "worker-sync"
"""A client of a server that follows another process, as all workers do but the one that leads."""
BESIDE = {FOLLOWER: AsyncMilvusClient, WORKER: MilvusClient}
FOLLOWED = {
    "test_collections",
    "test_entities",
    "test_past",
    "test_properties",
    "test_repeated_searches",
    "test_schema_evolution",
    "test_snapshots",
    "test_users",
    "test_watching",
}
"""Modules that run at two more doors: in a process that follows another one, and beyond it."""


class Door:
    """A client whose methods are all awaited, also where they are synchronous."""

    def __init__(self, client: Any) -> None:
        self.raw = client

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.raw, name)

        async def call(*args: Any, **kwargs: Any) -> Any:
            answer = method(*args, **kwargs)
            return await answer if inspect.isawaitable(answer) else answer

        return call

    async def first_batch(self, iterator: Any) -> Any:
        """Return the first batch of an iterator."""
        batch = iterator.next()
        return await batch if inspect.isawaitable(batch) else batch

    async def batches(self, iterator: Any) -> list[list[Any]]:
        """Return all batches of an iterator."""
        found: list[list[Any]] = []
        while True:
            batch = iterator.next()
            batch = await batch if inspect.isawaitable(batch) else batch
            if not batch:
                return found
            found.append(batch)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what asks for a door at all there are."""
    if "door_name" in metafunc.fixturenames:
        module = metafunc.module.__name__.rpartition(".")[2]
        doors = [*DOORS, *(BESIDE if module in FOLLOWED else ())]
        metafunc.parametrize("door_name", doors, indirect=True)


def _other(item: pytest.Item) -> str | None:
    """Return a parametrized test's case without its door; None where it has no other parameter."""
    callspec = getattr(item, "callspec", None)
    if callspec is None or "door_name" not in callspec.params or len(callspec.params) == 1:
        return None
    return str(callspec.id).replace(callspec.params["door_name"], "")


@pytest.hookimpl(wrapper=True)
def pytest_pycollect_makeitem() -> Generator[None, Any, Any]:
    """Leave each case of a parametrized test the doors whose turn it is."""
    made = yield
    if not isinstance(made, list) or os.environ.get("DOORS") == "all":
        return made
    cases = dict.fromkeys(_other(item) for item in made)
    if len(cases) < len(TURNS):
        return made
    turns = {case: TURNS[number % len(TURNS)] for number, case in enumerate(cases)}
    # What is left of a worker, with a server and a process beside it, is one case.
    turns = {
        case: turn | {WORKER} if case == next(iter(cases)) else turn for case, turn in turns.items()
    }
    passed_over = {*DOORS, WORKER}
    return [
        item
        for item in made
        if (case := _other(item)) is None
        or item.callspec.params["door_name"] not in passed_over - turns[case]
    ]


@pytest.fixture
def door_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def leading_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OtherProcess]:
    """Start a process that opens directories first, so that they can be followed."""
    process = OtherProcess(tmp_path_factory.mktemp("leading") / "own.db")
    yield process
    process.end()


@contextmanager
def led(process: OtherProcess, path: Path) -> Iterator[str]:
    """Let the process lead the directory meanwhile."""
    assert process.do(f"setattr(client, 'led', type(client)({str(path)!r}))") is None
    yield str(path)
    assert process.do("client.led.close()") is None


@contextmanager
def _served_beside(process: OtherProcess, path: Path) -> Iterator[str]:
    """Serve a directory that the process leads meanwhile."""
    with led(process, path), _serving(path) as uri:
        yield uri


def _serving(path: Path) -> AbstractContextManager[str]:
    """Serve a directory, and let external collections read what is beside it."""
    return serving(path, external_dir=str(path.parent / EXTERNAL))


def _opened(door: str, path: Path, request: pytest.FixtureRequest) -> AbstractContextManager[str]:
    if door in (FOLLOWER, WORKER):
        opened = led if door == FOLLOWER else _served_beside
        return opened(request.getfixturevalue("leading_process"), path)
    return nullcontext(str(path)) if door.startswith("embedded") else _serving(path)


@pytest_asyncio.fixture
async def client(
    door_name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Door]:
    with _opened(door_name, tmp_path / "test.db", request) as uri:
        door = Door({**DOORS, **BESIDE}[door_name](uri))
        yield door
        await door.close()
