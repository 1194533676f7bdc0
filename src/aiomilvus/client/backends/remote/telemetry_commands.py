"""What a server may tell a client to do with its telemetry, and the client's replies.

Commands that are persistent are a configuration: the server sends all of them again whenever the
hash that the client reports is another than that of what is set. Others are carried out once.
Payloads are JSON, of commands and replies.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING, TypeAlias

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


_Payload: TypeAlias = bytes


class CommandError(Exception):
    """A command can't be carried out; the reply says why."""


class Configuration(msgspec.Struct, kw_only=True):
    """How telemetry is gathered now.

    Attributes:
        enabled: Whether calls are counted.
        interval_ms: Between heartbeats.
        sampling_rate: Share of the calls that are counted.
        collections: Those that are counted by themselves, ``"*"`` for all.
        ends: When it lapses, as `time.monotonic` tells; None for never.
    """

    enabled: bool = True
    interval_ms: int = INTERVAL_MS
    sampling_rate: float = 1.0
    collections: frozenset[str] = frozenset()
    ends: float | None = None

    def counts_collection(self, name: str) -> bool:
        """Whether a collection's calls are counted by themselves."""
        return bool(self.collections) and (name in self.collections or "*" in self.collections)


class Commands:
    """Carries out commands and keeps what they set."""

    def __init__(self, metrics: CallMetrics) -> None:
        self._metrics = metrics
        self._persistent: dict[str, pb.ClientCommand] = {}
        self._configuration = Configuration()
        self.last_timestamp = 0
        self._handlers: dict[str, Callable[[_Payload], object]] = {
            "push_config": self._push_config,
            "collection_metrics": self._collection_metrics,
            "show_errors": self._show_errors,
            "show_latency_history": self._show_latency_history,
            "get_config": self._get_config,
        }

    @property
    def configuration(self) -> Configuration:
        """The configuration that holds now."""
        ends = self._configuration.ends
        if ends is not None and monotonic() >= ends:
            self._configuration = Configuration()
            for command in self._persistent.values():
                self._carry_out(command)
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
            self._configuration = Configuration()
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
            answer = handler(command.payload or b"{}")
            content = msgspec.json.encode(answer) if answer is not None else b""
        except (CommandError, msgspec.MsgspecError, ValueError, RecursionError) as error:
            return pb.CommandReply(command_id=command.command_id, error_message=str(error))
        return pb.CommandReply(command_id=command.command_id, success=True, payload=content)

    def _push_config(self, payload: _Payload) -> None:
        given = msgspec.json.decode(payload, type=_PushConfig)
        rate, interval = given.sampling_rate, given.heartbeat_interval_ms
        if rate is not None and not 0 <= rate <= 1:
            raise CommandError(f"sampling_rate {rate} should be from 0 to 1")
        if interval is not None and not _SHORTEST_MS <= interval <= _LONGEST_MS:
            raise CommandError(
                f"heartbeat_interval_ms {interval} should be from {_SHORTEST_MS} to {_LONGEST_MS}"
            )
        if given.enabled is not None:
            self._configuration.enabled = given.enabled
        if rate is not None:
            self._configuration.sampling_rate = rate
        if interval is not None:
            self._configuration.interval_ms = interval
        if given.ttl_seconds > 0:
            self._configuration.ends = monotonic() + given.ttl_seconds

    def _collection_metrics(self, payload: _Payload) -> None:
        given = msgspec.json.decode(payload, type=_CollectionMetrics)
        named = frozenset(given.collections)
        had = self._configuration.collections
        if given.enabled:
            self._configuration.collections = had | named
        else:
            self._configuration.collections = (
                frozenset() if not named or "*" in named else had - named
            )

    def _show_errors(self, payload: _Payload) -> object:
        given = msgspec.json.decode(payload, type=_ShowErrors)
        return {"errors": self._metrics.errors(max(given.max_count, 0))}

    def _show_latency_history(self, payload: _Payload) -> object:
        given = msgspec.json.decode(payload, type=_ShowLatencyHistory)
        start, end = _milliseconds(given.start_time), _milliseconds(given.end_time)
        if not 0 <= end - start <= _HOUR_MS:
            raise CommandError("start_time and end_time should be in order, an hour apart at most")
        windows = self._metrics.history(start, end)
        if given.detail:
            return {"history": windows}
        latest = {each.operation: each.total for window in windows for each in window.metrics}
        return {"history": latest}

    def _get_config(self, payload: _Payload) -> object:  # noqa: ARG002 - as all of them
        now = self.configuration
        return {
            "enabled": now.enabled,
            "heartbeat_interval_ms": now.interval_ms,
            "sampling_rate": now.sampling_rate,
            "collections": sorted(now.collections),
        }


def _milliseconds(text: str) -> float:
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000
    except (ValueError, OverflowError):
        raise CommandError(f"{text!r:.100} is no time as 2026-01-31T12:00:00Z") from None
