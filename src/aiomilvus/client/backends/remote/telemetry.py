"""Telemetry: a client tells its server, now and then, how its calls went, and obeys its commands.

It is off unless ``telemetry=True`` is given. A server that does not know the call is asked less
and less often, up to half an hour apart. A heartbeat that fails is not repeated: what was counted
is lost, replies to commands go with the next one.
"""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import grpc
import grpc.aio
from google.protobuf.message import DecodeError

from aiomilvus.client.backends.remote.budget import Budget
from aiomilvus.client.backends.remote.call_metrics import CallMetrics, now_ms
from aiomilvus.client.backends.remote.introduction import client_info
from aiomilvus.client.backends.remote.telemetry_commands import Commands
from aiomilvus.errors import MilvusException
from aiomilvus.wire.proto import messages as pb

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiomilvus.client.backends.remote.call_metrics import Counts, OperationCounts
    from aiomilvus.client.backends.remote.credentials import Credentials
    from aiomilvus.client.backends.remote.servers import Servers

PATH = "/milvus.proto.milvus.ClientTelemetryService/ClientHeartbeat"
DEADLINE = 10.0
_LONGEST_PAUSE = 1800.0


class Telemetry:
    """The telemetry of one client; safe to use from several loops, of which one sends.

    Args:
        servers: Where heartbeats go.
        credentials: As whom.
    """

    def __init__(self, servers: Servers, credentials: Credentials) -> None:
        self._servers = servers
        self._credentials = credentials
        self._metrics = CallMetrics()
        self._commands = Commands(self._metrics)
        self._id = str(uuid.uuid4())
        self._db = ""
        self._replies: list[pb.CommandReply] = []
        self._refusals = 0
        self._task: asyncio.Task[None] | None = None
        self._is_closed = False

    @contextmanager
    def counting(self, operation: str, db: str, collection: str) -> Iterator[None]:
        """Count a call when it ends."""
        began = time.monotonic()
        try:
            yield
        except BaseException as error:
            self._record(operation, db, collection, began, error)
            raise
        self._record(operation, db, collection, began, None)

    def _record(
        self, operation: str, db: str, collection: str, began: float, error: BaseException | None
    ) -> None:
        """Count a call that has ended; begin to send if nothing does.

        Calls under way when the client is closed end after it, and begin nothing.
        """
        if self._is_closed:
            return
        if self._task is None or self._task.done() or self._task.get_loop().is_closed():
            self._task = asyncio.get_running_loop().create_task(self._go_on())
        self._db = db
        now = self._commands.configuration
        if not now.enabled or random.random() >= now.sampling_rate:  # noqa: S311 - no secret
            return
        failure = None
        if error is not None:
            failure = (_code_of(error), str(error))
        self._metrics.record(
            operation,
            collection,
            time.monotonic() - began,
            failure,
            by_collection=now.counts_collection(collection),
        )

    async def close(self) -> None:
        """Stop sending, for good, whichever loop it is that sends."""
        self._is_closed = True
        task, self._task = self._task, None
        if task is None:
            return
        loop = task.get_loop()
        if loop is asyncio.get_running_loop():
            task.cancel()
            await asyncio.wait({task})
            return
        with suppress(RuntimeError):  # its loop is closed, and the task with it
            loop.call_soon_threadsafe(task.cancel)

    async def _go_on(self) -> None:
        while True:
            interval = self._commands.configuration.interval_ms / 1000
            await asyncio.sleep(min(interval * 2**self._refusals, max(_LONGEST_PAUSE, interval)))
            await self.beat()

    async def beat(self) -> None:
        """Send a heartbeat and carry out what comes back."""
        window = self._metrics.close_window()
        replies = list(self._replies)
        request = pb.ClientHeartbeatRequest(
            client_info=self._client_info(),
            report_timestamp=now_ms(),
            metrics=[_message(each) for each in window.metrics],
            command_replies=replies,
            config_hash=self._commands.hash,
            last_command_timestamp=self._commands.last_timestamp,
        )
        try:
            content = await self._send(request.SerializeToString())
            response = pb.ClientHeartbeatResponse.FromString(content)
        except grpc.aio.AioRpcError as error:
            if error.code() is grpc.StatusCode.UNIMPLEMENTED:
                self._refusals = min(self._refusals + 1, 20)
            return
        except (MilvusException, DecodeError):
            return
        self._refusals = 0
        if response.status.code or response.status.error_code:
            return
        self._replies = self._replies[len(replies) :]
        self._replies += self._commands.obey(response.commands)

    async def _send(self, content: bytes) -> bytes:
        budget = Budget(DEADLINE)
        server = await self._servers.current(budget)
        async with server.channels.place(budget, "ClientHeartbeat") as channel:
            reply: bytes = await channel.method(PATH)(
                content,
                timeout=budget.left("ClientHeartbeat"),
                metadata=self._credentials.metadata,
            )
        return reply

    def _client_info(self) -> pb.ClientInfo:
        info = client_info()
        info.reserved.update(
            {"client_id": self._id, "client_id_stable": "false", "db_name": self._db or "default"}
        )
        return info


def _code_of(error: BaseException) -> int:
    """Return an error's number, 0 where it has none: ``code`` is other libraries' word, too."""
    code: object = getattr(error, "code", 0)
    return code if isinstance(code, int) else 0


def _message(counted: OperationCounts) -> pb.OperationMetrics:
    message = pb.OperationMetrics(operation=counted.operation)
    getattr(message, "global").CopyFrom(_metrics(counted.total))
    for name, counts in counted.collections.items():
        message.collection_metrics[name].CopyFrom(_metrics(counts))
    return message


def _metrics(counts: Counts) -> pb.Metrics:
    return pb.Metrics(
        request_count=counts.request_count,
        success_count=counts.success_count,
        error_count=counts.error_count,
        avg_latency_ms=counts.avg_latency_ms,
        p99_latency_ms=counts.p99_latency_ms,
        max_latency_ms=counts.max_latency_ms,
    )
