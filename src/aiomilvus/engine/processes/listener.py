"""The leader's end: a thread that accepts followers, and one for each channel of theirs.

A follower has one channel for each of its calls that are under way, so a channel carries one
call at a time, and calls of many processes meet in the group commit like those of many threads.
"""

from __future__ import annotations

import logging
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from aiomilvus.engine.processes.announcement import prove
from aiomilvus.engine.processes.messages import Answer, Call, receive, send
from aiomilvus.engine.processes.outcomes import Outcomes
from aiomilvus.engine.request_id import carrying_out
from aiomilvus.errors import MilvusException
from aiomilvus.model.operations.traits import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.model.operations.base import Operation

_log = logging.getLogger(__name__)
HANDSHAKE_SECONDS = 5.0
"""A channel that has not proved itself by then is closed."""
PATIENCE_SECONDS = 10.0
"""How long `close` waits for calls that are under way."""


class Listener:
    """Carries out what followers send.

    Args:
        channel: The listening socket; the listener closes it.
        secret: What followers prove to know.
        execute: Runs an operation; called from many threads.
        known: Tells what became of a call that an earlier leader was asked for, None if it is
            not known to have been carried out.
    """

    def __init__(
        self,
        channel: socket.socket,
        secret: str,
        execute: Callable[[Operation[object]], object],
        known: Callable[[Call], Answer | None],
    ) -> None:
        self._listening = channel
        self._secret = secret
        self._execute = execute
        self._known = known
        self._outcomes = Outcomes()
        self._changed = threading.Condition()
        self._channels: set[socket.socket] = set()
        self._under_way = 0
        self._closing = False
        threading.Thread(target=self._accept, name="aiomilvus-listener", daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                channel, _ = self._listening.accept()
            except OSError:
                return  # closed
            threading.Thread(
                target=self._serve, args=(channel,), name="aiomilvus-follower", daemon=True
            ).start()

    def _serve(self, channel: socket.socket) -> None:
        """Answer one channel's calls until it ends."""
        with channel:
            with self._changed:
                self._channels.add(channel)
            try:
                channel.settimeout(HANDSHAKE_SECONDS)
                if self._closing or not prove(channel, self._secret, first=False):
                    return
                channel.settimeout(None)
                while True:
                    self._answer_next(channel)
            except (EOFError, OSError):
                return  # the follower has gone
            finally:
                with self._changed:
                    self._channels.discard(channel)

    def _answer_next(self, channel: socket.socket) -> None:
        try:
            message = receive(channel)
        except MilvusException as error:
            send(channel, Answer(error=error))
            return
        if not isinstance(message, Call):
            send(channel, Answer())
            return
        with self._changed:
            self._under_way += 1
        try:
            send(channel, self.carried_out(message))
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def carried_out(self, call: Call) -> Answer:
        """Carry a call out unless that was done before; return what became of it."""
        if not call.request:
            return self._run(call)
        return self._outcomes.once(call.request, lambda: self._known(call) or self._run(call))

    def _run(self, call: Call) -> Answer:
        try:
            with carrying_out(call.request, is_write=call.operation.traits.kind is Kind.WRITE):
                return Answer(self._execute(call.operation))
        except MilvusException as error:
            return Answer(error=error)
        except Exception as error:  # noqa: BLE001 - a fault of the program; see below
            # A fault of the program: the follower must still get an answer.
            name = type(call.operation).__name__
            _log.exception("%s failed for a follower", name)
            message = f"{name} failed in the process that leads: {type(error).__name__}: {error}"
            return Answer(error=MilvusException(message=message))

    def close(self) -> None:
        """Stop accepting, let calls that are under way end, and close all channels."""
        self._closing = True
        with suppress(OSError):  # wakes the thread that accepts
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        with self._changed:
            self._changed.wait_for(lambda: not self._under_way, PATIENCE_SECONDS)
            channels = list(self._channels)
        for channel in channels:
            with suppress(OSError):  # it ended meanwhile
                channel.shutdown(socket.SHUT_RDWR)

    def forget(self) -> None:
        """Close the listening socket of a forked child, which leads nothing."""
        self._listening.close()
        for channel in self._channels:
            channel.close()
