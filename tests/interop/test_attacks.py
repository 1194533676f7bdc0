"""What strangers, guessers and floods can't do to a server."""

from __future__ import annotations

import asyncio
import json
import threading
import urllib.request
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio
import pytest

from aiomilvus import AsyncMilvusClient
from aiomilvus.client.backends.remote import channels
from aiomilvus.errors import (
    DeadlineExceededError,
    MilvusException,
    NotAuthenticatedError,
    ParamTooLargeError,
    RateLimitError,
)
from aiomilvus.model import passwords
from aiomilvus.server import grpc_door, logins, serve
from aiomilvus.server.admission import STREAMS
from aiomilvus.wire.proto.rpc import rpc
from aiomilvus.wire.table.route import status_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from aiomilvus.server import Server

JSON = "application/json"
ROOT = "root:changed-1"
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
"""How an HTTP/2 client opens a connection: with empty settings."""


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what nobody announces; the test's timeout ends it."""
    while not condition():  # noqa: ASYNC110 - there is no event to wait for
        await asyncio.sleep(0.001)


def channel_to(server: Server) -> grpc.aio.Channel:
    alone = (("grpc.use_local_subchannel_pool", 1),)  # else channels share a connection
    return grpc.aio.insecure_channel(server.uri.removeprefix("http://"), alone)


async def nothing_yet(sent: asyncio.Event) -> AsyncIterator[bytes]:
    """Begin a request, and send none of it until the event is set."""
    await sent.wait()
    yield b"never"


async def test_strangers_are_refused_before_they_send_anything(tmp_path: Path) -> None:
    async with (
        serve(tmp_path / "app.db", port=0, auth=True, concurrency=1) as server,
        channel_to(server) as channel,
    ):
        never = asyncio.Event()
        show = rpc("ShowCollections")
        for _ in range(3):
            call: Any = channel.stream_unary(show.path)
            reply: Any = show.response.FromString(await call(nothing_yet(never), timeout=30))
            assert status_of(reply).code == NotAuthenticatedError(message="").code
        assert server.service.under_way == 0


async def test_a_request_that_does_not_come_gives_its_place_back(tmp_path: Path) -> None:
    async with (
        serve(tmp_path / "app.db", port=0, receive_timeout=0.05) as server,
        channel_to(server) as channel,
    ):
        show = rpc("ShowCollections")
        call: Any = channel.stream_unary(show.path)
        with pytest.raises(grpc.aio.AioRpcError, match=r"has not come within 0\.05 s"):
            await call(nothing_yet(asyncio.Event()), timeout=30)
        await until(lambda: server.service.under_way == 0)
        plain: Any = channel.unary_unary(show.path)
        assert status_of(show.response.FromString(await plain(b"", timeout=30))).code == 0


async def test_a_call_without_a_request_is_refused(tmp_path: Path) -> None:
    async def empty() -> AsyncIterator[bytes]:
        for each in list[bytes]():
            yield each

    async with serve(tmp_path / "app.db", port=0) as server, channel_to(server) as channel:
        show = rpc("ShowCollections")
        call: Any = channel.stream_unary(show.path)
        reply: Any = show.response.FromString(await call(empty(), timeout=30))
        assert "brings no request" in status_of(reply).reason


@pytest.mark.parametrize(
    ("sent", "limits"),
    [(b"", {"handshake_timeout": 0.1}), (PREFACE, {"keepalive": 0.1})],
    ids=["silent from the start", "silent later"],
)
async def test_connections_of_the_dead_are_closed(
    tmp_path: Path, sent: bytes, limits: dict[str, float]
) -> None:
    async with serve(tmp_path / "app.db", port=0, **limits) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(sent)
        while await reader.read(1 << 16):
            pass  # settings, and the ping that nobody answers
        writer.close()


async def test_idle_connections_are_closed_and_opened_again(tmp_path: Path) -> None:
    async with serve(tmp_path / "app.db", port=0, idle_timeout=0.05) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(PREFACE)
        while await reader.read(1 << 16):
            pass
        writer.close()
        async with AsyncMilvusClient(server.uri) as client:
            assert await client.list_collections() == []
            await asyncio.sleep(0.2)
            assert await client.list_collections() == []


