"""No call lasts beyond its timeout, whatever befalls the RPCs that it is made of.

The time is the test's own: it goes on only with the pauses between tries, and by what each RPC is
said to take, so no machine is too slow. What is asserted of each RPC is the deadline that it was
sent with: none ends later than the whole call may. Two tests more see gRPC itself keep such a
deadline, on connections that fall silent, are cut, or are told to go away.
"""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio
import pytest

from aiomilvus import AnnSearchRequest, AsyncMilvusClient, RRFRanker
from aiomilvus.client import time_limit
from aiomilvus.client.aio import indexes, optimizing
from aiomilvus.client.backends.remote import budget, calls
from aiomilvus.errors import MilvusException
from aiomilvus.server import serve
from aiomilvus.wire.table import access, maintenance, writing
from tests.support.doors import door
from tests.support.faulty import BUSY, LOST, LOST_AFTERWARDS, SILENCE, STALE, Fault, Gateway, Relay

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    Call = Callable[[Any], Awaitable[Any]]

LIMIT = 10.0
"""Seconds of each call, on the test's clock."""
ALLOWED = 1.1 * LIMIT
HANG = 60
ROW = {"id": 1, "vector": [1.0, 2.0]}
VECTORS = [[1.0, 2.0]]
PARTS = [AnnSearchRequest(VECTORS, "vector", {}, limit=3)] * 2


async def all_pages(pages: Any) -> None:
    while await pages.next():
        pass


CALLS: dict[str, Call] = {
    "list_collections": lambda c: c.list_collections(timeout=LIMIT),
    "describe_collection": lambda c: c.describe_collection("c", timeout=LIMIT),
    "has_collection": lambda c: c.has_collection("c", timeout=LIMIT),
    "create_collection": lambda c: c.create_collection("d", dimension=2, timeout=LIMIT),
    "insert": lambda c: c.insert("c", [ROW], timeout=LIMIT),
    "upsert": lambda c: c.upsert("c", [ROW], timeout=LIMIT),
    "delete": lambda c: c.delete("c", [7], timeout=LIMIT),
    "query": lambda c: c.query("c", "id >= 0", timeout=LIMIT),
    "get": lambda c: c.get("c", [1], timeout=LIMIT),
    "search": lambda c: c.search("c", VECTORS, timeout=LIMIT),
    "hybrid_search": lambda c: c.hybrid_search("c", PARTS, RRFRanker(), timeout=LIMIT),
    "flush": lambda c: c.flush("c", timeout=LIMIT),
    "compact": lambda c: c.compact("c", timeout=LIMIT),
    "release_collection": lambda c: c.release_collection("c", timeout=LIMIT),
    "load_collection": lambda c: c.load_collection("c", timeout=LIMIT),
    "refresh_load": lambda c: c.refresh_load("c", timeout=LIMIT),
    "get_load_state": lambda c: c.get_load_state("c", timeout=LIMIT),
    "list_indexes": lambda c: c.list_indexes("c", timeout=LIMIT),
    "create_partition": lambda c: c.create_partition("c", "p", timeout=LIMIT),
    "create_user": lambda c: c.create_user("ada", "engine-1843", timeout=LIMIT),
    "drop_collection": lambda c: c.drop_collection("c", timeout=LIMIT),
}
ONCE = sorted(
    route.name
    for module in (access, maintenance, writing)
    for route in module.ROUTES
    if not route.repeatable
)
"""What must not be carried out twice by one call; creating the same thing again changes nothing."""
FAULTS = {
    "none": Fault(),
    "lost": LOST,
    "lost afterwards": LOST_AFTERWARDS,
    "full": BUSY,
    "stale": STALE,
    "silent": SILENCE,
    "unknown": Fault(code=grpc.StatusCode.INTERNAL),
}


class Everywhere(dict[str, Fault]):
    """The same fault for all RPCs."""

    def __init__(self, fault: Fault) -> None:
        super().__init__()
        self._fault = fault

    def get(self, _name: str, _default: Any = None) -> Any:
        return self._fault


