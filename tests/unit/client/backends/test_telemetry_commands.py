"""Counting calls, and what a server may tell a client to do about it."""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
from typing import Any

import grpc
import grpc.aio
import pytest

from aiomilvus.client.backends.remote import call_metrics, telemetry_commands
from aiomilvus.client.backends.remote.call_metrics import CallMetrics
from aiomilvus.client.backends.remote.credentials import Credentials
from aiomilvus.client.backends.remote.servers import OneServer
from aiomilvus.client.backends.remote.target import Target
from aiomilvus.client.backends.remote.telemetry import Telemetry
from aiomilvus.client.backends.remote.telemetry_commands import Commands
from aiomilvus.wire.proto import messages as pb


def command(
    kind: str, payload: object = None, *, name: str = "c1", at: int = 10, persistent: bool = False
) -> pb.ClientCommand:
    content = b"" if payload is None else json.dumps(payload).encode()
    return pb.ClientCommand(
        command_id=name, command_type=kind, payload=content, create_time=at, persistent=persistent
    )


def obeyed(commands: Commands, *given: pb.ClientCommand) -> list[tuple[bool, str, Any]]:
    return [
        (each.success, each.error_message, json.loads(each.payload or b"null"))
        for each in commands.obey(given)
    ]


def test_calls_are_counted_by_operation_and_collection() -> None:
    metrics = CallMetrics()
    for number in range(100):
        metrics.record("Search", "c", number / 1000, None, by_collection=number % 2 == 0)
    metrics.record("Search", "d", 0.5, (8, "full"), by_collection=True)
    metrics.record("Insert", "", 0.001, None, by_collection=True)
    search, insert = metrics.close_window().metrics
    assert (search.operation, search.total.request_count, search.total.error_count) == (
        "Search",
        101,
        1,
    )
    assert search.total.success_count == 100
    assert search.total.avg_latency_ms == pytest.approx((sum(range(100)) + 500) / 101)
    assert (search.total.p99_latency_ms, search.total.max_latency_ms) == (99.0, 500.0)
    assert {name: each.request_count for name, each in search.collections.items()} == {
        "c": 50,
        "d": 1,
    }
    assert insert.collections == {}
    assert metrics.close_window().metrics == ()
    assert [(each.code, each.collection) for each in metrics.errors(5)] == [(8, "d")]


def test_a_percentile_is_of_the_last_calls_and_the_maximum_of_all() -> None:
    metrics = CallMetrics()
    metrics.record("Search", "", 9.0, None, by_collection=False)
    for _ in range(call_metrics.SAMPLES):
        metrics.record("Search", "", 0.002, None, by_collection=False)
    (search,) = metrics.close_window().metrics
    assert (search.total.p99_latency_ms, search.total.max_latency_ms) == (2.0, 9000.0)


