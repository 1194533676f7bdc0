"""Which calls may go on: so many of one connection at a time.

A call is admitted before its request is read. Those of a connection that has `OF_ONE` under way
wait for these, unread, so whoever sends thousands at once takes no memory for them, and the calls
of others do not queue behind all of them.
"""

from __future__ import annotations

import asyncio
from collections import deque

OF_ONE = 64
"""Calls of one connection that are carried out at a time; searches among them run as batches."""


class _Connection:
    """The calls of one connection: how many are carried out, and those that wait."""

    __slots__ = ("running", "waiting")

    def __init__(self) -> None:
        self.running = 0
        self.waiting: deque[asyncio.Future[None]] = deque()


class Admission:
    """Lets calls go on, in turn; belongs to one event loop."""

    def __init__(self) -> None:
        self._connections: dict[str, _Connection] = {}

    async def enter(self, peer: str) -> None:
        """Wait until a call of the connection `peer` may go on; `leave` must follow."""
        connection = self._connections.get(peer)
        if connection is None:
            connection = self._connections[peer] = _Connection()
        if connection.running < OF_ONE:
            connection.running += 1
            return
        turn = asyncio.get_running_loop().create_future()
        connection.waiting.append(turn)
        try:
            await turn
        except BaseException:
            if turn.done() and not turn.cancelled():
                self.leave(peer)  # the place was given, but is not taken any more
            raise

    def leave(self, peer: str) -> None:
        """Let the next call of the connection go on."""
        connection = self._connections[peer]
        while connection.waiting:
            turn = connection.waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        connection.running -= 1
        if not connection.running:
            del self._connections[peer]
