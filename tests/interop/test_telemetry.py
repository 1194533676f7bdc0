"""Heartbeats to a server that knows them, and to one that does not."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import grpc
import pytest

from aiomilvus import MilvusException
from aiomilvus.server import serve
from aiomilvus.wire.proto import messages as pb
from tests.support.doors import Door, door
from tests.support.faulty import LOST, Fault, Gateway, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


class Heart:
    """A server's side of the heartbeats."""

    def __init__(self) -> None:
        self.requests: list[pb.ClientHeartbeatRequest] = []
        self.commands: list[pb.ClientCommand] = []

    def answer(self, content: bytes) -> bytes:
        self.requests.append(pb.ClientHeartbeatRequest.FromString(content))
        commands, self.commands = self.commands, []
        return pb.ClientHeartbeatResponse(status=pb.Status(), commands=commands).SerializeToString()


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    async with serve(tmp_path / "app.db", port=0) as server, Gateway(server.uri) as running:
        yield running


@pytest.fixture(params=["async", "sync"])
async def client(request: pytest.FixtureRequest, gateway: Gateway) -> AsyncIterator[Door]:
    async with door(request.param, gateway.uri, telemetry=True) as opened:
        await opened.create_collection("c", dimension=2)
        yield opened


@pytest.fixture
def heart(gateway: Gateway) -> Heart:
    made = Heart()
    gateway.answers["ClientHeartbeat"] = made.answer
    return made


async def beat(client: Door) -> None:
    """Send a heartbeat now, from the loop that the client works on."""
    backend: Any = client.client._backend
    remote = getattr(backend, "_remote", backend)
    work = remote._telemetry.beat()
    if remote is backend:
        await work
    else:
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, backend._loop))


def settings(client: Door) -> Any:
    backend: Any = client.client._backend
    return getattr(backend, "_remote", backend)._telemetry


async def test_a_heartbeat_tells_who_calls_and_how_it_went(client: Door, heart: Heart) -> None:
    await client.insert("c", [{"id": 1, "vector": [1.0, 2.0]}])
    for _ in range(3):
        await client.search("c", [[1.0, 2.0]])
    with pytest.raises(MilvusException):
        await client.query("c", filter="id >")
    await beat(client)
    (request,) = heart.requests
    info = request.client_info
    assert info.sdk_type == "aiomilvus"
    assert (info.reserved["db_name"], info.reserved["client_id_stable"]) == ("default", "false")
    assert len(info.reserved["client_id"]) == 36
    told = {each.operation: getattr(each, "global") for each in request.metrics}
    assert told["Search"].request_count == told["Search"].success_count == 3
    assert told["Search"].max_latency_ms >= told["Search"].p99_latency_ms > 0
    assert (told["Query"].error_count, told["Insert"].request_count) == (1, 1)
    assert all(not each.collection_metrics for each in request.metrics)
    await beat(client)
    assert list(heart.requests[1].metrics) == []


async def test_commands_are_carried_out_and_replied_to(
    client: Door, heart: Heart, gateway: Gateway
) -> None:
    heart.commands = [
        pb.ClientCommand(
            command_id="p",
            command_type="collection_metrics",
            payload=b'{"collections": ["c"]}',
            create_time=1,
            persistent=True,
        ),
        pb.ClientCommand(command_id="q", command_type="get_config", create_time=2),
        pb.ClientCommand(command_id="r", command_type="dance", create_time=3),
    ]
    await beat(client)
    await client.query("c", filter="id > 0")
    gateway.strike("ClientHeartbeat", LOST)
    await beat(client)  # is lost, and the replies are kept
    await client.query("c", filter="id > 0")
    await beat(client)
    request = heart.requests[-1]
    replies = {each.command_id: each for each in request.command_replies}
    assert [replies[name].success for name in "pqr"] == [True, True, False]
    assert json.loads(replies["q"].payload)["collections"] == ["c"]
    assert "dance" in replies["r"].error_message
    assert len(request.config_hash) == 16
    assert request.last_command_timestamp == 3
    assert [each.collection_metrics["c"].request_count for each in request.metrics] == [1]
    await beat(client)
    assert list(heart.requests[-1].command_replies) == []


async def test_heartbeats_go_on_beside_the_calls(client: Door, heart: Heart) -> None:
    telemetry = settings(client)
    telemetry._commands.configuration.interval_ms = 1
    await telemetry_restarted(client)
    await until(lambda: len(heart.requests) >= 3)


async def telemetry_restarted(client: Door) -> None:
    """Let the first pause, which is half a minute, be over."""
    telemetry = settings(client)
    telemetry._task.get_loop().call_soon_threadsafe(telemetry._task.cancel)
    await until(telemetry._task.done)
    await client.list_collections()


async def test_a_server_without_telemetry_is_asked_less_and_less(
    client: Door, gateway: Gateway
) -> None:
    gateway.always["ClientHeartbeat"] = Fault(code=grpc.StatusCode.UNIMPLEMENTED)
    for _ in range(30):
        await beat(client)
    assert settings(client)._refusals == 20
    del gateway.always["ClientHeartbeat"]
    gateway.answers["ClientHeartbeat"] = Heart().answer
    await beat(client)
    assert settings(client)._refusals == 0


async def test_our_own_server_does_not_mind(client: Door, gateway: Gateway) -> None:
    async with door("async", gateway.upstream, telemetry=True) as direct:
        await direct.list_collections()
        await beat(direct)
        assert await direct.list_collections() == ["c"]


async def test_it_is_off_unless_it_is_asked_for(gateway: Gateway) -> None:
    async with door("async", gateway.uri) as quiet:
        await quiet.list_collections()
        assert settings(quiet) is None