def test_a_pushed_configuration_holds_until_it_lapses(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(telemetry_commands, "monotonic", lambda: now)
    commands = Commands(CallMetrics())
    payload = {"enabled": False, "heartbeat_interval_ms": 5000, "sampling_rate": 0.5}
    assert obeyed(commands, command("push_config", {**payload, "ttl_seconds": 60})) == [
        (True, "", None)
    ]
    held = commands.configuration
    assert (held.enabled, held.interval_ms, held.sampling_rate) == (False, 5000, 0.5)
    now = 161.0
    held = commands.configuration
    assert (held.enabled, held.interval_ms, held.sampling_rate) == (True, 30_000, 1.0)


def test_a_persistent_configuration_lapses_once_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(telemetry_commands, "monotonic", lambda: now)
    commands = Commands(CallMetrics())
    brief = command("push_config", {"sampling_rate": 0.5, "ttl_seconds": 60}, persistent=True)
    lasting = command("push_config", {"heartbeat_interval_ms": 5000}, name="c2", persistent=True)
    obeyed(commands, brief, lasting)
    now = 130.0
    obeyed(commands, brief, lasting)  # sent again, because the server began again
    assert commands.configuration.sampling_rate == 0.5
    told = commands.hash
    now = 161.0
    for _ in range(2):
        held = commands.configuration
        assert (held.sampling_rate, held.interval_ms) == (1.0, 5000)
        now += 1000
    assert obeyed(commands, brief, lasting)[0][0]
    assert commands.configuration.sampling_rate == 1.0
    assert commands.hash == told
    renewed = command("push_config", {"sampling_rate": 0.5, "ttl_seconds": 60}, at=11,
                      persistent=True)  # fmt: skip
    obeyed(commands, renewed, lasting)
    assert commands.configuration.sampling_rate == 0.5


def test_each_setting_lapses_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(telemetry_commands, "monotonic", lambda: now)
    commands = Commands(CallMetrics())
    pushed = [{"sampling_rate": 0.5, "ttl_seconds": 10}, {"heartbeat_interval_ms": 5000},
              {"enabled": False, "ttl_seconds": 20}]  # fmt: skip
    for number, payload in enumerate(pushed, 1):
        obeyed(commands, command("push_config", payload, at=number))
    found = []
    for moment in (9.0, 11.0, 21.0):
        now = moment
        held = commands.configuration
        found.append((held.sampling_rate, held.interval_ms, held.enabled))
    assert found == [(0.5, 5000, False), (1.0, 5000, False), (1.0, 5000, True)]


def test_persistent_commands_are_a_configuration_with_a_hash() -> None:
    commands = Commands(CallMetrics())
    assert commands.hash == ""
    one = command("push_config", {"sampling_rate": 0.25}, name="b", persistent=True)
    other = command("collection_metrics", {"collections": ["c"]}, name="a", persistent=True)
    assert [each[0] for each in obeyed(commands, one, other)] == [True, True]
    content = b"acollection_metrics" + other.payload + b"bpush_config" + one.payload
    assert commands.hash == hashlib.sha256(content).hexdigest()[:16]
    assert commands.configuration.sampling_rate == 0.25
    assert commands.configuration.counts_collection("c")
    assert not commands.configuration.counts_collection("d")
    obeyed(commands, other)  # the other one was deleted
    assert commands.configuration.sampling_rate == 1.0
    assert commands.last_timestamp == 0


def test_a_command_is_carried_out_once() -> None:
    commands = Commands(CallMetrics())
    assert len(obeyed(commands, command("get_config", at=5))) == 1
    assert obeyed(commands, command("get_config", at=5)) == []
    assert commands.last_timestamp == 5


def test_collections_are_counted_by_themselves_as_asked() -> None:
    commands = Commands(CallMetrics())
    wanted = [
        ({"collections": ["a", "b"]}, ["a", "b"]),
        ({"enabled": False, "collections": ["a"]}, ["b"]),
        ({"collections": ["*"]}, ["*", "b"]),
        ({"enabled": False}, []),
    ]
    for number, (payload, expected) in enumerate(wanted, 1):
        obeyed(commands, command("collection_metrics", payload, at=number))
        asked = obeyed(commands, command("get_config", at=number * 100))
        commands.last_timestamp = number
        assert asked[0][2]["collections"] == expected


def test_errors_and_history_are_shown() -> None:
    metrics = CallMetrics()
    commands = Commands(metrics)
    for number in range(3):
        metrics.record("Insert", "c", 0.1, (number, f"e{number}"), by_collection=False)
    shown = obeyed(commands, command("show_errors", {"max_count": 2}))[0][2]["errors"]
    assert [each["message"] for each in shown] == ["e2", "e1"]
    metrics.close_window()
    hour = {"start_time": "2000-01-01T00:00:00Z", "end_time": "2000-01-01T00:30:00Z"}
    assert obeyed(commands, command("show_latency_history", hour, at=11))[0][2] == {"history": {}}
    stamp = call_metrics.now_ms() / 1000
    from datetime import datetime, timedelta, timezone

    middle = datetime.fromtimestamp(stamp, timezone.utc)
    around = {
        "start_time": (middle - timedelta(minutes=20)).isoformat(),
        "end_time": (middle + timedelta(minutes=20)).isoformat(),
    }
    found = obeyed(commands, command("show_latency_history", around, at=12))[0][2]["history"]
    assert found["Insert"]["request_count"] == 3
    detail = obeyed(commands, command("show_latency_history", {**around, "detail": True}, at=13))
    assert len(detail[0][2]["history"]) == 1


@pytest.mark.parametrize(
    ("kind", "payload", "said"),
    [
        ("reboot", None, "unknown command type: reboot"),
        ("push_config", {"sampling_rate": 2}, "from 0 to 1"),
        ("push_config", {"heartbeat_interval_ms": 1}, "heartbeat_interval_ms 1"),
        ("push_config", {"enabled": "yes"}, "Expected `bool | null`"),
        ("show_latency_history", {"start_time": "now", "end_time": "now"}, "is no time"),
        (
            "show_latency_history",
            {"start_time": "2000-01-01T00:00:00Z", "end_time": "2000-01-01T02:00:00Z"},
            "an hour apart",
        ),
        ("show_latency_history", {}, "missing required field"),
    ],
)
def test_what_cannot_be_carried_out_is_said(kind: str, payload: object, said: str) -> None:
    done, message, _ = obeyed(Commands(CallMetrics()), command(kind, payload))[0]
    assert not done
    assert said in message


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (
            "show_latency_history",
            b'{"start_time": "0001-01-01T00:00:00", "end_time": "0001-01-01T00:00:01"}',
        ),
        ("push_config", b'{"x": ' + b"[" * 100_000),
        ("show_errors", b"{}"),
    ],
    ids=["year", "nested", "surrogate"],
)
def test_a_command_that_goes_wrong_is_a_reply_and_no_exception(kind: str, content: bytes) -> None:
    metrics = CallMetrics()
    metrics.record("Query", "c", 0.1, (1, "odd \ud800"), by_collection=False)
    given = pb.ClientCommand(command_id="c1", command_type=kind, payload=content, create_time=1)
    (reply,) = Commands(metrics).obey([given])
    assert not reply.success
    assert reply.error_message