class SlowScrypt:
    """Keeps checks of passwords from ending until told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go_on = threading.Event()
        self.begun = 0
        self._scrypt = passwords._scrypt
        monkeypatch.setattr(passwords, "_scrypt", self)

    def __call__(self, *arguments: Any) -> bytes:
        self.begun += 1
        self.go_on.wait(30)
        return self._scrypt(*arguments)


async def test_changed_passwords_hold_up_no_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        serve(tmp_path / "app.db", port=0) as server,
        AsyncMilvusClient(server.uri) as client,
    ):
        await client.create_collection("things", dimension=2)
        await client.create_user("ada", "ada-secret")
        slow = SlowScrypt(monkeypatch)
        changes = [
            asyncio.create_task(client.update_password("ada", f"wrong-{n}", "ada-secret-2"))
            for n in range(20)
        ]
        try:
            await until(lambda: slow.begun > 0)
            done = await client.insert("things", [{"id": 1, "vector": [1.0, 2.0]}])
            assert done["insert_count"] == 1
            assert slow.begun <= 2  # each takes 64 MiB
        finally:
            slow.go_on.set()
        refused = await asyncio.gather(*changes, return_exceptions=True)
        assert all("not correct" in str(each) for each in refused)


async def test_who_guesses_keeps_nobody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So much that checking all guesses takes longer than connecting.
    monkeypatch.setitem(passwords._COST, "n", 1 << 13)
    async with serve(tmp_path / "app.db", port=0, auth=True, root_password="changed-1") as server:
        slow = SlowScrypt(monkeypatch)
        show = rpc("ShowCollections")

        async def guess(channel: grpc.aio.Channel, number: int) -> int:
            call: Any = channel.unary_unary(show.path)
            bringing = (("authorization", f"root:guess-{number}"),)
            return int(status_of(show.response.FromString(await call(b"", metadata=bringing))).code)

        connections = [channel_to(server) for _ in range(8)]
        guesses = [
            asyncio.create_task(guess(channel, n * 40 + place))
            for place, channel in enumerate(connections)
            for n in range(40)
        ]
        await until(lambda: slow.begun > 0)
        slow.go_on.set()
        async with AsyncMilvusClient(server.uri, token=ROOT) as client:
            assert await client.list_collections() == []
            assert not all(each.done() for each in guesses)
        codes = await asyncio.gather(*guesses)
        assert set(codes) <= {
            NotAuthenticatedError(message="").code,
            RateLimitError(message="").code,
        }
        # Most were not even checked.
        assert slow.begun <= len(connections) * (logins.MOST_FAILURES + logins.MOST_WAITING)
        for channel in connections:
            await channel.close()


async def test_thousands_of_calls_at_once_are_all_answered(tmp_path: Path) -> None:
    async with (
        serve(tmp_path / "app.db", port=0) as server,
        AsyncMilvusClient(server.uri, timeout=100) as client,
        AsyncMilvusClient(server.uri, timeout=100) as bystander,
    ):
        await client.create_collection("things", dimension=2)
        await client.insert("things", [{"id": n, "vector": [n, 1.0]} for n in range(50)])
        assert await bystander.has_collection("things")
        most = 0

        async def get(number: int) -> int:
            nonlocal most
            found = await client.get("things", number % 50)
            most = max(most, server.service.under_way)
            return int(found[0]["id"])

        calls = [asyncio.create_task(get(n)) for n in range(2_000)]
        await until(lambda: any(each.done() for each in calls))
        assert await bystander.has_collection("things")
        # It does not wait for all that the other asks.
        assert not all(each.done() for each in calls)
        assert await asyncio.gather(*calls) == [n % 50 for n in range(2_000)]
        assert most <= channels.MOST * channels.BUSY + 1


async def test_a_foreign_clients_thousands_wait_unread(tmp_path: Path) -> None:
    async with serve(tmp_path / "app.db", port=0) as server, channel_to(server) as channel:
        show = rpc("ShowCollections")
        call: Any = channel.unary_unary(show.path)
        replies = await asyncio.gather(*[call(b"", timeout=100) for _ in range(2_000)])
        assert {status_of(show.response.FromString(reply)).code for reply in replies} == {0}
        assert not server.service.under_way


async def test_another_clients_call_waits_behind_few_of_a_floods(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        serve(tmp_path / "app.db", port=0) as server,
        channel_to(server) as flooding,
        channel_to(server) as other,
    ):
        begun: list[str] = []
        perform = server.service.perform

        async def noted(name: str, *given: Any, **named: Any) -> Any:
            begun.append(name)
            return await perform(name, *given, **named)

        monkeypatch.setattr(server.service, "perform", noted)
        show: Any = flooding.unary_unary(rpc("ShowCollections").path)
        version: Any = other.unary_unary(rpc("GetVersion").path)
        await version(b"", timeout=100)
        calls = [asyncio.ensure_future(show(b"", timeout=100)) for _ in range(1_000)]
        await until(lambda: any(call.done() for call in calls))
        behind = []
        while not all(call.done() for call in calls):
            before = len(begun)
            await version(b"", timeout=100)
            behind.append(begun.index("GetVersion", before) - before)
        # gRPC has a hundred, which it hands over before; a call would be behind all of these. When
        # gRPC's thread sees it is the system's choice, so one of the calls has to be seen in time.
        assert min(behind[:-1]) <= 20, behind
        await asyncio.gather(*calls)


async def test_streams_beyond_their_bound_wait_at_the_client(tmp_path: Path) -> None:
    async with serve(tmp_path / "app.db", port=0) as server, channel_to(server) as channel:
        show: Any = channel.unary_unary(rpc("ShowCollections").path)
        for _ in range(3):  # gRPC refuses some of those that follow each other closely, if it may
            await asyncio.gather(*[show(b"", timeout=100) for _ in range(4 * STREAMS)])


async def test_each_client_is_told_an_identifier_of_its_own(tmp_path: Path) -> None:
    async with serve(tmp_path / "app.db", port=0) as server, channel_to(server) as channel:
        connect = rpc("Connect")
        call: Any = channel.unary_unary(connect.path)
        replies: list[Any] = [connect.response.FromString(await call(b"")) for _ in range(3)]
        assert len({reply.identifier for reply in replies}) == 3
        assert all(0 < reply.identifier < 1 << 63 for reply in replies)


async def test_a_call_that_waits_for_a_place_keeps_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "BUSY", 1)
    monkeypatch.setattr(channels, "MOST", 1)
    async with (
        serve(tmp_path / "app.db", port=0) as server,
        AsyncMilvusClient(server.uri) as client,
    ):
        await client.create_user("ada", "ada-secret")
        slow = SlowScrypt(monkeypatch)
        change = asyncio.create_task(client.update_password("ada", "ada-secret", "ada-secret-2"))
        try:
            await until(lambda: slow.begun > 0)
            left = asyncio.create_task(client.list_collections())
            await asyncio.sleep(0)
            with pytest.raises(DeadlineExceededError, match="ShowCollections took longer"):
                await client.list_collections(timeout=0.05)
            left.cancel()
        finally:
            slow.go_on.set()
        await change
        assert await client.list_collections() == []


async def test_a_stop_closes_both_doors_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(tmp_path / "app.db", port=0, http_port=0, grace=60)
    await server.start()
    async with AsyncMilvusClient(server.uri) as client:
        await client.create_user("ada", "ada-secret")
        slow = SlowScrypt(monkeypatch)
        change = {"userName": "ada", "password": "ada-secret", "newPassword": "ada-secret-2"}
        url = f"{server.http_uri}/v2/vectordb/users/update_password"
        asked = asyncio.create_task(asyncio.to_thread(post, url, change))
        try:
            await until(lambda: slow.begun > 0)
            stopping = asyncio.create_task(server.stop())
            while True:  # until it is refused, though the other door has still a request
                try:
                    await client.list_collections(timeout=1)
                except MilvusException:
                    break
            assert not asked.done()
        finally:
            slow.go_on.set()
        await stopping
        assert (await asked)["code"] == 0


def post(url: str, given: dict[str, str]) -> Any:
    request = urllib.request.Request(url, json.dumps(given).encode(), {"Content-Type": JSON})  # noqa: S310 - ours
    with urllib.request.urlopen(request, timeout=60) as reply:  # noqa: S310 - as above
        return json.load(reply)


async def test_answers_too_large_are_refused_before_they_are_made(tmp_path: Path) -> None:
    async with (
        serve(tmp_path / "app.db", port=0, output_bytes=200_000) as server,
        AsyncMilvusClient(server.uri) as client,
    ):
        await client.create_collection("things", dimension=2)
        long = "x" * 1000
        await client.insert(
            "things", [{"id": n, "vector": [n, 1.0], "text": long} for n in range(2000)]
        )
        with pytest.raises(ParamTooLargeError, match="ask for fewer") as error:
            await client.query("things", filter="id >= 0", output_fields=["text"])
        assert error.value.code == 1102
        queries = [[1.0, 2.0]] * 50
        with pytest.raises(ParamTooLargeError, match="would have about 1200000 bytes"):
            await client.search("things", queries, limit=2000)
        with pytest.raises(ParamTooLargeError, match="ask for fewer"):
            await client.search("things", [[1.0, 2.0]], limit=500, output_fields=["text"])
        assert len((await client.search("things", queries, limit=100))[0]) == 100
        assert len(await client.query("things", filter="id < 99", output_fields=["text"])) == 99


def ended_calls(server: Server, door: str, method: str) -> dict[str, float]:
    """Return how many calls of an RPC ended with each code."""
    with server.service.calls.summed_up() as registry:
        return {
            sample.labels["code"]: sample.value
            for metric in registry.collect()
            for sample in metric.samples
            if sample.name == "aiomilvus_calls_total"
            and (sample.labels["door"], sample.labels["method"]) == (door, method)
        }


class Waiting:
    """Stands for the engine: a call begins, and ends when it is let or cancelled."""

    def __init__(self) -> None:
        self.begun, self.ended, self.let = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def execute(self, *_: object) -> None:
        self.begun.set()
        try:
            await self.let.wait()
        finally:
            self.ended.set()


async def posting(server: Server, path: str, body: bytes) -> asyncio.StreamWriter:
    """Send a REST call, and return the connection that its reply would come by."""
    _, writer = await asyncio.open_connection("127.0.0.1", server.http_port)
    head = f"POST /v2/vectordb/{path} HTTP/1.1\r\nHost: localhost\r\n"
    writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    return writer


async def answers_others(server: Server) -> bool:
    """Ask for something else, which the server reads after all that has come before."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.http_port)
    writer.write(b"GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n")
    status = await reader.readline()
    writer.close()
    await writer.wait_closed()
    return b" 404 " in status


