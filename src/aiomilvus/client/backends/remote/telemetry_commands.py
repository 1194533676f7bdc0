"""What a server may tell a client to do with its telemetry, and the client's replies.

Commands that are persistent are a configuration: the server sends all of them again whenever the
hash that the client reports is another than that of what is set. Others are carried out once.
A time to live counts from when the client was first told, however often it is told again.
Payloads are JSON, of commands and replies.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import partial
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import msgspec

from aiomilvus.wire.proto import messages as pb

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from aiomilvus.client.backends.remote.call_metrics import CallMetrics

INTERVAL_MS = 30_000
_SHORTEST_MS, _LONGEST_MS = 1_000, 86_400_000
_HOUR_MS = 3_600_000
_HASH_LETTERS = 16


class _PushConfig(msgspec.Struct):
    enabled: bool | None = None
    heartbeat_interval_ms: int | None = None
    sampling_rate: float | None = None
    ttl_seconds: float = 0


class _CollectionMetrics(msgspec.Struct):
    enabled: bool = True
    collections: list[str] = []


class _ShowErrors(msgspec.Struct):
    max_count: int = 100


class _ShowLatencyHistory(msgspec.Struct):
    start_time: str
    end_time: str
    detail: bool = False


_Identity: TypeAlias = "tuple[str, int, bytes]"
"""What tells whether a command is the one that came before."""


class CommandError(Exception):
    """A command can't be carried out; the reply says why."""


_REFUSALS = (CommandError, msgspec.MsgspecError, ValueError, OverflowError, RecursionError)
"""What a payload may raise, or what is to be told in the reply."""


class Configuration(msgspec.Struct, kw_only=True):
    """How telemetry is gathered now.

    Attributes:
        enabled: Whether calls are counted.
        interval_ms: Between heartbeats.
        sampling_rate: Share of the calls that are counted.
        collections: Those that are counted by themselves, ``"*"`` for all.
    """

    enabled: bool = True
    interval_ms: int = INTERVAL_MS
    sampling_rate: float = 1.0
    collections: frozenset[str] = frozenset()

    def counts_collection(self, name: str) -> bool:
        """Whether a collection's calls are counted by themselves."""
        return bool(self.collections) and (name in self.collections or "*" in self.collections)


class _Change(NamedTuple):
    """What a command does to the configuration, until a time, as `time.monotonic` tells."""

    make: Callable[[Configuration], None]
    ends: float = inf


