"""The leader's end: a thread that accepts followers, and one for each channel of theirs.

A follower has one channel for each of its calls that are under way, so a channel carries one
call at a time, and calls of many processes meet in the group commit like those of many threads.
"""

from __future__ import annotations

import logging
import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from aiomilvus.engine.processes.announcement import prove
from aiomilvus.engine.processes.begun_calls import BegunCalls
from aiomilvus.engine.processes.messages import Answer, Call, Hello, encode, receive, send
from aiomilvus.engine.request_id import carrying_out
from aiomilvus.errors import DatabaseClosedError, MilvusException

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.model.operations.base import Operation

_log = logging.getLogger(__name__)
HANDSHAKE_SECONDS = 5.0
"""A channel that has not proved itself by then is closed."""
PATIENCE_SECONDS = 10.0
"""How long `close` waits for calls that are under way."""
PAUSE_SECONDS = 0.05
"""How long to wait where the system has no descriptor left."""


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
        self._begun = BegunCalls()
        self._changed = threading.Condition()
        self._channels: set[socket.socket] = set()
        self._following: dict[socket.socket, int] = {}
        """The process at the other end of each channel that it watches."""
        self._under_way = 0
        self._closing = False
        threading.Thread(target=self._accept, name="aiomilvus-listener", daemon=True).start()

    @property
    def followers(self) -> tuple[int, ...]:
        """The processes that follow, by their numbers."""
        with self._changed:
            return tuple(sorted(set(self._following.values())))

    def role(self) -> str:
        """Return ``leads``, or ``leads process …`` and the processes that follow."""
        others = self.followers
        if not others:
            return "leads"
        return f"leads process{'es' if len(others) > 1 else ''} {', '.join(map(str, others))}"

    def _accept(self) -> None:
        while True:
            try:
                channel, _ = self._listening.accept()
            except OSError:
                if self._closing:
                    return
                time.sleep(PAUSE_SECONDS)  # out of descriptors, say: there will be some again
                continue
            thread = threading.Thread(
                target=self._serve, args=(channel,), name="aiomilvus-follower", daemon=True
            )
            try:
                thread.start()
            except RuntimeError:  # no more threads; the follower tries again
                channel.close()

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
                    self._following.pop(channel, None)

    def _answer_next(self, channel: socket.socket) -> None:
        try:
            message = receive(channel)
        except MilvusException as error:
            send(channel, Answer(error=error))
            return
        if isinstance(message, Hello):
            with self._changed:
                self._following[channel] = message.pid
            return
        if not isinstance(message, Call):
            send(channel, Answer(self.followers))
            return
        with self._changed:
            self._check_open()
            self._under_way += 1
        try:
            answer = self.carried_out(message)
            if isinstance(answer.error, DatabaseClosedError):
                self._check_open()
            channel.sendall(_encoded(answer))
        finally:
            with self._changed:
                self._under_way -= 1
                if self._closing:
                    self._changed.notify_all()

    def _check_open(self) -> None:
        """Raise EOFError if the listener closes: the follower is to ask the next leader."""
        if self._closing:
            raise EOFError

    def carried_out(self, call: Call) -> Answer:
        """Carry a call out unless that was done before; return what became of it."""
        if not call.request:
            return self._run(call)
        return self._begun.once(call.request, lambda: self._carry_out(call))

    def _carry_out(self, call: Call) -> Answer:
        known = self._known(call) if call.again else None
        return known or self._run(call)

    def _run(self, call: Call) -> Answer:
        try:
            with carrying_out(call.request, call.operation.traits.kind):
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
        with self._changed:
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


def _encoded(answer: Answer) -> bytes | bytearray:
    """Return the bytes of an answer, or of an error if they can't be made."""
    try:
        return encode(answer)
    except Exception as error:  # noqa: BLE001 - a fault of the program; the follower gets an answer
        _log.exception("an answer can't be sent to a follower")
        message = f"the answer of the process that leads can't be sent: {error!r}"
        return encode(Answer(error=MilvusException(message=message)))
