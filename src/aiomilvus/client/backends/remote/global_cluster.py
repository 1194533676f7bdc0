"""A global cluster: calls go to its primary, which may become another one at any time.

The topology is asked for before the first call; when the primary can't be reached, or says that
it takes no writes any more; and, while calls go on, every `REFRESH_SECONDS`. The last happens
beside the calls, which go on to the primary that is known. Whoever calls after a failure waits
for the new topology first, all for the same. A topology that can't be had leaves the old one.

Calls under way on an old primary end as they may: its connections are closed when the last has.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from aiomilvus.client.address import Address
from aiomilvus.client.backends.remote.servers import Server
from aiomilvus.client.backends.remote.target import target_of
from aiomilvus.client.backends.remote.topology import (
    TryLaterError,
    ask,
    refuse_unsafe,
    topology_url,
)
from aiomilvus.errors import ConnectError, MilvusException, MilvusUnavailableException

if TYPE_CHECKING:
    from aiomilvus.client.backends.remote.budget import Budget
    from aiomilvus.client.backends.remote.credentials import Credentials
    from aiomilvus.client.backends.remote.topology import Topology

REFRESH_SECONDS = 300.0
NOT_PRIMARY = "STREAMING_CODE_REPLICATE_VIOLATION"
"""What a cluster says that takes no writes: nothing was written."""
_ATTEMPTS = 3
_FIRST_WAIT, _JITTER = 1.0, 0.1
_LONGEST_REQUEST = 10.0
_PAUSE = 0.5
"""Seconds after a topology in which another failure asks for none."""

_log = logging.getLogger(__name__)


class GlobalCluster:
    """Finds the primary; safe to use from several loops.

    Args:
        address: Of the global cluster, with credentials and certificates for all its members.
        credentials: As whom the topology is asked for.
    """

    def __init__(self, address: Address, credentials: Credentials) -> None:
        self._uri = address.uri
        self._options = address.options
        self._credentials = credentials
        self._url = topology_url(address.uri)
        self._ca = target_of(address).ca
        self._topology: Topology | None = None
        self._server: Server | None = None
        self._asked_at = 0.0
        self._tasks: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Task[None]]
        self._tasks = WeakKeyDictionary()
        self._is_doubtful = False
        """Whether the primary failed, so that calls wait for the next topology."""

    @property
    def address(self) -> str:
        """As `Servers.address`."""
        return self._server.address if self._server is not None else self._uri

    async def current(self, budget: Budget) -> Server:
        """Return the primary.

        Raises:
            ConnectError: The topology can't be had, or has no primary.
            DeadlineExceededError: The time ran out.
        """
        if self._server is None or self._is_doubtful:
            await self._wait(self._look(), budget)
        elif time.monotonic() - self._asked_at > REFRESH_SECONDS:
            self._look()
        return self._found()

    def _found(self) -> Server:
        if self._server is None:
            raise ConnectError(message=f"{self._uri} has no primary")
        return self._server

    async def _wait(self, task: asyncio.Task[None], budget: Budget) -> None:
        """Wait for a task that others wait for, too."""
        phase = f"finding the primary by {self._url}"
        await asyncio.wait({task}, timeout=budget.left(phase))
        if not task.done():
            raise budget.exceeded(phase)
        if task.cancelled():
            raise MilvusUnavailableException(message="the client was closed")
        task.result()

    def lost(self, server: Server) -> None:
        """Let the next call look for the primary."""
        is_known = time.monotonic() - self._asked_at < _PAUSE
        if server is self._server and not is_known:
            self._is_doubtful = True
            self._look()

    def refused(self, server: Server, error: MilvusException) -> bool:
        """Return whether `server` is not the primary any more; the next call looks for it."""
        if NOT_PRIMARY not in error.message:
            return False
        self.lost(server)
        return True

    def gives_up(self, server: Server, spent: float) -> bool:  # noqa: ARG002 - the topology knows it
        """Return False: the topology says that it is there, or will be another."""
        return False

    async def close(self) -> None:
        """As `Servers.close`."""
        task = self._tasks.pop(asyncio.get_running_loop(), None)
        if task is not None:
            task.cancel()
            await asyncio.wait({task})
        if self._server is not None:
            await self._server.channels.close()

    def _look(self) -> asyncio.Task[None]:
        """Return the task that looks for the primary: the one under way, or a new one."""
        loop = asyncio.get_running_loop()
        task = self._tasks.get(loop)
        if task is None or task.done():
            work = self._look_again() if self._server is not None else self._look_first()
            task = self._tasks[loop] = loop.create_task(work)
            task.add_done_callback(partial(self._ended, loop))
        return task

    def _ended(self, loop: asyncio.AbstractEventLoop, task: asyncio.Task[None]) -> None:
        """Forget a task, which keeps its loop; look at a failure that nobody waits for."""
        if self._tasks.get(loop) is task:
            del self._tasks[loop]
        if not task.cancelled():
            task.exception()

    async def _look_first(self) -> None:
        """Find the primary; ask several times if need be.

        Raises:
            ConnectError: The topology can't be had, or has no primary.
        """
        wait = _FIRST_WAIT
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                self._move(await self._ask())
            except TryLaterError as failure:
                if attempt == _ATTEMPTS:
                    raise ConnectError(
                        message=f"Failed to fetch global topology after {attempt} attempts: "
                        f"{failure} (asked at {self._url})"
                    ) from None
            else:
                return
            await asyncio.sleep(wait * (1 + random.uniform(0, _JITTER)))  # noqa: S311 - no secret
            wait *= 2

    async def _look_again(self) -> None:
        """Ask for the topology; keep the old one if it can't be had, or is not newer."""
        is_doubtful = self._is_doubtful
        try:
            found = await self._ask()
            old = self._topology
            if old is None or found.version > old.version or (is_doubtful and found != old):
                self._move(found)
        except (TryLaterError, MilvusException) as failure:
            _log.warning("the topology at %s was not refreshed: %s", self._url, failure)
        finally:
            self._is_doubtful = False

    async def _ask(self) -> Topology:
        self._asked_at = time.monotonic()
        found = await asyncio.to_thread(
            ask, self._url, self._credentials.token, self._ca, _LONGEST_REQUEST
        )
        self._asked_at = time.monotonic()
        return found

    def _move(self, topology: Topology) -> None:
        """Take a topology over.

        Raises:
            ConnectError: It has no primary, or one that the token may not go to.
        """
        primary = topology.primary
        target = target_of(Address(uri=primary.uri, options=self._options))
        refuse_unsafe(self._url, primary, target)
        self._topology = topology
        if self._server is None or self._server.target != target:
            _log.info("topology %d: the primary is %s", topology.version, target.address)
            self._server = Server(target)
