"""Checking passwords: few at a time, and nobody kept out by what others try.

A check costs 0.1 s and 64 MiB, on purpose, so checks have threads of their own, and wait in a
line. First comes whose address, then whose connection has failed least lately: who guesses waits
behind everybody else, and a connection that failed `MOST_FAILURES` times is refused unheard for
a while. The same password that many calls bring at once is checked once.
"""

from __future__ import annotations

import asyncio
import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from aiomilvus.errors import RateLimitError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

MOST_WAITING = 256
"""Checks that may wait; of one more, the one with most failures behind it is refused."""
MOST_FAILURES = 5
"""Wrong passwords of one connection from which on it is refused unheard."""
MEMORY_SECONDS = 30.0
"""How long a failure counts."""
_MOST_REMEMBERED = 4096

_Turn = asyncio.Future[None]


class Logins:
    """Runs checks of passwords; belongs to one event loop."""

    def __init__(self) -> None:
        self._free = max(1, min(2, (os.cpu_count() or 1) // 2))
        self._threads = ThreadPoolExecutor(self._free, "aiomilvus-login")
        self._waiting: dict[_Turn, str] = {}
        """Turns that checks wait for, oldest first, and the connections they come by."""
        self._running: dict[Hashable, asyncio.Task[bool]] = {}
        self._wrong: dict[Hashable, None] = {}
        self._failures = _Failures()

    async def is_right(self, login: Hashable, verify: Callable[[], bool], peer: str) -> bool:
        """Return whether a login is right.

        Args:
            login: What it consists of: equal ones have the same outcome, for ever.
            verify: Finds out, in a thread.
            peer: The connection it comes by, as gRPC writes it: kind, address and port.

        Raises:
            RateLimitError: The connection has failed too often, or too many wait.
        """
        if login in self._wrong:
            return False
        self._failures.refuse_guessing(peer)
        task = self._running.get(login)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._check(login, verify, peer))
            self._running[login] = task
            task.add_done_callback(lambda _: self._running.pop(login, None))
        # Others may wait for the same check: it goes on when one of them leaves.
        return await asyncio.shield(task)

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _check(self, login: Hashable, verify: Callable[[], bool], peer: str) -> bool:
        await self._turn(peer)
        try:
            right = await asyncio.get_running_loop().run_in_executor(self._threads, verify)
        finally:
            self._pass_on()
        if not right:
            self._failures.add(peer)
            _remember(self._wrong, login, None)
        return right

    async def _turn(self, peer: str) -> None:
        """Wait until a check may begin."""
        if self._free:
            self._free -= 1
            return
        turn: _Turn = asyncio.get_running_loop().create_future()
        self._waiting[turn] = peer
        if len(self._waiting) > MOST_WAITING:
            worst = max(self._waiting, key=self._failures_behind)
            del self._waiting[worst]
            worst.set_exception(_too_many())
        try:
            await turn
            self._failures.refuse_guessing(peer)
        except BaseException:
            self._waiting.pop(turn, None)
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        """Let the next check begin."""
        if not self._waiting:
            self._free += 1
            return
        best = min(self._waiting, key=self._failures_behind)
        del self._waiting[best]
        best.set_result(None)

    def _failures_behind(self, turn: _Turn) -> tuple[int, int]:
        peer = self._waiting[turn]
        return self._failures.of(_host(peer)), self._failures.of(peer)


class _Failures:
    """How many logins failed lately, by connection and by address."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[int, float]] = {}

    def of(self, where: str) -> int:
        count, when = self._last.get(where, (0, 0.0))
        return count if time.monotonic() - when < MEMORY_SECONDS else 0

    def refuse_guessing(self, peer: str) -> None:
        failures = self.of(peer)
        if failures >= MOST_FAILURES:
            raise RateLimitError(
                message=f"{failures} logins of this connection have failed: wait "
                f"{MEMORY_SECONDS:g} s before the next one"
            )

    def add(self, peer: str) -> None:
        for where in (peer, _host(peer)):
            count = self.of(where) + 1
            self._last.pop(where, None)
            _remember(self._last, where, (count, time.monotonic()))


def _host(peer: str) -> str:
    """Return the address of a connection, without its port."""
    return peer.rpartition(":")[0] or peer


def _remember(known: dict, key: Hashable, value: object) -> None:  # type: ignore[type-arg] # any
    known[key] = value
    if len(known) > _MOST_REMEMBERED:
        del known[next(iter(known))]


def _too_many() -> RateLimitError:
    return RateLimitError(
        message=f"more than {MOST_WAITING} logins are waiting to be checked: try again later"
    )