async def test_a_rest_call_ends_when_its_caller_leaves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Waiting()
    async with serve(tmp_path / "app.db", port=0, http_port=0) as server:
        with monkeypatch.context() as patched:
            patched.setattr(server.service.backend, "execute", engine.execute)
            writer = await posting(server, "collections/list", b"{}")
            await engine.begun.wait()
            writer.close()
            await engine.ended.wait()
        await until(lambda: server.service.under_way == 0)
        await until(lambda: ended_calls(server, "rest", "ShowCollections") == {"499": 1})


async def test_a_rest_call_that_changes_something_goes_on_when_its_caller_leaves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Waiting()
    async with serve(tmp_path / "app.db", port=0, http_port=0) as server:
        with monkeypatch.context() as patched:
            patched.setattr(server.service.backend, "execute", engine.execute)
            writer = await posting(server, "databases/create", b'{"dbName": "d"}')
            await engine.begun.wait()
            writer.close()
            await writer.wait_closed()
            assert await answers_others(server)
            assert not engine.ended.is_set()
            engine.let.set()
            await engine.ended.wait()
        await until(lambda: ended_calls(server, "rest", "CreateDatabase") == {"0": 1})


async def test_a_grpc_call_whose_caller_leaves_is_no_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Waiting()
    async with (
        serve(tmp_path / "app.db", port=0) as server,
        AsyncMilvusClient(f"http://127.0.0.1:{server.port}") as client,
    ):
        with monkeypatch.context() as patched:
            patched.setattr(server.service.backend, "execute", engine.execute)
            asking = asyncio.create_task(client.list_databases())
            await engine.begun.wait()
            asking.cancel()
            await engine.ended.wait()
        await until(lambda: ended_calls(server, "grpc", "ListDatabases") == {"499": 1})


async def test_a_call_that_ends_while_its_refusal_is_sent_counts_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def stuck(*_: object) -> bytes:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return b""

    async with serve(tmp_path / "app.db", port=0) as server, channel_to(server) as channel:
        monkeypatch.setattr(grpc_door, "_refusal", stuck)
        call: Any = channel.unary_unary(rpc("DescribeDatabase").path)
        asking = call(b"\x12\x04none", timeout=60)
        await begun.wait()
        asking.cancel()
        await ended.wait()
        await until(lambda: sum(ended_calls(server, "grpc", "DescribeDatabase").values()) > 0)
        for _ in range(20):
            await asyncio.sleep(0)
        assert list(ended_calls(server, "grpc", "DescribeDatabase").values()) == [1]
