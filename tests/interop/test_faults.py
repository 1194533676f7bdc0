"""Our client through a gateway that fails: nothing is done twice, and no call outlives its time.

What decides is counted, never timed: how often a call was sent, and how often it was carried out.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import grpc
import pytest

from aiomilvus import AsyncMilvusClient
from aiomilvus.errors import (
    ConnectError,
    DeadlineExceededError,
    MilvusException,
    MilvusUnavailableException,
    NotSupportedError,
    ParamError,
    RateLimitError,
    SchemaMismatchRetryableException,
)
from aiomilvus.server import serve
from tests.support.doors import Door, door
from tests.support.faulty import (
    BUSY,
    LOST,
    LOST_AFTERWARDS,
    SILENCE,
    STALE,
    Fault,
    Gateway,
    Relay,
    numbers,
    until,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

ROW = {"id": 1, "vector": [1.0, 2.0]}
HANG = 30
"""Seconds after which a call has certainly forgotten its own limit, which is far shorter."""


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    async with serve(tmp_path / "app.db", port=0) as server, Gateway(server.uri) as running:
        yield running


@pytest.fixture(params=["async", "sync"])
async def client(request: pytest.FixtureRequest, gateway: Gateway) -> AsyncIterator[Door]:
    async with door(request.param, gateway.uri) as opened:
        await opened.create_collection("c", dimension=2)
        yield opened


async def test_reads_are_made_again_when_the_connection_breaks(
    client: Door, gateway: Gateway
) -> None:
    await client.insert("c", [ROW])
    for name, call in (
        ("Query", lambda: client.query("c", filter="id == 1")),
        ("Search", lambda: client.search("c", [[1.0, 2.0]], limit=1)),
        ("ShowCollections", client.list_collections),
    ):
        gateway.strike(name, LOST, LOST_AFTERWARDS, LOST)
        before = gateway.sent(name)
        assert await call()
        assert gateway.sent(name) - before == 4, name


@pytest.mark.parametrize("fault", [LOST, LOST_AFTERWARDS], ids=["before", "after"])
async def test_a_write_whose_connection_breaks_is_not_made_again(
    client: Door, gateway: Gateway, fault: Fault
) -> None:
    gateway.strike("Insert", fault)
    with pytest.raises(MilvusUnavailableException, match="UNAVAILABLE"):
        await client.insert("c", [ROW])
    assert gateway.sent("Insert") == 1
    assert gateway.carried_out["Insert"] == int(fault.is_done)


async def test_what_is_not_known_to_pass_is_tried_a_few_times(
    client: Door, gateway: Gateway
) -> None:
    gateway.always["ShowCollections"] = Fault(code=grpc.StatusCode.INTERNAL)
    with pytest.raises(MilvusException, match=r"INTERNAL.*\(tried 5 times\)"):
        await client.list_collections()
    assert gateway.sent("ShowCollections") == 5


async def test_a_write_that_a_server_has_no_room_for_is_sent_until_it_has(
    client: Door, gateway: Gateway
) -> None:
    gateway.strike("Insert", BUSY, BUSY, BUSY)
    assert (await client.insert("c", [ROW]))["insert_count"] == 1
    assert (gateway.sent("Insert"), gateway.carried_out["Insert"]) == (4, 1)
    assert await client.query("c", output_fields=["count(*)"]) == [{"count(*)": 1}]


async def test_polls_are_made_again_where_a_server_has_no_room(
    client: Door, gateway: Gateway
) -> None:
    await client.insert("c", [ROW])
    gateway.strike("Flush", BUSY)
    gateway.strike("GetFlushState", BUSY, LOST)
    gateway.strike("GetLoadingProgress", BUSY, LOST)
    await client.flush("c")
    await client.load_collection("c")
    assert gateway.carried_out["Flush"] == 1
    assert gateway.carried_out["GetFlushState"] >= 1
    assert gateway.carried_out["GetLoadingProgress"] >= 1


async def test_retry_times_bounds_what_is_sent(client: Door, gateway: Gateway) -> None:
    gateway.always.update(Insert=BUSY, Query=LOST)
    for times in (0, 2):
        before = gateway.sent("Insert"), gateway.sent("Query")
        with pytest.raises(RateLimitError) as refused:
            await client.insert("c", [ROW], retry_times=times)
        with pytest.raises(MilvusUnavailableException) as lost:
            await client.query("c", filter="id == 1", retry_times=times)
        sent = gateway.sent("Insert") - before[0], gateway.sent("Query") - before[1]
        assert sent == (times + 1, times + 1)
        for error in (refused, lost):
            assert ("(tried 3 times)" in error.value.message) == (times == 2)
    assert gateway.carried_out["Insert"] == 0


async def test_retry_on_rate_limit_may_be_switched_off(client: Door, gateway: Gateway) -> None:
    gateway.strike("Insert", BUSY)
    with pytest.raises(RateLimitError, match="fault of the test's") as error:
        await client.insert("c", [ROW], retry_on_rate_limit=False)
    assert (error.value.code, error.value.compatible_code) == (8, 49)
    assert gateway.sent("Insert") == 1
    gateway.strike("Insert", BUSY)
    await client.insert("c", [ROW])  # what one call says, the next does not know
    assert gateway.sent("Insert") == 3


async def test_wrong_words_about_tries_are_refused(client: Door, gateway: Gateway) -> None:
    gateway.calls.clear()
    for odd in (-1, True, "3", 1.5):
        with pytest.raises(ParamError, match=r"retry_times .* is illegal"):
            await client.list_collections(retry_times=odd)
    with pytest.raises(ParamError, match=r"retry_on_rate_limit .* is illegal"):
        await client.list_collections(retry_on_rate_limit="no")
    assert not gateway.calls


async def test_searches_that_go_together_keep_their_tries(gateway: Gateway) -> None:
    async with AsyncMilvusClient(gateway.uri) as client:
        await client.create_collection("c", dimension=2)
        await client.insert("c", [ROW])
        await client.search("c", [[1.0, 2.0]])
        gateway.always["Search"] = BUSY
        asked = [
            client.search("c", [[1.0, float(n)]], retry_times=1 if n % 2 else 0) for n in range(24)
        ]
        told = await asyncio.gather(*asked, return_exceptions=True)
        assert all(isinstance(each, RateLimitError) for each in told)
        assert {("tried 2 times" in str(each)) for each in told[1::2]} == {True}
        assert {("tried" in str(each)) for each in told[::2]} == {False}


async def test_a_stale_schema_is_looked_up_and_the_write_sent_once_more(
    client: Door, gateway: Gateway
) -> None:
    await client.insert("c", [ROW])
    described = gateway.sent("DescribeCollection")
    gateway.strike("Upsert", STALE)
    await client.upsert("c", [ROW])
    assert gateway.sent("DescribeCollection") == described + 1
    assert (gateway.sent("Upsert"), gateway.carried_out["Upsert"]) == (2, 1)
    gateway.strike("Insert", STALE, STALE)
    before = gateway.sent("Insert")
    with pytest.raises(SchemaMismatchRetryableException):
        await client.insert("c", [{**ROW, "id": 2}])
    assert gateway.sent("Insert") - before == 2


@pytest.mark.timeout(HANG)
@pytest.mark.parametrize("fault", [SILENCE, BUSY, LOST], ids=["silent", "busy", "lost"])
async def test_the_timeout_bounds_all_tries_together(
    client: Door, gateway: Gateway, fault: Fault
) -> None:
    await client.query("c", filter="id == 1")
    gateway.always.update(Query=fault, Insert=fault)
    # When the time ends during a try, not between two, the error is that of the time.
    meant = (RateLimitError, MilvusUnavailableException)
    with pytest.raises(meant) as error:
        await client.query("c", filter="id == 1", timeout=0.3)
    if fault is SILENCE:
        assert isinstance(error.value, DeadlineExceededError)
        assert "0.3 s" in error.value.message
    else:
        assert "fault of the test's" in error.value.message
    with pytest.raises(meant):
        await client.insert("c", [ROW], timeout=0.3)
    assert gateway.carried_out["Insert"] == 0


@pytest.mark.timeout(HANG)
async def test_looking_up_the_schema_uses_the_time_of_the_call(
    client: Door, gateway: Gateway
) -> None:
    await client.drop_collection("c")
    await client.create_collection("c", dimension=2)
    gateway.always["DescribeCollection"] = BUSY
    with pytest.raises((RateLimitError, DeadlineExceededError), match="fault of the test's"):
        await client.insert("c", [ROW], timeout=0.3)
    assert gateway.sent("Insert") == 0


@pytest.mark.parametrize("kind", ["async", "sync"])
async def test_a_call_waits_for_a_server_that_is_about_to_start(
    gateway: Gateway, kind: str
) -> None:
    async with door(kind, gateway.uri) as client:
        await client.create_collection("c", dimension=2)
        await gateway.close()
        with pytest.raises(ConnectError, match="nothing listens there"):
            await client.insert("c", [ROW], retry_times=1)
        waiting = asyncio.ensure_future(client.insert("c", [ROW]))
        await asyncio.sleep(0.1)  # so that some tries are without success; none is as good
        await gateway.open()
        assert (await waiting)["insert_count"] == 1
        assert gateway.carried_out["Insert"] == 1


async def test_servers_that_go_away_in_the_midst_lose_and_double_nothing(gateway: Gateway) -> None:
    """A server that stops lets go of its clients with GOAWAY, at any moment of their calls."""
    async with AsyncMilvusClient(gateway.uri) as client:
        await client.create_collection("c", dimension=2)
        done: list[int] = []

        async def write(first: int) -> None:
            for number in range(first, first + 40):
                try:
                    await client.insert("c", [{**ROW, "id": number}])
                except MilvusUnavailableException:
                    continue
                done.append(number)

        writers = [asyncio.ensure_future(write(1000 * n)) for n in range(4)]
        for _ in range(2):
            seen = len(done)
            await until(
                lambda seen=seen: len(done) >= seen + 5 or all(each.done() for each in writers)  # type: ignore[misc]
            )
            await gateway.close()
            await gateway.open()
        await asyncio.gather(*writers)
        contents = [call.content for call in gateway.calls if call.name == "Insert"]
        assert len(contents) == len(set(contents))  # none was sent twice
        found = numbers(await client.query("c", filter="id >= 0", limit=1000))
        assert set(done) <= set(found)
        assert len(done) > 20


async def test_a_server_that_stops_gently_is_left_without_an_error(gateway: Gateway) -> None:
    async with AsyncMilvusClient(gateway.uri) as client:
        await client.create_collection("c", dimension=2)
        for number in range(5):
            under_way = asyncio.ensure_future(client.insert("c", [{**ROW, "id": number}]))
            await until(lambda count=number: gateway.sent("Insert") > count)  # type: ignore[misc]
            await gateway.close(grace=HANG)
            assert (await under_way)["insert_count"] == 1
            await gateway.open()
        assert gateway.carried_out["Insert"] == 5


@pytest.mark.parametrize("kind", ["async", "sync"])
async def test_a_cut_connection_is_made_again(gateway: Gateway, kind: str) -> None:
    async with Relay(gateway.port) as relay, door(kind, relay.uri) as client:
        await client.create_collection("c", dimension=2)
        await client.insert("c", [ROW])
        for _ in range(3):
            relay.cut()
            assert numbers(await client.query("c", filter="id >= 0")) == [1]
        assert gateway.carried_out["Insert"] == 1
        assert relay.connections >= 4


@pytest.mark.timeout(HANG)
async def test_a_connection_open_at_one_end_only_is_found_out(gateway: Gateway) -> None:
    often = dict.fromkeys(
        ("keepalive_time_ms", "keepalive_timeout_ms", "http2.ping_timeout_ms"), 100
    )
    options = {f"grpc.{name}": value for name, value in often.items()}
    async with (
        Relay(gateway.port) as relay,
        AsyncMilvusClient(relay.uri, grpc_options=options) as client,
    ):
        await client.create_collection("c", dimension=2)
        relay.fall_silent()
        assert await client.list_collections() == ["c"]
        assert relay.connections == 2


async def test_calls_bring_who_calls_and_when(gateway: Gateway) -> None:
    async with AsyncMilvusClient(gateway.uri, db_name="default") as client:
        await client.list_collections(client_request_id="mine", log_level="debug")
        await client.list_collections()
    introduced, first, second = gateway.calls
    assert (introduced.name, introduced.metadata["dbname"]) == ("Connect", "default")
    identifier = first.metadata["identifier"]
    assert int(identifier) > 0
    assert first.metadata["client-request-id"] == "mine"
    assert first.metadata["log_level"] == "debug"
    assert second.metadata["identifier"] == identifier
    assert not {"client-request-id", "log_level"} & second.metadata.keys()
    assert int(first.metadata["client-request-unixmsec"]) > 0
    assert int(first.metadata["client-request-unixmsec"]) <= int(
        second.metadata["client-request-unixmsec"]
    )


async def test_calls_that_begin_together_ask_for_a_schema_once(gateway: Gateway) -> None:
    async with AsyncMilvusClient(gateway.uri) as client:
        await client.create_collection("c", dimension=2)
        before = gateway.sent("DescribeCollection")
        found = await asyncio.gather(
            *(client.search("c", [[n, 1.0]], limit=1) for n in range(500)),
            *(client.get("c", n) for n in range(50)),
        )
        assert len(found) == 550
        assert gateway.sent("DescribeCollection") - before == 1


@pytest.mark.parametrize("kind", ["async", "sync"])
async def test_a_client_introduces_itself_again_to_a_server_it_has_lost(
    gateway: Gateway, kind: str
) -> None:
    async with door(kind, gateway.uri) as client:
        await client.list_collections()
        await client.list_collections()
        assert gateway.sent("Connect") == 1
        gateway.strike("ShowCollections", LOST)
        await client.list_collections()
        assert gateway.sent("Connect") == 2


async def test_a_server_without_connect_is_called_as_any_other(gateway: Gateway) -> None:
    gateway.always["Connect"] = Fault(code=grpc.StatusCode.UNIMPLEMENTED)
    async with AsyncMilvusClient(gateway.uri) as client:
        assert await client.list_collections() == []
        assert await client.list_collections() == []
    assert gateway.sent("Connect") == 1
    assert "identifier" not in gateway.calls[-1].metadata


async def test_a_server_without_our_extension_is_named(gateway: Gateway) -> None:
    gateway.always["ReadChanges"] = Fault(code=grpc.StatusCode.UNIMPLEMENTED)
    async with AsyncMilvusClient(gateway.uri) as client:
        await client.create_collection("c", dimension=2)
        with pytest.raises(NotSupportedError, match="no ReadChanges, which Milvus does not know"):
            await client.watch("c", wait=0).__anext__()
    assert gateway.sent("ReadChanges") == 1
