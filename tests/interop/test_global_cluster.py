"""Global clusters: a made-up topology over servers of ours, whose primary changes or dies."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING

import grpc
import pytest

from aiomilvus import AnnSearchRequest, AsyncMilvusClient, MilvusClient
from aiomilvus.client.backends.remote import global_cluster
from aiomilvus.errors import (
    ConnectError,
    DeadlineExceededError,
    MilvusException,
    MilvusUnavailableException,
    NotAuthenticatedError,
    ParamError,
)
from aiomilvus.server import serve
from aiomilvus.wire.proto import messages as pb
from tests.support.doors import Door, door
from tests.support.faulty import SILENCE, Fault, Gateway, until
from tests.support.global_topology import TopologyService

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from google.protobuf.message import Message

UNAVAILABLE = grpc.StatusCode.UNAVAILABLE
NAMES = ("east", "west", "north")
DEMOTED = Fault(status=1, text="[STREAMING_CODE_REPLICATE_VIOLATION] not the primary")
ROW = {"id": 1, "vector": [1.0, 2.0]}


class World:
    """Three clusters, each with a collection of its name and one called `c`."""

    def __init__(self, gateways: dict[str, Gateway], topology: TopologyService) -> None:
        self.gateways = gateways
        self.topology = topology

    @property
    def uri(self) -> str:
        return self.topology.uri

    async def change(self, primary: str) -> None:
        """Make another cluster the primary; the old one takes no writes any more."""
        old = self.gateways[self.topology.primary]
        old.always.update(Insert=DEMOTED, Upsert=DEMOTED)
        self.topology.promote(primary)

    async def kill_primary(self, successor: str) -> None:
        await self.gateways[self.topology.primary].close()
        self.topology.promote(successor)

    def written(self) -> dict[str, int]:
        return {name: each.carried_out["Insert"] for name, each in self.gateways.items()}


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    monkeypatch.setattr(global_cluster, "_PAUSE", 0.0)
    monkeypatch.setattr(global_cluster, "_FIRST_WAIT", 0.01)
    async with AsyncExitStack() as stack:
        gateways = {}
        for name in NAMES:
            server = await stack.enter_async_context(serve(tmp_path / name, port=0))
            gateways[name] = await stack.enter_async_context(Gateway(server.uri))
            async with AsyncMilvusClient(server.uri) as client:
                for collection in (name, "c"):
                    await client.create_collection(collection, dimension=2)
        clusters = {name: each.uri for name, each in gateways.items()}
        topology = await stack.enter_async_context(TopologyService(clusters, "east"))
        yield World(gateways, topology)


async def where(client: Door) -> str:
    """Return the name of the cluster that answers."""
    found: list[str] = await client.list_collections()
    return next(name for name in found if name != "c")


@pytest.fixture(params=["async", "sync"])
async def client(request: pytest.FixtureRequest, world: World) -> AsyncIterator[Door]:
    async with door(request.param, world.uri, user="root", password="secret") as opened:
        yield opened


async def test_calls_go_to_the_primary(world: World, client: Door) -> None:
    assert await where(client) == "east"
    assert await where(client) == "east"
    assert world.topology.requests == [("/global-cluster/global-cluster/topology", BEARER)]
    assert world.gateways["west"].calls == []


BEARER = "Bearer root:secret"


async def test_a_killed_primary_is_followed_by_its_successor(world: World, client: Door) -> None:
    await client.insert("c", [ROW])
    await world.kill_primary("west")
    assert await where(client) == "west"
    await world.kill_primary("north")
    await client.insert("c", [ROW])  # nothing was sent to the one that is gone
    assert await where(client) == "north"
    assert world.written() == {"east": 1, "west": 0, "north": 1}


async def test_a_demoted_primary_gets_no_writes(world: World, client: Door) -> None:
    await client.insert("c", [ROW])
    await world.change("west")
    await client.insert("c", [{**ROW, "id": 2}])
    assert world.written() == {"east": 1, "west": 1, "north": 0}
    assert await where(client) == "west"


async def test_a_write_waits_until_the_topology_has_the_new_primary(
    world: World, client: Door
) -> None:
    await client.insert("c", [ROW])
    east = world.gateways["east"]
    east.always["Insert"] = DEMOTED
    writing = asyncio.ensure_future(client.insert("c", [{**ROW, "id": 2}]))
    await until(lambda: east.sent("Insert") >= 4)
    world.topology.promote("north")
    await writing
    assert world.written() == {"east": 1, "west": 0, "north": 1}


async def test_a_write_that_the_primary_may_have_carried_out_is_not_repeated(
    world: World,
) -> None:
    async with AsyncMilvusClient(world.uri) as client:
        await client.insert("c", [ROW])
        world.gateways["east"].strike("Insert", SILENCE)
        writing = asyncio.ensure_future(client.insert("c", [{**ROW, "id": 2}]))
        await until(lambda: world.gateways["east"].sent("Insert") >= 2)
        await world.kill_primary("west")
        with pytest.raises(MilvusException):
            await writing
        assert world.written() == {"east": 1, "west": 0, "north": 0}
        await client.insert("c", [{**ROW, "id": 2}])  # the caller's decision
        assert world.written()["west"] == 1


async def test_many_calls_at_once_look_for_the_primary_together(world: World) -> None:
    async with AsyncMilvusClient(world.uri) as client:
        found = await asyncio.gather(*[client.list_collections() for _ in range(30)])
        assert {tuple(sorted(each)) for each in found} == {("c", "east")}
        assert len(world.topology.requests) == 1
        await world.kill_primary("west")
        found = await asyncio.gather(*[client.list_collections() for _ in range(30)])
        assert {tuple(sorted(each)) for each in found} == {("c", "west")}
        assert len(world.topology.requests) < 6


async def test_the_topology_is_asked_for_again_with_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with AsyncMilvusClient(world.uri) as client:
        await client.list_collections()
        world.topology.promote("west")
        assert "east" in await client.list_collections()
        monkeypatch.setattr(global_cluster, "REFRESH_SECONDS", 0.0)
        while "west" not in await client.list_collections():  # it is asked for beside the calls
            pass
        world.topology.version = 1
        world.topology.primary = "north"
        asked = len(world.topology.requests)
        while len(world.topology.requests) < asked + 3:
            assert "west" in await client.list_collections()  # an older version changes nothing


async def test_a_topology_that_cannot_be_had_leaves_the_old_one(
    world: World, client: Door, caplog: pytest.LogCaptureFixture
) -> None:
    assert await where(client) == "east"
    world.topology.failures = [500] * 100
    world.gateways["east"].strike("ShowCollections", Fault(code=UNAVAILABLE))
    assert await where(client) == "east"
    assert "was not refreshed" in caplog.text


@pytest.mark.parametrize("kind", ["async", "sync"])
async def test_the_first_topology_is_asked_for_three_times(world: World, kind: str) -> None:
    world.topology.failures = [503, 500]
    async with door(kind, world.uri, user="root", password="secret") as client:
        assert await where(client) == "east"
    assert len(world.topology.requests) == 3


async def is_said_what_is_wrong(world: World, ask: Callable[[], Awaitable[object]]) -> None:
    world.topology.failures = [500] * 3
    with pytest.raises(ConnectError, match=r"Failed to fetch global topology after 3 attempts"):
        await ask()
    asked = len(world.topology.requests)
    for status, kind in ((401, NotAuthenticatedError), (404, MilvusException)):
        world.topology.failures = [status]
        with pytest.raises(kind, match=f"failed with status {status}"):
            await ask()
    assert len(world.topology.requests) == asked + 2
    world.topology.primary = ""
    with pytest.raises(ConnectError, match="No primary cluster found"):
        await ask()


async def test_what_is_wrong_with_the_topology_is_said_by_each_call(world: World) -> None:
    async with door("async", world.uri, user="root", password="secret") as client:
        await is_said_what_is_wrong(world, client.list_collections)


async def test_what_is_wrong_with_the_topology_is_said_by_the_constructor(world: World) -> None:
    make = partial(asyncio.to_thread, MilvusClient, world.uri, token="root:secret")
    await is_said_what_is_wrong(world, make)


async def test_finding_the_primary_uses_the_time_of_the_call(world: World) -> None:
    world.topology.failures = [500] * 3
    async with AsyncMilvusClient(world.uri) as client:
        with pytest.raises((DeadlineExceededError, ConnectError)):
            await client.list_collections(timeout=0.01)


async def test_a_client_that_is_closed_looks_for_no_primary(world: World) -> None:
    world.topology.is_silent = True
    client = AsyncMilvusClient(world.uri)
    asking = asyncio.ensure_future(client.list_collections())
    await until(lambda: bool(world.topology.requests))
    await client.close()
    with pytest.raises(MilvusUnavailableException, match="the client was closed"):
        await asking
    await world.topology.stop()


async def test_an_address_that_nobody_answers_is_an_error() -> None:
    async with AsyncMilvusClient("http://127.0.0.1:9/global-cluster") as client:
        with pytest.raises((DeadlineExceededError, ConnectError)):
            await client.list_collections(timeout=0.2)


def pairs(message: Message, name: str) -> dict[str, str]:
    return {each.key: each.value for each in getattr(message, name)}


async def test_a_session_reads_from_its_cluster(world: World, client: Door) -> None:
    session = Door(client.client.session("west"))
    await client.insert("c", [ROW])
    gateway = world.gateways["east"]
    gateway.calls.clear()
    part = AnnSearchRequest([[1.0, 2.0]], "vector", {}, limit=1)
    assert [hit["id"] for hit in (await session.search("c", [[1.0, 2.0]], limit=1))[0]] == [1]
    assert (await session.hybrid_search("c", [part], limit=1))[0][0]["id"] == 1
    assert (await session.query("c", filter="id > 0"))[0]["id"] == 1
    assert (await session.get("c", [1]))[0]["id"] == 1
    for name in ("query_iterator", "search_iterator"):
        given = {"data": [[1.0, 2.0]]} if name == "search_iterator" else {}
        iterator = Door(getattr(session.client, name)("c", batch_size=1, **given))
        assert [row["id"] for row in await iterator.next()] == [1]
    await client.query("c", filter="id > 0", cluster_id="north")
    await client.query("c", filter="id > 0")
    told = []
    for call in gateway.calls:
        if call.name == "Search":
            told.append(pairs(pb.SearchRequest.FromString(call.content), "search_params"))
        elif call.name == "HybridSearch":
            told.append(pairs(pb.HybridSearchRequest.FromString(call.content), "rank_params"))
        elif call.name == "Query":
            told.append(pairs(pb.QueryRequest.FromString(call.content), "query_params"))
    assert [each.get("cluster_id") for each in told] == [*["west"] * 6, "north", None]


async def test_a_session_ends_by_itself_or_with_its_client(world: World, client: Door) -> None:
    await client.insert("c", [ROW])
    session = Door(client.client.session("west"))
    await session.close()
    with pytest.raises(MilvusException, match="MilvusClient session is closed"):
        await session.query("c", filter="id > 0")
    assert await client.query("c", filter="id > 0")
    other = Door(client.client.session("west"))
    await client.close()
    with pytest.raises(MilvusException, match="This client is closed"):
        await other.query("c", filter="id > 0")


async def test_a_session_needs_the_id_of_a_cluster(client: Door) -> None:
    for odd in ("", None, 7):
        with pytest.raises(ParamError, match="cluster_id"):
            client.client.session(odd)