async def test_a_call_that_ends_after_closing_begins_no_heartbeats() -> None:
    credentials = Credentials("")
    target = Target(address="127.0.0.1:1")
    telemetry = Telemetry(OneServer(target), credentials)
    before = asyncio.all_tasks()
    with telemetry.counting("Query", "", "c"):
        await telemetry.close()
    assert asyncio.all_tasks() == before


async def test_closing_ends_the_heartbeats_of_another_loop() -> None:
    telemetry = Telemetry(OneServer(Target(address="127.0.0.1:1")), Credentials(""))
    other = asyncio.new_event_loop()
    thread = threading.Thread(target=other.run_forever, daemon=True)
    thread.start()

    async def call() -> asyncio.Task[None]:
        with telemetry.counting("Query", "", "c"):
            pass
        (task,) = asyncio.all_tasks() - {asyncio.current_task()}
        return task

    async def ended(task: asyncio.Task[None]) -> None:
        await asyncio.wait({task}, timeout=5)

    task = asyncio.run_coroutine_threadsafe(call(), other).result(20)
    assert not task.done()
    await telemetry.close()
    await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(ended(task), other))
    assert task.cancelled()
    other.call_soon_threadsafe(other.stop)
    thread.join()
    other.close()


async def test_closing_takes_no_notice_of_a_loop_that_is_closed() -> None:
    telemetry = Telemetry(OneServer(Target(address="127.0.0.1:1")), Credentials(""))

    async def call() -> None:
        with telemetry.counting("Query", "", "c"):
            pass

    await asyncio.to_thread(asyncio.run, call())
    await telemetry.close()


class OddError(Exception):
    """An error of somebody else's, whose ``code`` is what it likes."""

    def __init__(self, code: object) -> None:
        super().__init__("odd")
        self.code = code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OddError("E42"), 0),
        (OddError(lambda: 7), 0),
        (OddError(None), 0),
        (OddError(5), 5),
        (SystemExit("bye"), 0),
        (asyncio.CancelledError(), 0),
        (
            grpc.aio.AioRpcError(grpc.StatusCode.UNKNOWN, grpc.aio.Metadata(), grpc.aio.Metadata()),
            0,
        ),
    ],
)
async def test_a_call_raises_its_own_error_whatever_its_code_is(
    error: BaseException, code: int
) -> None:
    telemetry = Telemetry(OneServer(Target(address="127.0.0.1:1")), Credentials(""))
    with pytest.raises(type(error)) as raised, telemetry.counting("Query", "", "c"):
        raise error
    assert raised.value is error
    assert [each.code for each in telemetry._metrics.errors(5)] == [code]
    await telemetry.close()
