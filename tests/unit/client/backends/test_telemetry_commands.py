"""Counting calls, and what a server may tell a client to do about it."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import Any

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
