"""A follower's end: calls to the leader, each on a channel of its own while it is under way."""

from __future__ import annotations

import os
import socket
import threading
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

from aiomilvus.engine.processes.announcement import announced, connect, prove
from aiomilvus.engine.processes.messages import (
    PROTOCOL,
    Answer,
    Call,
    Hello,
    Ping,
    receive,
    send,
)
from aiomilvus.engine.storage.files import FileSystem
from aiomilvus.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aiomilvus.engine.processes.announcement import Announcement

CONNECT_SECONDS = 5.0
SILENCE_SECONDS = 10.0
"""A leader that answers no ping for so long is taken for stopped."""
_IDLE = 32
"""Channels kept for later calls."""


def followers(folder: Path) -> tuple[int, ...] | None:
    """Return the processes that follow a directory's leader, by their numbers.

    Returns:
        () without a leader; None where there is one that does not answer.
    """
    leader = announced(FileSystem(), folder)
    if leader is None or leader.protocol != PROTOCOL:
        return ()
    try:
        with connect(leader.address, CONNECT_SECONDS) as channel:
            if not prove(channel, leader.secret, first=True):
                return ()
            send(channel, Ping())
            answer = receive(channel)
    except TimeoutError:
        return None
    except (OSError, EOFError):
        return ()  # it has ended
    return answer.result if isinstance(answer, Answer) else None


class LeaderLostError(Exception):
    """The leader has closed or died: what became of the call is not known."""


class LeaderSilentError(LeaderLostError):
    """The leader takes connections, but says nothing, as if it was stopped."""


class Link:
    """A follower's connection to one leader. Safe from any thread.

    Args:
        folder: The directory, for messages.
        leader: Where the leader is.

    Raises:
        LeaderLostError: Nobody listens there any more.
        LeaderSilentError: The leader does not run.
    """

    def __init__(self, folder: Path, leader: Announcement) -> None:
        self.leader = leader
        self._folder = folder
        self._lock = threading.Lock()
        self._idle: deque[socket.socket] = deque()
        self._open: set[socket.socket] = set()
        self._closed = False
        self._watched = self._connect()
        self._watched.settimeout(None)  # nothing is sent there, for as long as the leader is
        try:
            send(self._watched, Hello(os.getpid()))
        except OSError as error:
            self._drop(self._watched)
            raise LeaderLostError from error

    def watch(self, lost: Callable[[Link], None]) -> None:
        """Call `lost` once, from a thread of the link's own, when the leader has gone.

        Called when the owner of the link has it: the leader may be gone already.
        """
        threading.Thread(
            target=self._watch, args=(lost,), name="aiomilvus-leader-watch", daemon=True
        ).start()

    def _connect(self) -> socket.socket:
        try:
            channel = connect(self.leader.address, CONNECT_SECONDS)
        except OSError as error:
            raise LeaderLostError from error
        try:
            if not prove(channel, self.leader.secret, first=True):
                raise LeaderLostError
        except TimeoutError as error:
            channel.close()
            raise LeaderSilentError from error
        except (OSError, EOFError) as error:
            channel.close()
            raise LeaderLostError from error
        except BaseException:
            channel.close()
            raise
        channel.settimeout(SILENCE_SECONDS)
        with self._lock:
            if not self._closed:
                self._open.add(channel)
                return channel
        channel.close()
        raise LeaderLostError

    def _watch(self, lost: Callable[[Link], None]) -> None:
        """Wait for the end of a channel on which nothing is sent."""
        with suppress(OSError):
            self._watched.recv(1)
        self.close()
        lost(self)

    def call(self, call: Call) -> Answer:
        """Return what the leader answers to a call.

        Raises:
            StorageError: The leader does not run, as if it was stopped.
            LeaderLostError: The leader went before it answered.
        """
        with self._lock:
            channel = self._idle.pop() if self._idle else None
        try:
            channel = channel or self._connect()
        except LeaderSilentError:
            raise self._stopped(CONNECT_SECONDS, "the call was not carried out") from None
        try:
            answer = self._ask(channel, call)
        except (OSError, EOFError) as error:
            self._drop(channel)
            raise LeaderLostError from error
        except BaseException:
            # Its answer may still come, so the channel is of no use to another call.
            self._drop(channel)
            raise
        with self._lock:
            is_kept = not self._closed and len(self._idle) < _IDLE
            if is_kept:
                self._idle.append(channel)
        if not is_kept:
            self._drop(channel)
        return answer

    def _ask(self, channel: socket.socket, call: Call) -> Answer:
        """Return the answer to a call on a channel, as long as the leader runs."""
        send(channel, call, self._check_running)
        answer = receive(channel, self._check_running)
        if isinstance(answer, Answer):
            return answer
        raise EOFError  # no leader answers so

    def _check_running(self) -> None:
        """Raise StorageError if the leader does not answer a ping."""
        unknown = "whether the call was carried out is not known"
        try:
            channel = self._connect()
        except LeaderSilentError:
            raise self._stopped(SILENCE_SECONDS + CONNECT_SECONDS, unknown) from None
        try:
            send(channel, Ping())
            receive(channel)
        except TimeoutError:
            raise self._stopped(2 * SILENCE_SECONDS, unknown) from None
        finally:
            self._drop(channel)

    def _stopped(self, seconds: float, outcome: str) -> StorageError:
        return StorageError(
            message=f"process {self.leader.pid}, which leads {self._folder}, has not answered "
            f"for {seconds:.0f} s, as if it was stopped: let it go on, or end it; {outcome}"
        )

    def _drop(self, channel: socket.socket) -> None:
        with self._lock:
            self._open.discard(channel)
        channel.close()

    def forget(self) -> None:
        """Close the copies that a forked child has of the channels."""
        for channel in self._open:
            channel.close()

    def close(self) -> None:
        """Close all channels; calls that are under way end in LeaderLostError."""
        with self._lock:
            self._closed = True
            channels = list(self._open)
            self._open.clear()
            self._idle.clear()
        for channel in channels:
            with suppress(OSError):
                channel.shutdown(socket.SHUT_RDWR)
            channel.close()