class Clock:
    """The time of the client's limits, and the deadline that each RPC was sent with.

    Attributes:
        now: The time.
        takes: Seconds that each RPC takes.
        deadlines: When each RPC sent would have been given up, by its path.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        self.takes = 0.0
        self.is_silent = False
        self.deadlines: list[tuple[str, float]] = []
        self._reply = calls._reply
        monkeypatch.setattr(budget, "time", SimpleNamespace(monotonic=self.read))
        for module in (time_limit, indexes, optimizing):
            monkeypatch.setattr(module, "monotonic", self.read)
        monkeypatch.setattr(calls, "_reply", self._sent)
        monkeypatch.setattr(calls.Caller, "_pause", self._paused)

    def read(self) -> float:
        return self.now

    async def _paused(self, seconds: float) -> None:
        self.now += seconds

    async def _sent(
        self, channel: Any, path: str, content: bytes, timeout: float, metadata: Any
    ) -> bytes:
        self.deadlines.append((path, self.now + timeout))
        self.now += timeout if self.is_silent else min(self.takes, timeout)
        if self.is_silent or self.takes >= timeout:
            none = grpc.aio.Metadata()
            raise grpc.aio.AioRpcError(grpc.StatusCode.DEADLINE_EXCEEDED, none, none, "late")
        return await self._reply(channel, path, content, HANG, metadata)


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    async with serve(tmp_path / "app.db", port=0) as server, Gateway(server.uri) as running:
        yield running


@pytest.mark.timeout(10 * HANG)
@pytest.mark.parametrize("takes", [0.0, 0.7, 4.0, 11.0])
@pytest.mark.parametrize("fault", FAULTS)
async def test_every_rpc_is_to_end_within_the_time_of_its_call(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, fault: str, takes: float
) -> None:
    async with AsyncMilvusClient(gateway.uri) as client:
        await client.create_collection("c", dimension=2)
        await client.insert("c", [ROW])
        clock = Clock(monkeypatch)
        for name, call in CALLS.items():
            began, clock.takes, clock.is_silent = clock.now, takes, FAULTS[fault] is SILENCE
            clock.deadlines.clear()
            gateway.carried_out.clear()
            gateway.always = Everywhere(FAULTS[fault])
            try:
                await call(client)
            except MilvusException:
                assert fault != "none" or takes > 1, name
            gateway.always = {}
            assert clock.deadlines, name
            late = [path for path, end in clock.deadlines if end > began + ALLOWED]
            assert not late, f"{name} sent {late} with more time than it had"
            assert clock.now <= began + ALLOWED, f"{name} took {clock.now - began} s"
            twice = [each for each in ONCE if gateway.carried_out[each] > 1]
            assert not twice, f"{name} carried {twice} out more than once"


@pytest.mark.timeout(HANG)
@pytest.mark.parametrize("kind", ["async", "sync"])
@pytest.mark.parametrize("name", ["query", "insert", "search", "flush", "load_collection"])
async def test_a_silent_server_is_given_up(gateway: Gateway, kind: str, name: str) -> None:
    async with door(kind, gateway.uri, timeout=0.3) as client:
        await client.create_collection("c", dimension=2, timeout=HANG)
        gateway.always = Everywhere(SILENCE)
        given: tuple[Any, ...] = {
            "query": ("id >= 0",),
            "insert": ([ROW],),
            "search": (VECTORS,),
        }.get(name, ())
        with pytest.raises(MilvusException, match="took longer than the timeout of"):
            await getattr(client, name)("c", *given)
        gateway.always = {}


@pytest.mark.timeout(HANG)
@pytest.mark.parametrize("how", ["silent", "cut", "go away"])
async def test_a_connection_that_ends_in_the_midst_ends_the_call(
    gateway: Gateway, how: str
) -> None:
    async with (
        Relay(gateway.port) as relay,
        AsyncMilvusClient(relay.uri, timeout=0.5) as client,
    ):
        await client.create_collection("c", dimension=2, timeout=HANG)
        gateway.strike("Insert", SILENCE)
        under_way = asyncio.ensure_future(client.insert("c", [ROW]))
        while not gateway.sent("Insert"):
            assert not under_way.done()
            await asyncio.sleep(0.001)
        if how == "silent":
            relay.fall_silent()
        elif how == "cut":
            relay.cut()
        else:
            await gateway.close()
        with pytest.raises(MilvusException, match=r"0\.5 s|UNAVAILABLE"):
            await under_way
        assert gateway.sent("Insert") == 1
        assert gateway.carried_out["Insert"] == 0