class Commands:
    """Carries out commands and keeps what they set."""

    def __init__(self, metrics: CallMetrics) -> None:
        self._metrics = metrics
        self._persistent: dict[str, pb.ClientCommand] = {}
        self._lasting = Configuration()
        """What holds for ever: the changes before the first of `_changes`."""
        self._changes: list[_Change] = []
        self._configuration = Configuration()
        self._ends: dict[_Identity, float] = {}
        """When the persistent commands that there are lapse, from the first time they came."""
        self.last_timestamp = 0
        self._handlers: dict[str, Callable[[pb.ClientCommand], object]] = {
            "push_config": self._push_config,
            "collection_metrics": self._collection_metrics,
            "show_errors": self._show_errors,
            "show_latency_history": self._show_latency_history,
            "get_config": self._get_config,
        }

    @property
    def configuration(self) -> Configuration:
        """The configuration that holds now."""
        now = monotonic()
        if any(each.ends <= now for each in self._changes):
            self._changes = [each for each in self._changes if each.ends > now]
            self._put_together()
        return self._configuration

    @property
    def hash(self) -> str:
        """What tells a server which persistent commands the client has; "" for none."""
        if not self._persistent:
            return ""
        digest = hashlib.sha256()
        for name in sorted(self._persistent):
            command = self._persistent[name]
            digest.update(name.encode() + command.command_type.encode() + command.payload)
        return digest.hexdigest()[:_HASH_LETTERS]

    def obey(self, commands: Iterable[pb.ClientCommand]) -> list[pb.CommandReply]:
        """Carry commands out and return the replies."""
        replies = []
        given = list(commands)
        lasting = {each.command_id: each for each in given if each.persistent}
        if lasting:
            self._persistent = lasting
            known = set(map(_identity, lasting.values()))
            self._ends = {each: ends for each, ends in self._ends.items() if each in known}
            self._lasting = Configuration()
            self._changes = []
            self._put_together()
        for command in sorted(given, key=lambda each: each.create_time):
            if not command.persistent:
                if command.create_time <= self.last_timestamp:
                    continue  # sent again, because the server has not heard of it
                self.last_timestamp = command.create_time
            replies.append(self._carry_out(command))
        return replies

    def _carry_out(self, command: pb.ClientCommand) -> pb.CommandReply:
        handler = self._handlers.get(command.command_type)
        try:
            if handler is None:
                raise CommandError(f"unknown command type: {command.command_type}")
            answer = handler(command)
            content = msgspec.json.encode(answer) if answer is not None else b""
        except _REFUSALS as error:
            return pb.CommandReply(command_id=command.command_id, error_message=str(error))
        return pb.CommandReply(command_id=command.command_id, success=True, payload=content)

    def _change(self, change: _Change) -> None:
        self._changes.append(change)
        self._put_together()

    def _put_together(self) -> None:
        """Make the configuration of the changes; those that nothing undoes are made for good."""
        while self._changes and self._changes[0].ends == inf:
            self._changes.pop(0).make(self._lasting)
        self._configuration = msgspec.structs.replace(self._lasting)
        for change in self._changes:
            change.make(self._configuration)

    def _end_of(self, command: pb.ClientCommand, ttl_seconds: float) -> float:
        """Return when what a command sets lapses."""
        ends = monotonic() + ttl_seconds if ttl_seconds > 0 else inf
        return self._ends.setdefault(_identity(command), ends) if command.persistent else ends

    def _push_config(self, command: pb.ClientCommand) -> None:
        given = msgspec.json.decode(_payload(command), type=_PushConfig)
        rate, interval = given.sampling_rate, given.heartbeat_interval_ms
        if rate is not None and not 0 <= rate <= 1:
            raise CommandError(f"sampling_rate {rate} should be from 0 to 1")
        if interval is not None and not _SHORTEST_MS <= interval <= _LONGEST_MS:
            raise CommandError(
                f"heartbeat_interval_ms {interval} should be from {_SHORTEST_MS} to {_LONGEST_MS}"
            )
        self._change(_Change(partial(_configure, given), self._end_of(command, given.ttl_seconds)))

    def _collection_metrics(self, command: pb.ClientCommand) -> None:
        given = msgspec.json.decode(_payload(command), type=_CollectionMetrics)
        self._change(_Change(partial(_count, given)))

    def _show_errors(self, command: pb.ClientCommand) -> object:
        given = msgspec.json.decode(_payload(command), type=_ShowErrors)
        return {"errors": self._metrics.errors(max(given.max_count, 0))}

    def _show_latency_history(self, command: pb.ClientCommand) -> object:
        given = msgspec.json.decode(_payload(command), type=_ShowLatencyHistory)
        start, end = _milliseconds(given.start_time), _milliseconds(given.end_time)
        if not 0 <= end - start <= _HOUR_MS:
            raise CommandError("start_time and end_time should be in order, an hour apart at most")
        windows = self._metrics.history(start, end)
        if given.detail:
            return {"history": windows}
        latest = {each.operation: each.total for window in windows for each in window.metrics}
        return {"history": latest}

    def _get_config(self, command: pb.ClientCommand) -> object:  # noqa: ARG002 - as all of them
        now = self.configuration
        return {
            "enabled": now.enabled,
            "heartbeat_interval_ms": now.interval_ms,
            "sampling_rate": now.sampling_rate,
            "collections": sorted(now.collections),
        }


def _payload(command: pb.ClientCommand) -> bytes:
    return command.payload or b"{}"


def _identity(command: pb.ClientCommand) -> _Identity:
    return (command.command_id, command.create_time, command.payload)


def _configure(given: _PushConfig, now: Configuration) -> None:
    """Set what is given."""
    if given.enabled is not None:
        now.enabled = given.enabled
    if given.sampling_rate is not None:
        now.sampling_rate = given.sampling_rate
    if given.heartbeat_interval_ms is not None:
        now.interval_ms = given.heartbeat_interval_ms


def _count(given: _CollectionMetrics, now: Configuration) -> None:
    """Count the named collections by themselves, or do not, ``"*"`` or none standing for all."""
    named = frozenset(given.collections)
    if given.enabled:
        now.collections |= named
    else:
        now.collections = frozenset() if not named or "*" in named else now.collections - named


def _milliseconds(text: str) -> float:
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000
    except (ValueError, OverflowError):
        raise CommandError(f"{text!r:.100} is no time as 2026-01-31T12:00:00Z") from None
