"""The schemas that a client knows of a server's collections, each asked for once.

Reading a request or its answer takes the collection's schema. Of the calls that find it unknown,
one asks for it, and the others wait for what it learns: thousands that start together would ask
thousands of times otherwise. Each waits with a time limit and a cancellation of its own. Once the
one has failed, those who waited ask side by side: one after the other, most of them would only
learn that their time is up.
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
    Asking = dict[Named, "_Question"]

_ITS_OWN = (DeadlineExceededError, MilvusUnavailableException, RateLimitError)
"""Failures of whoever asked, by its time or its tries: another one may have more of these."""
_PHASE = "DescribeCollection"


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
                return await self._ask(named, asking, budget, ask)
            learnt = await asked.wait(budget)
            if isinstance(learnt, Exception):
                return await self._ask(named, asking, budget, ask)
            if learnt is not None:
                return learnt

    async def _ask(
        self,
        named: Named,
        asking: Asking,
        budget: Budget,
        ask: Callable[[], Awaitable[CollectionInfo]],
    ) -> Schema:
        """Ask the server, and tell those who wait."""
        question = _Question(budget)
        asking.setdefault(named, question)
        changes = self._changes
        try:
            found = await ask()
        except Exception as error:
            question.tell(error)
            raise
        else:
            question.tell(found.schema)
            if changes == self._changes:
                self._known[named] = found.schema
                self._altered[named] = found.updated_timestamp
                if named in asking:  # of one that asks beside this one
                    asking[named].tell(found.schema)
            return found.schema
        finally:
            question.tell(None)
            if asking.get(named) is question:
                del asking[named]

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


class _Question:
    """A call that asks, and what those learn who wait for it.

    Args:
        budget: The time and the tries of whoever asks.
    """

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._told: asyncio.Future[Schema | Exception | None]
        self._told = asyncio.get_running_loop().create_future()

    def tell(self, learnt: Schema | Exception | None) -> None:
        """Tell those who wait, unless they were told: what was found, or why nothing was.

        None: who asked has left, and somebody else is to ask.
        """
        if not self._told.done():
            self._told.set_result(learnt)

    async def wait(self, budget: Budget) -> Schema | Exception | None:
        """Return what is told; a failure only if another call may have more luck.

        Raises:
            DeadlineExceededError: The budget's time ran out; the message tells why the last try of
                whoever asked failed, if one did.
            MilvusException: The server refused it, as it would any other call.
        """
        await asyncio.wait((self._told,), timeout=budget.left(_PHASE))
        if not self._told.done():
            budget.hear(self._budget.failure)
            raise budget.exceeded(_PHASE)
        learnt = self._told.result()
        if isinstance(learnt, MilvusException):
            if not isinstance(learnt, _ITS_OWN):
                raise copy.copy(learnt)
            late = isinstance(learnt, DeadlineExceededError)
            budget.hear(self._budget.failure if late else learnt.message)
        return learnt
