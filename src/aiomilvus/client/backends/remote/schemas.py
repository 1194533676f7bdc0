"""The schemas that a client knows of a server's collections, each asked for once.

Reading a request or its answer takes the collection's schema. Of the calls that find it unknown,
one asks for it, and the others wait for what it learns: thousands that start together would ask
thousands of times otherwise. Each waits with a time limit and a cancellation of its own.
"""

from __future__ import annotations

import asyncio
import copy
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from aiomilvus.errors import (
    DeadlineExceededError,
    MilvusException,
    MilvusUnavailableException,
    RateLimitError,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiomilvus.client.backends.remote.budget import Budget
    from aiomilvus.model.results import CollectionInfo
    from aiomilvus.model.schema import Schema

    Named = tuple[str, str]
    Asking = dict[Named, asyncio.Future[Schema | None]]

_ITS_OWN = (DeadlineExceededError, MilvusUnavailableException, RateLimitError)
"""Failures of whoever asked, by its time or its tries: another one may have more of these."""


class Schemas:
    """Schemas by the names of database and collection; safe to use from several loops."""

    def __init__(self) -> None:
        self._known: dict[Named, Schema] = {}
        self._altered: dict[Named, int] = {}
        self._asking: WeakKeyDictionary[asyncio.AbstractEventLoop, Asking] = WeakKeyDictionary()
        self._changes = 0
        """How often all were forgotten: what was asked for before is not kept afterwards."""

    async def get(
        self, named: Named, budget: Budget, ask: Callable[[], Awaitable[CollectionInfo]]
    ) -> Schema:
        """Return a collection's schema.

        Args:
            named: The names of the database and the collection.
            budget: The time there is to wait for another call that asks.
            ask: Asks the server.

        Raises:
            DeadlineExceededError: The time ran out.
            MilvusException: What `ask` raises, here or in the call that asked.
        """
        while True:
            known = self._known.get(named)
            if known is not None:
                return known
            asking = self._asking.setdefault(asyncio.get_running_loop(), {})
            asked = asking.get(named)
            if asked is None:
                return await self._ask(named, asking, ask)
            await asyncio.wait((asked,), timeout=budget.left("DescribeCollection"))
            found = _learnt(asked)
            if found is not None:
                return found

    async def _ask(
        self, named: Named, asking: Asking, ask: Callable[[], Awaitable[CollectionInfo]]
    ) -> Schema:
        """Ask the server, and tell those who wait."""
        told = asking[named] = asyncio.get_running_loop().create_future()
        changes = self._changes
        try:
            found = await ask()
        except MilvusException as error:
            if not isinstance(error, _ITS_OWN):
                told.set_exception(copy.copy(error))
                told.exception()  # perhaps nobody waits
            raise
        else:
            if changes == self._changes:
                self._known[named] = found.schema
                self._altered[named] = found.updated_timestamp
            told.set_result(found.schema)
            return found.schema
        finally:
            if asking.get(named) is told:
                del asking[named]
            if not told.done():
                told.set_result(None)

    def altered(self, named: Named) -> int:
        """Return when the schema that was kept last had changed, as the server told; 0: none was.

        It outlives the schema, so that rows made for a forgotten one are still told apart.
        """
        return self._altered.get(named, 0)

    def forget(self, named: Named) -> None:
        """Ask again for one when it is needed."""
        self._known.pop(named, None)

    def clear(self) -> None:
        """Ask again for each, and keep no answer that is under way."""
        self._changes += 1
        self._known.clear()
        for asking in list(self._asking.values()):
            asking.clear()


def _learnt(asked: asyncio.Future[Schema | None]) -> Schema | None:
    """Return what another call has learnt; None: it has not, and somebody else must ask.

    Raises:
        MilvusException: The server refused it, as it would any other call.
    """
    if not asked.done():
        return None
    error = asked.exception()
    if error is not None:
        raise copy.copy(error)
    return asked.result()
